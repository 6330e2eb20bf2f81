"""The lexicon against the plain way: one word after the other, looked for in the folded text."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from libs.common.work.engine import SilentReporter
from libs.data.options import read_options
from services.dataset.engine import cleaning
from services.dataset.engine.lexicon import MOST, Lexicon, compiled, fold, stored
from services.dataset.engine.operators.remove_noncompliant import NoncompliantOptions
from tests.unit.dataset_engine.make import lines, records, version_of

SIGNS = "abAB1 .-\nßſéＡ１ｂ中赌博ﬁ²\u00a0\u0301\ud800"


def first_of(words: list[str], text: str) -> str | None:
    found = Lexicon((word, "") for word in words).first(text)
    return None if found is None else found[0]


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
    assert first_of(words, text) == first_plainly(words, text)


def test_fifty_thousand_words_are_taken_compiled_once_and_all_found() -> None:
    dice = random.Random(1)
    words = tuple({"".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=9)) for _ in range(25_000)})
    words += tuple({"".join(chr(dice.randint(0x4E00, 0x9F00)) for _ in range(3)) for _ in range(25_000)})
    options = read_options(NoncompliantOptions, {"words": list(words)})
    assert len(options.words) > 49_000 < MOST
    lexicon = compiled(options.words)
    assert compiled(read_options(NoncompliantOptions, {"words": list(words)}).words) is lexicon
    assert all(lexicon.first(f"It says {word.upper()}.") == (word, "") for word in words[::97])
    assert lexicon.first("nothing of the sort, 没有") is None


def test_a_version_of_terms_is_compiled_once_and_found_by_category(tmp_path: Path) -> None:
    rows = [{"term": "Poker", "category": "games"}, {"term": "poker", "category": "gambling"}, {"term": "赌博", "category": "gambling"}]
    folder = version_of([*rows, {"term": "plain"}], tmp_path)
    whole, games = stored(folder, ()), stored(folder, ("games",))
    assert stored(folder, ()) is whole
    assert whole.first("ＰＯＫＥＲ, please") == ("poker", "gambling, games")
    assert whole.first("plain") == ("plain", "")
    assert (games.first("poker"), games.first("网上赌博")) == (("poker", "games"), None)


def test_a_lexicon_beyond_what_a_job_can_hold_drops_what_a_plain_search_finds(tmp_path: Path) -> None:
    dice = random.Random(2)
    terms = sorted({"".join(chr(dice.randint(0x4E00, 0x4EFF)) for _ in range(2)) for _ in range(6_000)})
    lexicon = version_of([{"term": term} for term in terms], tmp_path / "lexicon", 1 << 20)
    texts = ["".join(chr(dice.randint(0x4E00, 0x4EFF)) for _ in range(6)) for _ in range(200)]
    source = version_of([{"text": text} for text in texts], tmp_path / "texts")
    job = {"input": str(source), "rules": [{"rule": "Remove_Noncompliant", "options": {"lexicon_version_id": "7"}}]}
    said = {**job, "options": {"allow_drop_share": 1.0, "processes": 2}, "references": {"7": str(lexicon)}}
    cleaning.run(said, tmp_path / "clean", SilentReporter())
    plainly = {text: first for text in texts if (first := next((term for term in terms if term in text), None)) is not None}
    dropped = {line["excerpt"]: line["reason"] for line in lines(tmp_path / "clean" / "dropped")}
    assert dropped == {text: f"word: {term}" for text, term in plainly.items()}
    assert 20 < len(dropped) < 200
    assert {record["text"] for record in records(tmp_path / "clean" / "out")} == set(texts) - dropped.keys()
