"""The lexicon against the plain way: one word after the other, looked for in the folded text."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from libs.data.options import read_options
from services.dataset.engine.lexicon import MOST, Lexicon, compiled, fold
from services.dataset.engine.operators.remove_noncompliant import NoncompliantOptions

SIGNS = "abAB1 .-\nßſéＡ１ｂ中赌博ﬁ²\u00a0\u0301\ud800"


def first_plainly(words: list[str], text: str) -> str | None:
    text = fold(text)
    return next((word for word in sorted(set(map(fold, words))) if word.strip() and alone_somewhere(word, text)), None)


def alone_somewhere(word: str, text: str) -> bool:
    places = (place for place in range(len(text) - len(word) + 1) if text.startswith(word, place))
    return any(not (glued(text[:at][-1:], word[0]) or glued(text[at + len(word) :][:1], word[-1])) for at in places)


def glued(neighbour: str, edge: str) -> bool:
    return all(sign.isascii() and sign.isalnum() for sign in (neighbour, edge)) and neighbour != ""


@given(st.lists(st.text(SIGNS, max_size=4), max_size=8), st.text(SIGNS, max_size=40))
def test_it_finds_what_the_plain_way_finds(words: list[str], text: str) -> None:
    assert Lexicon(tuple(words)).first(text) == first_plainly(words, text)


def test_fifty_thousand_words_are_taken_compiled_once_and_all_found() -> None:
    dice = random.Random(1)
    words = tuple({"".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=9)) for _ in range(25_000)})
    words += tuple({"".join(chr(dice.randint(0x4E00, 0x9F00)) for _ in range(3)) for _ in range(25_000)})
    options = read_options(NoncompliantOptions, {"words": list(words)})
    assert len(options.words) > 49_000 < MOST
    lexicon = compiled(options.words)
    assert compiled(read_options(NoncompliantOptions, {"words": list(words)}).words) is lexicon
    assert all(lexicon.first(f"It says {word.upper()}.") == word for word in words[::97])
    assert lexicon.first("nothing of the sort, 没有") is None
