"""Adapters: small matrices beside frozen layers that learn in their place (Hu et al. 2021), and are added into them at the end.

Decides what keeps the law of ``trainer``: what an adapter drops is drawn from (seed, step), by one generator of its own.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from libs.common.errors import invalid
from services.train.engine.kinds.lora import LoraOptions
from services.train.engine.trainer import Lesson

IN, OUT = "lora_a", "lora_b"


class Dice:
    """What all adapters of a model draw from. drops: only while something is learned."""

    def __init__(self, share: float, seed: int) -> None:
        self._share, self._seed, self._drops = share, seed, False
        self._generator = torch.Generator()

    def cast(self, step: int) -> None:
        drawn = hashlib.sha256(f"{self._seed}/dropout/{step}".encode()).digest()
        self._generator.manual_seed(int.from_bytes(drawn[:8], "big") >> 1)
        self._drops = self._share > 0

    def rest(self) -> None:
        self._drops = False

    def drop(self, x: Tensor) -> Tensor:
        if not self._drops:
            return x
        kept = torch.rand(x.shape, generator=self._generator) >= self._share
        return x * (kept.to(x.device) / (1 - self._share))


class Adapted(nn.Module):
    """A frozen layer with an adapter: W + scale · B A. B begins with zeros, so at first it is the layer alone."""

    def __init__(self, layer: nn.Linear | nn.Embedding, rank: int, scale: float, dice: Dice, generator: torch.Generator) -> None:
        super().__init__()
        self.layer, self._scale, self._dice = layer, scale, dice
        high, wide = layer.weight.shape
        bound = 1 / math.sqrt(wide)
        drawn = torch.rand((rank, wide), generator=generator) * (2 * bound) - bound
        self.lora_a = nn.Parameter(drawn.to(layer.weight.device))
        self.lora_b = nn.Parameter(torch.zeros(high, rank, device=layer.weight.device))

    @torch.no_grad()
    def merged(self) -> nn.Module:
        self.layer.weight += self._learned().to(self.layer.weight.dtype)
        return self.layer

    def _learned(self) -> Tensor:
        return self.lora_b @ self.lora_a * self._scale


class AdaptedLinear(Adapted):
    """What the adapter says is worked out beside what the layer says, never as a matrix of the layer's size."""

    def forward(self, x: Tensor) -> Tensor:
        low = functional.linear(self._dice.drop(x).to(self.lora_a.dtype), self.lora_a)
        whole: Tensor = self.layer(x) + (functional.linear(low, self.lora_b) * self._scale).to(x.dtype)
        return whole


class AdaptedEmbedding(Adapted):
    """With a weight of its own, as an output layer may be tied to it."""

    @property
    def weight(self) -> Tensor:
        return self.layer.weight + self._learned().to(self.layer.weight.dtype)

    def forward(self, ids: Tensor) -> Tensor:
        beside = functional.embedding(ids, self.lora_b) @ self.lora_a * self._scale
        whole: Tensor = self.layer(ids) + beside.to(self.layer.weight.dtype)
        return whole


class Adapters:
    """The adapters of one model, whose own weights learn no more."""

    def __init__(self, model: nn.Module, options: LoraOptions) -> None:
        """Raises PlatformError 400 for a name that no layer of the model has."""
        self._model, self.dice = model, Dice(options.dropout, options.seed)
        model.requires_grad_(False)
        generator = torch.Generator().manual_seed(options.seed)
        self._places = _places(model, options.target_layers)
        for place in self._places:
            layer = model.get_submodule(place)
            kind = AdaptedLinear if isinstance(layer, nn.Linear) else AdaptedEmbedding
            _put(model, place, kind(layer, options.rank, options.alpha / options.rank, self.dice, generator))  # type: ignore[arg-type]

    def learning(self) -> dict[str, nn.Parameter]:
        """What learns, by name."""
        return {name: weight for name, weight in self._model.named_parameters() if name.rpartition(".")[2] in (IN, OUT)}

    def merge(self) -> None:
        """Afterwards the model has the layers it had, with what was learned in them."""
        for place in self._places:
            adapted = self._model.get_submodule(place)
            assert isinstance(adapted, Adapted)
            _put(self._model, place, adapted.merged())
        self._model.requires_grad_(True)


class Dropping:
    """A ``Lesson`` in whose steps the adapters drop a part of what they see."""

    def __init__(self, lesson: Lesson, dice: Dice) -> None:
        self._lesson, self._dice, self.lengths = lesson, dice, lesson.lengths

    def loss(self, numbers: Sequence[int], step: int) -> tuple[Tensor, int]:
        self._dice.cast(step)
        found = self._lesson.loss(numbers, step)
        self._dice.rest()
        return found


def _places(model: nn.Module, wanted: Sequence[str]) -> list[str]:
    there = [name for name, layer in model.named_modules() if isinstance(layer, (nn.Linear, nn.Embedding)) and not name.endswith("lm_head")]
    known = dict.fromkeys(name.rpartition(".")[2] for name in there)
    for name in wanted:
        if name not in known:
            raise invalid("target_layers", limit="of " + ", ".join(known), value=name)
    return [name for name in there if not wanted or name.rpartition(".")[2] in wanted]


def _put(model: nn.Module, place: str, layer: nn.Module) -> None:
    parent, _, name = place.rpartition(".")
    setattr(model.get_submodule(parent), name, layer)
