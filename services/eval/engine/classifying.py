"""The target WEIGHTS of a classifier: the artifact of a model version, asked in this process on torch.

Batches are cut by position, as in ``weights``: a resumed evaluation gives the same numbers to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from libs.models.classifier import Classifier, probabilities
from libs.models.families import family_of
from services.eval.engine.options import EvalOptions
from services.eval.engine.records import TestRecord
from services.eval.engine.target import Answer, Keep


class Classifying:
    """latency_ms of an item is its share of the batch: throughput, not what a caller would wait."""

    def __init__(self, folder: Path, options: EvalOptions, clock: Callable[[], float]) -> None:
        """Raises PlatformError 422 naming the file that is missing or damaged."""
        self._model: Classifier = family_of(folder).trained(folder)
        self._size, self._clock = options.batch_size, clock

    def evaluate(self, records: Iterator[TestRecord], skip: int, keep: Keep) -> None:
        kept = skip // self._size * self._size
        rest = islice(records, kept, None)
        while batch := list(islice(rest, self._size)):
            answered = list(zip(batch, self._answer(batch), strict=True))
            keep(answered[max(0, skip - kept) :])
            kept += len(batch)

    def _answer(self, batch: Sequence[TestRecord]) -> Iterator[Answer]:
        started = self._clock()
        likely = probabilities(self._model.logits([record.question for record in batch]))
        share_ms = (self._clock() - started) * 1000 / len(batch)
        for row in likely:
            best = int(row.argmax())
            yield Answer(self._model.labels[best], latency_ms=share_ms, sure=float(row[best]))
