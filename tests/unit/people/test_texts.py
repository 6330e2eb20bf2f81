"""How like texts are: the bit-parallel distance is the distance of the textbook."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from libs.people.texts import distance, nearest, similarity

LETTERS = st.text(st.sampled_from("ab好😀 "), max_size=40)


def by_table(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for at, a in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, b in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (a != b))
    return row[-1]


@given(LETTERS, LETTERS)
def test_the_distance(one: str, other: str) -> None:
    assert distance(one, other) == by_table(one, other) == distance(other, one)


def test_likeness() -> None:
    assert similarity("", "") == similarity("same", " same\n") == 1
    assert similarity("abcd", "abcx") == 0.75
    assert similarity("ab", "xy") == 0


def test_the_text_that_is_most_like_all() -> None:
    text, likeness = nearest(["the cat sat", "the cat sat.", "dogs"])
    assert text == "the cat sat"
    assert 0.5 < likeness < 0.8
    assert nearest(["b", "a"])[0] == "b", "of equals the first"


def test_long_texts_cost_little() -> None:
    started = time.process_time()
    similarity("ab" * 500_000, "ba" * 500_000)
    assert time.process_time() - started < 2
