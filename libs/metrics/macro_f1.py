"""macro_f1: of a test whose answers are labels, the mean of each label's F1 over the labels of the test: rare ones count as much as
frequent ones."""

from __future__ import annotations

import math
from collections import Counter

from libs.common.folding import fold_spaces
from libs.metrics import ANSWERS, CLASSES, Metric, Scored


class MacroF1:
    """An answer that is none of the labels is a miss of the expected one, and no label of its own."""

    def __init__(self) -> None:
        self._expected: Counter[str] = Counter()
        self._given: Counter[str] = Counter()
        self._right: Counter[str] = Counter()

    def add(self, item: Scored) -> None:
        expected = fold_spaces(item.expected)
        self._expected[expected] += 1
        self._given[fold_spaces(item.output)] += 1
        self._right[expected] += item.exact_match

    def figures(self) -> dict[str, float]:
        if not self._expected:
            return {}
        scores = [2 * self._right[label] / (count + self._given[label]) for label, count in self._expected.items()]
        return {"macro_f1": math.fsum(scores) / len(scores)}


KIND = Metric(
    name="macro_f1",
    tally=MacroF1,
    makes=("macro_f1",),
    en="mean over the labels of the test of each label's F1, 0..1",
    zh="测试中各标签 F1 的平均值（0..1）",
    of=(CLASSES, ANSWERS),
    by_name=True,
)
