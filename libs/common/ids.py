"""63-bit ids that sort by time and never collide between processes: 41 bits of milliseconds, 10 of worker number, 12 of sequence.

A worker number is a file lock in the embedded default: the lowest free one of 1024 is taken and freed by the kernel when the process ends.
Row ids sort by creation, so lists page by key.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

from libs.common.clock import Clock

EPOCH_MS = 1_600_000_000_000  # 2020-09-13: 41 bits last until 2090
WORKERS = 1024
SEQUENCES = 4096


class IdGenerator:
    """``next()`` gives a new id in (0, 2^63). Thread-safe.

    It runs ahead of the clock when that goes back, when 4096 ids were drawn in a millisecond, and to follow an id of another process.
    """

    def __init__(self, worker: int, clock: Clock) -> None:
        if not 0 <= worker < WORKERS:
            raise ValueError(f"worker number {worker} is outside 0..{WORKERS - 1}")
        self._worker, self._clock = worker, clock
        self._lock = threading.Lock()
        self._last_ms, self._sequence = 0, 0

    def next(self, after: int = 0) -> int:
        """A new id above ``after``, an id of this or another process."""
        with self._lock:
            now = self._clock.now_ms() - EPOCH_MS
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
