"""Lists of work by state, kind, owner and time: the right rows, in pages that stay put, read by an index; on both stores."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.clock import ManualClock
from libs.common.store.database import Database
from libs.common.store.filters import SLACK_MS, chosen
from libs.common.store.repository import Page, PageRequest
from tests.support.stores import caller, open_store

# service, its repository, the list, and its kind
LISTS = [
    ("dataset", "DatasetRepository", "tasks", "type"),
    ("train", "TrainRepository", "tasks", ""),
    ("eval", "EvalRepository", "tasks", "target_kind"),
    ("deploy", "DeployRepository", "orders", "slot_id"),
]
STATES = (0, 10, 90)
HOUR = 3_600_000


class Work:
    """A list of one service: a row every twenty minutes, of two owners and kinds, and three states in turn."""

    def __init__(self, folder: Path, service: str, repository: str, name: str, kind: str, address: str) -> None:
        module = importlib.import_module(f"services.{service}.repository")
        self.clock = ManualClock()
        self.db = open_store(folder, service, module.METADATA, self.clock, 0, address)
        self.rows, self.kind, self.begun = getattr(getattr(module, repository)(), name), kind, self.clock.now_ms()
        self.kinds = (1000, 2000) if service == "dataset" else (1, 2)
        self.count = 0

    def add(self, count: int, space: int = 1) -> None:
        for _ in range(count):
            number, self.count = self.count, self.count + 1
            now = self.clock.now_ms()
            own = {"id": self.db.ids.next(), "project_space_id": space, "user_id": 1 + number % 2, "create_time": now}
            own["status"] = STATES[number % 3]
            kind = {self.kind: self.kinds[number % 2]} if self.kind else {}
            needed = [column for column in self.rows.table.c if column.server_default is None and not column.nullable]
            row = {column.name: _value(column) for column in needed}
            with self.db._write.begin() as conn:
                conn.execute(self.rows.table.insert(), {**row, **own, **kind})
            self.clock.advance(HOUR / 3 / 1000)

    def page(self, cursor: str | None = None, limit: int = 5, **by: Any) -> Page:
        with self.db.read() as conn:
            return chosen(self.rows, conn, caller(), PageRequest(cursor, limit), **by)

    def all(self, **by: Any) -> list[Any]:
        found, cursor = [], None
        while True:
            page = self.page(cursor, **by)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found


def _value(column: sa.Column[Any]) -> Any:
    return 0 if isinstance(column.type, (sa.Integer, sa.Double)) else "{}" if isinstance(column.type, sa.Text) else "x"


@pytest.fixture(params=LISTS, ids=lambda each: each[0])
def of(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=["sqlite", "mysql"])
def work(request: pytest.FixtureRequest, tmp_path: Path, of: Any) -> Iterator[Work]:
    address = request.getfixturevalue("mysql_address") if request.param == "mysql" else ""
    made = Work(tmp_path, *of, address)
    made.add(40)
    yield made
    made.db.close()


def test_each_filter_and_all_of_them_give_exactly_what_fits(work: Work) -> None:
    whole = work.all()
    assert len(whole) == 40
    assert [row.id for row in whole] == sorted((row.id for row in whole), reverse=True)
    start, end = work.begun + 5 * HOUR, work.begun + 9 * HOUR

    def fits(row: Any) -> bool:
        return int(row.status) in (0, 90) and row.user_id == 2 and start <= row.create_time < end

    assert [row.id for row in work.all(statuses=[0, 90])] == [row.id for row in whole if int(row.status) in (0, 90)]
    assert [row.id for row in work.all(user_id=2)] == [row.id for row in whole if row.user_id == 2]
    assert len(work.all(from_time=start, to_time=end)) == 12
    both = work.all(statuses=[90, 0, 0], user_id=2, from_time=start, to_time=end)
    assert [row.id for row in both] == [row.id for row in whole if fits(row)]
    assert len(both) == 4
    if work.kind:
        assert len(work.all(**{work.kind: work.kinds[0]})) == 20
    assert work.all(statuses=[20]) == []


def test_pages_stay_put_while_others_are_added(work: Work) -> None:
    first = work.page(statuses=[0, 10], limit=4)
    before = [row.id for row in work.all(statuses=[0, 10])]
    work.add(6)
    rest = work.page(first.next_cursor, statuses=[0, 10], limit=100)
    assert [row.id for row in (*first.items, *rest.items)] == before


def test_an_index_bounds_what_is_read(work: Work) -> None:
    """By the store's own plan: rows of other spaces, states, kinds, owners and times are not passed by."""
    for space in range(2, 12):
        work.add(30, space)
    _analyse(work.db, work.rows.table.name)
    time = {"from_time": work.begun + 3 * HOUR, "to_time": work.begun + 4 * HOUR}
    for by in ({"statuses": [10]}, {"statuses": [0, 10]}, {"user_id": 1}, *([{work.kind: work.kinds[0]}] if work.kind else []), time):
        for query in _asked(work, by):
            plan = _plan(work.db, query)
            used = [str(step.get("detail") or step.get("key")) for step in plan if "SCALAR" not in str(step.get("detail"))]
            assert any("_space" in step or "PRIMARY" in step for step in used), (by, plan)
            assert all("SCAN" not in step and "TEMP B-TREE" not in step for step in used), (by, plan)
            assert all("filesort" not in str(step.get("Extra")) and step.get("type") != "ALL" for step in plan), (by, plan)


def test_the_slack_is_wider_than_clocks_differ() -> None:
    assert SLACK_MS == HOUR


def _asked(work: Work, by: dict[str, Any]) -> list[str]:
    """The statements of a page, with their values."""
    asked: list[str] = []
    engine = work.db._read

    def note(_conn: Any, clause: Any, *_: Any) -> None:
        if isinstance(clause, sa.Select):
            asked.append(str(clause.compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True})))

    sa.event.listen(engine, "before_execute", note)
    work.page(**by)
    sa.event.remove(engine, "before_execute", note)
    assert asked
    return asked


def _analyse(db: Database, table: str) -> None:
    with db._write.begin() as conn:
        conn.exec_driver_sql("ANALYZE" if db.url.startswith("sqlite") else f"ANALYZE TABLE {table}")


def _plan(db: Database, query: str) -> list[dict[str, Any]]:
    word = "EXPLAIN QUERY PLAN " if db.url.startswith("sqlite") else "EXPLAIN "
    with db.read() as conn:
        return [dict(row) for row in conn.exec_driver_sql(word + query.replace("%", "%%")).mappings()]
