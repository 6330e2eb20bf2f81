"""A checkpoint is complete, this run's, or not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from services.train.engine import checkpoint
from services.train.engine.checkpoint import Checkpoint


def _save(work: Path, step: int, fingerprint: str = "mine") -> Path:
    state = {"step": step, "fingerprint": fingerprint, "recent": [0.1, 1 / 3]}
    return checkpoint.save(work, Checkpoint({"w": torch.full((3,), float(step))}, {"w/step": torch.tensor(float(step))}, state))


def _names(work: Path) -> list[str]:
    return sorted(path.name for path in work.iterdir())


def test_round_trip_and_the_last_two_are_kept(tmp_path: Path) -> None:
    for step in (5, 10, 15, 100):
        _save(tmp_path, step)
    assert _names(tmp_path) == ["ckpt-00000015", "ckpt-00000100"]
    found = checkpoint.latest(tmp_path, "mine")
    assert found is not None
    assert found.state == {"step": 100, "fingerprint": "mine", "recent": [0.1, 1 / 3]}
    assert found.weights["w"].tolist() == [100.0] * 3
    assert found.optimizer["w/step"].item() == 100.0


def test_nothing_there(tmp_path: Path) -> None:
    assert checkpoint.latest(tmp_path, "mine") is None
    assert checkpoint.latest(tmp_path / "absent", "mine") is None


@pytest.mark.parametrize("name", ["weights.safetensors", "optimizer.safetensors", "state.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["gone", "empty", "flipped"])
def test_a_damaged_newest_is_swept_and_the_one_before_taken(tmp_path: Path, name: str, damage: str) -> None:
    _save(tmp_path, 5)
    path = _save(tmp_path, 10) / name
    data = path.read_bytes()
    path.write_bytes(b"" if damage == "empty" else data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])
    if damage == "gone":
        path.unlink()
    found = checkpoint.latest(tmp_path, "mine")
    assert found is not None
    assert found.state["step"] == 5
    assert _names(tmp_path) == ["ckpt-00000005"]


def test_half_written_and_foreign_ones_are_swept(tmp_path: Path) -> None:
    _save(tmp_path, 5)
    _save(tmp_path, 10, fingerprint="other options")
    (tmp_path / ".ckpt-00000015.part").mkdir()
    (tmp_path / ".ckpt-00000015.part" / "weights.safetensors").write_bytes(b"half")
    (tmp_path / "out").mkdir()
    found = checkpoint.latest(tmp_path, "mine")
    assert found is not None
    assert found.state["step"] == 5
    assert _names(tmp_path) == ["ckpt-00000005", "out"]


@pytest.mark.parametrize("manifest", [[], None, {"weights.safetensors": 3}, "x"])
def test_an_odd_manifest_is_damage_not_a_crash(tmp_path: Path, manifest: object) -> None:
    (_save(tmp_path, 5) / "manifest.json").write_text(json.dumps(manifest))
    assert checkpoint.latest(tmp_path, "mine") is None
    assert _names(tmp_path) == []
