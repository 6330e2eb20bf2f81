"""How far people agree beyond what chance would make them agree: Cohen's and Fleiss' kappa, Krippendorff's alpha.

Each takes plain values and answers None where the measure is not defined: nothing to compare, or only one value was ever given, so that
chance alone would agree. Sources: Cohen 1960; Fleiss 1971; Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from math import fsum
from typing import Any, Literal

Value = Hashable
Level = Literal["nominal", "ordinal", "interval"]


def percent_agreement(units: Iterable[Sequence[Value]]) -> float | None:
    """The share of pairs of answers to one item that are equal, over all items with at least two."""
    pairs = equal = 0
    for unit in units:
        counts = Counter(unit)
        pairs += len(unit) * (len(unit) - 1)
        equal += sum(n * (n - 1) for n in counts.values())
    return equal / pairs if pairs else None


def cohen_kappa(one: Sequence[Value], other: Sequence[Value]) -> float | None:
    """Of two people who answered the same items, in the same order."""
    if len(one) != len(other):
        raise ValueError("two answers for each item")
    total = len(one)
    if not total:
        return None
    first, second = Counter(one), Counter(other)
    observed = sum(a == b for a, b in zip(one, other, strict=True)) / total
    expected = fsum(first[value] * second[value] for value in first) / (total * total)
    return None if expected == 1 else (observed - expected) / (1 - expected)


def fleiss_kappa(units: Sequence[Sequence[Value]]) -> float | None:
    """Of items that were answered equally often, twice at least, by whomever."""
    if not units:
        return None
    each = len(units[0])
    if each < 2 or any(len(unit) != each for unit in units):
        raise ValueError("the same number of answers for each item, two at least")
    totals: Counter[Value] = Counter()
    same = 0
    for unit in units:
        counts = Counter(unit)
        totals.update(counts)
        same += sum(n * n for n in counts.values()) - each
    observed = same / (len(units) * each * (each - 1))
    expected = fsum((n / (len(units) * each)) ** 2 for n in totals.values())
    return None if len(totals) == 1 else (observed - expected) / (1 - expected)


def krippendorff_alpha(units: Iterable[Sequence[Value]], level: Level = "nominal") -> float | None:
    """Of items that were answered by any number of people each; those with one answer say nothing. ordinal, interval: the values have an
    order, or are numbers."""
    told = [Counter(unit) for unit in units if len(unit) > 1]
    totals: Counter[Any] = Counter()
    for unit in told:
        totals.update(unit)
    answers = sum(totals.values())
    if len(totals) < 2:
        return None
    apart = _difference(level, totals)
    values = list(totals)
    observed = fsum(_within(unit, apart) / (sum(unit.values()) - 1) for unit in told)
    expected = fsum(2 * totals[a] * totals[b] * apart(a, b) for i, a in enumerate(values) for b in values[:i])
    return 1 - (answers - 1) * observed / expected


def _within(unit: Counter[Any], apart: Callable[[Any, Any], float]) -> float:
    values = list(unit)
    return fsum(2 * unit[a] * unit[b] * apart(a, b) for i, a in enumerate(values) for b in values[:i])


def _difference(level: Level, totals: Counter[Any]) -> Callable[[Any, Any], float]:
    """How far two values are apart, squared."""
    if level == "nominal":
        return lambda a, b: float(a != b)
    if level == "interval":
        return lambda a, b: float((a - b) ** 2)
    below, place = 0, {}
    for value in sorted(totals):  # the middle of the ranks a value takes up
        place[value] = below + totals[value] / 2
        below += totals[value]
    return lambda a, b: (place[a] - place[b]) ** 2
