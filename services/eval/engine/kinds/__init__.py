"""The kinds of work of the eval domain, one file each."""

from __future__ import annotations

from libs.data.registry import Kind, kinds_in
from libs.people.rule import Rule

RATING = Kind(name="rating", options=Rule, place=900)  # of any kind of it; people are its engine
KINDS: dict[str, Kind] = {**kinds_in(__name__, Kind), RATING.name: RATING}
