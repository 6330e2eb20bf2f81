"""The scores: pure functions over texts and numbers, checked against values worked out by hand.

Decides what counts as equal. Exact match compares normalised texts: full-width forms become plain ones, composed and decomposed letters
are one, every run of white space one space, none at the ends; case and punctuation count. Superscripts, subscripts, fractions and circled
digits stay what they are, because 10² is not 102 and 1½ is not 11⁄2; so H₂O is not H2O. Token F1 compares bags of tokens without case and
punctuation.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

Z95 = 1.959963984540054  # the 97.5 % point of the normal distribution
PERPLEXITY_MAX = 1e18  # a worse model is reported as this: a number that fails every bound, and still fits the contract

_MEANING = ("<super>", "<sub>", "<fraction>", "<circle>")
"""Compatibility forms that are no mere spelling."""

_BY_CHARACTER = (
    (0x3005, 0x3007),  # iteration mark, closing mark, zero
    (0x3040, 0x30FF),  # hiragana, katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han and its extensions
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts without spaces between words: each character is a token. Hangul is not here: Korean has spaces."""


def folded(text: str) -> str:
    """NFKC but for characters whose plain form would mean something else (``_MEANING``)."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", "".join(part if keeps else unicodedata.normalize("NFKC", part) for keeps, part in _parts(text)))


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """Runs of characters that keep their form, and of all others."""
    for keeps, run in groupby(text, _keeps_form):
        yield keeps, "".join(run)


def _keeps_form(character: str) -> bool:
    return unicodedata.decomposition(character).startswith(_MEANING)


def normalise(text: str) -> str:
    """The form in which two answers are compared: ``folded``, white space folded, ends stripped, case kept."""
    return " ".join(folded(text).split())


def exact_match(expected: str, output: str) -> bool:
    return normalise(expected) == normalise(output)


def tokens(text: str) -> list[str]:
    """Words (runs of letters, marks, digits and "_", case folded) and single CJK characters; everything else separates."""
    found: list[str] = []
    word = ""
    for character in folded(text).casefold():
        alone = _stands_alone(character)
        if not alone and (character == "_" or unicodedata.category(character)[0] in "LMN"):
            word += character
            continue
        if word:
            found.append(word)
            word = ""
        if alone:
            found.append(character)
    return [*found, word] if word else found


def token_f1(expected: str, output: str) -> float:
    """Harmonic mean of precision and recall over the bags of tokens, 0..1 (Rajpurkar et al. 2016, SQuAD, section 6.1).

    Unlike there, articles stay (they are an English matter) and CJK text counts by the character. Where one side has no token at all,
    there is nothing to overlap: the score is that of exact match.
    """
    wanted, given = Counter(tokens(expected)), Counter(tokens(output))
    if not wanted or not given:
        return float(exact_match(expected, output))
    common = (wanted & given).total()
    return 2 * common / (wanted.total() + given.total())


def wilson(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """Interval of a share, 95 % by default (Wilson 1927). trials: at least 1. Unlike the plain one it stays inside 0..1 and has width at
    0 and 1.
    """
    share = successes / trials
    spread = z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def perplexity(total_nll: float, total_tokens: int) -> float:
    """exp of the mean nats per token over all answers: long answers weigh more than short ones. At most ``PERPLEXITY_MAX``."""
    return math.exp(min(total_nll / total_tokens, math.log(PERPLEXITY_MAX)))


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that at least ``share`` (0..1] of all do not exceed. values: at least one."""
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1]


def mean(values: Iterable[float], count: int) -> float:
    return math.fsum(values) / count


def _stands_alone(character: str) -> bool:
    code = ord(character)
    return any(low <= code <= high for low, high in _BY_CHARACTER)
