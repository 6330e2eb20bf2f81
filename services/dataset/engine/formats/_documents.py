"""Files that are documents: read whole, within a bound, and perhaps cut at their headings.

A file is one record unless sections are asked for: rules of cleaning judge whole pages, and what is cut cannot be put together again by
them. Sections lose nothing: one after the other they are the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

from libs.common.errors import Reason
from services.dataset.engine.rows import BOM, KEEP, Fault, Row, not_utf8, row_fault

_TITLE = 500  # characters of a section's title


class Heading(NamedTuple):
    """at: where in the text it begins. level: 1 is the highest."""

    at: int
    level: int
    title: str


class Section(NamedTuple):
    """line: counted from 1. title: those of the headings around it and its own."""

    line: int
    title: str
    text: str


Headings = Callable[[str], Iterator[Heading]]


def read_documents(handle: BinaryIO, limit: int, format: str = "", headings: Headings | None = None) -> Iterator[Row]:
    """The file as one document; with ``headings`` as one per section. ``limit``: bytes of the whole file."""
    raw = handle.read(limit + 1).removeprefix(BOM)
    if len(raw) > limit:
        yield Row(1, fault=Fault(Reason.FILE_TOO_LARGE, f"at most {limit} bytes for one document", "too large"), raw=raw[:KEEP])
        return
    text = _decoded(raw)
    if isinstance(text, Row):
        yield text
    elif text.strip():
        yield from _rows(text, format, headings)


def _decoded(raw: bytes) -> str | Row:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data"
        fault = Fault(Reason.FILE_TRUNCATED, "a complete file", "cut inside a character") if cut else not_utf8(raw, error)
        return Row(raw.count(b"\n", 0, error.start) + 1, fault=fault, raw=raw[:KEEP])


def _rows(text: str, format: str, headings: Headings | None) -> Iterator[Row]:
    null = text.find("\0")
    kind: dict[str, Any] = {"format": format} if format else {}
    if null >= 0:
        yield _bad(text, null, row_fault("text without null characters", "a null character"))
    elif format == "html" and (where := unfinished_html(text)):
        yield _bad(text, len(text), Fault(Reason.FILE_TRUNCATED, "a complete page", where))
    elif headings is None:
        yield Row(1, {"text": text, **kind}, raw=_head(text))
    else:
        for line, title, part in sections(text, headings(text)):
            yield Row(line, {"text": part, **kind, **({"title": title} if title else {})}, raw=_head(part))


def _bad(text: str, at: int, fault: Fault) -> Row:
    return Row(text.count("\n", 0, at) + 1, fault=fault, raw=_head(text))


def _head(text: str) -> bytes:
    return text[:KEEP].encode("utf-8", "replace")[:KEEP]


def sections(text: str, headings: Iterator[Heading]) -> Iterator[Section]:
    """The text cut before its headings; a piece that says nothing goes to the next one. Put together they are the text."""
    above: list[Heading] = []
    start, line, title = 0, 1, ""
    for heading in headings:
        if text[start : heading.at].strip():
            yield Section(line, title, text[start : heading.at])
            line += text.count("\n", start, heading.at)
            start = heading.at
        above = [*(each for each in above if each.level < heading.level), heading]
        title = " > ".join(" ".join(each.title.split()) for each in above if each.title.strip())[:_TITLE]
    yield Section(line, title, text[start:])


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
