"""The formats that can be imported, what gives a wrong one away, and the reader of each.

jsonl, json (one array of objects) and csv have rows; a txt or html file is one document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from libs.common.errors import Reason
from services.dataset.engine.csv_rows import Delimiter, read_csv
from services.dataset.engine.json_rows import read_json, read_jsonl
from services.dataset.engine.rows import BOM, KEEP, SPACE, Fault, Row, not_utf8, row_fault

FORMATS = ("jsonl", "json", "csv", "txt", "html")
EXTENSIONS = {
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "json",
    "csv": "csv",
    "tsv": "csv",
    "txt": "txt",
    "md": "txt",
    "html": "html",
    "htm": "html",
}
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
_KEYS = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s*:\s*(?=(.)))?|[{}\[\]]', re.DOTALL)
_SHOWN_KEYS = 5


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
        return "JSON lines" if has_json_lines(head) else "one JSON object"
    if format in ("json", "jsonl", "csv") and page:
        return "html"
    if format == "csv" and start[:1] in (b"{", b"["):
        return "JSON"
    if format == "html" and start and b"<" not in head:
        return "plain text"
    return None


def has_json_lines(head: bytes) -> bool:
    """Whether a file that begins so has one object per line: its first line is whole and the next one begins another."""
    first, *rest = head.removeprefix(BOM).strip(SPACE).splitlines() or [b""]
    following = next((line for line in rest if line.strip()), b"")
    return first.startswith(b"{") and first.rstrip().endswith(b"}") and following.lstrip().startswith(b"{")


def told_apart(found: str, head: bytes) -> str:
    """What a file should be instead, for one that is ``found``: with the way out where there is one."""
    if found != "one JSON object":
        return ", ".join(FORMATS)
    keys = _top_keys(head.decode("utf-8", "replace"))
    named = ", ".join(repr(key) for key, _ in keys[:_SHOWN_KEYS]) + (", …" if len(keys) > _SHOWN_KEYS else "")
    inside = next((f"; save the array under {key!r} as a file of its own" for key, sign in keys if sign == "["), "")
    return f"a JSON array of objects, or one object per line (jsonl): this is one object with the keys {named or 'none'}{inside}"


def _top_keys(text: str) -> list[tuple[str, str]]:
    """(key, first sign of its value) of the outermost object of a text that may be cut anywhere."""
    found: list[tuple[str, str]] = []
    depth = 0
    for hit in _KEYS.finditer(text):
        if hit[0] in "{[":
            depth += 1
        elif hit[0] in "}]":
            depth -= 1
        elif depth == 1 and hit[2] is not None:
            found.append((hit[1][:40], hit[2]))
    return found


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


def reader_of(format: str, delimiter: Delimiter) -> Callable[[BinaryIO, int], Iterator[Row]]:
    """The reader of one of ``FORMATS``: called with an open file and the largest row in bytes."""
    if format in ("txt", "html"):
        return lambda handle, limit: read_whole(handle, limit, format)
    if format == "csv":
        return lambda handle, limit: read_csv(handle, limit, delimiter)
    return {"jsonl": read_jsonl, "json": read_json}[format]
