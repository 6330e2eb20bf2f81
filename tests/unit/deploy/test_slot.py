"""Shares of traffic: they always sum to 100, and a canary step gets exactly its share."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deploy.domain.canary import FAIL, NO_DATA, PASS, Traffic, added, judge, plan
from services.deploy.domain.options import DeployOptions
from services.deploy.domain.slot import SlotWeight, check_weights, shifted, split

NEW = SlotWeight("new", 0, 2, 2, 2)


def live(*shares: int) -> list[SlotWeight]:
    return [SlotWeight(f"old{index}", share, 1, 1, 1) for index, share in enumerate(shares)]


@st.composite
def lives(draw: st.DrawFn) -> list[SlotWeight]:
    cuts = sorted(draw(st.sets(st.integers(1, 99), max_size=4)))
    edges = [0, *cuts, 100]
    return live(*[high - low for low, high in pairwise(edges)])


@given(lives(), st.integers(1, 100))
def test_a_step_gets_its_share_and_the_rest_keeps_its_order(before: list[SlotWeight], share: int) -> None:
    after = shifted(before, NEW, share)
    check_weights(after)
    shares = {weight.digest: weight.weight for weight in after}
    assert shares.pop("new") == share
    for one in before:
        for other in before:
            if one.weight > other.weight:
                assert shares.get(one.digest, 0) >= shares.get(other.digest, 0)


def test_alone_it_gets_everything() -> None:
    assert [weight.weight for weight in shifted([], NEW, 10)] == [100]
    assert shifted([SlotWeight("new", 100, 1, 1, 1)], NEW, 10) == [SlotWeight("new", 100, 2, 2, 2)]


@pytest.mark.parametrize("shares", [(50,), (60, 50), (100, 0), (101, -1)])
def test_shares_that_are_none(shares: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="sum"):
        check_weights(live(*shares))


def test_a_digest_has_one_share() -> None:
    with pytest.raises(ValueError, match="two"):
        check_weights([SlotWeight("a", 50, 1, 1, 1), SlotWeight("a", 50, 1, 1, 2)])


@given(st.integers(0, 100), st.integers(1, 12))
def test_instances_share_evenly(weight: int, count: int) -> None:
    parts = split(weight, count)
    assert sum(parts) == weight
    assert max(parts) - min(parts) <= 1


OPTIONS = DeployOptions(
    eval_config_id=1,
    canary_steps=(10, 100),
    canary_hold_seconds=10,
    canary_timeout_seconds=60,
    canary_min_requests=20,
    canary_max_error_rate=0.05,
)


@pytest.mark.parametrize(
    ("seen", "held", "verdict"),
    [
        (Traffic(0, 0, 0), 5, None),
        (Traffic(1000, 0, 0), 9.9, None),
        (Traffic(1000, 0, 0), 10, PASS),
        (Traffic(20, 1, 0), 10, PASS),
        (Traffic(20, 2, 0), 0.1, FAIL),
        (Traffic(19, 19, 0), 10, None),
        (Traffic(19, 0, 0), 59, None),
        (Traffic(19, 0, 0), 60, NO_DATA),
        (Traffic(0, 0, 0), 1e6, NO_DATA),
        (Traffic(0, 0, 1), 0, FAIL),
        (Traffic(1000, 0, 1), 100, FAIL),
    ],
)
def test_a_step_is_judged(seen: Traffic, held: float, verdict: str | None) -> None:
    assert judge(seen, held, OPTIONS) == verdict


def test_steps_need_somebody_to_share_with() -> None:
    assert plan(OPTIONS, live(100), "new") == (10, 100)
    assert plan(OPTIONS, [], "new") == (100,)
    assert plan(OPTIONS, live(100), "old0") == (100,)
    assert plan(DeployOptions(eval_config_id=1), live(100), "new") == (100,)


def test_a_restarted_process_counts_from_zero() -> None:
    assert (added(7, 5), added(3, 5)) == (2, 3)
