"""What two evaluations of one test version say of each other, item by item. Of two the second is judged, as against the first."""

from __future__ import annotations

from dataclasses import dataclass

from idl.enums import ComparisonVerdict as ComparisonVerdict
from services.eval.domain.item import EvalItem
from services.eval.domain.task import EvalTask


@dataclass(frozen=True, kw_only=True)
class MetricComparison:
    """One score over the items that both answered. difference: second - first, with its interval of 95 %, which is None where none follows
    (of one item, or where all differ alike). p_corrected: for the number of scores that are compared."""

    metric: str
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    pairs: int
    first_better: int
    second_better: int
    test: str
    p: float
    p_corrected: float = 1.0
    verdict: ComparisonVerdict = ComparisonVerdict.NO_DIFFERENCE_SHOWN
    less_is_better: bool = False


@dataclass(frozen=True)
class Comparison:
    """left_out: items that one of the two has no answer to, or was not asked: nobody can say how they compare."""

    first: EvalTask
    second: EvalTask
    pairs: int
    left_out: int
    metrics: list[MetricComparison]


@dataclass(frozen=True)
class EvalDifference:
    first: EvalItem
    second: EvalItem

    @property
    def verdict(self) -> ComparisonVerdict:
        """By exact match, then by token F1; whoever failed is worse."""
        return judged(_rank(self.second), _rank(self.first))


def judged(second: object, first: object) -> ComparisonVerdict:
    """Of two that can be ordered."""
    if second == first:
        return ComparisonVerdict.NO_DIFFERENCE_SHOWN
    return ComparisonVerdict.BETTER if second > first else ComparisonVerdict.WORSE  # type: ignore[operator]


def _rank(item: EvalItem) -> tuple[bool, bool, float]:
    return not item.error, item.exact_match, item.token_f1
