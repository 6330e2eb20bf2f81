"""A classifier's weights are judged: figures by hand, what was taken for what, and the same items from an attempt that was cut."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from libs.common.errors import PlatformError
from libs.metrics import CLASSES, CONFIDENCE, METRICS
from libs.models.text_classifier import folder
from libs.models.text_classifier.config import TextConfig
from libs.models.text_classifier.network import TextNetwork
from services.eval.engine.classes import OTHERS, SHOWN, Classes
from services.eval.engine.options import EvalOptions, settle
from tests.unit.eval.engines import evaluate

LABELS = ("a", "b", "c")


@pytest.fixture
def job(tmp_path: Path) -> dict[str, Any]:
    config = TextConfig(LABELS, buckets=256, width=8)
    folder.save(tmp_path / "model", TextNetwork(config, torch.Generator().manual_seed(1)), config)
    rows = [{"id": f"r{n}", "text": f"text number {n}", "label": LABELS[n % 3], "lang": "en"} for n in range(11)]
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "part-00000.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return {
        "records_path": str(tmp_path / "records"),
        "kind": CLASSES,
        "target": {"kind": "WEIGHTS", "path": str(tmp_path / "model")},
        "metrics": [],
        "options": {"batch_size": 4},
    }


def test_every_item_has_a_label_and_says_how_sure(job: dict[str, Any], tmp_path: Path) -> None:
    summary, items = evaluate(job, tmp_path / "work")
    assert [item.expected for item in items] == [LABELS[n % 3] for n in range(11)]
    assert {item.output for item in items} <= set(LABELS)
    assert all(1 / 3 <= float(item.tags[CONFIDENCE]) <= 1 for item in items)
    right = sum(item.output == item.expected for item in items)
    assert summary["metrics"]["accuracy"] == summary["metrics"]["accuracy.en"] == right / 11
    assert {"macro_f1", "ece", "latency_ms.p50"} <= set(summary["metrics"])
    assert "exact_match" not in summary["metrics"]
    assert sum(map(sum, summary["classes"]["confusion"])) == 11
    again, same = evaluate({**job, "options": {"batch_size": 3}}, tmp_path / "other")
    assert [(item.output, item.exact_match) for item in same] == [(item.output, item.exact_match) for item in items]
    assert again["classes"]["confusion"] == summary["classes"]["confusion"]


def said(expected: str, output: str, sure: float | None = None) -> Any:
    tags = {} if sure is None else {CONFIDENCE: str(sure)}
    return SimpleNamespace(expected=expected, output=output, exact_match=expected == output, tags=tags)


def test_calibration_by_hand() -> None:
    tally = METRICS["ece"].tally()
    assert tally.figures() == {}
    for item in (said("a", "a", 0.95), said("a", "b", 0.95), said("b", "b", 0.65), said("b", "b", 1.0), said("a", "a")):
        tally.add(item)
    # above 0.9: three answers, two right, sure 2.9 in all; 0.6 to 0.7: one, right, sure 0.65; who says nothing is not counted
    assert tally.figures() == {"ece": pytest.approx((abs(2 - 2.9) + abs(1 - 0.65)) / 4)}


def test_confusion_by_hand_and_of_many_labels() -> None:
    few, many = Classes(), Classes()
    assert few.facts() == {}
    for expected, output in (("a", "a"), ("a", "b"), ("b", "b"), ("b", "z")):
        few.add(said(expected, output))
    assert few.facts() == {"labels": ["a", "b", OTHERS], "confusion": [[1, 1, 0], [0, 1, 1], [0, 0, 0]], "calibration": []}
    for number in range(SHOWN + 5):
        many.add(said(f"{number:03}", f"{number:03}", 0.5))
    facts = many.facts()
    assert len(facts["labels"]) == SHOWN + 1
    assert facts["confusion"][-1][-1] == 5
    assert [each["items"] for each in facts["calibration"]] == [0] * 5 + [SHOWN + 5] + [0] * 4


def test_metrics_are_of_a_kind_of_records() -> None:
    names, settled = settle([], EvalOptions(), CLASSES)
    assert names == ["latency", "accuracy", "ece", "macro_f1"]
    assert settled.measure_loss is False
    assert "macro_f1" not in settle([], EvalOptions())[0]
    assert settle(["macro_f1"], EvalOptions())[0] == ["macro_f1"]
    with pytest.raises(PlatformError) as caught:
        settle(["macro_f1", "accuracy"], EvalOptions())
    assert caught.value.field == "metrics[1]"
