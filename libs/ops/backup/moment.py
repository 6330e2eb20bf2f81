"""The records of all services as they were at one moment, while they go on being written.

On SQLite every service's write lock is held for as long as it takes to begin a read in each file; the reads then see that moment for ever.
On a server one connection begins one consistent snapshot, which holds for all schemas of the server. Where services have servers of their
own, callers are read before what they call: whatever a record names was there before it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.common.errors import unavailable
from libs.common.rpc.deadline import Deadline
from libs.common.settings import Settings
from libs.common.store import mysql, schema
from libs.common.store.database import embedded, open_engine, service_url

STORED = ("app", "deploy", "eval", "train", "model", "dataset", "resource", "identity")
READ_SECONDS = 24 * 3600.0  # a backup of much takes its time; each single wait has its own end
_ROWS = 500


@dataclass(frozen=True)
class Records:
    """One service's store at the moment. platform: the revision of the platform's tables. schema: where the connection serves several."""

    service: str
    revision: str
    platform: str
    conn: sa.Connection
    schema: str | None = None

    def tables(self) -> list[str]:
        return sorted(name for name in sa.inspect(self.conn).get_table_names(schema=self.schema) if name not in schema.NOTED)

    def columns(self, table: str) -> list[str]:
        return [column["name"] for column in sa.inspect(self.conn).get_columns(table, schema=self.schema)]

    def rows(self, table: str, columns: list[str]) -> Iterator[list[Any]]:
        chosen = sa.table(table, *(sa.column(name) for name in columns), schema=self.schema).select()
        for rows in self.conn.execution_options(stream_results=True).execute(chosen).partitions(_ROWS):
            yield from (list(row) for row in rows)


@contextmanager
def moment(settings: Settings) -> Iterator[tuple[int, list[Records]]]:
    """(milliseconds, stores): services that have stored nothing yet are left out. Raises UNAVAILABLE."""
    with ExitStack() as stack:
        try:
            if settings.database_url:
                stack.enter_context(mysql.ends_with(Deadline.after(READ_SECONDS)))
                yield _on_servers(settings, stack)
            else:
                yield _in_files(settings.home_path, stack)
        except sa.exc.DBAPIError as error:
            raise unavailable("database", cause=str(error.orig)[:200]) from error


def _in_files(home: Path, stack: ExitStack) -> tuple[int, list[Records]]:
    files = {service: home / "records" / f"{service}.db" for service in STORED}
    conns = {service: _connect(f"sqlite:///{file}", stack) for service, file in files.items() if file.exists()}
    with ExitStack() as locks:
        for service in conns:
            still = _connect(f"sqlite:///{files[service]}", locks)
            still.exec_driver_sql("BEGIN IMMEDIATE")
        for conn in conns.values():
            conn.exec_driver_sql("BEGIN")
            conn.exec_driver_sql("SELECT COUNT(*) FROM sqlite_master").all()  # the first read decides what is seen
        now = time.time_ns() // 1_000_000
    return now, _stored({service: (conn, None) for service, conn in conns.items()})


def _on_servers(settings: Settings, stack: ExitStack) -> tuple[int, list[Records]]:
    servers: dict[tuple[str | None, int | None], sa.Connection] = {}
    places: dict[str, tuple[sa.Connection, str | None]] = {}
    for service in STORED:
        url = service_url(settings.database_url, settings.home_path, service)
        address = mysql.parse(url)
        server = address.host, address.port
        if server not in servers:
            conn = servers[server] = _connect(url, stack, database=False)
            conn.exec_driver_sql("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            conn.exec_driver_sql(mysql.NO_IDLE_END)
            conn.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        if address.database in sa.inspect(servers[server]).get_schema_names():
            places[service] = servers[server], address.database
    return time.time_ns() // 1_000_000, _stored(places)


def _connect(url: str, stack: ExitStack, database: bool = True) -> sa.Connection:
    engine = open_engine(url, reads=True) if embedded(url) else mysql.open_engine(url, reads=True, database=database)
    stack.callback(engine.dispose)
    return stack.enter_context(_undone(engine))


@contextmanager
def _undone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection whose own BEGIN is ended before it goes back."""
    with engine.connect() as conn:
        try:
            yield conn
        finally:
            conn.invalidate()


def _stored(places: dict[str, tuple[sa.Connection, str | None]]) -> list[Records]:
    found = []
    for service, (conn, place) in places.items():
        revision = schema.own(service).found(conn, place)
        if revision is not None:
            found.append(Records(service, revision, schema.PLATFORM.found(conn, place) or schema.PLATFORM_FIRST, conn, place))
    return found
