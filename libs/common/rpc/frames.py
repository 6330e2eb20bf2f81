"""The check every frame passes before any of it is decoded: is this a message, and does it cost what it seems to cost?

A decoder trusts lengths, counts and nesting that a stranger declared. This walk trusts nothing: it steps over every value once,
without recursion and without copying. Whatever was declared but is not there carries the position behind the end, where the next read
raises; the last read of a message, the end mark of its struct, cannot be missed. Fields that the contract knows are stepped over by
table, so an ordinary message costs one dictionary look-up per field. What is not a message raises ``BAD_FRAME``: its connection is closed.
A field of another type than declared is no reason to close: the walk only reports that there is one, ``libs.common.rpc.fields`` names it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import product, repeat

from libs.common.errors import PlatformError, Reason
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.plans import FOREIGN, LEGAL, LIST, MAP, MINIMUM, SET, SIZES, STRING, STRUCT, SeqPlan, StructPlan

CALL, REPLY, EXCEPTION = 1, 2, 3
_VERSION = 0x80010000
_NESTED = frozenset({STRUCT, MAP, SET, LIST})


def _container(types: tuple[int, ...]) -> tuple[int, int, tuple[int, ...]]:
    """Of a container of these types: (fewest bytes of an entry, its size if fixed else 0, sizes of the values with 0 for strings)."""
    sizes = () if _NESTED.intersection(types) else tuple(SIZES.get(kind, 0) for kind in types)
    return sum(MINIMUM[kind] for kind in types), sum(sizes) if sizes and all(sizes) else 0, sizes


_CONTAINERS = {bytes(types): _container(types) for width in (1, 2) for types in product(sorted(LEGAL), repeat=width)}
"""By the type bytes that open it: every container the binary protocol can express."""
_u32 = struct.Struct(">I").unpack_from
_head = struct.Struct(">II").unpack_from
_i32 = struct.Struct(">i").unpack_from


def bad_frame(what: str, limit: str | None = None) -> PlatformError:
    """400 BAD_FRAME: ``what`` is wrong with the bytes. Whoever catches it closes the connection."""
    return PlatformError(400, Reason.BAD_FRAME, limit=limit, what=what)


def header(data: bytes, pos: int, limits: RpcLimits) -> tuple[int, bytes, int, int]:
    """(message type, name, sequence number, position of the body) of the message at ``pos``. Raises BAD_FRAME."""
    try:
        word, length = _head(data, pos)
        if word & 0xFFFFFF00 != _VERSION:
            raise bad_frame("version", limit="binary protocol, version 1")
        if not 0 < length <= limits.max_name_bytes:
            raise bad_frame("name", limit=f"1 to {limits.max_name_bytes} bytes")
        end = pos + 8 + length
        return word & 0xFF, data[pos + 8 : end], _i32(data, end)[0], end + 4
    except struct.error:
        raise bad_frame("truncated") from None


def check(data: bytes, pos: int, plan: StructPlan, limits: RpcLimits) -> bool:
    """Walks the struct of ``plan`` at ``pos``, which must end where ``data`` ends. False when a declared field has another type.

    Raises PlatformError BAD_FRAME: truncated, bytes behind the end, too deep, too many items, or an unknown type on the wire.
    """
    # One function, because a call per field would cost more than the whole walk. `again`: further structs of this plan that follow directly
    # (a list of structs). `outer`: what to go on with afterwards, (plan, again) of a struct or (plan, values left) of a container.
    try:
        codes = plan.codes.get
        again, items, fits = 0, 0, True
        outer: list[tuple[StructPlan | SeqPlan, int]] = []
        ticks = repeat(None, limits.max_items)
        for _ in ticks:
            code = codes(data[pos : pos + 3], FOREIGN)
            if code > 0:
                pos += code
                continue
            if code == 0:
                pos += 7 + _u32(data, pos + 3)[0]
                continue
            child: StructPlan | SeqPlan | None
            if code == FOREIGN:
                kind = data[pos]
                if kind:
                    fits = fits and data[pos + 1 : pos + 3] not in plan.numbers
                    if kind in SIZES:
                        pos += 3 + SIZES[kind]
                    elif kind == STRING:
                        pos += 7 + _u32(data, pos + 3)[0]
                    else:
                        pos, items = _skip(data, pos + 3, kind, limits, len(outer) + 1, items, ticks)
                    continue
                pos += 1
                if again:
                    again -= 1
                    continue
                child = None
            else:
                child = plan.children[code]
                outer.append((plan, again))
                pos += 3
                if isinstance(child, StructPlan):  # also handled below; here it saves a third of the price of a nested struct
                    plan, codes, again = child, child.codes.get, 0
                    continue
            while True:
                if child is None:
                    if not outer:
                        if pos != len(data):
                            raise bad_frame("trailing bytes" if pos < len(data) else "truncated")
                        return fits
                    parent, left = outer.pop()
                    if isinstance(parent, StructPlan):
                        plan, again = parent, left
                        break
                    if left:
                        value = parent.values[-left % parent.width]
                        outer.append((parent, left - 1))
                        child = value.plan
                        if child is None:
                            pos += value.code or 4 + _u32(data, pos)[0]
                    continue
                if isinstance(child, StructPlan):
                    plan, again = child, 0
                    break
                head = pos + child.width
                count = _u32(data, head)[0]
                if data[pos:head] != child.head:
                    fits = False
                    pos, items = _skip(data, pos, child.kind, limits, len(outer) + 1, items, ticks)
                    child = None
                    continue
                pos = head + 4
                items += count * child.width
                if items > limits.max_items:
                    raise bad_frame("items", limit=f"at most {limits.max_items}")
                if child.step:
                    pos += count * child.step
                elif child.flat:
                    for size in child.flat * count:
                        pos += size or 4 + _u32(data, pos)[0]
                elif child.struct is not None and count:
                    plan, again = child.struct, count - 1
                    break
                elif count:
                    outer.append((child, count * child.width))
                child = None
            codes = plan.codes.get
        raise bad_frame("items", limit=f"at most {limits.max_items}")

    except (struct.error, IndexError):
        raise bad_frame("truncated") from None


def _skip(data: bytes, pos: int, kind: int, limits: RpcLimits, depth: int, items: int, ticks: Iterator[None]) -> tuple[int, int]:
    """(position behind, items so far) of a struct, container or string that no plan describes. ``depth``: levels above it."""
    inside: list[tuple[bytes, int]] = []  # (types of the values, values left); a struct has types b""
    while True:
        if kind in _NESTED:
            if depth + len(inside) >= limits.max_depth:
                raise bad_frame("depth", limit=f"at most {limits.max_depth}")
            if kind == STRUCT:
                inside.append((b"", 0))
            else:
                width = 2 if kind == MAP else 1
                types, count = data[pos : pos + width], _u32(data, pos + width)[0]
                pos, items = pos + width + 4, items + count * width
                if types not in _CONTAINERS:
                    raise bad_frame("type", limit="a type of the binary protocol")
                if items > limits.max_items:
                    raise bad_frame("items", limit=f"at most {limits.max_items}")
                least, step, sizes = _CONTAINERS[types]
                if count * least > len(data) - pos:
                    raise bad_frame("truncated")
                if step:
                    pos += count * step
                elif sizes:
                    for size in sizes * count:
                        pos += size or 4 + _u32(data, pos)[0]
                elif count:
                    inside.append((types, count * width))
        elif kind in SIZES:
            pos += SIZES[kind]
        elif kind == STRING:
            pos += 4 + _u32(data, pos)[0]
        else:
            raise bad_frame("type", limit="a type of the binary protocol")
        while inside:
            types, left = inside[-1]
            if not types:
                for _ in ticks:
                    kind = data[pos]
                    pos += 3
                    if kind in SIZES:
                        pos += SIZES[kind]
                    else:
                        break
                else:
                    raise bad_frame("items", limit=f"at most {limits.max_items}")
                if kind:
                    break
                pos -= 2
                inside.pop()
            elif left:
                inside[-1] = (types, left - 1)
                kind = types[-left % len(types)]
                break
            else:
                inside.pop()
        else:
            return pos, items
