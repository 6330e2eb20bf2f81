"""The run itself: it learns, reports, resumes exactly and refuses what it cannot do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.models.causal_lm import artifact
from libs.models.causal_lm.decode import greedy
from services.train.engine.answers import Answers
from services.train.engine.loop import run
from services.train.engine.options import TrainOptions
from services.train.engine.trainer import learning_rate
from tests.unit.train_engine.conftest import FACTS, TINY, TRAINED, UNSEEN, write_records

RECORDS = len(FACTS) * len(TRAINED)
STEPS = 4 * RECORDS // 8


def _job(train_path: Path, **options: Any) -> dict[str, Any]:
    return {"options": {**TINY, **options}, "train_path": str(train_path), "valid_path": None}


def _weights(work: Path) -> str:
    return hashlib.sha256((work / "out" / "model.safetensors").read_bytes()).hexdigest()


class Stop(Exception):
    """Ends a run from inside, where a kill would."""


class StopAt(SilentReporter):
    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step

    def progress(self, done: int, total: int, message: str = "") -> None:
        super().progress(done, total, message)
        if message == "train" and done == self.step:
            raise Stop


def test_it_learns_unseen_phrasings(train_path: Path, tmp_path: Path) -> None:
    report = SilentReporter()
    valid = write_records(tmp_path / "valid.jsonl", UNSEEN)
    job = _job(train_path, epochs=40, learning_rate=6e-3, d_model=64, checkpoint_every_steps=1000) | {"valid_path": str(valid)}
    result = run(job, tmp_path / "work", report)
    model, tokenizer = artifact.load(tmp_path / "work" / "out")
    asked = [(form.format(name), answer) for name, answer in FACTS.items() for form in UNSEEN]
    right = [
        got == answer for got, (_, answer) in zip(greedy(model, tokenizer, [question for question, _ in asked], 32), asked, strict=True)
    ]
    assert sum(right) / len(right) >= 0.9
    assert result["final_loss"] < 0.2
    assert result["valid_loss"] < 0.5
    assert report.metrics[result["steps"]]["valid_loss"] == result["valid_loss"]


def test_result_and_reports(train_path: Path, tmp_path: Path) -> None:
    report = SilentReporter()
    result = run(_job(train_path), tmp_path / "work", report)
    model, _ = artifact.load(tmp_path / "work" / "out")
    assert result["parameters"] == sum(weight.numel() for weight in model.parameters())
    assert (result["steps"], result["epochs"], result["samples"]) == (STEPS, 4, 4 * RECORDS)
    assert (result["too_long"], result["valid_loss"], result["resumed_from"]) == (0, None, 0)
    assert json.loads(json.dumps(result)) == result
    trained = [done for done, total, message in report.progressed if message == "train" and total == STEPS]
    assert trained == list(range(STEPS + 1))
    assert sorted(report.metrics) == list(range(2, STEPS + 1, 2))
    assert all(set(values) == {"loss", "lr", "tokens_per_s"} for values in report.metrics.values())
    assert report.metrics[STEPS]["loss"] < report.metrics[2]["loss"]


@pytest.mark.parametrize("at", [0, 1, 3, 4, 5, 11, STEPS])
def test_stopped_after_any_step_it_ends_with_equal_bits(train_path: Path, tmp_path: Path, at: int) -> None:
    straight, again = SilentReporter(), SilentReporter()
    want = run(_job(train_path), tmp_path / "straight", straight)
    with pytest.raises(Stop):
        run(_job(train_path), tmp_path / "work", StopAt(at))
    got = run(_job(train_path), tmp_path / "work", again)
    assert got.pop("resumed_from") == max(0, at - 1) // 3 * 3  # the progress of a step is told before its checkpoint is written
    want.pop("resumed_from")
    assert got == want
    assert _weights(tmp_path / "work") == _weights(tmp_path / "straight")
    assert all(straight.metrics[step]["loss"] == values["loss"] for step, values in again.metrics.items())


def test_a_finished_run_repeats_its_answer(train_path: Path, tmp_path: Path) -> None:
    first = run(_job(train_path), tmp_path / "work", SilentReporter())
    before = _weights(tmp_path / "work")
    second = run(_job(train_path), tmp_path / "work", SilentReporter())
    assert second.pop("resumed_from") == STEPS
    first.pop("resumed_from")
    assert second == first
    assert _weights(tmp_path / "work") == before


def test_other_options_or_data_do_not_continue_a_checkpoint(train_path: Path, tmp_path: Path) -> None:
    run(_job(train_path), tmp_path / "work", SilentReporter())
    before = _weights(tmp_path / "work")
    result = run(_job(train_path, seed=2), tmp_path / "work", SilentReporter())
    assert result["resumed_from"] == 0
    assert _weights(tmp_path / "work") != before
    other = write_records(tmp_path / "other.jsonl", TRAINED[:3])
    assert run(_job(other, seed=2), tmp_path / "work", SilentReporter())["resumed_from"] == 0


def test_a_diverging_run_is_named(train_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answers, "loss", _poisoned(5))
    with pytest.raises(PlatformError) as caught:
        run(_job(train_path), tmp_path / "work", SilentReporter())
    assert (caught.value.code, caught.value.reason, caught.value.details["step"]) == (422, Reason.LOSS_NOT_FINITE, 5)
    assert not (tmp_path / "work" / "out").exists()


def _poisoned(step: int) -> Any:
    loss = Answers.loss

    def poisoned(self: Answers, numbers: Sequence[int], done: int) -> tuple[torch.Tensor, int]:
        value, tokens = loss(self, numbers, done)
        return value * float("inf") if done + 1 == step else value, tokens

    return poisoned


@pytest.mark.parametrize(
    ("job", "field"),
    [
        ({"options": {"lr": 1}, "train_path": "x"}, "lr"),
        ({"options": {}}, "train_path"),
        ({"options": {"device": "cuda"}, "train_path": "x"}, "device"),
    ],
)
def test_a_bad_job_is_refused_before_work_starts(job: dict[str, Any], field: str, tmp_path: Path) -> None:
    if field == "device" and torch.cuda.is_available():
        pytest.skip("this machine has CUDA, so asking for it is right")
    with pytest.raises(PlatformError) as caught:
        run(job, tmp_path / "work", SilentReporter())
    assert (caught.value.code, caught.value.field) == (400, field)
    assert not (tmp_path / "work").exists()


def test_learning_rate_rises_then_falls() -> None:
    options = TrainOptions(learning_rate=1e-2, warmup_fraction=0.1, final_fraction=0.1)
    rates = [learning_rate(step, 100, options) for step in range(100)]
    assert rates[0] == pytest.approx(1e-3)
    assert max(rates) == rates[9] == rates[10] == pytest.approx(1e-2)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(1e-3, rel=0.05)
