"""The network as one graph: input [B, 3, side, side] → logits [B, labels]."""

from __future__ import annotations

from pathlib import Path

from libs.models.classifier import graph_of
from libs.models.graph import Graph

ROWS = 2
TRACED = (ROWS,)
"""Rows the graph is traced at; the side of a picture is fixed."""


def graph(folder: Path) -> Graph:
    """Of a model folder."""
    import torch

    from libs.models.image_classifier.folder import load

    network, config, _ = load(folder)
    return graph_of(network, torch.zeros((ROWS, 3, config.side, config.side)), ("batch", None, None, None))


def prove(folder: Path) -> None:
    """Runs an exported folder once. Raises what the runtime raises."""
    import numpy as np

    from libs.models.image_classifier.running import exported

    made = exported(folder, threads=1)
    side = made.reader.side  # type: ignore[attr-defined]
    made.scores(np.zeros((1, 3, side, side), np.float32))
