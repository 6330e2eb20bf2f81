"""A curve in a terminal: block characters, eight heights to a row. Pure over numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

BLOCKS = " ▁▂▃▄▅▆▇█"


def curve(points: Sequence[tuple[int, float]], width: int = 60, height: int = 8) -> list[str]:
    """Lines of a plot of (step, value), steps rising; the value's range is at the left, the steps' below.

    Each column is the mean of the finite values that fall into it; a column without one repeats the column before. [] without any value.
    """
    finite = [(step, value) for step, value in points if math.isfinite(value)]
    if not finite:
        return []
    columns = _columns(finite, min(width, max(1, len(finite))))
    low, high = min(columns), max(columns)
    eighths = [_eighths(value, low, high, height) for value in columns]
    labels = [f"{high:.4g}", *[""] * (height - 2), f"{low:.4g}"]
    margin = max(map(len, labels))
    rows = [
        f"{labels[row]:>{margin}} │" + "".join(BLOCKS[min(8, max(0, filled - 8 * (height - 1 - row)))] for filled in eighths)
        for row in range(height)
    ]
    first, last = str(finite[0][0]), str(finite[-1][0])
    return [*rows, " " * (margin + 2) + first + last.rjust(max(1 + len(last), len(columns) - len(first)))]


def _columns(points: Sequence[tuple[int, float]], width: int) -> list[float]:
    first, span = points[0][0], max(1, points[-1][0] - points[0][0])
    sums = [0.0] * width
    counts = [0] * width
    for step, value in points:
        column = min(width - 1, (step - first) * width // span)
        sums[column] += value
        counts[column] += 1
    found: list[float] = []
    for total, count in zip(sums, counts, strict=True):
        found.append(total / count if count else found[-1])  # the first column has the first point
    return found


def _eighths(value: float, low: float, high: float, height: int) -> int:
    """1 for the lowest value, 8 x height for the highest; a flat curve lies in the middle."""
    if high == low:
        return height * 4
    return 1 + round((value - low) / (high - low) * (height * 8 - 1))
