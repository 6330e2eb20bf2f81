"""How large a training is, worked out from the shape of its model: weights, what learns of them, and the memory a step needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from libs.lm.config import LMConfig

FLOAT = 4  # bytes
LEARNING = 3  # floats beside each weight that learns: its gradient and the two moments of AdamW
KEPT = 20  # floats per token, layer and unit of width that a step keeps for its way back; measured on our own decoder: 17 to 19


class Matrix(NamedTuple):
    name: str
    inputs: int
    outputs: int


@dataclass(frozen=True, slots=True)
class Shape:
    """matrices: those an adapter may stand beside."""

    parameters: int
    layers: int
    heads: int
    width: int
    vocab_size: int
    matrices: Sequence[Matrix]

    def adapters(self, rank: int, names: Sequence[str]) -> int:
        """Weights of adapters beside the layers with these names, or beside all."""
        return sum(rank * (each.inputs + each.outputs) for each in self.matrices if not names or each.name in names)

    def memory(self, trained: int, rows: int, tokens: int) -> int:
        """Bytes of a training step over ``rows`` of ``tokens`` tokens, at the most."""
        kept = self.layers * (KEPT * self.width + 2 * self.heads * tokens) + 2 * self.vocab_size
        return FLOAT * (self.parameters + LEARNING * trained + rows * tokens * kept)


def own_shape(config: LMConfig) -> Shape:
    """Of a ``libs.lm.model.CausalLM``."""
    wide = config.d_model
    block = [Matrix("qkv", wide, 3 * wide), Matrix("out", wide, wide), Matrix("up", wide, 4 * wide), Matrix("down", 4 * wide, wide)]
    matrices = [Matrix("embedding", wide, config.vocab_size), *block * config.n_layer]
    gains = (2 * config.n_layer + 1) * wide
    parameters = sum(each.inputs * each.outputs for each in matrices) + gains
    return Shape(parameters, config.n_layer, config.n_head, wide, config.vocab_size, matrices)
