"""The store of one service: an engine for reads, one for writes, and a transaction that carries history, events and the stored answer.

SQLAlchemy Core only (docs/decisions/0003): a write transaction begins IMMEDIATE on SQLite and locks its space's row on MySQL
(docs/decisions/0010), so that a read inside it can never be stale; hot reads run on an engine in AUTOCOMMIT without pool resets.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.mysql import BIGINT, TINYINT

from idl.enums import ChangeKind
from libs.common.clock import Clock
from libs.common.context import CallContext
from libs.common.coord import fencing
from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.ids import IdGenerator
from libs.common.sight import tracing
from libs.common.store import changes, mysql

BUSY_TIMEOUT_SECONDS = 5.0
SPARE_CONNECTIONS = 32
SPARE_SECONDS = 1.0
T = TypeVar("T")
Spare = deque[tuple[sa.Connection, float]]
# The second is what SQLite says where it has no room even for the index of its log.
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_WRITE")
_FAILURES = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.TimeoutError)


def seed_columns() -> list[sa.Column[Any]]:
    """The seed's columns every table has: id, optimistic lock (版本锁), soft-delete mark, times in milliseconds."""
    return [
        sa.Column("id", sa.BigInteger().with_variant(BIGINT(unsigned=True), "mysql", "mariadb"), primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("mark_delete", sa.SmallInteger().with_variant(TINYINT(), "mysql", "mariadb"), nullable=False, server_default="0"),
        sa.Column("create_time", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("update_time", sa.BigInteger, nullable=False, server_default="0"),
    ]


class JsonText(sa.types.UserDefinedType[str]):
    """MySQL's JSON column for the seed's columns of that type. It takes and gives text: repositories write and read JSON themselves."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSON"


def platform_tables(metadata: sa.MetaData) -> None:
    """The tables every service has beside its own: history, changes, answers, outbox, logs of tasks, turns to write and deliver, the
    singletons' fence.
    Their revisions are in ``migrations/platform``, and how far a store came in them is noted in a table beside them."""
    sa.Table("platform_version", metadata, sa.Column("version_num", sa.String(32), primary_key=True))
    sa.Table(
        "state_event",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger, nullable=False),
        sa.Column("project_space_id", sa.BigInteger, nullable=False),
        sa.Column("from_status", sa.Integer, nullable=False),
        sa.Column("to_status", sa.Integer, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Index("state_event_entity", "entity", "entity_id", "id"),
    )
    sa.Table(
        "stored_answer",
        metadata,
        sa.Column("idempotency_key", sa.String(128), primary_key=True),
        sa.Column("project_space_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("method", sa.String(64), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text(16_000_000), nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Index("stored_answer_age", "create_time"),
    )
    sa.Table(
        "outbox",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text(16_000_000), nullable=False),
        sa.Column("delivered", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Index("outbox_open", "delivered", "id"),
        sa.Index("outbox_age", "delivered", "create_time"),
    )
    sa.Table("write_turn", metadata, sa.Column("project_space_id", sa.BigInteger, primary_key=True, autoincrement=False))
    sa.Table(
        "relay_turn",
        metadata,
        sa.Column("topic", sa.String(64), primary_key=True),
        sa.Column("holder", sa.String(100), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
    )
    sa.Table(
        "task_log",
        metadata,
        sa.Column("task_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("project_space_id", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text(16_000_000), nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
    )
    changes.changes_table(metadata)
    fencing.fence_table(metadata)


@dataclass
class Transaction:
    """One write transaction. Everything recorded through it is visible together or not at all."""

    conn: sa.Connection
    ctx: CallContext
    now: int
    database: Database
    told: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    def tell(self, entity: str, kind: ChangeKind, facts: dict[str, Any]) -> None:
        """Puts an object into the change feed, once however often it is told. facts: libs.common.store.changes.facts_of."""
        changes.merge(self.told, entity, kind, {"project_space_id": self.ctx.space_id, "secrecy": 0, **facts})

    def event(self, entity: str, id: int, start: int, end: int, event: str, reason: str = "") -> None:
        """Appends one row of history. Its id is above those of the object's earlier rows, also when another process wrote them just now."""
        table = self.database.table("state_event")
        of_object = (table.c.entity == entity, table.c.entity_id == id)
        last = self.conn.execute(sa.select(sa.func.max(table.c.id)).where(*of_object)).scalar()
        self.conn.execute(
            table.insert(),
            {
                "id": self.database.ids.next(after=last or 0),
                "entity": entity,
                "entity_id": id,
                "project_space_id": self.ctx.space_id,
                "from_status": int(start),
                "to_status": int(end),
                "event": event,
                "reason": reason[:1000],
                "user_id": self.ctx.user_id,
                "request_id": self.ctx.log_id[:64],
                "create_time": self.now,
            },
        )

    def publish(self, topic: str, payload: dict[str, Any]) -> None:
        """Puts a message for another service into the outbox; a relay delivers it after the commit, at least once."""
        self.conn.execute(
            self.database.table("outbox").insert(),
            {"id": self.database.ids.next(), "topic": topic, "payload": msgspec.json.encode(payload).decode(), "create_time": self.now},
        )

    def done(self, answer: T) -> T:
        """Stores the answer under the call's idempotency key, in this transaction, and hands it back."""
        if self.ctx.idempotency_key:
            self.conn.execute(
                self.database.table("stored_answer").insert(),
                {
                    "idempotency_key": self.ctx.idempotency_key,
                    "project_space_id": self.ctx.space_id,
                    "method": self.ctx.method,
                    "request_hash": self.ctx.request_hash,
                    "answer": msgspec.json.encode(answer).decode(),
                    "create_time": self.now,
                },
            )
        return answer


def _nobody(_what: str, _seconds: float) -> None:
    """The default of ``Database.told``."""


class Database:
    """Engines and tables of one service."""

    def __init__(self, url: str, metadata: sa.MetaData, clock: Clock, ids: IdGenerator) -> None:
        self.url, self.metadata, self.clock, self.ids = url, metadata, clock, ids
        self._write, self._read = open_engine(url, reads=False), open_engine(url, reads=True)
        self.told: Callable[[str, float], None] = _nobody
        """Told ("write", seconds) after every transaction, ("write_error" or "read_error", 0) when the store refuses."""
        self._spare: Spare = deque(maxlen=SPARE_CONNECTIONS)
        # Writers of one process queue here rather than in SQLite, whose waiting is polling with growing pauses.
        self._turn = threading.Lock() if embedded(url) else None
        self._turns = None if embedded(url) else mysql.Turns(metadata.tables["write_turn"], self._read)

    def table(self, name: str) -> sa.Table:
        return self.metadata.tables[name]

    @contextmanager
    def begin(self, ctx: CallContext, turn: bool = True) -> Iterator[Transaction]:
        """A write transaction: committed at the end of the block, rolled back on any exception.

        turn: False for a transaction whose every write is decided by a condition of its own (a lease, an epoch) and that reads nothing it
        relies on: on MySQL it does not queue for the space.
        Raises UNAVAILABLE (retryable) when the store is locked for longer than the call may wait, at most BUSY_TIMEOUT_SECONDS, and
        Contended when the store undid it to let another transaction go on.
        """
        ctx.deadline.check("database")
        end, started = ctx.deadline.within(BUSY_TIMEOUT_SECONDS), time.monotonic()
        if self._turn is not None and not self._turn.acquire(timeout=end.left()):
            self.told("write_error", 0)
            raise unavailable("database", cause="locked by another write")
        try:
            if self._turns is None:
                with (
                    tracing.span("store.transaction"),
                    self._write.connect() as conn,
                    conn.execution_options(wait_ms=int(end.left() * 1000)).begin(),
                ):
                    fencing.check(conn, self.metadata)
                    yield from self._transaction(conn, ctx, counts=True)
            else:
                with tracing.span("store.transaction"), mysql.ends_with(ctx.deadline), self._write.connect() as conn, conn.begin():
                    mysql.wait_for_locks(conn, end)
                    if turn:
                        self._turns.take(conn, ctx.space_id)
                    fencing.check(conn, self.metadata, self._read)
                    yield from self._transaction(conn, ctx, counts=False)
        except _FAILURES as error:
            self.told("write_error", 0)
            _refused(error)
        finally:
            if self._turn is not None:
                self._turn.release()
            self.told("write", time.monotonic() - started)

    def _transaction(self, conn: sa.Connection, ctx: CallContext, counts: bool) -> Iterator[Transaction]:
        tx = Transaction(conn, ctx, self.clock.now_ms(), self)
        yield tx
        changes.write(tx, tx.told, counts)

    def changes(self) -> changes.ChangeLog:
        """What changed in this store, for the change feed."""
        return changes.ChangeLog(self, counted=embedded(self.url))

    def read(self) -> Reading:
        """``with db.read() as conn``: a connection for reads, each statement on its own. Raises UNAVAILABLE where the store is."""
        return Reading(self._spare, self._read, self.told)

    def connections(self) -> dict[tuple[str, str], int]:
        """(pool, state) -> how many. What a pool does not tell is left out."""
        pools = {"read": self._read.pool, "write": self._write.pool}
        states = (("in_use", "checkedout"), ("idle", "checkedin"))
        found = {(name, state): getattr(pool, ask)() for name, pool in pools.items() for state, ask in states if hasattr(pool, ask)}
        spare = len(self._spare)  # taken out of the pool, and idle all the same
        for state, change in (("in_use", -spare), ("idle", spare)):
            if ("read", state) in found:
                found["read", state] += change
        return found

    def check(self) -> None:
        """Health: the store answers a query. Raises when it does not."""
        with self.read() as conn:
            conn.execute(sa.text("SELECT 1"))

    def close(self) -> None:
        while self._spare:
            self._spare.pop()[0].close()
        self._write.dispose()
        self._read.dispose()


class Reading:
    """One use of a read connection. Those that were used lately wait in ``spare`` and are handed on as they are: taking one out of the pool
    and back costs as much as the read. One that waited longer goes through the pool, which asks whether it still lives."""

    __slots__ = ("_conn", "_engine", "_spare", "_told")

    def __init__(self, spare: Spare, engine: sa.Engine, told: Callable[[str, float], None]) -> None:
        self._spare, self._engine, self._told = spare, engine, told

    def __enter__(self) -> sa.Connection:
        try:
            self._conn = self._lately_used() or self._engine.connect()
        except _FAILURES as error:
            self._told("read_error", 0)
            _refused(error)
        return self._conn

    def _lately_used(self) -> sa.Connection | None:
        while True:
            try:
                conn, used = self._spare.pop()
            except IndexError:
                return None
            if time.monotonic() - used < SPARE_SECONDS:
                return conn
            conn.close()

    def __exit__(self, _kind: Any, error: BaseException | None, _where: Any) -> None:
        conn = self._conn
        if error is None and len(self._spare) < SPARE_CONNECTIONS:
            try:
                if conn.in_transaction():
                    conn.rollback()  # every statement stood for itself; this only ends SQLAlchemy's own books
            except _FAILURES:  # the store died after it had answered: the answer stands, the connection does not
                conn.invalidate()
                conn.close()
                return
            self._spare.append((conn, time.monotonic()))
            return
        conn.close()
        if isinstance(error, _FAILURES):
            self._told("read_error", 0)
            _refused(error)


def service_url(database_url: str, home: Path, service: str) -> str:
    """The address of one service's store: the setting with {service} filled in, or a SQLite file of its own under ``home``."""
    if database_url:
        if "{service}" not in database_url:  # services of one schema would share histories, answers and revisions
            raise PlatformError(500, Reason.INVALID_SETTING, field="MODELYARD_DATABASE_URL", limit="an address with {service} in it")
        return database_url.replace("{service}", service)
    (home / "records").mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{home / 'records' / (service + '.db')}"


def embedded(url: str) -> bool:
    """Whether an address is that of a SQLite file."""
    return url.startswith("sqlite")


def open_engine(url: str, reads: bool) -> sa.Engine:
    """An engine for single reads (AUTOCOMMIT) or for write transactions (on SQLite they take the write lock first, DDL included)."""
    if not embedded(url):
        return mysql.open_engine(url, reads)
    lone = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None, "skip_autocommit_rollback": True}
    options: dict[str, Any] = lone if reads else {}
    options["pool_timeout"] = BUSY_TIMEOUT_SECONDS
    engine = sa.create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}, pool_size=8, max_overflow=24, **options
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged write survives a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()
        if not reads:
            connection.isolation_level = None  # the driver's own BEGIN would be DEFERRED: see below

    if not reads:

        @sa.event.listens_for(engine, "begin")
        def _begin(conn: sa.Connection) -> None:
            # A transaction that starts as a reader cannot become a writer once somebody else wrote: take the write lock first.
            wait_ms = conn.get_execution_options().get("wait_ms", int(BUSY_TIMEOUT_SECONDS * 1000))
            conn.exec_driver_sql(f"PRAGMA busy_timeout={wait_ms}")
            conn.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Contended(PlatformError):
    """The store undid a whole transaction because another one stood in its way: the same transaction may be tried again."""

    def __init__(self, cause: str) -> None:
        super().__init__(503, Reason.UNAVAILABLE, retryable=True, what="database", cause=cause)


def _refused(error: sa.exc.SQLAlchemyError) -> NoReturn:
    """Raises what a caller is told. A statement the server will never take is our mistake: it stays what it is, for the log."""
    number = getattr(error, "orig", error).args[:1]
    if number and number[0] in mysql.MISTAKES:
        raise error
    raise _store_error(error) from error


def _store_error(error: sa.exc.SQLAlchemyError) -> PlatformError:
    cause = getattr(error, "orig", None) or error
    text = str(cause)
    number = cause.args[0] if cause.args else None
    if mysql.disk_full(number, text) or getattr(cause, "sqlite_errorname", "") in _FULL:
        return PlatformError(507, Reason.DISK_FULL, retryable=True, what="database")
    if number in mysql.CONTENDED:
        return Contended(text[:200])
    return unavailable("database", cause=text[:200])
