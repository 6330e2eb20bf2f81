"""Joins a ``Route`` with its RPC: path, query and body become the request struct, the response struct becomes JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

import idl
from gateway import jsonwire
from gateway.clients import Clients, request_struct, response_struct
from gateway.routes.route import Route
from gateway.sessions import Sessions
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.wire import spec_fields

MAX_BODY = 4 << 20
_encode = msgspec.json.encode


def endpoint(route: Route, clients: Clients, sessions: Sessions, seconds: float) -> Callable[[Request], Awaitable[Response]]:
    """The ASGI handler of one route. ``seconds``: its deadline."""
    struct = request_struct(route.domain, route.method)
    names = {name for name, _, _ in spec_fields(struct)}
    paged, keyed = "page" in names, "idempotency_key" in names
    page_struct = idl.load("base").PageReq
    rpc = f"{route.domain}.{route.method}"
    reads = route.verb in ("GET", "DELETE")

    async def answer(request: Request) -> Response:
        request.scope["modelyard.rpc"] = rpc
        caller = await sessions.caller(request)
        facts, page = _query(request, paged) if reads else (_body_facts(await read_body(request, MAX_BODY), request), {})
        for name, value in request.path_params.items():
            if facts.get(name, value) != value:
                raise invalid(name, limit=f"the same as in the path ({value})")
            facts[name] = value
        call = jsonwire.load(facts, struct)
        if paged:
            call.page = jsonwire.load(page, page_struct, "page.")
        if keyed:
            call.idempotency_key = caller.idempotency_key
        # A repeated read is harmless; a repeated write is when it carries a key.
        repeatable = not keyed or caller.idempotency_key is not None
        found = await clients.send(route.domain, route.method, call, caller, Deadline.after(seconds), repeatable)
        out = jsonwire.dump(found)
        if paged:
            out["next_cursor"] = found.page.next_cursor if found.page else None
        if route.status == 201:
            request.scope["modelyard.object"] = _made(out)
        return Response(_encode(out), route.status, {"x-request-id": caller.log_id}, "application/json")

    return answer


def _made(out: dict[str, Any]) -> str:
    """What was created, for the audit trail."""
    return next((f"{name}={value['id']}" for name, value in out.items() if isinstance(value, dict) and "id" in value), "")


async def read_body(request: Request, limit: int) -> bytes:
    """The body, never more than ``limit`` bytes of it in memory. Raises 413."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise PlatformError(413, Reason.TOO_LARGE, field="body", limit=f"at most {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _body_facts(body: bytes, request: Request) -> dict[str, Any]:
    if request.query_params:
        raise invalid(next(iter(request.query_params)), limit="in the JSON body, not in the query")
    return jsonwire.parse_body(body, MAX_BODY)


def _query(request: Request, paged: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    facts: dict[str, Any] = {}
    page: dict[str, Any] = {}
    for key, value in request.query_params.multi_items():
        target = page if paged and key in ("cursor", "limit") else facts
        if key == "names":
            target.setdefault(key, []).append(value)
        elif key in target:
            raise invalid(key, limit="once")
        else:
            target[key] = value
    return facts, page


def operation(route: Route) -> dict[str, Any]:
    """The OpenAPI operation of one route."""
    struct, result = request_struct(route.domain, route.method), response_struct(route.domain, route.method)
    names = [name for name, _, _ in spec_fields(struct)]
    in_path = frozenset(route.path_fields)
    whole = jsonwire.schema(struct, incoming=True)
    needed = set(whole.get("required", []))
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": whole["properties"][name]} for name in route.path_fields
    ]
    body = jsonwire.schema(struct, incoming=True, skip=in_path)
    out: dict[str, Any] = {"operationId": f"{route.domain}_{route.method}", "tags": [route.domain], "parameters": parameters}
    if route.verb in ("GET", "DELETE"):
        parameters += [
            {"name": name, "in": "query", "required": name in needed, "schema": spec} for name, spec in body["properties"].items()
        ]
    else:
        out["requestBody"] = {"required": bool(body.get("required")), "content": {"application/json": {"schema": body}}}
    if "page" in names:
        parameters += [
            {"name": "cursor", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 200}},
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500}},
        ]
    if "idempotency_key" in names:
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 8, "maxLength": 128}})
    answer = jsonwire.schema(result, incoming=False)
    if "page" in names:
        answer["properties"]["next_cursor"] = {"type": ["string", "null"]}
    out["responses"] = {
        str(route.status): {"description": "Success", "content": {"application/json": {"schema": answer}}},
        "default": {"description": "Error", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
    }
    return out


ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "reason", "message", "request_id"],
            "properties": {
                "code": {"type": "integer"},
                "reason": {"type": "string"},
                "reason_number": {"type": "integer"},
                "message": {"type": "string"},
                "field": {"type": ["string", "null"]},
                "limit": {"type": ["string", "null"]},
                "details": {"type": "object", "additionalProperties": {"type": "string"}},
                "retryable": {"type": "boolean"},
                "request_id": {"type": "string"},
            },
        }
    },
}
