"""Checkpoints that are complete or absent. Decides which of the folders in ``work`` a run may continue from.

``ckpt-<step>`` = ``weights.safetensors``, ``optimizer.safetensors``, ``state.json`` and ``manifest.json`` with the SHA-256 of each. It is
written to a temporary sibling, fsynced and renamed, so a kill at any moment leaves the one before. No pickle: a checkpoint is data.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.common.durable import sync
from libs.models.folder import publish

if TYPE_CHECKING:
    from torch import Tensor

KEEP = 2  # a second one in case the newest does not verify
WEIGHTS, OPTIMIZER, STATE, MANIFEST = "weights.safetensors", "optimizer.safetensors", "state.json", "manifest.json"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything that decides the rest of a run: tensors by name, and the position (``state``: JSON values, ``step`` among them)."""

    weights: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]
    state: Mapping[str, Any]


def save(work: Path, checkpoint: Checkpoint) -> Path:
    """Write ``ckpt-<step>`` and drop all but the newest ``KEEP``."""
    from safetensors.torch import save_file

    folder = work / f"ckpt-{checkpoint.state['step']:08d}"
    beside = work / f".{folder.name}.part"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    save_file(dict(checkpoint.weights), beside / WEIGHTS)
    save_file(dict(checkpoint.optimizer), beside / OPTIMIZER)
    (beside / STATE).write_text(json.dumps(checkpoint.state, sort_keys=True), encoding="utf-8")
    for name in (WEIGHTS, OPTIMIZER, STATE):
        sync(beside / name)
    (beside / MANIFEST).write_text(json.dumps({name: _sha256(beside / name) for name in (WEIGHTS, OPTIMIZER, STATE)}), encoding="utf-8")
    sync(beside / MANIFEST)
    publish(beside, folder)
    for old in _newest_first(work)[KEEP:]:
        shutil.rmtree(old)
    return folder


def latest(work: Path, fingerprint: str) -> Checkpoint | None:
    """The newest checkpoint whose manifest verifies and whose ``state["fingerprint"]`` is this run's; None to start over.

    Sweeps what cannot be used: half-written folders, damaged ones, those of other options or data.
    """
    if not work.is_dir():
        return None
    for part in (*work.glob(".ckpt-*.part"), *work.glob(".ckpt-*.old")):
        shutil.rmtree(part)
    found = None
    for folder in _newest_first(work):
        if found is None:
            found = _read(folder, fingerprint)
            if found is not None:
                continue
        elif _verified_state(folder, fingerprint) is not None:
            continue
        shutil.rmtree(folder)
    return found


def _newest_first(work: Path) -> list[Path]:
    numbered = [item for item in work.glob("ckpt-*") if item.name[5:].isdigit()]
    return sorted(numbered, key=lambda item: int(item.name[5:]), reverse=True)


def _verified_state(folder: Path, fingerprint: str) -> dict[str, Any] | None:
    """``state.json`` if every byte of the folder is as it was written and it belongs to this run."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if any(manifest[name] != _sha256(folder / name) for name in (WEIGHTS, OPTIMIZER, STATE)):
            return None
        state = json.loads((folder / STATE).read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if state.get("fingerprint") == fingerprint else None


def _read(folder: Path, fingerprint: str) -> Checkpoint | None:
    from safetensors.torch import load_file

    state = _verified_state(folder, fingerprint)
    return None if state is None else Checkpoint(load_file(folder / WEIGHTS), load_file(folder / OPTIMIZER), state)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
