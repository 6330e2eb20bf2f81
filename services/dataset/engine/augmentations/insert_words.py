"""Insert_Words: words that add nothing come in between others, as people say them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from libs.data.options import option
from services.dataset.engine.augmentations import TextAugmentation
from services.dataset.engine.augmentations._text import HAN, Place, TextOptions, TextVariation
from services.dataset.engine.draw import Draw

_EN = ("actually", "basically", "well", "really", "just", "simply", "perhaps", "indeed", "also", "sort of")
_ZH = ("其实", "那个", "就是", "嗯", "说实话", "怎么说", "对了", "反正", "那么", "话说")
# Between two words of letters; in Chinese where a word surely ends: at the beginning of a clause, or behind a particle
_GAP = re.compile(
    rf"(?<=[A-Za-z]) (?=[A-Za-z])|(?:^|(?<=[，。！？；：、\n]))(?=[{HAN}])|(?<=[{HAN}][的了吗呢吧])(?![的了吗呢吧士确解断])(?=[{HAN}])"
)


@dataclass(frozen=True, slots=True)
class InsertOptions(TextOptions):
    """What comes in."""

    words: tuple[str, ...] = option((), 0, 10_000, en="what comes in; empty: some words of our own", zh="插入的词；空表示平台自带的词")


class Insertion(TextVariation):
    def __init__(self, options: InsertOptions) -> None:
        super().__init__(options)
        given = [word.strip() for word in options.words if word.strip()]
        self._latin: Sequence[str] = [word for word in given if not _HAN.search(word)] or ([] if given else _EN)
        self._han: Sequence[str] = [word for word in given if _HAN.search(word)] or ([] if given else _ZH)

    def places(self, text: str) -> Iterator[Place]:
        return (Place(*match.span()) for match in _GAP.finditer(text) if (self._latin if match[0] else self._han))

    def put(self, text: str, place: Place, draw: Draw) -> str:
        gap = text[place.start : place.end]
        return gap + draw.one_of(self._latin if gap else self._han) + gap


_HAN = re.compile(f"[{HAN}]")
KIND = TextAugmentation(name="Insert_Words", options=InsertOptions, variation=Insertion, place=82)
