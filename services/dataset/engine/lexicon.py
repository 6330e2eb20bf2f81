"""Forbidden words in a text, all looked for at once: the cost of a text does not grow with their number.

Words are compared after NFKC and case folding, so full-width and upper-case spellings are found. A word of letters must stand alone; a word
with Han characters is found anywhere, because nothing separates Chinese words.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

MOST = 100_000  # words; what they take while they are looked for grows with them, some 0.5 KB each


class Lexicon:
    """A set of words, ready to be looked for."""

    def __init__(self, words: tuple[str, ...]) -> None:
        from ahocorasick_rs import BytesAhoCorasick, Implementation

        self._words = sorted({fold(word) for word in words if fold(word).strip()})
        patterns = list(map(_encoded, self._words))
        self._automaton = BytesAhoCorasick(patterns, implementation=Implementation.ContiguousNFA) if patterns else None

    def first(self, text: str) -> str | None:
        """The first word, in their order, that occurs in ``text``; None without any."""
        if self._automaton is None:
            return None
        data = _encoded(fold(text))
        hits = self._automaton.find_matches_as_indexes(data, overlapping=True)
        found = min((word for word, start, end in hits if stands_alone(data, start, end)), default=None)
        return None if found is None else self._words[found]


@lru_cache(maxsize=4)
def compiled(words: tuple[str, ...]) -> Lexicon:
    """The lexicon of ``words``, compiled once per process: every shard asks for it."""
    return Lexicon(words)


def fold(text: str) -> str:
    """The form in which words are compared."""
    return unicodedata.normalize("NFKC", text).casefold()


def _encoded(text: str) -> bytes:
    """In UTF-8 no word is found inside a character."""
    return text.encode("utf-8", "surrogatepass")


def stands_alone(text: bytes, start: int, end: int) -> bool:
    """Whether no ASCII letter or digit is glued to an end of ``text[start:end]`` that is one itself."""
    before, first, last, after = text[start - 1 : start], text[start : start + 1], text[end - 1 : end], text[end : end + 1]
    return not ((before.isalnum() and first.isalnum()) or (last.isalnum() and after.isalnum()))  # of bytes only ASCII is
