"""Going on from a version: each method learns what it is for, resumes exactly, repeats itself, and refuses what it cannot do."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.models.causal_lm import artifact
from services.train.engine import tuning
from services.train.engine.answers import Answers
from services.train.engine.kinds import METHODS
from services.train.engine.loop import run
from services.train.engine.preview import answers as foreseen
from tests.unit.train_engine.conftest import FACTS, TINY, TRAINED, UNSEEN, write_records
from tests.unit.train_engine.test_loop import Stop, StopAt
from tests.unit.train_engine.test_resume import torment

SHORT: Mapping[str, Any] = {"epochs": 2, "batch_size": 8, "checkpoint_every_steps": 3, "log_every_steps": 2}
LORA: Mapping[str, Any] = {**SHORT, "rank": 4, "dropout": 0.2}
RUNS: Mapping[str, tuple[Callable[..., dict[str, Any]], Mapping[str, Any]]] = {
    "sft": (tuning.sft, SHORT),
    "lora": (tuning.lora, LORA),
    "dpo": (tuning.dpo, SHORT),
}


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version that has seen the facts a few times."""
    folder = tmp_path_factory.mktemp("base")
    run(
        {"options": {**TINY, "epochs": 12, "learning_rate": 6e-3}, "train_path": str(write_records(folder / "train.jsonl"))},
        folder / "work",
        SilentReporter(),
    )
    return folder / "work" / "out"


def write_pairs(path: Path, forms: tuple[str, ...] = TRAINED) -> Path:
    """Each fact preferred to the fact of another name."""
    facts = list(FACTS.items())
    rows = [
        {"prompt": form.format(name), "chosen": fact, "rejected": facts[(place + 3) % len(facts)][1]}
        for place, (name, fact) in enumerate(facts)
        for form in forms
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def job(method: str, base: Path, folder: Path, **options: Any) -> dict[str, Any]:
    write = write_pairs if method == "dpo" else write_records
    return {
        "options": {**RUNS[method][1], **options},
        "train_path": str(write(folder / "train.jsonl")),
        "valid_path": str(write(folder / "valid.jsonl", UNSEEN)),
        "base_path": str(base),
        "base_digest": "sha256:base",
    }


def weights(work: Path) -> str:
    return hashlib.sha256((work / "out" / "model.safetensors").read_bytes()).hexdigest()


@pytest.mark.parametrize("method", ["sft", "lora"])
def test_answers_become_likelier_on_held_out_questions(method: str, base: Path, tmp_path: Path) -> None:
    report = SilentReporter()
    result = RUNS[method][0](job(method, base, tmp_path, epochs=6, learning_rate=8e-3), tmp_path / "work", report)
    seen = [values["valid_loss"] for _, values in sorted(report.metrics.items()) if "valid_loss" in values]
    assert len(seen) == 7, "before the first step and after each epoch"
    assert result["valid_loss"] == seen[-1] < 0.8 * seen[0]
    assert json.loads(json.dumps(result)) == result


def test_dpo_raises_the_margin_on_held_out_pairs(base: Path, tmp_path: Path) -> None:
    report = SilentReporter()
    result = tuning.dpo(job("dpo", base, tmp_path, epochs=8, learning_rate=2e-3), tmp_path / "work", report)
    seen = [values for _, values in sorted(report.metrics.items()) if "margin" in values]
    assert (seen[0]["margin"], seen[0]["preferred"]) == (0.0, 0.0), "nothing is preferred to what the base says"
    assert result["margin"] > 0.1
    assert result["preferred"] >= 0.75
    assert report.metrics[2]["loss"] == pytest.approx(math.log(2), rel=0.2)


@pytest.mark.parametrize("method", sorted(RUNS))
def test_stopped_after_a_step_it_ends_with_equal_bits(method: str, base: Path, tmp_path: Path) -> None:
    entry, _ = RUNS[method]
    straight, again = SilentReporter(), SilentReporter()
    want = entry(job(method, base, tmp_path), tmp_path / "straight", straight)
    for at in (1, 5, want["steps"]):
        work = tmp_path / f"work-{at}"
        with pytest.raises(Stop):
            entry(job(method, base, tmp_path), work, StopAt(at))
        got = entry(job(method, base, tmp_path), work, again)
        assert {**got, "resumed_from": 0} == want
        assert weights(work) == weights(tmp_path / "straight")
    assert again.metrics[want["steps"]]["loss"] == straight.metrics[want["steps"]]["loss"]


@pytest.mark.parametrize("method", ["lora", "dpo"])
def test_killed_anywhere_the_weights_are_equal_bit_for_bit(method: str, base: Path, tmp_path: Path) -> None:
    results = torment(method, job(method, base, tmp_path), 2, tmp_path)
    assert sum(len(result["kills"]) for result in results) == 2


@pytest.mark.parametrize("method", sorted(RUNS))
def test_a_snapshot_repeats_its_losses(method: str, base: Path, tmp_path: Path) -> None:
    said = []
    for name in ("a", "b"):
        report = SilentReporter()
        RUNS[method][0](job(method, base, tmp_path, log_every_steps=1), tmp_path / name, report)
        said.append({step: (values.get("loss"), values.get("margin"), values.get("valid_loss")) for step, values in report.metrics.items()})
    assert said[0] == said[1]
    assert weights(tmp_path / "a") == weights(tmp_path / "b")


def test_only_the_chosen_layers_change_and_only_adapters_are_saved(base: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    result = tuning.lora(job("lora", base, tmp_path, target_layers=["qkv", "down"]), tmp_path / "work", SilentReporter())
    before, after = load_file(base / "model.safetensors"), load_file(tmp_path / "work" / "out" / "model.safetensors")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert set(before) == set(after)
    assert changed == {f"blocks.{layer}.{part}.weight" for layer in (0, 1) for part in ("attention.qkv", "down")}
    saved = load_file(next((tmp_path / "work").glob("ckpt-*")) / "weights.safetensors")
    assert {name.rpartition(".")[2] for name in saved} == {"lora_a", "lora_b"}
    assert result["trained_parameters"] == sum(tensor.numel() for tensor in saved.values()) == 2 * 4 * (32 + 96 + 128 + 32)
    assert (tmp_path / "work" / "out" / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()


def test_merged_it_says_what_it_said_with_adapters(base: Path, tmp_path: Path) -> None:
    from services.train.engine.kinds.lora import LoraOptions
    from services.train.engine.lora import Adapters

    model, tokenizer = artifact.load(base)
    ids, _ = tokenizer.pair("What does json.dump do?", "Serialize.")
    row = torch.tensor([ids])
    asked = (row, torch.ones_like(row), torch.arange(len(ids))[None])
    with torch.no_grad():
        alone = model(*asked)[0]
        adapters = Adapters(model, LoraOptions(rank=4))
        assert torch.equal(model(*asked)[0], alone), "an adapter that learned nothing says nothing"
        for weight in adapters.learning().values():
            weight.normal_(0, 0.05, generator=torch.Generator().manual_seed(1))
        beside = model(*asked)[0]
        adapters.merge()
        assert not torch.allclose(beside, alone, atol=1e-2)
        assert torch.allclose(model(*asked)[0], beside, atol=1e-5)
    assert set(model.state_dict()) == set(artifact.load(base)[0].state_dict())


@pytest.mark.parametrize(
    ("method", "change", "code", "field"),
    [
        ("lora", {"target_layers": ["q_proj"]}, 400, "target_layers"),
        ("lora", {"rank": 0}, 400, "rank"),
        ("dpo", {"beta": 0.0}, 400, "beta"),
        ("sft", {"vocab_size": 300}, 400, "vocab_size"),
    ],
)
def test_bad_options_are_named(method: str, change: dict[str, Any], code: int, field: str, base: Path, tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as caught:
        RUNS[method][0](job(method, base, tmp_path, **change), tmp_path / "work", SilentReporter())
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        ("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes", Reason.OUT_OF_MEMORY),
        ("", Reason.LOSS_NOT_FINITE),
    ],
)
def test_what_goes_wrong_in_a_step_is_named(
    problem: str, reason: Reason, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loss(lesson: Answers, numbers: Any, step: int) -> Any:
        if problem:
            raise RuntimeError(problem)
        return torch.tensor(math.nan, requires_grad=True), 1

    monkeypatch.setattr(Answers, "loss", loss)
    with pytest.raises(PlatformError) as caught:
        tuning.lora(job("lora", base, tmp_path), tmp_path / "work", SilentReporter())
    assert (caught.value.code, caught.value.reason) == (422, reason)
    assert not (tmp_path / "work" / "out").exists()


def test_other_bases_do_not_continue_a_checkpoint(base: Path, tmp_path: Path) -> None:
    asked = job("lora", base, tmp_path)
    tuning.lora(asked, tmp_path / "work", SilentReporter())
    assert tuning.lora(asked, tmp_path / "work", SilentReporter())["resumed_from"] > 0
    assert tuning.lora({**asked, "base_digest": "sha256:other"}, tmp_path / "work", SilentReporter())["resumed_from"] == 0


def test_what_is_foreseen_is_what_happens(base: Path, tmp_path: Path) -> None:
    asked = job("lora", base, tmp_path)
    records = len(FACTS) * len(TRAINED)
    seen = foreseen(Path(asked["train_path"]), METHODS["lora"].options(**asked["options"]), base, records)
    result = tuning.lora(asked, tmp_path / "work", SilentReporter())
    assert seen is not None
    assert {name: seen[name] for name in ("steps", "parameters", "trained_parameters")} == {
        name: result[name] for name in ("steps", "parameters", "trained_parameters")
    }
    assert (seen["looked_at"], seen["left_out"], seen["block_size"]) == (records, 0, TINY["block_size"])
    assert seen["tokens"] > 2 * records * 8
    assert seen["memory_bytes"] > 4 * seen["parameters"]
