"""Split: whole groups are held out, the draw is reproducible, and a leak never gets through unnoticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data.records import question_key, question_of
from libs.data.versions import verify
from services.dataset.engine import splitting
from tests.unit.dataset_engine.make import lines, outputs, records, version_of

TEMPLATES = [(f"{lang}-{number:02d}", lang) for lang in ("en", "zh") for number in range(1, 9)]


def pair(subject: str, template: str, lang: str, question: str | None = None) -> dict[str, Any]:
    asked = question or (f"Question {template}: what is {subject}?" if lang == "en" else f"问题{template}：{subject}是什么？")
    return {"instruction": asked, "input": "", "output": f"About {subject}.", "lang": lang, "subject": subject, "template": template}


PAIRS = [pair(f"mod.name{number}", template, lang) for number in range(20) for template, lang in TEMPLATES]


def split(version: Path, work: Path, **options: Any) -> dict[str, Any]:
    return splitting.run({"input": str(version), "options": options}, work, SilentReporter())


@pytest.fixture
def version(tmp_path: Path) -> Path:
    return version_of(PAIRS, tmp_path / "in", shard_bytes=9000)


@pytest.mark.parametrize("group_by", ["template", "subject", "record"])
@pytest.mark.parametrize("fraction", [0.05, 0.25, 0.9])
def test_groups_are_whole_and_nothing_is_lost(version: Path, tmp_path: Path, group_by: str, fraction: float) -> None:
    result = split(version, tmp_path / "work", group_by=group_by, test_fraction=fraction)
    train, test = records(tmp_path / "work/out/train"), records(tmp_path / "work/out/test")
    verify(tmp_path / "work/out/train")
    verify(tmp_path / "work/out/test")
    assert sorted(record["id"] for record in [*train, *test]) == sorted(record["id"] for record in records(version))
    key = "id" if group_by == "record" else group_by
    inside, outside = {record[key] for record in train}, {record[key] for record in test}
    assert inside.isdisjoint(outside)
    groups = len(inside | outside)
    assert abs(len(outside) - fraction * groups) <= (2 if group_by == "template" else 1)
    assert result["train"]["records"] == len(train)
    assert result["test"]["records"] == len(test)
    assert result["ledger"] == {"in": 320, "out": 320, "dropped": {}}
    questions = {question_key(record["instruction"]) for record in test}
    assert not any(question_key(record["instruction"]) in questions for record in train)


def test_phrasings_are_drawn_in_every_language(version: Path, tmp_path: Path) -> None:
    for seed in range(5):
        result = split(version, tmp_path / str(seed), test_fraction=0.25, seed=seed)
        assert sorted(name[:2] for name in result["held_out"]) == ["en", "en", "zh", "zh"]


def test_the_seed_decides_and_the_order_does_not(version: Path, tmp_path: Path) -> None:
    first = split(version, tmp_path / "a", group_by="subject", seed=5)
    assert split(version, tmp_path / "b", group_by="subject", seed=6)["test"]["content_hash"] != first["test"]["content_hash"]
    backwards = version_of(reversed(PAIRS), tmp_path / "back", shard_bytes=700)
    again = split(backwards, tmp_path / "c", group_by="subject", seed=5)
    assert (again["test"]["content_hash"], again["train"]["content_hash"]) == (
        first["test"]["content_hash"],
        first["train"]["content_hash"],
    )


def test_an_explicit_list(version: Path, tmp_path: Path) -> None:
    result = split(version, tmp_path / "work", held_out=["en-02", "zh-07"])
    assert result["held_out"] == ["en-02", "zh-07"]
    assert {record["template"] for record in records(tmp_path / "work/out/test")} == {"en-02", "zh-07"}
    by_subject = split(version, tmp_path / "subject", group_by="subject", held_out=["MOD.NAME3"])
    assert by_subject["test"]["records"] == len(TEMPLATES)


LEAKS = {
    "the same words": "Question en-01: what is mod.name3?",
    "case and width": "ｑuestion EN-01: WHAT is mod.name3?",
    "punctuation and space": " Question  en 01 — what is 'mod.name3' !",
}


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_is_an_error_that_names_the_question(tmp_path: Path, kind: str) -> None:
    version = version_of([*PAIRS, pair("mod.other", "en-05", "en", LEAKS[kind])], tmp_path, shard_bytes=9000)
    with pytest.raises(PlatformError) as caught:
        split(version, tmp_path / "work", held_out=["en-01"])
    assert (caught.value.code, caught.value.reason) == (422, Reason.SPLIT_LEAK)
    assert caught.value.details["questions"] == [LEAKS[kind]]
    assert not (tmp_path / "work/out").exists()


def test_another_number_is_no_leak(tmp_path: Path) -> None:
    rows = [pair("cube", "en-01", "en", "How many cells have 6³?"), pair("line", "en-02", "en", "How many cells have 63?")]
    result = split(version_of(rows, tmp_path), tmp_path / "work", held_out=["en-01"])
    assert (result["train"]["records"], result["test"]["records"]) == (1, 1)


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_is_dropped_from_the_training_part_when_asked(tmp_path: Path, kind: str) -> None:
    version = version_of([*PAIRS, pair("mod.other", "en-05", "en", LEAKS[kind])], tmp_path, shard_bytes=9000)
    result = split(version, tmp_path / "work", held_out=["en-01"], on_leak="drop")
    assert result["ledger"] == {"in": 321, "out": 320, "dropped": {"Train_Test_Split": 1}}
    assert result["test"]["records"] == 20
    (drop,) = lines(tmp_path / "work/dropped")
    assert (drop["rule"], drop["reason"]) == ("Train_Test_Split", "leak")
    assert LEAKS[kind] in drop["excerpt"]


def test_the_input_is_part_of_the_question(tmp_path: Path) -> None:
    rows = [{**pair("a", "en-01", "en", "Translate."), "input": "one"}, {**pair("b", "en-02", "en", "Translate."), "input": "two"}]
    result = split(version_of(rows, tmp_path), tmp_path / "work", held_out=["en-01"])
    assert (result["train"]["records"], result["test"]["records"]) == (1, 1)


def test_subjects_that_read_the_same_are_one_group(tmp_path: Path) -> None:
    rows = [pair(name, f"en-{number:02d}", "en") for number, name in enumerate(("Json.dumps", "json.dumps", "json dumps", "os.path", "re"))]
    split(version_of(rows, tmp_path), tmp_path / "work", group_by="subject", held_out=["json.dumps"])
    assert len(records(tmp_path / "work/out/test")) == 3


@pytest.mark.parametrize(
    ("rows", "options", "reason", "field"),
    [
        (PAIRS[:3], {"group_by": "paragraph"}, Reason.UNKNOWN_ENUM, "options.group_by"),
        (PAIRS[:3], {"test_fraction": 1.0}, Reason.TOO_LARGE, "options.test_fraction"),
        (PAIRS[:3], {"group_by": "record", "held_out": ["x"]}, Reason.INVALID_ARGUMENT, "options.held_out"),
        (PAIRS[:3], {"held_out": ["en-01", "xx-99"]}, Reason.INVALID_ARGUMENT, "options.held_out"),
        (PAIRS[:1], {}, Reason.INVALID_ARGUMENT, "options.test_fraction"),
        ([{"text": "a document"}], {}, Reason.INVALID_ARGUMENT, "options.test_fraction"),
        ([{"text": "a document"}], {"group_by": "template"}, Reason.ROW_INVALID, "template"),
        (PAIRS[:2], {"held_out": ["en-01", "en-02"]}, Reason.NO_RECORDS_LEFT, "train"),
    ],
)
def test_what_cannot_be_split_is_named(tmp_path: Path, rows: list[Any], options: dict[str, Any], reason: Reason, field: str) -> None:
    with pytest.raises(PlatformError) as caught:
        split(version_of(rows, tmp_path), tmp_path / "work", **options)
    assert (caught.value.reason, caught.value.field) == (reason, field)


ORDINARY = [
    *({"instruction": f"What is station {number}?", "input": "", "output": f"Number {number}."} for number in range(40)),
    *({"instruction": f"what is Station {number}", "input": "", "output": f"The {number}th."} for number in range(0, 40, 2)),  # asked again
    *({"messages": [{"role": "user", "content": f"Tell me of {number}"}, {"role": "assistant", "content": "No."}]} for number in range(10)),
    *({"text": f"A page about {number}."} for number in range(10)),
]


def test_by_default_any_data_can_be_split(tmp_path: Path) -> None:
    """No phrasings, and questions that are asked again: the repetitions stay on one side."""
    result = split(version_of(ORDINARY, tmp_path / "in"), tmp_path / "work")
    assert (result["group_by"], result["ledger"]) == ("question", {"in": 80, "out": 80, "dropped": {}})
    train, test = records(tmp_path / "work/out/train"), records(tmp_path / "work/out/test")
    assert {question_key(question_of(each)) for each in train}.isdisjoint(question_key(question_of(each)) for each in test)
    assert len(test) > 8
    one_phrasing = [{**row, "template": "t1"} for row in ORDINARY[:20]]
    assert split(version_of(one_phrasing, tmp_path / "one"), tmp_path / "one-work")["group_by"] == "question"
    assert split(version_of(PAIRS, tmp_path / "pairs"), tmp_path / "pairs-work")["group_by"] == "template"


def test_repeated_questions_are_refused_with_the_way_out(tmp_path: Path) -> None:
    version = version_of(ORDINARY, tmp_path / "in")
    with pytest.raises(PlatformError) as caught:
        split(version, tmp_path / "work", group_by="record", test_fraction=0.5)
    said = str(caught.value)
    assert (caught.value.reason, "group_by=question" in said, "on_leak=drop" in said) == (Reason.SPLIT_LEAK, True, True)
    assert split(version, tmp_path / "dropped", group_by="record", test_fraction=0.5, on_leak="drop")["ledger"]["dropped"]
    asked = [{"instruction": f"What is {number}² plus one?", "output": "x"} for number in range(10, 22)]
    plain = [{**row, "instruction": row["instruction"].replace("²", "2")} for row in asked]
    split(version_of([*asked, *plain], tmp_path / "raised"), tmp_path / "raised-work", group_by="record", test_fraction=0.5)


def test_questions_may_be_held_out_by_name(tmp_path: Path) -> None:
    held = ["WHAT IS STATION 4?"]
    split(version_of(ORDINARY, tmp_path / "in"), tmp_path / "work", group_by="question", held_out=held)
    assert [each["output"] for each in records(tmp_path / "work/out/test")] == ["Number 4.", "The 4th."]


def test_two_processes_give_the_same_bytes_as_one(version: Path, tmp_path: Path) -> None:
    assert split(version, tmp_path / "one") == split(version, tmp_path / "two", processes=2)
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two")
