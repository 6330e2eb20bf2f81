"""What an export traces: a network, inputs to trace it with, and what its free axes are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Graph:
    """inputs, outputs: names in order. free: by input, which axes are free, as torch.export wants them. axes: their names by the first
    part of a tensor's name; None for a fixed one."""

    network: nn.Module
    traced: tuple[Any, ...]
    inputs: Sequence[str]
    outputs: Sequence[str]
    free: tuple[Any, ...]
    axes: Mapping[str, tuple[str | None, ...]]
