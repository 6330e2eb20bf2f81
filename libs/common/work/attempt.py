"""One attempt at one task, from claim to outcome: whatever is done about it, its end is the same for every kind of work."""

from __future__ import annotations

import random
import threading
from typing import Any, Generic, TypeVar

from libs.common.errors import PlatformError, Reason
from libs.common.sight import logs
from libs.common.words.messages import error_facts
from libs.common.work.executor import Executor
from libs.common.work.holding import EngineFailure, Holding, Interrupted, named
from libs.common.work.lease import CANCEL, LOST, PAUSE, STOP
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.outage import OUTAGES, Backoff
from libs.common.work.task import Task, TaskReason

log = logs.get("worker")
T = TypeVar("T", bound=Task)


class TaskAttempt(Generic[T]):
    """``work`` does it; here is what becomes of the task when that stops or fails. stop: set when this process is to end."""

    def __init__(
        self,
        task: T,
        lifecycle: TaskLifecycle[T],
        stop: threading.Event,
        executor: Executor | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.task, self._lifecycle = task, lifecycle
        self._backoff = backoff or Backoff(lifecycle.db.clock.monotonic, random.Random())
        self._progress: tuple[int, int, str] = (task.progress_done, task.progress_total, "")
        self._holding = Holding(lifecycle, task, stop, executor, lambda: lifecycle.heartbeat(task, *self._progress), self.flush)

    def work(self) -> str:
        """All that is done about the task. Answers the status it was left in. Raises Interrupted, and whatever goes wrong."""
        raise NotImplementedError

    def flush(self) -> None:
        """Stores what has gathered since the last heartbeat."""

    def leavings(self) -> dict[str, Any]:
        """What a task that fails for good leaves to be read: facts of its result."""
        return {}

    def run(self) -> str:
        """The status the task was left in, LOST where it was taken from us. Raises PlatformError when the lease was lost."""
        with self._holding:
            try:
                return self._through()
            except Exception as error:
                return self._failed(error)

    def stop(self) -> None:
        """Ends the work as a stop of this process would: it goes on later, from its last checkpoint. From any thread."""
        self._holding.interrupt(STOP)

    def _through(self) -> str:
        try:
            status = self.work()
        except Interrupted as interrupted:
            return self._stopped(interrupted.why)
        self._backoff.worked()
        return status

    def _stopped(self, why: str) -> str:
        if why == LOST:
            return why
        leave = {CANCEL: self._lifecycle.freed, PAUSE: self._lifecycle.paused}.get(why, self._lifecycle.released)
        return leave(self.task).status.name

    def _failed(self, error: Exception) -> str:
        """What becomes of a task that did not get through: it waits out an outage, and fails or is tried again otherwise."""
        failure = named(error)
        if failure.reason == Reason.STALE_EPOCH:
            raise failure
        if failure is not error and failure.reason == Reason.INTERNAL:  # ours; it costs an attempt, not everybody the worker
            log.error("attempt_broke", task=self.task.id, exc_info=error)
        if self._holding.verdict == CANCEL:  # it came while the result was being published: the person's word wins
            return self._lifecycle.freed(self.task).status.name
        facts = error_facts(failure)
        if failure.reason in OUTAGES:
            return self._await(facts)
        self._backoff.worked()
        retry = failure.retryable or (failure.code >= 500 and not isinstance(failure, EngineFailure))
        left = {} if retry else self.leavings()
        return self._lifecycle.fail(self.task, task_reason(failure), facts, retry, left).status.name

    def _await(self, facts: dict[str, Any]) -> str:
        seconds = self._backoff.failed()
        log.warning("task_waits", task=self.task.id, seconds=round(seconds, 1), error=facts["message"]["en"])
        # Twice our own pause: the others in the queue are tried in between, should only this one's neighbour be away.
        return self._lifecycle.awaits(self.task, facts, 2 * seconds).status.name


def task_reason(error: PlatformError) -> TaskReason:
    same = (Reason.OUT_OF_MEMORY, Reason.WORKER_LOST, Reason.POISON)
    known = {reason: TaskReason[reason.name] for reason in same}
    return known.get(error.reason, TaskReason.INVALID_INPUT if error.code < 500 else TaskReason.ENGINE_ERROR)
