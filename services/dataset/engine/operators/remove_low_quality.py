"""Remove_Low_Quality: drops texts that are too short, too long, mostly symbols, mostly repetition, or no sentences at all.

Measures are taken once per text; thresholds are data, and fit the kind of the record: a document must be prose, a question with its answer
or a conversation may be as short as "2 + 2? 4" and is judged for spam alone. Where letters stand without spaces between words (Han, kana,
Thai, Lao, Khmer, Burmese) letters are counted, no words are needed. Otherwise words are what white space separates; the measures follow
those published for the Gopher corpus (Rae et al. 2021, appendix A), loosened where technical documentation with code is not prose. Their
own word splitter cuts punctuation off, so the same threshold does not keep the same texts.

No language is thrown away for being another one: the rule of function words asks for those of any language it knows (``function_words``),
takes whole sentences for them in Latin letters it does not know, and is silent in other letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from libs.data.options import option
from libs.data.records import Record, text_of
from services.dataset.engine.function_words import ENGLISH, most_shared
from services.dataset.engine.ledger import Drop, Operator
from services.dataset.engine.operators import Rule

_UNSPACED = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3041-\u30ff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_SENTENCE_END = re.compile(r"[a-z\u00df-\u024f\u1e00-\u1eff)\"»”][.!?…](?=\s|\Z)")
SHINGLE = 5  # words or letters of a run that may repeat
_WORDS_PER_SENTENCE = 40  # a text of sentences ends one at least this often
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_LETTER = re.compile(r"[^\W\d_]")
_PUNCTUATION = re.compile(r"[^\w\s]")


FITTED = ("as fits the kind of the record", "按记录类型取值")  # what None means


@dataclass(frozen=True, slots=True)
class LowQualityOptions:
    """Thresholds, all inclusive; shares are 0..1. A share of 1 (or a count of 0) switches its rule off. None: as fits the kind of the
    record (``DOCUMENT``, ``CONVERSATION``)."""

    min_words: int | None = option(
        None, 0, 1 << 20, en="shortest text that is kept, where it is not Chinese", zh="非中文文本的最短长度", unit="words", none=FITTED
    )
    max_words: int = option(
        100_000, 1, 1 << 30, en="longest text that is kept, where it is not Chinese", zh="非中文文本的最大长度", unit="words"
    )
    min_han: int | None = option(
        None, 0, 1 << 20, en="fewest Han characters of a Chinese text", zh="中文文本的最少汉字数", unit="characters", none=FITTED
    )
    max_han: int = option(200_000, 1, 1 << 30, en="most Han characters of a Chinese text", zh="中文文本的最多汉字数", unit="characters")
    han_share: float = option(
        0.3, 0.0, 1.0, en="from this share of Han letters on a text is Chinese", zh="汉字占比达到此值即视为中文", unit="0..1"
    )
    min_mean_word: float | None = option(None, 0.0, 100.0, en="shortest mean word", zh="平均词长下限", unit="characters", none=FITTED)
    max_mean_word: float | None = option(None, 1.0, 1000.0, en="longest mean word", zh="平均词长上限", unit="characters", none=FITTED)
    max_symbols: float | None = option(None, 0.0, 1.0, en="most '#' and '…' per word", zh="每词的 # 与省略号上限", unit="0..1", none=FITTED)
    max_punctuation: float | None = option(None, 0.0, 1.0, en="largest share of punctuation", zh="标点占比上限", unit="0..1", none=FITTED)
    min_alphabetic: float | None = option(
        None, 0.0, 1.0, en="smallest share of words with a letter", zh="含字母的词占比下限", unit="0..1", none=FITTED
    )
    min_stop_words: int | None = option(
        None,
        0,
        12,
        en="fewest different stop words: sentences have them, menus do not",
        zh="不同停用词的最少个数：句子有，菜单没有",
        none=FITTED,
    )
    max_repeated_lines: float = option(
        0.8, 0.0, 1.0, en="largest share of lines that repeat an earlier one", zh="重复行占比上限", unit="0..1"
    )
    max_repeated_text: float = option(
        0.8, 0.0, 1.0, en="largest share of runs of five words that repeat an earlier one", zh="重复片段（五词）占比上限", unit="0..1"
    )


DOCUMENT: Mapping[str, Any] = {
    "min_words": 20,
    "min_han": 20,
    "min_mean_word": 2.0,
    "max_mean_word": 15.0,
    "max_symbols": 0.1,
    "max_punctuation": 0.5,
    "min_alphabetic": 0.5,
    "min_stop_words": 3,
}
CONVERSATION: Mapping[str, Any] = {
    "min_words": 1,
    "min_han": 1,
    "min_mean_word": 0.0,
    "max_mean_word": 60.0,
    "max_symbols": 0.3,
    "max_punctuation": 0.6,
    "min_alphabetic": 0.0,
    "min_stop_words": 0,
}


def fitted(options: LowQualityOptions, defaults: Mapping[str, Any]) -> Any:
    """The options with every threshold that was left open taken from ``defaults``."""
    return replace(options, **{name: value for name, value in defaults.items() if getattr(options, name) is None})


class LowQuality(Operator):
    rule = "Remove_Low_Quality"
    version = 2

    def __init__(self, options: LowQualityOptions) -> None:
        self._document, self._conversation = fitted(options, DOCUMENT), fitted(options, CONVERSATION)

    def judge(self, record: Record) -> Record | Drop:
        o = self._document if isinstance(record.get("text"), str) else self._conversation
        text = text_of(record)
        unspaced = len(_UNSPACED.findall(text)) if not text.isascii() else 0
        counted = unspaced > 0 and unspaced >= o.han_share * _letters(text)
        rules = self._unspaced(text, unspaced, o) if counted else self._spaced(text, o)
        return next((drop for drop in rules if drop is not None), record)

    def _spaced(self, text: str, o: Any) -> Iterator[Drop | None]:
        words = text.split()
        count = len(words)
        yield _below("words_too_few", count, o.min_words)
        yield _above("words_too_many", count, o.max_words)
        if not count:
            return
        characters, plain = len("".join(words)), list(filter(str.isalpha, words))  # plain: nothing but letters, as most words are
        yield _below("words_too_short", characters / count, o.min_mean_word)
        yield _above("words_too_long", characters / count, o.max_mean_word)
        yield _above("symbols", _symbols(text) / count, o.max_symbols)
        if characters - len("".join(plain)) > o.max_punctuation * characters:
            yield _above("punctuation", _punctuation(text) / characters, o.max_punctuation)
        if len(plain) < o.min_alphabetic * count:
            yield _below("alphabetic_words", sum(map(_has_letter, words)) / count, o.min_alphabetic)
        distinct = set(words)
        if o.min_stop_words and len(ENGLISH & distinct) < o.min_stop_words:
            yield _no_sentences(text, count, o.min_stop_words)
        yield _above("repeated_lines", repeated_share(_lines(text)), o.max_repeated_lines)
        yield _repeated_text(words, len(distinct), o.max_repeated_text)

    def _unspaced(self, text: str, letters: int, o: Any) -> Iterator[Drop | None]:
        yield _below("han_too_few", letters, o.min_han)
        yield _above("han_too_many", letters, o.max_han)
        yield _above("symbols", _symbols(text) / letters, o.max_symbols)
        characters = len("".join(text.split()))
        yield _above("punctuation", _punctuation(text) / characters, o.max_punctuation)
        yield _above("repeated_lines", repeated_share(_lines(text)), o.max_repeated_lines)
        signs = "".join(_UNSPACED.findall(text))
        yield _repeated_text(signs, len(set(signs)), o.max_repeated_text)


def _repeated_text(items: Sequence[str], distinct: int, most: float) -> Drop | None:
    """Each item but the last four begins a run, at its first occurrence one that is new: where there are many, no run is looked at."""
    fewest = (distinct - SHINGLE + 1) / max(len(items) - SHINGLE + 1, 1)
    return None if 1 - fewest < most else _above("repeated_text", repeated_share(grams(items)), most)


def _symbols(text: str) -> int:
    return text.count("#") + text.count("...") + text.count("…")


def _no_sentences(text: str, words: int, least: int) -> Drop | None:
    """No function words of any language we know, in letters in which we would know them, and no ends of sentences either."""
    lowered = set(text.lower().split())
    english = len(ENGLISH & lowered)
    if english >= least or (found := most_shared(lowered)) >= least:
        return None
    if not text.isascii() and len(_LATIN.findall(text)) < _letters(text) / 2:
        return None
    ends = len(_SENTENCE_END.findall(text))
    return None if ends * _WORDS_PER_SENTENCE >= words else Drop("stop_words", found, least)


def _letters(text: str) -> int:
    """Letters with the marks that belong to them, which some scripts write vowels with."""
    return len(_NOT_LETTERS.sub("", text)) + (0 if text.isascii() else len(_marks().findall(text)))


def _punctuation(text: str) -> int:
    found = len(_PUNCTUATION.findall(text))
    return found if text.isascii() else found - len(_marks().findall(text))


@cache
def _marks() -> re.Pattern[str]:
    """Combining marks, which are no letters to the regular expressions and no punctuation to anybody who reads."""
    return re.compile("[" + "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M") + "]")


def grams(items: Sequence[str], size: int = SHINGLE) -> list[tuple[str, ...]]:
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


KIND = Rule(name=LowQuality.rule, options=LowQualityOptions, operator=LowQuality, alone=True, place=42)
