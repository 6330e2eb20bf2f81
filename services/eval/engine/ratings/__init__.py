"""The kinds of rating by people, one file each: the template it begins with, what any template of the kind must ask, and what an answer
counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from libs.data.registry import kinds_in
from libs.people.kinds import WorkKind


def nothing(_value: Any, _good: Sequence[str]) -> float:
    raise ValueError("this kind of rating has no score")


@dataclass(frozen=True, kw_only=True)
class RatingKind(WorkKind):
    """field: the one that is the score, "" where nothing is. worth: what one value of it counts, of a pair as if the rated run stood on the
    left; good: the labels that count. pairs: people compare the outputs of two runs."""

    field: str = ""
    worth: Callable[[Any, Sequence[str]], float] = nothing
    pairs: bool = False


RATINGS: dict[str, RatingKind] = kinds_in(__name__, RatingKind)
