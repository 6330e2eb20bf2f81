"""Each chain of migrations is one line: two that were written side by side under the same number would leave out one of them. The tables
every service has are changed by the platform's alone."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from idl import manifest
from libs.common.store import schema
from libs.common.store.database import platform_tables


def facts(path: Path) -> dict[str, Any]:
    """The plain values a migration declares."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant):
            found[node.targets[0].id] = node.value.value
    return found


@pytest.mark.parametrize("chain", [schema.PLATFORM, *map(schema.own, manifest.NAMES)], ids=["platform", *manifest.NAMES])
def test_each_migration_follows_the_one_before(chain: schema.Chain) -> None:
    before: str | None = None
    for path in sorted(chain.folder.glob("[0-9]*.py")):
        declared, number = facts(path), path.stem.split("_")[0]
        assert (declared["revision"], declared["down_revision"]) == (number, before), path.name
        before = number
    assert before is not None


@pytest.mark.parametrize("service", manifest.NAMES)
def test_a_service_migrates_its_own_tables_alone(service: str) -> None:
    platform_tables(metadata := sa.MetaData())
    for path in schema.own(service).folder.glob("[0-9]*.py"):
        words = {node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)}
        assert not words & set(metadata.tables), f"{path.name} touches what libs/common/store/migrations/platform makes"
