"""Results that take longer than a call: worked out once, in the background, and kept for whoever asks again.

What goes on is answered with BUSY and asked again. Results and the folders they lie in go with the process; the oldest go first, and those
that nobody asked for in a while.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path
from typing import Generic, TypeVar

from libs.common.errors import busy

T = TypeVar("T")
IDLE_SECONDS = 900.0
Work = Callable[[Path], T]


class Kept(Generic[T]):
    """what: of which there are too many at once, for people. most: results kept. Each has a folder of its own."""

    def __init__(self, what: str, most: int, at_once: int = 1) -> None:
        self._what, self._most = what, most
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(at_once)
        self._found: dict[Hashable, Future[T]] = {}
        self._root: tempfile.TemporaryDirectory[str] | None = None
        self._idle: threading.Timer | None = None

    def folder(self, key: Hashable) -> Path:
        with self._lock:
            self._root = self._root or tempfile.TemporaryDirectory(prefix=f"modelyard-{self._what}-")
            return self._place(key)

    def get(self, key: Hashable, work: Work[T], seconds: float) -> T:
        """What was found, waiting for it as long as that. Raises what the work raised; BUSY while it goes on."""
        folder = self.folder(key)
        with self._lock:
            future = self._found.pop(key, None)
            if future is None or (future.done() and future.exception() is not None):
                future = self._begin(work, folder)
            self._found[key] = future  # the last one used stands last
            self._forget(self._most)
            self._watch()
        try:
            return future.result(seconds)
        except TooLate:
            raise busy(self._what, "ask again, it goes on") from None

    def _begin(self, work: Work[T], folder: Path) -> Future[T]:
        future: Future[T] = Future()
        # no thread of a pool: a process that ends waits for those
        threading.Thread(target=self._work, args=(work, folder, future), name=self._what, daemon=True).start()
        return future

    def _work(self, work: Work[T], folder: Path, future: Future[T]) -> None:
        try:
            with self._places:
                shutil.rmtree(folder, ignore_errors=True)
                future.set_result(work(folder))
        except Exception as error:  # whoever asks gets it
            future.set_exception(error)

    def _watch(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = threading.Timer(IDLE_SECONDS, self._clear)
        self._idle.daemon = True
        self._idle.start()

    def _clear(self) -> None:
        with self._lock:
            self._forget(0)

    def _forget(self, most: int) -> None:
        for key in [key for key, future in self._found.items() if future.done()][: max(0, len(self._found) - most)]:
            del self._found[key]
            shutil.rmtree(self._place(key), ignore_errors=True)

    def _place(self, key: Hashable) -> Path:
        assert self._root is not None
        parts = key if isinstance(key, tuple) else (key,)
        return Path(self._root.name) / "-".join(map(str, parts))
