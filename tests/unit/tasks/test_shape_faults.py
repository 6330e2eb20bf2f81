"""Workers of every shape that die, or break, at each of their fault points: the work still ends where it should, once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.common import fault
from libs.common.clock import SystemClock
from libs.common.errors import PlatformError
from libs.common.work.task import MACHINE, TaskStatus
from tests.support.evidence import Evidence
from tests.support.shapes import HUMAN, PARENT, TASKS, Shapes, ShapeTask
from tests.support.stores import caller
from tests.support.until import until

pytestmark = [pytest.mark.both_stores, pytest.mark.timeout(120)]
CHILDREN = 3
OVER = [int(status) for status in MACHINE.terminal]


@pytest.fixture
def shapes(folder: Path, address: str) -> Iterator[Shapes]:
    found = Shapes(folder, SystemClock(), worker=1001, address=address)
    yield found
    found.db.close()


class Workers:
    """A worker process, started again when it has ended, as a supervisor does."""

    def __init__(self, folder: Path, address: str, armed: str) -> None:
        self._command = [sys.executable, "-m", "tests.support.shapes", str(folder), *([address] if address else [])]
        self._log = folder / "log"
        self._start(armed)

    def _start(self, armed: str) -> None:
        environ = {**os.environ, **({fault.VARIABLE: armed} if armed else {})}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environ)

    def revive(self) -> None:
        if self._process.poll() is not None:
            self._close()
            self._start("")

    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _close(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def close(self) -> None:
        self._close()
        self._process.wait(30)


@contextmanager
def workers(folder: Path, address: str, armed: str = "") -> Iterator[Workers]:
    made = Workers(folder, address, armed)
    try:
        yield made
    finally:
        made.kill()
        made.close()


def ended(shapes: Shapes, task: ShapeTask, process: Workers) -> ShapeTask:
    def over() -> ShapeTask | None:
        process.revive()
        now = shapes.stored(task)
        return now if now.status in MACHINE.terminal else None

    return until(over, 60, f"{shapes.stored(task)}\n{process.said()[-3000:]}")


def answered(shapes: Shapes, process: Workers) -> None:
    """Three items, answered while they may be."""
    task = shapes.create(HUMAN, items=3)

    def all_answered() -> bool:
        process.revive()
        for number, answer, _ in shapes.items(task):
            if not answer:
                with suppress(PlatformError):
                    shapes.answer(task, number, f"a{number}")
        return shapes.stored(task).status in MACHINE.terminal

    until(all_answered, 60, process.said()[-3000:])
    done = shapes.stored(task)
    assert (done.status, done.result) == (TaskStatus.SUCCEEDED, {"answers": ["a0", "a1", "a2"]})
    assert shapes.events(task).count("SUCCEED") == 1


def raised(shapes: Shapes, process: Workers) -> None:
    """A parent with its children, each of them made and ended once."""
    task = shapes.create(PARENT, children=CHILDREN)
    done = ended(shapes, task, process)
    assert (done.status, done.result) == (TaskStatus.SUCCEEDED, {"children": ["SUCCEEDED"] * CHILDREN})
    assert shapes.events(task).count("SUCCEED") == 1
    assert all(shapes.events(child).count("SUCCEED") == 1 for child in shapes.of_parent(task))


def cancelled(shapes: Shapes, process: Workers) -> None:
    """A parent whose children run until they are ended, cancelled in the middle of it."""
    task = shapes.create(PARENT, children=CHILDREN, runs="stay")

    def runs() -> bool:
        process.revive()
        return any(child.status == TaskStatus.RUNNING for child in shapes.of_parent(task))

    until(runs, 60)
    with shapes.db.begin(caller()) as tx:
        shapes.parents.cancel(tx, task.id, "enough")
    assert ended(shapes, task, process).status == TaskStatus.CANCELLED
    assert {child.status for child in shapes.of_parent(task)} == {TaskStatus.CANCELLED}


POINTS: dict[str, Callable[[Shapes, Workers], None]] = {
    "human.after_items_before_waiting": answered,
    "human.after_items_done_before_conclusion": answered,
    "parent.after_children_before_progress": raised,
    "parent.after_children_before_conclusion": raised,
    "parent.after_children_cancelled_before_end": cancelled,
}


@pytest.mark.parametrize("kind", ["crash", "raise"])
@pytest.mark.parametrize("point", POINTS)
def test_a_fault_between_two_side_effects(shapes: Shapes, folder: Path, address: str, point: str, kind: str, evidence: Evidence) -> None:
    with workers(folder, address, f"{point}={kind}") as process:
        POINTS[point](shapes, process)
        assert f"fault {point} {kind}\n" in process.said(), "the point was not passed"
    with shapes.db.read() as conn:
        leased = list(conn.execute(sa.select(TASKS.c.id).where(TASKS.c.lease_until > 0, TASKS.c.status.in_(OVER))).scalars())
    evidence("I3", f"shapes of work: {kind}, then leases", tries=1, violations=len(leased))
    assert leased == []
