"""How tasks move: created once, claimed under a lease with an epoch, kept alive by heartbeats, ended exactly once.

Every step is one compare-and-set plus one row of history in one transaction. A worker that lost its lease is refused by the epoch inside
the write itself; a dead worker's task comes back by ``sweep``; a task whose last attempt ended with a dead process is POISON. An outage of
what a task needs is not its fault: it waits, and the attempt is given back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa

from idl.enums import ChangeKind
from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Database, Transaction, seed_columns
from libs.common.store.repository import Repository
from libs.common.store.statement import Row
from libs.common.words.messages import error_facts as error_facts
from libs.common.work.task import MACHINE, Task, TaskReason, TaskStatus

T = TypeVar("T", bound=Task)
PROGRESS_MS = 1000  # between two steps of a task that are told to who looks at it
RETRY_SECONDS = 2.0  # before the second attempt, doubled before each further one …
RETRY_SECONDS_MAX = 300.0  # … up to this
_HELD = (TaskStatus.RUNNING, TaskStatus.CANCELLING)


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


class TaskLifecycle(Generic[T]):
    """``on_end(tx, task)`` runs in the transaction that ends a task without success, e.g. to put a message into the outbox."""

    def __init__(
        self, db: Database, tasks: Repository[T], lease_seconds: float, on_end: Callable[[Transaction, T], None] = _nothing
    ) -> None:
        self.db, self.tasks, self._on_end = db, tasks, on_end
        self.lease_ms = int(lease_seconds * 1000)
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

    def cancel(self, tx: Transaction, id: int, cause: str) -> T:
        """CANCELLING; CANCELLED at once when no worker holds the task. Raises ILLEGAL_TRANSITION on an ended task."""
        task = self.tasks.get(tx.conn, tx.ctx, id)
        held = task.status in (TaskStatus.RUNNING, TaskStatus.WAITING_HUMAN) and task.lease_until > tx.now
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

        over: the outage some wait for has just ended, so that they need not wait out their pause.
        """
        due = self.tasks.column("not_before") <= self.db.clock.now_ms()
        if over:
            due = sa.or_(due, self.tasks.column("reason") == int(TaskReason.WAIT_DEPENDENCY))
        waiting = (self.tasks.column("status") == int(TaskStatus.PENDING), due, self.tasks.table.c.mark_delete == 0)
        with self.db.read() as conn:  # a look without the write lock, so that idle workers do not disturb anybody
            key = self.tasks.column("id")
            found = conn.execute(sa.select(self.tasks.column("project_space_id"), key).where(*waiting).order_by(key).limit(1)).first()
        if found is None:
            return None
        space, oldest = found
        with self.db.begin(system_context(0, space)) as tx:
            # Not just the one seen above: of many workers that saw the same task all but one would go away empty-handed. From there on, so
            # that no index a store may choose leads past all tasks that have ended.
            task = self.tasks.first(tx.conn, tx.ctx, *waiting, key >= oldest, newest=False)
            if task is None:
                return None  # somebody else was faster
            return self._step(
                tx,
                task,
                "CLAIM",
                TaskReason.NONE,
                worker,
                worker=worker,
                epoch=task.epoch + 1,
                attempt=task.attempt + 1,
                lease_until=tx.now + self.lease_ms,
                start_time=task.start_time or tx.now,
                error={},
            )

    def heartbeat(self, task: T, done: int, total: int, message: str) -> T:
        """Extends the lease and stores progress. Answers the task as it is now: look at ``status`` and ``wish``. Raises STALE_EPOCH."""
        with self.db.begin(self._worker_context(task), turn=False) as tx:  # the epoch in the UPDATE decides
            table = self.tasks.table
            outcome = tx.conn.execute(
                table.update().where(
                    table.c.id == task.id,
                    table.c.epoch == task.epoch,
                    table.c.status.in_([int(status) for status in _HELD]),
                ),
                {
                    "lease_until": tx.now + self.lease_ms,
                    "progress_done": done,
                    "progress_total": total,
                    "progress_message": message[:200],
                    "update_time": tx.now,
                },
            )
            if outcome.rowcount != 1:
                raise stale_epoch(task)
            current = self.tasks.get(tx.conn, tx.ctx, task.id)
            self._tell_progress(tx, current)
            return current

    def _tell_progress(self, tx: Transaction, task: T) -> None:
        """Into the change feed, where there is some, at most once a second."""
        shown, (before, at) = (task.id, task.progress_done, task.progress_total, task.progress_message), self._told
        if shown != before and tx.now - at >= PROGRESS_MS:
            self.tasks.tell(tx, task, ChangeKind.PROGRESS)
            self._told = (shown, tx.now)

    def succeed(self, task: T, result: dict[str, Any], failed_items: int = 0, **changes: Any) -> T:
        """RUNNING -> SUCCEEDED with the domain's own changes. Raises STALE_EPOCH for a worker that lost its lease."""
        with self.db.begin(self._worker_context(task)) as tx:
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

    def fail(self, task: T, reason: TaskReason, error: dict[str, Any], retry: bool) -> T:
        """RUNNING -> FAILED, or PENDING again when ``retry`` and attempts are left; CANCELLED when a person asked for that meanwhile.

        A process that died at the last attempt too is POISON; any other failure keeps its own reason.
        """
        with self.db.begin(self._worker_context(task)) as tx:
            current = self.held(tx, task)
            if current.status == TaskStatus.CANCELLING:  # the worker had not heard of it yet; its child is gone either way
                return self._end(tx, current, "FREED", TaskReason.USER_REQUEST, {})
            if retry and current.attempt < current.max_attempts:
                later = tx.now + int(min(RETRY_SECONDS * 2 ** (current.attempt - 1), RETRY_SECONDS_MAX) * 1000)
                return self._step(
                    tx, current, "RETRY", TaskReason.WAIT_RETRY, str(error)[:200], not_before=later, lease_until=0, error=error
                )
            if reason == TaskReason.WORKER_LOST:
                reason, error = TaskReason.POISON, _poison(current, error)
            return self._end(tx, current, "FAIL", reason, error)

    def awaits(self, task: T, error: dict[str, Any], seconds: float) -> T:
        """RUNNING -> PENDING for ``seconds`` at least, because what the task needs is away (``error``): the attempt is given back."""
        with self.db.begin(self._worker_context(task)) as tx:
            current = self.held(tx, task)
            if current.status == TaskStatus.CANCELLING:
                return self._end(tx, current, "FREED", TaskReason.USER_REQUEST, {})
            return self._step(
                tx,
                current,
                "AWAIT",
                TaskReason.WAIT_DEPENDENCY,
                str(error.get("message", {}).get("en", ""))[:200],
                attempt=current.attempt - 1,
                not_before=tx.now + int(seconds * 1000),
                lease_until=0,
                error=error,
            )

    def paused(self, task: T) -> T:
        """RUNNING -> PAUSED, once the child is gone, the attempt given back; CANCELLED where a person cancelled meanwhile."""
        with self.db.begin(self._worker_context(task)) as tx:
            current = self.held(tx, task)
            if current.status == TaskStatus.CANCELLING:
                return self._end(tx, current, "FREED", TaskReason.USER_REQUEST, {})
            return self._step(tx, current, "PAUSE", TaskReason.USER_REQUEST, "", attempt=current.attempt - 1, wish="", lease_until=0)

    def released(self, task: T) -> T:
        """RUNNING -> PENDING because the worker was asked to stop: not the task's fault, so the attempt is given back."""
        with self.db.begin(self._worker_context(task)) as tx:
            current = self.held(tx, task)
            if current.status == TaskStatus.CANCELLING:
                return self._end(tx, current, "FREED", TaskReason.USER_REQUEST, {})
            return self._step(tx, current, "LOSE", TaskReason.WAIT_CAPACITY, "worker stopped", attempt=current.attempt - 1, lease_until=0)

    def freed(self, task: T) -> T:
        """CANCELLING -> CANCELLED, once the child is gone."""
        with self.db.begin(self._worker_context(task)) as tx:
            return self._end(tx, self.held(tx, task), "FREED", TaskReason.USER_REQUEST, {})

    def sweep(self) -> int:
        """Takes back what dead workers held. Returns how many tasks moved."""
        silent = (
            self.tasks.column("status").in_([int(status) for status in _HELD]),
            self.tasks.column("lease_until") < self.db.clock.now_ms(),
            self.tasks.table.c.mark_delete == 0,
        )
        with self.db.read() as conn:
            key, space = self.tasks.column("id"), self.tasks.column("project_space_id")
            gone = conn.execute(sa.select(key, space).where(*silent)).all()
        return sum(self._take_back(id, space_id) for id, space_id in gone)

    def ended(self, ids: Collection[int]) -> list[int]:
        """Which of these tasks, of whatever space, have ended."""
        if not ids:
            return []
        key, over = self.tasks.column("id"), [int(status) for status in MACHINE.terminal]
        with self.db.read() as conn:
            return list(conn.execute(sa.select(key).where(key.in_(ids), self.tasks.column("status").in_(over))).scalars())

    def _take_back(self, id: int, space_id: int) -> int:
        with self.db.begin(system_context(0, space_id)) as tx:
            task = self.tasks.get(tx.conn, tx.ctx, id)
            if task.lease_until >= tx.now or task.status not in _HELD:
                return 0
            if task.status == TaskStatus.CANCELLING:
                self._end(tx, task, "FREED", TaskReason.USER_REQUEST, {})
            elif task.attempt >= task.max_attempts:
                self._end(tx, task, "FAIL", TaskReason.POISON, _poison(task, {}))
            else:  # a new epoch at once, so that the old worker cannot write even before the next claim
                self._step(tx, task, "LOSE", TaskReason.WORKER_LOST, task.worker, epoch=task.epoch + 1, lease_until=0)
            return 1

    def held(self, tx: Transaction, task: T) -> T:
        """The stored task, if the worker that read ``task`` still holds it. Raises STALE_EPOCH."""
        current = self.tasks.get(tx.conn, tx.ctx, task.id)
        if current.epoch != task.epoch or current.status not in _HELD:
            raise stale_epoch(task)
        return current

    def _end(self, tx: Transaction, task: T, event: str, reason: TaskReason, error: dict[str, Any]) -> T:
        ended = self._step(tx, task, event, reason, "", error=error, finish_time=tx.now, lease_until=0)
        self._on_end(tx, ended)
        return ended

    def _step(self, tx: Transaction, task: T, event: str, reason: TaskReason, why: str, **changes: Any) -> T:
        status = MACHINE.next(task.status, event)
        moved = self.tasks.update(tx, task, status=status, reason=reason, **changes)
        tx.event(self.tasks.kind, task.id, task.status, status, event, why)
        return moved

    @staticmethod
    def _worker_context(task: Task) -> CallContext:
        return system_context(task.user_id, task.project_space_id)


def _poison(task: Task, last: dict[str, Any]) -> dict[str, Any]:
    """What is stored with a task that was stopped. last: the failure of its last attempt."""
    return error_facts(PlatformError(500, Reason.POISON, **{**last.get("details", {}), "attempts": task.attempt}))


def stale_epoch(task: Task) -> PlatformError:
    return PlatformError(409, Reason.STALE_EPOCH, field="epoch", limit="the lease that is held now", id=str(task.id))
