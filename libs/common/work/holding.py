"""Holding a row while something is done about it: the lease is kept alive, and what was started is ended when the lease is lost, when
people ask for it, or when this process is to stop. The process side of ``lease.py``; there is no other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Generic

from libs.common.errors import PlatformError, Reason, cause_of, disk_full
from libs.common.sight import logs
from libs.common.work.executor import Executor, LocalExecutor, Running
from libs.common.work.lease import CANCEL, LOST, STOP, L, Leases

log = logs.get("worker")
BEAT_SECONDS = 0.5  # between two heartbeats at most: so soon is noticed what people ask for
GRACE_SECONDS = 1.0  # from the write that lets a row go to the end of the work on it


class Interrupted(Exception):
    """The work ended before it was done, for ``why``: STOP, LOST or what was asked. Nothing of it runs."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class EngineFailure(PlatformError):
    """What an engine said of its own failure. Whether another attempt may help, it has said too."""


class Holding(Generic[L]):
    """``with Holding(...) as holding:`` around the work on one row.

    stop: set when this process is to end. heartbeat: extends the lease and says how far it is. after_beat: done while the lease is sure;
    its failure counts as one of the heartbeat. known: what people had asked before and the work is about, so that it is no news.
    """

    def __init__(
        self,
        leases: Leases[L],
        row: L,
        stop: threading.Event,
        executor: Executor | None = None,
        heartbeat: Callable[[], L] | None = None,
        after_beat: Callable[[], None] = lambda: None,
        known: str = "",
    ) -> None:
        self._leases, self._row, self._stop = leases, row, stop
        self._executor = executor or LocalExecutor()
        self._heartbeat, self._after_beat = heartbeat or (lambda: leases.beat(row)), after_beat
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._running: Running | None = None
        self._latest: Running | None = None
        self._verdict, self._finishing, self._known = "", False, known
        self._keeper = threading.Thread(target=self._keep_alive, name="lease", daemon=True)

    @property
    def verdict(self) -> str:
        """Why the work should not go on; "" = it may."""
        return self._verdict

    def __enter__(self) -> Holding[L]:
        self._keeper.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._keeper.join()

    def run_child(
        self,
        entry: str,
        job: Mapping[str, Any],
        folder: Path,
        environ: Mapping[str, str],
        heard: Callable[[dict[str, Any]], None] = lambda _message: None,
    ) -> dict[str, Any]:
        """The result of an engine. ``heard``: told each message. Raises the engine's PlatformError, OUT_OF_MEMORY, WORKER_LOST when it
        died, Interrupted."""
        killed_before = _oom_kills()
        with self._lock:
            if self._verdict:
                raise Interrupted(self._verdict)
            running = self._running = self._latest = self._executor.start(entry, job, folder, environ)
        result: dict[str, Any] | None = None
        error: dict[str, Any] | None = None
        for message in running.messages():
            result, error = message.get("done", result), message.get("error", error)
            heard(message)
        code = running.wait()
        self._log_output(running, entry, code)
        with self._lock:
            self._running = None
        self.check()
        if code == -9 and _oom_kills() > killed_before:
            raise EngineFailure(422, Reason.OUT_OF_MEMORY)
        if error is not None:
            raise from_facts(error, EngineFailure)
        if result is None or code != 0:
            raise PlatformError(500, Reason.WORKER_LOST, retryable=True, exit_status=code)
        return result

    def _log_output(self, running: Running, entry: str, code: int) -> None:
        said = running.said()
        if said and code != 0:
            log.warning("engine_output", task=self._row.id, attempt=self._row.attempt, entry=entry, exit_status=code, output=said)

    def printed(self) -> bytes:
        """What the engine that runs, or ran last, printed since this was last asked."""
        return b"" if self._latest is None else self._latest.printed()

    def check(self) -> None:
        """Raises Interrupted when the work should not go on; between two parts of one that has no child."""
        if self._verdict:
            raise Interrupted(self._verdict)

    def finish(self) -> None:
        """What is done from here on is finished under the lease unless it is cancelled: a stop or a pause would only repeat it. Raises
        Interrupted."""
        with self._lock:
            self.check()
            self._finishing = True

    def _keep_alive(self) -> None:
        """Heartbeats at a third of the lease or sooner; reads there what people asked for."""
        pause = min(self._leases.lease_ms / 3000, BEAT_SECONDS)
        clock = self._leases.db.clock
        last_ok = clock.monotonic()
        while not self._over.wait(pause):
            if self._stop.is_set() and self.interrupt(STOP):
                return
            try:
                asked = self._leases.asked(self._heartbeat())
                last_ok = clock.monotonic()
                if asked not in ("", self._known) and self.interrupt(asked):
                    return
                self._after_beat()
            except Exception as error:  # of any kind: without this thread the child would run on without a lease
                lost = isinstance(error, PlatformError) and error.reason == Reason.STALE_EPOCH
                if lost and self._let_go_by_ourselves():
                    return
                log.warning("heartbeat_failed", task=self._row.id, error=f"{type(error).__name__}: {error}")
                if lost or (clock.monotonic() - last_ok) * 1000 > self._leases.lease_ms:
                    self.interrupt(LOST)
                    return

    def _let_go_by_ourselves(self) -> bool:
        """Whether the row was given back just now by the work on it; were it taken from us, the write that ends the work would say so."""
        return self._finishing or (self._running is None and self._over.wait(GRACE_SECONDS))

    def interrupt(self, why: str) -> bool:
        """Ends the work for ``why``. Answers whether it does: what is being finished is finished."""
        with self._lock:
            if self._finishing and why not in (CANCEL, LOST):
                return False
            self._verdict = why
            if self._running is not None:
                self._running.kill()
            return True


def from_facts(facts: Mapping[str, Any], kind: type[PlatformError] = PlatformError) -> PlatformError:
    """An error as it was before it was stored. Its sentences are made anew."""
    return kind(
        int(facts["code"]),
        Reason[str(facts["reason"])],
        field=facts.get("field"),
        limit=facts.get("limit"),
        retryable=bool(facts.get("retryable", False)),
        **dict(facts.get("details") or {}),
    )


def named(error: BaseException) -> PlatformError:
    """Any failure as one with a name: a full disk is one, anything else nobody declared is a mistake of ours, worth another attempt."""
    if isinstance(error, PlatformError):
        return error
    if (full := disk_full(error, "work")) is not None:
        return full
    return PlatformError(500, Reason.INTERNAL, retryable=True, cause=cause_of(error))


def _oom_kills() -> int:
    """How often the kernel ended a process for lack of memory, since it started; 0 where that is not told."""
    try:
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
