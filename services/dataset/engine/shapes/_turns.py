"""Turns of a talk: whether they are of a form, and which one is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from libs.data.kinds import Fields
from services.dataset.engine.rows import Fault, row_fault


def are_turns(value: Any, *keys: str) -> bool:
    """Whether a list begins with a turn that has these keys; an empty one may be anything."""
    return isinstance(value, list) and (not value or (isinstance(value[0], dict) and all(key in value[0] for key in keys)))


def first_fault(fields: Fields, column: str, check: Callable[[Sequence[Any], int], Fault | None]) -> Fault | None:
    """The fault of the first turn that has one. check: of a turn by its place in the talk."""
    talk = fields.get(column)
    if not isinstance(talk, list) or not talk:
        return row_fault("a list with at least one turn", "missing, empty or not a list", column)
    for place in range(len(talk)):
        found = check(talk, place) if isinstance(talk[place], dict) else row_fault("turns that are objects", "a turn that is no object")
        if found is not None:
            return replace(found, column=f"{column}[{place}]")
    return None
