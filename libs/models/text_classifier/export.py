"""The network as one graph: input [B, T] ids → logits [B, labels]."""

from __future__ import annotations

from pathlib import Path

from libs.models.classifier import graph_of
from libs.models.graph import Graph

TRACED = (2, 7)
"""(B, T) the graph is traced at."""


def graph(folder: Path) -> Graph:
    """Of a model folder."""
    import torch

    from libs.models.text_classifier.folder import load

    return graph_of(load(folder)[0], torch.ones(TRACED, dtype=torch.int64), ("batch", "pieces"))


def prove(folder: Path) -> None:
    """Runs an exported folder once. Raises what the runtime raises."""
    from libs.models.text_classifier.running import exported

    exported(folder, threads=1).logits(["a text", "一段文字，比另一段长"])
