"""json: one array of objects."""

from __future__ import annotations

from services.dataset.engine.formats import Format
from services.dataset.engine.formats._signs import ONE_OBJECT, has_json_lines, is_page, start_of
from services.dataset.engine.json_rows import read_json


def foreign(head: bytes) -> str | None:
    if start_of(head)[:1] == b"{":
        return "JSON lines" if has_json_lines(head) else ONE_OBJECT
    return "html" if is_page(head) else None


KIND = Format(name="json", extensions=("json",), read=lambda handle, how: read_json(handle, how.limit), foreign=foreign, place=2)
