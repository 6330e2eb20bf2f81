"""The shapes in which companies keep text for models, one file each: what tells that a row is of it, what must hold of every one, and the
record that it becomes.

Without being told, each row is what its fields say. Where a shape is named for an import, every row must be of it, turn by turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from libs.data.kinds import Fields
from libs.data.registry import LAST, kinds_in
from services.dataset.engine.rows import Fault


@dataclass(frozen=True, kw_only=True)
class Shape:
    """signs: the fields that speak for it, as a person would point at them; none: it is not of this shape. fault: what keeps a row from
    being of it. record: the fields of the record. en, zh: what people call it."""

    name: str
    signs: Callable[[Fields], tuple[str, ...]]
    fault: Callable[[Fields], Fault | None]
    record: Callable[[Fields], Fields] = lambda fields: fields
    en: str
    zh: str
    place: int = LAST


SHAPES: dict[str, Shape] = kinds_in(__name__, Shape)


def shape_of(fields: Fields) -> Shape | None:
    """The first shape that has signs in the fields; None for a row of no shape that is known."""
    return next((shape for shape in SHAPES.values() if shape.signs(fields)), None)
