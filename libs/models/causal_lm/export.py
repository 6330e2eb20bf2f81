"""The decoder as one graph: a step with its key/value cache going in and out.

Graph (B rows, T new tokens, P cached tokens, K heads of the cache): input_ids, position_ids [B, T], attention_mask [B, P+T],
past.{i}.key/value [B, K, P, D] → logits [B, T, V], present.{i}.key/value [B, K, P+T, D].
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.models.causal_lm import artifact
from libs.models.graph import Graph

if TYPE_CHECKING:
    from libs.models.causal_lm.artifact import Network

TRACED = (2, 3, 5)
"""(B, T, P) the graph is traced at. Parity compares at other shapes: a graph that only fits its traced shape is a known way to fail."""

_AXES = {
    "input_ids": ("batch", "new"),
    "attention_mask": ("batch", "past+new"),
    "position_ids": ("batch", "new"),
    "past": ("batch", None, "past", None),
    "logits": ("batch", "new", None),
    "present": ("batch", None, "past+new", None),
}


def graph(folder: Path) -> Graph:
    """Of a model folder."""
    return graph_of(artifact.load(folder)[0])


def graph_of(model: Network) -> Graph:
    import torch

    free = torch.export.Dim.DYNAMIC
    layers = model.config.n_layer
    past = [f"past.{layer}.{kind}" for layer in range(layers) for kind in ("key", "value")]
    return Graph(
        model.eval(),
        _traced(model),
        ["input_ids", "attention_mask", "position_ids", *past],
        ["logits", *(name.replace("past", "present") for name in past)],
        ({0: free, 1: free}, {0: free, 1: free}, {0: free, 1: free}, [{0: free, 2: free}] * (2 * layers)),
        _AXES,
    )


def prove(folder: Path) -> None:
    """Runs one step of an exported folder. Raises what the runtime raises, ValueError for logits of another shape."""
    from libs.models.causal_lm.session import OnnxLM

    lm = OnnxLM.open(folder, threads=1)
    logits = lm.logits([0, 1])
    if logits.shape != (2, lm.config.vocab_size):
        raise ValueError(f"logits have shape {list(logits.shape)}")


def _traced(model: Network) -> tuple[Any, ...]:
    import torch

    rows, new, past = TRACED
    shape = (rows, model.config.cache_heads, past, model.config.head_dim)
    ids = torch.zeros((rows, new), dtype=torch.int64)
    mask = torch.ones((rows, past + new), dtype=torch.int64)
    positions = torch.arange(past, past + new).expand(rows, new).contiguous()
    return ids, mask, positions, [torch.zeros(shape) for _ in range(2 * model.config.n_layer)]
