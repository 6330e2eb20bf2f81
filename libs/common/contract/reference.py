"""``docs/reference/<service>.md``: every RPC of a service for people who look one up, in both languages, from the contract alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import idl
from idl import manifest, registry
from idl.limits import ID_MAX, Bytes, Items, Number, Text, limit_of
from libs.common.rpc.wire import LIST, MAP, SET, STRUCT, element, required_fields, spec_fields

FOLDER = idl.FOLDER.parent / "docs" / "reference"
KINDS = {2: "bool", 3: "byte", 4: "double", 6: "i16", 8: "i32", 10: "i64", 11: "string", 18: "binary"}
SHARED = ("base", "base_resp")


def files() -> dict[Path, str]:
    return {FOLDER / "README.md": _index(), **{FOLDER / f"{name}.md": _page(name) for name in manifest.NAMES}}


def _index() -> str:
    lines = ["# API reference", "", "Generated from `idl/` by `make contract`. 由 `idl/` 生成。", ""]
    lines += ["| service | Thrift port | RPCs | over HTTP |", "| --- | --- | --- | --- |"]
    for service in manifest.SERVICES:
        rpcs = registry.of(service.name).values()
        shown = sum(rpc.http is not None for rpc in rpcs)
        lines.append(f"| [{service.name}]({service.name}.md) | {9100 + service.offset} | {len(rpcs)} | {shown} |")
    return "\n".join(lines) + "\n"


def _page(name: str) -> str:
    lines = [f"# {name}", "", f"`idl/{name}.thrift`, service `{manifest.BY_NAME[name].word}`. Paths are below `/api/v1`.", ""]
    for rpc in registry.of(name).values():
        lines += _rpc(name, rpc)
    return "\n".join(lines) + "\n"


def _rpc(service: str, rpc: registry.Rpc) -> list[str]:
    request = getattr(idl.service(service), f"{rpc.name}_args").thrift_spec[1][2]
    response = getattr(idl.service(service), f"{rpc.name}_result").thrift_spec[0][2]
    reached = f"`{rpc.http.verb} {rpc.http.path}` → {rpc.http.status}" if rpc.http else "not over HTTP"
    kind = ("mutation" if rpc.mutation else "read") + (", secret" if rpc.secret else "")
    lines = [f"## {rpc.name}", "", rpc.summary, *([rpc.summary_zh] if rpc.summary_zh else []), ""]
    lines += [f"{reached} · {kind} · for {', '.join(sorted(rpc.callers))} · raises {', '.join(rpc.raises) or 'nothing of its own'}", ""]
    needed = set(required_fields(request))
    lines += ["| request | type | bounds |", "| --- | --- | --- |"]
    lines += [f"| `{field}`{' *' if field in needed else ''} | {text} | {bounds} |" for field, text, bounds in _fields(request)]
    lines += ["", "Answers " + ", ".join(f"`{field}`: {text}" for field, text, _ in _fields(response)) + ".", ""]
    return lines


def _fields(struct: Any) -> list[tuple[str, str, str]]:
    return [
        (name, type_text(kind, extra), _bounds(struct.__name__, name, kind, extra))
        for name, kind, extra in spec_fields(struct)
        if name not in SHARED
    ]


def type_text(kind: int, extra: Any) -> str:
    """A type as it is written in the contract."""
    if kind == STRUCT or hasattr(extra, "_NAMES_TO_VALUES"):
        return str(extra.__name__)
    if kind in (LIST, SET):
        return f"list<{type_text(*element(extra))}>"
    if kind == MAP:
        return f"map<{type_text(*element(extra[0]))}, {type_text(*element(extra[1]))}>"
    return KINDS[kind]


def _bounds(struct: str, name: str, kind: int, extra: Any) -> str:
    if kind in (STRUCT, 2):
        return ""
    if hasattr(extra, "_NAMES_TO_VALUES"):
        return ", ".join(extra._NAMES_TO_VALUES)
    limit = limit_of(struct, name, kind, container=kind in (LIST, SET, MAP))
    if isinstance(limit, Text):
        return f"{limit.low}–{limit.high} characters" + (", a JSON object" if limit.json else "")
    if isinstance(limit, Bytes):
        return f"{limit.low}–{limit.high} bytes"
    if isinstance(limit, Number):
        return f"{limit.low:g}–{'2^63 - 1' if limit.high == ID_MAX else format(limit.high, 'g')}"
    return f"{limit.low}–{limit.high} items" if isinstance(limit, Items) else ""
