"""Callers of one process that reach for the same things now."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Busy:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callers: Counter[int] = Counter()
        self._takes: dict[int, int] = {}

    @contextmanager
    def joined(self, where: int) -> Iterator[int]:
        """For how many things others reach ``where`` as the caller comes, who is one of them inside the block."""
        with self._lock:
            others = self._callers[where] * self._takes.get(where, 1)
            self._callers[where] += 1
        try:
            yield others
        finally:
            with self._lock:
                self._callers[where] -= 1
                if not self._callers[where]:
                    del self._callers[where]
                    self._takes.pop(where, None)

    def takes(self, where: int, many: int) -> None:
        """How many the last one took, which is what the next ones are taken to want."""
        self._takes[where] = many
