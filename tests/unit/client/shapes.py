"""Answers in exactly the shape the gateway gives: structs of the contract, filled, through the gateway's own JSON."""

from __future__ import annotations

import json
from typing import Any

import msgspec

import idl
from gateway import jsonwire
from libs.common.rpc.wire import BINARY, BOOL, DOUBLE, LIST, MAP, SET, STRING, STRUCT, spec_fields


def full(cls: Any, **facts: Any) -> Any:
    """A struct with every field set, as a service fills it: ``facts``, and the empty value of its type for the rest."""
    out = cls()
    for name, kind, extra in spec_fields(cls):
        if name not in ("base", "base_resp", "page"):
            setattr(out, name, facts.pop(name) if name in facts else _empty(name, kind, extra))
    assert not facts, f"{cls.__name__} has no {sorted(facts)}"
    return out


def _empty(name: str, kind: int, extra: Any) -> Any:
    if kind == STRUCT:
        return full(extra)
    if kind in (LIST, SET):
        return []
    if kind == MAP:
        return {}
    if kind == STRING:
        return "{}" if name.endswith("_json") else ""
    if extra is not None and hasattr(extra, "_VALUES_TO_NAMES"):
        return next(iter(extra._VALUES_TO_NAMES))
    return {BOOL: False, BINARY: b"", DOUBLE: 0.0}.get(kind, 0)


def shape(domain: str, struct: str, **facts: Any) -> dict[str, Any]:
    """The JSON of one struct. Facts ``x_json`` are JSON text, enums numbers, as in the contract."""
    return as_json(full(getattr(idl.load(domain), struct), **facts))


def as_json(struct: Any) -> dict[str, Any]:
    """What a client reads of a struct."""
    return json.loads(msgspec.json.encode(jsonwire.dump(struct)))  # type: ignore[no-any-return]


def task(domain: str, id: int = 7, **facts: Any) -> dict[str, Any]:
    """A task; ``status`` and ``reason`` by name."""
    names = idl.load("task")
    status = names.TaskStatus._NAMES_TO_VALUES[facts.pop("status", "RUNNING")]
    reason = names.TaskReason._NAMES_TO_VALUES[facts.pop("reason", "NONE")]
    return shape(domain, f"{domain.capitalize()}Task", id=id, status=status, reason=reason, attempt=facts.pop("attempt", 1), **facts)


def order(status: str, id: int = 9, **facts: Any) -> dict[str, Any]:
    return shape("deploy", "WorkOrder", id=id, status=idl.load("deploy").WorkOrderStatus._NAMES_TO_VALUES[status], **facts)
