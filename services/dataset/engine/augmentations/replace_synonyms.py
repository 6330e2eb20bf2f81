"""Replace_Synonyms: words become others that may stand in their place, by a small list of our own or by the caller's.

Only words of the list are found, the longest first, so that Chinese needs no dictionary of all words: a line with a single word keeps what
lies inside it as it is (不过分 is not 不过).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from libs.common.errors import invalid
from libs.data.options import option
from services.dataset.engine.augmentations import TextAugmentation
from services.dataset.engine.augmentations._synonyms import LINES
from services.dataset.engine.augmentations._text import Place, TextOptions, TextVariation, like
from services.dataset.engine.draw import Draw

_BETWEEN = re.compile(r"[,，、;；]")
_ARTICLE = re.compile(r"\b[Aa]n? $")
_LETTER = re.compile(r"[A-Za-z'’-]")
_MOST = 10_000  # groups of the caller


@dataclass(frozen=True, slots=True)
class SynonymOptions(TextOptions):
    """Which words may stand for one another."""

    words: tuple[str, ...] = option(
        (), 0, _MOST, en='groups of words that may stand for one another, such as "big, large"', zh="可互换的词组，如“如何，怎样”"
    )
    only_given: bool = option(False, en="the given groups alone, without the platform's list", zh="仅用所给词组，不用平台词表")


class Synonyms(TextVariation):
    def __init__(self, options: SynonymOptions) -> None:
        super().__init__(options)
        self._others = {} if options.only_given else _others(LINES)
        self._others |= _given(options.words)  # of a word in both the caller's group counts
        if not self._others:
            raise invalid("options.words", limit="at least one group where only_given is true")
        self._beginning: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(self._others, key=len, reverse=True):
            self._beginning[word[:2]].append(word)

    def places(self, text: str) -> Iterator[Place]:
        at = 0
        while at < len(text):
            word = self._word_at(text, at)
            if word and self._fitting(text, Place(at, at + len(word))):
                yield Place(at, at + len(word))
            at += len(word) or 1

    def _word_at(self, text: str, at: int) -> str:
        """The longest known word that begins here, "" where none does."""
        for head in (text[at : at + 2].lower(), text[at].lower()):
            for word in self._beginning.get(head, ()):
                if text[at : at + len(word)].lower() == word and _stands_alone(text, at, at + len(word)):
                    return word
        return ""

    def put(self, text: str, place: Place, draw: Draw) -> str:
        return like(text[place.start : place.end], draw.one_of(self._fitting(text, place)))

    def _fitting(self, text: str, place: Place) -> list[str]:
        """Of the others those before which an article that stands there is right."""
        word = text[place.start : place.end].lower()
        others = self._others[word]
        if _ARTICLE.search(text, max(0, place.start - 4), place.start) is None:
            return others
        return [other for other in others if _vowel(other) == _vowel(word)]


def _given(lines: Sequence[str]) -> dict[str, list[str]]:
    """Raises PlatformError 400 naming the group that is none."""
    for place, line in enumerate(lines):
        if not _words(line):
            raise invalid(f"options.words[{place}]", limit="words with commas between them", value=line[:100])
    return _others(lines)


def _others(lines: Iterable[str]) -> dict[str, list[str]]:
    """Each word -> those that may stand for it, of all groups it is in."""
    found: dict[str, list[str]] = {}
    for words in map(_words, lines):
        for word in words:
            known = found.setdefault(word.lower(), [])
            known += [other for other in words if other.lower() != word.lower() and other not in known]
    return found


def _words(line: str) -> list[str]:
    return [word for part in _BETWEEN.split(line) if (word := " ".join(part.split()))]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a word of letters is one by itself here; a Chinese one is wherever it stands."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (_LETTER.match(text[start]) and _LETTER.match(before)) and not (_LETTER.match(text[end - 1]) and _LETTER.match(after))


def _vowel(word: str) -> bool:
    return word[:1].lower() in "aeiou"


KIND = TextAugmentation(name="Replace_Synonyms", options=SynonymOptions, variation=Synonyms, place=81)
