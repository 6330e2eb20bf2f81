"""Each package that is imported anywhere is named in pyproject.toml: what lies in a folder from yesterday is not there tomorrow."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"bench", "gateway", "idl", "libs", "services", "tests", "toy", "deploy"}
PARTS = {"product": ("gateway", "idl", "libs", "services"), "tests": ("bench", "tests", "deploy")}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*, tests: bool) -> set[str]:
    """The distributions pyproject.toml names: those of the product, and for tests those of `dev` too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *(one for extra, needs in extras.items() if tests or extra != "dev" for one in needs)]
    return {canonical(re.split(r"[\[<>=~! ]", one)[0]) for one in asked}


def imported(folder: Path) -> Iterator[tuple[str, str]]:
    """Each package that a file below the folder imports, with file and line."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            yield from ((name.split(".")[0], f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}") for name in names)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_imported_is_declared(part: str) -> None:
    owners = packages_distributions()
    allowed = declared(tests=part == "tests")
    strangers = {
        f"{where} imports {name}"
        for folder in PARTS[part]
        for name, where in imported(ROOT / folder)
        if name not in OURS | sys.stdlib_module_names and not {canonical(one) for one in owners.get(name, [])} & allowed
    }
    assert not strangers, "\n".join(sorted(strangers))
