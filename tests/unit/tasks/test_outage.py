"""Pauses of an outage: how they grow, how they spread, and what ends them early. The clock and the dice are ours."""

from __future__ import annotations

import random

from libs.common.work.outage import Backoff


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Longest(random.Random):
    """Dice that always show the whole pause."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def answers() -> bool:
    return True


def silent() -> bool:
    return False


def test_pauses_double_up_to_the_longest_and_begin_anew_once_something_worked() -> None:
    backoff = Backoff(Time(), Longest(), first=0.5, longest=3.0)
    assert [backoff.failed() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    backoff.worked()
    assert not backoff.holds(silent)
    assert backoff.failed() == 0.5


def test_many_workers_do_not_come_back_at_one_moment() -> None:
    pauses = {Backoff(Time(), random.Random(seed), first=8.0).failed() for seed in range(50)}
    assert len(pauses) == 50
    assert 4.0 <= min(pauses) < 5.0
    assert 7.0 < max(pauses) <= 8.0


def test_it_holds_for_the_pause_and_no_longer() -> None:
    time = Time()
    backoff = Backoff(time, Longest(), first=4.0)
    assert not backoff.holds(silent), "nothing has failed yet"
    backoff.failed()
    for _ in range(4):
        assert backoff.holds(silent)
        time.now += 1
    assert not backoff.holds(silent)
    assert not backoff.woken


def test_an_answer_after_silence_ends_the_pause() -> None:
    time = Time()
    backoff = Backoff(time, Longest(), first=60.0, look=1.0)
    backoff.failed()
    assert backoff.holds(silent)
    assert backoff.holds(answers), "it looks once a second, not at every turn of the loop"
    time.now += 1
    assert not backoff.holds(answers)
    assert backoff.woken
    assert backoff.failed() == 30.0
    assert not backoff.woken


def test_what_answers_a_look_and_still_fails_the_work_is_waited_out() -> None:
    time = Time()
    backoff = Backoff(time, Longest(), first=10.0)
    backoff.failed()
    for _ in range(10):
        assert backoff.holds(answers)
        time.now += 1
    assert not backoff.holds(answers)
