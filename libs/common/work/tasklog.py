"""The log of a task as the records keep it: the end of what its engine printed, in the store of its service, so that any gateway serves it.
It stays as long as the task."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from libs.common.clock import Clock
from libs.common.errors import PlatformError
from libs.common.sight import logs
from libs.common.store.database import Database, Transaction
from libs.common.work.child import stamped
from libs.common.work.printed import Printed
from libs.common.work.task import MACHINE, Task

log = logs.get("worker")
KEPT = 1 << 16  # characters of one task
STORE_SECONDS = 1.0  # between two writes of what a running engine prints


@dataclass(frozen=True)
class TaskLog:
    """Characters ``begins`` to ``ends`` of all that was printed. more: whether the task goes on, so that there may be more."""

    text: str
    begins: int
    ends: int
    more: bool


class TaskLogs:
    """The logs of one service's tasks."""

    def __init__(self, db: Database) -> None:
        self._table = db.table("task_log")

    def add(self, tx: Transaction, task: Task, text: str) -> None:
        """Of what is too much the beginning goes, in whole lines. Whoever calls holds the task, so nobody else writes."""
        table, mine = self._table, self._table.c.task_id == task.id
        before = tx.conn.execute(sa.select(table.c.text, table.c.ends).where(mine)).first()
        said, end = (before.text, before.ends) if before else ("", 0)
        values = {"text": _end_of(said + text), "ends": end + len(text), "update_time": tx.now}
        if before:
            tx.conn.execute(table.update().where(mine), values)
        else:
            tx.conn.execute(table.insert(), {"task_id": task.id, "project_space_id": task.project_space_id, **values})

    def read(self, conn: sa.Connection, task: Task, after: int) -> TaskLog:
        """What came after a place; all that is kept where that place is gone. ``task``: as the asker may see it."""
        table = self._table
        found = conn.execute(sa.select(table.c.text, table.c.ends).where(table.c.task_id == task.id)).first()
        said, end = (found.text, found.ends) if found else ("", 0)
        start = min(max(after, end - len(said)), end)
        return TaskLog(said[len(said) - (end - start) :], start, end, task.status not in MACHINE.terminal)


class LogKeeper:
    """Brings what an engine prints into the records, at most once a second. A log is worth no attempt: what cannot be stored now waits for
    the next time. store: adds text to the log of the task. secrets: as ``Printed`` takes them."""

    def __init__(self, store: Callable[[str], None], clock: Clock, secrets: Iterator[str]) -> None:
        self._store, self._clock, self._printed = store, clock, Printed(secrets)
        self._waiting, self._stored = "", -math.inf
        self._lock = threading.Lock()  # the thread of the lease keeps it while the work goes on, that of the work at its end

    def first(self, line: str) -> None:
        """A line of the worker's own before the engine starts."""
        with self._lock:
            self._say(line)

    def keep(self, printed: Callable[[], bytes]) -> None:
        """printed: asks for what is new."""
        with self._lock:
            self._take(printed())
            if self._waiting and self._clock.monotonic() - self._stored >= STORE_SECONDS:
                self._write()

    def last(self, printed: Callable[[], bytes], line: str) -> None:
        """All that is left, and a last line of the worker's own."""
        with self._lock:
            self._take(printed(), last=True)
            self._say(line)
            self._take(b"")
            self._write()

    def _say(self, line: str) -> None:
        self._printed.say(stamped(line, self._clock.now_ms() / 1000))

    def _take(self, data: bytes, last: bool = False) -> None:
        self._printed.take(data, last)
        self._waiting = _end_of(self._waiting + self._printed.text())

    def _write(self) -> None:
        self._stored = self._clock.monotonic()
        try:
            self._store(self._waiting)
        except PlatformError as error:
            log.warning("log_not_kept", error=str(error))
        else:
            self._waiting = ""


def _end_of(text: str) -> str:
    return text if len(text) <= KEPT else text[-KEPT:].partition("\n")[2]
