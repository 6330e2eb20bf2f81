"""Resources before work: what has no room waits and says why, what runs is reserved, what has ended is given back in every way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libs.common.clock import ManualClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.store.repository import PageRequest
from libs.common.work import reserving
from libs.common.work.asking import Ask
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.reserving import LEASE_SECONDS, LONGEST_PAUSE, Reserving
from libs.common.work.task import TaskReason, TaskStatus
from services.resource.domain.allowance import QuotaKind
from services.resource.domain.reservation import Reservation, ReservationStatus
from services.resource.repository import METADATA
from services.resource.service import ResourceService
from tests.support.stores import caller, open_store
from tests.support.toy import ToyTask, create, steps, stored
from tests.support.until import until
from tests.unit.resource.world import node, set_quota, violations
from tests.unit.tasks.test_worker import ask, until_ended, until_left, until_status, working

Toys = TaskLifecycle[ToyTask]
PAGE = PageRequest()


class Straight:
    """The resource service without a wire. away: what every call fails with."""

    def __init__(self, service: ResourceService) -> None:
        self.service, self.away = service, None
        self.calls: list[str] = []

    away: PlatformError | None

    def call(self, ctx: CallContext, method: str, **facts: Any) -> Any:
        self.calls.append(method)
        if self.away is not None:
            raise self.away
        return getattr(self.service, re.sub(r"(?<!^)(?=[A-Z])", "_", method).lower())(ctx, **facts)

    def live(self) -> list[Reservation]:
        """The oldest first."""
        found: list[Reservation] = self.service.list_reservations(caller(), page=PAGE, statuses=[ReservationStatus.HELD]).items
        return found[::-1]


def straight(folder: Path, toys: Toys) -> Straight:
    return Straight(ResourceService(open_store(folder, "resource", METADATA, toys.db.clock)))


@pytest.fixture
def peer(folder: Path, toys: Toys) -> Iterator[Straight]:
    made = straight(folder, toys)
    yield made
    assert violations(made.service) == []
    made.service.db.close()


@pytest.fixture
def live_peer(folder: Path, live: Toys) -> Iterator[Straight]:
    made = straight(folder, live)
    yield made
    made.service.db.close()


def reserves(peer: Straight, toys: Toys, folder: Path) -> Reserving[ToyTask]:
    return Reserving(peer, toys, lambda task: Ask(**{"cpu_milli": 1000, "memory_mb": 100, **task.snapshot["job"]}), folder)


def limit(peer: Straight, cpu: int) -> None:
    set_quota(peer.service, QuotaKind.SPACE, 1, cpu_milli=cpu)


def claimed(room: Reserving[ToyTask]) -> ToyTask:
    task = room.claim("w", over=False)
    assert task is not None
    return task


def test_what_has_no_room_waits_and_says_why(toys: Toys, peer: Straight, folder: Path) -> None:
    limit(peer, 1000)
    room = reserves(peer, toys, folder)
    first, second = create(toys), create(toys)
    assert claimed(room).id == first.id
    assert room.claim("w", over=False) is None
    waits = stored(toys, second)
    assert (waits.status, waits.reason, waits.attempt, waits.epoch) == (TaskStatus.PENDING, TaskReason.WAIT_QUOTA, 0, 0)
    assert (waits.error["reason"], waits.error["details"]["position"], waits.error["field"]) == ("QUOTA_EXCEEDED", 1, "cpu_milli")
    assert "1000 more of" in waits.error["message"]["en"]
    assert steps(toys, waits) == [(0, 0, "CREATE")]
    assert waits.not_before > toys.db.clock.now_ms()
    assert [each.holder for each in peer.live()] == [f"toy_task/{first.id}/1"]


def test_a_higher_limit_lets_it_in_and_the_sentence_goes(toys: Toys, peer: Straight, folder: Path, clock: ManualClock) -> None:
    limit(peer, 500)  # less than it asks for, whatever is free
    room = reserves(peer, toys, folder)
    task = create(toys)
    assert room.claim("w", over=False) is None
    assert stored(toys, task).reason == TaskReason.WAIT_QUOTA
    before = stored(toys, task).version
    clock.advance(LONGEST_PAUSE)
    assert room.claim("w", over=False) is None
    assert stored(toys, task).version == before  # nothing new to tell
    limit(peer, 1000)
    clock.advance(LONGEST_PAUSE)
    assert claimed(room).error == {}


def test_a_small_one_behind_a_large_one_is_not_kept(toys: Toys, peer: Straight, folder: Path) -> None:
    limit(peer, 2000)
    room = reserves(peer, toys, folder)
    running, large, small = (create(toys, job={"cpu_milli": cpu}) for cpu in (1000, 2000, 1000))
    assert [claimed(room).id, claimed(room).id] == [running.id, small.id]
    assert stored(toys, large).reason == TaskReason.WAIT_QUOTA


def test_nodes_without_room_are_a_lack_of_capacity(toys: Toys, peer: Straight, folder: Path) -> None:
    node(peer.service, cpu=1500, memory=1000)
    room = reserves(peer, toys, folder)
    fits, too_much = create(toys), create(toys, job={"cpu_milli": 9000})
    claimed(room)
    waits = create(toys)
    assert room.claim("w", over=False) is None
    assert stored(toys, fits).status == TaskStatus.RUNNING
    assert [stored(toys, each).reason for each in (waits, too_much)] == [TaskReason.WAIT_CAPACITY] * 2
    assert [stored(toys, each).error["reason"] for each in (waits, too_much)] == ["CAPACITY_SHORT", "NEVER_FITS"]


def test_where_nothing_is_bounded_an_absent_service_is_not_needed(toys: Toys, peer: Straight, folder: Path) -> None:
    room = reserves(peer, toys, folder)
    peer.away = unavailable("resource")
    create(toys)
    assert claimed(room).status == TaskStatus.RUNNING
    peer.away = None
    create(toys)
    assert claimed(room).status == TaskStatus.RUNNING
    assert len(peer.live()) == 1


def test_where_something_is_bounded_its_absence_is_waited_out(toys: Toys, peer: Straight, folder: Path, clock: ManualClock) -> None:
    limit(peer, 1000)
    create(toys)
    claimed(reserves(peer, toys, folder))
    peer.away = unavailable("resource")
    tasks = [create(toys), create(toys)]
    again = reserves(peer, toys, folder)  # a worker that starts during the outage
    assert again.claim("w", over=False) is None
    assert stored(toys, tasks[0]).reason == TaskReason.WAIT_DEPENDENCY
    assert stored(toys, tasks[1]).reason == TaskReason.WAIT_CAPACITY  # nobody asked in vain for the next
    peer.away = None
    limit(peer, 2000)
    assert again.claim("w", over=True) is not None


def test_two_workers_and_one_task_hold_it_once(toys: Toys, peer: Straight, folder: Path) -> None:
    limit(peer, 1000)
    one, other = reserves(peer, toys, folder), reserves(peer, toys, folder)
    task = create(toys)
    seen = toys.due(False, ())
    assert seen is not None
    assert other._admit(seen) is None  # it was given room, and somebody else is faster
    assert claimed(one).id == task.id
    assert other.claim("w", over=False) is None
    assert len(peer.live()) == 1


def test_a_lost_worker_leaves_only_its_lease(toys: Toys, peer: Straight, folder: Path, clock: ManualClock) -> None:
    limit(peer, 1000)
    room = reserves(peer, toys, folder)
    task = create(toys)
    claimed(room)
    clock.advance(toys.lease_ms / 1000 + 1)
    assert toys.sweep() == 1
    assert room.claim("w", over=False) is None  # it may run on somewhere
    clock.advance(LEASE_SECONDS)
    assert claimed(room).id == task.id
    assert [each.holder for each in peer.live()] == [f"toy_task/{task.id}/3"]


def test_what_ends_is_given_back_once(live: Toys, live_peer: Straight, folder: Path) -> None:
    limit(live_peer, 1000)
    first, second = create(live), create(live)
    with working(live, folder, reserving=reserves(live_peer, live, folder)):
        assert [until_ended(live, task).status for task in (first, second)] == [TaskStatus.SUCCEEDED] * 2
        until(lambda: not live_peer.live())
    assert live_peer.calls.count("ReleaseReservation") == 2
    assert violations(live_peer.service) == []


@pytest.mark.parametrize("way", ["cancel", "pause", "fail"])
def test_every_way_out_gives_back(live: Toys, live_peer: Straight, folder: Path, way: str) -> None:
    task = create(live, "refuse" if way == "fail" else "stay", max_attempts=1)
    with working(live, folder, reserving=reserves(live_peer, live, folder)):
        if way == "fail":
            until_ended(live, task)
        else:
            until_status(live, task, TaskStatus.RUNNING)
            ask(live, "cancel" if way == "cancel" else "ask_pause", task, *(["x"] if way == "cancel" else []))
            until_left(live, task)
        until(lambda: "ReleaseReservation" in live_peer.calls and not live_peer.live())


def test_what_lost_its_reservation_takes_it_again_or_stops(
    live: Toys, live_peer: Straight, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reserving, "RENEW_SECONDS", 0.05)
    task = create(live, "stay")
    with working(live, folder, reserving=reserves(live_peer, live, folder)):
        [held] = until(live_peer.live)
        live_peer.service.release_reservation(caller(), id=held.id)
        [again] = until(live_peer.live)
        assert (again.holder, again.id != held.id) == (held.holder, True)
        limit(live_peer, 500)
        live_peer.service.release_reservation(caller(), id=again.id)
        left = until(lambda: ((now := stored(live, task)).reason == TaskReason.WAIT_QUOTA and now) or None)
        assert (left.status, left.attempt, left.error["reason"]) == (TaskStatus.PENDING, 0, Reason.QUOTA_EXCEEDED.name)
        ask(live, "cancel", left, "x")


def test_what_began_without_is_reserved_when_the_service_is_there(
    live: Toys, live_peer: Straight, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reserving, "RENEW_SECONDS", 0.05)
    live_peer.away = unavailable("resource")
    task = create(live, "stay")
    with working(live, folder, reserving=reserves(live_peer, live, folder)):
        until_status(live, task, TaskStatus.RUNNING)
        live_peer.away = None
        [held] = until(live_peer.live)
        assert held.holder == f"toy_task/{task.id}/{stored(live, task).epoch}"
        ask(live, "cancel", task, "x")


def test_an_unbounded_platform_is_asked_twice_a_task(live: Toys, live_peer: Straight, folder: Path) -> None:
    """Three tasks: one ask and one release each, and nothing while nothing waits."""
    tasks = [create(live) for _ in range(3)]
    with working(live, folder, reserving=reserves(live_peer, live, folder)):
        for task in tasks:
            until_ended(live, task)
        until(lambda: not live_peer.live())
    assert sorted(live_peer.calls) == ["CreateReservation"] * 3 + ["ReleaseReservation"] * 3
