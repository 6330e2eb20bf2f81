"""``python -m libs.common.contract.stubs``: type stubs of the contract for editors and mypy, one ``idl/stubs/<file>.pyi`` per .thrift file.

At run time a struct's class comes from the loader; for a type checker it is the class in the stub. ``idl.typed`` joins the two.
A test fails when a stub is older than its .thrift file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import idl
from libs.common.rpc.wire import element, spec_fields

FOLDER = idl.FOLDER / "stubs"
_SCALARS = {2: "bool", 3: "int", 4: "float", 6: "int", 8: "int", 10: "int", 11: "str"}


def stub(name: str) -> str:
    """The text of ``idl/stubs/<name>.pyi``."""
    module = idl.load(name)
    structs = [*module.__thrift_meta__["structs"], *module.__thrift_meta__["exceptions"]]
    body = [_enum(enum) for enum in module.__thrift_meta__["enums"]] + [_struct(name, struct) for struct in structs]
    body += [_service(name, service) for service in module.__thrift_meta__["services"]]
    text = "\n".join(body)
    others = [other for other in idl.FILES if f"_{other}." in text]
    head = [
        f"# Generated from idl/{name}.thrift by `python -m libs.common.contract.stubs`; not edited by hand.",
        "from typing import Protocol",
    ]
    # Under another name: a field called "base" would hide the module inside its class.
    head += [f"from idl.stubs import {other} as _{other}" for other in others]
    return "\n".join(head) + "\n\n" + text


def write() -> None:
    for name in idl.FILES:
        (FOLDER / f"{name}.pyi").write_text(stub(name))
    (FOLDER / "__init__.pyi").write_text("")


def _enum(enum: Any) -> str:
    members = sorted(enum._VALUES_TO_NAMES.items())
    return f"class {enum.__name__}:\n" + "".join(f"    {member}: int = {number}\n" for number, member in members)


def _struct(module: str, struct: Any) -> str:
    fields = [(field, _type(module, kind, extra)) for field, kind, extra in spec_fields(struct)]
    base = "(Exception)" if issubclass(struct, Exception) else ""
    lines = [f"class {struct.__name__}{base}:"]
    lines += [f"    {field}: {hint} | None" for field, hint in fields]
    arguments = ", ".join(f"{field}: {hint} | None = ..." for field, hint in fields)
    return "\n".join(lines) + f"\n    def __init__(self, {arguments}) -> None: ...\n"


def _service(module: str, service: Any) -> str:
    lines = [f"class {service.__name__}(Protocol):"]
    for method in service.thrift_services:
        request = getattr(service, f"{method}_args").thrift_spec[1][2]
        response = getattr(service, f"{method}_result").thrift_spec[0][2]
        lines.append(f"    def {method}(self, req: {_name(module, request)}) -> {_name(module, response)}: ...")
    return "\n".join(lines) + "\n"


def _type(module: str, kind: int, extra: Any) -> str:
    if kind in (14, 15):
        return f"list[{_type(module, *element(extra))}]"
    if kind == 13:
        return f"dict[{_type(module, *element(extra[0]))}, {_type(module, *element(extra[1]))}]"
    return _name(module, extra) if kind == 12 else _SCALARS[kind]


def _name(module: str, cls: Any) -> str:
    home = cls.__module__.removesuffix("_thrift")
    return str(cls.__name__) if home == module else f"_{home}.{cls.__name__}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write()
    print(f"{len(idl.FILES)} stubs in {FOLDER.relative_to(Path.cwd())}")  # noqa: T201
