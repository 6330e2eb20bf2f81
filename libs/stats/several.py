"""Several tests at once: what is found among many by chance is not taken for a finding."""

from __future__ import annotations

from collections.abc import Sequence


def holm(values: Sequence[float]) -> list[float]:
    """The p of each test as corrected by Holm (1979), in the given order: one at most 0.05 among all happens by chance in at most 5 %."""
    corrected = [0.0] * len(values)
    worst = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        worst = max(worst, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = worst
    return corrected
