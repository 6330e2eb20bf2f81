"""Deduplicate against brute force: recall, precision, the named twin and its similarity, in English and Chinese."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import pytest

from libs.data.records import Record
from tests.unit.dataset_engine.make import Rows, clean, jaccard, lines, records, runs, version_of

THRESHOLD = 0.8


def english(dice: random.Random, words: int) -> list[str]:
    return ["".join(dice.choices("abcdefghijklmnop", k=dice.randint(2, 7))) for _ in range(words)]


def chinese(dice: random.Random, characters: int) -> list[str]:
    return [chr(dice.randint(0x4E00, 0x4E00 + 800)) for _ in range(characters)]


def planted(seed: int, han: bool) -> list[Record]:
    """40 originals of different lengths; each with copies of which 0 … 12 % of the words are replaced, all shuffled."""
    dice = random.Random(seed)
    make, glue = (chinese, "") if han else (english, " ")
    rows: list[Record] = []
    for _ in range(40):
        original = make(dice, dice.randint(40, 400))
        rows.append({"text": glue.join(original), "n": len(rows)})
        for share in (0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.12):
            copy = [make(dice, 1)[0] if dice.random() < share else word for word in original]
            rows.append({"text": glue.join(copy), "n": len(rows)})
    dice.shuffle(rows)
    return rows


@pytest.mark.parametrize("han", [False, True])
def test_recall_and_precision_against_brute_force(tmp_path: Path, han: bool) -> None:
    version = version_of(planted(7, han), tmp_path, shard_bytes=20_000)
    before = records(version)
    sets = {record["id"]: runs(record["text"], characters=han) for record in before}
    clean(version, tmp_path / "clean", ("Deduplicate", {"threshold": THRESHOLD}))
    kept = {record["id"] for record in records(tmp_path / "clean" / "out")}
    dropped = {line["id"]: line for line in lines(tmp_path / "clean" / "dropped")}
    alike = [(a, b) for a, b in combinations(sets, 2) if jaccard(sets[a], sets[b]) >= THRESHOLD]
    assert len(alike) > 300
    found = sum(a in dropped or b in dropped for a, b in alike)
    assert found / len(alike) >= 0.995
    for id, line in dropped.items():  # precision is exactly 1: every drop has its twin among the kept, with the true similarity
        true = jaccard(sets[id], sets[line["kept_id"]])
        assert line["kept_id"] in kept
        assert true >= THRESHOLD
        assert abs(line["score"] - true) < 1e-3
        assert line["threshold"] == THRESHOLD
    assert kept.isdisjoint(dropped)
    assert kept | dropped.keys() == sets.keys()


def test_the_first_of_its_kind_stays(tmp_path: Path) -> None:
    rows = planted(3, han=False)
    version = version_of(rows, tmp_path, shard_bytes=40_000)
    clean(version, tmp_path / "clean", "Deduplicate")
    order = {record["id"]: place for place, record in enumerate(records(version))}
    drops = lines(tmp_path / "clean" / "dropped")
    assert len(drops) > 100
    assert all(order[line["kept_id"]] < order[line["id"]] for line in drops)


def test_adding_records_later_changes_no_earlier_decision(tmp_path: Path) -> None:
    for seed in range(4):
        rows = planted(seed, han=seed % 2 == 1)[:120]
        dice = random.Random(seed)
        cut = dice.randint(20, 100)
        old, new = rows[:cut], rows[cut:]
        place = tmp_path / str(seed)
        once = deduplicated(rows, place / "once")
        first = deduplicated(old, place / "first")
        step = deduplicated([*first, *new], place / "step")
        assert step == once


def deduplicated(rows: Rows, place: Path) -> list[Record]:
    clean(version_of(rows, place, shard_bytes=20_000), place / "clean", "Deduplicate")
    return [{"text": record["text"], "n": record["n"]} for record in records(place / "clean" / "out")]


def test_exact_only(tmp_path: Path) -> None:
    rows = [
        {"text": "One  two three\n", "n": 1},
        {"text": "ｏｎｅ TWO three", "n": 2},
        {"text": "one two three four", "n": 3},
        {"text": "one two three", "n": 1, "source": "x"},
    ]
    version = version_of(rows, tmp_path)
    result = clean(version, tmp_path / "clean", ("Deduplicate", {"near": False}))
    assert result["ledger"] == {"in": 4, "out": 2, "dropped": {"Deduplicate": 2}}
    first = records(version)[0]["id"]
    for line in lines(tmp_path / "clean" / "dropped"):
        assert (line["kept_id"], line["score"], line["reason"]) == (first, 1.0, "exact copy")


def test_another_number_is_no_copy(tmp_path: Path) -> None:
    rows = [{"text": text} for text in ("A cube of side 6³ cells.", "A cube of side 63 cells.", "A cube of side ６３ cells.")]
    clean(version_of(rows, tmp_path), tmp_path / "clean", ("Deduplicate", {"near": False}))
    assert {record["text"] for record in records(tmp_path / "clean" / "out")} == {rows[0]["text"], rows[1]["text"]}


def test_short_texts_and_texts_that_share_only_words(tmp_path: Path) -> None:
    rows = [{"text": text} for text in ("a", "b", "a b c", "a b d", "数据", "数据集", "x " * 50 + "y", "x " * 60 + "y")]
    result = clean(version_of(rows, tmp_path), tmp_path / "clean", "Deduplicate")
    assert result["records"] == len(rows) - 1  # of the last two all runs of five words are the same


def test_records_without_text_are_not_copies_of_each_other(tmp_path: Path) -> None:
    rows = [{"messages": [{"role": "user", "content": [number]}]} for number in range(5)]
    assert clean(version_of(rows, tmp_path), tmp_path / "clean", "Deduplicate")["records"] == 5


def test_question_answer_records_are_compared_whole(tmp_path: Path) -> None:
    same = {"instruction": "What does json.dumps do in Python?", "input": "", "output": "It turns an object into text."}
    rows = [same, {**same, "lang": "en"}, {**same, "output": "Something else entirely, with other words."}]
    assert clean(version_of(rows, tmp_path), tmp_path / "clean", "Deduplicate")["records"] == 2


def test_a_raised_sign_and_another_conversation_make_another_record(tmp_path: Path) -> None:
    areas = [{"text": f"The plate of this drawing measures {size} square millimetres."} for size in ("10²", "102", "１０²")]
    talks = [{"instruction": "Go on.", "output": "Yes.", "history": [[f"Tell me of {what}.", "Gladly."]]} for what in ("tea", "coffee")]
    result = clean(version_of([*areas, *talks], tmp_path), tmp_path / "clean", ("Deduplicate", {"near": False}))
    assert result["ledger"] == {"in": 5, "out": 4, "dropped": {"Deduplicate": 1}}
    assert lines(tmp_path / "clean" / "dropped")[0]["excerpt"].startswith("The plate of this drawing measures １０²")
