"""The network: the mean of what the pieces of a text mean, and a small net over it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from libs.models.text_classifier.config import TextConfig
from libs.models.text_classifier.pieces import NOTHING

INIT_STD = 0.1


class TextNetwork(nn.Module):
    """[B, T] ids -> [B, labels] scores. Which rows share a batch changes no score: what fills them up counts nothing."""

    def __init__(self, config: TextConfig, generator: torch.Generator | None = None) -> None:
        """generator: fixes the initial weights; None leaves them to torch's global one (enough when they are loaded next)."""
        super().__init__()
        self.embedding = nn.Embedding(config.buckets, config.width)
        self.norm = nn.LayerNorm(config.width)
        self.up = nn.Linear(config.width, 2 * config.width)
        self.out = nn.Linear(2 * config.width, len(config.labels))
        with torch.no_grad():
            for name, weight in self.named_parameters():
                if weight.dim() == 2:
                    weight.normal_(0.0, INIT_STD, generator=generator)
                elif not name.startswith("norm."):
                    weight.zero_()

    def forward(self, ids: Tensor) -> Tensor:
        real = (ids != NOTHING).to(torch.float32).unsqueeze(-1)
        mean = (self.embedding(ids) * real).sum(dim=1) / real.sum(dim=1).clamp(min=1.0)
        scores: Tensor = self.out(functional.gelu(self.up(self.norm(mean))))
        return scores
