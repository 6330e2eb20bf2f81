"""markdown: the file is one document, or one per section."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.dataset.engine.formats import Format
from services.dataset.engine.formats._documents import Heading, read_documents

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#*)?[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*\Z")
_PARAGRAPH = re.compile(r" {0,3}(?![>#|*+-]|\d+[.)]|\s)\S")  # a line that an underline can make a heading


def headings(text: str) -> Iterator[Heading]:
    """The headings outside fenced code, in both spellings."""
    at, fence = 0, ""
    before, earlier, before_at = "", "", 0
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        mark = _FENCE.match(bare)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) and not bare.strip(" `~") else fence
        elif mark:
            fence = mark[1]
        elif (atx := _ATX.match(bare)) is not None:
            yield Heading(at, len(atx[1]), atx[2] or "")
        elif (under := _UNDERLINE.match(bare)) and _PARAGRAPH.match(before) and not earlier.strip():
            yield Heading(before_at, 1 if under[1][0] == "=" else 2, before.strip())
        earlier, before, before_at = before, "" if fence else bare, at
        at += len(line)


KIND = Format(
    name="markdown",
    extensions=("md", "markdown"),
    read=lambda handle, how: read_documents(handle, how.limit, "markdown", headings if how.sections else None),
    place=7,
)
