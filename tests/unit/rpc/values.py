"""Values of every type of the sample contract, generated from its own specs."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from thriftpy2.thrift import TType

_SIMPLE = {
    TType.BOOL: st.booleans(),
    TType.BYTE: st.integers(-(2**7), 2**7 - 1),
    TType.I16: st.integers(-(2**15), 2**15 - 1),
    TType.I32: st.integers(-(2**31), 2**31 - 1),
    TType.I64: st.integers(-(2**63), 2**63 - 1),
    TType.DOUBLE: st.floats(allow_nan=False),
    TType.STRING: st.text(max_size=20),
    TType.BINARY: st.binary(max_size=20),
}


def of(spec: Any) -> st.SearchStrategy[Any]:
    """Values of a thriftpy2 type spec: a type number, or (type, inner)."""
    kind, inner = (spec, None) if isinstance(spec, int) else spec
    if kind == TType.STRUCT:
        return structs(inner)
    if kind in (TType.LIST, TType.SET):
        return st.lists(of(inner), max_size=4)
    if kind == TType.MAP:
        return st.dictionaries(of(inner[0]), of(inner[1]), max_size=4)
    return _SIMPLE[kind]


def structs(struct_class: Any) -> st.SearchStrategy[Any]:
    """Instances with any of their fields absent."""
    fields = {spec[1]: st.none() | of((spec[0], spec[2]) if len(spec) > 3 else spec[0]) for spec in struct_class.thrift_spec.values()}
    return st.builds(struct_class, **fields)
