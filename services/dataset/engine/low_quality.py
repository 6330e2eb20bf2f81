"""Remove_Low_Quality: drops texts that are too short, too long, mostly symbols, mostly repetition, or no sentences at all.

Measures are taken once per text; thresholds are data. A text is Chinese when enough of its letters are Han characters: then characters
are counted, no words are needed. Otherwise words are what white space separates; the measures follow those published for the Gopher corpus
(Rae et al. 2021, appendix A), loosened where technical documentation with code is not prose. Their own word splitter cuts punctuation
off, so the same threshold does not keep the same texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.dataset.engine.ledger import Drop, Operator
from services.dataset.engine.options import option
from services.dataset.engine.records import Record, text_of

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with", "is", "a", "in", "for"))
_SYMBOL = re.compile(r"#|\.\.\.|…")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_LETTER = re.compile(r"[^\W\d_]")
_PUNCTUATION = re.compile(r"[^\w\s]")


@dataclass(frozen=True, slots=True)
class LowQualityOptions:
    """Thresholds, all inclusive; shares are 0..1. A share of 1 (or a count of 0) switches its rule off."""

    min_words: int = option(20, 0, 1 << 20)  # white-space words, texts that are not Chinese
    max_words: int = option(100_000, 1, 1 << 30)
    min_han: int = option(20, 0, 1 << 20)  # Han characters, Chinese texts
    max_han: int = option(200_000, 1, 1 << 30)
    han_share: float = option(0.3, 0.0, 1.0)  # of all letters: from here on a text is Chinese
    min_mean_word: float = option(2.0, 0.0, 100.0)  # characters per word
    max_mean_word: float = option(15.0, 1.0, 1000.0)
    max_symbols: float = option(0.1, 0.0, 1.0)  # '#' and '...' per word (Chinese: per Han character)
    max_punctuation: float = option(0.5, 0.0, 1.0)  # of all characters that are not space
    min_alphabetic: float = option(0.5, 0.0, 1.0)  # words with at least one letter
    min_stop_words: int = option(3, 0, 12)  # different ones of STOP_WORDS: sentences have them, menus do not
    max_repeated_lines: float = option(0.8, 0.0, 1.0)  # lines that repeat an earlier line
    max_repeated_text: float = option(0.8, 0.0, 1.0)  # 5-grams (words or Han characters) that repeat an earlier one


class LowQuality(Operator):
    rule = "Remove_Low_Quality"
    version = 1

    def __init__(self, options: LowQualityOptions) -> None:
        self._options = options

    def judge(self, record: Record) -> Record | Drop:
        text = text_of(record)
        han = len(HAN.findall(text)) if not text.isascii() else 0
        chinese = han > 0 and han >= self._options.han_share * len(_NOT_LETTERS.sub("", text))
        rules = self._chinese(text, han) if chinese else self._spaced(text)
        return next((drop for drop in rules if drop is not None), record)

    def _spaced(self, text: str) -> Iterator[Drop | None]:
        words, o = text.split(), self._options
        count = len(words)
        yield _below("words_too_few", count, o.min_words)
        yield _above("words_too_many", count, o.max_words)
        if not count:
            return
        characters = sum(map(len, words))
        yield _below("words_too_short", characters / count, o.min_mean_word)
        yield _above("words_too_long", characters / count, o.max_mean_word)
        yield _above("symbols", len(_SYMBOL.findall(text)) / count, o.max_symbols)
        yield _above("punctuation", len(_PUNCTUATION.findall(text)) / characters, o.max_punctuation)
        yield _below("alphabetic_words", sum(map(_has_letter, words)) / count, o.min_alphabetic)
        yield _below("stop_words", len(STOP_WORDS.intersection(text.lower().split())), o.min_stop_words)
        yield _above("repeated_lines", repeated_share(_lines(text)), o.max_repeated_lines)
        yield _above("repeated_text", repeated_share(grams(words)), o.max_repeated_text)

    def _chinese(self, text: str, han: int) -> Iterator[Drop | None]:
        o = self._options
        yield _below("han_too_few", han, o.min_han)
        yield _above("han_too_many", han, o.max_han)
        yield _above("symbols", len(_SYMBOL.findall(text)) / han, o.max_symbols)
        characters = len("".join(text.split()))
        yield _above("punctuation", len(_PUNCTUATION.findall(text)) / characters, o.max_punctuation)
        yield _above("repeated_lines", repeated_share(_lines(text)), o.max_repeated_lines)
        yield _above("repeated_text", repeated_share(grams(HAN.findall(text))), o.max_repeated_text)


def grams(items: Sequence[str], size: int = 5) -> list[tuple[str, ...]]:
    """All runs of ``size`` neighbours."""
    return list(zip(*(items[start:] for start in range(size)), strict=False))


def repeated_share(items: Sequence[object]) -> float:
    """Share of items that occurred before, 0 for none."""
    return 1 - len(set(items)) / len(items) if items else 0.0


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _has_letter(word: str) -> bool:
    return word.isalpha() or _LETTER.search(word) is not None


def _below(reason: str, score: float, threshold: float) -> Drop | None:
    return Drop(reason, round(score, 4), threshold) if score < threshold else None


def _above(reason: str, score: float, threshold: float) -> Drop | None:
    return Drop(reason, round(score, 4), threshold) if score > threshold else None
