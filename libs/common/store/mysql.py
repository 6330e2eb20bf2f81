"""What MySQL and MariaDB need and SQLite gives for free: waits with an end, one writer at a time per space, a database to begin with.

Decides (docs/decisions/0010): READ COMMITTED for writes, one locked row per project space before the first read of a write transaction,
and that no wait on the network outlives the call it belongs to. Nothing here prints an address: it holds a password.
"""

from __future__ import annotations

import math
import re
import threading
import time
from typing import Any

import pymysql
import sqlalchemy as sa
from pymysql.constants import CLIENT, ER

from libs.common.errors import PlatformError, Reason
from libs.common.rpc.deadline import Deadline

CONNECT_SECONDS = 3.0
IO_SECONDS = 10.0  # one read or write on the network when no call sets a shorter end
READ_SECONDS = 3.0  # a read outside any call
LIVES_SECONDS = 1.0  # a connection that answered so lately is not asked whether it still lives
IDLE_TRANSACTION_SECONDS = 15  # MariaDB ends the transaction of a writer that was stopped in the middle of it
POOL_SIZE, POOL_OVERFLOW = 8, 120  # as many as there can be calls: nobody waits for a connection behind a hung store
RECYCLE_SECONDS = 1800  # below any server's wait_timeout
CONTENDED = frozenset({ER.LOCK_DEADLOCK, ER.LOCK_WAIT_TIMEOUT})
# Of errors the driver calls operational: what no other moment would make right.
MISTAKES = frozenset(
    {
        ER.BAD_FIELD_ERROR,
        ER.COLLATION_CHARSET_MISMATCH,
        ER.CANT_AGGREGATE_2COLLATIONS,
        ER.CANT_AGGREGATE_3COLLATIONS,
        ER.CANT_AGGREGATE_NCOLLATIONS,
    }
)
# Disk full as the server says it: by a number of its own, or with the number of its system.
_FULL_NUMBERS = frozenset({ER.DISK_FULL, ER.RECORD_FILE_FULL})
_FULL_TEXT = re.compile(r"No space left|Disk quota exceeded|\berrno: 28\b|\bErrcode: 28\b|\berror 28\b", re.IGNORECASE)
NO_DATABASE: int = ER.BAD_DB_ERROR
DENIED = frozenset({ER.DBACCESS_DENIED_ERROR, ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR, ER.SPECIFIC_ACCESS_DENIED_ERROR})
MIGRATION_RIGHTS = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES"
# Byte for byte, with trailing spaces, like SQLite; the first one the server knows.
COLLATIONS = ("utf8mb4_nopad_bin", "utf8mb4_0900_bin", "utf8mb4_bin")
_SESSION = (
    "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
    # Two indexes intersected come without an order: a page would sort all rows of its list.
    ", optimizer_switch='index_merge_intersection=off'"
    f" /*M!100300 , idle_transaction_timeout={IDLE_TRANSACTION_SECONDS} */"
)
NO_IDLE_END = "SET @unused = NULL /*M!100300 , SESSION idle_transaction_timeout = 0 */"
"""For the one transaction that may wait long between its statements: a backup or a restore."""
_local = threading.local()
"""``deadline``: of the call this thread has in hand. The driver reads its time-outs by itself, nobody can hand them to it (0023)."""


class ends_with:  # as those of contextlib: a word of `with`. Every call enters it: a generator costs four times as much
    """Whatever this thread asks of a server inside the block fails when ``deadline`` is over, a server that hangs included."""

    __slots__ = ("_before", "_deadline")

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def __enter__(self) -> None:
        before = self._before = getattr(_local, "deadline", None)
        _local.deadline = self._deadline if before is None or self._deadline.at < before.at else before

    def __exit__(self, *_raised: object) -> None:
        _local.deadline = self._before


def _left(most: float) -> float:
    deadline: Deadline | None = getattr(_local, "deadline", None)
    if deadline is None:
        return min(most, READ_SECONDS)
    # The driver takes zero for "not at all" and None for "for ever".
    return max(0.001, min(most, deadline.left()))


class Connection(pymysql.connections.Connection):
    """PyMySQL's connection whose time-outs are what the call in hand has left, at every single wait. The driver reads these three names
    before each wait (a test holds it to that). It knows when a transaction is over, so that a write costs no trip before and after it."""

    _ended = 0.0
    """When the server said that a transaction is over, after which nothing was asked; 0 = something was."""

    def _execute_command(self, command: int, sql: str | bytes) -> None:
        self._ended = 0.0
        super()._execute_command(command, sql)  # type: ignore[misc]

    def commit(self) -> None:
        super().commit()
        self._ended = time.monotonic()

    def rollback(self) -> None:
        """The pool asks for one whenever a connection comes back: after a commit there is nothing to take back."""
        if not self._ended:
            super().rollback()
            self._ended = time.monotonic()

    def ping(self, _reconnect: bool = False) -> None:  # type: ignore[override]
        """The pool asks before it hands a connection out; one that has just answered lives."""
        if not self._ended or time.monotonic() - self._ended > LIVES_SECONDS:
            super().ping(reconnect=False)

    @property
    def connect_timeout(self) -> float:
        return _left(CONNECT_SECONDS)

    @connect_timeout.setter
    def connect_timeout(self, _value: Any) -> None: ...

    @property
    def _read_timeout(self) -> float:
        return _left(IO_SECONDS)

    @_read_timeout.setter
    def _read_timeout(self, _value: Any) -> None: ...

    @property
    def _write_timeout(self) -> float:
        return _left(IO_SECONDS)

    @_write_timeout.setter
    def _write_timeout(self, _value: Any) -> None: ...


def disk_full(number: Any, text: str) -> bool:
    """Whether the server refuses because its disk, or the space a table may take, is full."""
    return number in _FULL_NUMBERS or _FULL_TEXT.search(text) is not None


def is_there(url: str) -> bool:
    """Whether the server has the database of ``url``. Raises SQLAlchemy's DBAPIError where no server answers."""
    engine = open_engine(url, reads=True, database=False)
    try:
        with engine.connect() as conn:
            return parse(url).database in sa.inspect(conn).get_schema_names()
    finally:
        engine.dispose()


def open_engine(url: str, reads: bool, database: bool = True) -> sa.Engine:
    """An engine of single reads (AUTOCOMMIT, no pool reset) or of write transactions. database: False = without choosing one."""
    address = parse(url)
    own: dict[str, Any] = {"isolation_level": "READ COMMITTED"}
    if reads:
        own = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None, "skip_autocommit_rollback": True}
    arguments: dict[str, Any] = {
        **address.translate_connect_args(username="user"),
        **dict(address.query),
        "charset": "utf8mb4",
        "client_flag": CLIENT.FOUND_ROWS,  # rows an UPDATE matched, changed or not: every compare-and-set counts them
        "init_command": _SESSION,
    }
    if not database:
        del arguments["database"]
    if address.password is not None:
        arguments["password"] = str(address.password).encode()  # as text the driver would take Latin-1 only
    return sa.create_engine(
        "mysql+pymysql://",
        creator=lambda: Connection(**arguments),
        pool_pre_ping=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=1,
        pool_recycle=RECYCLE_SECONDS,
        pool_use_lifo=True,
        hide_parameters=True,
        paramstyle="format",  # by position, as prepared statements hand them on (libs/common/store/statement.py)
        **own,
    )


def parse(url: str) -> sa.URL:
    """Raises INVALID_SETTING, without the address, for one that is not of MySQL through PyMySQL."""
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        address = None
    if address is None or address.drivername not in ("mysql+pymysql", "mariadb+pymysql") or not address.database:
        limit = "mysql+pymysql://user:password@host:port/modelyard_{service}"
        raise PlatformError(500, Reason.INVALID_SETTING, field="MODELYARD_DATABASE_URL", limit=limit) from None
    return address


def wait_for_locks(conn: sa.Connection, deadline: Deadline) -> None:
    """How long the server lets this connection wait for a row: whole seconds, told only when they change."""
    seconds = max(1, math.ceil(deadline.left()))
    if conn.info.get("lock_wait") != seconds:
        conn.exec_driver_sql(f"SET SESSION innodb_lock_wait_timeout={seconds}")
        conn.info["lock_wait"] = seconds


class Turns:
    """The write lock of a project space: a row that a write transaction locks before it reads. What SQLite does for a whole file."""

    def __init__(self, table: sa.Table, reads: sa.Engine) -> None:
        self._table, self._reads = table, reads
        self._lock = sa.select(table.c.project_space_id).where(table.c.project_space_id == sa.bindparam("space")).with_for_update()

    def take(self, conn: sa.Connection, space_id: int) -> None:
        while conn.execute(self._lock, {"space": space_id}).first() is None:
            # Beside the transaction, so that nobody waits on a row that may never be committed.
            with self._reads.connect() as beside:
                beside.execute(self._table.insert().prefix_with("IGNORE"), {"project_space_id": space_id})


def create_database(url: str) -> bool:
    """The schema of ``url``, in UTF-8 and compared byte for byte. True when it was not there. Raises what the server says about rights."""
    name = str(parse(url).database)
    engine = open_engine(url, reads=True, database=False)
    try:
        with engine.connect() as conn:
            quoted = engine.dialect.identifier_preparer.quote_identifier(name)
            seen = sa.text("SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = :name")
            collation = conn.execute(seen, {"name": name}).scalar()
            known = set(conn.execute(sa.text("SELECT collation_name FROM information_schema.collations")).scalars())
            # MariaDB lists some collations once for all character sets, others by their full name.
            wanted = next(c for c in COLLATIONS if c in known)
            if collation is None:
                conn.exec_driver_sql(f"CREATE DATABASE IF NOT EXISTS {quoted} CHARACTER SET utf8mb4 COLLATE {wanted}")
                return True
            tables = sa.text("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = :name")
            if collation not in COLLATIONS and not conn.execute(tables, {"name": name}).scalar():
                conn.exec_driver_sql(f"ALTER DATABASE {quoted} CHARACTER SET utf8mb4 COLLATE {wanted}")
            return False
    finally:
        engine.dispose()
