"""Joins a ``Route`` with its RPC: path, query and body become the request struct, the response struct becomes JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

import idl
from gateway import jsonwire
from gateway.clients import Clients, request_struct
from gateway.routes import Route
from gateway.sessions import Sessions
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.wire import LIST, SET, binary_field, domain_name, spec_fields

MAX_BODY = 4 << 20
RAW = "application/octet-stream"
_encode = msgspec.json.encode


def endpoint(route: Route, clients: Clients, sessions: Sessions, seconds: float) -> Callable[[Request], Awaitable[Response]]:
    """The ASGI handler of one route. ``seconds``: its deadline."""
    struct = request_struct(route.domain, route.method)
    names = {name for name, _, _ in spec_fields(struct)}
    paged, keyed = "page" in names, "idempotency_key" in names
    lists = {domain_name(name) for name, kind, _ in spec_fields(struct) if kind in (LIST, SET)}
    page_struct = idl.load("base").PageReq
    rpc = f"{route.domain}.{route.method}"
    from_query = route.verb in ("GET", "DELETE") or route.raw
    bytes_field = binary_field(struct) if route.raw else None

    async def answer(request: Request) -> Response:
        request.scope["modelyard.rpc"] = rpc
        request.scope["modelyard.quiet"] = route.raw or not route.rpc.mutation
        caller = await sessions.caller(request)
        facts, page = _query(request, paged, lists) if from_query else (_body_facts(await read_body(request, MAX_BODY), request), {})
        for name, value in request.path_params.items():
            if facts.get(name, value) != value:
                raise invalid(name, limit=f"the same as in the path ({value})")
            facts[name] = value
        call = jsonwire.load(facts, struct)
        if bytes_field is not None:
            setattr(call, bytes_field, await _raw_body(request))
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


async def _raw_body(request: Request) -> bytes:
    """The bytes as they come. Raises 415 for a body that says it is something else: a form of a foreign page can say nothing else."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != RAW:
        raise PlatformError(415, Reason.BODY_INVALID, field="content-type", limit=RAW)
    return await read_body(request, MAX_BODY)


def _body_facts(body: bytes, request: Request) -> dict[str, Any]:
    if request.query_params:
        raise invalid(next(iter(request.query_params)), limit="in the JSON body, not in the query")
    return jsonwire.parse_body(body, MAX_BODY)


def _query(request: Request, paged: bool, lists: set[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    facts: dict[str, Any] = {}
    page: dict[str, Any] = {}
    for key, value in request.query_params.multi_items():
        target = page if paged and key in ("cursor", "limit") else facts
        if key in lists:
            target.setdefault(key, []).append(value)
        elif key in target:
            raise invalid(key, limit="once")
        else:
            target[key] = value
    return facts, page
