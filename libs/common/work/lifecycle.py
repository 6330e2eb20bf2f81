"""How tasks move: created once, claimed under a lease with an epoch, kept alive by heartbeats, ended exactly once.

Leases are those of ``libs.common.work.lease``; here is what they mean for a task. To be held is a state: RUNNING, or CANCELLING until the
child is gone. Every step is one compare-and-set plus one row of history in one transaction. A dead worker's task comes back by ``sweep``; a
task whose last attempt ended with a dead process is POISON. An outage of what a task needs is not its fault: it waits, and the attempt is
given back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from idl.enums import ChangeKind
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Database, Transaction, seed_columns
from libs.common.store.repository import Repository
from libs.common.store.statement import Row
from libs.common.words.messages import error_facts as error_facts
from libs.common.work.lease import CANCEL, Leases, Rules, context
from libs.common.work.task import MACHINE, Task, TaskReason, TaskStatus
from libs.common.work.tasklog import TaskLog, TaskLogs

T = TypeVar("T", bound=Task)
PROGRESS_MS = 1000  # between two steps of a task that are told to who looks at it
RETRY_SECONDS = 2.0  # before the second attempt, doubled before each further one …
RETRY_SECONDS_MAX = 300.0  # … up to this
AWAITED = tuple(int(reason) for reason in (TaskReason.WAIT_DEPENDENCY, TaskReason.WAIT_QUOTA, TaskReason.WAIT_CAPACITY))
"""What may be there again before a pause is over."""
RULES = Rules(MACHINE, (TaskStatus.RUNNING, TaskStatus.CANCELLING), first=RETRY_SECONDS, longest=RETRY_SECONDS_MAX)


def task_columns() -> list[sa.Column[Any]]:
    """The columns of ``Task`` for a domain's task table; ``desc``, ``name`` and ``status`` as the seed spells them."""
    return [
        *seed_columns(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("desc", sa.String(1000)),
        sa.Column("status", sa.Integer),
        *task_columns_beyond_the_seed(),
    ]


def task_columns_beyond_the_seed(empty: str | None = None) -> list[sa.Column[Any]]:
    """What a task needs besides the seed's columns. empty: default of the JSON texts, for a table that takes rows without them."""
    whole: dict[str, Any] = {"nullable": False, "server_default": "0"}
    text: dict[str, Any] = {"nullable": False, "server_default": ""}
    json: dict[str, Any] = {"nullable": False, "server_default": empty}
    return [
        sa.Column("reason", sa.Integer, **whole),
        sa.Column("project_space_id", sa.BigInteger, **whole),
        sa.Column("user_id", sa.BigInteger, **whole),
        sa.Column("snapshot", sa.Text(16_000_000), **json),
        sa.Column("snapshot_hash", sa.String(64), **text),
        sa.Column("result", sa.Text(16_000_000), **json),
        sa.Column("error", sa.Text(16_000_000), **json),
        sa.Column("progress_done", sa.BigInteger, **whole),
        sa.Column("progress_total", sa.BigInteger, **whole),
        sa.Column("progress_message", sa.String(200), **text),
        sa.Column("attempt", sa.Integer, **whole),
        sa.Column("max_attempts", sa.Integer, **whole),
        sa.Column("failed_items", sa.BigInteger, **whole),
        sa.Column("epoch", sa.BigInteger, **whole),
        sa.Column("lease_until", sa.BigInteger, **whole),
        sa.Column("worker", sa.String(100), **text),
        sa.Column("wish", sa.String(20), **text),
        sa.Column("not_before", sa.BigInteger, **whole),
        sa.Column("start_time", sa.BigInteger, **whole),
        sa.Column("finish_time", sa.BigInteger, **whole),
    ]


def snapshot_hash(snapshot: dict[str, Any]) -> str:
    """Hex SHA-256 over the canonical JSON of a snapshot: the same work has the same hash."""
    return hashlib.sha256(msgspec.json.encode(snapshot, order="sorted")).hexdigest()


def latest_and_open(tasks: Repository[Any]) -> sa.Select[Any]:
    """The newest task of the model bound as ``model_id``; behind its columns how many have not ended (terminal states are 90 and above)."""
    of_model = (*tasks.prepared_scope(), tasks.column("model_id") == sa.bindparam("model_id"))
    running = sa.select(sa.func.count()).select_from(tasks.table).where(*of_model, tasks.column("status") < sa.literal_column("90"))
    return tasks.everything(running.correlate(None).scalar_subquery()).where(*of_model).order_by(tasks.column("id").desc()).limit(1)


def load_latest_and_open(tasks: Repository[T], row: Row | None) -> tuple[T | None, int]:
    """What a row of ``latest_and_open`` says."""
    return (None, 0) if row is None else (tasks.load(row[:-1]), int(row[-1]))


def _nothing(_tx: Transaction, _task: Any) -> None:
    """Most domains have nobody to tell."""


class TaskLifecycle(Leases[T]):
    """``on_end(tx, task)`` runs in the transaction that ends a task without success, e.g. to put a message into the outbox."""

    def __init__(
        self,
        db: Database,
        tasks: Repository[T],
        lease_seconds: float,
        on_end: Callable[[Transaction, T], None] = _nothing,
        only: Sequence[sa.ColumnElement[bool]] = (),
        rules: Rules = RULES,
    ) -> None:
        super().__init__(db, tasks, lease_seconds, rules, only)
        self.tasks, self._on_end, self._logs = tasks, on_end, TaskLogs(db)
        self._told: tuple[Any, int] = ((), 0)

    # --- what people ask for

    def create(self, tx: Transaction, task: T) -> T:
        stored = self.tasks.insert(tx, task)
        tx.event(self.tasks.kind, stored.id, TaskStatus.PENDING, TaskStatus.PENDING, "CREATE")
        return stored

    def finished_twin(self, ctx: CallContext, hashed: str) -> T | None:
        """A task of this space that already did exactly this work without a failed item."""
        with self.db.read() as conn:
            return self.tasks.first(
                conn,
                ctx,
                self.tasks.column("snapshot_hash") == hashed,
                self.tasks.column("status") == int(TaskStatus.SUCCEEDED),
                self.tasks.column("failed_items") == 0,
            )

    def log(self, ctx: CallContext, id: int, after: int) -> TaskLog:
        """What its engine printed after a place, 0 = from the beginning of what is kept. Raises NOT_FOUND."""
        with self.db.read() as conn:
            return self._logs.read(conn, self.tasks.get(conn, ctx, id), after)

    def cancel(self, tx: Transaction, id: int, cause: str) -> T:
        """CANCELLING; CANCELLED at once when no worker holds the task. Raises ILLEGAL_TRANSITION on an ended task."""
        task = self.tasks.get(tx.conn, tx.ctx, id)
        held = task.status in self.rules.held and task.lease_until > tx.now
        task = self._step(tx, task, "CANCEL", TaskReason.USER_REQUEST, cause)
        return task if held else self._end(tx, task, "FREED", TaskReason.USER_REQUEST, {})

    def ask_pause(self, tx: Transaction, id: int) -> T:
        """Leaves a wish for the worker, which stops at its next heartbeat."""
        task = self.tasks.get(tx.conn, tx.ctx, id)
        MACHINE.next(task.status, "PAUSE")
        return self.tasks.update(tx, task, wish="PAUSE")

    def resume(self, tx: Transaction, id: int) -> T:
        task = self.tasks.get(tx.conn, tx.ctx, id)
        return self._step(tx, task, "RESUME", TaskReason.WAIT_CAPACITY, "", wish="")

    # --- what workers do

    def claim(self, worker: str, over: bool = False) -> T | None:
        """The oldest task that waits, now RUNNING for ``worker`` under a lease with a new epoch; None when there is none.

        over: what some wait for may be there now, so that they need not wait out their pause.
        """
        return self.take(worker, self._pending(over))

    def claim_this(self, worker: str, id: int) -> T | None:
        """The same for one task that waits, also before its pause is over."""
        return self.take(worker, self.tasks.column("id") == id, self.tasks.column("status") == int(TaskStatus.PENDING))

    def due(self, over: bool, passed: Collection[int]) -> T | None:
        """The task the next claim would take, beside those that were ``passed`` over; nobody is kept from it by this look."""
        return self.look(self._pending(over), *([self.tasks.column("id").not_in(passed)] if passed else []))

    def _pending(self, over: bool) -> sa.ColumnElement[bool]:
        due = self.tasks.column("not_before") <= self.db.clock.now_ms()
        due = sa.or_(due, self.tasks.column("reason").in_(AWAITED)) if over else due
        return sa.and_(self.tasks.column("status") == int(TaskStatus.PENDING), due)

    def wait_on(self, task: T, reason: TaskReason, error: dict[str, Any], seconds: float) -> None:
        """A task that waits goes on waiting for ``seconds``, and says why (``error``): no attempt, and no step of its history."""
        with self.db.begin(context(task)) as tx:
            current = self.tasks.get(tx.conn, tx.ctx, task.id)
            if current.status != TaskStatus.PENDING or current.epoch != task.epoch:
                return
            later = {"not_before": tx.now + int(seconds * 1000)}
            if (current.reason, current.error) == (reason, error):
                self.write(tx, current, later)
            else:
                self.tasks.update(tx, current, reason=reason, error=error, **later)

    def taken(self, tx: Transaction, row: T, lease: dict[str, Any]) -> T | None:
        return self._step(tx, row, "CLAIM", TaskReason.NONE, lease["worker"], start_time=row.start_time or tx.now, error={}, **lease)

    def heartbeat(self, task: T, done: int, total: int, message: str) -> T:
        """Extends the lease and stores progress. Answers the task as it is now. Raises STALE_EPOCH."""
        progress = {"progress_done": done, "progress_total": total, "progress_message": message[:200]}
        return self.beat(task, **progress, update_time=self.db.clock.now_ms())

    def asked(self, row: T) -> str:
        return CANCEL if row.status == TaskStatus.CANCELLING else row.wish

    def kept(self, tx: Transaction, row: T) -> None:
        """Progress goes into the change feed, where there is some, at most once a second."""
        shown, (before, at) = (row.id, row.progress_done, row.progress_total, row.progress_message), self._told
        if shown != before and tx.now - at >= PROGRESS_MS:
            self.tasks.tell(tx, row, ChangeKind.PROGRESS)
            self._told = (shown, tx.now)

    def printed(self, task: T, text: str) -> None:
        """Adds to the log of a task, and tells who looks at it. Raises STALE_EPOCH for a worker that lost its lease."""
        with self.db.begin(context(task), turn=False) as tx:
            current = self.held(tx, task)
            self._logs.add(tx, current, text)
            self.tasks.tell(tx, current, ChangeKind.PROGRESS)

    def succeed(self, task: T, result: dict[str, Any], failed_items: int = 0, **changes: Any) -> T:
        """RUNNING -> SUCCEEDED with the domain's own changes. Raises STALE_EPOCH for a worker that lost its lease."""
        with self.db.begin(context(task)) as tx:
            current = self.held(tx, task)
            return self.succeed_in(tx, current, result, failed_items, **changes)

    def succeed_in(self, tx: Transaction, current: T, result: dict[str, Any], failed_items: int = 0, **changes: Any) -> T:
        """The same inside a domain's own transaction, for a task read by ``held``."""
        return self._step(
            tx,
            current,
            "SUCCEED",
            TaskReason.NONE,
            "",
            result=result,
            failed_items=failed_items,
            finish_time=tx.now,
            lease_until=0,
            progress_done=max(current.progress_total, current.progress_done),
            **changes,
        )

    def fail(self, task: T, reason: TaskReason, error: dict[str, Any], retry: bool, left: dict[str, Any] | None = None) -> T:
        """RUNNING -> FAILED, or PENDING again when ``retry`` and attempts are left; CANCELLED when a person asked for that meanwhile.

        left: what it leaves to be read, its result.

        A process that died at the last attempt too is POISON; any other failure keeps its own reason.
        """
        with self.db.begin(context(task)) as tx:
            current = self.held(tx, task)
            if current.status == TaskStatus.CANCELLING:  # the worker had not heard of it yet; its child is gone either way
                return self._end(tx, current, "FREED", TaskReason.USER_REQUEST, {})
            if retry and not self.is_last(current):
                later = {"not_before": tx.now + int(self.pause(current) * 1000), **self.let_go(current, lost=True)}
                return self._step(tx, current, "RETRY", TaskReason.WAIT_RETRY, str(error)[:200], error=error, **later)
            if reason == TaskReason.WORKER_LOST:
                reason, error = TaskReason.POISON, _poison(current, error)
            return self._end(tx, current, "FAIL", reason, error, result=left or {})

    def awaits(self, task: T, error: dict[str, Any], seconds: float) -> T:
        """RUNNING -> PENDING for ``seconds`` at least, because what the task needs is away (``error``): the attempt is given back."""
        with self.db.begin(context(task)) as tx:
            current = self.held(tx, task)
            if current.status == TaskStatus.CANCELLING:
                return self._end(tx, current, "FREED", TaskReason.USER_REQUEST, {})
            return self._step(
                tx,
                current,
                "AWAIT",
                TaskReason.WAIT_DEPENDENCY,
                str(error.get("message", {}).get("en", ""))[:200],
                not_before=tx.now + int(seconds * 1000),
                error=error,
                **self.let_go(current),
            )

    def paused(self, task: T) -> T:
        """RUNNING -> PAUSED, once the child is gone, the attempt given back; CANCELLED where a person cancelled meanwhile."""
        with self.db.begin(context(task)) as tx:
            current = self.held(tx, task)
            if current.status == TaskStatus.CANCELLING:
                return self._end(tx, current, "FREED", TaskReason.USER_REQUEST, {})
            return self._step(tx, current, "PAUSE", TaskReason.USER_REQUEST, "", wish="", **self.let_go(current))

    def released(self, task: T) -> T:
        """RUNNING -> PENDING because the worker was asked to stop: not the task's fault, so the attempt is given back."""
        with self.db.begin(context(task)) as tx:
            current = self.held(tx, task)
            if current.status == TaskStatus.CANCELLING:
                return self._end(tx, current, "FREED", TaskReason.USER_REQUEST, {})
            return self._step(tx, current, "LOSE", TaskReason.WAIT_CAPACITY, "worker stopped", **self.let_go(current))

    def freed(self, task: T) -> T:
        """CANCELLING -> CANCELLED, once the child is gone."""
        with self.db.begin(context(task)) as tx:
            return self._end(tx, self.held(tx, task), "FREED", TaskReason.USER_REQUEST, {})

    def ended(self, ids: Collection[int]) -> list[int]:
        """Which of these tasks, of whatever space, have ended."""
        if not ids:
            return []
        key, over = self.tasks.column("id"), [int(status) for status in MACHINE.terminal]
        with self.db.read() as conn:
            return list(conn.execute(sa.select(key).where(key.in_(ids), self.tasks.column("status").in_(over))).scalars())

    def lost(self, tx: Transaction, row: T) -> None:
        if row.status == TaskStatus.CANCELLING:
            self._end(tx, row, "FREED", TaskReason.USER_REQUEST, {})
        elif self.is_last(row):
            self._end(tx, row, "FAIL", TaskReason.POISON, _poison(row, {}))
        else:  # a new epoch at once, so that the old worker cannot write even before the next claim
            gone = self.let_go(row, lost=True)
            self._step(tx, row, "LOSE", TaskReason.WORKER_LOST, row.worker, epoch=row.epoch + 1, **gone)

    def _end(self, tx: Transaction, task: T, event: str, reason: TaskReason, error: dict[str, Any], **changes: Any) -> T:
        ended = self._step(tx, task, event, reason, "", error=error, finish_time=tx.now, lease_until=0, **changes)
        self._on_end(tx, ended)
        return ended

    def _step(self, tx: Transaction, task: T, event: str, reason: TaskReason, why: str, **changes: Any) -> T:
        return self.move(tx, task, event, why, reason=reason, **changes)


def _poison(task: Task, last: dict[str, Any]) -> dict[str, Any]:
    """What is stored with a task that was stopped. last: the failure of its last attempt."""
    return error_facts(PlatformError(500, Reason.POISON, **{**last.get("details", {}), "attempts": task.attempt}))
