"""Which spellings of a text count as one: full width and half width, composed and decomposed, but never 10² and 102.

Unicode's NFKC does the first two and also turns raised, lowered and fractional figures into plain ones, so that scores, copies and leaks
would take one number for another. Those characters stay as they are: H₂O is not H2O, and ½ is neither 1/2 nor 12.
"""

from __future__ import annotations

import functools
import re
import unicodedata

_MEANING = ("<super>", "<sub>", "<fraction>")
_LAST = 0x1FFFF  # no character above has a decomposition but Han ones, which have no tag


def fold(text: str) -> str:
    """``text`` in the spelling all its spellings share; case and white space stay. Folding twice changes nothing."""
    if text.isascii():
        return text
    if _meaningful().isdisjoint(text):
        return unicodedata.normalize("NFKC", text)
    parts = _kept().split(text)  # every other part is a character whose place or shape carries meaning
    parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
    parts[1::2] = [_unsquared(part) for part in parts[1::2]]
    return "".join(parts)


def fold_spaces(text: str) -> str:
    """As ``fold``, with every run of white space one space and none at the ends."""
    return " ".join(fold(text).split())


@functools.cache
def _kept() -> re.Pattern[str]:
    return re.compile(f"([{''.join(sorted(_meaningful()))}])")


@functools.cache
def _meaningful() -> frozenset[str]:
    return frozenset(chr(code) for code in range(0x80, _LAST) if _carries_meaning(chr(code)))


def _carries_meaning(character: str) -> bool:
    """Also of ㎡, which is m and ² in one square."""
    found = unicodedata.decomposition(character)
    if found.startswith("<square>"):
        return any(_carries_meaning(chr(int(code, 16))) for code in found.split()[1:])
    return found.startswith(_MEANING)


@functools.cache
def _unsquared(character: str) -> str:
    tag, *codes = unicodedata.decomposition(character).split()
    return fold("".join(chr(int(code, 16)) for code in codes)) if tag == "<square>" else character
