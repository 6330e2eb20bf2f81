"""Clocks, deadlines of contexts."""

from __future__ import annotations

import threading
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from libs.common.clock import ManualClock, SystemClock
from libs.common.context import system_context
from libs.common.rpc.deadline import Deadline


def test_system_time_never_goes_back_in_any_thread() -> None:
    clock, broken = SystemClock(), []

    def watch() -> None:
        last = 0
        for _ in range(2000):
            now = clock.now_ms()
            if now < last:
                broken.append((last, now))
            last = now

    threads = [threading.Thread(target=watch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []


@given(st.lists(st.integers(0, 10_000), max_size=20))
def test_manual_clock_moves_by_what_it_is_told(steps: list[int]) -> None:
    clock = ManualClock(5)
    for milliseconds in steps:
        clock.advance(milliseconds / 1000)
    assert clock.now_ms() == 5 + sum(steps)


def test_a_step_never_outlives_its_call_on_the_clock_of_the_call() -> None:
    now = [100.0]
    ctx = replace(system_context(1, 1), deadline=Deadline.after(2.0, lambda: now[0]))
    assert ctx.within(5).deadline.left() == 2.0
    assert ctx.within(0.5).deadline.left() == 0.5
    now[0] = 101.8
    assert round(ctx.within(0.5).deadline.left(), 6) == 0.2
    now[0] = 103.0
    assert ctx.within(0.5).deadline.expired


def test_a_call_on_behalf_has_its_own_key_and_no_version() -> None:
    ctx = replace(system_context(7, 8), expected_version=3, idempotency_key="12345678")
    keyed = ctx.keyed("task-1-trained")
    assert (keyed.idempotency_key, keyed.expected_version) == ("task-1-trained", None)
    assert (keyed.user_id, keyed.space_id, keyed.log_id, keyed.deadline) == (7, 8, ctx.log_id, ctx.deadline)
