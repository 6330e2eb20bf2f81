"""The one converter between domain objects and Thrift structs: same field names on both sides, plans compiled once per pair.

Domain side: dataclasses, lists, dicts, enums. Wire side: thriftpy2 structs. A domain field the struct lacks is skipped, a struct field
the object lacks stays unset. A wire field ``x_json`` is the domain's ``x`` (dict, or list of dicts) as JSON text.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import msgspec

_NO_FIELDS: dict[str, Any] = {}
BOOL, BYTE, DOUBLE, I16, I32, I64, STRING, STRUCT, MAP, SET, LIST = 2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15
BINARY = 18  # as declared; on the wire it is a string


def to_struct(value: Any, struct: type) -> Any:
    """``value`` (an object with attributes) as a ``struct``."""
    out = struct()
    fields = out.__dict__  # both sides keep their fields in a dict: reading and writing there costs half of what attributes do
    known = getattr(value, "__dict__", _NO_FIELDS)
    for name, source, convert in _plan(struct):
        found = known[source] if source in known else getattr(value, source, None)
        if found is not None:
            fields[name] = found if convert is None else convert(found)
    return out


@functools.cache
def _plan(struct: type) -> tuple[tuple[str, str, Callable[[Any], Any] | None], ...]:
    return tuple((name, domain_name(name), field_converter(name, kind, extra)) for name, kind, extra in spec_fields(struct))


def domain_name(wire_name: str) -> str:
    """``options_json`` on the wire is ``options`` in the domain."""
    return wire_name.removesuffix("_json")


def field_converter(name: str, kind: int, extra: Any) -> Callable[[Any], Any] | None:
    """How a domain value becomes the wire value of one field; None when it already is."""
    if name.endswith("_json"):
        return _json_texts if kind == LIST else _json_text
    return _outward(kind, extra)


def _json_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _json_texts(values: Any) -> list[str]:
    return [_json_text(value) for value in values]


def spec_fields(struct: Any) -> list[tuple[str, int, Any]]:
    """(name, wire type, element spec or class or None) per field, in field order."""
    found = []
    for number in sorted(struct.thrift_spec):
        spec = struct.thrift_spec[number]
        found.append((spec[1], spec[0], spec[2] if len(spec) == 4 else None))
    return found


def binary_field(struct: Any) -> str | None:
    """The field that holds raw bytes, if there is one."""
    return next((name for name, kind, _ in spec_fields(struct) if kind == BINARY), None)


def required_fields(struct: Any) -> list[str]:
    return [spec[1] for spec in struct.thrift_spec.values() if spec[-1] is True]


def element(spec: Any) -> tuple[int, Any]:
    """(wire type, element spec or class or None) of a container's element as thriftpy2 writes it: a number or a tuple."""
    return (spec[0], spec[1]) if isinstance(spec, tuple) else (spec, None)


def _outward(kind: int, extra: Any) -> Callable[[Any], Any] | None:
    if kind == STRUCT:
        return lambda value: value if isinstance(value, extra) else to_struct(value, extra)
    if kind in (LIST, SET):
        return _outward_list(_outward(*element(extra)))
    if kind == MAP:
        return _outward_map(_outward(*element(extra[1])))
    if kind in (BYTE, I16, I32) and extra is not None:
        return int
    return None


def _outward_list(item: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    return list if item is None else lambda values: [item(value) for value in values]


def _outward_map(item: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    return dict if item is None else lambda values: {key: item(value) for key, value in values.items()}


def plain(value: Any) -> Any:
    """A wire value as plain Python: structs become dicts of the fields that are set."""
    if hasattr(value, "thrift_spec"):
        return {name: plain(getattr(value, name)) for name, _, _ in spec_fields(value) if getattr(value, name) is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
