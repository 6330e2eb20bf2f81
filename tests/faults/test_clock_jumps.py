"""The wall clock jumps an hour forward or back under workers that hold leases (I3, I5, I11), by an injected clock.

Leases are times in the store, as they are shared between machines. What holds whatever the clock does: one holder, one end, a late write of
an old holder refused, a legal history. What does not: a jump forward ends every lease at once, so that a living worker loses its attempt
(and nothing else); after a jump back a dead worker's task waits for the length of the jump. Both are said here, so that a change is seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.task import TaskStatus
from tests.faults.sweep import whole
from tests.support.evidence import Evidence
from tests.support.outcome import outcome
from tests.support.toy import create, open_toys, steps, stored
from tests.unit.tasks.test_lifecycle_walk import LifecycleWalk

HOUR = 3600.0
JUMPS = 20  # at least, in all walks together
seen: Counter[str] = Counter()


class JumpingWalk(LifecycleWalk):
    """The random walk over the lifecycle, with a clock that also jumps. Its promises are checked after every step."""

    @rule(hours=st.sampled_from([1, -1]))
    def the_clock_jumps(self, hours: int) -> None:
        self.clock.advance(hours * HOUR)
        seen["jumps"] += 1

    @invariant()
    def counted(self) -> None:
        seen["states"] += len(self.known)


def test_walks_with_a_jumping_clock(evidence: Evidence) -> None:
    chosen = settings(
        max_examples=200 if whole() else 20,
        stateful_step_count=40,
        phases=(Phase.reuse, Phase.generate),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    seen.clear()
    broken = 0
    try:
        while seen["jumps"] <= JUMPS:  # what is drawn may hold few
            run_state_machine_as_test(JumpingWalk, settings=chosen)
    except Exception:
        broken = 1
        raise
    finally:
        for invariant in ("I3", "I5", "I11"):
            evidence(invariant, "random walks, clock jumps of an hour", tries=seen["states"], violations=broken, jumps=seen["jumps"])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def toys(tmp_path: Path, clock: ManualClock) -> Iterator[TaskLifecycle[Any]]:
    found = open_toys(tmp_path, clock, lease_seconds=10.0)
    yield found
    found.db.close()


def test_an_hour_forward_costs_a_living_worker_its_attempt_and_nothing_else(
    toys: TaskLifecycle[Any], clock: ManualClock, evidence: Evidence
) -> None:
    task = create(toys)
    first = toys.claim("first")
    assert first is not None
    clock.advance(HOUR)
    assert toys.sweep() == 1
    second = toys.claim("second")
    assert second is not None
    late = [outcome(lambda: toys.heartbeat(first, 1, 2, "")), outcome(lambda: toys.succeed(first, {"by": "first"}))]
    accepted = sum(not (isinstance(found, PlatformError) and found.reason == Reason.STALE_EPOCH) for found in late)
    evidence("I11", "late writes of a holder whose lease a clock jump ended", tries=len(late), violations=accepted)
    assert accepted == 0
    toys.succeed(second, {"by": "second"})
    assert stored(toys, task).result == {"by": "second"}
    assert [event for _, _, event in steps(toys, task)].count("SUCCEED") == 1


def test_an_hour_forward_without_a_sweep_costs_nothing(toys: TaskLifecycle[Any], clock: ManualClock) -> None:
    create(toys)
    held = toys.claim("first")
    assert held is not None
    clock.advance(HOUR)
    assert toys.heartbeat(held, 1, 2, "").lease_until == clock.now_ms() + toys.lease_ms
    assert toys.sweep() == 0
    assert toys.succeed(held, {}).status == TaskStatus.SUCCEEDED


def test_an_hour_back_leaves_a_living_worker_alone(toys: TaskLifecycle[Any], clock: ManualClock) -> None:
    create(toys)
    held = toys.claim("first")
    assert held is not None
    clock.advance(-HOUR)
    assert toys.sweep() == 0
    assert toys.claim("second") is None
    assert toys.heartbeat(held, 1, 2, "").lease_until == clock.now_ms() + toys.lease_ms
    assert toys.succeed(held, {}).status == TaskStatus.SUCCEEDED


def test_an_hour_back_makes_a_dead_workers_task_wait_for_the_jump(toys: TaskLifecycle[Any], clock: ManualClock) -> None:
    create(toys)
    assert toys.claim("dead") is not None
    clock.advance(-HOUR)
    clock.advance(60)
    assert toys.sweep() == 0
    clock.advance(HOUR)
    assert toys.sweep() == 1
