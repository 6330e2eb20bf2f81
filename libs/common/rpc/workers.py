"""A fixed number of threads that run blocking handlers. Bounding the queue is the server's business: it alone knows whom to refuse."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class Workers(Generic[T]):
    """Jobs are begun in the order they were given. ``run`` is handed one, or, where a thread may take several at_once, its part of those
    that wait, and begins one by taking it from the iterator; it must not raise."""

    def __init__(self, threads: int, name: str, run: Callable[[Iterable[T]], None], at_once: int = 1) -> None:
        self.size = threads
        self._run_jobs, self._at_once = run, at_once
        self._jobs: SimpleQueue[T | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._run, name=f"{name}-{n}", daemon=True) for n in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def submit(self, job: T) -> None:
        self._jobs.put(job)

    def close(self, timeout: float) -> bool:
        """Drops the jobs that wait, ends idle threads and waits ``timeout`` seconds in all.

        False when a job still runs; its thread ends with the process.
        """
        with suppress(Empty):
            while True:
                self._jobs.get_nowait()
        for _ in self._threads:
            self._jobs.put(None)
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._run_jobs(self._with_more(job))

    def _with_more(self, job: T) -> Iterator[T]:
        yield job
        for _ in range(min(self._jobs.qsize() // self.size, self._at_once - 1)):
            try:
                more = self._jobs.get_nowait()
            except Empty:
                return
            if more is None:
                self._jobs.put(None)  # the sign to end is for the next look
                return
            yield more
