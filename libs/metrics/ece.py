"""ece: how far what a classifier says of its own certainty is from how often it is right (expected calibration error, Naeini et al. 2015).

Answers are sorted by their probability into ``BINS`` of equal width; in each, the mean probability is held against the share that is right,
and the differences are averaged over all answers. 0: of what it calls 80 % sure, 80 % is right.
"""

from __future__ import annotations

import math

from libs.metrics import CLASSES, CONFIDENCE, Metric, Scored

BINS = 10


class Calibration:
    """Of the answers that say how sure they are. bins: (answers, right ones, sum of probabilities) of each."""

    def __init__(self) -> None:
        self.bins = [(0, 0, 0.0)] * BINS

    def add(self, item: Scored) -> None:
        sure = confidence(item)
        if sure is not None:
            place = min(BINS - 1, int(sure * BINS))
            count, right, total = self.bins[place]
            self.bins[place] = (count + 1, right + item.exact_match, total + sure)

    def figures(self) -> dict[str, float]:
        count = sum(each[0] for each in self.bins)
        return {"ece": math.fsum(abs(right - total) for _, right, total in self.bins) / count} if count else {}


def confidence(item: Scored) -> float | None:
    """The probability an answer was given, None where it does not say."""
    try:
        found = float(item.tags.get(CONFIDENCE, ""))
    except ValueError:
        return None
    return found if 0 <= found <= 1 else None


KIND = Metric(
    name="ece",
    tally=Calibration,
    makes=("ece",),
    en="how far the probabilities are from how often they are right, 0..1; lower is better",
    zh="预测概率与实际正确率的平均差距（0..1），越低越好",
    place=6,
    of=(CLASSES,),
)
