"""A service that is killed, or breaks, between two of its writes: nothing leaks, and the books are true at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common import fault
from libs.common.clock import SystemClock
from services.resource.domain.allowance import QuotaKind
from services.resource.domain.reservation import ReservationStatus as S
from services.resource.repository import METADATA
from services.resource.service import ResourceService
from tests.support.evidence import record
from tests.support.stores import open_store
from tests.unit.resource.world import ME, PAGE, node, quota, violations

POINTS = ("resource.after_take_before_reservation", "resource.after_end_before_giving_back")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ResourceService]:
    db = open_store(tmp_path, "resource", METADATA, SystemClock())
    made = ResourceService(db)
    node(made)
    yield made
    db.close()


@pytest.mark.parametrize("nth", [1, 3])
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_service_leaks_nothing(service: ResourceService, tmp_path: Path, point: str, nth: int) -> None:
    environ = {**os.environ, fault.VARIABLE: f"{point}=crash@{nth}"}
    died = subprocess.run([sys.executable, "-m", "tests.unit.resource.victim", str(tmp_path)], env=environ, capture_output=True, timeout=60)
    assert f"fault {point} crash" in died.stderr.decode()
    assert "lived" not in died.stdout.decode()
    live = service.list_reservations(ME, page=PAGE, statuses=[S.HELD]).items
    assert quota(service, ME, QuotaKind.SPACE).used.cpu_milli == 100 * len(live) <= 100
    found = violations(service)
    record("I7", "a service killed between taking and noting", tries=1, violations=len(found))
    assert found == []


@pytest.mark.parametrize("point", POINTS)
def test_a_mistake_between_two_writes_takes_back_the_first(service: ResourceService, point: str) -> None:
    held = service.create_reservation(ME, holder="before", cpu_milli=100).reservation

    def take_and_give_back() -> None:
        service.create_reservation(ME, holder="a", cpu_milli=7)
        service.release_reservation(ME, id=held.id)

    fault.arm(fault.Armed(point, "raise"))
    try:
        with pytest.raises(fault.InjectedFault):
            take_and_give_back()
    finally:
        fault.arm(None)
    assert violations(service) == []
    assert service.release_reservation(ME, id=held.id).status == S.RELEASED
