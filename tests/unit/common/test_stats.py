"""Intervals and tests equal what others compute.

Reference values are of scipy 1.17.1 and statsmodels 0.15.0 (numpy 2.4.6), worked out once; they are no dependency. Newcombe's interval is
the one Fagerland, Lydersen and Laake (2014) print for their table of 21 children.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.stats.means import DRAWS, bca, sign_flip
from libs.stats.several import holm
from libs.stats.shares import mcnemar, newcombe, wilson

SMALL = [0.5, -0.25, 0.125, 0.75, 0.0, 0.3, -0.1, 0.2, 0.9, 0.05]
# fmt: off
LARGE = [
    0.05, 0.14, -0.032, -0.217, -0.086, -0.247, 0.068, 0.452, -0.098, -0.136, 0.197, 0.157, 0.082, -0.229, 0.041, 0.259, -0.353,
    -0.087, -0.52, -0.337, -0.503, -0.021, -0.33, 0.131, 0.097, -0.006, -0.705, -0.112, 0.035, 0.084, -0.409, -0.093, -0.244,
    -0.193, 0.368, -0.192, 0.04, 0.315, -0.125, 0.016, 0.083, 0.069, -0.318, 0.073, 0.458, -0.414, 0.308, 0.086, -0.142, 0.65,
    0.279, -0.31, 0.072, 0.223, -0.007, 0.255, 0.03, 0.25, 0.482, -0.153,
]
# fmt: on


def close(value: float) -> object:
    return pytest.approx(value, abs=1e-9, rel=1e-9)


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [
        (0, 0, 1.0),
        (1, 7, 0.0703125),
        (10, 3, 0.09228515625),
        (25, 25, 1.0),
        (40, 61, 0.046044066929342785),
        (300, 250, 0.036578745549102676),
        (12000, 12400, 0.010637588191411975),
    ],
)
def test_mcnemar(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar(only_first, only_second) == close(p) == mcnemar(only_second, only_first)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 20, 0.0, 0.1611251580528194),
        (7, 20, 0.18119182410108203, 0.5671457233147638),
        (20, 20, 0.8388748419471804, 1.0),
        (811, 1190, 0.6544944868317545, 0.7073626063426944),
    ],
)
def test_wilson(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == (close(low), close(high))


def test_newcombe() -> None:
    """Of 21 children one is hit both times, 1 before alone, 7 after alone."""
    assert newcombe(1, 1, 7, 12) == (pytest.approx(0.026, abs=5e-4), pytest.approx(0.507, abs=5e-4))


@given(st.tuples(*[st.integers(0, 200)] * 4).filter(any))
def test_newcombe_holds_the_difference_and_turns_with_the_sides(counts: tuple[int, int, int, int]) -> None:
    both, first, second, neither = counts
    low, high = newcombe(*counts)
    assert -1 <= low <= (second - first) / sum(counts) <= high <= 1
    assert low < high
    assert newcombe(both, second, first, neither) == (pytest.approx(-high), pytest.approx(-low))


@pytest.mark.parametrize(
    ("differences", "p"), [(SMALL, 0.0703125), ([0.1, 0.1, -0.1, -0.1], 1.0), ([0.4] * 3, 0.25), ([0.0] * 50, 1.0), ([0.0, 0.7], 1.0)]
)
def test_all_signs(differences: list[float], p: float) -> None:
    assert sign_flip(differences) == close(p)


def test_signs_that_are_drawn_say_what_all_of_them_would() -> None:
    """A million draws elsewhere say 0.711218; ours lie within four standard errors of it, are the same each time, and never say 0."""
    assert sign_flip(LARGE) == sign_flip(LARGE) == pytest.approx(0.711218, abs=4 * (0.71 * 0.29 / DRAWS) ** 0.5)
    assert sign_flip([1.0] * 60) == 1 / (DRAWS + 1)


@pytest.mark.parametrize(("values", "low", "high"), [(SMALL, 0.05, 0.4961286446819065), (LARGE, -0.07410637676338833, 0.05769699731388536)])
def test_bca(values: list[float], low: float, high: float) -> None:
    assert bca(values) == (close(low), close(high))


def test_no_interval_follows_from_one_value_or_from_values_that_are_all_the_same() -> None:
    assert bca([0.3]) is None
    assert bca([0.25] * 40) is None


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005, 0.9, 0.04]) == [close(p) for p in (0.05, 0.12, 0.12, 0.03, 0.9, 0.12)]
    assert holm([]) == []


def test_many_values_are_drawn_in_parts_and_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bca(LARGE), sign_flip(LARGE)
    monkeypatch.setattr("libs.stats.means.CELLS", 1000)
    assert (bca(LARGE), sign_flip(LARGE)) == whole
