"""Every list is served by an index from its first page to its last, on both stores: said by the store's own plan, with rows there."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.clock import ManualClock
from libs.common.store.database import Database
from tests.support.stores import open_store

# service, table, what the list is of: each column of these conditions equals a value, the order is by id
LISTS = [
    ("model", "model_project", ("project_space_id",)),
    ("model", "model_version", ("project_space_id", "project_id")),
    ("model", "evidence", ("project_space_id", "model_version_id")),
    ("model", "lineage", ("project_space_id", "model_version_id")),
    ("dataset", "dataset", ("project_space_id",)),
    ("dataset", "dataset_version", ("project_space_id", "dataset_id")),
    ("dataset", "dataset_task", ("project_space_id",)),
    ("dataset", "dataset_task", ("project_space_id", "dataset_id")),
    ("train", "train_config", ("project_space_id", "model_id")),
    ("train", "train_task", ("project_space_id",)),
    ("train", "train_task", ("project_space_id", "model_id")),
    ("eval", "eval_config", ("project_space_id", "model_id")),
    ("eval", "eval_task", ("project_space_id",)),
    ("eval", "eval_task", ("project_space_id", "model_id")),
    ("deploy", "deployment_config", ("project_space_id", "model_id")),
    ("deploy", "deplyment_session", ("project_space_id",)),
    ("deploy", "deplyment_session", ("project_space_id", "model_id")),
    ("deploy", "serving_slot", ("project_space_id", "model_id")),
    ("model", "state_event", ("project_space_id", "entity", "entity_id")),
]
ROWS = 1500


@pytest.mark.parametrize("store", ["sqlite", "mysql"])
@pytest.mark.parametrize(("service", "name", "of"), LISTS, ids=lambda value: value if isinstance(value, str) else "+".join(value))
def test_an_index_serves(store: str, service: str, name: str, of: tuple[str, ...], request: pytest.FixtureRequest, tmp_path: Path) -> None:
    address = request.getfixturevalue("lists_address") if store == "mysql" else ""
    metadata = importlib.import_module(f"services.{service}.repository").METADATA
    db = open_store(tmp_path, service, metadata, ManualClock(), 0, address)
    table = db.table(name)
    _fill(db, table)
    where = [table.c[column] == (1 if isinstance(table.c[column].type, sa.Integer) else "1") for column in of]
    live = [table.c.mark_delete == 0] if "mark_delete" in table.c else []
    for after in ([], [table.c.id < ROWS // 2]):  # the first page and one far behind
        query = sa.select(table).where(*where, *live, *after).order_by(table.c.id.desc()).limit(51)
        plan = _plan(db, query)
        if store == "sqlite":
            assert all("SEARCH" in step["detail"] and "=?" in step["detail"] for step in plan), plan  # no scan, no sorting beside it
        else:  # a walk along the primary key would pass by the rows of all other spaces
            assert all(step["type"].partition("|")[0] in ("ref", "range") and step["key"] != "PRIMARY" for step in plan), plan
            assert all("filesort" not in step["Extra"] for step in plan), plan
    db.close()


@pytest.fixture(scope="module")
def lists_address(mysql_server: Any) -> Any:
    from tests.support import mariadb

    address = mysql_server.fresh()
    yield address
    mariadb.drop(address)


def _fill(db: Database, table: sa.Table) -> None:
    """Rows of thirty spaces and parents: a walk along the primary key would pass by most of them."""
    with db.read() as conn:
        if conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one():
            return
    rows = [{column.name: _value(column, number) for column in table.c} for number in range(1, ROWS + 1)]
    with db._write.begin() as conn:
        conn.execute(table.insert(), rows)
        conn.exec_driver_sql("ANALYZE" if db.url.startswith("sqlite") else f"ANALYZE TABLE {table.name}")


def _value(column: sa.Column[Any], number: int) -> Any:
    rules = [constraint for constraint in column.table.constraints if isinstance(constraint, sa.UniqueConstraint)]
    unique = {one for constraint in rules for one in constraint.columns}
    if column.name == "id":
        return number
    if column.name == "mark_delete":
        return 0
    if column.name in ("project_space_id", "entity_id") or (column.name.endswith("_id") and column not in unique):
        return number % 30
    if isinstance(column.type, (sa.Integer, sa.Double)):
        return number if column in unique and column.name not in ("project_id", "dataset_id", "model_id") else number % 30
    if column.name == "config":
        return "{}"
    return str(number) if column in unique else str(number % 30)


def _plan(db: Database, query: sa.Select[Any]) -> list[dict[str, Any]]:
    dialect = db._read.dialect
    text = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    with db.read() as conn:
        explained = conn.exec_driver_sql(("EXPLAIN QUERY PLAN " if dialect.name == "sqlite" else "EXPLAIN ") + text)
        return [dict(row) for row in explained.mappings()]
