"""One absolute end for a whole call, handed down to every call made on its behalf; a step never gets time of its own."""

from __future__ import annotations

import time
from collections.abc import Callable

from libs.common.errors import deadline_exceeded


class Deadline:
    """A moment of a monotonic clock. Immutable; the clock is an argument so that tests move time."""

    __slots__ = ("_clock", "at")

    def __init__(self, at: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.at = at
        self._clock = clock

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """The moment ``seconds`` from now."""
        return cls(clock() + seconds, clock)

    def left(self) -> float:
        """Seconds left, never below zero."""
        left = self.at - self._clock()
        return left if left > 0.0 else 0.0

    @property
    def expired(self) -> bool:
        return self._clock() >= self.at

    def check(self, what: str) -> None:
        """Raises PlatformError 504 DEADLINE_EXCEEDED naming ``what`` when no time is left."""
        if self._clock() >= self.at:
            raise deadline_exceeded(what)

    def within(self, seconds: float) -> Deadline:
        """The deadline of a step: at most ``seconds`` from now, and never later than the whole."""
        return Deadline(min(self.at, self._clock() + seconds), self._clock)

    def __repr__(self) -> str:
        return f"Deadline({self.left():.3f} s left)"
