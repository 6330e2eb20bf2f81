"""ChildWork: a task whose work is one engine in a child process. Claimed, run, its outcome handed to the domain.

Whatever kills this process, the child dies with it and the task comes back by the sweep of any other worker or of its restart.
"""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from libs.common import fault
from libs.common.context import system_context
from libs.common.coord.fencing import Leadership, only_leader
from libs.common.errors import PlatformError, unavailable
from libs.common.sight import logs, tracing
from libs.common.sight.health import Pulse
from libs.common.sight.metrics import Metrics
from libs.common.store.history import History
from libs.common.store.repository import PageRequest
from libs.common.words.messages import error_facts
from libs.common.work.attempt import TaskAttempt
from libs.common.work.executor import Executor, LocalExecutor
from libs.common.work.holding import Interrupted
from libs.common.work.lease import LOST
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.loop import WorkLoop, worker_name
from libs.common.work.outage import OUTAGES, Backoff
from libs.common.work.printed import secrets_of
from libs.common.work.reserving import Reserving
from libs.common.work.task import Task, TaskStatus
from libs.common.work.tasklog import LogKeeper

log = logs.get("worker")
T = TypeVar("T", bound=Task)
T_contra = TypeVar("T_contra", bound=Task, contravariant=True)


@dataclass(frozen=True)
class Job:
    """entry: "services.<domain>.engine.<module>:<function>". arguments: JSON values for it."""

    entry: str
    arguments: dict[str, Any]
    environ: dict[str, str] = field(default_factory=dict)


class Work(Protocol[T_contra]):
    """What a domain tells its worker."""

    def prepare(self, task: T_contra) -> Job:
        """Resolves inputs into local paths. Raises PlatformError for input that cannot be used."""

    def publish(self, task: T_contra, folder: Path, result: dict[str, Any]) -> None:
        """Publishes ``folder / "out"`` and ends the task as SUCCEEDED, in an order that a crash between any two steps leaves repairable."""

    def leavings(self, task: T_contra, folder: Path) -> dict[str, Any]:
        """Publishes what a task that fails for good leaves to be read, such as the records it could not use. Facts of its result."""

    def metrics(self, task: T_contra, points: list[tuple[int, str, float]]) -> None:
        """Stores (step, name, value) of a running task. A point may come twice."""


class Worker(Generic[T]):
    """``run`` works until ``stop`` is set. ``chores`` (sweeps, relays) run between tasks and every second beside one.

    ``executor``: where engines run; None: children of this process. ``leadership``: of the chores one worker of the service does for all;
    None: it is alone. ``reserving``: resources for each task; None: it asks nobody. ``reach``: raises while
    something the work needs is away; looked at only during an outage, whose end it tells.
    ``backoff``: of outages.
    """

    def __init__(
        self,
        name: str,
        lifecycle: TaskLifecycle[T],
        work: Work[T],
        folder: Path,
        poll_seconds: float,
        chores: Mapping[str, Callable[[], Any]],
        executor: Executor | None = None,
        leadership: Leadership | None = None,
        reach: Callable[[], None] = lambda: None,
        backoff: Backoff | None = None,
        reserving: Reserving[T] | None = None,
    ) -> None:
        self.name, self.stop = worker_name(name), threading.Event()
        self._reserving = reserving
        self._lifecycle, self._work, self._folder = lifecycle, work, folder
        self._executor, self._reach = executor or LocalExecutor(), reach
        self._backoff = backoff or Backoff(lifecycle.db.clock.monotonic, random.Random())
        led = {name: only_leader(leadership, chore) for name, chore in {"sweep": lifecycle.sweep, **chores}.items()}
        self._metrics = Metrics(name)
        self._loop = WorkLoop(
            claim=lambda: (reserving or lifecycle).claim(self.name, self._backoff.woken),
            work=self._execute,
            give_back=lambda task, outage: lifecycle.awaits(task, error_facts(outage), 0.0),
            chores={**led, "tidy": self._tidy, **({"release": reserving.settle} if reserving else {})},  # for each worker its own
            poll_seconds=poll_seconds,
            stop=self.stop,
            ready=lambda: not self._backoff.holds(self._answers),
        )

    def watched(self, metrics: Metrics, stall_seconds: float) -> Mapping[str, Pulse]:
        """What ``process.work`` asks of a loop."""
        self._metrics = metrics
        return {"work": self._loop.watched(metrics, stall_seconds)}

    def run(self) -> None:
        self._loop.run()

    def attempt(self, task: T) -> TaskAttempt[T]:
        """What is done about a task that is ours now."""
        return Attempt(task, self._lifecycle, self._work, self._folder / str(task.id), self.stop, self._executor, self._backoff)

    def _tidy(self) -> None:
        """Removes folders of tasks that ended while nobody held them, or whose worker died just after the end."""
        if self._folder.is_dir():
            for id in self._lifecycle.ended([int(path.name) for path in self._folder.iterdir() if path.name.isdecimal()]):
                shutil.rmtree(self._folder / str(id), ignore_errors=True)

    def _answers(self) -> bool:
        """Whether everything the work needs answers a look."""
        try:
            self._reach()
        except Exception:  # of whatever kind: it does not answer
            return False
        return True

    def _execute(self, task: T) -> PlatformError | None:
        """One attempt. Answers the outage that kept the task from being given back."""
        log.info("task_started", task=task.id, attempt=task.attempt)
        started = time.monotonic()
        attempt = self.attempt(task)
        try:
            with tracing.span("task.attempt", task=str(task.id), attempt=task.attempt, request=self._request_of(task)):
                outcome = self._run(task, attempt)
        except PlatformError as error:
            # The lease is lost or the store is away: somebody else will take the task from its last checkpoint.
            log.warning("task_abandoned", task=task.id, error=str(error))
            self._count("ABANDONED", started)
            return error if error.reason in OUTAGES else None
        log.info("task_left", task=task.id, outcome=outcome)
        self._count(outcome, started)
        if outcome in ("SUCCEEDED", "CANCELLED", "FAILED"):
            fault.point("task.after_end_before_tidy")
            shutil.rmtree(self._folder / str(task.id), ignore_errors=True)
        return unavailable("database") if outcome == LOST else None  # refused by the epoch where somebody else has it

    def _run(self, task: T, attempt: TaskAttempt[T]) -> str:
        if self._reserving is None:
            return attempt.run()
        with self._reserving.held(task, attempt.stop):
            return attempt.run()

    def _request_of(self, task: T) -> str:
        """Which request created the task: its history knows. Where no id was given that is the trace of the request. Only for traces."""
        if not tracing.enabled:
            return ""
        ctx, lifecycle = system_context(task.user_id, task.project_space_id), self._lifecycle
        first = History(lifecycle.db).list(ctx, lifecycle.tasks.kind, task.id, PageRequest(limit=1)).items
        return str(first[0].request_id) if first else ""

    def _count(self, outcome: str, started: float) -> None:
        self._metrics.of("modelyard_task_attempts_total", outcome).inc()
        self._metrics.of("modelyard_task_attempt_seconds").observe(time.monotonic() - started)
        if outcome in (LOST, "ABANDONED"):
            self._metrics.of("modelyard_task_lease_losses_total").inc()


class Attempt(TaskAttempt[T]):
    """An attempt whose work is an engine. folder: of the task."""

    def __init__(
        self,
        task: T,
        lifecycle: TaskLifecycle[T],
        work: Work[T],
        folder: Path,
        stop: threading.Event,
        executor: Executor | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        super().__init__(task, lifecycle, stop, executor, backoff)
        self._work, self._folder = work, folder
        self._points: list[tuple[int, str, float]] = []
        self._log: LogKeeper | None = None
        self._lock = threading.Lock()

    def work(self) -> str:
        fault.point("task.after_claim_before_start")
        job = self._work.prepare(self.task)
        self._log = LogKeeper(lambda text: self._lifecycle.printed(self.task, text), self._lifecycle.db.clock, secrets_of(job.arguments))
        self._log.first(f"attempt {self.task.attempt}/{self.task.max_attempts}")
        ended_as = "done"
        try:
            result = self._holding.run_child(job.entry, job.arguments, self._folder, job.environ, self._heard)
        except Exception as ended:
            ended_as = _why(ended)
            raise
        finally:
            self._log.last(self._holding.printed, ended_as)
            self.flush()
        self._holding.finish()
        fault.point("task.after_engine_before_publish")
        self._work.publish(self.task, self._folder, result)
        return TaskStatus.SUCCEEDED.name

    def leavings(self) -> dict[str, Any]:
        try:
            return self._work.leavings(self.task, self._folder)
        except PlatformError as error:  # the task fails for its own reason, whether this can be stored or not
            log.warning("leavings_not_kept", task=self.task.id, error=str(error))
            return {}

    def _heard(self, message: dict[str, Any]) -> None:
        if "progress" in message:
            done, total, text = message["progress"]
            self._progress = (done, total, text)
        elif "metric" in message:
            step, values = message["metric"]
            with self._lock:
                self._points += [(step, name, float(value)) for name, value in values.items()]

    def flush(self) -> None:
        if self._log is not None:
            self._log.keep(self._holding.printed)
        with self._lock:
            points, self._points = self._points, []
        if points:
            try:
                self._work.metrics(self.task, points)
            except BaseException:
                with self._lock:  # for the next beat
                    self._points = points + self._points
                raise


def _why(ended: Exception) -> str:
    """The last line of the log of an engine that did not get through."""
    if isinstance(ended, Interrupted):
        return f"stopped: {ended.why}"
    return f"{ended.code} {ended.reason.name}: {error_facts(ended)['message']['en']}" if isinstance(ended, PlatformError) else repr(ended)
