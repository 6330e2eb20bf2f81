"""Type stubs of the contract for editors and mypy, one ``idl/stubs/<file>.pyi`` per .thrift file.

At run time a struct's class comes from the loader; for a type checker it is the class in the stub. ``idl.typed`` joins the two. A field is
read as ``X | None`` where the file says ``optional``; what it does not call optional is always filled by who sends it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import idl
from libs.common.rpc.wire import element, spec_fields

FOLDER = idl.FOLDER / "stubs"
_STRUCT = re.compile(r"^(?:struct|exception) (\w+) \{(.*?)^\}", re.M | re.S)
_OPTIONAL = re.compile(r"^\s*\d+: optional .*?(\w+),", re.M)
_SCALARS = {2: "bool", 3: "int", 4: "float", 6: "int", 8: "int", 10: "int", 11: "str", 18: "bytes"}


def stub(name: str) -> str:
    """The text of ``idl/stubs/<name>.pyi``."""
    module = idl.load(name)
    structs = [*module.__thrift_meta__["structs"], *module.__thrift_meta__["exceptions"]]
    optional = optional_fields(name)
    body = [_enum(enum) for enum in module.__thrift_meta__["enums"]] + [
        _struct(name, struct, optional[struct.__name__]) for struct in structs
    ]
    body += [_service(name, service) for service in module.__thrift_meta__["services"]]
    text = "\n".join(body)
    others = [other for other in idl.FILES if f"_{other}." in text]
    head = [
        f"# Generated from idl/{name}.thrift by `make contract`; not edited by hand.",
        "from typing import Protocol",
    ]
    # Under another name: a field called "base" would hide the module inside its class.
    head += [f"from idl.stubs import {other} as _{other}" for other in others]
    return "\n".join(head) + "\n\n" + text


def files() -> dict[Path, str]:
    """path -> text of every stub."""
    return {FOLDER / "__init__.pyi": "", **{FOLDER / f"{name}.pyi": stub(name) for name in idl.FILES}}


def optional_fields(name: str) -> dict[str, set[str]]:
    """struct -> the fields its file calls optional: thriftpy2 does not tell them from those it says nothing of."""
    text = re.sub(r"//.*", "", (idl.FOLDER / f"{name}.thrift").read_text(encoding="utf-8"))
    return {struct: set(_OPTIONAL.findall(body)) for struct, body in _STRUCT.findall(text)}


def _enum(enum: Any) -> str:
    members = sorted(enum._VALUES_TO_NAMES.items())
    return f"class {enum.__name__}:\n" + "".join(f"    {member}: int = {number}\n" for number, member in members)


def _struct(module: str, struct: Any, optional: set[str]) -> str:
    fields = [(field, type_hint(module, kind, extra)) for field, kind, extra in spec_fields(struct)]
    base = "(Exception)" if issubclass(struct, Exception) else ""
    lines = [f"class {struct.__name__}{base}:"]
    lines += [f"    {field}: {hint}{' | None' if field in optional else ''}" for field, hint in fields]
    arguments = ", ".join(f"{field}: {hint} | None = ..." for field, hint in fields)
    return "\n".join(lines) + f"\n    def __init__(self, {arguments}) -> None: ...\n"


def _service(module: str, service: Any) -> str:
    lines = [f"class {service.__name__}(Protocol):"]
    for method in service.thrift_services:
        request = getattr(service, f"{method}_args").thrift_spec[1][2]
        response = getattr(service, f"{method}_result").thrift_spec[0][2]
        lines.append(f"    def {method}(self, req: {class_name(module, request)}) -> {class_name(module, response)}: ...")
    return "\n".join(lines) + "\n"


def type_hint(module: str, kind: int, extra: Any) -> str:
    if kind in (14, 15):
        return f"list[{type_hint(module, *element(extra))}]"
    if kind == 13:
        return f"dict[{type_hint(module, *element(extra[0]))}, {type_hint(module, *element(extra[1]))}]"
    return class_name(module, extra) if kind == 12 else _SCALARS[kind]


def class_name(module: str, cls: Any) -> str:
    home = cls.__module__.removesuffix("_thrift")
    return str(cls.__name__) if home == module else f"_{home}.{cls.__name__}"
