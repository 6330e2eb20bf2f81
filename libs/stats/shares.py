"""Shares of yes and no: the interval of one, and two of the same items against each other."""

from __future__ import annotations

import math

from libs.stats import Interval

Z95 = 1.959963984540054  # the 97.5 % point of the normal distribution


def wilson(successes: int, trials: int, z: float = Z95) -> Interval:
    """Interval of a share, 95 % by default (Wilson 1927). trials: at least 1. Unlike the plain one it stays inside 0..1 and has width at
    0 and 1.
    """
    share = successes / trials
    spread = z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p that two are equally often right, from the items where just one is (McNemar 1947, by the binomial)."""
    count, fewer = only_first + only_second, min(only_first, only_second)
    term = math.comb(count, fewer) / (1 << count)  # of whole numbers: exact, however large they are
    tail = term
    for place in range(fewer, 0, -1):
        term *= place / (count - place + 1)
        tail += term
    return min(1.0, 2 * tail)


def newcombe(both: int, only_first: int, only_second: int, neither: int) -> Interval:
    """95 % interval of (share of the second - share of the first) over the same items (Newcombe 1998, method 10): Wilson's intervals of
    both, joined by how far they go together."""
    items = both + only_first + only_second + neither
    first, second = (both + only_first) / items, (both + only_second) / items
    (low1, high1), (low2, high2) = wilson(both + only_first, items), wilson(both + only_second, items)
    phi = _together(both, only_first, only_second, neither)
    difference = second - first
    below = _joined(second - low2, high1 - first, phi)
    above = _joined(high2 - second, first - low1, phi)
    return difference - below, difference + above


def _joined(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def _together(both: int, only_first: int, only_second: int, neither: int) -> float:
    """Correlation of the two, towards 0 where it is positive: Newcombe's correction for small tables."""
    product = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    if not product:
        return 0.0
    excess: float = both * neither - only_first * only_second
    if excess > 0:
        excess = max(0.0, excess - (both + only_first + only_second + neither) / 2)
    return excess / math.sqrt(product)
