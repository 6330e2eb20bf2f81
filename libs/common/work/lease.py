"""The lease engine: who may work on a row, until when, and what becomes of it when its holder is gone. There is no other.

A row that is worked on has the columns of ``Leased``. A claim is one compare-and-set that raises the epoch; a heartbeat, and every write
of a holder, is refused by the epoch once somebody else has the row. What differs between kinds of rows is in their ``Rules``: for some,
being held is a state of its own (a task is RUNNING), for others it is nothing people see (a work order is looked at in whatever stage it
stands).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, Protocol, TypeVar

import sqlalchemy as sa

from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason
from libs.common.machine import Machine
from libs.common.store.database import Database, Transaction
from libs.common.store.repository import Repository

STOP, LOST, CANCEL, PAUSE = "STOP", "LOST", "CANCEL", "PAUSE"
"""Why a holder stops: its process is to end, the row is somebody else's, or people asked for it (the two are what a ``wish`` says)."""

DOUBLINGS = 64  # of a pause: the longest is reached before, and what is tried for ever counts on


class Leased(Protocol):
    """A row that is worked on. epoch: rises with every claim. lease_until: milliseconds, 0 = nobody holds it. not_before: nobody claims it
    sooner. wish: what people asked of its holder, "" = nothing. attempt: see ``Rules.counted_at_claim``."""

    @property
    def id(self) -> int: ...
    @property
    def project_space_id(self) -> int: ...
    @property
    def user_id(self) -> int: ...
    @property
    def status(self) -> Any: ...
    @property
    def version(self) -> int: ...
    @property
    def epoch(self) -> int: ...
    @property
    def lease_until(self) -> int: ...
    @property
    def worker(self) -> str: ...
    @property
    def wish(self) -> str: ...
    @property
    def not_before(self) -> int: ...
    @property
    def attempt(self) -> int: ...


L = TypeVar("L", bound=Leased)


@dataclass(frozen=True)
class Rules:
    """What a kind of row says of its leases.

    machine: its states. held: those in which somebody may hold it. queue: the columns by which the longest waiting is found. attempts: how
    many a row has. counted_at_claim: one counts when it begins and is given back where it was nobody's failure; otherwise it counts when it
    is lost. first, longest: seconds before the second attempt, doubled before each further one, up to the longest.
    """

    machine: Machine[Any]
    held: Collection[IntEnum]
    queue: tuple[str, ...] = ("id",)
    attempts: Callable[[Any], int] = lambda row: int(row.max_attempts)
    counted_at_claim: bool = True
    first: float = 2.0
    longest: float = 300.0


class Leases(Generic[L]):
    """The leases of one kind of rows. ``seconds``: a holder silent for so long has lost its row. ``only``: which rows of a table that
    several kinds share are of this kind."""

    def __init__(
        self, db: Database, rows: Repository[L], seconds: float, rules: Rules, only: Sequence[sa.ColumnElement[bool]] = ()
    ) -> None:
        self.db, self.rows, self.rules = db, rows, rules
        self._kind = (*only, rows.table.c.mark_delete == 0)
        self.lease_ms = int(seconds * 1000)

    # --- what a kind of rows decides for itself

    def taken(self, tx: Transaction, row: L, lease: dict[str, Any]) -> L | None:
        """Writes a claim: the columns in ``lease``. As it is here, it is no change of the row: neither history nor version tell. None when
        its last holder has just spoken again."""
        if not self.write(tx, row, lease, self._still_silent(row)):
            return None
        return self.rows.get(tx.conn, tx.ctx, row.id)

    def lost(self, tx: Transaction, row: L) -> None:
        """What becomes of a row whose holder fell silent."""
        self.write(tx, row, {**self.let_go(row, lost=True), "epoch": row.epoch + 1}, self._still_silent(row))

    def _still_silent(self, row: L) -> sa.ColumnElement[bool]:
        """A heartbeat does not queue for the space of its row: it may come between our look and our write."""
        return self.rows.column("lease_until") == row.lease_until

    def kept(self, tx: Transaction, row: L) -> None:
        """What else happens in the transaction of a heartbeat. As it is here, nothing."""

    def asked(self, row: L) -> str:
        """Why its holder should stop, PAUSE or CANCEL or what else the kind knows; "" = it may go on."""
        return row.wish

    # --- taking

    def take(self, worker: str, *waiting: sa.ColumnElement[bool]) -> L | None:
        """Of the rows that meet ``waiting`` and that nobody holds the one that waits longest, held by ``worker``; None where none waits."""
        free = self._free(waiting)
        queue = [self.rows.column(name) for name in self.rules.queue]
        with self.db.read() as conn:  # a look without the write lock, so that idle workers do not disturb anybody
            query = sa.select(self.rows.column("project_space_id"), queue[0]).where(*free).order_by(*queue).limit(1)
            seen = conn.execute(query).first()
        if seen is None:
            return None
        space, longest = seen
        with self.db.begin(system_context(0, space)) as tx:
            # Not just the one seen above: of many workers that saw the same row all but one would go away empty-handed. From there on, so
            # that no index a store may choose leads past all rows that have ended.
            of_space = (self.rows.column("project_space_id") == space, queue[0] >= longest)
            found = tx.conn.execute(self.rows.everything().where(*free, *of_space).order_by(*queue).limit(1)).first()
            if found is None:
                return None  # somebody else was faster
            row = self.rows.load(found)
            begun = self.rules.counted_at_claim or row.lease_until > 0  # a holder who never gave it back has lost an attempt
            return self.taken(
                tx,
                row,
                {
                    "worker": worker[:100],
                    "epoch": row.epoch + 1,
                    "lease_until": tx.now + self.lease_ms,
                    "attempt": row.attempt + begun,
                },
            )

    def look(self, *waiting: sa.ColumnElement[bool]) -> L | None:
        """The row ``take`` would find, as it is now."""
        queue = [self.rows.column(name) for name in self.rules.queue]
        with self.db.read() as conn:
            found = conn.execute(self.rows.everything().where(*self._free(waiting)).order_by(*queue).limit(1)).first()
        return None if found is None else self.rows.load(found)

    def _free(self, waiting: Sequence[sa.ColumnElement[bool]]) -> tuple[sa.ColumnElement[bool], ...]:
        return *waiting, self.rows.column("lease_until") < self.db.clock.now_ms(), *self._kind

    # --- keeping

    def beat(self, row: L, **said: Any) -> L:
        """Extends the lease, and writes what the holder says by the way. Answers the row as it is now. Raises STALE_EPOCH."""
        with self.db.begin(context(row), turn=False) as tx:  # the epoch in the UPDATE decides
            column = self.rows.column
            states = [int(state) for state in self.rules.held]
            held = (column("lease_until") > 0, column("status").in_(states))
            if not self.write(tx, row, {"lease_until": tx.now + self.lease_ms, **said}, *held):
                raise stale_epoch(row)
            current = self.rows.get(tx.conn, tx.ctx, row.id)
            self.kept(tx, current)
            return current

    def held(self, tx: Transaction, row: L) -> L:
        """The stored row, if the holder that read ``row`` still has it. Raises STALE_EPOCH."""
        current = self.rows.get(tx.conn, tx.ctx, row.id)
        if current.epoch != row.epoch or current.status not in self.rules.held:
            raise stale_epoch(row)
        return current

    # --- leaving

    def let_go(self, row: L, lost: bool = False) -> dict[str, Any]:
        """The columns of a row that is let go. lost: with an attempt less."""
        return {"lease_until": 0, "attempt": self.spent(row) + lost}

    def give_back(self, row: L, seconds: float = 0.0, attempt: int | None = None, **said: Any) -> None:
        """Lets a row go, if it is still held, without a change of its state; it is claimed again after ``seconds``, at once where people
        asked for something meanwhile. said: what it waits for, unless they want it to end. attempt: None leaves it as it is."""
        with self.db.begin(context(row)) as tx:
            self.write(tx, row, {"lease_until": 0, **({} if attempt is None else {"attempt": attempt})})
            waits = {"not_before": tx.now + int(seconds * 1000), **({} if row.wish else said)}
            self.write(tx, row, waits, self.rows.column("wish") == row.wish)

    def sweep(self) -> int:
        """Takes back what holders left that are gone. Returns how many rows moved."""
        column = self.rows.column
        states = [int(state) for state in self.rules.held]
        silent = (column("status").in_(states), column("lease_until") > 0, column("lease_until") < self.db.clock.now_ms())
        query = sa.select(column("id"), column("project_space_id")).where(*silent, *self._kind)
        with self.db.read() as conn:
            gone = conn.execute(query).all()
        return sum(self._take_back(id, space) for id, space in gone)

    def _take_back(self, id: int, space: int) -> int:
        with self.db.begin(system_context(0, space)) as tx:
            row = self.rows.get(tx.conn, tx.ctx, id)
            if not 0 < row.lease_until < tx.now or row.status not in self.rules.held:
                return 0
            self.lost(tx, row)
            return 1

    # --- attempts

    def spent(self, row: L) -> int:
        """Attempts that were lost before the one under way."""
        return row.attempt - self.rules.counted_at_claim

    def is_last(self, row: L) -> bool:
        """Whether the attempt under way is the last one."""
        return self.spent(row) + 1 >= self.rules.attempts(row)

    def pause(self, row: L) -> float:
        """Seconds between the attempt under way and the next one."""
        return float(min(self.rules.first * 2.0 ** min(self.spent(row), DOUBLINGS), self.rules.longest))

    # --- writing

    def move(self, tx: Transaction, row: L, event: str, why: str, **changes: Any) -> L:
        """One transition: the row by compare-and-set, and a line of its history. Raises ILLEGAL_TRANSITION, STALE_VERSION."""
        status = self.rules.machine.next(row.status, event)
        moved = self.rows.update(tx, row, status=status, **changes)
        tx.event(self.rows.kind, row.id, row.status, status, event, why)
        return moved

    def write(self, tx: Transaction, row: L, values: dict[str, Any], *where: sa.ColumnElement[bool]) -> bool:
        """Writes columns of the row as long as its epoch is the one it was read with: no change that people would see as a new version."""
        mine = (self.rows.column("id") == row.id, self.rows.column("epoch") == row.epoch)
        return tx.conn.execute(self.rows.table.update().where(*mine, *where), values).rowcount == 1


def context(row: Leased) -> CallContext:
    """What the platform does for a row, it does for whoever asked for it."""
    return system_context(row.user_id, row.project_space_id)


def stale_epoch(row: Leased) -> PlatformError:
    return PlatformError(409, Reason.STALE_EPOCH, field="epoch", limit="the lease that is held now", id=str(row.id))
