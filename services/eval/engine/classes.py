"""What a classifier took for what, and how often it is right when it is so sure: the two pictures of an evaluation of labels."""

from __future__ import annotations

from collections import Counter
from typing import Any

from libs.common.folding import fold_spaces
from libs.metrics import CONFIDENCE, Scored
from libs.metrics.ece import BINS, Calibration

SHOWN = 40  # labels, the most frequent ones of the test; all others together are one
OTHERS = ""


class Classes:
    """Takes the answers one by one."""

    def __init__(self) -> None:
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._calibration = Calibration()
        self._sure = False

    def add(self, item: Scored) -> None:
        self._pairs[fold_spaces(item.expected), fold_spaces(item.output)] += 1
        self._calibration.add(item)
        self._sure |= CONFIDENCE in item.tags

    def facts(self) -> dict[str, Any]:
        """labels: in the order of rows and columns, "" for all others together. confusion: records, by expected label and answer.
        calibration: of each of ``BINS`` equal ranges of probability, the answers in it, how many are right, and their mean probability."""
        if not self._pairs:
            return {}
        labels, place = self._labels()
        confusion = [[0] * len(labels) for _ in labels]
        for (expected, given), count in self._pairs.items():
            confusion[place(expected)][place(given)] += count
        return {"labels": labels, "confusion": confusion, "calibration": self._bins() if self._sure else []}

    def _labels(self) -> tuple[list[str], Any]:
        frequent = Counter[str]()
        for (expected, _), count in self._pairs.items():
            frequent[expected] += count
        labels = sorted(label for label, _ in sorted(frequent.items(), key=lambda each: (-each[1], each[0]))[:SHOWN])
        known = {label: at for at, label in enumerate(labels)}
        if any(side not in known for pair in self._pairs for side in pair):
            labels.append(OTHERS)
        return labels, lambda label: known.get(label, len(labels) - 1)

    def _bins(self) -> list[dict[str, float]]:
        return [
            {"from": at / BINS, "to": (at + 1) / BINS, "items": count, "right": right, "mean": total / count if count else 0.0}
            for at, (count, right, total) in enumerate(self._calibration.bins)
        ]
