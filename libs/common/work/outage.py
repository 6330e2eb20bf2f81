"""An outage: what the work needs does not answer just now, and that is no fault of the task.

Decides which failures are outages, and how a worker waits for the end of one: pauses that double, with jitter so that many workers do not
come back at the same moment, ended early when what was silent answers again.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from libs.common.errors import Reason

OUTAGES = frozenset(
    {
        Reason.UNAVAILABLE,
        Reason.DEADLINE_EXCEEDED,
        Reason.CONNECTION_LOST,
        Reason.BUSY,
        Reason.DISK_FULL,
        Reason.ARTIFACTS_MISSING,
    }
)
"""Failures that pass by themselves: waited out, however long it takes, and no attempt is counted."""


class Backoff:
    """When to try again after an outage. ``clock``: monotonic seconds. ``dice``: of the jitter. first, longest: seconds of a pause.
    look: seconds between two looks whether what was silent answers."""

    def __init__(
        self, clock: Callable[[], float], dice: random.Random, first: float = 0.5, longest: float = 30.0, look: float = 1.0
    ) -> None:
        self._clock, self._dice = clock, dice
        self._first, self._longest, self._look = first, longest, look
        self._pause = self._until = self._next_look = 0.0
        self._silent = False
        self.woken = False
        """Whether the last pause ended because what was silent answered: then those who wait for it need not wait out their own."""

    def failed(self) -> float:
        """Another outage. Returns the seconds to wait: half to all of a pause twice as long as the one before."""
        self._pause = min(max(self._first, self._pause * 2), self._longest)
        seconds = self._pause * self._dice.uniform(0.5, 1.0)
        self._until, self._silent, self.woken = self._clock() + seconds, False, False
        return seconds

    def worked(self) -> None:
        """Something went through: the next outage begins with a short pause."""
        self._pause = self._until = 0.0

    def holds(self, answers: Callable[[], bool]) -> bool:
        """Whether to wait on. ``answers``: a cheap look. An answer ends the pause only after a silence: what answers a look and yet fails
        the work is waited out."""
        now = self._clock()
        if now >= self._until:
            return False
        if now >= self._next_look:
            self._next_look = now + self._look
            if not answers():
                self._silent = True
            elif self._silent:
                self._until, self.woken = 0.0, True
                return False
        return True
