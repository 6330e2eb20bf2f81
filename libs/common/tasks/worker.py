"""The time door's engine room: claim a task, run its engine in a child, keep the lease alive, hand the outcome to the domain.

One task at a time per worker process; several workers may run beside each other, the lease decides. Whatever kills this process, the child
dies with it and the task comes back by the sweep of any other worker or of its restart.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from libs.common import logs
from libs.common.errors import PlatformError, Reason
from libs.common.tasks.child import Child
from libs.common.tasks.lifecycle import TaskLifecycle, error_facts
from libs.common.tasks.task import Task, TaskReason, TaskStatus

log = logs.get("worker")
T = TypeVar("T", bound=Task)


@dataclass(frozen=True)
class Job:
    """entry: "services.<domain>.engine.<module>:<function>". arguments: JSON values for it."""

    entry: str
    arguments: dict[str, Any]
    environ: dict[str, str] = field(default_factory=dict)


class Work(Protocol[T]):
    """What a domain tells its worker."""

    def prepare(self, task: T) -> Job:
        """Resolves inputs into local paths. Raises PlatformError for input that cannot be used."""

    def publish(self, task: T, folder: Path, result: dict[str, Any]) -> None:
        """Publishes ``folder / "out"`` and ends the task as SUCCEEDED, in an order that a crash between any two steps leaves repairable."""

    def metrics(self, task: T, points: list[tuple[int, str, float]]) -> None:
        """Stores (step, name, value) of a running task."""


class Worker(Generic[T]):
    """``run`` works until ``stop`` is set. ``chores`` run between tasks (sweeps, relays)."""

    def __init__(
        self, name: str, lifecycle: TaskLifecycle[T], work: Work[T], folder: Path, poll_seconds: float, chores: Mapping[str, Callable[[], Any]]
    ) -> None:
        self.name = f"{name}@{socket.gethostname()}:{os.getpid()}"
        self._lifecycle, self._work, self._folder = lifecycle, work, folder
        self._poll, self._chores = poll_seconds, dict(chores)
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.is_set():
            self._do_chores()
            task = self._claim()
            if task is None:
                self.stop.wait(self._poll)
            else:
                self._execute(task)

    def _do_chores(self) -> None:
        for name, chore in {"sweep": self._lifecycle.sweep, **self._chores}.items():
            try:
                chore()
            except PlatformError as error:
                log.warning("chore_failed", chore=name, error=str(error))

    def _claim(self) -> T | None:
        try:
            return self._lifecycle.claim(self.name)
        except PlatformError as error:
            log.warning("claim_failed", error=str(error))
            return None

    def _execute(self, task: T) -> None:
        log.info("task_started", task=task.id, attempt=task.attempt)
        try:
            outcome = Attempt(task, self._lifecycle, self._work, self._folder / str(task.id), self.stop).run()
        except PlatformError as error:
            # The lease is lost or the store is away: somebody else will take the task from its last checkpoint.
            log.warning("task_abandoned", task=task.id, error=str(error))
            return
        log.info("task_left", task=task.id, outcome=outcome)
        if outcome in ("SUCCEEDED", "CANCELLED", "FAILED"):
            shutil.rmtree(self._folder / str(task.id), ignore_errors=True)


class Attempt(Generic[T]):
    """One attempt at one task, told from claim to outcome."""

    def __init__(self, task: T, lifecycle: TaskLifecycle[T], work: Work[T], folder: Path, stop: threading.Event) -> None:
        self.task, self._lifecycle, self._work, self._folder, self._stop = task, lifecycle, work, folder, stop
        self._child: Child | None = None
        self._progress: tuple[int, int, str] = (task.progress_done, task.progress_total, "")
        self._points: list[tuple[int, str, float]] = []
        self._lock = threading.Lock()
        self._verdict = ""  # CANCEL, PAUSE, LOST or STOP: why the child was killed by us
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
        finally:
            self._over.set()
            keeper.join()

    def _run_child(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None, int]:
        """(result, error facts, exit status)."""
        job = self._work.prepare(self.task)
        killed_before = _oom_kills()
        child = self._child = Child(job.entry, job.arguments, self._folder, job.environ)
        result = error = None
        for message in child.messages():
            if "progress" in message:
                self._progress = (int(message["progress"][0]), int(message["progress"][1]), str(message["progress"][2]))
            elif "metric" in message:
                with self._lock:
                    self._points += [(int(message["metric"][0]), name, value) for name, value in message["metric"][1].items()]
            elif "done" in message:
                result = message["done"]
            elif "error" in message:
                error = message["error"]
        code = child.wait()
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
        self._work.publish(self.task, self._folder, result)
        return TaskStatus.SUCCEEDED.name

    def _failed(self, error: PlatformError) -> str:
        if self._verdict == "CANCEL":  # it came while the result was being published: the person's word wins
            return self._lifecycle.freed(self.task).status.name
        facts = error_facts(error)
        return self._lifecycle.fail(self.task, _task_reason(facts), facts, error.retryable or error.code >= 500).status.name

    def _keep_alive(self) -> None:
        """Heartbeats at a third of the lease, sooner for fresh progress; reads there what people asked for."""
        beat = min(self._lifecycle.lease_ms / 3000, 0.5)
        last_ok = self._lifecycle.db.clock.monotonic()
        while not self._over.wait(beat):
            if self._stop.is_set():
                return self._kill("STOP")
            try:
                self._flush()
                current = self._lifecycle.heartbeat(self.task, *self._progress)
                last_ok = self._lifecycle.db.clock.monotonic()
            except PlatformError as error:
                silent = self._lifecycle.db.clock.monotonic() - last_ok
                if error.reason == Reason.STALE_EPOCH or silent * 1000 > self._lifecycle.lease_ms:
                    return None if self._over.is_set() else self._kill("LOST")
                continue
            if current.status == TaskStatus.CANCELLING:
                return self._kill("CANCEL")
            if current.wish == "PAUSE":
                return self._kill("PAUSE")

    def _flush(self) -> None:
        with self._lock:
            points, self._points = self._points, []
        if points:
            self._work.metrics(self.task, points)

    def _kill(self, verdict: str) -> None:
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
