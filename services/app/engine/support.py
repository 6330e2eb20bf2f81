"""Which sentence of a passage says what a sentence says, told by their words: nothing is believed because a model wrote it.

Enough of the sentence's words must stand in one place, and every number in it must stand there too. Words alone are compared, so that a
sentence that says the contrary with the same words is not found out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from libs.common.folding import fold
from services.app.engine.asking import about, is_small
from services.app.engine.cutting import sentences
from services.app.engine.words import words

ENOUGH = 0.7
"""So much of a sentence's words must stand in the place it is said to come from."""
_POLITE = re.compile(r"请问|请教|[你您]好|[的了吗呢啊呀吧]|\bplease\b|\b(?:could|can) you tell me\b")
_ARTICLES = ("a", "an", "the")
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Place(NamedTuple):
    """[start, stop) of the text with this number in a list of them."""

    text: int
    start: int
    stop: int


def sentences_of(text: str) -> list[str]:
    return [text[start:stop] for start, stop in sentences(text, 0, len(text))]


def place_of(sentence: str, texts: Sequence[str]) -> Place | None:
    """Where one of ``texts`` says so: the fewest sentences on end that hold enough of it; None where none does."""
    said, numbers = _words(sentence), set(_NUMBER.findall(fold(sentence)))
    if not said:
        return None
    found = [(share, place) for share, place in _windows(said, texts) if share >= ENOUGH and numbers <= _numbers(texts, place)]
    return max(found, key=lambda each: (each[0], each[1].start - each[1].stop))[1] if found else None


def best_sentences(question: str, text: str, start: int, most: int) -> list[tuple[int, int]]:
    """The sentences of a text from ``start`` on that have the most words of a question, in their order; the first where none has one."""
    asked = _words(about(question))
    spans = list(sentences(text, start, len(text)))
    ranked = sorted(spans, key=lambda span: (-len(asked & _words(text[span[0] : span[1]])), span))
    return sorted(span for span in ranked[:most] if asked & _words(text[span[0] : span[1]])) or ranked[:1]


def same_question(one: str, other: str) -> bool:
    """Whether two questions ask the same in the same words, but for case, width, signs, politeness and articles. A word more, less or
    other may ask for something else, and then the answer of somebody would be wrong."""
    return _asked(one) == _asked(other) != []


def _windows(said: set[str], texts: Sequence[str]) -> list[tuple[float, Place]]:
    """One sentence, and two on end, of every text with the share of ``said`` in them."""
    found = []
    for number, text in enumerate(texts):
        spans = list(sentences(text, 0, len(text)))
        held = [_words(text[start:stop]) for start, stop in spans]
        for at, (start, stop) in enumerate(spans):
            found.append((len(said & held[at]) / len(said), Place(number, start, stop)))
            if at + 1 < len(spans):
                found.append((len(said & (held[at] | held[at + 1])) / len(said), Place(number, start, spans[at + 1][1])))
    return found


def _numbers(texts: Sequence[str], place: Place) -> set[str]:
    return set(_NUMBER.findall(texts[place.text][place.start : place.stop]))


def _words(text: str) -> set[str]:
    return {word.word for word in words(fold(text)) if not is_small(word.word)}


def _asked(question: str) -> list[str]:
    plain = _GAP.sub("", _POLITE.sub(" ", fold(question).casefold()))
    return [word for word in _WORD.findall(plain) if word not in _ARTICLES]
