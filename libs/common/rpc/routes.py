"""In which order to try the addresses of a service: in turn, those that just refused last.

An address that refuses is passed over for a moment that doubles with every further refusal, whatever discovery still says about it; one
that says it is leaving for the longest of them at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from libs.common.coord.discovery import Address


class Routes:
    """Shared by the threads of one client. ``resolve`` gives the last known addresses and never blocks on the network."""

    def __init__(self, resolve: Callable[[], Sequence[Address]], eject_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._resolve, self._longest, self._clock = resolve, eject_seconds, clock
        self._turn = 0
        self._refused: dict[Address, tuple[int, float]] = {}  # address -> (refusals in a row, passed over until)

    def order(self) -> tuple[Sequence[Address], Sequence[Address]]:
        """(addresses to try, addresses passed over for now). Each call starts at the next address."""
        known = turned = self._resolve()
        if len(known) > 1:
            self._turn += 1
            start = self._turn % len(known)
            turned = [*known[start:], *known[:start]]
        if not self._refused:
            return turned, ()
        return [a for a in turned if not self.passed_over(a)], [a for a in turned if self.passed_over(a)]

    def passed_over(self, address: Address) -> bool:
        entry = self._refused.get(address)
        return entry is not None and entry[1] > self._clock()

    def refused(self, address: Address, leaves: bool = False) -> None:
        """The address did not take a connection or sent the caller elsewhere. leaves: it said that it is about to close."""
        times = self._refused.get(address, (0, 0.0))[0] + 1
        share = 1.0 if leaves else 2.0 ** min(times - 5, 0)  # an address may be away for days: the power stays one
        self._refused[address] = (times, self._clock() + self._longest * share)

    def accepted(self, address: Address) -> None:
        if self._refused:
            self._refused.pop(address, None)
