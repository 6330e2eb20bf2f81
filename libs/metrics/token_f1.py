"""token_f1: how far the words of an answer are those of the expected one, without case and punctuation."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter

from libs.common.folding import fold
from libs.metrics import Metric, Scored
from libs.metrics.exact_match import exact_match

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


def tokens(text: str) -> list[str]:
    """Words (runs of letters, marks, digits and "_", case folded) and single CJK characters; everything else separates."""
    found: list[str] = []
    word = ""
    for character in fold(text).casefold():
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


def _stands_alone(character: str) -> bool:
    code = ord(character)
    return any(low <= code <= high for low, high in _BY_CHARACTER)


class TokenF1:
    """The mean over all answers."""

    def __init__(self) -> None:
        self._scores: list[float] = []

    def add(self, item: Scored) -> None:
        self._scores.append(item.token_f1)

    def figures(self) -> dict[str, float]:
        return {"token_f1": math.fsum(self._scores) / len(self._scores)} if self._scores else {}


KIND = Metric(
    name="token_f1",
    tally=TokenF1,
    makes=("token_f1",),
    en="overlap of the answer's words with the expected one's, 0..1",
    zh="回答与参考答案的词重合度（0..1）",
    place=2,
    each=lambda item: item.token_f1,
)
