"""The formats that can be imported, what gives a wrong one away, and the reader of each.

jsonl, json (one array of objects) and csv have rows; a txt or html file is one document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from libs.common.errors import Reason
from services.dataset.engine.csv_rows import read_csv
from services.dataset.engine.json_rows import read_json, read_jsonl
from services.dataset.engine.rows import BOM, KEEP, SPACE, Fault, Row, not_utf8, row_fault

FORMATS = ("jsonl", "json", "csv", "txt", "html")
EXTENSIONS = {"jsonl": "jsonl", "ndjson": "jsonl", "json": "json", "csv": "csv", "txt": "txt", "md": "txt", "html": "html", "htm": "html"}
_MAGIC = (
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\x7fELF", "program"),
    (b"PAR1", "parquet"),
    (b"SQLite format", "sqlite"),
    (b"RIFF", "riff"),
)


def foreign(head: bytes, format: str) -> str | None:
    """What a file that calls itself ``format`` really is by its first bytes; None when nothing speaks against it."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    start = head.removeprefix(BOM).lstrip(SPACE)
    page = start[:14].lower().startswith((b"<!doctype html", b"<html"))
    if format == "jsonl" and start[:1] == b"[":
        return "a JSON array"
    if format == "json" and start[:1] == b"{":
        return "a JSON object or JSON lines"
    if format in ("json", "jsonl", "csv") and page:
        return "html"
    if format == "csv" and start[:1] in (b"{", b"["):
        return "JSON"
    if format == "html" and start and b"<" not in head:
        return "plain text"
    return None


def read_whole(handle: BinaryIO, limit: int, format: str) -> Iterator[Row]:
    """The whole file as one document. ``limit``: its bytes."""
    raw = handle.read(limit + 1).removeprefix(BOM)
    if len(raw) > limit:
        yield Row(1, fault=Fault(Reason.FILE_TOO_LARGE, f"at most {limit} bytes for one document", "too large"), raw=raw[:KEEP])
        return
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data"
        fault = Fault(Reason.FILE_TRUNCATED, "a complete file", "cut inside a character") if cut else not_utf8(raw, error)
        line = raw.count(b"\n", 0, error.start) + 1
        yield Row(line, fault=fault, raw=raw[:KEEP])
        return
    null = text.find("\0")
    if not text.strip():
        return
    if null >= 0:
        yield Row(text.count("\n", 0, null) + 1, fault=row_fault("text without null characters", "a null character"), raw=raw[:KEEP])
    elif format == "html" and (where := unfinished_html(text)):
        yield Row(text.count("\n") + 1, fault=Fault(Reason.FILE_TRUNCATED, "a complete page", where), raw=raw[:KEEP])
    else:
        yield Row(1, {"text": text, "format": "html"} if format == "html" else {"text": text}, raw=raw[:KEEP])


def unfinished_html(text: str) -> str | None:
    """In what a page ends that must not end there; None for a page that may be whole (HTML lets most end tags be left out)."""
    lowered = text.lower()
    if lowered.rfind("<!--") > lowered.rfind("-->"):
        return "the file ends inside a comment"
    for tag in ("script", "style"):
        if lowered.rfind(f"<{tag}") > lowered.rfind(f"</{tag}"):
            return f"the file ends inside <{tag}>"
    tail = text[text.rfind("<") :] if "<" in text else ""
    return "the file ends inside a tag" if re.match(r"</?[A-Za-z!][^>]*\Z", tail) else None


def reader_of(format: str) -> Callable[[BinaryIO, int], Iterator[Row]]:
    """The reader of one of ``FORMATS``: called with an open file and the largest row in bytes."""
    if format in ("txt", "html"):
        return lambda handle, limit: read_whole(handle, limit, format)
    return {"jsonl": read_jsonl, "json": read_json, "csv": read_csv}[format]
