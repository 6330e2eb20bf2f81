"""A statement on the driver itself answers what SQLAlchemy answers, and fails as it fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.common.store.database import Database
from libs.common.store.statement import Statement
from tests.support.stores import caller
from tests.support.toy import TABLE, create, open_toys


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    toys = open_toys(tmp_path)
    for name in ("finish", "fail", "finish"):
        create(toys, name, space=7 if name == "fail" else 1)
    yield toys.db
    toys.db.close()


def by_name() -> sa.Select[tuple[int, str]]:
    return sa.select(TABLE.c.id, TABLE.c.name).where(TABLE.c.name == sa.bindparam("name"), TABLE.c.mark_delete == 0).order_by(TABLE.c.id)


def test_rows_are_those_of_the_ordinary_way_with_fixed_and_given_values(store: Database) -> None:
    statement = Statement(by_name().limit(sa.bindparam("most")))
    with store.read() as conn:
        for values in (
            {"name": "finish", "most": 9},
            {"name": "finish", "most": 1},
            {"name": "fail", "most": 9},
            {"name": "no", "most": 9},
        ):
            ordinary = [tuple(row) for row in conn.execute(by_name().limit(values["most"]), {"name": values["name"]})]
            assert [tuple(row) for row in statement.rows(conn, values)] == ordinary
        assert statement.row(conn, {"name": "no", "most": 1}) is None


def test_inside_a_transaction_it_sees_what_the_transaction_wrote(store: Database) -> None:
    statement = Statement(by_name())
    with store.begin(caller()) as tx:
        tx.conn.execute(TABLE.update().values(name="renamed"))
        assert len(statement.rows(tx.conn, {"name": "renamed"})) == 3


def test_a_list_of_values_is_run_the_ordinary_way(store: Database) -> None:
    statement = Statement(sa.select(TABLE.c.name).where(TABLE.c.name.in_(sa.bindparam("names", expanding=True))))
    with store.read() as conn:
        assert sorted(name for (name,) in statement.rows(conn, {"names": ["fail", "finish"]})) == ["fail", "finish", "finish"]
        assert statement.rows(conn, {"names": []}) == []


def test_a_type_with_a_converter_is_run_the_ordinary_way(store: Database) -> None:
    statement = Statement(sa.select(sa.cast(TABLE.c.name, sa.JSON)).where(sa.false()))
    with store.read() as conn:
        assert statement.rows(conn, {}) == []
    assert statement._forms == {"sqlite": None}


def test_an_error_of_the_driver_is_an_error_of_sqlalchemy(store: Database) -> None:
    statement = Statement(sa.select(sa.column("absent")).select_from(sa.table("nowhere")))
    with store.read() as conn:
        # OperationalError is what a store that does not answer raises, and what callers are told as UNAVAILABLE.
        with pytest.raises(sa.exc.OperationalError, match="nowhere"):
            statement.rows(conn, {})
        assert conn.execute(sa.text("SELECT 1")).scalar_one() == 1  # the connection lives
