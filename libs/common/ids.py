"""63-bit ids that sort by time and never collide between processes: 41 bits of milliseconds, 10 of worker number, 12 of sequence.

A worker number is a file lock in the embedded default: the lowest free one of 1024 is taken and freed by the kernel when the process ends.
On ZooKeeper (libs/common/coord/zookeeper/number.py) it is a lease: it can change, and without it no id is drawn.
Row ids sort by creation, so lists page by key.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

from libs.common.clock import Clock
from libs.common.errors import unavailable

EPOCH_MS = 1_600_000_000_000  # 2020-09-13: 41 bits last until 2090
WORKERS = 1024
SEQUENCES = 4096


def lowest_of(ms: int) -> int:
    """The lowest id that is drawn at a millisecond of the clock."""
    return max(ms - EPOCH_MS, 0) << 22


class IdGenerator:
    """``next()`` gives a new id in (0, 2^63). Thread-safe.

    It runs ahead of the clock when that goes back, when 4096 ids were drawn in a millisecond, and to follow an id of another process.
    """

    def __init__(self, worker: int | None, clock: Clock) -> None:
        """worker: for the whole life of the process; None: none yet, ``renumber`` gives one for a time."""
        self._worker, self._clock = 0 if worker is None else _checked(worker), clock
        self._until: float | None = 0.0 if worker is None else None  # when the number ends, on the clock of ``time.monotonic``
        self._lock = threading.Lock()
        self._last_ms, self._sequence = 0, 0

    @property
    def ready(self) -> bool:
        """Whether there is a number to draw under now."""
        return self._until is None or time.monotonic() < self._until

    def renumber(self, worker: int, until: float) -> None:
        """Draws under ``worker`` until the monotonic second ``until``."""
        with self._lock:
            if worker != self._worker:
                self._worker = _checked(worker)
                self._last_ms, self._sequence = self._last_ms + 1, 0  # a lower number in the same millisecond would sort before
            self._until = until

    def suspend(self) -> None:
        """Draws nothing until ``renumber``."""
        with self._lock:
            self._until = 0.0

    def next(self, after: int = 0) -> int:
        """A new id above ``after``, an id of this or another process. Raises UNAVAILABLE while there is no worker number."""
        with self._lock:
            now = self._clock.now_ms() - EPOCH_MS
            # After the time was read: a process paused in between has an id of the time when the number was its own.
            if self._until is not None and time.monotonic() >= self._until:
                raise unavailable("worker number", cause="the coordination service is away")
            if now > self._last_ms:
                self._last_ms, self._sequence = now, 0
            elif self._sequence + 1 < SEQUENCES:
                self._sequence += 1
            else:
                self._last_ms, self._sequence = self._last_ms + 1, 0
            if self._newest() <= after:
                self._last_ms, self._sequence = (after >> 22) + 1, 0
            return self._newest()

    def _newest(self) -> int:
        return self._last_ms << 22 | self._worker << 12 | self._sequence


def _checked(worker: int) -> int:
    if not 0 <= worker < WORKERS:
        raise ValueError(f"worker number {worker} is outside 0..{WORKERS - 1}")
    return worker


class WorkerNumber:
    """The lowest free worker number of this machine, held by an open file lock until ``release`` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(WORKERS):
            handle = os.open(folder / f"worker-{number:04d}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                continue
            self.number, self._handle = number, handle
            return
        raise RuntimeError(f"all {WORKERS} worker numbers under {folder} are taken")

    def release(self) -> None:
        os.close(self._handle)
