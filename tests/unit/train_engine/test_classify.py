"""A classifier from nothing: it learns two languages, resumes exactly, and refuses data that teaches nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.models.families import family_of
from services.train.engine import classify
from services.train.engine.kinds import METHODS
from services.train.engine.labelled import foresee
from tests.support.classes import WORDS, rows, write_jsonl
from tests.unit.train_engine.test_loop import Stop, StopAt

SHORT = {"epochs": 3, "width": 16, "buckets": 2048, "checkpoint_every_steps": 3, "log_every_steps": 2}


def job(folder: Path, **options: Any) -> dict[str, Any]:
    records = rows()
    train = write_jsonl(folder / "train.jsonl", records[: len(records) * 3 // 4])
    valid = write_jsonl(folder / "valid.jsonl", records[len(records) * 3 // 4 :])
    return {"options": {**SHORT, **options}, "train_path": str(train), "valid_path": str(valid)}


def weights(work: Path) -> str:
    return hashlib.sha256((work / "out" / "model.safetensors").read_bytes()).hexdigest()


def test_it_learns_both_languages(tmp_path: Path) -> None:
    report = SilentReporter()
    result = classify.run(job(tmp_path, epochs=6), tmp_path / "work", report)
    seen = [values["valid_accuracy"] for _, values in sorted(report.metrics.items()) if "valid_accuracy" in values]
    assert len(seen) == 7, "before the first step and after each epoch"
    assert result["valid_accuracy"] == seen[-1] >= 0.95
    assert list(result["labels"]) == sorted(WORDS)
    assert result["family"] == "text_classifier"
    assert json.loads(json.dumps(result)) == result
    model = family_of(tmp_path / "work" / "out").trained(tmp_path / "work" / "out")
    found = [model.labels[row.argmax()] for row in model.logits(["The coach of the striker", "利率与通胀", "大雪和雷电"])]
    assert found == ["sport", "economy", "weather"]


def test_stopped_after_a_step_it_ends_with_equal_bits(tmp_path: Path) -> None:
    want = classify.run(job(tmp_path), tmp_path / "straight", SilentReporter())
    for at in (1, 5, want["steps"]):
        work = tmp_path / f"work-{at}"
        with pytest.raises(Stop):
            classify.run(job(tmp_path), work, StopAt(at))
        got = classify.run(job(tmp_path), work, SilentReporter())
        assert {**got, "resumed_from": 0} == want
        assert weights(work) == weights(tmp_path / "straight")


def test_another_seed_is_another_model(tmp_path: Path) -> None:
    for seed in (1, 2):
        classify.run(job(tmp_path, seed=seed), tmp_path / str(seed), SilentReporter())
    assert weights(tmp_path / "1") != weights(tmp_path / "2")


def test_what_is_foreseen_comes_true(tmp_path: Path) -> None:
    asked = job(tmp_path)
    options = METHODS["classify"].options.from_dict(asked["options"])
    facts = foresee(Path(asked["train_path"]), options, None, len(rows()) * 3 // 4)
    assert facts is not None
    result = classify.run(asked, tmp_path / "work", SilentReporter())
    assert (facts["steps"], facts["parameters"], facts["left_out"]) == (result["steps"], result["parameters"], 0)


@pytest.mark.parametrize(
    ("records", "reason", "field"),
    [
        ([{"text": "a", "label": "one"}, {"text": "b", "label": "one"}], Reason.LABELS_UNUSABLE, "label"),
        ([{"text": f"t{n}", "label": f"label {n}"} for n in range(1001)], Reason.LABELS_UNUSABLE, "label"),
        ([{"text": "a", "label": "one"}, {"text": " ", "label": "two"}], Reason.TOO_MANY_LEFT_OUT, "options.max_left_out"),
        ([{"text": " ", "label": "one"}], Reason.NO_RECORDS_LEFT, None),
        ([{"text": "a", "label": ["one"]}], Reason.ROW_INVALID, "label"),
        ([{"text": 3, "label": "one"}], Reason.ROW_INVALID, "text"),
        ([{"text": "a", "label": "l" * 201}], Reason.ROW_INVALID, "label"),
    ],
)
def test_data_that_teaches_nothing_is_refused(records: list[dict[str, Any]], reason: Reason, field: str | None, tmp_path: Path) -> None:
    train = write_jsonl(tmp_path / "train.jsonl", records)
    with pytest.raises(PlatformError) as caught:
        classify.run({"options": SHORT, "train_path": str(train)}, tmp_path / "work", SilentReporter())
    assert (caught.value.code, caught.value.reason, caught.value.field) == (422, reason, field)


def test_a_label_the_training_never_saw_counts_as_wrong(tmp_path: Path) -> None:
    train = write_jsonl(tmp_path / "train.jsonl", [{"text": text, "label": text} for text in ("one", "two")] * 8)
    valid = write_jsonl(tmp_path / "valid.jsonl", [{"text": "one", "label": "one"}, {"text": "three", "label": "three"}])
    result = classify.run(
        {"options": {**SHORT, "epochs": 20}, "train_path": str(train), "valid_path": str(valid)}, tmp_path / "work", SilentReporter()
    )
    assert result["valid_accuracy"] == 0.5
