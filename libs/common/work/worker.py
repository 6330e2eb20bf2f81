"""The time door's engine room: claim a task, run its engine in a child, keep the lease alive, hand the outcome to the domain.

One task at a time per worker process; several workers may run beside each other, the lease decides. Whatever kills this process, the child
dies with it and the task comes back by the sweep of any other worker or of its restart.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from libs.common import fault
from libs.common.context import system_context
from libs.common.coord.fencing import Leadership, only_leader
from libs.common.errors import PlatformError, Reason
from libs.common.sight import logs, tracing
from libs.common.sight.health import Pulse
from libs.common.sight.metrics import Metrics
from libs.common.store.history import History
from libs.common.store.repository import PageRequest
from libs.common.words.messages import error_facts
from libs.common.work.child import ENTRY, Child
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.task import Task, TaskReason, TaskStatus

log = logs.get("worker")
CHORE_SECONDS = 1.0  # between two rounds of chores beside a running task
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

    def metrics(self, task: T_contra, points: list[tuple[int, str, float]]) -> None:
        """Stores (step, name, value) of a running task. A point may come twice."""


class Worker(Generic[T]):
    """``run`` works until ``stop`` is set. ``chores`` (sweeps, relays) run between tasks and every second beside one.

    ``entries``: the entry points that may run. ``leadership``: of the chores one worker of the service does for all; None: it is alone.
    """

    def __init__(
        self,
        name: str,
        lifecycle: TaskLifecycle[T],
        work: Work[T],
        folder: Path,
        poll_seconds: float,
        chores: Mapping[str, Callable[[], Any]],
        entries: re.Pattern[str] = ENTRY,
        leadership: Leadership | None = None,
    ) -> None:
        self.name = f"{name}@{socket.gethostname()}:{os.getpid()}"
        self._lifecycle, self._work, self._folder = lifecycle, work, folder
        self._poll, self._entries = poll_seconds, entries
        led = {name: only_leader(leadership, chore) for name, chore in {"sweep": lifecycle.sweep, **chores}.items()}
        self._chores = {**led, "tidy": self._tidy}  # each worker tidies: the folders are its machine's
        self.stop = threading.Event()
        self._metrics, self._pulse = Metrics(name), Pulse(math.inf)

    def watched(self, metrics: Metrics, stall_seconds: float) -> Mapping[str, Pulse]:
        """What ``process.work`` asks of a loop. It comes round between tasks, and beside one with every round of chores."""
        self._metrics, self._pulse = metrics, Pulse(stall_seconds)
        return {"work": self._pulse}

    def run(self) -> None:
        while not self.stop.is_set():
            self._do_chores()
            task = self._claim()
            if task is None:
                self.stop.wait(self._poll)
            else:
                with self._chores_meanwhile():
                    self._execute(task)

    @contextmanager
    def _chores_meanwhile(self) -> Iterator[None]:
        """A task may run for hours; what others wait for (a lost task, a notice in the outbox) must not."""
        over = threading.Event()

        def mind() -> None:
            while not over.wait(CHORE_SECONDS):
                self._do_chores()

        minder = threading.Thread(target=mind, name="chores", daemon=True)
        minder.start()
        try:
            yield
        finally:
            over.set()
            minder.join()

    def _do_chores(self) -> None:
        for name, chore in self._chores.items():
            self._pulse.beat()
            try:
                chore()
            except PlatformError as error:
                log.warning("chore_failed", chore=name, error=str(error))
            except Exception as error:  # one broken chore must not stop the work
                log.error("chore_broke", chore=name, exc_info=error)

    def _tidy(self) -> None:
        """Removes folders of tasks that ended while nobody held them, or whose worker died just after the end."""
        if self._folder.is_dir():
            for id in self._lifecycle.ended([int(path.name) for path in self._folder.iterdir() if path.name.isdecimal()]):
                shutil.rmtree(self._folder / str(id), ignore_errors=True)

    def _claim(self) -> T | None:
        try:
            return self._lifecycle.claim(self.name)
        except PlatformError as error:
            log.warning("claim_failed", error=str(error))
            return None

    def _execute(self, task: T) -> None:
        log.info("task_started", task=task.id, attempt=task.attempt)
        self._metrics.of("modelyard_task_claims_total").inc()
        started = time.monotonic()
        try:
            with tracing.span("task.attempt", task=str(task.id), attempt=task.attempt, request=self._request_of(task)):
                outcome = Attempt(task, self._lifecycle, self._work, self._folder / str(task.id), self.stop, self._entries).run()
        except PlatformError as error:
            # The lease is lost or the store is away: somebody else will take the task from its last checkpoint.
            log.warning("task_abandoned", task=task.id, error=str(error))
            self._count("ABANDONED", started)
            return
        log.info("task_left", task=task.id, outcome=outcome)
        self._count(outcome, started)
        if outcome in ("SUCCEEDED", "CANCELLED", "FAILED"):
            fault.point("task.after_end_before_tidy")
            shutil.rmtree(self._folder / str(task.id), ignore_errors=True)

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
        if outcome in ("LOST", "ABANDONED"):
            self._metrics.of("modelyard_task_lease_losses_total").inc()


class Attempt(Generic[T]):
    """One attempt at one task, told from claim to outcome."""

    def __init__(
        self,
        task: T,
        lifecycle: TaskLifecycle[T],
        work: Work[T],
        folder: Path,
        stop: threading.Event,
        entries: re.Pattern[str] = ENTRY,
    ) -> None:
        self.task, self._lifecycle, self._work, self._folder, self._stop = task, lifecycle, work, folder, stop
        self._entries = entries
        self._child: Child | None = None
        self._progress: tuple[int, int, str] = (task.progress_done, task.progress_total, "")
        self._points: list[tuple[int, str, float]] = []
        self._lock = threading.Lock()
        self._verdict = ""  # CANCEL, PAUSE, LOST or STOP: why the child was killed by us, or not started
        self._publishing = False
        self._over = threading.Event()

    def run(self) -> str:
        """The status the task was left in. Raises PlatformError when the lease was lost."""
        keeper = threading.Thread(target=self._keep_alive, name="lease", daemon=True)
        keeper.start()
        try:
            return self._conclude(*self._run_child())
        except PlatformError as error:
            if error.reason == Reason.STALE_EPOCH:
                raise
            return self._failed(error)
        except Exception as error:  # a mistake of ours costs the task an attempt, not everybody the worker
            log.error("attempt_broke", task=self.task.id, exc_info=error)
            return self._failed(PlatformError(500, Reason.INTERNAL, cause=f"{type(error).__name__}: {error}"[:300]))
        finally:
            self._over.set()
            keeper.join()

    def _run_child(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None, int]:
        """(result, error facts, exit status)."""
        fault.point("task.after_claim_before_start")
        job = self._work.prepare(self.task)
        killed_before = _oom_kills()
        with self._lock:
            if self._verdict:
                return None, None, 0
            child = self._child = Child(job.entry, job.arguments, self._folder, job.environ, self._entries)
        result = error = None
        for message in child.messages():
            if "progress" in message:
                done, total, text = message["progress"]
                self._progress = (done, total, text)
            elif "metric" in message:
                step, values = message["metric"]
                with self._lock:
                    self._points += [(step, name, float(value)) for name, value in values.items()]
            elif "done" in message:
                result = message["done"]
            elif "error" in message:
                error = message["error"]
        code = child.wait()
        said = child.said()
        if said and code != 0:
            log.warning("engine_output", task=self.task.id, attempt=self.task.attempt, exit_status=code, output=said)
        if code == -9 and not self._verdict and _oom_kills() > killed_before:
            error = {**error_facts(PlatformError(422, Reason.OUT_OF_MEMORY)), "retryable": False}
        return result, error, code

    def _conclude(self, result: dict[str, Any] | None, error: dict[str, Any] | None, code: int) -> str:
        self._flush()
        if self._verdict == "CANCEL":
            return self._lifecycle.freed(self.task).status.name
        if self._verdict == "PAUSE":
            return self._lifecycle.paused(self.task).status.name
        if self._verdict == "STOP":
            return self._lifecycle.released(self.task).status.name
        if self._verdict == "LOST":
            return self._verdict
        if error is not None:
            return self._lifecycle.fail(self.task, _task_reason(error), error, bool(error["retryable"])).status.name
        if result is None or code != 0:
            lost = PlatformError(500, Reason.WORKER_LOST, exit_status=code)
            return self._lifecycle.fail(self.task, TaskReason.WORKER_LOST, error_facts(lost), retry=True).status.name
        self._publishing = True
        fault.point("task.after_engine_before_publish")
        self._work.publish(self.task, self._folder, result)
        return TaskStatus.SUCCEEDED.name

    def _failed(self, error: PlatformError) -> str:
        if self._verdict == "CANCEL":  # it came while the result was being published: the person's word wins
            return self._lifecycle.freed(self.task).status.name
        facts = error_facts(error)
        return self._lifecycle.fail(self.task, _task_reason(facts), facts, error.retryable or error.code >= 500).status.name

    def _keep_alive(self) -> None:
        """Heartbeats at a third of the lease, sooner for fresh progress; reads there what people asked for.

        What is being published is finished first, under the lease, unless it was cancelled: a stop or a pause would only repeat it.
        """
        beat = min(self._lifecycle.lease_ms / 3000, 0.5)
        clock = self._lifecycle.db.clock
        last_ok = clock.monotonic()
        while not self._over.wait(beat):
            if self._stop.is_set() and not self._publishing:
                return self._kill("STOP")
            try:
                current = self._lifecycle.heartbeat(self.task, *self._progress)
                last_ok = clock.monotonic()
                if current.status == TaskStatus.CANCELLING:
                    return self._kill("CANCEL")
                if current.wish == "PAUSE" and not self._publishing:
                    return self._kill("PAUSE")
                self._flush()
            except Exception as error:  # of any kind: without this thread the child would run on without a lease
                log.warning("heartbeat_failed", task=self.task.id, error=f"{type(error).__name__}: {error}")
                lost = isinstance(error, PlatformError) and error.reason == Reason.STALE_EPOCH
                if lost or (clock.monotonic() - last_ok) * 1000 > self._lifecycle.lease_ms:
                    return self._kill("LOST")
        return None

    def _flush(self) -> None:
        with self._lock:
            points, self._points = self._points, []
        if points:
            try:
                self._work.metrics(self.task, points)
            except BaseException:
                with self._lock:  # for the next beat
                    self._points = points + self._points
                raise

    def _kill(self, verdict: str) -> None:
        with self._lock:
            self._verdict = verdict
            if self._child is not None:
                self._child.kill()


def _task_reason(facts: dict[str, Any]) -> TaskReason:
    if facts["reason"] == Reason.OUT_OF_MEMORY.name:
        return TaskReason.OUT_OF_MEMORY
    return TaskReason.INVALID_INPUT if facts["code"] < 500 else TaskReason.ENGINE_ERROR


def _oom_kills() -> int:
    """How often the kernel ended a process for lack of memory, since it started; 0 where that is not told."""
    try:
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
