"""The same laws on a CUDA card: bits survive kills, what it learns is what the CPU learns, and a CPU reads what it wrote.

Runs where there is a card: ``pytest tests/unit/train_engine``; elsewhere it says why not.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from libs.common.work.engine import SilentReporter
from libs.models.causal_lm import artifact
from libs.models.causal_lm.decode import greedy
from services.train.engine.loop import run
from tests.unit.train_engine.conftest import FACTS, TINY, TRAINED
from tests.unit.train_engine.test_resume import kill_and_resume

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")


def test_killed_anywhere_the_weights_are_equal_bit_for_bit(tmp_path: Path) -> None:
    results = kill_and_resume(6, tmp_path, device="cuda")
    assert any(result["resumed_from"] > 0 for result in results)


def test_it_learns_what_the_cpu_learns(train_path: Path, tmp_path: Path) -> None:
    curves = {}
    for device in ("cpu", "cuda"):
        report = SilentReporter()
        run({"options": {**TINY, "device": device, "log_every_steps": 1}, "train_path": str(train_path)}, tmp_path / device, report)
        curves[device] = [facts["loss"] for _, facts in sorted(report.metrics.items())]
    assert len(curves["cpu"]) == len(curves["cuda"]) > 10
    assert curves["cuda"] == pytest.approx(curves["cpu"], rel=5e-3)
    assert curves["cuda"] != curves["cpu"], "it ran on the card"


def test_a_cpu_answers_with_what_the_card_wrote(train_path: Path, tmp_path: Path) -> None:
    options = {**TINY, "device": "cuda", "epochs": 60, "vary_questions": 0.0}
    run({"options": options, "train_path": str(train_path)}, tmp_path, SilentReporter())
    model, tokenizer = artifact.load(tmp_path / "out")
    questions = [TRAINED[0].format(name) for name in FACTS]
    answers = greedy(model, tokenizer, questions, max_new_tokens=40)
    right = sum(answer.strip() == fact for answer, fact in zip(answers, FACTS.values(), strict=True))
    assert right >= 7, answers
