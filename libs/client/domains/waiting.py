"""Waiting for what takes long: for an end, for a task and its log, for an answer that is BUSY meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from libs.client.failure import ApiError, Json
from libs.client.group import Group

SILENT_SECONDS = 60.0  # how long a wait goes on while nothing answers: a restart takes a few
ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
Seen = Callable[[Json], None]
T = TypeVar("T")


class Waits(Group):
    """Of a domain with tasks: waiting for one, and its log."""

    def task(self, id: str) -> Json:
        raise NotImplementedError

    def get_task_log(self, task_id: str | int, *, after: str | int | None = None) -> Json:
        raise NotImplementedError

    def log(self, id: str, follow: bool = False, poll: float = 1.0) -> Iterator[str]:
        """What the task's engine printed, the end of it, piece by piece; ``follow``: until the task has ended. Raises ApiError when nothing
        answers for SILENT_SECONDS."""
        after, heard = "0", time.monotonic()
        while True:
            try:
                found = self.get_task_log(id, after=after)
                after, heard = found["ends"], time.monotonic()
                yield found["text"]
                if not (follow and found["more"]):
                    return
            except ApiError as error:
                if not (follow and error.retryable) or time.monotonic() - heard > SILENT_SECONDS:
                    raise
            time.sleep(poll)

    def wait(self, id: str, on_change: Seen = lambda _: None, seconds: float = 3600, poll: float = 0.3) -> Json:
        """The task once it ended. Raises TimeoutError after ``seconds``, ApiError when nothing answers for SILENT_SECONDS."""
        return wait_until(lambda: self.task(id), lambda task: task["status"] in ENDED, on_change, seconds, poll)


def while_busy(ask: Callable[[], T], seconds: float) -> T:
    """The answer of a question that is answered with BUSY while the work behind it goes on."""
    until = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except ApiError as error:
            if error.reason != "BUSY" or time.monotonic() > until:
                raise
            time.sleep(1.0)


def wait_until(read: Callable[[], Json], ended: Callable[[Json], bool], on_change: Seen, seconds: float, poll: float) -> Json:
    """Polls until ``ended``; ``on_change`` sees each new state once. Silence for a moment (a restart) is waited out."""
    end = time.monotonic() + seconds
    heard, seen = time.monotonic(), None
    while True:
        try:
            found = read()
            heard = time.monotonic()
            if found != seen:
                on_change(found)
                seen = found
            if ended(found):
                return found
        except ApiError as error:
            if not error.retryable or time.monotonic() - heard > SILENT_SECONDS:
                raise
        if time.monotonic() > end:
            raise TimeoutError(f"not ended after {seconds:.0f} s")
        time.sleep(poll)
