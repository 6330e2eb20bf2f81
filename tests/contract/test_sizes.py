"""The house stays one that can be read: no product file over 400 lines, functions short. The figures are printed."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

from idl import manifest

ROOT = Path(__file__).parents[2]
PRODUCT = ("libs", "services", "gateway")
GENERATED = ("libs/common/rpc/peers.py", *(f"libs/client/groups/{name}.py" for name in ("__init__", *manifest.NAMES)))
"""Written by `make contract`, read by programs."""
LINES, MEDIAN, P90 = 400, 6, 20


def files() -> Iterator[Path]:
    """Written by hand, migrations left out: those are drafted and never changed."""
    for part in PRODUCT:
        for path in sorted((ROOT / part).rglob("*.py")):
            if str(path.relative_to(ROOT)) not in GENERATED and "schema" not in path.parts:
                yield path


def lengths(path: Path) -> Iterator[int]:
    """Lines of each function, its head and docstring and the functions inside it included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield (node.end_lineno or 0) - node.lineno + 1


def test_generated_files_say_so() -> None:
    for name in GENERATED:
        assert "not edited by hand" in (ROOT / name).read_text(encoding="utf-8")[:400], name


def test_no_file_is_too_long() -> None:
    sizes = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in files()}
    longest = sorted(sizes, key=lambda name: -sizes[name])[:3]
    print(f"{len(sizes)} files, median {statistics.median(sizes.values()):.0f} lines, longest {[(name, sizes[name]) for name in longest]}")
    assert {name: size for name, size in sizes.items() if size > LINES} == {}


def test_functions_are_short() -> None:
    found = sorted(length for path in files() for length in lengths(path))
    median, p90 = statistics.median(found), found[len(found) * 9 // 10]
    print(f"{len(found)} functions: median {median:.0f} lines, p90 {p90}, longest {found[-1]}")
    assert median <= MEDIAN
    assert p90 <= P90
