"""HumanWork: people have the task for as long as they take, its progress is that of its items, and it ends when they are done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.work.task import TaskReason, TaskStatus
from tests.support.outcome import at_once, outcome
from tests.support.shapes import HUMAN, Shapes, ShapeTask
from tests.support.stores import caller

pytestmark = pytest.mark.both_stores


@pytest.fixture
def shapes(folder: Path, clock: ManualClock, address: str) -> Iterator[Shapes]:
    found = Shapes(folder, clock, address=address)
    yield found
    found.db.close()


def waiting(shapes: Shapes, items: int = 3) -> ShapeTask:
    """A task that people have."""
    task = shapes.create(HUMAN, items=items)
    claimed = shapes.people.claim("w")
    assert claimed is not None
    assert shapes.human_attempt(claimed) == "WAITING_HUMAN"
    return shapes.stored(task)


def test_people_take_as_long_as_they_take(shapes: Shapes, clock: ManualClock) -> None:
    task = waiting(shapes)
    assert (task.status, task.lease_until, task.attempt, task.reason) == (TaskStatus.WAITING_HUMAN, 0, 0, TaskReason.NONE)
    assert (task.progress_done, task.progress_total) == (0, 3)
    clock.advance(30 * 86_400)
    assert (shapes.people.sweep(), shapes.people.claim("w")) == (0, None)
    for number in range(3):
        assert shapes.people.claim("w") is None, "taken from people who are not done"
        shapes.answer(task, number, f"a{number}")
        now = shapes.stored(task)
        assert (now.progress_done, now.version) == (number + 1, task.version), "an item's progress is no change people decided on"
    claimed = shapes.people.claim("w")
    assert claimed is not None
    assert (claimed.status, claimed.attempt, claimed.epoch) == (TaskStatus.RUNNING, 1, 2)
    assert shapes.human_attempt(claimed) == "SUCCEEDED"
    assert shapes.stored(task).result == {"answers": ["a0", "a1", "a2"]}
    assert shapes.events(task) == ["CREATE", "CLAIM", "WAIT_HUMAN", "HUMAN_DONE", "SUCCEED"]
    assert shapes.told(task) == [(1, 3), (2, 3), (3, 3)]


def test_an_item_that_is_opened_again_takes_the_task_back_to_people(shapes: Shapes) -> None:
    task = waiting(shapes, items=2)
    shapes.answer(task, 0)
    shapes.answer(task, 1)
    shapes.answer(task, 0, "")
    assert shapes.stored(task).progress_done == 1
    assert shapes.people.claim("w") is None
    shapes.answer(task, 0, "better")
    assert shapes.people.claim("w") is not None


def test_without_an_item_there_is_nothing_to_wait_for(shapes: Shapes) -> None:
    task = shapes.create(HUMAN, items=0)
    claimed = shapes.people.claim("w")
    assert claimed is not None
    assert shapes.human_attempt(claimed) == "SUCCEEDED"
    assert shapes.stored(task).result == {"answers": []}


def test_many_people_at_once_are_all_counted(shapes: Shapes) -> None:
    task = waiting(shapes, items=8)
    at_once([lambda number=number: shapes.answer(task, number) for number in range(8)])
    assert shapes.stored(task).progress_done == 8


def test_a_cancel_takes_the_items_back_at_once(shapes: Shapes) -> None:
    task = waiting(shapes)
    shapes.answer(task, 0)
    with shapes.db.begin(caller()) as tx:
        ended = shapes.people.cancel(tx, task.id, "enough")
    assert ended.status == TaskStatus.CANCELLED
    assert [withdrawn for _, _, withdrawn in shapes.items(task)] == [1, 1, 1]
    before = shapes.items(task)
    late = outcome(lambda: shapes.answer(task, 1))
    assert isinstance(late, PlatformError)
    assert late.reason == Reason.ILLEGAL_TRANSITION
    assert shapes.items(task) == before, "the answer of a refused call stayed"
    assert shapes.people.claim("w") is None


def test_a_cancel_while_items_are_laid_out_frees_them_too(shapes: Shapes) -> None:
    task = shapes.create(HUMAN, items=2)
    claimed = shapes.people.claim("w")
    assert claimed is not None
    with shapes.db.begin(caller()) as tx:
        assert shapes.people.cancel(tx, task.id, "").status == TaskStatus.CANCELLING
    assert shapes.human_attempt(claimed) == "CANCELLED"
    assert [withdrawn for _, _, withdrawn in shapes.items(task)] == [1, 1]


def test_a_worker_that_dies_before_or_after_people_costs_them_nothing(shapes: Shapes, clock: ManualClock) -> None:
    task = shapes.create(HUMAN, items=2)
    first = shapes.people.claim("w")
    assert first is not None
    shapes.lay_out(first)
    clock.advance(11)
    assert shapes.people.sweep() == 1
    assert isinstance(outcome(lambda: shapes.people.await_people(first)), PlatformError), "a late worker let people begin"
    second = shapes.people.claim("w")
    assert second is not None
    assert shapes.human_attempt(second) == "WAITING_HUMAN"
    assert len(shapes.items(task)) == 2
    for number in (0, 1):
        shapes.answer(task, number, "kept")
    dead = shapes.people.claim("w")
    assert dead is not None
    clock.advance(11)
    assert shapes.people.sweep() == 1
    last = shapes.people.claim("w")
    assert last is not None
    assert shapes.human_attempt(last) == "SUCCEEDED"
    assert shapes.stored(task).result == {"answers": ["kept", "kept"]}
