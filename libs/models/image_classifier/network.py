"""The network: three convolutions, each seeing twice as far as the one before, and a small net over their means."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from libs.models.image_classifier.config import CHANNELS, ImageConfig


class ImageNetwork(nn.Module):
    """[B, 3, side, side] between 0 and 1 -> [B, labels] scores. Which rows share a batch changes no score."""

    def __init__(self, config: ImageConfig, generator: torch.Generator | None = None) -> None:
        """generator: fixes the initial weights; None leaves them to torch's global one (enough when they are loaded next)."""
        super().__init__()
        wide = config.width
        self.near = nn.Conv2d(CHANNELS, wide, 3, padding=1)
        self.further = nn.Conv2d(wide, 2 * wide, 3, stride=2, padding=1)
        self.far = nn.Conv2d(2 * wide, 2 * wide, 3, stride=2, padding=1)
        self.norm = nn.LayerNorm(2 * wide * 16)
        self.out = nn.Linear(2 * wide * 16, len(config.labels))
        with torch.no_grad():
            for name, weight in self.named_parameters():
                if weight.dim() >= 2:
                    weight.normal_(0.0, math.sqrt(2 / weight[0].numel()), generator=generator)
                elif not name.startswith("norm."):
                    weight.zero_()

    def forward(self, pictures: Tensor) -> Tensor:
        seen = functional.relu(self.near(pictures - 0.5))
        seen = functional.relu(self.further(seen))
        seen = functional.relu(self.far(seen))
        tiles = functional.avg_pool2d(seen, seen.shape[-1] // 4)
        scores: Tensor = self.out(self.norm(tiles.flatten(1)))
        return scores
