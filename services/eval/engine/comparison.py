"""Two evaluations compared score by score over the items that both answered.

A score of yes and no is tested by McNemar's exact test, with Newcombe's interval; any other by drawing the signs of the differences, with
the BCa bootstrap. Whether a difference is shown is decided by the p that Holm corrected: who compares four scores finds one by chance four
times as often.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from libs.metrics import GAIN, GAIN_COVERAGE, METRICS, Metric, Scored
from libs.stats import ALPHA, Interval
from libs.stats.means import bca, sign_flip
from libs.stats.several import holm
from libs.stats.shares import mcnemar, newcombe
from services.eval.domain.comparison import MetricComparison, judged

Pair = tuple[Scored, Scored]
Values = Sequence[tuple[float, float]]


def compare(pairs: Iterable[Pair], names: Iterable[str]) -> tuple[int, list[MetricComparison]]:
    """(how many pairs, how they compare) by each of the metrics ``names`` that has a score per answer, where any pair has it."""
    [(count, found)] = compare_all([(pairs, names)])
    return count, found


def compare_all(several: Iterable[tuple[Iterable[Pair], Iterable[str]]]) -> list[tuple[int, list[MetricComparison]]]:
    """As ``compare`` of each, with p corrected for all scores of all of them together."""
    found = [_undecided(pairs, names) for pairs, names in several]
    corrected = iter(holm([each.p for _, scores in found for each in scores]))
    return [(count, [_decided(each, next(corrected)) for each in scores]) for count, scores in found]


def _undecided(pairs: Iterable[Pair], names: Iterable[str]) -> tuple[int, list[MetricComparison]]:
    wanted = set(names)
    metrics = [metric for name, metric in METRICS.items() if name in wanted and metric.each]
    count, values = _values(pairs, metrics)
    return count, [_compared(metric, values[metric.name]) for metric in metrics if values[metric.name]]


def gains(pairs: Iterable[Pair], names: Iterable[str], items: int) -> dict[str, float]:
    """How much better the second is, as figures: positive is better. items: of the test. Nothing where no item was answered by both."""
    count, compared = compare(pairs, names)
    found = {figure: value for each in compared for figure, value in _gain(each).items() if value is not None}
    return {**found, GAIN_COVERAGE: count / items} if found else {}


def _gain(found: MetricComparison) -> dict[str, float | None]:
    name, low, high = found.metric + GAIN, found.low, found.high
    if not found.less_is_better:
        return {name: found.difference, f"{name}.low": low, f"{name}.high": high}
    turned = {bound: None if value is None else -value for bound, value in (("low", high), ("high", low))}
    return {name: -found.difference, f"{name}.low": turned["low"], f"{name}.high": turned["high"]}


def _values(pairs: Iterable[Pair], metrics: Sequence[Metric]) -> tuple[int, dict[str, list[tuple[float, float]]]]:
    """(how many pairs, by metric the two scores of each that has both). Read once: there may be many, each with its texts."""
    found: dict[str, list[tuple[float, float]]] = {metric.name: [] for metric in metrics}
    count = 0
    for first, second in pairs:
        count += 1
        for metric in metrics:
            assert metric.each is not None
            one, other = metric.each(first), metric.each(second)
            if one is not None and other is not None:
                found[metric.name].append((one, other))
    return count, found


def _compared(metric: Metric, values: Values) -> MetricComparison:
    first_more = sum(first > second for first, second in values)
    second_more = sum(second > first for first, second in values)
    differences = [second - first for first, second in values]
    interval: Interval | None
    if metric.yes_or_no:
        both = sum(first > 0 and second > 0 for first, second in values)
        table = (both, first_more, second_more, len(values) - both - first_more - second_more)
        test, p, interval = "mcnemar", mcnemar(first_more, second_more), newcombe(*table)
    else:
        test, p, interval = "sign_flip", sign_flip(differences), bca(differences)
    low, high = interval or (None, None)
    first_better, second_better = (second_more, first_more) if metric.less_is_better else (first_more, second_more)
    return MetricComparison(
        metric=metric.name,
        first=math.fsum(first for first, _ in values) / len(values),
        second=math.fsum(second for _, second in values) / len(values),
        difference=math.fsum(differences) / len(values),
        low=low,
        high=high,
        pairs=len(values),
        first_better=first_better,
        second_better=second_better,
        test=test,
        p=p,
        less_is_better=metric.less_is_better,
    )


def _decided(found: MetricComparison, p: float) -> MetricComparison:
    if p > ALPHA:
        return replace(found, p_corrected=p)
    better = -found.difference if found.less_is_better else found.difference
    return replace(found, p_corrected=p, verdict=judged(better, 0.0))
