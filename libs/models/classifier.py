"""What all classifiers are, whatever they look at: inputs become one array, a network makes scores of it, one for each label.

A family of them has a config with its labels, a reader of inputs, and a network. Its folder has the form of ``libs.models.folder``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from libs.models.graph import Graph

if TYPE_CHECKING:
    from torch import nn

Floats = npt.NDArray[np.float32]
INPUT, OUTPUT = "input", "logits"


class Reader(Protocol):
    """How what is asked becomes numbers: without torch, and the same in training, evaluation and serving."""

    def read(self, questions: Sequence[str]) -> npt.NDArray[Any]:
        """[B, …] of at least one question."""


class Classifier(Protocol):
    """A model that is ready. labels: in the order of the scores."""

    labels: tuple[str, ...]

    def logits(self, questions: Sequence[str]) -> Floats:
        """[B, labels]."""


class TrainedClassifier:
    """On torch."""

    def __init__(self, network: nn.Module, reader: Reader, labels: Sequence[str]) -> None:
        self.network, self.reader, self.labels = network.eval(), reader, tuple(labels)

    def logits(self, questions: Sequence[str]) -> Floats:
        import torch

        with torch.inference_mode():
            found: Floats = self.network(torch.from_numpy(self.reader.read(questions))).numpy()
        return found


class OnnxClassifier:
    """On ONNX Runtime, and nothing of torch. One object may be used by one thread at a time."""

    def __init__(self, folder: Path, threads: int, reader: Reader, labels: Sequence[str]) -> None:
        """Raises PlatformError 422 FORMAT_UNKNOWN for a file that is none, or not of these labels."""
        from libs.models.onnx_file import check_nodes, open_session

        self._session = open_session(folder, threads, same_shapes=True)
        self.reader, self.labels = reader, tuple(labels)
        self.providers: list[str] = list(self._session.get_providers())
        check_nodes("output", self._session.get_outputs(), {OUTPUT: [None, len(labels)]})

    def logits(self, questions: Sequence[str]) -> Floats:
        return self.scores(self.reader.read(questions))

    def scores(self, read: npt.NDArray[Any]) -> Floats:
        """Of what the reader made."""
        [found] = self._session.run([OUTPUT], {INPUT: read})
        scores: Floats = found
        return scores


def probabilities(logits: Floats) -> npt.NDArray[np.float64]:
    """[B, labels], each row together 1."""
    scores = logits.astype(np.float64)
    likely = np.exp(scores - scores.max(axis=-1, keepdims=True))
    found: npt.NDArray[np.float64] = likely / likely.sum(axis=-1, keepdims=True)
    return found


def graph_of(network: nn.Module, traced: Any, axes: tuple[str | None, ...]) -> Graph:
    """axes: of the input, named where they are free."""
    import torch

    free = {place: torch.export.Dim.DYNAMIC for place, name in enumerate(axes) if name is not None}
    return Graph(network.eval(), (traced,), [INPUT], [OUTPUT], (free,), {INPUT: axes, OUTPUT: ("batch", None)})
