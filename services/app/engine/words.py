"""The words of a text as the index knows them, and where each of them stands.

Chinese, which sets no spaces, is taken as overlapping pairs of characters: no dictionary has to know a word, and on XQuAD's Chinese
paragraphs pairs found as many passages as a dictionary's words did (docs/decisions/0043). Of English words the usual endings go, so that
``invented`` finds ``inventing``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

_HAN = "\u3400-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_ENDINGS = ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly")
_STEM = 3
"""So many letters of a word stay, whatever it ends with."""


class Word(NamedTuple):
    """word: folded, as it is compared. start, end: where it stands in the text."""

    word: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    for run in _RUN.finditer(text):
        found, start = run[0], run.start()
        if not _is_han(found):
            yield Word(_stem(found.casefold()), start, run.end())
        elif len(found) == 1:
            yield Word(found, start, start + 1)
        else:
            yield from (Word(found[at : at + 2], start + at, start + at + 2) for at in range(len(found) - 1))


def spelled(text: str) -> list[str]:
    """The words alone: what an index is made of, many texts at once."""
    found: list[str] = []
    for run in _RUN.findall(text):
        if not _is_han(run):
            found.append(_stem(run.casefold()))
        elif len(run) == 1:
            found.append(run)
        else:
            found += map("".join, pairwise(run))
    return found


def _is_han(run: str) -> bool:
    return "\u3400" <= run[0] <= "\u9fff" or "\uf900" <= run[0] <= "\ufaff"


@lru_cache(1 << 16)
def _stem(word: str) -> str:
    if not word.isascii() or word.endswith("ss"):
        return word
    ending = next((each for each in _ENDINGS if word.endswith(each) and len(word) - len(each) >= _STEM), "")
    stem = word[: len(word) - len(ending)]
    return stem[:-1] if stem.endswith("e") and len(stem) > _STEM else stem
