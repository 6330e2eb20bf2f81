"""Checks a decoded request against the contract before any verb sees it: required, null, bounds, enums, text, nested.

thriftpy2 enforces none of it. Checkers are compiled once per struct; the first broken field is named with its dotted path and its limit.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable
from typing import Any

from idl.limits import DEFAULT_BYTES, DEFAULT_TEXT, Bytes, Items, Number, Text, limit_of
from libs.common.errors import Reason, invalid, missing
from libs.common.rpc.wire import BINARY, BOOL, DOUBLE, LIST, MAP, SET, STRING, STRUCT, element, required_fields, spec_fields

Check = Callable[[Any, str], None]
JSON_DEPTH = 32
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NO_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def validate(struct: Any, path: str = "") -> None:
    """Raises PlatformError 400 naming the first field that breaks the contract."""
    cls: Any = type(struct)
    required, checks = _checks(cls)
    for name in required:
        if getattr(struct, name) is None:
            raise missing(path + name)
    for name, check in checks:
        value = getattr(struct, name)
        if value is not None:
            check(value, path + name)


@functools.cache
def _checks(struct: type) -> tuple[tuple[str, ...], tuple[tuple[str, Check], ...]]:
    found = [(name, _check(struct.__name__, name, kind, extra)) for name, kind, extra in spec_fields(struct)]
    return tuple(required_fields(struct)), tuple((name, check) for name, check in found if check is not None)


def _check(struct: str, name: str, kind: int, extra: Any) -> Check | None:
    if kind == STRUCT:
        return lambda value, path: validate(value, path + ".")
    if kind in (LIST, SET):
        return _items(limit_of(struct, name, kind, container=True), _check(struct, _singular(name), *element(extra)))
    if kind == MAP:
        key_check = _check(struct, "metric", *element(extra[0]))
        return _map(limit_of(struct, name, kind, container=True), key_check, _check(struct, _singular(name), *element(extra[1])))
    if kind == BOOL:
        return None
    if extra is not None and hasattr(extra, "_VALUES_TO_NAMES"):
        return _enum(extra)
    limit = limit_of(struct, name, kind)
    if kind == STRING:
        return _text(limit if isinstance(limit, Text) else DEFAULT_TEXT)
    if kind == BINARY:
        return _bytes(limit if isinstance(limit, Bytes) else DEFAULT_BYTES)
    return _number(limit, kind == DOUBLE) if isinstance(limit, Number) else None


def _singular(name: str) -> str:
    return name.removesuffix("s")


def _text(limit: Text) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise invalid(path, Reason.NOT_UTF8, "UTF-8 text")
        if len(value) > limit.high:
            raise invalid(path, Reason.TOO_LARGE, f"at most {limit.high} characters", length=len(value))
        if len(value) < limit.low:
            raise invalid(path, Reason.TOO_SMALL, f"at least {limit.low} characters", length=len(value))
        _characters(value, path)
        if not value.isprintable():
            _form(value, path, limit)
        if limit.json and value:
            parse_object(value, path)

    return check


def _bytes(limit: Bytes) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, bytes):
            raise invalid(path, Reason.WRONG_TYPE, "bytes")
        if len(value) > limit.high:
            raise invalid(path, Reason.TOO_LARGE, f"at most {limit.high} bytes", length=len(value))
        if len(value) < limit.low:
            raise invalid(path, Reason.TOO_SMALL, f"at least {limit.low} bytes", length=len(value))

    return check


def _form(value: str, path: str, limit: Text) -> None:
    """Refuses what would move the cursor of a terminal, break the line of a list or turn the direction of what stands beside it."""
    if limit.form == "line" and _NO_LINE.search(value):
        raise invalid(path, Reason.INVALID_ARGUMENT, "one line without control characters")
    if limit.form == "text" and not limit.json and _NO_TEXT.search(value):
        raise invalid(path, Reason.INVALID_ARGUMENT, "text without control characters")


def _characters(value: str, path: str) -> None:
    if "\0" in value:
        raise invalid(path, Reason.INVALID_ARGUMENT, "text without NUL characters")
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: no store and no wire takes it
        raise invalid(path, Reason.NOT_UTF8, "UTF-8 text") from None


def _number(limit: Number, floating: bool) -> Check:
    def check(value: Any, path: str) -> None:
        if floating and not math.isfinite(value):
            raise invalid(path, Reason.INVALID_ARGUMENT, "a finite number")
        if value > limit.high:
            raise invalid(path, Reason.TOO_LARGE, f"at most {limit.high}", value=str(value))
        if value < limit.low:
            raise invalid(path, Reason.TOO_SMALL, f"at least {limit.low}", value=str(value))

    return check


def _enum(enum: Any) -> Check:
    names: dict[int, str] = enum._VALUES_TO_NAMES

    def check(value: Any, path: str) -> None:
        if value not in names:
            raise invalid(path, Reason.UNKNOWN_ENUM, "one of " + ", ".join(f"{n}={v}" for v, n in names.items()), value=str(value))

    return check


def _count(limit: Any, size: int, path: str) -> None:
    if isinstance(limit, Items) and size > limit.high:
        raise invalid(path, Reason.TOO_LARGE, f"at most {limit.high} items", length=size)
    if isinstance(limit, Items) and size < limit.low:
        raise invalid(path, Reason.TOO_SMALL, f"at least {limit.low} items", length=size)


def _items(limit: Any, item: Check | None) -> Check:
    def check(value: Any, path: str) -> None:
        _count(limit, len(value), path)
        if item is not None:
            for position, each in enumerate(value):
                item(each, f"{path}[{position}]")

    return check


def _map(limit: Any, key_check: Check | None, item: Check | None) -> Check:
    def check(value: Any, path: str) -> None:
        _count(limit, len(value), path)
        for key, each in value.items():
            if key_check is not None:
                key_check(key, f"{path} key")
            if item is not None:
                item(each, f"{path}[{key}]")

    return check


def parse_object(text: str, path: str) -> dict[str, Any]:
    """A JSON object that every store and language can hold: finite numbers, whole ones within 64 bits, each key once, whole characters
    without NUL, at most 32 levels. Raises PlatformError 400 naming ``path``."""

    def refuse(constant: str) -> None:
        raise invalid(path, Reason.INVALID_ARGUMENT, "finite numbers", value=constant)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise invalid(path, Reason.INVALID_ARGUMENT, "each key once")
        return found

    try:
        value = json.loads(text, parse_constant=refuse, object_pairs_hook=unique)
    except RecursionError:
        raise invalid(path, Reason.TOO_LARGE, f"at most {JSON_DEPTH} levels deep") from None
    except ValueError:  # also a number with thousands of digits
        raise invalid(path, Reason.INVALID_ARGUMENT, "one JSON object") from None
    if not isinstance(value, dict):
        raise invalid(path, Reason.WRONG_TYPE, "one JSON object")
    _check_json(value, path)
    return value


def _check_json(value: Any, path: str) -> None:
    stack = [(value, 1)]
    while stack:
        node, level = stack.pop()
        if level > JSON_DEPTH and isinstance(node, (dict, list)):
            raise invalid(path, Reason.TOO_LARGE, f"at most {JSON_DEPTH} levels deep")
        if isinstance(node, dict):
            stack += [(key, level) for key in node]
            stack += [(child, level + 1) for child in node.values()]
        elif isinstance(node, list):
            stack += [(child, level + 1) for child in node]
        elif isinstance(node, str):
            _characters(node, path)
        elif isinstance(node, float) and not math.isfinite(node):  # written with an exponent no double has
            raise invalid(path, Reason.INVALID_ARGUMENT, "finite numbers")
        elif isinstance(node, int) and not -(1 << 63) <= node < 1 << 63:
            raise invalid(path, Reason.TOO_LARGE, "whole numbers of at most 64 bits")
