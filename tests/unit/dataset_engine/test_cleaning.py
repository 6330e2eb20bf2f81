"""A cleaning job: no record is lost or made, whatever the rules and their order; every drop and change can be explained."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data.versions import verify
from services.dataset.engine import cleaning
from services.dataset.engine.ledger import Ledger
from tests.unit.dataset_engine.conftest import MEMORY
from tests.unit.dataset_engine.make import clean, lines, outputs, records, version_of

SENTENCES = (
    "The order of the words is what a sentence needs to have a meaning.",
    "<p>A page with <b>tags</b> that have to go, and the text that is to stay.</p>",
    "联系我：13812345678，或者写信到 someone@example.com，谢谢。",
    "去除重复的数据是清洗任务中最重要的一步，它让训练语料更加干净。",
    "short",
    "赌博",
    "#### ##### ####",
)
ROWS = st.lists(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6).map(lambda parts: {"text": " ".join(parts)}), min_size=1, max_size=25
)
RULES = st.lists(
    st.sampled_from(
        [
            "Strip_Html",
            ("Remove_Low_Quality", {"min_words": 5, "min_han": 5, "max_repeated_text": 0.5}),
            ("Remove_Noncompliant", {"words": ["赌博"]}),
            ("Remove_Noncompliant", {"personal_data": "drop"}),
            "Deduplicate",
            ("Deduplicate", {"near": False}),
        ]
    ),
    min_size=1,
    max_size=6,
)


def attempt(version: Path, work: Path, rules: list[Any]) -> tuple[dict[str, Any], PlatformError | None]:
    try:
        return clean(version, work, *rules), None
    except PlatformError as refusal:
        return {}, refusal


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS, RULES)
def test_in_is_out_plus_dropped_for_any_rules_in_any_order(rows: list[dict[str, Any]], rules: list[Any]) -> None:
    place = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    try:
        version = version_of(rows, place, shard_bytes=300)
        entered = Counter(record["id"] for record in records(version))
        result, refusal = attempt(version, place / "clean", rules)
        if refusal is not None:
            assert refusal.reason == Reason.NO_RECORDS_LEFT
            assert refusal.details["ledger"]["out"] == 0
            assert refusal.details["ledger"]["in"] == sum(refusal.details["ledger"]["dropped"].values()) == len(rows)
            return
        drops, changes = lines(place / "clean" / "dropped"), lines(place / "clean" / "changes")
        kept = Counter(record["id"] for record in records(place / "clean" / "out"))
        assert result["ledger"]["in"] == len(rows) == result["ledger"]["out"] + len(drops)
        assert result["ledger"]["out"] == kept.total() == verify(place / "clean" / "out").records
        assert Counter(result["ledger"]["dropped"]) == Counter(line["rule"] for line in drops)
        # not only the counts: undoing the changes gives back exactly the records that went in
        before = kept - Counter(line["new_id"] for line in changes) + Counter(line["id"] for line in changes)
        assert before + Counter(line["id"] for line in drops) == entered
        assert all(line["kept_id"] in entered for line in drops if "kept_id" in line)
        assert all(line["reason"] and line["rule_version"] in (1, 2) and line["source"] == "rows.jsonl" for line in drops)
        assert all(line["rules"] and line["id"] != line["new_id"] for line in changes)
    finally:
        shutil.rmtree(place)


def test_a_ledger_that_does_not_add_up_is_an_internal_error() -> None:
    Ledger(5, 3, 0, Counter(a=2)).check()
    Ledger(1, 7, 8, Counter(a=2)).check()
    for wrong in (Ledger(5, 3, 0, Counter(a=1)), Ledger(5, 6, 0, Counter())):
        with pytest.raises(PlatformError) as caught:
            wrong.check()
        assert (caught.value.code, caught.value.reason) == (500, Reason.INTERNAL)
    with pytest.raises(PlatformError):
        Ledger(5, 5).followed_by(Ledger(4, 4))


def test_two_processes_give_the_same_bytes_as_one(tmp_path: Path) -> None:
    version = version_of([{"text": f"<p>{SENTENCES[0]} {number % 40}</p>"} for number in range(80)], tmp_path)
    rules = ("Strip_Html", ("Remove_Low_Quality", {"min_words": 3}), "Deduplicate")
    one = clean(version, tmp_path / "one", *rules)
    two = clean(version, tmp_path / "two", *rules, processes=2)
    assert one == two
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two")
    assert one["ledger"]["dropped"]["Deduplicate"] >= 40


def test_excerpt_reason_and_change_of_single_records(tmp_path: Path) -> None:
    rows = [{"text": f"<p>{SENTENCES[0]}</p>"}, {"text": "<p>tiny</p>"}, {"text": SENTENCES[2] * 3}]
    version = version_of(rows, tmp_path)
    ids = [record["id"] for record in records(version)]
    clean(version, tmp_path / "clean", "Strip_Html", ("Remove_Low_Quality", {"min_words": 5, "min_han": 5}), "Remove_Noncompliant")
    (drop,) = lines(tmp_path / "clean" / "dropped")
    assert drop["id"] == ids[1]
    assert (drop["rule"], drop["reason"], drop["score"], drop["threshold"]) == ("Remove_Low_Quality", "words_too_few", 1, 5)
    assert drop["excerpt"] == "tiny"
    changes = {line["id"]: line for line in lines(tmp_path / "clean" / "changes")}
    assert changes[ids[0]]["rules"] == ["Strip_Html@3"]
    assert changes[ids[2]]["rules"] == ["Remove_Noncompliant@2"]
    kept = {record["id"]: record["text"] for record in records(tmp_path / "clean" / "out")}
    assert kept[changes[ids[0]]["new_id"]] == SENTENCES[0]
    assert "[CN_MOBILE]" in kept[changes[ids[2]]["new_id"]]


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (None, "rules"),
        ([], "rules"),
        ("Strip_Html", "rules"),
        (["Strip_Html"], "rules[0]"),
        ([{"rule": "Strip_Html"}, {"rule": "Strip"}], "rules[1].rule"),
        ([{"rule": "Strip_Html", "option": {}}], "rules[0].option"),
        ([{"rule": "Strip_Html", "options": {"min_chars": 1}}], "rules[0].options.min_chars"),
        ([{"rule": "Remove_Low_Quality", "options": {"min_words": 1.5}}], "rules[0].options.min_words"),
        ([{"rule": "Remove_Low_Quality", "options": {"max_symbols": 1.5}}], "rules[0].options.max_symbols"),
        ([{"rule": "Deduplicate", "options": {"threshold": 0.1}}], "rules[0].options.threshold"),
        ([{"rule": "Remove_Noncompliant", "options": {"words": [5]}}], "rules[0].options.words"),
        ([{"rule": "Remove_Noncompliant", "options": {"personal_data": "sell"}}], "rules[0].options.personal_data"),
    ],
)
def test_a_bad_rule_is_named_before_any_work(tmp_path: Path, rules: Any, field: str) -> None:
    version = version_of([{"text": "x"}], tmp_path)
    with pytest.raises(PlatformError) as caught:
        cleaning.run({"input": str(version), "rules": rules}, tmp_path / "clean", SilentReporter())
    assert (caught.value.code, caught.value.field) == (400, field)
    assert not (tmp_path / "clean").exists()


def test_a_rule_that_deletes_everything_is_named(tmp_path: Path) -> None:
    version = version_of([{"text": "x"}], tmp_path)
    with pytest.raises(PlatformError) as caught:
        clean(version, tmp_path / "clean", "Remove_Low_Quality")
    assert (caught.value.reason, caught.value.field) == (Reason.NO_RECORDS_LEFT, "rules")
    assert caught.value.details["ledger"]["dropped"] == {"Remove_Low_Quality": 1}
    assert not (tmp_path / "clean" / "out").exists()


def test_a_damaged_input_is_refused_and_nothing_is_published(tmp_path: Path) -> None:
    version = version_of([{"text": SENTENCES[0], "n": number} for number in range(40)], tmp_path)
    part = version / "part-00001.jsonl"
    part.write_bytes(part.read_bytes().replace(b"order", b"Order", 1))
    with pytest.raises(PlatformError) as caught:
        clean(version, tmp_path / "clean", ("Remove_Low_Quality", {"min_words": 1}))
    assert (caught.value.reason, caught.value.details["file"]) == (Reason.CHECKSUM_MISMATCH, part.name)
    assert not (tmp_path / "clean" / "out").exists()


def test_a_work_folder_of_another_job_is_not_mixed_up(tmp_path: Path) -> None:
    version = version_of([{"text": SENTENCES[0], "n": number} for number in range(40)], tmp_path)
    first = clean(version, tmp_path / "work", ("Remove_Low_Quality", {"min_words": 1}))
    second = clean(version, tmp_path / "work", "Deduplicate")
    assert first["records"] == 40
    assert second["records"] == 1
    assert outputs(tmp_path / "work").keys() >= {"out/manifest.json", "dropped/ledger.json"}
    assert clean(version, tmp_path / "fresh", "Deduplicate") == second
    assert outputs(tmp_path / "fresh") == outputs(tmp_path / "work")


def test_the_reporter_can_stop_a_run_and_the_next_one_goes_on(tmp_path: Path) -> None:
    class Stop(SilentReporter):
        def progress(self, done: int, total: int, message: str = "") -> None:
            super().progress(done, total, message)
            if done == total // 2:
                raise PlatformError(409, Reason.CANCELLED)

    version = version_of([{"text": SENTENCES[0], "n": number} for number in range(60)], tmp_path)
    job = {"input": str(version), "rules": [{"rule": "Strip_Html"}, {"rule": "Remove_Low_Quality", "options": {"min_words": 1}}]}
    with pytest.raises(PlatformError):
        cleaning.run(job, tmp_path / "work", Stop())
    report = SilentReporter()
    cleaning.run(job, tmp_path / "work", report)
    done, total, _ = report.progressed[0]
    assert done == total // 2 > 0
    cleaning.run(job, tmp_path / "straight", SilentReporter())
    assert outputs(tmp_path / "work") == outputs(tmp_path / "straight")
