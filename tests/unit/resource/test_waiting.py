"""Who waits gets its turn: a seeded simulation of many holders on a small cluster, and what a turn keeps free for whom."""

from __future__ import annotations

import random

import pytest

from libs.common.clock import ManualClock
from services.resource.domain.allowance import QuotaKind
from services.resource.domain.explanation import ConstraintKind
from services.resource.domain.reservation import PATIENCE_MS, ReservationStatus
from services.resource.service import ResourceService
from tests.unit.resource.world import ME, node, set_quota, violations

LEASE, STEP, LONGEST = 60, 5, 30
PATIENCE = PATIENCE_MS // 1000


def test_a_large_request_is_not_passed_for_ever(service: ResourceService, clock: ManualClock) -> None:
    set_quota(service, kind=QuotaKind.SPACE, subject_id=3, cpu_milli=1000)
    small = service.create_reservation(ME, holder="small", cpu_milli=500, lease_seconds=600).reservation
    assert service.create_reservation(ME, holder="large", cpu_milli=1000, wait=True).reservation.status == ReservationStatus.WAITING
    passed = service.create_reservation(ME, holder="passes", cpu_milli=500, lease_seconds=600).reservation  # it has not waited long
    service.release_reservation(ME, id=passed.id)
    clock.advance(PATIENCE - 1)
    service.create_reservation(ME, holder="large", cpu_milli=1000, wait=True, lease_seconds=300)
    clock.advance(1)
    service.create_reservation(ME, holder="large", cpu_milli=1000, wait=True, lease_seconds=300)  # now it is its turn
    late = service.create_reservation(ME, holder="late", cpu_milli=500, wait=True)
    assert late.explanation is not None
    assert (late.reservation.status, late.explanation.constraint) == (ReservationStatus.WAITING, ConstraintKind.TURN)
    assert service.renew_reservation(ME, id=small.id, lease_seconds=600).status == ReservationStatus.HELD  # what is held goes on
    service.release_reservation(ME, id=small.id)
    assert service.create_reservation(ME, holder="large", cpu_milli=1000, wait=True).reservation.status == ReservationStatus.HELD
    assert violations(service) == []


@pytest.mark.parametrize("how", ["withdrawn", "lapsed"])
def test_a_turn_ends_with_who_waited(service: ResourceService, clock: ManualClock, how: str) -> None:
    set_quota(service, kind=QuotaKind.SPACE, subject_id=3, cpu_milli=1000)
    service.create_reservation(ME, holder="small", cpu_milli=500, lease_seconds=3600)
    waits = service.create_reservation(ME, holder="large", cpu_milli=1000, wait=True, lease_seconds=600).reservation
    clock.advance(PATIENCE)
    service.create_reservation(ME, holder="large", cpu_milli=1000, wait=True, lease_seconds=60)
    if how == "withdrawn":
        assert service.release_reservation(ME, id=waits.id).status == ReservationStatus.WITHDRAWN
    else:
        clock.advance(61)
        service.sweep()
    assert service.create_reservation(ME, holder="next", cpu_milli=500).reservation.status == ReservationStatus.HELD
    assert violations(service) == []


@pytest.mark.parametrize("seed", range(2))
def test_nobody_starves(service: ResourceService, clock: ManualClock, seed: int) -> None:
    """A stream of small requests that would fill every gap, and large ones that need a whole node: each is served within the time that
    its patience, the longest work before it and those ahead of it explain."""
    draw = random.Random(seed)
    for name in ("a", "b"):
        node(service, name, cpu=4000)
    set_quota(service, kind=QuotaKind.SPACE, subject_id=3, cpu_milli=7000)
    waiting: dict[str, tuple[int, int]] = {}  # holder -> (what it wants, since which step)
    running: list[tuple[int, int]] = []  # (ends at step, reservation)
    longest, served = 0, 0
    for step in range(120):
        for _, id in [each for each in running if each[0] <= step]:
            service.release_reservation(ME, id=id)
        running = [each for each in running if each[0] > step]
        for _, id in running:
            service.renew_reservation(ME, id=id, lease_seconds=LEASE)
        for number in range(draw.randint(1, 3)):
            if len(waiting) < 12:
                waiting[f"{step}-{number}"] = (draw.choice([500, 500, 1000, 4000]), step)
        order = sorted(waiting)
        draw.shuffle(order)
        for holder in order:
            want, since = waiting[holder]
            found = service.create_reservation(ME, holder=holder, cpu_milli=want, wait=True, lease_seconds=LEASE).reservation
            if found.status == ReservationStatus.HELD:
                running.append((step + draw.randint(1, LONGEST // STEP), found.id))
                longest, served = max(longest, step - since), served + 1
                del waiting[holder]
        clock.advance(STEP)
    bound = PATIENCE // STEP + (1 + 12) * (LONGEST // STEP + 1)
    assert longest <= bound
    assert all(120 - since <= bound for _, since in waiting.values())
    assert served > 60
    assert violations(service) == []
