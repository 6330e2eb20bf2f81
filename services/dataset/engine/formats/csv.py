"""csv: a header and rows of cells, set apart by what its header uses most."""

from __future__ import annotations

from services.dataset.engine.csv_rows import read_csv
from services.dataset.engine.formats import Format
from services.dataset.engine.formats._signs import is_page, start_of


def foreign(head: bytes) -> str | None:
    """Also of a tsv."""
    if is_page(head):
        return "html"
    return "JSON" if start_of(head)[:1] in (b"{", b"[") else None


KIND = Format(
    name="csv", extensions=("csv",), read=lambda handle, how: read_csv(handle, how.limit, how.delimiter), foreign=foreign, place=3
)
