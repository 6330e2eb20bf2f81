"""A latency histogram with logarithmic buckets: any quantile within 1 % of the true value, and two histograms add up exactly.

Bucket ``i`` holds values in (g^(i-1), g^i] with g = (1 + a) / (1 - a); its reported value 2 g^i / (g + 1) is within the relative error
``a`` of everything in it (Masson, Rim and Lee 2019, "DDSketch").
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

RELATIVE_ERROR = 0.01
_GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_GROWTH = math.log(_GROWTH)
_SMALLEST_MS = 1e-3


class LatencyHistogram:
    """Counts of latencies in milliseconds. Memory grows with the spread of the values, not with their number."""

    def __init__(self, buckets: Mapping[int, int] | None = None) -> None:
        self._buckets: Counter[int] = Counter(buckets or {})

    @property
    def count(self) -> int:
        return self._buckets.total()

    def add(self, milliseconds: float) -> None:
        """Count one value; values below a microsecond count as one microsecond."""
        self._buckets[math.ceil(math.log(max(milliseconds, _SMALLEST_MS)) / _LOG_GROWTH)] += 1

    def merge(self, other: LatencyHistogram) -> None:
        """Add the counts of ``other``: the same as if every value had been added here."""
        self._buckets.update(other._buckets)

    def quantile(self, q: float) -> float | None:
        """The value of rank ``floor(q * (count - 1))`` in milliseconds, None without any value. q: 0..1."""
        if not self._buckets:
            return None
        rank = math.floor(q * (self.count - 1))
        seen = 0
        for index in sorted(self._buckets):
            seen += self._buckets[index]
            if seen > rank:
                return 2 * _GROWTH**index / (_GROWTH + 1)
        raise AssertionError("the counts of the buckets add up to the count")

    def to_json(self) -> dict[str, int]:
        """Bucket number → count; ``from_json`` reads it back in another process."""
        return {str(index): self._buckets[index] for index in sorted(self._buckets)}

    @staticmethod
    def from_json(values: Mapping[str, int]) -> LatencyHistogram:
        return LatencyHistogram({int(index): count for index, count in values.items()})
