"""latency: what an answer took, as half and as 95 % of all do not exceed it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from libs.metrics import ANSWERS, CLASSES, Metric, Scored


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that at least ``share`` (0..1] of all do not exceed. values: at least one."""
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1]


class Latency:
    def __init__(self) -> None:
        self._took: list[float] = []

    def add(self, item: Scored) -> None:
        self._took.append(item.latency_ms)

    def figures(self) -> dict[str, float]:
        return {f"latency_ms.p{share}": percentile(self._took, share / 100) for share in (50, 95)} if self._took else {}


KIND = Metric(
    name="latency",
    tally=Latency,
    makes=("latency_ms.p50", "latency_ms.p95"),
    en="milliseconds of an answer",
    zh="单个回答耗时（毫秒）",
    place=4,
    of=(ANSWERS, CLASSES),
)
