"""bleu: runs of one to four words that an answer shares with the expected one, over all answers together (Papineni et al. 2002).

Words are those of mteval-v13a; where the expected answer has Chinese in it, both are cut by the character. Equal to the corpus score of
sacrebleu as a share of 1 (``13a`` and ``zh``, smoothing ``exp``), but for rare Han beyond the basic plane, which are cut here too.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from libs.metrics import Metric, Scored

LONGEST = 4

_ALONE = re.compile(r"([ -&(-+:-@/\[-`{-~])")  # signs of ASCII but ' - , .
_MARK_AFTER = re.compile(r"([^0-9])([.,])")
_MARK_BEFORE = re.compile(r"([.,])([^0-9])")
_DASH_AFTER = re.compile(r"([0-9])(-)")
_ENTITIES = (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"))
_CHINESE = re.compile(
    "([\u2001-\u2a6d\u2e80-\u2fdf\u2ff0-\u2fff\u3001-\u303f\u3100-\u312f\u31a0-\u31ef\u3200-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a"
    "\ufa70-\ufad9\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff])"
)
_HAN = re.compile("[\u3400-\u4db5\u4e00-\u9fbb\U00020000-\U0003ffff]")


def words(text: str) -> list[str]:
    text = text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return _cut(f" {text} ")


def characters(text: str) -> list[str]:
    """Chinese ones alone, the rest by the word."""
    return _cut(_CHINESE.sub(r" \1 ", text.strip()))


def _cut(text: str) -> list[str]:
    text = _ALONE.sub(r" \1 ", text)
    text = _MARK_BEFORE.sub(r" \1 \2", _MARK_AFTER.sub(r"\1 \2 ", text))
    return _DASH_AFTER.sub(r"\1 \2 ", text).split()


class Bleu:
    def __init__(self) -> None:
        self._shared, self._runs = [0] * LONGEST, [0] * LONGEST
        self._wanted = self._given = 0

    def add(self, item: Scored) -> None:
        cut = characters if _HAN.search(item.expected) else words
        wanted, given = cut(item.expected), cut(item.output)
        self._wanted, self._given = self._wanted + len(wanted), self._given + len(given)
        for length in range(1, LONGEST + 1):
            runs, known = _runs(given, length), _runs(wanted, length)
            self._shared[length - 1] += (runs & known).total()
            self._runs[length - 1] += runs.total()

    def figures(self) -> dict[str, float]:
        if not self._wanted:
            return {}
        if not all(self._runs) or not self._shared[0]:
            return {"bleu": 0.0}
        smooth, total = 1.0, 0.0
        for shared, runs in zip(self._shared, self._runs, strict=True):
            smooth = smooth if shared else smooth * 2
            total += math.log(shared / runs if shared else 1 / (smooth * runs))
        brevity = min(0.0, 1 - self._wanted / self._given)
        return {"bleu": math.exp(brevity + total / LONGEST)}


def _runs(tokens: list[str], length: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[at : at + length]) for at in range(len(tokens) - length + 1))


KIND = Metric(
    name="bleu",
    tally=Bleu,
    makes=("bleu",),
    en="runs of one to four words shared with the expected answers, over all answers together, 0..1",
    zh="与参考答案共有的一至四元词串，所有回答合并计算（0..1）；中文按字",
    by_name=True,
)
