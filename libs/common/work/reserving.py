"""Resources are reserved before a task starts, kept while it runs, and given back when it has ended, whatever way that was.

A reservation belongs to one claim of one task: its holder is named by both, so that whoever has lost a task can give back only its own.
A worker that dies leaves a reservation whose lease ends. Where nothing is bounded (no limit is set and no node is registered) the resource
service is told and not needed: while it is away work goes on, and what runs then is reserved when it comes back. That something is bounded
is remembered beside the work, for a worker that starts while the resource service is away.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from idl.enums import ReservationStatus
from libs.common import fault
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.peer import Peer
from libs.common.sight import logs
from libs.common.words.messages import error_facts
from libs.common.work.asking import WAITS, Ask, lacking
from libs.common.work.lease import context
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.outage import OUTAGES
from libs.common.work.task import Task, TaskReason

log = logs.get("worker")
LEASE_SECONDS = 30
RENEW_SECONDS = LEASE_SECONDS / 3
CALL_SECONDS = 2.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Between two asks of a task that waits; the longest is well within a lease, so that its place in the queue is kept."""
AT_ONCE = 20  # tasks without room that are passed over before chores have their turn
T = TypeVar("T", bound=Task)


class Wait(NamedTuple):
    """Why a task does not start now."""

    reason: TaskReason
    error: PlatformError


class Reserving(Generic[T]):
    """For one worker. resources: the resource service. asks: what a task needs. folder: of the worker; the file ``bounded`` is there while
    something is."""

    def __init__(self, resources: Peer, tasks: TaskLifecycle[T], asks: Callable[[T], Ask], folder: Path) -> None:
        self._resources, self._tasks, self._asks, self._bounded = resources, tasks, asks, folder / "bounded"
        self._given: dict[int, int] = {}
        self._owed: deque[tuple[T, int]] = deque(maxlen=AT_ONCE)
        self._settling = threading.Lock()
        self._freed = False

    # --- before

    def claim(self, worker: str, over: bool) -> T | None:
        """The oldest task that waits and has room, held by ``worker``; those without room say why they wait."""
        over, self._freed = over or self._freed, False
        passed: list[int] = []
        while len(passed) < AT_ONCE and (task := self._tasks.due(over, passed)) is not None:
            wait = self._admit(task)
            if wait is None:
                fault.point("task.after_reservation_before_claim")
                return self._tasks.claim_this(worker, task.id)
            passed.append(task.id)
            self._tasks.wait_on(task, wait.reason, error_facts(wait.error), self._pause(task))
            if wait.error.reason in OUTAGES:
                break  # the others would be told the same
        return None

    def _admit(self, task: T) -> Wait | None:
        try:
            self._given[task.id] = self._reserved(task, task.epoch + 1, waits=True)
        except PlatformError as error:
            if error.reason in OUTAGES and not self._bounded.exists():
                self._given[task.id] = 0
                return None
            return Wait(WAITS.get(error.reason, TaskReason.WAIT_DEPENDENCY), error)
        return None

    def _pause(self, task: T) -> float:
        """The longer it has waited, the more seldom it asks."""
        waited = (self._tasks.db.clock.now_ms() - task.create_time) / 1000
        return min(max(waited / 8, SHORTEST_PAUSE), LONGEST_PAUSE)

    # --- meanwhile

    @contextmanager
    def held(self, task: T, stop: Callable[[], None]) -> Iterator[None]:
        """Around the work on a task that ``claim`` gave. stop: ends the work, for which there is no room any more."""
        over, known = threading.Event(), [self._given.pop(task.id, 0)]
        keeper = threading.Thread(target=self._keep, args=(task, known, over, stop), name="reservation", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()
            fault.point("task.after_work_before_release")
            if known[0]:
                self._owed.append((task, known[0]))
                self.settle()

    def _keep(self, task: T, known: list[int], over: threading.Event, stop: Callable[[], None]) -> None:
        """Renews what is held, and takes it again where it is gone or never was."""
        while not over.wait(RENEW_SECONDS):
            try:
                known[0] = self._kept(task, known[0])
            except PlatformError as error:
                log.warning("reservation_not_kept", task=task.id, error=str(error))
                if error.reason in WAITS:
                    stop()
            except Exception as error:  # a mistake of ours: the lease decides
                log.error("reservation_broke", task=task.id, exc_info=error)

    def _kept(self, task: T, id: int) -> int:
        try:
            if id:
                self._call(task, "RenewReservation", id=id, lease_seconds=LEASE_SECONDS)
                return id
        except PlatformError as error:
            if error.reason not in (Reason.RESERVATION_OVER, Reason.NOT_FOUND):
                raise
        return self._reserved(task, task.epoch, waits=False)

    # --- afterwards

    def settle(self) -> None:
        """Gives back what has ended; what cannot be given back now is tried again, until its lease would have ended anyway."""
        with self._settling:
            for _ in range(len(self._owed)):
                self._release(*self._owed.popleft())

    def _release(self, task: T, id: int) -> None:
        try:
            self._call(task, "ReleaseReservation", id=id)
            self._freed = True
        except PlatformError as error:
            log.warning("reservation_not_released", task=task.id, error=str(error))
            if error.reason in OUTAGES:
                self._owed.append((task, id))

    # --- the service

    def _reserved(self, task: T, epoch: int, waits: bool) -> int:
        """The id of what is held. Raises what holds it back."""
        ask = self._asks(task)
        holder = f"{self._tasks.tasks.kind}/{task.id}/{epoch}"
        amounts = {"cpu_milli": ask.cpu_milli, "memory_mb": ask.memory_mb, "accelerator_milli": ask.accelerator_milli}
        facts = {**amounts, "model_version": getattr(task, "model_version_id", 0)}  # what it costs is for that
        found = self._call(task, "CreateReservation", holder=holder, lease_seconds=LEASE_SECONDS, wait=waits, **facts)
        self._remember(bool(found.bounded))
        if found.reservation.status == ReservationStatus.WAITING:
            raise lacking(found.explanation)
        return int(found.reservation.id)

    def _call(self, task: T, method: str, **facts: Any) -> Any:
        """Asked again after a lost connection: each of the calls finds what it did before."""
        ctx = context(task).within(CALL_SECONDS)
        try:
            return self._resources.call(ctx, method, **facts)
        except PlatformError as error:
            if error.reason != Reason.CONNECTION_LOST:
                raise
            return self._resources.call(ctx, method, **facts)

    def _remember(self, bounded: bool) -> None:
        if bounded != self._bounded.exists():
            self._bounded.parent.mkdir(parents=True, exist_ok=True)
            self._bounded.touch() if bounded else self._bounded.unlink(missing_ok=True)
