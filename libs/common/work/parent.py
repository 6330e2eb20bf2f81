"""ParentWork: a task of tasks (a search, a grid of evaluations, a pipeline). It ends when its children have ended, and takes them along.

Children may be of any domain. A worker looks at a parent for a moment and lets it go again, so that a parent never keeps a worker from its
own children. Between two looks a RUNNING or CANCELLING parent has no lease; the looks are no change that its history or version tells. It
says CANCELLED or FAILED only when every child has ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import sqlalchemy as sa

from idl.enums import ChangeKind
from libs.common import fault
from libs.common.errors import PlatformError
from libs.common.store.database import Database, Transaction
from libs.common.store.repository import Repository
from libs.common.words.messages import error_facts
from libs.common.work.attempt import task_reason
from libs.common.work.holding import Holding, from_facts
from libs.common.work.lease import PAUSE, Leases, context
from libs.common.work.lifecycle import RULES, TaskLifecycle
from libs.common.work.outage import Backoff
from libs.common.work.staged import StagedLeases, StagedWork
from libs.common.work.task import Task, TaskReason, TaskStatus

FAIL = "FAIL"  # a wish as PAUSE is one: the children are ended first
LOOK_SECONDS = 1.0
T = TypeVar("T", bound=Task)
T_contra = TypeVar("T_contra", bound=Task, contravariant=True)


class Children(NamedTuple):
    """How many of a parent's children have ended, and how many there are."""

    ended: int
    total: int

    @property
    def over(self) -> bool:
        return self.ended >= self.total


class Parent(Protocol[T_contra]):
    """What a domain tells of its parents. Every call may come again after a crash, and changes nothing that is done already."""

    def advance(self, task: T_contra) -> Children:
        """Makes the children that should be there by now, and tells how far all are. Over means that no more will come."""

    def cancel(self, task: T_contra) -> Children:
        """Asks every child that has not ended to end, and tells how far all are."""

    def conclude(self, task: T_contra) -> None:
        """All children have ended: ends the task as SUCCEEDED. Raises what their outcome means for it."""


class ParentTasks(TaskLifecycle[T], StagedLeases[T]):
    """An attempt that counts is one that was lost: a look that failed, or whose process died."""

    waits = ("progress_message", 200)

    def __init__(
        self,
        db: Database,
        tasks: Repository[T],
        lease_seconds: float,
        on_end: Callable[[Transaction, T], None] = lambda _tx, _task: None,
        only: Sequence[sa.ColumnElement[bool]] = (),
    ) -> None:
        super().__init__(db, tasks, lease_seconds, on_end, only, replace(RULES, queue=("not_before", "id"), counted_at_claim=False))

    def claim(self, worker: str, over: bool = False) -> T | None:
        """A parent that waits to begin, or the next look at one that has begun."""
        column = self.tasks.column
        begun = column("status").in_([int(status) for status in self.rules.held])
        look = sa.and_(begun, column("not_before") <= self.db.clock.now_ms())
        return self.take(worker, sa.or_(self._pending(over), look))

    def taken(self, tx: Transaction, row: T, lease: dict[str, Any]) -> T | None:
        began = row.status != TaskStatus.PENDING
        return Leases.taken(self, tx, row, lease) if began else super().taken(tx, row, lease)

    def lost(self, tx: Transaction, row: T) -> None:
        """Another look follows: also one whose attempts are spent has children to end."""
        Leases.lost(self, tx, row)

    def cancel(self, tx: Transaction, id: int, cause: str) -> T:
        """CANCELLING, until a look has seen that every child has ended. Raises ILLEGAL_TRANSITION on an ended task."""
        return self._step(tx, self.tasks.get(tx.conn, tx.ctx, id), "CANCEL", TaskReason.USER_REQUEST, cause, not_before=0)

    def note(self, row: T, seconds: float, children: Children) -> None:
        """Gives the parent back with its children's progress, which who follows it is told."""
        progress: dict[str, Any] = {"progress_done": children.ended, "progress_total": children.total}
        self.give_back(row, seconds, **progress)
        if (row.progress_done, row.progress_total) != children and not row.wish:
            with self.db.begin(context(row)) as tx:
                self.tasks.tell(tx, replace(row, **progress), ChangeKind.PROGRESS)

    def give_up(self, row: T, error: PlatformError) -> T:
        """FAILED, once every child has ended."""
        with self.db.begin(context(row)) as tx:
            current = self.held(tx, row)
            return self.tasks.update(tx, current, wish=FAIL, error=error_facts(error), lease_until=0, not_before=0)


class ParentWork(Generic[T]):
    """The steps of a parent, one per look. look_seconds: between two looks."""

    def __init__(self, tasks: ParentTasks[T], parent: Parent[T], look_seconds: float = LOOK_SECONDS) -> None:
        self._tasks, self._parent, self._seconds = tasks, parent, look_seconds

    def staged(self, backoff: Backoff, stop: threading.Event) -> StagedWork[T]:
        steps = {TaskStatus.RUNNING: self.advance, TaskStatus.CANCELLING: self.end}
        return StagedWork(self._tasks, steps, self.end, backoff, stop, (TaskStatus.CANCELLING,))

    def advance(self, task: T, holding: Holding[T]) -> None:
        children = self._parent.advance(task)
        fault.point("parent.after_children_before_progress")
        if not children.over:
            return self._look_again(task, children)
        holding.finish()
        fault.point("parent.after_children_before_conclusion")
        return self._parent.conclude(task)

    def end(self, task: T, _holding: Holding[T]) -> None:
        """Cancelled, paused by people, or failed for good. A paused parent makes no more children; those that run go on."""
        if task.wish == PAUSE and task.status == TaskStatus.RUNNING:
            self._tasks.paused(task)
            return
        children = self._parent.cancel(task)
        fault.point("parent.after_children_cancelled_before_end")
        if not children.over:
            self._look_again(task, children)
        elif task.status == TaskStatus.CANCELLING:
            self._tasks.freed(task)
        else:
            self._tasks.fail(task, task_reason(from_facts(task.error)), task.error, retry=False)

    def _look_again(self, task: T, children: Children) -> None:
        self._tasks.note(task, self._seconds, children)
