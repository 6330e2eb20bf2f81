"""Forbidden terms in a text, all looked for at once: the cost of a text does not grow with their number.

Terms are compared after NFKC and case folding, so full-width and upper-case spellings are found. A term of letters must stand alone; one
with Han characters is found anywhere, because nothing separates Chinese words. They come with a job, or from a version of the space that is
a lexicon, where each may have a category.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from libs.data.kinds.term import CATEGORY, TERM
from libs.data.versions import read_records

MOST = 100_000  # terms of a job
MOST_STORED = 1_000_000  # of a version; what they take while they are looked for grows with them, some 0.5 KB each


class Lexicon:
    """A set of terms, ready to be looked for. terms: each with its category, "" for none."""

    def __init__(self, terms: Iterable[tuple[str, str]]) -> None:
        from ahocorasick_rs import BytesAhoCorasick, Implementation

        found: dict[str, set[str]] = {}
        for term, category in terms:
            if (folded := fold(term)).strip():
                found.setdefault(folded, set()).add(category)
        self._terms = sorted(found)
        self._categories = [", ".join(sorted(found[term] - {""})) for term in self._terms]
        patterns = list(map(_encoded, self._terms))
        self._automaton = BytesAhoCorasick(patterns, implementation=Implementation.ContiguousNFA) if patterns else None

    def first(self, text: str) -> tuple[str, str] | None:
        """The first term, in their order, that occurs in ``text``, with its categories; None without any."""
        if self._automaton is None:
            return None
        data = _encoded(fold(text))
        hits = self._automaton.find_matches_as_indexes(data, overlapping=True)
        found = min((term for term, start, end in hits if stands_alone(data, start, end)), default=None)
        return None if found is None else (self._terms[found], self._categories[found])


@lru_cache(maxsize=4)
def compiled(words: tuple[str, ...]) -> Lexicon:
    """The lexicon of ``words``, compiled once per process: every shard asks for it."""
    return Lexicon((word, "") for word in words)


@lru_cache(maxsize=4)
def stored(folder: Path, categories: tuple[str, ...]) -> Lexicon:
    """The lexicon in the version ``folder``, of some categories or of all, compiled once per process."""
    terms = ((record[TERM], record.get(CATEGORY) or "") for record in read_records(folder))
    return Lexicon((term, category) for term, category in terms if not categories or category in categories)


def fold(text: str) -> str:
    """The form in which terms are compared."""
    return unicodedata.normalize("NFKC", text).casefold()


def _encoded(text: str) -> bytes:
    """In UTF-8 no term is found inside a character."""
    return text.encode("utf-8", "surrogatepass")


def stands_alone(text: bytes, start: int, end: int) -> bool:
    """Whether no ASCII letter or digit is glued to an end of ``text[start:end]`` that is one itself."""
    before, first, last, after = text[start - 1 : start], text[start : start + 1], text[end - 1 : end], text[end : end + 1]
    return not ((before.isalnum() and first.isalnum()) or (last.isalnum() and after.isalnum()))  # of bytes only ASCII is
