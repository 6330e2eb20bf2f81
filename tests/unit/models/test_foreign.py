"""A folder of others is taken over as it is, or refused with the file and what it must be; nothing of it is run."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from libs.common.errors import PlatformError, Reason
from libs.common.words.messages import sentence
from libs.models.causal_lm import artifact, foreign
from libs.models.causal_lm.decode import greedy, pad
from libs.models.causal_lm.layouts import LAYOUTS, layout_of
from tests.support import checkpoints
from tests.support.outcome import outcome

THEIRS = {layout.architecture: name for name, layout in LAYOUTS.items() if layout.architecture}


def taken(folder: Path) -> dict[str, Any]:
    return foreign.take_over(foreign.Source.of(folder.parent, folder.name, {}), folder.parent / "out")


def edited(folder: Path, file: str = "config.json", **changes: Any) -> None:
    known = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps({**known, **changes}))


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    return checkpoints.folder(tmp_path / "theirs")


@pytest.mark.parametrize("architecture", THEIRS)
@pytest.mark.parametrize("shards", [1, 3])
def test_values_and_names_are_as_they_came(tmp_path: Path, architecture: str, shards: int) -> None:
    folder = checkpoints.folder(tmp_path / "theirs", architecture, shards=shards)
    facts = taken(folder)
    before = {name: tensor for part in folder.glob("*.safetensors") for name, tensor in load_file(part).items()}
    model, tokenizer = artifact.load(tmp_path / "out")
    after = model.state_dict()
    assert facts["layout"] == THEIRS[architecture]
    assert facts["parameters"] == sum(weight.numel() for weight in model.parameters())
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert tokenizer.eos_id in tokenizer.stops
    assert (tmp_path / "out" / "tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()
    assert (tmp_path / "out" / "LICENSE").read_text() == (folder / "LICENSE").read_text()


def test_taking_over_again_gives_the_same_bytes(tmp_path: Path, theirs: Path) -> None:
    taken(theirs)
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    taken(theirs)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == first


def test_what_is_saved_after_training_is_read_again(tmp_path: Path, theirs: Path) -> None:
    taken(theirs)
    model, tokenizer = artifact.load(tmp_path / "out")
    artifact.save(tmp_path / "again", model, tokenizer)
    again, asked = artifact.load(tmp_path / "again")
    assert list(greedy(again, asked, ["json?"], 6)) == list(greedy(model, tokenizer, ["json?"], 6))
    assert artifact.layout_name(tmp_path / "again") == "qwen2"


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_kept_and_run_in_full(tmp_path: Path, theirs: Path, dtype: torch.dtype) -> None:
    weights = {name: tensor.to(dtype) for name, tensor in load_file(theirs / "model.safetensors").items()}
    checkpoints.weights_into(theirs, weights)
    taken(theirs)
    assert load_file(tmp_path / "out" / "model.safetensors")["model.norm.weight"].dtype == dtype
    model, _ = artifact.load(tmp_path / "out")
    assert all(torch.equal(weight, weights[name].float()) for name, weight in model.state_dict().items())


def test_a_tied_output_layer_that_was_written_out_is_left_out(tmp_path: Path, theirs: Path) -> None:
    weights = load_file(theirs / "model.safetensors")
    extra = {"lm_head.weight": weights["model.embed_tokens.weight"].clone(), "model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(4)}
    checkpoints.weights_into(theirs, weights | extra)
    taken(theirs)
    assert artifact.load(tmp_path / "out")[0].state_dict().keys() == weights.keys()


@pytest.mark.parametrize("architecture", THEIRS)
def test_rows_of_any_length_share_a_batch_and_a_cache(architecture: str) -> None:
    """One row alone, in full, says what every step of a padded batch with a cache must say."""
    values = checkpoints.config(architecture, 64, sliding_window=5 if architecture == "MistralForCausalLM" else None)
    torch.manual_seed(3)
    model = layout_of(values).network(layout_of(values).shape(values)).eval()
    rows = [list(range(3, 3 + length)) for length in (4, 9, 13)]
    with torch.inference_mode():
        alone = [model(*pad([row]))[0][0] for row in rows]
        short = [row[:-3] for row in rows]
        ids, mask, positions = pad(short)
        logits, past = model(ids, mask, positions)
        for row, full in enumerate(alone):
            torch.testing.assert_close(logits[row, : len(short[row])], full[: len(short[row])], atol=2e-5, rtol=0)
        for step in range(3):
            new = torch.tensor([[row[len(row) - 3 + step]] for row in rows])
            mask = torch.cat((mask, torch.ones(len(rows), 1, dtype=torch.int64)), dim=1)
            at = torch.tensor([[len(row) - 3 + step] for row in rows])
            logits, past = model(new, mask, at, past)
            for row, full in enumerate(alone):
                torch.testing.assert_close(logits[row, 0], full[len(rows[row]) - 3 + step], atol=2e-5, rtol=0)


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "another architecture": (lambda f: edited(f, architectures=["GPT2LMHeadModel"]), "LlamaForCausalLM"),
    "10^12 parameters": (
        lambda f: edited(f, vocab_size=1 << 20, hidden_size=1 << 15, intermediate_size=1 << 17, head_dim=512, num_hidden_layers=500),
        "parameters",
    ),
    "numbers out of bounds": (lambda f: edited(f, hidden_size=1 << 40), "hidden_size"),
    "a number that is text": (lambda f: edited(f, hidden_size="32"), "hidden_size"),
    "another activation": (lambda f: edited(f, hidden_act="gelu"), "hidden_act"),
    "quantised": (lambda f: edited(f, quantization_config={"bits": 4}), "quantization_config"),
    "code": (lambda f: edited(f, auto_map={"AutoModel": "x.py"}), "auto_map"),
    "another scaling": (lambda f: edited(f, rope_scaling={"rope_type": "yarn", "factor": 4.0}), "rope_scaling"),
    "no JSON": (lambda f: (f / "config.json").write_text("{"), "config.json"),
    "another shape": (lambda f: edited(f, intermediate_size=64), "mlp"),
    "a missing layer": (lambda f: edited(f, num_hidden_layers=3), "model.layers.2"),
    "a cut file": (lambda f: (f / "model.safetensors").write_bytes((f / "model.safetensors").read_bytes()[:-7]), "cut short"),
    "a pickle with the right name": (lambda f: (f / "model.safetensors").write_bytes(pickle.dumps({"a": 1}) * 9), "pickled"),
    "no header": (lambda f: (f / "model.safetensors").write_bytes(b"\xff" * 64), "header"),
    "NaN": (lambda f: planted(f, math.nan), "finite"),
    "infinity": (lambda f: planted(f, -math.inf), "finite"),
    "a tokenizer that is none": (lambda f: (f / "tokenizer.json").write_text("{}"), "tokenizer.json"),
    "a tokenizer of another model": (lambda f: edited(f, vocab_size=300) or planted(f, 0.0, rows=300), "tokenizer.json"),
    "an end that is no token": (lambda f: edited(f, eos_token_id=99_999), "eos_token_id"),
    "a template that loops": (
        lambda f: templated(f, "{% for a in range(9999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"),
        "ends",
    ),
    "a template that fills memory": (lambda f: templated(f, "{% set a = 'x' * 9999999999 %}{{ a }}"), "template"),
    "a template that is none": (lambda f: templated(f, "{% if %}"), "can be read"),
    "a template that reaches out": (lambda f: templated(f, "{{ ''.__class__.__mro__[1].__subclasses__() }}"), "template"),
    "a template that changes what is said": (
        lambda f: templated(f, "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] | upper }}{% endfor %}"),
        "template",
    ),
    "a template by length": (
        lambda f: templated(f, "{% for m in messages %}{{ m['role'] }}{{ m['content'] | length }}{{ m['content'] }}{% endfor %}"),
        "same texts",
    ),
}


def planted(folder: Path, value: float, rows: int | None = None) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"][3] = value
    weights["model.embed_tokens.weight"] = weights["model.embed_tokens.weight"][:rows].clone()
    save_file(weights, folder / "model.safetensors")


def templated(folder: Path, template: str) -> None:
    edited(folder, "tokenizer_config.json", chat_template=template)


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_named_and_nothing_is_written(tmp_path: Path, theirs: Path, case: str) -> None:
    spoil, named = REFUSED[case]
    spoil(theirs)
    found = outcome(lambda: taken(theirs))
    assert isinstance(found, PlatformError), found
    assert (found.code, found.reason) == (422, Reason.CHECKPOINT_REFUSED)
    assert named in sentence(found, "en")
    assert "?" not in sentence(found, "zh")
    assert not (tmp_path / "out").exists()


def test_pickled_weights_are_never_opened(tmp_path: Path, theirs: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "it ran",))

    (theirs / "model.safetensors").unlink()
    (theirs / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))
    found = outcome(lambda: taken(theirs))
    assert isinstance(found, PlatformError)
    assert "runs code when it is read" in str(found)
    assert not (tmp_path / "it ran").exists()


def test_links_lead_nowhere(tmp_path: Path, theirs: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    (theirs / "generation_config.json").symlink_to(tmp_path / "secret")
    found = outcome(lambda: taken(theirs))
    assert isinstance(found, PlatformError)
    assert found.reason == Reason.INVALID_PATH
