"""The model version a training goes on from, opened: what learns, how it is asked, and how it is written again in its own layout."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from libs.common.store.storage import MANIFEST
from libs.models import folder as folders
from libs.models.causal_lm import artifact
from libs.models.safetensors_file import Entry
from services.train.engine.data import Batch

if TYPE_CHECKING:
    from libs.models.causal_lm.artifact import Network


class Base:
    """A folder of ``libs.models.causal_lm.artifact``, of whatever layout. block_size: tokens."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        """Raises PlatformError 422 naming the file that is missing or damaged."""
        self._folder = folder
        model, self.tokenizer = artifact.load(folder)
        self.model: Network = model.to(device)
        self.block_size = model.config.block_size

    def scores(self, batch: Batch) -> Tensor:
        """``answers.Scores``."""
        return scores(self.model, batch)

    def save(self, folder: Path) -> None:
        """Writes the base once more with the weights as they are now, in float32; all its other files stay as they are."""
        weights = {name: tensor.detach().cpu() for name, tensor in self.model.state_dict().items()}
        entries = [Entry(name, "F32", tuple(tensor.shape)) for name, tensor in weights.items()]
        folders.write(folder, self._copy_others, entries, lambda name: [folders.raw(weights[name])])

    def _copy_others(self, beside: Path) -> None:
        for path in self._folder.iterdir():
            if path.is_file() and path.name not in (folders.WEIGHTS, MANIFEST):
                shutil.copyfile(path, beside / path.name)


def scores(model: Network, batch: Batch) -> Tensor:
    """Only the places where something is learned pass the output layer."""
    device = model.inverse_wavelength.device
    hidden, _ = model.hidden(batch.input_ids.to(device), batch.attention_mask.to(device), batch.position_ids.to(device))
    return model.logits(hidden[(batch.targets >= 0).to(device)])
