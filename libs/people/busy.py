"""Callers of one process that are at the same thing now."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Busy:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: Counter[int] = Counter()

    @contextmanager
    def joined(self, what: int) -> Iterator[int]:
        """How many others are at ``what`` as the caller comes, who is one of them inside the block."""
        with self._lock:
            others = self._at[what]
            self._at[what] += 1
        try:
            yield others
        finally:
            with self._lock:
                self._at[what] -= 1
                if not self._at[what]:
                    del self._at[what]
