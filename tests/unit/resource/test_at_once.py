"""Many at once, on the embedded store and on MariaDB: never one unit too much, nothing lost, and what one caller spoils is its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from libs.common.clock import SystemClock
from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from services.resource.domain.allowance import QuotaKind
from services.resource.domain.reservation import ReservationStatus as S
from services.resource.repository import METADATA
from services.resource.service import ResourceService
from tests.support.evidence import record
from tests.support.outcome import at_once
from tests.support.stores import caller, open_store
from tests.unit.resource.world import ME, node, quota, set_quota, violations

ASKED, UNITS = 500, 137
Open = Callable[[], ResourceService]


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.servers)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens one instance of the service after another, all on the same records."""
    address = request.getfixturevalue("mysql_address") if request.param == "mariadb" else ""
    made: list[ResourceService] = []

    def opens() -> ResourceService:
        db = open_store(tmp_path, "resource", METADATA, SystemClock(), worker=len(made), address=address)
        made.append(ResourceService(db))
        return made[-1]

    yield opens
    for service in made:
        service.db.close()


def patiently(call: Callable[[], Any]) -> Any:
    """A busy store is asked again, like every client does."""
    while True:
        try:
            return call()
        except PlatformError as error:
            if not error.retryable:
                return error


def test_five_hundred_at_once_never_overshoot_by_one_unit(opened: Open) -> None:
    services = [opened(), opened()]
    set_quota(services[0], kind=QuotaKind.SPACE, subject_id=3, replicas=UNITS)
    found = at_once(
        [
            lambda n=n: patiently(lambda: services[n % 2].create_reservation(caller(n % 9 + 1, 3), holder=f"h{n}", replicas=1))  # type: ignore[misc]
            for n in range(ASKED)
        ]
    )
    refused = [each for each in found if isinstance(each, PlatformError)]
    assert {error.reason for error in refused} == {Reason.QUOTA_EXCEEDED}
    assert len(found) - len(refused) == UNITS
    assert quota(services[0], ME, QuotaKind.SPACE).used.replicas == UNITS
    assert violations(services[0]) == []
    record("I7", "500 reserve 137 units at once, on two instances", tries=ASKED, violations=0)


def test_nodes_hold_no_more_than_they_have(opened: Open) -> None:
    services = [opened(), opened()]
    for name in ("a", "b", "c"):
        node(services[0], name, cpu=10_000)
    found = at_once(
        [
            lambda n=n: patiently(lambda: services[n % 2].create_reservation(ME, holder=f"h{n}", cpu_milli=1000 + n % 3 * 500))  # type: ignore[misc]
            for n in range(60)
        ]
    )
    assert {each.reason for each in found if isinstance(each, PlatformError)} == {Reason.CAPACITY_SHORT}
    held = [each.held.cpu_milli or 0 for each in services[0].list_nodes(ME, page=PageRequest()).items]
    assert max(held) <= 10_000
    assert sum(held) >= 3 * 9_500  # no node could take one more of the smallest and stay within its cap, or only just
    assert violations(services[0]) == []


def test_takes_renewals_releases_and_changes_of_quota_at_once_leave_true_books(opened: Open) -> None:
    services, draw = [opened(), opened()], random.Random(5)
    plans = [[draw.choice(["reserve", "renew", "release", "quota"]) for _ in range(12)] for _ in range(8)]

    def walk(number: int, plan: list[str]) -> None:
        service, mine = services[number % 2], list[int]()
        for step, verb in enumerate(plan):
            if verb == "quota":
                patiently(partial(set_quota, service, QuotaKind.SPACE, 3, cpu_milli=500 * step))
            elif verb == "reserve" or not mine:
                made = patiently(partial(service.create_reservation, ME, holder=f"{number}-{step}", cpu_milli=100, accelerator_milli=10))
                mine += [] if isinstance(made, PlatformError) else [made.reservation.id]
            elif verb == "renew":
                patiently(partial(service.renew_reservation, ME, id=mine[-1]))
            else:
                patiently(partial(service.release_reservation, ME, id=mine.pop()))

    assert at_once([lambda n=n, plan=plan: walk(n, plan) for n, plan in enumerate(plans)]) == [None] * 8  # type: ignore[misc]
    assert violations(services[0]) == []
    live = services[0].list_reservations(ME, page=PageRequest(None, 500), statuses=[S.HELD]).items
    assert quota(services[0], ME, QuotaKind.SPACE).used.cpu_milli == 100 * len(live)


def test_the_same_holder_twice_at_once_is_one_reservation(opened: Open) -> None:
    services = [opened(), opened()]
    found = at_once(
        [lambda n=n: patiently(lambda: services[n % 2].create_reservation(ME, holder="one", replicas=1).reservation.id) for n in range(12)]  # type: ignore[misc]
    )
    assert len(set(found)) == 1
    assert quota(services[0], ME, QuotaKind.SPACE).used.replicas == 1
