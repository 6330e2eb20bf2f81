"""A metric that is the mean of what the answers score, with its interval of 95 % over them."""

from __future__ import annotations

import math
from collections.abc import Callable

from libs.metrics import Scored
from libs.stats.means import bca


def with_interval(name: str) -> tuple[str, str, str]:
    """The names of its figures."""
    return name, f"{name}.low", f"{name}.high"


class Mean:
    """Where all answers score the same no interval follows, and none is given."""

    def __init__(self, name: str, each: Callable[[Scored], float]) -> None:
        self._name, self._each = name, each
        self._scores: list[float] = []

    def add(self, item: Scored) -> None:
        self._scores.append(self._each(item))

    def figures(self) -> dict[str, float]:
        if not self._scores:
            return {}
        found = (math.fsum(self._scores) / len(self._scores), *(bca(self._scores) or ()))
        return dict(zip(with_interval(self._name), found, strict=False))
