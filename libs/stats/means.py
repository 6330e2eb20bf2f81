"""Means of differences between two of the same items: a test and an interval that suppose no distribution.

What is drawn follows from a fixed seed: the same scores give the same figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from libs.stats import ALPHA, Interval

if TYPE_CHECKING:
    import numpy as np

EXACT = 16  # differences whose signs are all tried; of more, so many draws
DRAWS = 9999
RESAMPLES = 2000
SEED = 1
CELLS = 4_000_000  # numbers held at once
ROUNDING = 1e-12  # what differs by less, as a share, differs by rounding alone


def sign_flip(differences: Sequence[float]) -> float:
    """The two-sided p that the mean of paired differences is 0: how often it is as far from 0 when each sign is drawn (Fisher 1935).

    Exact for up to ``EXACT`` differences that are not 0; a drawn p is never 0.
    """
    import numpy as np

    found = np.array([difference for difference in differences if difference])
    if not len(found):
        return 1.0
    far = abs(found.sum()) - ROUNDING * np.abs(found).sum()
    if len(found) <= EXACT:
        return float(np.mean(np.abs(_all_signs(len(found)) @ found) >= far))
    hits = sum(int((np.abs(signs @ found) >= far).sum()) for signs in _drawn_signs(len(found)))
    return (hits + 1) / (DRAWS + 1)


def bca(differences: Sequence[float]) -> Interval | None:
    """95 % interval of the mean by the bias-corrected and accelerated bootstrap (Efron 1987). None where it does not follow: of fewer than
    two values, or all the same."""
    import numpy as np

    values = np.array(differences, dtype=float)
    if len(values) < 2 or np.ptp(values) <= ROUNDING * np.abs(values).max():
        return None
    means = np.concatenate(list(_resampled(values)))
    return bca_of(values, means)


def bca_of(values: Any, means: Any) -> Interval:
    """The interval from the means of resamples that were drawn already."""
    import numpy as np

    normal, mean = NormalDist(), values.mean()
    share = ((means < mean).mean() + (means <= mean).mean()) / 2
    bias = normal.inv_cdf(min(max(share, 0.5 / len(means)), 1 - 0.5 / len(means)))
    pulls = values - mean  # a jackknifed mean is off by this much, times a constant that cancels out
    acceleration = (pulls**3).sum() / (6 * (pulls**2).sum() ** 1.5)
    points = []
    for tail in (ALPHA / 2, 1 - ALPHA / 2):
        z = bias + normal.inv_cdf(tail)
        points.append(normal.cdf(bias + z / (1 - acceleration * z)))
    low, high = np.percentile(means, [100 * point for point in points])
    return float(low), float(high)


def _all_signs(count: int) -> np.ndarray[Any, Any]:
    import numpy as np

    return 1.0 - 2.0 * ((np.arange(1 << count)[:, None] >> np.arange(count)) & 1)


def _drawn_signs(count: int) -> Any:
    import numpy as np

    drawn = np.random.default_rng(SEED)
    for rows in _batches(DRAWS, count):
        yield 1.0 - 2.0 * drawn.integers(0, 2, size=(rows, count), dtype=np.int8)


def _resampled(values: Any) -> Any:
    import numpy as np

    drawn = np.random.default_rng(SEED)
    for rows in _batches(RESAMPLES, len(values)):
        yield values[drawn.integers(0, len(values), size=(rows, len(values)))].mean(axis=1)


def _batches(rows: int, width: int) -> Any:
    """How many rows at a time, so that no batch holds more than ``CELLS`` numbers."""
    most = max(1, CELLS // width)
    while rows > 0:
        yield min(most, rows)
        rows -= most
