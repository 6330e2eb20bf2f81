"""Each service's migrations are one line: two that were written side by side under the same number would leave out one of them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from idl import manifest

ROOT = Path(__file__).parents[2]


def facts(path: Path) -> dict[str, Any]:
    """The plain values a migration declares."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant):
            found[node.targets[0].id] = node.value.value
    return found


@pytest.mark.parametrize("service", manifest.NAMES)
def test_each_migration_follows_the_one_before(service: str) -> None:
    before: str | None = None
    for path in sorted((ROOT / "services" / service / "schema").glob("[0-9]*.py")):
        declared, number = facts(path), path.stem.split("_")[0]
        assert (declared["revision"], declared["down_revision"]) == (number, before), path.name
        before = number
    assert before is not None
