"""Sections into pieces short enough to be found and quoted: at paragraphs, else lines, else sentences, else anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.app.engine.reading import Section

LONGEST = 800
"""Characters of a piece. A pair of question and answer is one piece, however long."""
_ENDS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[。！？；])|(?<=[.!?;])\s+"), re.compile(r"\s+"))


class Piece(NamedTuple):
    start: int
    end: int
    headings: tuple[str, ...]
    answer: int


def cut(text: str, sections: Iterable[Section]) -> Iterator[Piece]:
    for section in sections:
        spans = [(section.start, section.end)] if section.answer else _joined(_parts(text, section.start, section.end, 0))
        for start, end in spans:
            start, end = _trimmed(text, start, end)
            if start < end:
                yield Piece(start, end, section.headings, section.answer)


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of [start, end) of a text, without the spaces around them."""
    for line in _split(text, start, end, _ENDS[1]):
        for span in _split(text, *line, _ENDS[2]):
            at, to = _trimmed(text, *span)
            if at < to:
                yield at, to


def _parts(text: str, start: int, end: int, level: int) -> Iterator[tuple[int, int]]:
    """Parts no longer than a piece, each cut as coarsely as it may be."""
    if end - start <= LONGEST:
        yield start, end
    elif level == len(_ENDS):
        yield from ((at, min(at + LONGEST, end)) for at in range(start, end, LONGEST))
    else:
        for part in _split(text, start, end, _ENDS[level]):
            yield from _parts(text, *part, level + 1)


def _split(text: str, start: int, end: int, at: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    begin = start
    for found in at.finditer(text, start, end):
        if found.end() > begin:
            yield begin, found.end()
            begin = found.end()
    if begin < end:
        yield begin, end


def _joined(parts: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Neighbours together as long as they are one piece."""
    start, end = 0, 0
    for at, to in parts:
        if end and to - start > LONGEST:
            yield start, end
            start = at
        elif not end:
            start = at
        end = to
    if end:
        yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
