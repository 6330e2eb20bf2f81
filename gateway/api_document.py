"""The OpenAPI document, from the contract: routes with summaries in the reader's language, every struct once, an example of each body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import idl
from gateway import jsonwire, openai_document
from gateway.clients import request_struct, response_struct
from gateway.compose import PARTS, WORK
from gateway.routes import ALL, API, Route
from idl.manifest import BY_NAME
from libs.common.rpc.wire import LIST, MAP, SET, STRUCT, element, spec_fields
from libs.common.words import metrics
from libs.ops import options

JSON, RAW = "application/json", "application/octet-stream"
ERROR = {"description": "Error", "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}
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
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "modelyard_session"},
}
_AS_OF = {
    "name": "as_of",
    "in": "query",
    "description": "What was true and live at a moment, milliseconds since the epoch, from the history: only the parts model and deploy.",
    "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"},
}
_SPACE = {
    "name": "space",
    "in": "query",
    "description": "Where the caller is, for addresses that carry no header.",
    "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"},
}
_RANGE = {"name": "Range", "in": "header", "schema": {"type": "string", "pattern": "^bytes=[0-9]{1,18}-[0-9]{0,18}$"}}
_FILE = {
    "description": "The file, or the part of it that was asked for",
    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
}
_SUMMARIES = {
    "status": {
        "en": "A model with its training, evaluation and deployment state, joined from four domains.",
        "zh": "一个模型及其训练、评测与部署状态，由四个域汇总而成。",
    },
    "my_work": {
        "en": "The tasks in which the caller may work now, of all domains, the newest first.",
        "zh": "自己现在可以参与的任务，汇总自各个域，最新的在前。",
    },
    "live": {"en": "Follows a task until it ends.", "zh": "跟踪一个任务直到结束。"},
}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"}}


def document(language: str, *more: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """language: "en" or "zh", of the summaries. more: paths that are no RPC's."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ALL:
        paths.setdefault(API + route.path, {})[route.verb.lower()] = operation(route, language)
    for others in (_composed(language), *more):
        for path, operations in others.items():
            paths.setdefault(path, {}).update(operations)
    ours = {"Error": ERROR_SCHEMA, "OpenAIError": openai_document.ERROR_SCHEMA, "Metrics": metrics.schema(language)}
    schemas = {**ours, **options.schemas(), **_components()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Modelyard", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SECURITY_SCHEMES},
        "security": [{"bearer": []}, {"cookie": []}],
    }


def operation(route: Route, language: str) -> dict[str, Any]:
    """The OpenAPI operation of one route."""
    struct, result = request_struct(route.domain, route.method), response_struct(route.domain, route.method)
    names = [name for name, _, _ in spec_fields(struct)]
    in_path = frozenset([*route.path_fields, *(["offset"] if route.file else [])])  # a file's offset is its range
    whole = jsonwire.schema(struct, incoming=True)
    needed = set(whole.get("required", []))
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": whole["properties"][name]} for name in route.path_fields
    ]
    body = jsonwire.schema(struct, incoming=True, skip=in_path)
    summary = route.rpc.summary_zh if language == "zh" else route.rpc.summary
    out: dict[str, Any] = {
        "operationId": f"{route.domain}_{route.method}",
        "tags": [route.domain],
        "summary": summary,
        "parameters": parameters,
    }
    if route.raw:
        out["requestBody"] = {"required": True, "content": {RAW: {"schema": {"type": "string", "format": "binary"}}}}
    if route.verb in ("GET", "DELETE") or route.raw:
        parameters += [
            {"name": name, "in": "query", "required": name in needed, "schema": spec} for name, spec in body["properties"].items()
        ]
    else:
        content = {"schema": body, **({"example": jsonwire.example(struct, in_path)} if body["properties"] else {})}
        out["requestBody"] = {"required": bool(body.get("required")), "content": {JSON: content}}
    if "page" in names:
        parameters += [
            {"name": "cursor", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 200}},
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500}},
        ]
    if "idempotency_key" in names:
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 8, "maxLength": 128}})
    if route.file:
        out["parameters"] += [_SPACE, _RANGE]
        out["responses"] = {"200": _FILE, "206": _FILE, "default": ERROR}
        return out
    answer = jsonwire.schema(result, incoming=False)
    if "page" in names:
        answer["properties"]["next_cursor"] = {"type": ["string", "null"]}
    out["responses"] = {str(route.status): {"description": "Success", "content": {JSON: {"schema": answer}}}, "default": ERROR}
    return out


def _components() -> dict[str, Any]:
    """Every struct that a request or an answer holds, once each way."""
    found: dict[str, Any] = {}
    sent = [(request_struct(route.domain, route.method), True) for route in ALL]
    answered = [(response_struct(route.domain, route.method), False) for route in ALL]
    joined = [(response_struct(domain, method), False) for domain, (method, _) in PARTS.items()]
    for struct, incoming in (*sent, *answered, *joined):
        for inner in _inner(struct):
            found.setdefault(jsonwire.component(inner, incoming), jsonwire.schema(inner, incoming))
    return found


def _inner(struct: Any) -> Iterator[Any]:
    """The structs below one, itself left out. The contract has no recursive types."""
    for name, kind, extra in spec_fields(struct):
        if name in jsonwire.HIDDEN:
            continue
        for cls in _structs(kind, extra):
            yield cls
            yield from _inner(cls)


def _structs(kind: int, extra: Any) -> Iterable[Any]:
    if kind == STRUCT:
        return [extra]
    if kind in (LIST, SET):
        return _structs(*element(extra))
    return _structs(*element(extra[1])) if kind == MAP else ()


def _composed(language: str) -> dict[str, dict[str, Any]]:
    """The composed status and the live views, which join RPCs."""
    status = {
        "type": "object",
        "required": ["id", "model", "deploy", "missing"],
        "properties": {
            "id": {"type": "string"},
            "as_of": {"type": "string"},
            **{part: _part(part, method) for part, (method, _) in PARTS.items()},
            "missing": {"type": "array", "items": {"type": "string"}},
        },
    }
    events = {"description": "Events", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    live = {
        f"{API}/{domain}/tasks/{{id}}/live": {
            "get": {
                "operationId": f"{domain}_live",
                "tags": [domain],
                "summary": _SUMMARIES["live"][language],
                "parameters": [ID],
                "responses": {"200": events, "default": ERROR},
            }
        }
        for domain in ("datasets", "train", "eval")
    }
    answer = {"description": "Success", "content": {JSON: {"schema": status}}}
    composed = {
        "operationId": "model_status",
        "tags": ["model"],
        "summary": _SUMMARIES["status"][language],
        "parameters": [ID, _AS_OF],
        "responses": {"200": answer, "default": ERROR},
    }
    mine = {
        "operationId": "my_work",
        "tags": ["people"],
        "summary": _SUMMARIES["my_work"][language],
        "parameters": [],
        "responses": {"200": {"description": "Success", "content": {JSON: {"schema": _my_work()}}}, "default": ERROR},
    }
    return {API + "/models/{id}/status": {"get": composed}, API + "/my-work": {"get": mine}, **live}


def _my_work() -> dict[str, Any]:
    """Each task with the beginning of its routes, and what did not answer."""
    place = {"enum": [BY_NAME[domain].root.strip("/") for domain in WORK]}
    task = jsonwire.schema(idl.load("task").MyTask, incoming=False)
    required = ["service", *task.get("required", [])]
    each = {**task, "required": required, "properties": {"service": place, **task["properties"]}}
    missing = {"type": "object", "additionalProperties": {"type": "object", "required": ["state", "reason", "message"], "properties": _WHY}}
    return {
        "type": "object",
        "required": ["tasks", "missing"],
        "properties": {"tasks": {"type": "array", "items": each}, "missing": missing},
    }


_WHY = {"state": {"enum": ["unavailable"]}, "reason": {"type": "string"}, "message": {"type": "string"}}


def _part(domain: str, method: str) -> dict[str, Any]:
    """One domain's part: what it says, or why it is missing."""
    said = jsonwire.schema(response_struct(domain, method), incoming=False)["properties"]
    own = {
        "state": {"enum": ["ok", "unavailable"]},
        "age_ms": {"type": "integer"},
        "reason": {"type": "string"},
        "message": {"type": "string"},
    }
    return {"type": "object", "required": ["state"], "properties": {**said, **own}}
