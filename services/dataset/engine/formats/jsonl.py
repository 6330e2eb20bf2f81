"""jsonl: one JSON object per line."""

from __future__ import annotations

from services.dataset.engine.formats import Format
from services.dataset.engine.formats._signs import is_page, start_of
from services.dataset.engine.json_rows import read_jsonl


def foreign(head: bytes) -> str | None:
    if start_of(head)[:1] == b"[":
        return "a JSON array"
    return "html" if is_page(head) else None


KIND = Format(
    name="jsonl", extensions=("jsonl", "ndjson"), read=lambda handle, how: read_jsonl(handle, how.limit), foreign=foreign, place=1
)
