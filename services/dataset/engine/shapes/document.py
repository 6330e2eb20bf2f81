"""document: a text, perhaps with a title."""

from __future__ import annotations

from libs.data.kinds import Fields, empty_text
from services.dataset.engine.rows import Fault, row_fault
from services.dataset.engine.shapes import Shape


def fault(fields: Fields) -> Fault | None:
    return row_fault("a non-empty 'text'", "missing, empty or not a text", "text") if empty_text(fields.get("text")) else None


KIND = Shape(
    name="document",
    signs=lambda fields: ("text",) if isinstance(fields.get("text"), str) else (),
    fault=fault,
    en="documents",
    zh="文档",
    place=9,
)
