"""What of a question says what it is about: words that only ask weigh nothing, neither in the search nor in how much of it was found."""

from __future__ import annotations

import re

from libs.common.folding import fold_spaces
from services.app.engine.words import Word, words

_ASKING = re.compile("请问|为什么|为何|什么样的?|什么|哪[些个里儿位年种]?|谁|多少|多久|多大|怎么样?|怎样|如何|是否|[吗呢吧么的了是在有]")
_SMALL_WORDS = """
a an the of in on at to for from by with as and or is are was were be been being do does did done has have had having what which who whom
whose when where why how many much that this these those it its there can could will would should may might i you he she they we his her
their our your my me him them us not no any some please tell about
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_STEMS = frozenset(word.word for word in words(_SMALL_WORDS))


def about(question: str) -> str:
    """The question without the words that only ask; all of it where nothing else is in it."""
    folded = fold_spaces(question)
    left = " ".join(word for word in _ASKING.sub(" ", folded).split() if word.strip("?？.,!").casefold() not in _SMALL)
    return left if any(words(left)) else folded


def is_small(word: str) -> bool:
    """Whether a word of the index says little by itself."""
    return word in _STEMS


def hits(question: str, text: str) -> list[tuple[int, int]]:
    """Where the words of a question stand in a text; those that touch are one."""
    asked = {word.word for word in words(about(question))} - _STEMS
    found: list[tuple[int, int]] = []
    for word in words(text):
        if word.word in asked:
            _extend(found, word)
    return found


def _extend(found: list[tuple[int, int]], word: Word) -> None:
    if found and word.start <= found[-1][1]:
        found[-1] = (found[-1][0], max(found[-1][1], word.end))
    else:
        found.append((word.start, word.end))
