"""ParentWork: a task of tasks ends when its children have ended, takes them along, and keeps no worker meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.work.task import MACHINE, TaskReason, TaskStatus
from tests.support.outcome import outcome
from tests.support.shapes import PARENT, Shapes, ShapeTask
from tests.support.stores import caller

pytestmark = pytest.mark.both_stores


@pytest.fixture
def shapes(folder: Path, clock: ManualClock, address: str) -> Iterator[Shapes]:
    found = Shapes(folder, clock, address=address)
    yield found
    found.db.close()


def look(shapes: Shapes, task: ShapeTask, clock: ManualClock) -> ShapeTask:
    """The parent after one look at it."""
    clock.advance(1)
    assert shapes.parent_loop(threading.Event()).once()
    return shapes.stored(task)


def end_children(shapes: Shapes, how: str = "succeed") -> None:
    """All that wait are worked on and end."""
    while (child := shapes.children.claim("w")) is not None:
        if how == "succeed":
            shapes.children.succeed(child, {})
        else:
            shapes.children.fail(child, TaskReason.ENGINE_ERROR, {"code": 500}, retry=False)


def cancel(shapes: Shapes, task: ShapeTask) -> ShapeTask:
    with shapes.db.begin(caller()) as tx:
        return shapes.parents.cancel(tx, task.id, "enough")


def test_a_parent_goes_with_its_children(shapes: Shapes, clock: ManualClock) -> None:
    task = shapes.create(PARENT, children=3)
    began = look(shapes, task, clock)
    assert (began.status, began.lease_until, began.progress_done, began.progress_total) == (TaskStatus.RUNNING, 0, 0, 3)
    assert len(shapes.of_parent(task)) == 2
    assert shapes.parents.claim("w") is None, "looked at before its time"
    again = look(shapes, task, clock)
    assert len(shapes.of_parent(task)) == 3
    assert (again.version, again.attempt) == (began.version, 0), "a look is no change"
    first = shapes.children.claim("w")
    assert first is not None
    shapes.children.succeed(first, {})
    assert look(shapes, task, clock).progress_done == 1
    end_children(shapes)
    done = look(shapes, task, clock)
    assert (done.status, done.result, done.lease_until) == (TaskStatus.SUCCEEDED, {"children": ["SUCCEEDED"] * 3}, 0)
    assert shapes.events(task) == ["CREATE", "CLAIM", "SUCCEED"]
    assert shapes.told(task) == [(0, 3), (1, 3)], "one line per step, none for a look that saw nothing new"


def test_a_cancelled_parent_takes_its_children_along(shapes: Shapes, clock: ManualClock) -> None:
    task = shapes.create(PARENT, children=3)
    look(shapes, task, clock)
    look(shapes, task, clock)
    held = shapes.children.claim("w")
    assert held is not None
    assert cancel(shapes, task).status == TaskStatus.CANCELLING
    assert look(shapes, task, clock).status == TaskStatus.CANCELLING, "it says it is over while a child runs"
    assert sorted(child.status.name for child in shapes.of_parent(task)) == ["CANCELLED", "CANCELLED", "CANCELLING"]
    shapes.children.freed(held)
    ended = look(shapes, task, clock)
    assert (ended.status, ended.reason) == (TaskStatus.CANCELLED, TaskReason.USER_REQUEST)
    assert shapes.events(task) == ["CREATE", "CLAIM", "CANCEL", "FREED"]
    assert isinstance(outcome(lambda: cancel(shapes, task)), PlatformError)


@pytest.mark.parametrize("began", [False, True])
def test_a_cancel_between_two_looks_is_seen_by_the_next(shapes: Shapes, clock: ManualClock, began: bool) -> None:
    task = shapes.create(PARENT, children=2)
    if began:
        look(shapes, task, clock)
        end_children(shapes)
    cancel(shapes, task)
    assert look(shapes, task, clock).status == TaskStatus.CANCELLED
    assert len(shapes.of_parent(task)) == (2 if began else 0)


def test_what_children_came_to_can_fail_the_parent(shapes: Shapes, clock: ManualClock) -> None:
    task = shapes.create(PARENT, children=2)
    look(shapes, task, clock)
    end_children(shapes, "fail")
    look(shapes, task, clock)
    ended = look(shapes, task, clock)
    assert (ended.status, ended.reason, ended.error["reason"]) == (TaskStatus.FAILED, TaskReason.INVALID_INPUT, "ROW_INVALID")


def test_a_parent_that_fails_ends_its_children_first(shapes: Shapes, clock: ManualClock) -> None:
    task = shapes.create(PARENT, children=9, breaks_at=4)
    look(shapes, task, clock)
    look(shapes, task, clock)
    held = shapes.children.claim("w")
    assert held is not None
    broken = look(shapes, task, clock)
    assert (broken.status, broken.wish, broken.error["reason"]) == (TaskStatus.RUNNING, "FAIL", "TOO_LARGE")
    look(shapes, task, clock)
    assert shapes.stored(held).status == TaskStatus.CANCELLING
    shapes.children.freed(held)
    ended = look(shapes, task, clock)
    assert (ended.status, ended.reason, ended.error["reason"]) == (TaskStatus.FAILED, TaskReason.INVALID_INPUT, "TOO_LARGE")
    assert all(child.status in MACHINE.terminal for child in shapes.of_parent(task))


def test_looks_that_die_are_bounded_and_the_children_do_not_outlive_the_parent(shapes: Shapes, clock: ManualClock) -> None:
    task = shapes.create(PARENT, children=2)
    look(shapes, task, clock)
    clock.advance(1)
    for lost in range(3):
        held = shapes.parents.claim("a worker that dies")
        assert held is not None
        assert held.attempt == lost
        clock.advance(11)
        assert shapes.parents.sweep() == 1
        late = outcome(lambda held=held: shapes.parents.succeed(held, {}))
        assert isinstance(late, PlatformError)
        assert late.reason == Reason.STALE_EPOCH
    assert look(shapes, task, clock).wish == "FAIL"
    ended = look(shapes, task, clock)
    assert (ended.status, ended.reason) == (TaskStatus.FAILED, TaskReason.POISON)
    assert [child.status for child in shapes.of_parent(task)] == [TaskStatus.CANCELLED] * 2


def test_an_outage_costs_a_parent_nothing(shapes: Shapes, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    task = shapes.create(PARENT, children=2)
    look(shapes, task, clock)
    with monkeypatch.context() as patch:
        patch.setattr(shapes, "advance", lambda _task: (_ for _ in ()).throw(unavailable("train")))
        for _ in range(10):
            now = look(shapes, task, clock)
            assert (now.status, now.attempt, now.progress_message.split(",")[0]) == (TaskStatus.RUNNING, 0, "WAIT_DEPENDENCY")
    end_children(shapes)
    assert look(shapes, task, clock).status == TaskStatus.SUCCEEDED


def test_a_paused_parent_makes_no_more_children(shapes: Shapes, clock: ManualClock) -> None:
    task = shapes.create(PARENT, children=4)
    look(shapes, task, clock)
    with shapes.db.begin(caller()) as tx:
        shapes.parents.ask_pause(tx, task.id)
    assert look(shapes, task, clock).status == TaskStatus.PAUSED
    clock.advance(60)
    assert (shapes.parents.claim("w"), len(shapes.of_parent(task))) == (None, 2)
    with shapes.db.begin(caller()) as tx:
        shapes.parents.resume(tx, task.id)
    look(shapes, task, clock)
    end_children(shapes)
    assert look(shapes, task, clock).status == TaskStatus.SUCCEEDED
    assert shapes.events(task) == ["CREATE", "CLAIM", "PAUSE", "RESUME", "CLAIM", "SUCCEED"]
