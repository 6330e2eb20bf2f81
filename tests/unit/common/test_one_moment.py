"""Statements that are asked together see the embedded store at one moment, whatever is written between them."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from libs.common.store.database import open_engine
from libs.common.store.statement import Together

METADATA = sa.MetaData()
COUNTED = sa.Table("counted", METADATA, sa.Column("id", sa.Integer, primary_key=True))


def test_statements_asked_together_see_one_moment(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/one.db"
    writes, reads = open_engine(address, reads=False), open_engine(address, reads=True)
    METADATA.create_all(writes)
    both = Together(sa.select(COUNTED.c.id), sa.select(COUNTED.c.id, sa.func.write_between(COUNTED.c.id)), sa.select(COUNTED.c.id))

    def write(id: int) -> int:
        with writes.begin() as conn:
            conn.execute(COUNTED.insert().values(id=id + 1))
        return id

    with writes.begin() as conn:
        conn.execute(COUNTED.insert().values(id=1))
    with reads.connect() as conn:
        assert conn.connection.driver_connection is not None
        conn.connection.driver_connection.create_function("write_between", 1, write)
        assert both.rows(conn, {}) == [[(1,)], [(1, 1)], [(1,)]]
        assert not conn.connection.driver_connection.in_transaction
        assert Together(sa.select(COUNTED.c.id)).rows(conn, {}) == [[(1,), (2,)]]
    for engine in (reads, writes):
        engine.dispose()
