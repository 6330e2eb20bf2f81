"""What the gateway answered before the house was rebuilt is still promised: each route, each field and its type.

``answers_before.json`` is a recorded walk (``tests.support.walk``) over the routes of revision 8aa7dbb: per step the status and the shape
of the answer. ``python -m tests.support.walk OUT.json`` walks the present platform and prints what it answers otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.document import whole_document

BEFORE: dict[str, Any] = json.loads((Path(__file__).parent / "answers_before.json").read_text(encoding="utf-8"))
DOCUMENT = whole_document("en")
TYPES = {"number": {"integer", "number"}, "flag": {"boolean"}}
GONE = {
    # Where a model is served is told to nobody: its port answers only the gateway.
    "GET /deploy/models/{model_id}/endpoints.endpoints[].address",
}
OTHER = {
    # Under /v1 errors are those of OpenAI.
    "POST /v1/chat/completions nobody serves",
    # A step of its own time: the training had ended, or not.
    "POST /train/tasks/{id}/pause",
    "POST /train/tasks/{id}/resume",
}


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def lacking(schema: dict[str, Any], shape: Any, place: str) -> Iterator[str]:
    """What ``shape`` has and ``schema`` does not promise. An object whose names are data promises them all."""
    schema = plain(schema)
    if isinstance(shape, dict):
        known = schema.get("properties")
        for name, each in shape.items() if known is not None else ():
            if name in known:
                yield from lacking(known[name], each, f"{place}.{name}")
            else:
                yield f"{place}.{name}"
    elif isinstance(shape, list):
        for each in shape:
            yield from lacking(schema.get("items", {}), each, f"{place}[]")
    elif shape != "null" and "type" in schema and not TYPES.get(shape, {"string"}).intersection(_listed(schema["type"])):
        yield f"{place}: {shape} -> {schema['type']}"


def _listed(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


@pytest.mark.parametrize("step", BEFORE)
def test_every_answer_of_before_is_still_promised(step: str) -> None:
    verb, route = step.split(" ")[:2]
    path = route if route.startswith(("/v1", "/api")) else f"/api/v1{route}"
    if BEFORE[step]["status"] == 404 and "nowhere" in route:
        assert path not in DOCUMENT["paths"]
        return
    named = {re.sub(r"\{\w+\}", "{}", known): known for known in DOCUMENT["paths"]}
    operation = DOCUMENT["paths"][named[re.sub(r"\{\w+\}", "{}", path)]][verb.lower()]
    if step in OTHER:
        return
    status, body = BEFORE[step]["status"], BEFORE[step]["body"]
    answer = operation["responses"].get(str(status)) or operation["responses"]["default"]
    schema = answer["content"]["application/json"]["schema"] if body is not None else {}
    assert set(lacking(schema, body, f"{verb} {route}")) - GONE == set()
