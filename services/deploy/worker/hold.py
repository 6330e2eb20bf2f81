"""Holding an order: the lease is kept alive while a stage works, and whatever it started is ended when the lease is lost, the order is to
end, or this process is to stop.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.common.sight import logs
from libs.common.words.messages import error_facts
from libs.common.work.child import Child
from services.deploy.domain.order import WorkOrder
from services.deploy.service.orders import Orders

log = logs.get("deploy-worker")
ENTRIES = re.compile(r"services\.deploy\.(engine\.(export|parity)|worker\.packing):run")
LOST, STOP, WISH = "LOST", "STOP", "WISH"


class InterruptedStage(Exception):
    """The stage ended before it was done, for ``why``; nothing of it runs."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Hold:
    """``with Hold(...) as hold:`` around one stage. stop: set when this process is to end. beat: called while the lease is kept."""

    def __init__(self, order: WorkOrder, orders: Orders, stop: threading.Event, beat: Callable[[], None] = lambda: None) -> None:
        self._order, self._orders, self._stop, self._beat = order, orders, stop, beat
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._why = ""
        self._keeper = threading.Thread(target=self._keep_alive, name="lease", daemon=True)

    def __enter__(self) -> Hold:
        self._keeper.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._keeper.join()

    def run_child(self, entry: str, job: Mapping[str, Any], folder: Path, threads: int) -> dict[str, Any]:
        """The result of an engine run in a child process. Raises its PlatformError, WORKER_LOST when it died, InterruptedStage."""
        with self._lock:
            if self._why:
                raise InterruptedStage(self._why)
            child = self._child = Child(entry, job, folder, {"OMP_NUM_THREADS": str(threads)}, ENTRIES)
        result: dict[str, Any] | None = None
        error: dict[str, Any] | None = None
        for message in child.messages():
            result, error = message.get("done", result), message.get("error", error)
        code = child.wait()
        said = child.said()
        if said and code != 0:
            log.warning("engine_output", order=self._order.id, entry=entry, exit_status=code, output=said)
        with self._lock:
            self._child = None
            if self._why:
                raise InterruptedStage(self._why)
        if error is not None:
            raise from_facts(error)
        if result is None or code != 0:
            raise PlatformError(500, Reason.WORKER_LOST, retryable=True, exit_status=code)
        return result

    def check(self) -> None:
        """Raises InterruptedStage when the stage should not go on; between two parts of one that has no child."""
        if self._why:
            raise InterruptedStage(self._why)

    def _keep_alive(self) -> None:
        """Heartbeats at a third of the lease; a wish and a stop are noticed sooner than that."""
        beat = min(self._orders.lease_ms / 3000, 0.5)
        clock = self._orders.db.clock
        last_ok = clock.monotonic()
        while not self._over.wait(beat):
            self._beat()
            if self._stop.is_set():
                return self._interrupt(STOP)
            try:
                if self._orders.heartbeat(self._order).wish:
                    return self._interrupt(WISH)
                last_ok = clock.monotonic()
            except Exception as error:  # of any kind: without this thread the child would run on without a lease
                log.warning("heartbeat_failed", order=self._order.id, error=f"{type(error).__name__}: {error}")
                lost = isinstance(error, PlatformError) and error.reason == Reason.STALE_EPOCH
                if lost or (clock.monotonic() - last_ok) * 1000 > self._orders.lease_ms:
                    return self._interrupt(LOST)
        return None

    def _interrupt(self, why: str) -> None:
        with self._lock:
            self._why = why
            if self._child is not None:
                self._child.kill()


def from_facts(facts: Mapping[str, Any]) -> PlatformError:
    """An error as it was before it was stored. Its sentences are made anew."""
    return PlatformError(
        int(facts["code"]),
        Reason[str(facts["reason"])],
        field=facts.get("field"),
        limit=facts.get("limit"),
        retryable=bool(facts.get("retryable", False)),
        **dict(facts.get("details") or {}),
    )


def facts_of(error: BaseException) -> PlatformError:
    """Any failure as one with a name."""
    if isinstance(error, PlatformError):
        return error
    return PlatformError(500, Reason.INTERNAL, retryable=True, cause=f"{type(error).__name__}: {error}"[:300])


__all__ = ["ENTRIES", "LOST", "STOP", "WISH", "Hold", "InterruptedStage", "error_facts", "facts_of", "from_facts"]
