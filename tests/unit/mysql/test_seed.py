"""The seed's five tables on MariaDB: every column there, spelled as the seed spells it, of the seed's type. Extensions only add.

``seed_columns.json`` holds the facts of the seed's SQL. They become tables in a scratch schema of the same server, so that both sides are
what one server says of its live tables.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from libs.common.store import mysql, schema
from tests.contract.test_direction import ROOT

SEED: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "seed_columns.json").read_text())
OWNER = {
    "dataset": "dataset",
    "dataset_task": "dataset",
    "deployment_config": "deploy",
    "deplyment_session": "deploy",
    "model_project": "model",
}


def described(url: str, table: str) -> dict[str, tuple[Any, ...]]:
    """column -> (type, nullable, checks, character set) as the server has it."""
    engine = mysql.open_engine(url, reads=True)
    with engine.connect() as conn:
        rows = conn.exec_driver_sql(
            "SELECT column_name, column_type, is_nullable, character_set_name FROM information_schema.columns "
            f"WHERE table_schema = DATABASE() AND table_name = '{table}'"
        ).all()
        checks = conn.exec_driver_sql(
            f"SELECT check_clause FROM information_schema.check_constraints WHERE constraint_schema = DATABASE() AND table_name = '{table}'"
        ).scalars()
        json_checks = set(checks)
    engine.dispose()
    return {row[0]: (row[1], row[2], f"json_valid(`{row[0]}`)" in json_checks, row[3]) for row in rows}


@pytest.mark.parametrize("table", sorted(SEED))
def test_column_for_column(table: str, mysql_address: str, tmp_path: Path) -> None:
    service = OWNER[table]
    url = mysql_address.replace("{service}", service)
    metadata = importlib.import_module(f"services.{service}.repository").METADATA
    schema.upgrade(url, metadata, service, tmp_path)
    scratch = mysql_address.replace("{service}", "scratch")
    mysql.create_database(scratch)
    engine = mysql.open_engine(scratch, reads=True)
    with engine.connect() as conn:
        columns = ", ".join(f"`{name}` {kind}" for name, kind in SEED[table].items())
        conn.exec_driver_sql(f"CREATE TABLE {table} ({columns}, PRIMARY KEY (`id`))")
    engine.dispose()
    seed, ours = described(scratch, table), described(url, table)
    assert set(seed) == set(SEED[table])
    assert {name: ours.get(name) for name in seed} == seed


def test_the_facts_are_the_seeds() -> None:
    """Where the seed itself lies beside the clone, the copied facts are compared with it, spelling by spelling."""
    assert sum(len(columns) for columns in SEED.values()) == 52
    source = ROOT.parent / "shared" / "seed" / "seed.sql"
    if source.is_file():
        text = source.read_text()
        for table, columns in SEED.items():
            body = text.split(f"CREATE TABLE {table} (")[1].split("\n) ENGINE")[0]
            assert [line.split("`")[1] for line in body.splitlines() if line.strip().startswith("`")] == list(columns)
