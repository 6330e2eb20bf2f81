"""A model folder is whole or refused, whatever happened to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from libs.common.errors import PlatformError, Reason
from libs.lm.model import CausalLM
from libs.lm.tokenizer import ChatTokenizer
from libs.models.causal_lm import artifact


@pytest.fixture
def folder(model: CausalLM, tokenizer: ChatTokenizer, tmp_path: Path) -> Path:
    artifact.save(tmp_path / "out", model, tokenizer)
    return tmp_path / "out"


def test_round_trip_and_equal_bytes(folder: Path, model: CausalLM, tokenizer: ChatTokenizer) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(before) == ["config.json", "model.safetensors", "tokenizer.json"]
    again, words = artifact.load(folder)
    assert again.config == model.config
    assert not again.training
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in model.state_dict().items())
    assert words.encode("json.dumps") == tokenizer.encode("json.dumps")
    artifact.save(folder, again, words)  # over the old one
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(PlatformError) as caught:
        artifact.load(folder)
    assert (caught.value.code, caught.value.reason, caught.value.details["file"]) == (422, Reason.FILE_MISSING, name)


def _flip(share: float) -> Callable[[bytes], bytes]:
    """One bit turned at this share of the file."""

    def damage(data: bytes) -> bytes:
        at = int(share * (len(data) - 3))
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    return damage


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize(
    "damage", [lambda data: b"", lambda data: data[:-2], lambda data: data[: len(data) // 2], *map(_flip, (0, 0.002, 0.02, 0.3, 0.6, 1))]
)
def test_damage_of_any_kind_is_named(folder: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    path = folder / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(PlatformError) as caught:
        artifact.load(folder)
    assert (caught.value.code, caught.value.reason) == (422, Reason.CHECKSUM_MISMATCH)
    assert caught.value.details["file"] == name


def test_a_flipped_weight_is_seen_although_the_file_loads(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(_flip(1)(path.read_bytes()))
    load_file(path)  # safetensors itself says nothing
    with pytest.raises(PlatformError) as caught:
        artifact.load(folder)
    assert "SHA-256" in caught.value.details["problem"]


@pytest.mark.parametrize(("key", "value"), [("n_layer", 64), ("vocab_size", 262_144), ("d_model", 8192), ("n_head", 10**9), ("extra", 1)])
def test_a_config_that_does_not_fit_the_weights_is_refused_before_loading(folder: Path, key: str, value: int) -> None:
    config = json.loads((folder / "config.json").read_text()) | {key: value}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(PlatformError) as caught:
        artifact.load(folder)
    assert caught.value.reason == Reason.CHECKSUM_MISMATCH
    assert caught.value.details["file"] in ("config.json", "model.safetensors")


def test_foreign_weights_are_refused(folder: Path) -> None:
    path = folder / "model.safetensors"
    weights = load_file(path)
    for odd in ({**weights, "extra": torch.zeros(1)}, {**weights, "norm.gain": torch.ones(32, dtype=torch.float64)}, weights):
        save_file(odd, path)
        with pytest.raises(PlatformError) as caught:
            artifact.load(folder)
        assert caught.value.details["file"] == "model.safetensors"


def test_leftovers_of_a_killed_save_do_no_harm(folder: Path, model: CausalLM, tokenizer: ChatTokenizer) -> None:
    for leftover in (".out.part", ".out.old"):
        (folder.parent / leftover).mkdir()
        (folder.parent / leftover / "config.json").write_text("half")
    artifact.save(folder, model, tokenizer)
    artifact.load(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["out"]
