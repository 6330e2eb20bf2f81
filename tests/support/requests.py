"""Requests made out of the contract: one complete valid instance per struct, and a walk over every field a caller can fill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import idl
from idl.limits import Bytes, Limit, Number, Text, limit_of
from libs.common.rpc.wire import BOOL, DOUBLE, LIST, MAP, SET, STRUCT, element, required_fields, spec_fields
from libs.common.store.repository import encode_cursor


def request_structs() -> dict[str, Any]:
    """ "model.CreateProject" -> its request class, for every RPC of every domain."""
    return {
        f"{domain}.{method}": getattr(idl.service(domain), f"{method}_args").thrift_spec[1][2]
        for domain in idl.DOMAINS
        for method in idl.methods(domain)
    }


@dataclass(frozen=True)
class Leaf:
    """One field below a request. path: attribute names, "[]" for the element of a list, "{}" for the value of a map."""

    path: tuple[str, ...]
    struct: str
    name: str
    kind: int
    extra: Any
    required: bool

    @property
    def dotted(self) -> str:
        """The field as an error names it when the first element is the broken one."""
        text = ""
        for part in self.path:
            text += "[0]" if part == "[]" else "[k]" if part == "{}" else f".{part}"
        return text.lstrip(".")

    @property
    def enum(self) -> dict[int, str] | None:
        return getattr(self.extra, "_VALUES_TO_NAMES", None)

    @property
    def limit(self) -> Limit:
        return limit_of(self.struct, self.name, self.kind, container=self.kind in (LIST, SET, MAP))


def leaves(struct: Any, above: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every field of ``struct`` and of what it holds, structs themselves left out."""
    needed = set(required_fields(struct))
    for name, kind, extra in spec_fields(struct):
        yield from _below(struct.__name__, name, kind, extra, (*above, name), name in needed)


def _below(struct: str, name: str, kind: int, extra: Any, path: tuple[str, ...], required: bool) -> Iterator[Leaf]:
    if kind == STRUCT:
        yield from leaves(extra, path)
        return
    yield Leaf(path, struct, name, kind, extra, required)
    if kind in (LIST, SET):
        yield from _below(struct, name.removesuffix("s"), *element(extra), (*path, "[]"), False)
    if kind == MAP:
        yield from _below(struct, name.removesuffix("s"), *element(extra[1]), (*path, "{}"), False)


def example(struct: Any) -> Any:
    """A valid ``struct`` with every field set."""
    return struct(**{name: _value(struct.__name__, name, kind, extra) for name, kind, extra in spec_fields(struct)})


def _value(struct: str, name: str, kind: int, extra: Any) -> Any:
    if kind == STRUCT:
        return example(extra)
    if kind in (LIST, SET):
        return [_value(struct, name.removesuffix("s"), *element(extra))]
    if kind == MAP:
        return {"k": _value(struct, name.removesuffix("s"), *element(extra[1]))}
    if kind == BOOL:
        return True
    if hasattr(extra, "_VALUES_TO_NAMES"):
        return min(extra._VALUES_TO_NAMES)
    if name == "cursor":
        return encode_cursor(7)
    limit = limit_of(struct, name, kind)
    if isinstance(limit, Text):
        return "{}" if limit.json else "a" * max(limit.low, 1)
    if isinstance(limit, Bytes):
        return b"a" * max(limit.low, 1)
    assert isinstance(limit, Number)
    return max(limit.low, 0.5) if kind == DOUBLE else max(int(limit.low), 1)


def at(request: Any, path: tuple[str, ...]) -> Any:
    """What stands at ``path``."""
    found = request
    for key in path:
        found = found[0] if key == "[]" else found["k"] if key == "{}" else getattr(found, key)
    return found


def put(request: Any, path: tuple[str, ...], value: Any) -> Any:
    """``request`` with ``value`` at ``path``, changed in place and handed back."""
    target, key = at(request, path[:-1]), path[-1]
    if key == "[]":
        target[0] = value
    elif key == "{}":
        target["k"] = value
    else:
        setattr(target, key, value)
    return request
