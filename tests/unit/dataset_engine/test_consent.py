"""A step that throws most of the data away asks first, whatever the step is; what it would have dropped and why stands in the refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.words.messages import error_facts
from libs.common.work.engine import SilentReporter
from services.dataset.engine import cleaning, conversion, importing, splitting
from tests.unit.dataset_engine.make import version_of

GOOD = [
    {"text": f"The lamp number {number} is lit at dusk and it goes out in the morning, as the guard has noted in his book."}
    for number in range(5)
]
SHORT = [{"text": f"Lamp {number}."} for number in range(40)]
TALKS = [{"instruction": f"q{number}", "output": "a"} for number in range(5)]
Run = Callable[[Path, dict[str, Any]], dict[str, Any]]


def _clean(rows: list[dict[str, Any]], *rules: dict[str, Any]) -> Run:
    def run(folder: Path, options: dict[str, Any]) -> dict[str, Any]:
        job = {"input": str(version_of(rows, folder)), "rules": list(rules), "options": options}
        return cleaning.run(job, folder / "work", SilentReporter())

    return run


def _convert(folder: Path, options: dict[str, Any]) -> dict[str, Any]:
    version = version_of([*TALKS, *[{**talk, "history": [["", str(n)]]} for talk in TALKS for n in range(8)]], folder)
    job = {"input": str(version), "converter": "instruction_format", "options": {"target": "messages", **options}}
    return conversion.run(job, folder / "work", SilentReporter())


def _import(folder: Path, options: dict[str, Any]) -> dict[str, Any]:
    folder.mkdir()
    (folder / "rows.jsonl").write_text('{"text": "a"}\n' * 5 + '{"body": "b"}\n' * 40)
    job = {"root": str(folder), "paths": ["rows.jsonl"], "options": {"keep_good_rows": True, **options}}
    return importing.run(job, folder / "work", SilentReporter())


def _split(folder: Path, options: dict[str, Any]) -> dict[str, Any]:
    rows = [{"instruction": "the same?", "output": str(n), "subject": f"s{n}"} for n in range(45)]
    version = version_of([*rows, {"instruction": "another?", "output": "a", "subject": "another"}], folder)
    asked = {"group_by": "subject", "on_leak": "drop", "held_out": [f"s{n}" for n in range(5)], **options}
    return splitting.run({"input": str(version), "options": asked}, folder / "work", SilentReporter())


STEPS: dict[str, Run] = {
    "a rule": _clean([*GOOD, *SHORT], {"rule": "Remove_Low_Quality"}),
    "near copies": _clean([{"text": GOOD[0]["text"] + f" {number}"} for number in range(45)], {"rule": "Deduplicate"}),
    "two rules together": _clean(
        [*GOOD, *SHORT], {"rule": "Remove_Low_Quality", "options": {"min_words": 2}}, {"rule": "Remove_Low_Quality"}
    ),
    "a conversion": _convert,
    "bad rows of an import": _import,
    "leaks of a split": _split,
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_drops_most_asks_and_goes_on_when_allowed(tmp_path: Path, step: str) -> None:
    with pytest.raises(PlatformError) as caught:
        STEPS[step](tmp_path / "asks", {})
    error = caught.value
    assert (error.code, error.reason, error.field) == (422, Reason.TOO_MANY_DROPPED, "options.allow_drop_share")
    assert error.details["examples"]
    assert not (tmp_path / "asks" / "work" / "out").exists()
    said = error_facts(error)["message"]
    assert f"allow_drop_share={error.details['share']}" in said["en"]
    assert f"allow_drop_share={error.details['share']}" in said["zh"]
    assert "records dropped, not" not in said["zh"]
    result = STEPS[step](tmp_path / "allowed", {"allow_drop_share": error.details["share"]})
    assert sum(result["ledger"]["dropped"].values()) >= 40


def test_the_refusal_counts_the_reasons(tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as caught:
        STEPS["a rule"](tmp_path / "in", {})
    assert str(caught.value.limit) == "at most 50% of 45 records dropped, not 40: Remove_Low_Quality 40 (words_too_few 40)"
    assert caught.value.details["examples"][0] == {"rule": "Remove_Low_Quality", "reason": "words_too_few", "excerpt": "Lamp 0."}


def test_exact_copies_and_a_handful_are_not_asked_about(tmp_path: Path) -> None:
    copies = _clean([GOOD[0]] * 60, {"rule": "Deduplicate"})(tmp_path / "copies", {})
    assert copies["ledger"]["out"] == 1
    few = _clean([GOOD[0], *SHORT[:19]], {"rule": "Remove_Low_Quality"})(tmp_path / "few", {})
    assert few["ledger"]["out"] == 1
    with pytest.raises(PlatformError) as caught:
        _clean([*GOOD, *SHORT[:25]], {"rule": "Remove_Low_Quality"})(tmp_path / "less", {"allow_drop_share": 0.2})
    assert caught.value.details["share"] == 0.84


def test_nothing_left_says_why(tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as caught:
        _clean(SHORT, {"rule": "Remove_Low_Quality"})(tmp_path / "none", {"allow_drop_share": 1.0})
    assert (caught.value.reason, caught.value.limit) == (Reason.NO_RECORDS_LEFT, "Remove_Low_Quality 40 (words_too_few 40)")
