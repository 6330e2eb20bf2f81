"""Documents as they come into the text they are kept as, with its sections: which headings stand above which part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from libs.common.folding import fold
from libs.data.page_text import outline

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*")
_FENCE = re.compile(r"[ ]{0,3}(```|~~~)")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Signs that nobody sees: control characters, signs of direction and of no width, tags."""


@dataclass(frozen=True)
class Section:
    """[start, end) of the text, below ``headings``. answer: where the answer of a pair begins, 0 of all others."""

    start: int
    end: int
    headings: tuple[str, ...] = ()
    answer: int = 0


@dataclass(frozen=True)
class Read:
    text: str
    sections: list[Section]


def plain(content: str) -> Read:
    text = _kept(content)
    return Read(text, [Section(0, len(text))])


def markdown(content: str) -> Read:
    text = _kept(content)
    return Read(text, list(_sections(text)))


def page(content: str) -> Read:
    """Of an HTML page what people see, its headings as Markdown writes them. What runs or hides is no part of it."""
    title, text = outline(content)
    found = markdown(text)
    if not title or any(section.headings for section in found.sections):
        return found
    return Read(found.text, [Section(each.start, each.end, (title,)) for each in found.sections])


def pairs(found: Iterable[tuple[str, str]]) -> Read:
    """Questions, each with its answer below it, a section each."""
    parts: list[str] = []
    sections, at = [], 0
    for question, answer in found:
        asked, said = _kept(question), _kept(answer)
        if not asked or not said:
            continue
        begins = at + len(asked) + 1
        sections.append(Section(at, begins + len(said), answer=begins))
        parts.append(f"{asked}\n{said}")
        at = begins + len(said) + 2
    return Read("\n\n".join(parts), sections)


def _kept(content: str) -> str:
    """One spelling of one text: line ends, width of letters, no signs that nobody sees, no spaces at the ends of lines."""
    text = _UNSEEN.sub("", fold(content.replace("\r\n", "\n").replace("\r", "\n")))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _sections(text: str) -> Iterator[Section]:
    """What stands between two headings; a line in a fence of code is no heading."""
    path: list[tuple[int, str]] = []
    start = at = 0
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        heading = None if fence or mark else _HEADING.fullmatch(line)
        if heading:
            yield from _section(text, start, at, path)
            path = [each for each in path if each[0] < len(heading[1])] + [(len(heading[1]), heading[2])]
            start = at + len(line) + 1
        at += len(line) + 1
    yield from _section(text, start, len(text), path)


def _section(text: str, start: int, end: int, path: list[tuple[int, str]]) -> Iterator[Section]:
    if text[start:end].strip():
        yield Section(start, end, tuple(title[:200] for _, title in path if title))
