"""One end for a whole call."""

from __future__ import annotations

import pytest

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.deadline import Deadline


def test_time_runs_out_and_stays_out() -> None:
    clock = ManualClock()
    deadline = Deadline.after(2.0, clock.monotonic)
    clock.advance(1.5)
    assert deadline.left() == pytest.approx(0.5)
    assert not deadline.expired
    deadline.check("read")
    clock.advance(0.5)
    assert deadline.expired
    clock.advance(5)
    assert deadline.left() == 0.0
    with pytest.raises(PlatformError) as caught:
        deadline.check("read")
    assert (caught.value.code, caught.value.reason, caught.value.details["what"]) == (504, Reason.DEADLINE_EXCEEDED, "read")


def test_a_step_never_outlives_the_whole() -> None:
    clock = ManualClock()
    whole = Deadline.after(2.0, clock.monotonic)
    assert whole.within(10).at == whole.at
    step = whole.within(0.5)
    clock.advance(0.6)
    assert step.expired
    assert not whole.expired
    clock.advance(2)
    assert whole.within(1).expired
