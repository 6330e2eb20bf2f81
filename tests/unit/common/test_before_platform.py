"""Stores made before the platform's tables had a chain of their own: from every revision they come to what a fresh store has, rows too.

``before_platform/`` keeps the training service's revisions of then, which made those tables themselves, as every service's did.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from libs.common.store import mysql, schema
from libs.common.store.database import embedded, open_engine, service_url
from services.train.repository import METADATA

THEN = schema.Chain(Path(__file__).parent / "before_platform", "alembic_version")
REVISIONS = sorted(path.stem.split("_")[0] for path in THEN.folder.glob("[0-9]*.py"))
ROWS: dict[str, dict[str, Any]] = {
    "state_event": {
        "id": 1, "entity": "train_task", "entity_id": 5, "project_space_id": 1, "from_status": 0, "to_status": 1, "event": "take",
        "reason": "谁来做", "user_id": 9, "request_id": "r", "create_time": 3,
    },
    "stored_answer": {"idempotency_key": "k", "project_space_id": 1, "method": "m", "request_hash": "h", "answer": "{}", "create_time": 3},
    "outbox": {"id": 2, "topic": "t", "payload": '{"名": 1}', "delivered": 0, "attempts": 4, "create_time": 3},
    "leader_fence": {"name": "sweeper", "number": 7},
    "write_turn": {"project_space_id": 1},
    "relay_turn": {"topic": "t", "holder": "h", "lease_until": 8},
    "change_log": {
        "id": 3, "position": 1, "entity": "train_task", "entity_id": 5, "parent_id": 0, "project_space_id": 1, "kind": 1, "state": "Queued",
        "version": 2, "secrecy": 0, "user_id": 9, "name": "名", "create_time": 3, "done": 1, "total": 2,
    },
}  # fmt: skip
"""One of each table of the platform."""


@pytest.fixture(params=["sqlite", "mysql"])
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Of a store to be and of a fresh one."""
    if request.param == "sqlite":
        yield service_url("", tmp_path / "then", "train"), service_url("", tmp_path / "now", "train")
        return
    address: str = request.getfixturevalue("mysql_address")
    yield address.replace("{service}", "then"), address.replace("{service}", "now")


def as_it_was(url: str, revision: str) -> set[str]:
    """A store at an old revision, with a row in each table of the platform it had. Returns their names."""
    if not embedded(url):
        mysql.create_database(url)
    engine = open_engine(url, reads=False)
    with engine.connect() as conn:
        command.upgrade(schema.config(conn, METADATA, THEN), revision)
        conn.commit()
        there = ROWS.keys() & set(sa.inspect(conn).get_table_names())
        for table in there:
            conn.execute(METADATA.tables[table].insert(), ROWS[table])
        conn.commit()
    engine.dispose()
    return there


def shape(url: str) -> dict[str, Any]:
    """All that is in a store beside its rows, as it says itself, less the order of what was added later."""
    engine = open_engine(url, reads=True)
    with engine.connect() as conn:
        tables = sa.inspect(conn).get_table_names()
        if embedded(url):
            found = {row.name: row.sql for row in conn.execute(sa.text("SELECT name, sql FROM sqlite_master")).all()}
        else:
            said = {table: conn.exec_driver_sql(f"SHOW CREATE TABLE `{table}`").one()[1] for table in tables}
            found = {table: sorted(line.rstrip(",") for line in text.splitlines()) for table, text in said.items()}
    engine.dispose()
    return found


def rows(url: str, table: str) -> list[dict[str, Any]]:
    engine = open_engine(url, reads=True)
    with engine.connect() as conn:
        found = [dict(row) for row in conn.execute(METADATA.tables[table].select()).mappings()]
    engine.dispose()
    return found


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_store_of_before_comes_to_what_a_fresh_one_has(addresses: tuple[str, str], revision: str, tmp_path: Path) -> None:
    then, now = addresses
    filled = as_it_was(then, revision)
    assert len(filled) >= 3
    done = schema.upgrade(then, METADATA, "train", tmp_path)
    assert (done.platform.before, done.platform.after, done.own.before) == (None, schema.PLATFORM.newest, revision)
    schema.check(then, "train")
    schema.upgrade(now, METADATA, "train", tmp_path)
    assert shape(then) == shape(now)
    assert {table: rows(then, table) for table in ROWS} == {table: [ROWS[table]] if table in filled else [] for table in ROWS}


def test_the_tables_are_those_that_the_services_made(addresses: tuple[str, str], tmp_path: Path) -> None:
    """The first revision of the platform with the service's of then, beside what the service's alone made."""
    then, now = addresses
    as_it_was(then, REVISIONS[-1])
    schema.upgrade(now, METADATA, "train", tmp_path, to=REVISIONS[-1], platform=schema.PLATFORM_FIRST)
    made = shape(now)
    assert {name: text for name, text in made.items() if "platform_version" not in name} == shape(then)


def test_columns_that_came_later_are_added(addresses: tuple[str, str], tmp_path: Path) -> None:
    """For some days the log of changes had no progress."""
    then, now = addresses
    as_it_was(then, REVISIONS[-1])
    engine = open_engine(then, reads=False)
    with engine.connect() as conn:
        for column in ("done", "total"):
            conn.execute(sa.text(f"ALTER TABLE change_log DROP COLUMN {column}"))
        conn.commit()
    engine.dispose()
    schema.upgrade(then, METADATA, "train", tmp_path)
    schema.upgrade(now, METADATA, "train", tmp_path)
    assert rows(then, "change_log") == [{**ROWS["change_log"], "done": 0, "total": 0}]
    if not embedded(then):  # SQLite's own words name a column that was added elsewhere than one that was there from the start
        assert shape(then) == shape(now)
