"""How long an address that refuses is passed over: twice as long each time, never longer than the longest, however long it stays away."""

from __future__ import annotations

import pytest

from libs.common.clock import ManualClock
from libs.common.coord.discovery import Address
from libs.common.rpc.routes import Routes

LONGEST = 1.0
AWAY, THERE = Address("127.0.0.1", 1), Address("127.0.0.1", 2)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def routes(clock: ManualClock) -> Routes:
    return Routes(lambda: [AWAY, THERE], LONGEST, clock.monotonic)


def passed_over_for(routes: Routes, clock: ManualClock) -> float:
    """Seconds until it is asked again, to a hundredth."""
    for hundredths in range(1000):
        if not routes.passed_over(AWAY):
            return hundredths / 100
        clock.advance(0.01)
    raise AssertionError("never asked again")


def test_each_refusal_is_believed_twice_as_long_as_the_one_before(routes: Routes, clock: ManualClock) -> None:
    seen = []
    for _ in range(7):
        routes.refused(AWAY)
        seen.append(passed_over_for(routes, clock))
    assert seen == pytest.approx([1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 1, 1], abs=0.02)


@pytest.mark.parametrize("refusals", [1028, 1030, 100_000])
def test_who_is_away_for_days_is_refused_the_same_way_and_comes_back_at_once(routes: Routes, clock: ManualClock, refusals: int) -> None:
    for _ in range(refusals):
        routes.refused(AWAY)
    assert routes.order() == ([THERE], [AWAY])
    assert passed_over_for(routes, clock) == pytest.approx(LONGEST, abs=0.02)
    routes.accepted(AWAY)
    routes.refused(AWAY)
    assert passed_over_for(routes, clock) == pytest.approx(LONGEST / 16, abs=0.02)


def test_who_says_it_leaves_is_believed_for_the_longest_at_once(routes: Routes, clock: ManualClock) -> None:
    routes.refused(AWAY, leaves=True)
    assert passed_over_for(routes, clock) == pytest.approx(LONGEST, abs=0.02)
