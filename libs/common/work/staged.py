"""StagedWork: a row that goes through a table of short steps, one look at a time (work orders, a task of tasks, agent runs).

Nothing here waits: each look asks whether it is time for the next step, and otherwise gives the row back for a moment. Between two looks
the process may die; the next look finds everything in the store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from enum import IntEnum
from typing import Any, Generic

from libs.common.errors import PlatformError, Reason
from libs.common.sight import logs
from libs.common.work.executor import Executor
from libs.common.work.holding import Holding, Interrupted, named
from libs.common.work.lease import LOST, L, Leases
from libs.common.work.outage import OUTAGES, Backoff

log = logs.get("worker")
Step = Callable[[L, Holding[L]], object]


class StagedLeases(Leases[L]):
    """Rows that go through stages. ``waits``: the column that says what a row waits for, and how long its text may be."""

    waits: tuple[str, int]

    def release(self, row: L, seconds: float = 0.0, why: str | None = None, attempt: int | None = None) -> None:
        """Gives the row back as it is; it is looked at again after ``seconds``. why: what it waits for, None leaves that as it is. attempt:
        the lost ones from now on."""
        column, most = self.waits
        self.give_back(row, seconds, attempt, **({} if why is None else {column: why[:most]}))

    def give_up(self, row: L, error: PlatformError) -> object:
        """No further attempt may help: the row is on its way to its end."""
        raise NotImplementedError


class StagedWork(Generic[L]):
    """steps: what a look does in each state. ending: what it does about a row that people, or a failure, want to end. no_way_out: states
    with no way out but through: tried again for ever. backoff: of outages; every row waits out its own."""

    def __init__(
        self,
        rows: StagedLeases[L],
        steps: Mapping[Any, Step[L]],
        ending: Step[L],
        backoff: Backoff,
        stop: threading.Event,
        no_way_out: Collection[IntEnum] = (),
        executor: Executor | None = None,
    ) -> None:
        self._rows, self._steps, self._ending, self._backoff = rows, steps, ending, backoff
        self._stop, self._no_way_out, self._executor = stop, no_way_out, executor

    def look(self, row: L) -> PlatformError | None:
        """One look at a row we hold, from claim to release. Answers the outage that kept it from being given back."""
        try:
            with Holding(self._rows, row, self._stop, self._executor, known=self._rows.asked(row)) as holding:
                self._step(row, holding)
            return None
        except Exception as error:  # the lease is lost or the store is away
            log.warning("look_abandoned", kind=self._rows.rows.kind, id=row.id, error=f"{type(error).__name__}: {error}")
            return error if isinstance(error, PlatformError) and error.reason in OUTAGES else None

    def give_back(self, row: L, _outage: PlatformError) -> None:
        self._rows.release(row)

    def _step(self, row: L, holding: Holding[L]) -> None:
        step = self._ending if row.wish else self._steps[row.status]
        try:
            if self._rows.spent(row) >= self._rows.rules.attempts(row) and not self._must_go_on(row):
                raise PlatformError(500, Reason.POISON, attempts=self._rows.spent(row))
            step(row, holding)
            self._backoff.worked()
            log.debug("looked_at", kind=self._rows.rows.kind, id=row.id, status=row.status.name)
        except Interrupted as interrupted:
            if interrupted.why != LOST:
                self._rows.release(row)
        except Exception as error:
            self._failed(row, error)

    def _must_go_on(self, row: L) -> bool:
        return bool(row.wish) or row.status in self._no_way_out

    def _failed(self, row: L, cause: Exception) -> None:
        """What becomes of a row whose step raised."""
        error, facts = named(cause), {"kind": self._rows.rows.kind, "id": row.id, "status": row.status.name}
        if error.reason == Reason.STALE_EPOCH:
            raise error
        if error.reason == Reason.STALE_VERSION or (error.reason == Reason.CANCELLED and row.status not in self._no_way_out):
            return self._rows.release(row)  # somebody changed it, or wants it to end: the next look sees that
        if error.reason == Reason.INTERNAL:
            log.error("step_broke", **facts, exc_info=cause)
        why = f"{error.reason.name}: {error}"
        if error.reason in OUTAGES:
            return self._rows.release(row, self._backoff.failed(), f"WAIT_DEPENDENCY, {why}")
        if self._must_go_on(row):
            # It is tried again for ever, and says why it is still there. A person is called.
            log.error("stuck", **facts, error=str(error))
            return self._rows.release(row, self._rows.pause(row), why, self._lost(row))
        if (error.retryable or error.code >= 500) and not self._rows.is_last(row) and error.reason != Reason.POISON:
            log.warning("step_failed", **facts, attempt=self._lost(row), error=str(error))
            return self._rows.release(row, self._rows.pause(row), why, self._lost(row))
        log.warning("failed", **facts, error=str(error))
        self._rows.give_up(row, error)
        return None

    def _lost(self, row: L) -> int:
        """Its attempt column with one more lost, which is never more than there are."""
        return min(self._rows.spent(row) + 1, self._rows.rules.attempts(row))
