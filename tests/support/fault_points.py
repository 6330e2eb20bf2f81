"""Every fault point of the product, found by reading the source: no list is kept that could be forgotten."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("idl", "libs", "services", "gateway")


@dataclass(frozen=True)
class Place:
    """name: "" where the argument is no literal."""

    name: str
    path: str
    line: int


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path != ROOT / "libs" / "common" / "fault.py":
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def is_point(node: ast.AST) -> bool:
    """Whether the node is a call of ``fault.point``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "point"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "fault"
    )


def places() -> list[Place]:
    found = []
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and is_point(node):
                given = node.args[0] if len(node.args) == 1 else None
                name = given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""
                found.append(Place(name, path.relative_to(ROOT).as_posix(), node.lineno))
    return found


def names() -> list[str]:
    return sorted(place.name for place in places())
