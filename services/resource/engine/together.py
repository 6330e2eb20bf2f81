"""Writes of many callers in one transaction: what costs is the commit, and who comes while one is under way need not pay for another.

Whoever finds nobody writing takes all that wait, up to MOST, and writes for them; the others find their answer when it is their turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from libs.common.errors import PlatformError

T = TypeVar("T")
MOST = 64


@dataclass(eq=False)
class Job(Generic[T]):
    """One caller's write. ``run``: what it does inside the transaction; what it refuses, it refuses before it writes."""

    run: Callable[..., T]
    answer: T | None = None
    error: BaseException | None = None
    over: bool = False

    def attempt(self, *facts: object) -> None:
        """Runs it and keeps what became of it. A refusal is its answer; anything else may have left half a write, and ends them all."""
        try:
            self.answer, self.error = self.run(*facts), None
        except PlatformError as error:
            if error.retryable:  # the store's word, not the verb's
                raise
            self.error = error

    def outcome(self) -> T:
        if self.error is not None:
            raise self.error
        return self.answer  # type: ignore[return-value]


class Together(Generic[T]):
    """``write``: runs all of several jobs in one transaction; when it raises, none of them has happened."""

    def __init__(self, write: Callable[[Sequence[Job[T]]], None]) -> None:
        self._write, self._waiting = write, list[Job[T]]()
        self._turn, self._lock = threading.Lock(), threading.Lock()

    def do(self, run: Callable[..., T]) -> T:
        job = Job(run)
        with self._lock:
            self._waiting.append(job)
        with self._turn:
            while not job.over:
                self._write_some()
        return job.outcome()

    def _write_some(self) -> None:
        with self._lock:
            jobs, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            self._write(jobs)
        except Exception as error:
            self._one_by_one(jobs, error)
        for job in jobs:
            job.over = True

    def _one_by_one(self, jobs: Sequence[Job[T]], error: Exception) -> None:
        """One of them may have spoilt it for the others."""
        for job in jobs:
            job.error = error
            if len(jobs) > 1:
                try:
                    self._write([job])
                except Exception as own:
                    job.error = own
