"""Packed rows and reads in one trip, on a real MariaDB: what they answer is what SQLAlchemy answers, value by value."""

from __future__ import annotations

import importlib
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.clock import SystemClock
from libs.common.store import mysql
from libs.common.store.database import JsonText, open_engine
from libs.common.store.repository import Repository
from libs.common.store.statement import Statement, Together
from tests.support import mariadb
from tests.support.mariadb import MariaDB
from tests.support.stores import caller, open_store
from tests.support.things import open_things

METADATA = sa.MetaData()
ODD = sa.Table(
    "odd",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Integer, nullable=False),
    sa.Column("word", sa.String(200)),
    sa.Column("text", sa.Text(16_000_000)),
    sa.Column("fraction", sa.Double),
    sa.Column("more", sa.BigInteger),
)
OF_KIND = sa.select(ODD).where(ODD.c.kind == sa.bindparam("kind")).order_by(ODD.c.id.desc()).limit(sa.bindparam("most"))
COUNT = sa.select(sa.func.count()).select_from(ODD)
words = st.text(st.characters(codec="utf-8") | st.sampled_from(string.punctuation + "\0\n\t\u2028中😀"), max_size=60)
whole = st.integers(-(2**63), 2**63 - 1)
fractions = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)


@pytest.fixture(scope="module")
def reads(mysql_server: MariaDB) -> Iterator[sa.Engine]:
    address = mysql_server.fresh().replace("{service}", "odd")
    mysql.create_database(address)
    engine = open_engine(address, reads=True)
    with engine.connect() as conn:
        METADATA.create_all(conn)
    yield engine
    engine.dispose()
    mariadb.drop(address)


@pytest.fixture(autouse=True)
def empty(reads: sa.Engine) -> None:
    with reads.connect() as conn:
        conn.execute(ODD.delete())


def fill(conn: sa.Connection, *rows: tuple[object, ...]) -> None:
    conn.execute(ODD.delete())
    for row in rows:
        conn.execute(ODD.insert(), dict(zip(ODD.c.keys(), row, strict=True)))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words, words | st.none(), fractions | st.none(), whole | st.none())
def test_a_packed_row_has_every_value_as_it_was_stored(
    reads: sa.Engine, word: str, text: str | None, fraction: float | None, more: int | None
) -> None:
    statement = Statement(OF_KIND)
    with reads.connect() as conn:
        fill(conn, (1, 3, word, text, fraction, more))
        (row,) = statement.rows(conn, {"kind": 3, "most": 5})
        assert row == (1, 3, word, text, fraction, more)
        assert [type(cell) for cell in row] == [type(cell) for cell in conn.execute(OF_KIND, {"kind": 3, "most": 5}).one()]


def test_statements_asked_together_answer_each_for_itself(reads: sa.Engine) -> None:
    other = sa.select(ODD.c.word, ODD.c.fraction).where(ODD.c.kind == sa.bindparam("other"))
    together = Together(OF_KIND, COUNT, other)
    values = {"kind": 1, "most": 2, "other": 2}
    with reads.connect() as conn:
        assert together.rows(conn, values) == [[], [(0,)], []]
        fill(conn, *[(id, 1 + id % 2, f"w{id}", None, 1.0, id) for id in range(6)])
        newest, count, others = together.rows(conn, values)
        assert sorted(row[0] for row in newest) == [2, 4]
        assert count == [(6,)]
        assert sorted(others) == [("w1", 1.0), ("w3", 1.0), ("w5", 1.0)]
        assert {type(fraction) for _, fraction in others} == {float}


def test_they_are_one_question_to_the_server(reads: sa.Engine) -> None:
    together = Together(OF_KIND, COUNT)
    with reads.connect() as conn:

        def questions() -> int:
            return int(conn.exec_driver_sql("SHOW SESSION STATUS LIKE 'Questions'").one()[1])

        together.rows(conn, {"kind": 1, "most": 2})  # at the first time this connection is told the text
        for_itself = questions()
        for_itself = questions() - for_itself
        before = questions()
        together.rows(conn, {"kind": 1, "most": 2})
        assert questions() - before - for_itself == 1


def test_a_server_that_keeps_too_many_texts_is_asked_in_full(reads: sa.Engine, mysql_server: MariaDB) -> None:
    fresh = Statement(OF_KIND)
    values = {"kind": 1, "most": 2}
    with reads.connect() as conn, mysql_server.root() as root, root.cursor() as cursor:
        fill(conn, (1, 1, "it's \\ 100 %", "x", 0.5, None))
        cursor.execute("SET GLOBAL max_prepared_stmt_count = 0")
        try:
            asked_in_full = fresh.rows(conn, values)
        finally:
            cursor.execute("SET GLOBAL max_prepared_stmt_count = DEFAULT")
        assert (
            asked_in_full == fresh.rows(conn, values) == Statement(OF_KIND).rows(conn, values) == [(1, 1, "it's \\ 100 %", "x", 0.5, None)]
        )
        assert set(conn.info["prepared"].values()) == {True, False}


def test_words_of_the_statement_itself_survive_being_kept(reads: sa.Engine) -> None:
    quoted = sa.select(ODD.c.id, ODD.c.word, ODD.c.more, ODD.c.kind).where(ODD.c.word == sa.literal_column("'it''s \\\\ 100 %'"))
    with reads.connect() as conn:
        fill(conn, (1, 1, "it's \\ 100 %", "x", 0.5, None))
        assert Statement(quoted).rows(conn, {}) == [(1, "it's \\ 100 %", None, 1)]


@pytest.mark.parametrize("asked", [lambda: Statement(OF_KIND).rows, lambda: lambda *way: Together(OF_KIND, COUNT).rows(*way)[0]])
def test_a_row_too_long_for_one_packet_comes_the_ordinary_way(reads: sa.Engine, asked) -> None:  # type: ignore[no-untyped-def]
    """Written as JSON a control character takes six times its length, here more than the server puts into one value."""
    with reads.connect() as conn:
        fill(conn, (1, 1, "long", None, 0.5, None), (2, 1, "short", "x", 0.5, None))
        longest = int(conn.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one())
        length = longest // 5
        assert length < 16_000_000
        conn.exec_driver_sql("UPDATE odd SET text = REPEAT(CHAR(1), %s) WHERE id = 1", (length,))
        short, long = asked()(conn, {"kind": 1, "most": 2})
        assert short == (2, 1, "short", "x", 0.5, None)
        assert long[2] == "long"
        assert long[3] == "\x01" * length


def test_an_error_of_the_driver_is_an_error_of_sqlalchemy(reads: sa.Engine) -> None:
    absent = sa.select(sa.column("absent", sa.Integer)).select_from(sa.table("nowhere"))
    with reads.connect() as conn:
        with pytest.raises(sa.exc.ProgrammingError, match="nowhere"):
            Together(absent, absent).rows(conn, {})
        assert conn.execute(sa.text("SELECT 1")).scalar_one() == 1


def test_json_of_the_server_is_not_packed_with_text(reads: sa.Engine) -> None:
    both = sa.Text().with_variant(JsonText(), "mysql", "mariadb")
    statement = Statement(sa.select(ODD.c.id, ODD.c.kind, ODD.c.word, sa.type_coerce(ODD.c.text, both)))
    with reads.connect() as conn:
        fill(conn, (1, 1, "w", '{"a": 1}', None, None))
        assert list(statement.rows(conn, {})) == [(1, 1, "w", '{"a": 1}')]
        form = statement._forms[conn.dialect.name]
    assert form is not None
    assert not form.packed


@pytest.mark.parametrize("service", ["model", "dataset", "train", "eval", "deploy", "identity"])
def test_every_repository_reads_by_key(service: str, mysql_address: str, tmp_path: Path) -> None:
    """Each is asked the way its tables really are on the server; what it answers is tested elsewhere."""
    module = importlib.import_module(f"services.{service}.repository")
    store = getattr(module, f"{service.capitalize()}Repository")()
    repositories = [each for each in vars(store).values() if isinstance(each, Repository)]
    assert len(repositories) > 2
    db = open_store(tmp_path, service, module.METADATA, address=mysql_address)
    with db.read() as conn:
        for repository in repositories:
            for _ in range(2):
                assert repository.find(conn, caller(), 5) is None
            assert repository.all_by(conn, caller(), 3, id=5) == []
    db.close()


def test_a_statement_the_server_never_takes_is_our_mistake(mysql_address: str, tmp_path: Path) -> None:
    db = open_things(tmp_path, SystemClock(), address=mysql_address.replace("{service}", "things"))
    mixed = "SELECT CONCAT(_utf8mb4'a' COLLATE utf8mb4_bin, _utf8mb4'b' COLLATE utf8mb4_general_ci)"
    with pytest.raises(sa.exc.OperationalError, match="1267"), db.read() as conn:
        conn.exec_driver_sql(mixed)
    with pytest.raises(sa.exc.OperationalError, match="1267"), db.begin(caller()) as tx:
        tx.conn.exec_driver_sql(mixed)
    db.close()
