"""JSON for people and Thrift for services, joined by the contract: 64-bit numbers as text, enums by name, ``x_json`` as the object ``x``.

What the platform itself says in such an object has its wide numbers as text too: a browser would round them. What people brought along,
such as a record, stays as it is.

Plans are compiled once per struct. Incoming values are only shaped here; bounds are the services' to check. The same walk gives the JSON
schemas of the OpenAPI document.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Callable
from typing import Any

import msgspec

from idl.limits import Items, Number, Text, limit_of
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.rpc.validation import parse_object
from libs.common.rpc.wire import (
    BINARY,
    BOOL,
    BYTE,
    DOUBLE,
    I16,
    I32,
    I64,
    LIST,
    MAP,
    SET,
    STRING,
    STRUCT,
    domain_name,
    element,
    required_fields,
    spec_fields,
)

HIDDEN = frozenset({"base", "base_resp", "idempotency_key", "page"})
_DIGITS = frozenset("0123456789")
THEIRS = frozenset(
    f"{name}_json" for name in ("record", "records", "before", "after", "made", "content", "answer", "draft", "proposal")
)  # of people: shown as they brought it
EXACT = (1 << 53) - 1  # up to here every reader of JSON has whole numbers exactly
_PERHAPS_WIDE = re.compile(r"[:\[,] ?-?\d{16}")


# --- struct -> JSON


def dump(struct: Any) -> dict[str, Any]:
    """A struct as a JSON-ready dict; unset fields are left out, ``base_resp`` is for services only."""
    out = {}
    facts = struct.__dict__.get
    cls: Any = type(struct)
    for name, key, convert in _out_plan(cls):
        value = facts(name)
        if value is not None:
            out[key] = value if convert is None else convert(value)
    return out


@functools.cache
def _out_plan(cls: Any) -> tuple[tuple[str, str, Callable[[Any], Any] | None], ...]:
    return tuple(
        (name, domain_name(name), _outward(name, kind, extra))
        for name, kind, extra in spec_fields(cls)
        if name not in ("base", "base_resp", "page")
    )


def _outward(name: str, kind: int, extra: Any) -> Callable[[Any], Any] | None:
    if name.endswith("_json"):
        text = _raw if name in THEIRS else _own
        return (lambda values: list(map(text, values))) if kind == LIST else text
    if kind == I64:
        return str
    if kind == STRUCT:
        return dump
    if extra is not None and hasattr(extra, "_VALUES_TO_NAMES"):
        return _Names(extra._VALUES_TO_NAMES).__getitem__
    if kind in (LIST, SET):
        item = _outward("", *element(extra))
        return None if item is None else lambda values: list(map(item, values))
    if kind == MAP:
        each = _outward("", *element(extra[1]))
        return None if each is None else lambda values: {key: each(value) for key, value in values.items()}
    if kind == BINARY:
        return lambda value: base64.b64encode(value).decode()
    return None


class _Names(dict[int, str]):
    """Names of an enumeration. A newer service's value is shown as it is, never lost."""

    def __missing__(self, value: int) -> Any:
        return value


def _raw(text: str) -> Any:
    return msgspec.Raw(text or "{}")


def _own(text: str) -> Any:
    return _raw(text) if _PERHAPS_WIDE.search(text) is None else _exact(msgspec.json.decode(text))


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return list(map(_exact, value))
    return str(value) if isinstance(value, int) and abs(value) > EXACT else value


# --- JSON -> struct


def load(value: Any, cls: Any, path: str = "") -> Any:
    """A JSON object as a struct. Raises PlatformError 400 naming the unknown or wrongly typed field."""
    if not isinstance(value, dict):
        raise invalid(path.rstrip(".") or "body", Reason.WRONG_TYPE, "a JSON object")
    plan = _in_plan(cls)
    out = cls()
    for key, item in value.items():
        if key not in plan:
            raise invalid(path + str(key)[:100], Reason.INVALID_ARGUMENT, "one of " + ", ".join(sorted(plan)))
        if item is not None:
            name, convert = plan[key]
            setattr(out, name, convert(item, path + key))
    return out


@functools.cache
def _in_plan(cls: Any) -> dict[str, tuple[str, Callable[[Any, str], Any]]]:
    return {
        domain_name(name): (name, _inward(name, kind, extra))
        for name, kind, extra in spec_fields(cls)
        if name not in HIDDEN and kind != BINARY  # travels as a raw body, never in JSON
    }


def _inward(name: str, kind: int, extra: Any) -> Callable[[Any, str], Any]:
    if name.endswith("_json"):
        return _object_text
    if kind == STRUCT:
        return lambda value, path: load(value, extra, path + ".")
    if extra is not None and hasattr(extra, "_NAMES_TO_VALUES"):
        return _enum(extra._NAMES_TO_VALUES)
    if kind in (LIST, SET):
        item = _inward("", *element(extra))
        return lambda value, path: [item(each, f"{path}[{n}]") for n, each in enumerate(_expect(value, list, path, "a list"))]
    if kind == MAP:
        item = _inward("", *element(extra[1]))
        return lambda value, path: {key: item(each, f"{path}[{key}]") for key, each in _expect(value, dict, path, "an object").items()}
    if kind in (BYTE, I16, I32, I64):
        return _integer(63 if kind == I64 else 31)
    if kind == DOUBLE:
        return _double
    if kind == BOOL:
        return _boolean
    return _text


def _boolean(value: Any, path: str) -> bool:
    """true or false; in a query they are words."""
    known = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    return bool(_expect(known, bool, path, "true or false"))


def _text(value: Any, path: str) -> str:
    text: str = _expect(value, str, path, "text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise invalid(path, Reason.NOT_UTF8, "text without lone surrogates") from None
    return text


def _expect(value: Any, kind: type, path: str, limit: str) -> Any:
    if not isinstance(value, kind):
        raise invalid(path, Reason.WRONG_TYPE, limit)
    return value


def _object_text(value: Any, path: str) -> str:
    text = json.dumps(_expect(value, dict, path, "a JSON object"), ensure_ascii=True)
    return msgspec.json.encode(parse_object(text, path)).decode()


def _integer(bits: int) -> Callable[[Any, str], int]:
    def convert(value: Any, path: str) -> int:
        if isinstance(value, str) and 0 < len(value) < 21 and set(value.removeprefix("-")) <= _DIGITS and value != "-":
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid(path, Reason.WRONG_TYPE, "a whole number, as a number or as text")
        if not -(1 << bits) <= value < 1 << bits:
            raise invalid(path, Reason.TOO_LARGE, f"a whole number of {bits + 1} bits")
        return value

    return convert


def _double(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise invalid(path, Reason.WRONG_TYPE, "a number")
    try:
        return float(value)
    except OverflowError:
        raise invalid(path, Reason.TOO_LARGE, "a finite number") from None


def _enum(values: dict[str, int]) -> Callable[[Any, str], int]:
    def convert(value: Any, path: str) -> int:
        if isinstance(value, str) and value in values:
            return values[value]
        raise invalid(path, Reason.UNKNOWN_ENUM, "one of " + ", ".join(values), value=str(value)[:100])

    return convert


def parse_body(body: bytes, limit_bytes: int) -> dict[str, Any]:
    """The JSON object of a request body. Raises 413 over the limit, 400 for anything that is not one finite JSON object."""
    if len(body) > limit_bytes:
        raise PlatformError(413, Reason.TOO_LARGE, field="body", limit=f"at most {limit_bytes} bytes")
    if not body:
        return {}
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise invalid("body", Reason.NOT_UTF8, "UTF-8 JSON") from None
    return parse_object(text, "body")


# --- JSON schema of a struct


def schema(cls: Any, incoming: bool, skip: frozenset[str] = frozenset()) -> dict[str, Any]:
    """JSON schema of ``cls`` as it is sent (``incoming``) or answered; fields in ``skip`` travel in the path."""
    hidden = HIDDEN if incoming else frozenset({"base", "base_resp", "page"})
    fields = [(name, kind, extra) for name, kind, extra in spec_fields(cls) if name not in hidden | skip and kind != BINARY]
    out: dict[str, Any] = {
        "type": "object",
        "properties": {domain_name(name): _schema(cls.__name__, name, kind, extra, incoming) for name, kind, extra in fields},
    }
    shown = {name for name, _, _ in fields}
    needed = [domain_name(name) for name in required_fields(cls) if name in shown]
    if incoming:
        out["additionalProperties"] = False
        if needed:
            out["required"] = needed
    return out


def component(cls: Any, incoming: bool) -> str:
    """What a struct is called in the document: one name as it is sent, one as it is answered."""
    return f"{cls.__module__.removesuffix('_thrift')}.{cls.__name__}" + (".sent" if incoming else "")


def example(cls: Any, skip: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A request with its required fields, or with its first one where none is required."""
    fields = [(name, kind, extra) for name, kind, extra in spec_fields(cls) if name not in HIDDEN | skip]
    needed = set(required_fields(cls)) or {name for name, _, _ in fields[:1]}
    return {domain_name(name): _example(name, kind, extra) for name, kind, extra in fields if name in needed}


def _example(name: str, kind: int, extra: Any) -> Any:
    if name.endswith("_json"):
        return [{}] if kind == LIST else {}
    if kind == STRUCT:
        return example(extra)
    if extra is not None and hasattr(extra, "_NAMES_TO_VALUES"):
        return next(iter(extra._NAMES_TO_VALUES))
    if kind in (LIST, SET):
        return [_example(name.removesuffix("s"), *element(extra))]
    if kind == MAP:
        return {"name": _example(name, *element(extra[1]))}
    return {I64: "7", STRING: name.replace("_", " "), BOOL: True, DOUBLE: 0.5, BINARY: b"bytes"}.get(kind, 1)


def _schema(owner: str, name: str, kind: int, extra: Any, incoming: bool) -> dict[str, Any]:
    if name.endswith("_json"):
        return {"type": "array", "items": {"type": "object"}} if kind == LIST else {"type": "object"}
    if kind == STRUCT:
        return {"$ref": f"#/components/schemas/{component(extra, incoming)}"}
    if extra is not None and hasattr(extra, "_NAMES_TO_VALUES"):
        return {"type": "string", "enum": list(extra._NAMES_TO_VALUES)}
    if kind in (LIST, SET):
        limit = limit_of(owner, name, kind, container=True)
        bounds = {"maxItems": limit.high} if incoming and isinstance(limit, Items) else {}
        return {"type": "array", "items": _schema(owner, name.removesuffix("s"), *element(extra), incoming), **bounds}
    if kind == MAP:
        return {"type": "object", "additionalProperties": _schema(owner, name.removesuffix("s"), *element(extra[1]), incoming)}
    return _scalar(owner, name, kind, incoming)


def _scalar(owner: str, name: str, kind: int, incoming: bool) -> dict[str, Any]:
    limit = limit_of(owner, name, kind)
    if kind == I64:
        return {"type": "string", "pattern": "^[0-9]{1,19}$" if incoming else "^-?[0-9]{1,19}$", "description": "64-bit number as text"}
    if kind == STRING:
        bounds = {"minLength": limit.low, "maxLength": limit.high} if incoming and isinstance(limit, Text) else {}
        return {"type": "string", **bounds}
    if kind == BOOL:
        return {"type": "boolean"}
    numeric = {"minimum": limit.low, "maximum": limit.high} if incoming and isinstance(limit, Number) else {}
    return {"type": "number" if kind == DOUBLE else "integer", **numeric}
