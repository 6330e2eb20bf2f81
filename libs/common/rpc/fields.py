"""Which field is wrong: names the first one whose type differs from the contract, or whose text is not UTF-8.

Runs only on frames that passed ``frames.check`` and then turned out to hold such a field, so the structure is known to be sound and at most
``max_depth`` deep: plain recursion is safe here, and costs nothing on the way of an ordinary call.
"""

from __future__ import annotations

import struct

from libs.common.errors import PlatformError, Reason, invalid
from libs.common.rpc.plans import MAP, NAMES, SIZES, STRING, STRUCT, SeqPlan, StructPlan, Value

_u32 = struct.Struct(">I").unpack_from
_field = struct.Struct(">bh").unpack_from


def first_fault(data: bytes, pos: int, plan: StructPlan) -> PlatformError | None:
    """400 WRONG_TYPE (the expected type as limit) or 400 NOT_UTF8 with the dotted path of the first such field below the request.

    Elements are named by their number ("names[3]"), map entries by their place in the message. None when there is no such field.
    """
    try:
        _struct(data, pos, plan, ())
    except _Fault as fault:
        path = ".".join(fault.path[1:] or fault.path).replace(
            ".[", "["
        )  # every message wraps one struct ("req", "success"): callers do not know that name
        if fault.expected is None:
            return invalid(path, Reason.NOT_UTF8, limit="UTF-8")
        return invalid(path, Reason.WRONG_TYPE, limit=fault.expected, sent=fault.sent)
    return None


class _Fault(Exception):
    def __init__(self, path: tuple[str, ...], expected: str | None = None, sent: str = "") -> None:
        self.path, self.expected, self.sent = path, expected, sent


def _struct(data: bytes, pos: int, plan: StructPlan, path: tuple[str, ...]) -> int:
    while data[pos]:
        wire, number = _field(data, pos)
        name, value = plan.fields.get(number, ("", None))
        if value is None:
            pos = _unknown(data, pos + 3, wire)
        elif wire != value.wire:
            raise _Fault((*path, name), value.type_name, NAMES[wire])
        else:
            pos = _value(data, pos + 3, value, (*path, name))
    return pos + 1


def _value(data: bytes, pos: int, value: Value, path: tuple[str, ...]) -> int:
    if isinstance(value.plan, StructPlan):
        return _struct(data, pos, value.plan, path)
    if isinstance(value.plan, SeqPlan):
        return _sequence(data, pos, value.plan, value.type_name, path)
    if value.code > 0:
        return pos + value.code
    end: int = pos + 4 + _u32(data, pos)[0]
    if value.is_text:
        try:
            data[pos + 4 : end].decode()
        except UnicodeDecodeError:
            raise _Fault(path) from None
    return end


def _sequence(data: bytes, pos: int, plan: SeqPlan, type_name: str, path: tuple[str, ...]) -> int:
    head = pos + plan.width
    if data[pos:head] != plan.head:
        sent = ",".join(NAMES[wire] for wire in data[pos:head])
        raise _Fault(path, type_name, f"{NAMES[plan.kind]}<{sent}>")
    count: int = _u32(data, head)[0]
    pos = head + 4
    if plan.step:
        return pos + count * plan.step
    for index in range(count):
        for value in plan.values:
            pos = _value(data, pos, value, (*path, f"[{index}]"))
    return pos


def _unknown(data: bytes, pos: int, wire: int) -> int:
    if wire in SIZES:
        return pos + SIZES[wire]
    if wire == STRING:
        return pos + 4 + int(_u32(data, pos)[0])
    if wire == STRUCT:
        while data[pos]:
            pos = _unknown(data, pos + 3, data[pos])
        return pos + 1
    width = 2 if wire == MAP else 1
    types, count = data[pos : pos + width], _u32(data, pos + width)[0]
    pos += width + 4
    for _ in range(count):
        for part in types:
            pos = _unknown(data, pos, part)
    return pos
