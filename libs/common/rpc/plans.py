"""What a struct of the contract looks like on the wire, as tables the frame check can walk without asking thriftpy2 again.

A *code* says how to step over a value: above 0 its fixed size, ``TEXT`` a length and that many bytes, below ``FOREIGN`` a child plan.
Tables are built once per struct class. Recursive types are refused: nesting known to the contract is bounded by the contract.
"""

from __future__ import annotations

import struct
from typing import Any

from libs.common.errors import PlatformError, Reason

BOOL, BYTE, DOUBLE, I16, I32, I64, STRING, STRUCT, MAP, SET, LIST = 2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15
DECLARED_BINARY = 18
"""How thriftpy2 marks ``binary`` in a struct; on the wire it is STRING."""

SIZES = {BOOL: 1, BYTE: 1, DOUBLE: 8, I16: 2, I32: 4, I64: 8}
LEGAL = frozenset({*SIZES, STRING, STRUCT, MAP, SET, LIST})
"""Wire types the decoder can step over. VOID takes no bytes (a list of 2^31 of them is 5 bytes long); others desynchronise it."""
MINIMUM = {**SIZES, STRING: 4, STRUCT: 1, MAP: 6, SET: 5, LIST: 5}
"""Fewest bytes one element can take."""

TEXT = 0
FOREIGN = -1
"""Code of what the table does not hold: the end of the struct, an unknown field, or a field of another type."""

NAMES = dict(
    zip(
        (BOOL, BYTE, DOUBLE, I16, I32, I64, STRING, STRUCT, MAP, SET, LIST, DECLARED_BINARY),
        ("bool", "byte", "double", "i16", "i32", "i64", "string", "struct", "map", "set", "list", "binary"),
        strict=True,
    )
)


class StructPlan:
    """One struct class.

    codes: the three bytes that open a field of the declared type -> code. children: plans by code. numbers: of the fields, as sent.
    fields: number -> (name, value), where value is what the field holds, for naming what is wrong with it.
    """

    __slots__ = ("children", "codes", "fields", "name", "numbers")

    def __init__(self, name: str) -> None:
        self.name = name
        self.codes: dict[bytes, int] = {}
        self.children: dict[int, StructPlan | SeqPlan] = {}
        self.numbers: set[bytes] = set()
        self.fields: dict[int, tuple[str, Value]] = {}

    def add(self, number: int, name: str, value: Value) -> None:
        self.fields[number] = (name, value)
        code = value.code
        if value.plan is not None:
            code = FOREIGN - 1 - len(self.children)
            self.children[code] = value.plan
        elif code > 0:
            code += 3  # the check steps over the field's head and its value at once
        self.codes[struct.pack(">bh", value.wire, number)] = code
        self.numbers.add(struct.pack(">h", number))


class SeqPlan:
    """One container.

    values: the element, or key and value. head: the type bytes that open it. step: size of one entry when all parts are fixed, else 0.
    flat: the codes of the values when none has a plan. struct: the element's plan in a list or set of structs.
    """

    __slots__ = ("flat", "head", "kind", "step", "struct", "values", "width")

    def __init__(self, kind: int, values: tuple[Value, ...]) -> None:
        self.kind, self.values = kind, values
        self.width = len(values)
        self.head = bytes(value.wire for value in values)
        self.step = sum(value.code for value in values) if all(value.code > 0 for value in values) else 0
        self.flat = () if any(value.plan for value in values) else tuple(value.code for value in values)
        first = values[0].plan
        self.struct = first if self.width == 1 and isinstance(first, StructPlan) else None


class Value:
    """One declared type: its wire type, how to step over it, whether its bytes must be UTF-8, how to call it."""

    __slots__ = ("code", "is_text", "plan", "type_name", "wire")

    def __init__(self, declared: int, plan: StructPlan | SeqPlan | None, type_name: str) -> None:
        self.wire = STRING if declared == DECLARED_BINARY else declared
        self.is_text = declared == STRING
        self.plan = plan
        self.type_name = type_name
        self.code = FOREIGN if plan is not None else SIZES.get(declared, TEXT)


class Plans:
    """Plans of one service's structs, each class once. Raises PlatformError INVALID_SETTING for a recursive or unknown type."""

    def __init__(self, max_depth: int) -> None:
        self._max_depth = max_depth
        self._known: dict[type, StructPlan] = {}

    def of(self, struct_class: Any, depth: int = 1) -> StructPlan:
        """The plan of ``struct_class``, which sits ``depth`` levels below the message."""
        if depth > self._max_depth:
            raise PlatformError(500, Reason.INVALID_SETTING, field=struct_class.__name__, limit=f"nested at most {self._max_depth} deep")
        if struct_class not in self._known:
            plan = StructPlan(struct_class.__name__)
            for number, spec in struct_class.thrift_spec.items():
                plan.add(number, spec[1], self._value((spec[0], spec[2]) if len(spec) > 3 else spec[0], depth + 1))
            self._known[struct_class] = plan
        return self._known[struct_class]

    def _value(self, spec: Any, depth: int) -> Value:
        declared: int = spec if isinstance(spec, int) else spec[0]
        inner: Any = None if isinstance(spec, int) else spec[1]
        if declared == STRUCT:
            return Value(declared, self.of(inner, depth), inner.__name__)
        if declared in (LIST, SET, MAP):
            values = tuple(self._value(part, depth + 1) for part in (inner if declared == MAP else (inner,)))
            return Value(declared, SeqPlan(declared, values), f"{NAMES[declared]}<{','.join(v.type_name for v in values)}>")
        if declared not in NAMES:
            raise PlatformError(500, Reason.INVALID_SETTING, field="idl", limit="types of the binary protocol", declared=declared)
        return Value(declared, None, NAMES[declared])
