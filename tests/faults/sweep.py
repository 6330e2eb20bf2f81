"""Which fault point is swept how: its owner's process and the piece of real work that passes it.

The short sweep (part of the suite) takes every ``SHORT_STEP``-th pair of point and kind; ``FAULTS=all`` takes all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

KINDS = ("crash", "raise")
SHORT_STEP = 7


def whole() -> bool:
    return os.environ.get("FAULTS") == "all"


def pairs(points: Iterable[str]) -> Sequence[tuple[str, str]]:
    """(point, kind) to be swept now, always the same ones."""
    every = [(point, kind) for point in points for kind in KINDS]
    return every if whole() else every[::SHORT_STEP]
