"""How far around a claim looks: as far as those before it had to, a moment ago. Of one process; others learn it for themselves."""

from __future__ import annotations

import time

LEAST, MOST = 16, 128  # items beside those a claim needs, among which it takes what nobody else is taking
LASTS = 2.0  # seconds
JOBS = 256


class Rush:
    def __init__(self) -> None:
        self._around: dict[int, tuple[int, float]] = {}

    def around(self, job_id: int) -> int:
        """0 where nobody lost lately: then items are finished before others are begun."""
        more, until = self._around.get(job_id, (0, 0.0))
        return more if time.monotonic() < until else 0

    def lost(self, job_id: int, more: int) -> int:
        """Somebody who looked at so many more found others at all of them. Returns at how many to look next."""
        wider = min(MOST, max(LEAST, 2 * more))
        if len(self._around) >= JOBS:
            self._around.clear()
        self._around[job_id] = (wider, time.monotonic() + LASTS)
        return wider
