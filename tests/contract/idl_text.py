"""The contract as text and as parsed: what both look like to a test, and its frozen form.

``python -m tests.contract.idl_text`` extends ``idl_snapshot.json`` by what was added to ``idl/`` since. It never takes anything out: a
change or a removal of something that is in the file is refused, because clients that were built against it are out there. (Before
the first release, and only then, a thing may be taken out of the file by hand.)
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import idl
from libs.common.rpc.wire import LIST, MAP, SET, STRUCT, element

SNAPSHOT = Path(__file__).with_name("idl_snapshot.json")
SCALARS = {2: "bool", 3: "byte", 4: "double", 6: "i16", 8: "i32", 10: "i64", 11: "string", 18: "binary"}
_METHOD = re.compile(
    r"^ +(?P<answer>[\w.]+) (?P<name>\w+)\((?P<arguments>[^)]*)\)(?P<throws>.*?),?$",
)


@dataclass(frozen=True)
class Rpc:
    """One method as it is written. comment: the lines right above it."""

    domain: str
    name: str
    answer: str
    arguments: str
    throws: str
    comment: str


def text(name: str) -> str:
    return (idl.FOLDER / f"{name}.thrift").read_text(encoding="utf-8")


def rpcs(name: str) -> list[Rpc]:
    """The methods a file writes down itself, inherited ones left out."""
    body = text(name).partition("\nservice ")[2].partition("{")[2]
    found, comment = [], ""
    for line in body.splitlines():
        if line.strip().startswith("//"):
            comment += line.strip().removeprefix("//").strip() + " "
        elif match := _METHOD.match(line):
            found.append(Rpc(name, match["name"], match["answer"], match["arguments"], match["throws"].strip(), comment.strip()))
            comment = ""
        else:
            comment = ""
    return found


def structs(name: str) -> dict[str, Any]:
    """The structs and exceptions of one file."""
    module = idl.load(name)
    return {key: value for key, value in vars(module).items() if hasattr(value, "thrift_spec") and value.__module__ == f"{name}_thrift"}


def enums(name: str) -> dict[str, dict[str, int]]:
    """enum -> member -> number, of one file."""
    module = idl.load(name)
    found = {
        key: value for key, value in vars(module).items() if hasattr(value, "_NAMES_TO_VALUES") and value.__module__ == f"{name}_thrift"
    }
    return {key: dict(value._NAMES_TO_VALUES) for key, value in found.items()}


def namespaces(name: str) -> dict[str, str]:
    """language -> where a compiler puts what it makes of this file."""
    return dict(re.findall(r"^namespace (\w+) ([\w.]+)$", text(name), re.MULTILINE))


def type_text(kind: int, extra: Any) -> str:
    """A type as one would write it, with the file of a named one."""
    if kind == STRUCT or hasattr(extra, "_NAMES_TO_VALUES"):
        return f"{extra.__module__.removesuffix('_thrift')}.{extra.__name__}"
    if kind in (LIST, SET):
        return f"{'list' if kind == LIST else 'set'}<{type_text(*element(extra))}>"
    if kind == MAP:
        return f"map<{type_text(*element(extra[0]))},{type_text(*element(extra[1]))}>"
    return SCALARS[kind]


def fields(struct: Any) -> dict[int, tuple[str, str, str]]:
    """number -> (name, type, "required" or "optional")."""
    found = {}
    for number, spec in sorted(struct.thrift_spec.items()):
        found[number] = (spec[1], type_text(spec[0], spec[2] if len(spec) == 4 else None), "required" if spec[-1] else "optional")
    return found


def frozen() -> dict[str, str]:
    """The whole contract as flat facts: address -> what stands there."""
    facts: dict[str, str] = {}
    for name in idl.FILES:
        facts |= {f"{name}.namespace {language}": where for language, where in namespaces(name).items()}
        for struct, kind in structs(name).items():
            facts[f"{name}.{struct}"] = "struct"
            for number, parts in fields(kind).items():
                facts[f"{name}.{struct}.{number}"] = " ".join(parts)
        for enum, members in enums(name).items():
            facts |= {f"{name}.{enum}.{member}": str(number) for member, number in members.items()}
        for rpc in rpcs(name):
            facts[f"{name}.{rpc.name}()"] = f"{rpc.answer}({rpc.arguments}) {rpc.throws}"
    return facts


def broken(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """What an old client would trip over: things gone, things changed, and new fields it cannot know but must send."""
    found = [
        f"{address}: was '{was}', is {repr(new[address]) if address in new else 'gone'}"
        for address, was in old.items()
        if new.get(address) != was
    ]
    added = new.keys() - old.keys()
    found += [
        f"{address}: a new field must be optional"
        for address in added
        if new[address].endswith(" required") and address.rpartition(".")[0] in old
    ]
    return sorted(found)


def main() -> int:
    old = json.loads(SNAPSHOT.read_text(encoding="utf-8")) if SNAPSHOT.exists() else {}
    new = frozen()
    if broken(old, new):
        print("\n".join(broken(old, new)), file=sys.stderr)
        return 1
    SNAPSHOT.write_text(json.dumps(new, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(new) - len(old)} additions, {len(new)} facts in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
