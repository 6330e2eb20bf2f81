"""Running the evaluation engine: in this process with a clock of our own, or in its real child process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from libs.common.work.child import Child
from libs.common.work.engine import SilentReporter
from services.eval.engine.evaluation import run
from services.eval.engine.journal import Item, read_items

ENTRY = "services.eval.engine.evaluation:run"
DEADLINE_SECONDS = 60.0


def ticking() -> Callable[[], float]:
    """A clock that moves a quarter of a second with every look."""
    ticks = count()
    return lambda: next(ticks) / 4


def evaluate(job: Mapping[str, Any], work: Path, clock: Callable[[], float] | None = None) -> tuple[dict[str, Any], list[Item]]:
    """(summary, items) of one run in this process."""
    summary = run(job, work, SilentReporter(), clock or ticking())
    return summary, list(read_items(work / "out"))


def timeless(items: list[Item]) -> list[Item]:
    """Items without what a clock measured."""
    return [replace(item, latency_ms=0.0) for item in items]


def finish_child(job: Mapping[str, Any], work: Path) -> dict[str, Any]:
    """The last message of a child that is left alone: {"done": …} or {"error": …}."""
    child = Child(ENTRY, job, work, {"OMP_NUM_THREADS": "1"})
    messages = list(child.messages())
    child.wait()
    assert messages, (work / "engine.log").read_text()
    return messages[-1]


def kill_child_after(job: Mapping[str, Any], work: Path, lines: int) -> bytes:
    """Starts a child, kills it once ``lines`` items are on disk, and returns what is there then."""
    child = Child(ENTRY, job, work, {"OMP_NUM_THREADS": "1"})
    path = work / "out" / "items.jsonl"

    def there() -> bool:
        assert child.process.poll() is None, (work / "engine.log").read_text()
        return path.exists() and path.read_bytes().count(b"\n") >= lines

    until(there)
    child.kill()
    assert child.wait() == -9
    return path.read_bytes()


def until(true: Callable[[], bool]) -> None:
    """Returns as soon as it is true; fails when it does not become true."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.002)
