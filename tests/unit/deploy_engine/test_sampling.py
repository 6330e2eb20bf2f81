"""Sampling is greedy or follows the distribution, and a seed fixes it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.errors import PlatformError, Reason
from services.deploy.engine.serving.sampling import Sampler, SamplingOptions, log_softmax

LOGITS = np.log(np.asarray([0.1, 0.4, 0.2, 0.3], np.float32))


def draw(options: SamplingOptions, times: int) -> list[int]:
    sampler = Sampler(options)
    return [sampler.pick(LOGITS) for _ in range(times)]


def test_greedy_is_the_default_and_takes_the_first_of_equals() -> None:
    assert Sampler(SamplingOptions()).pick(LOGITS) == 1
    assert Sampler(SamplingOptions()).pick(np.zeros(4, np.float32)) == 0


def test_draws_follow_the_distribution() -> None:
    counts = Counter(draw(SamplingOptions(temperature=1.0, seed=3), 4000))
    for token, share in enumerate((0.1, 0.4, 0.2, 0.3)):
        assert abs(counts[token] / 4000 - share) < 0.03


def test_a_seed_fixes_the_answer_and_another_changes_it() -> None:
    first, again = (draw(SamplingOptions(temperature=1.0, seed=5), 50) for _ in range(2))
    assert first == again
    assert first != draw(SamplingOptions(temperature=1.0, seed=6), 50)
    assert draw(SamplingOptions(temperature=1.0, seed=-1), 5) == draw(SamplingOptions(temperature=1.0, seed=2**64 - 1), 5)


HEADS = [(1e-9, {1}), (0.4, {1}), (0.41, {1, 3}), (0.7, {1, 3}), (0.75, {1, 3, 2}), (1.0, {0, 1, 2, 3})]


@pytest.mark.parametrize(("top_p", "allowed"), HEADS)
def test_top_p_keeps_the_shortest_head(top_p: float, allowed: set[int]) -> None:
    assert set(draw(SamplingOptions(temperature=1.0, top_p=top_p, seed=1), 500)) == allowed


def test_a_low_temperature_is_greedy_without_overflow() -> None:
    assert set(draw(SamplingOptions(temperature=1e-6, seed=1), 50)) == {1}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_logit_that_is_no_number_fails(bad: float, temperature: float) -> None:
    logits = LOGITS.copy()
    logits[2] = bad
    with pytest.raises(PlatformError) as caught:
        Sampler(SamplingOptions(temperature=temperature)).pick(logits)
    assert (caught.value.code, caught.value.reason) == (500, Reason.INTERNAL)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=20))
def test_log_softmax_sums_to_one(values: list[float]) -> None:
    assert np.exp(log_softmax(np.asarray(values, np.float32))).sum() == pytest.approx(1.0)
