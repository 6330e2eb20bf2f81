"""``libs/client/groups/``: the SDK's calls, one file per domain, one typed method per RPC that is reached over HTTP.

A request's required fields come first, in the order of the contract, then by keyword the optional ones; ``expected_version`` counts as
required, since the server asks for it. An answer with one field of its own is that field, a list is walked page by page, all else is the
whole answer.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import idl
from idl import manifest, registry
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
    domain_name,
    element,
    required_fields,
    spec_fields,
)

FOLDER = idl.FOLDER.parent / "libs" / "client" / "groups"
HEAD = '''"""Generated from idl/*.thrift by `make contract`; not edited by hand. The SDK's calls, one per RPC that is reached over HTTP.

Ids are texts (numbers are taken too), enumerations their names, times milliseconds since the epoch (UTC). Each raises ``ApiError``.
"""
'''
IMPORTS = {
    "from collections.abc import ": ("Iterator",),
    "from typing import ": ("Any",),
    "from libs.client.download import ": ("Download",),
    "from libs.client.failure import ": ("Json",),
    "from libs.client.group import ": ("Group", "part"),
}
SHARED = ("base", "base_resp", "idempotency_key", "page")
HINTS = {BOOL: "bool", BYTE: "int", DOUBLE: "float", I16: "int", I32: "int", I64: "str | int", STRING: "str", BINARY: "bytes"}


class Field(NamedTuple):
    """name: in JSON."""

    name: str
    hint: str
    needed: bool


def files() -> dict[Path, str]:
    """One per domain that is reached over HTTP, and the package's own."""
    groups = {name: _group(name) for name in manifest.NAMES}
    return {FOLDER / "__init__.py": HEAD, **{FOLDER / f"{name}.py": HEAD + _imports(text) + text for name, text in groups.items()}}


def _imports(text: str) -> str:
    """What ``text`` uses."""
    lines = ["\nfrom __future__ import annotations\n"]
    for number, (line, names) in enumerate(IMPORTS.items()):
        used = ", ".join(name for name in names if re.search(rf"\b{name}\b", text))
        lines += ["\n"] if number in (0, 2) else []
        lines += [f"{line}{used}\n"] if used else []
    return "".join(lines)


def _group(service: str) -> str:
    rpcs = [rpc for rpc in registry.of(service).values() if rpc.http is not None]
    name = manifest.BY_NAME[service].word.removesuffix("Service")
    return f'\n\nclass {name}Calls(Group):\n    """Of the {service} domain."""\n' + "".join(_method(rpc) for rpc in rpcs)


def _method(rpc: registry.Rpc) -> str:
    assert rpc.http is not None
    service = idl.service(rpc.domain)
    request = getattr(service, f"{rpc.name}_args").thrift_spec[1][2]
    response = getattr(service, f"{rpc.name}_result").thrift_spec[0][2]
    fields, paged = _fields(request, rpc.http.file), "page" in [name for name, _, _ in spec_fields(request)]
    answers = [domain_name(name) for name, _, _ in spec_fields(response) if name not in SHARED]
    needed = [f"{field.name}: {field.hint}" for field in fields if field.needed]
    optional = [f"{field.name}: {field.hint} | None = None" for field in fields if not field.needed]
    optional += ["limit: int | None = None"] if paged else ["start: int = 0"] if rpc.http.file else []
    parameters = ", ".join(["self", *needed, *(["*", *optional] if optional else [])])
    hint = (
        "Download"
        if rpc.http.file
        else "Iterator[Json]"
        if paged
        else "Any"
        if len(answers) == 1 and not _is_struct(response, answers[0])
        else "Json"
    )
    return (
        f"\n    def {rpc.verb}({parameters}) -> {hint}:\n"
        f'        """{_summary(rpc)}"""\n'
        f"        return self.{_call(rpc.http, fields, answers, paged)}\n"
    )


def _call(http: registry.Http, fields: list[Field], answers: list[str], paged: bool) -> str:
    path = re.sub(r"\{(\w+)\}", r"{part(\1)}", http.path)
    path = f'f"{path}"' if http.path_fields else f'"{path}"'
    sent = ", ".join(f'"{field.name}": {field.name}' for field in fields if field.name not in http.path_fields)
    if paged:
        return f'_pages({path}, "{answers[0]}", {{{sent}{", " if sent else ""}"limit": limit}})'
    if http.file:
        return f"_file({path}, {{{sent}}}, start)"
    if http.raw:
        raw = next(field for field in fields if field.hint == HINTS[BINARY])
        fields = [field for field in fields if field is not raw]
        sent = ", ".join(f'"{field.name}": {field.name}' for field in fields if field.name not in http.path_fields)
        where = f", query={{{sent}}}" if sent else ""
        return f'_ask("{http.verb}", {path}, "{answers[0]}"{where}, raw={raw.name})'
    where = "query" if http.verb in ("GET", "DELETE") else "body"
    given = f", {where}={{{sent}}}" if sent else ""
    field = f', "{answers[0]}"' if len(answers) == 1 else ""
    return f'_ask("{http.verb}", {path}{field}{given})'


def _summary(rpc: registry.Rpc) -> str:
    raises = f" Raises {', '.join(rpc.raises)}." if rpc.raises else ""
    return f"{rpc.summary}{raises}"


def _fields(request: Any, file: bool) -> list[Field]:
    """file: its offset is the start of a range, and no field."""
    needed = {*required_fields(request), "expected_version"}
    return [
        Field(domain_name(name), _hint(name, kind, extra), name in needed)
        for name, kind, extra in spec_fields(request)
        if name not in SHARED and not (file and name == "offset")
    ]


def _hint(name: str, kind: int, extra: Any) -> str:
    if name.endswith("_json"):
        return "list[Json]" if kind == LIST else "Json"
    if hasattr(extra, "_NAMES_TO_VALUES"):
        return "str"
    if kind in (LIST, SET):
        return f"list[{_hint('', *element(extra))}]"
    if kind == MAP:
        return f"dict[str, {_hint('', *element(extra[1]))}]"
    return HINTS.get(kind, "Json")


def _is_struct(response: Any, name: str) -> bool:
    return any(domain_name(field) == name and _hint(field, kind, extra) == "Json" for field, kind, extra in spec_fields(response))
