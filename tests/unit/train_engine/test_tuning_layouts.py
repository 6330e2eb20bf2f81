"""The same methods on a version that was made elsewhere: it stays in its layout, and says what it learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from libs.common.errors import PlatformError
from libs.common.work.engine import SilentReporter
from libs.models.causal_lm import artifact
from libs.models.causal_lm.foreign import Source, take_over
from services.train.engine.kinds import METHODS
from services.train.engine.preview import answers as foreseen
from tests.support import checkpoints
from tests.unit.train_engine.conftest import FACTS, TRAINED
from tests.unit.train_engine.test_tuning import RUNS, job, weights

ARCHITECTURES = ("Qwen2ForCausalLM", "LlamaForCausalLM")  # the one with its output layer tied to its embedding, the other without


@pytest.fixture(scope="module", params=ARCHITECTURES)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made")
    texts = [f"{form.format(name)} {fact}" for name, fact in FACTS.items() for form in TRAINED]
    checkpoints.folder(made / "theirs", request.param, texts=texts)
    take_over(Source.of(made, "theirs", {}), made / "out")
    return made / "out"


@pytest.mark.parametrize("method", sorted(RUNS))
def test_it_learns_and_stays_in_its_layout(method: str, base: Path, tmp_path: Path) -> None:
    report = SilentReporter()
    result = RUNS[method][0](job(method, base, tmp_path, epochs=6, learning_rate=5e-3), tmp_path / "work", report)
    seen = [values for _, values in sorted(report.metrics.items()) if "valid_loss" in values or "margin" in values]
    if method == "dpo":
        assert seen[-1]["margin"] > 0.05 > seen[0]["margin"] == 0.0
    else:
        assert seen[-1]["valid_loss"] < 0.9 * seen[0]["valid_loss"]
    out = tmp_path / "work" / "out"
    kept = {path.name: path.read_bytes() for path in base.iterdir() if path.name != "model.safetensors"}
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.name != "model.safetensors"} == kept
    (before, _), (after, tokenizer) = artifact.load(base), artifact.load(out)
    assert artifact.layout_name(out) == artifact.layout_name(base)
    assert {name: tensor.shape for name, tensor in after.state_dict().items()} == {
        name: tensor.shape for name, tensor in before.state_dict().items()
    }
    assert result["vocab_size"] == tokenizer.vocab_size


def test_killed_between_it_ends_with_equal_bits(base: Path, tmp_path: Path) -> None:
    from tests.unit.train_engine.test_loop import Stop, StopAt

    entry, asked = RUNS["lora"][0], job("lora", base, tmp_path)
    entry(asked, tmp_path / "straight", SilentReporter())
    with pytest.raises(Stop):
        entry(asked, tmp_path / "work", StopAt(5))
    assert entry(asked, tmp_path / "work", SilentReporter())["resumed_from"] == 3
    assert weights(tmp_path / "work") == weights(tmp_path / "straight")


def test_layers_are_called_as_the_maker_calls_them(base: Path, tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as caught:
        RUNS["lora"][0](job("lora", base, tmp_path, target_layers=["qkv"]), tmp_path / "work", SilentReporter())
    assert caught.value.field == "target_layers"
    assert caught.value.limit == "of embed_tokens, q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj"


def test_what_is_foreseen_is_what_happens(base: Path, tmp_path: Path) -> None:
    asked: dict[str, Any] = job("lora", base, tmp_path, target_layers=["q_proj", "embed_tokens"], epochs=1)
    records = len(FACTS) * len(TRAINED)
    seen = foreseen(Path(asked["train_path"]), METHODS["lora"].options(**asked["options"]), base, records)
    result = RUNS["lora"][0](asked, tmp_path / "work", SilentReporter())
    assert seen is not None
    assert {name: seen[name] for name in ("steps", "parameters", "trained_parameters")} == {
        name: result[name] for name in ("steps", "parameters", "trained_parameters")
    }
    model, _ = artifact.load(base)
    assert seen["parameters"] == sum(weight.numel() for weight in model.parameters())
    assert seen["block_size"] == 256
    assert torch.get_num_threads() == 1
