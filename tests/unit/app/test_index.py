"""The index and its shelf: what is found, what it is worth, and that a change reaches it without making it anew."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from services.app.engine.asking import about, hits
from services.app.engine.index import Entry, WordIndex
from services.app.engine.shelf import KEPT, Shelf
from services.app.engine.words import spelled, words


def test_words_of_two_languages_and_where_they_stand() -> None:
    text = "Inventing 机器学习 in 2024, a B"
    assert spelled(text) == ["invent", "机器", "器学", "学习", "in", "2024", "a", "b"]
    assert [word.word for word in words(text)] == spelled(text)
    assert [text[word.start : word.end] for word in words(text)][:2] == ["Inventing", "机器"]
    assert spelled("invented invents Invent") == ["invent"] * 3
    assert spelled("猫") == ["猫"]


def test_words_that_only_ask_weigh_nothing() -> None:
    assert about("What is the refund period?") == "refund period?"
    assert spelled(about("请问退款期限是多久？")) == ["退款", "款期", "期限"]
    assert about("Who is it?") == "Who is it?"


def test_hits_are_where_the_words_stand() -> None:
    text = "Refunds take 14 days. 退款期限为十四天。"
    assert [text[start:stop] for start, stop in hits("how long is a refund", text)] == ["Refunds"]
    assert [text[start:stop] for start, stop in hits("退款期限是多久", text)] == ["退款期限"]


@pytest.fixture
def index() -> WordIndex:
    made = WordIndex()
    made.put([Entry(1, 10, "the cat sits on the mat"), Entry(2, 20, "a dog and a cat"), Entry(3, 30, "机器学习的入门教程")])
    return made


def test_the_nearest_comes_first_and_says_how_much_of_the_question_is_in_it(index: WordIndex) -> None:
    assert [found.chunk for found in index.search("cat mat", 5)] == [1, 2]
    best = index.search("cat mat", 5)[0]
    assert best.share == pytest.approx(1.0)
    assert index.search("mat zebra", 5)[0].share < 0.6
    assert [found.chunk for found in index.search("学习教程", 5)] == [3]


def test_nothing_of_the_question_is_nothing_found(index: WordIndex) -> None:
    assert index.search("zebra", 5) == []
    assert index.search("?! ", 5) == []
    assert index.search('" OR piece MATCH "cat', 5)[0].chunk in (1, 2)  # signs are no part of a question's language


def test_what_is_dropped_is_not_found(index: WordIndex) -> None:
    index.drop([10])
    assert [found.chunk for found in index.search("cat mat", 5)] == [2]


def test_a_shelf_asks_only_for_what_changed() -> None:
    asked: list[list[int]] = []

    def entries(documents: list[int]) -> Iterable[Entry]:
        asked.append(documents)
        return [Entry(document, document, f"cat number{document}") for document in documents]

    shelf = Shelf()
    for revision, held in ((1, {1: 1, 2: 1}), (1, {1: 1, 2: 1}), (2, {1: 2, 3: 1})):
        index = shelf.index(5, 0, revision, lambda held=held: held, entries)  # type: ignore[misc]
    assert asked == [[1, 2], [1, 3]]
    assert {found.chunk for found in index.search("cat", 5)} == {1, 3}


def test_a_shelf_forgets_what_was_used_longest_ago() -> None:
    made: list[WordIndex] = []

    def make() -> WordIndex:
        made.append(WordIndex())
        return made[-1]

    shelf = Shelf(make)
    for base in (*range(KEPT + 1), 1, 0):
        shelf.index(base, 0, 1, dict, lambda _documents: ())
    assert len(made) == KEPT + 2  # the first was forgotten, the second was not
