"""A call and how it went: its answer, or the refusal with a name. Any other exception is a failure of the test."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from libs.common.errors import PlatformError

T = TypeVar("T")


def outcome(call: Callable[[], T]) -> T | PlatformError:
    try:
        return call()
    except PlatformError as error:
        return error


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """The outcomes of calls that start together, each in a thread of its own, in their order. An unnamed exception is an outcome too."""
    start, found = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number: int) -> None:
        start.wait()
        try:
            found[number] = outcome(calls[number])  # type: ignore[call-overload]
        except BaseException as error:
            found[number] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
