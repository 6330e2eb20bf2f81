"""Misspell: errors as people make them: a key beside the right one, letters in the wrong order, left out or twice; in Chinese a character
that sounds or looks alike, two in the wrong order, or one left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from libs.common.errors import Reason, invalid
from libs.data.options import option
from services.dataset.engine.augmentations import TextAugmentation
from services.dataset.engine.augmentations._alike import ALIKE
from services.dataset.engine.augmentations._text import HAN, WORD, Place, TextOptions, TextVariation, like
from services.dataset.engine.draw import Draw

ERRORS = ("alike", "swap", "drop", "double")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LEAST = 4  # letters of a word that is still known with an error in it
_HAN = re.compile(f"[{HAN}]")


@dataclass(frozen=True, slots=True)
class MisspellOptions(TextOptions):
    """Which errors."""

    errors: tuple[str, ...] = option(
        ERRORS,
        1,
        len(ERRORS),
        en="alike: a neighbouring key, a Chinese character that sounds or looks alike; swap, drop, double (letters alone)",
        zh="alike 邻键或音近形近字；swap 换位；drop 漏字；double 重复字母",
    )


class Misspelling(TextVariation):
    def __init__(self, options: MisspellOptions) -> None:
        super().__init__(options)
        unknown = next((error for error in options.errors if error not in ERRORS), None)
        if unknown is not None:
            raise invalid("options.errors", Reason.UNKNOWN_ENUM, "one of " + ", ".join(ERRORS), value=unknown[:100])
        self._errors = tuple(error for error in ERRORS if error in options.errors)

    def places(self, text: str) -> Iterator[Place]:
        yield from (Place(*match.span()) for match in WORD.finditer(text) if match.end() - match.start() >= _LEAST)
        for match in _HAN.finditer(text):
            place = Place(match.start(), match.end() + bool(_HAN.match(text, match.end())))
            if self._possible(text[place.start : place.end]):
                yield place

    def put(self, text: str, place: Place, draw: Draw) -> str:
        word = text[place.start : place.end]
        return self._of_characters(word, draw) if _HAN.match(word) else self._of_letters(word, draw)

    def _of_letters(self, word: str, draw: Draw) -> str:
        """An error inside of the word: the first letter is seldom wrong."""
        error, at = draw.one_of(self._errors), 1 + draw.below(len(word) - 1)
        letter = word[at]
        if error == "alike":
            return word[:at] + like(letter, draw.one_of(_BESIDE[letter.lower()])) + word[at + 1 :]
        if error == "swap":
            at = min(at, len(word) - 2)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + (letter + letter if error == "double" else "") + word[at + 1 :]

    def _possible(self, pair: str) -> list[str]:
        """Errors that can be made of a character and the one behind it."""
        can = {"alike": pair[0] in ALIKE, "swap": len(pair) > 1 and pair[0] != pair[1], "drop": len(pair) > 1}
        return [error for error in self._errors if can.get(error)]

    def _of_characters(self, pair: str, draw: Draw) -> str:
        error = draw.one_of(self._possible(pair))
        if error == "alike":
            return draw.one_of(ALIKE[pair[0]]) + pair[1:]
        return pair[1] + pair[0] if error == "swap" else pair[1:]


def _beside() -> dict[str, str]:
    """Of each letter those whose keys touch its own: rows stand half a key apart."""
    found: dict[str, str] = {}
    for number, row in enumerate(_ROWS):
        for at, letter in enumerate(row):
            below = _ROWS[number + 1][max(0, at - 1) : at + 1] if number + 1 < len(_ROWS) else ""
            above = _ROWS[number - 1][at : at + 2] if number else ""
            found[letter] = row[max(0, at - 1) : at] + row[at + 1 : at + 2] + below + above
    return found


_BESIDE = _beside()
KIND = TextAugmentation(name="Misspell", options=MisspellOptions, variation=Misspelling, place=83)
