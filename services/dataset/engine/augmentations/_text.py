"""What the ways to vary a text have in common: which texts of a record they touch, what inside them stays, where a change may be made."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from libs.data.options import option
from libs.data.records import ASKING, COMMANDING, Record, is_pair, said, spoken
from services.dataset.engine.augmentations import MadeOptions, Variation
from services.dataset.engine.draw import Draw

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]+(?![A-Za-z'’])")  # "don't" is none: half of it is no word
_TALKS = ("messages", "conversations")
_ANSWERS = ("output", "chosen", "rejected")
_SHORT = 2  # characters of an answer below which what looks like it in the question is chance
_FIXED = re.compile(  # code, addresses, mail, tags, places to be filled in, names with figures, dots or underscores in them
    r"```.*?```|`[^`\n]*`|https?://\S+|[^\s@]{1,100}@[^\s@]+\.\w+|<[^<>\n]{1,200}>|\{[^{}\n]{0,100}\}|\b[A-Za-z]*[\d_][\w.]*|\b\w+(?:\.\w+)+",
    re.DOTALL | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class TextOptions(MadeOptions):
    """Where texts are varied, and how much."""

    fields: tuple[str, ...] = option(
        (),
        0,
        50,
        en="fields that are varied; empty: documents and what is asked, never an answer",
        zh="要改动的字段；空表示文档与提问，不动回答",
    )
    rate: float = option(
        0.1, 0.001, 1.0, unit="0..1", en="share of the possible places that are changed, at least one", zh="改动位置占比，至少一处"
    )
    keep: tuple[str, ...] = option((), 0, 10_000, en="words that stay as they are", zh="保持原样的词")


class Place(NamedTuple):
    """Characters of a text that may become others; start = end: something may come in here."""

    start: int
    end: int


class TextVariation(Variation):
    """Varies the chosen texts of a record, each by itself."""

    def __init__(self, options: TextOptions) -> None:
        self._fields, self._rate, self._keep = options.fields, options.rate, options.keep

    @abstractmethod
    def places(self, text: str) -> Iterable[Place]:
        """Where something could be done."""

    @abstractmethod
    def put(self, text: str, place: Place, draw: Draw) -> str:
        """What stands in a place from now on."""

    def vary(self, record: Record, draw: Draw) -> Record | None:
        names = [name for name in self._fields or fields_of(record) if name in record]
        kept = [*self._keep, *answers(record, names)]
        new = {name: _varied(name, record[name], lambda text: self.varied(text, kept, draw)) for name in names}
        return {name: value for name, value in new.items() if value != record[name]} or None

    def varied(self, text: str, kept: Iterable[str], draw: Draw) -> str:
        """The text with some of its places changed, none inside of what is kept."""
        mask = shielded(text, kept)
        free = [place for place in self.places(text) if not _inside(mask, place)]
        chosen = draw.some_of(free, max(1, round(self._rate * len(free))))
        return _replaced(text, {place: self.put(text, place, draw) for place in chosen})


def fields_of(record: Record) -> list[str]:
    """The fields that are varied where nobody names them: what asks, and the text of a document."""
    return ["prompt"] if is_pair(record) else ["text", "instruction", "input", *_TALKS]


def answers(record: Record, but: Iterable[str]) -> list[str]:
    """Answers, which may stand word for word in what is asked: there they stay. but: fields that are varied themselves."""
    given = [record.get(name) for name in _ANSWERS if name not in but]
    given += [turn for name in _TALKS for turn in _turns(record.get(name)) if _role(turn) not in (*ASKING, *COMMANDING)]
    return [text.strip() for value in given for text in spoken(value) if len(text.strip()) >= _SHORT]


def _varied(name: str, value: Any, change: Callable[[str], str]) -> Any:
    """A field with its texts changed; of a talk the turns of who asks."""
    if isinstance(value, list) and name in (*_TALKS, "prompt"):
        return [said(turn, change) if _role(turn) in ASKING else turn for turn in value]
    return said(value, change)


def _turns(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _role(turn: Any) -> str:
    return str(turn.get("role", turn.get("from"))).lower() if isinstance(turn, dict) else ""


def shielded(text: str, kept: Iterable[str]) -> bytearray:
    """For each character of a text 1 where it stays as it is."""
    mask = bytearray(len(text))
    for start, end in _stretches(text, kept):
        mask[start:end] = b"\1" * (end - start)
    return mask


def _stretches(text: str, kept: Iterable[str]) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _FIXED.finditer(text))
    for word in kept:
        if word and word in text:  # a word of letters is kept where it stands alone, not inside of another
            alone = (r"(?<![A-Za-z\d])" if word[0].isascii() else "", r"(?![A-Za-z\d])" if word[-1].isascii() else "")
            yield from (match.span() for match in re.finditer(alone[0] + re.escape(word) + alone[1], text))


def _inside(mask: bytearray, place: Place) -> bool:
    if place.start < place.end:
        return any(mask[place.start : place.end])
    return 0 < place.start < len(mask) and bool(mask[place.start - 1] and mask[place.start])


def _replaced(text: str, new: dict[Place, str]) -> str:
    """Of places that overlap the first in the text counts."""
    parts, at = [], 0
    for place in sorted(new):
        if place.start >= at:
            parts += [text[at : place.start], new[place]]
            at = place.end
    return "".join([*parts, text[at:]])


def like(model: str, word: str) -> str:
    """``word`` with the capitals of ``model``."""
    if len(model) > 1 and model.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word
