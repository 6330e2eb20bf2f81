"""HumanWork: a task whose work is done by people, item by item (annotation, human evaluation, drafts to approve).

A worker lays the items out and lets the task go: WAITING_HUMAN has no lease, however long people take. Whoever changes an item calls
``item_changed`` in the same transaction, so that the progress of the task is that of its items at every moment. Once all are done a worker
takes the task again and concludes it. A cancel ends it at once; ``on_end`` takes the items back in the transaction of the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from idl.enums import ChangeKind
from libs.common import fault
from libs.common.store.database import Database, Transaction
from libs.common.store.repository import Repository
from libs.common.work.attempt import TaskAttempt
from libs.common.work.lease import context
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.task import MACHINE, Task, TaskReason, TaskStatus
from libs.common.work.worker import Worker

T = TypeVar("T", bound=Task)
T_contra = TypeVar("T_contra", bound=Task, contravariant=True)
Count = Callable[[Transaction, T], tuple[int, int]]


class Items(Protocol[T_contra]):
    """What a domain tells the worker of its human work."""

    def lay_out(self, task: T_contra) -> None:
        """Makes the items people will work on. Done again after a crash: what is there stays as it is."""

    def conclude(self, task: T_contra) -> None:
        """All items are done: publishes what they say together and ends the task as SUCCEEDED."""


class HumanTasks(TaskLifecycle[T]):
    """``count(tx, task)``: how many items of the task are done, and how many there are."""

    def __init__(
        self,
        db: Database,
        tasks: Repository[T],
        lease_seconds: float,
        count: Count[T],
        on_end: Callable[[Transaction, T], None] = lambda _tx, _task: None,
        only: Sequence[sa.ColumnElement[bool]] = (),
    ) -> None:
        super().__init__(db, tasks, lease_seconds, on_end, only)
        self._count = count

    def claim(self, worker: str, over: bool = False) -> T | None:
        """Also a task whose last item is done."""
        column = self.tasks.column
        waits = column("status") == int(TaskStatus.WAITING_HUMAN)
        done = sa.and_(waits, column("progress_done") >= column("progress_total"))
        return self.take(worker, sa.or_(self._pending(over), done))

    def taken(self, tx: Transaction, row: T, lease: dict[str, Any]) -> T | None:
        if row.status == TaskStatus.WAITING_HUMAN:
            return self._step(tx, row, "HUMAN_DONE", TaskReason.NONE, lease["worker"], **lease)
        return super().taken(tx, row, lease)

    def await_people(self, task: T) -> T:
        """RUNNING -> WAITING_HUMAN, the attempt given back; CANCELLED when a person asked for that meanwhile. Raises STALE_EPOCH."""
        with self.db.begin(context(task)) as tx:
            current = self.held(tx, task)
            if current.status == TaskStatus.CANCELLING:
                return self._end(tx, current, "FREED", TaskReason.USER_REQUEST, {})
            progress = self._progress(tx, current)
            return self._step(tx, current, "WAIT_HUMAN", TaskReason.NONE, "", **progress, **self.let_go(current))

    def item_changed(self, tx: Transaction, id: int) -> T:
        """Called in the transaction that changes an item. Raises ILLEGAL_TRANSITION when people have nothing to do with the task now."""
        task = self.tasks.get(tx.conn, tx.ctx, id)
        MACHINE.next(task.status, "HUMAN_DONE")
        progress: dict[str, Any] = self._progress(tx, task)
        self.write(tx, task, {**progress, "update_time": tx.now})
        moved = replace(task, **progress, update_time=tx.now)
        self.tasks.tell(tx, moved, ChangeKind.PROGRESS)
        return moved

    def all_done(self, task: T) -> bool:
        with self.db.begin(context(task)) as tx:
            done, total = self._count(tx, task)
            return done >= total

    def _progress(self, tx: Transaction, task: T) -> dict[str, int]:
        done, total = self._count(tx, task)
        return {"progress_done": done, "progress_total": total}


class HumanAttempt(TaskAttempt[T]):
    """What a worker does about such a task, before and after people: the same both times, since the items say which it is."""

    def __init__(self, items: Items[T], tasks: HumanTasks[T], task: T, *more: Any) -> None:
        super().__init__(task, tasks, *more)
        self._items, self._tasks = items, tasks

    def work(self) -> str:
        self._items.lay_out(self.task)
        fault.point("human.after_items_before_waiting")
        self._holding.finish()
        if not self._tasks.all_done(self.task):
            return self._tasks.await_people(self.task).status.name
        fault.point("human.after_items_done_before_conclusion")
        self._items.conclude(self.task)
        return TaskStatus.SUCCEEDED.name


class HumanWorker(Worker[T]):
    """A worker of human work: ``Worker`` in everything else."""

    def __init__(self, name: str, tasks: HumanTasks[T], items: Items[T], folder: Path, poll_seconds: float, **more: Any) -> None:
        super().__init__(name, tasks, items, folder, poll_seconds, **more)  # type: ignore[arg-type]
        self._items, self._tasks = items, tasks

    def attempt(self, task: T) -> TaskAttempt[T]:
        return HumanAttempt(self._items, self._tasks, task, self.stop, self._executor, self._backoff)
