"""The model version a training goes on from, opened: what learns, how it is asked, and how it is written again in its own layout."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from libs.lm import artifact
from libs.lm.model import CausalLM
from services.train.engine.data import Batch, Tokenizer


class Base(Protocol):
    """model: on its device, drawing nothing by itself. block_size, vocab_size: tokens."""

    block_size: int
    vocab_size: int

    @property
    def model(self) -> nn.Module: ...

    @property
    def tokenizer(self) -> Tokenizer: ...

    def scores(self, batch: Batch) -> Tensor:
        """``answers.Scores``."""

    def save(self, folder: Path) -> None:
        """Writes what ``folder`` of the base held, with the weights as they are now."""


class OwnBase:
    """A folder of ``libs.lm.artifact``."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        """Raises PlatformError 422 naming the file that is missing or damaged."""
        model, self.tokenizer = artifact.load(folder)
        self.model = model.to(device)
        self.block_size, self.vocab_size = model.config.block_size, self.tokenizer.vocab_size

    def scores(self, batch: Batch) -> Tensor:
        return own_scores(self.model, batch)

    def save(self, folder: Path) -> None:
        artifact.save(folder, self.model, self.tokenizer)


def own_scores(model: CausalLM, batch: Batch) -> Tensor:
    """Only the places where something is learned pass the output layer."""
    device = model.embedding.weight.device
    hidden, _ = model.hidden(batch.input_ids.to(device), batch.attention_mask.to(device), batch.position_ids.to(device))
    return model.logits(hidden[(batch.targets >= 0).to(device)])


def open_base(folder: Path, device: torch.device) -> Base:
    return OwnBase(folder, device)
