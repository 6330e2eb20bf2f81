"""The loop of every worker: claim a row, work on it, do the chores between rows and beside one, give back what was held in an outage.

One row at a time per loop; several loops, in threads or processes, may run beside each other: the leases decide.
"""

from __future__ import annotations

import math
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic

from libs.common.errors import PlatformError
from libs.common.sight import logs
from libs.common.sight.health import Pulse
from libs.common.sight.metrics import Metrics
from libs.common.work.lease import L
from libs.common.work.outage import OUTAGES

log = logs.get("worker")
CHORE_SECONDS = 1.0  # between two rounds of chores beside a row that is worked on


class WorkLoop(Generic[L]):
    """``run`` works until ``stop`` is set.

    claim: the next row, held by us; None when nothing waits. work: all that is done about it; it answers the outage that kept the row from
    being given back, if there was one. give_back: lets such a row go without a lost attempt, once the store is there again. ready: whether
    to claim at all just now.
    """

    def __init__(
        self,
        claim: Callable[[], L | None],
        work: Callable[[L], PlatformError | None],
        give_back: Callable[[L, PlatformError], object],
        chores: Mapping[str, Callable[[], Any]],
        poll_seconds: float,
        stop: threading.Event,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._claim, self._work, self._give_back, self._ready = claim, work, give_back, ready
        self._chores, self._poll, self._stop = chores, poll_seconds, stop
        self._owed: list[tuple[L, PlatformError]] = []
        self._metrics, self.pulse = Metrics("work"), Pulse(math.inf)

    def watched(self, metrics: Metrics, stall_seconds: float) -> Pulse:
        """Takes where to count. Answers its heartbeat: it comes round between rows, and beside one with every round of chores."""
        self._metrics, self.pulse = metrics, Pulse(stall_seconds)
        return self.pulse

    def run(self) -> None:
        while not self._stop.is_set():
            self.pulse.beat()
            self.settle()
            self._do_chores()
            if not self.once():
                self._stop.wait(self._poll)

    def once(self) -> bool:
        """One row, if there is any. Answers whether there was."""
        row = self._claimed() if self._ready() else None
        if row is None:
            return False
        self._metrics.of("modelyard_task_claims_total").inc()
        with self._chores_meanwhile():
            try:
                owed = self._work(row)
            except Exception as error:  # a mistake of ours: the row comes back by its lease, and the loop goes on
                log.error("work_broke", task=row.id, exc_info=error)
                return True
        if owed is not None:
            self._owed.append((row, owed))
        return True

    def _claimed(self) -> L | None:
        try:
            return self._claim()
        except PlatformError as error:
            log.warning("claim_failed", error=str(error))
        except Exception as error:  # a mistake of ours must not end the loop: the next round tries again
            log.error("claim_broke", exc_info=error)
        return None

    def settle(self) -> None:
        """An outage of our own store is no fault of the row either: what was held then comes back without a lost attempt."""
        for row, outage in self._owed[:]:
            try:
                self._give_back(row, outage)
            except PlatformError as refused:
                if refused.reason in OUTAGES:
                    return
            except Exception as broke:  # the sweep has it then
                log.error("not_given_back", task=row.id, exc_info=broke)
            self._owed.remove((row, outage))

    @contextmanager
    def _chores_meanwhile(self) -> Iterator[None]:
        """Work may take hours; what others wait for (a lost row, a notice in the outbox) must not."""
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
            self.pulse.beat()
            try:
                chore()
            except PlatformError as error:
                log.warning("chore_failed", chore=name, error=str(error))
            except Exception as error:  # one broken chore must not stop the work
                log.error("chore_broke", chore=name, exc_info=error)


def worker_name(process: str) -> str:
    """Who holds a lease, for people: the process, its machine, its number."""
    return f"{process}@{socket.gethostname()}:{os.getpid()}"
