"""A real store for tests of verbs, migrated by the service's own migrations: SQLite in a temporary folder, or a schema on a server."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.common.clock import Clock, ManualClock
from libs.common.context import CallContext
from libs.common.ids import IdGenerator
from libs.common.rpc.deadline import Deadline
from libs.common.store import schema
from libs.common.store.database import Database, service_url

_EMPTY: dict[tuple[str, object], bytes] = {}


def open_store(
    folder: Path, service: str, metadata: sa.MetaData, clock: Clock | None = None, worker: int = 0, address: str = ""
) -> Database:
    """A migrated store of ``service`` under ``folder``, or at ``address``; opening it twice gives two handles to the same records."""
    url = migrate(folder, service, metadata, address)
    clock = clock or ManualClock()
    return Database(url, metadata, clock, IdGenerator(worker, clock))


def migrate(folder: Path, service: str, metadata: sa.MetaData, address: str = "") -> str:
    """Brings the store of ``service`` there, which need not be, to the newest revisions. Returns its address."""
    url = service_url(address, folder, service)
    file = folder / "records" / f"{service}.db"
    if address or file.exists():
        schema.upgrade(url, metadata, service, folder)
    else:
        file.write_bytes(_migrated(service, metadata))
    return url


def _migrated(service: str, metadata: sa.MetaData) -> bytes:
    """An empty store as the migrations leave it: they run once a process, every test gets its copy."""
    revisions = tuple((chain.folder, chain.newest) for chain in schema.chains(service))
    if (service, revisions) not in _EMPTY:
        with tempfile.TemporaryDirectory() as folder:
            schema.upgrade(service_url("", Path(folder), service), metadata, service, Path(folder))
            [file] = (Path(folder) / "records").iterdir()  # nothing waits beside it to be written
            _EMPTY[service, revisions] = file.read_bytes()
    return _EMPTY[service, revisions]


def plans(db: Database, read: Callable[[], object]) -> list[str]:
    """How the embedded store runs each statement of ``read``, by its own account, in their order."""
    asked: list[str] = []
    with db.read() as conn:  # nobody else reads: it is the connection the next reads are given too
        driver: Any = conn.connection.driver_connection
        driver.set_trace_callback(asked.append)
    read()
    driver.set_trace_callback(None)
    with db.read() as conn:
        read_by = [sql for sql in asked if sql not in ("BEGIN", "ROLLBACK")]  # of several statements at one moment
        return [str(conn.exec_driver_sql("EXPLAIN QUERY PLAN " + sql).all()) for sql in read_by]


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """What the embedded store is asked inside the block, in its order, as text. Many rows of one insert are one statement."""
    asked: list[str] = []

    def ask(text: str) -> None:
        rows_of = text.split("VALUES")[0]
        if not (asked and text.startswith("INSERT") and asked[-1].startswith(rows_of)) and not text.startswith(("PRAGMA", "--")):
            asked.append(text)

    engines = (db._read, db._write)
    drivers: list[Any] = []

    def trace(driver: Any, *_: object) -> None:
        driver.set_trace_callback(ask)
        drivers.append(driver)

    while db._spare:  # a connection that waits there is not taken out of the pool
        db._spare.pop()[0].close()
    for engine in engines:
        sa.event.listen(engine, "checkout", trace)
    try:
        yield asked
    finally:
        for engine in engines:
            sa.event.remove(engine, "checkout", trace)
        for driver in drivers:
            driver.set_trace_callback(None)


def caller(user: int = 1, space: int = 1, key: str | None = None, expected: int | None = None, service: str = "") -> CallContext:
    """A call context with plenty of time. service: which one calls by its own signature."""
    facts = {"idempotency_key": key, "expected_version": expected, "service": service}
    return CallContext(user_id=user, space_id=space, deadline=Deadline.after(30), **facts)  # type: ignore[arg-type]
