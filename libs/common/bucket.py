"""So many at once and so many a second: what strangers may make us write (log lines, rows) without filling a disk."""

from __future__ import annotations

import time
from collections.abc import Callable


class Bucket:
    """Holds ``most`` and is filled by ``rate`` a second. missed: how many came while it was empty, until ``told`` is called."""

    def __init__(self, rate: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._most, self._clock = rate, most, clock
        self._left, self._at = float(most), clock()
        self.missed = 0

    def take(self) -> bool:
        """Whether one more is in it."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            self.missed += 1
            return False
        self._left -= 1
        return True

    def told(self) -> int:
        """How many were missed since the last call."""
        missed, self.missed = self.missed, 0
        return missed
