"""How large a training is, worked out from the shape of its model: weights, what learns of them, and the memory a step needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.lm.config import LMConfig

FLOAT = 4  # bytes
LEARNING = 3  # floats beside each weight that learns: its gradient and the two moments of AdamW
KEPT = 20  # floats per token, layer and unit of width that a step keeps for its way back, at the most


@dataclass(frozen=True, slots=True)
class Size:
    """shapes: every tensor of the model by its name."""

    shapes: Mapping[str, tuple[int, ...]]
    layers: int
    heads: int
    width: int
    vocab_size: int

    @property
    def parameters(self) -> int:
        return sum(map(math.prod, self.shapes.values()))

    def adapters(self, rank: int, names: Sequence[str]) -> int:
        """Weights of adapters beside the layers with these names, or beside all (``lora.Adapters``)."""
        layers = {
            name.removesuffix(".weight"): shape for name, shape in self.shapes.items() if len(shape) == 2 and name != "lm_head.weight"
        }
        return sum(rank * sum(shape) for name, shape in layers.items() if not names or name.rpartition(".")[2] in names)

    def memory(self, trained: int, rows: int, tokens: int) -> int:
        """Bytes of a training step over ``rows`` of ``tokens`` tokens, at the most."""
        kept = self.layers * (KEPT * self.width + 2 * self.heads * tokens) + 2 * self.vocab_size
        return FLOAT * (self.parameters + LEARNING * trained + rows * tokens * kept)


def size_of(config: Any) -> Size:
    """Of the numbers in a folder of ``libs.models.causal_lm``."""
    shapes = _ours(config) if isinstance(config, LMConfig) else config.shapes
    return Size(shapes, config.n_layer, config.n_head, config.d_model, config.vocab_size)


def _ours(config: LMConfig) -> dict[str, tuple[int, ...]]:
    wide = config.d_model
    block = {
        "attention.qkv.weight": (3 * wide, wide),
        "attention.out.weight": (wide, wide),
        "up.weight": (4 * wide, wide),
        "down.weight": (wide, 4 * wide),
        "norm_attention.gain": (wide,),
        "norm_feed.gain": (wide,),
    }
    ends = {"embedding.weight": (config.vocab_size, wide), "norm.gain": (wide,)}
    return ends | {f"blocks.{layer}.{name}": shape for layer in range(config.n_layer) for name, shape in block.items()}
