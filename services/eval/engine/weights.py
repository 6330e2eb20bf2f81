"""The target WEIGHTS: the artifact of a model version, answered and scored in this process on torch.

Batches are cut by position, never by where an attempt began: a batch that was kept only in part is computed again as a whole. So every
item is computed in the same company in every attempt, and a resumed evaluation gives the same numbers to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from services.eval.engine.journal import NOT_MEASURED
from services.eval.engine.options import EvalOptions
from services.eval.engine.records import TestRecord
from services.eval.engine.target import Answer, Keep

if TYPE_CHECKING:
    from libs.models.causal_lm.artifact import Network
    from libs.models.causal_lm.asking import Asking


class Weights:
    """A model folder (``libs.models.causal_lm.artifact``). latency_ms of an item is its share of the batch: throughput, not what a caller
    would wait."""

    def __init__(self, folder: Path, options: EvalOptions, clock: Callable[[], float]) -> None:
        """Raises PlatformError 422 naming the file that is missing or damaged."""
        from libs.models.causal_lm import artifact

        self._model: Network
        self._tokenizer: Asking
        self._model, self._tokenizer = artifact.load(folder)
        self._options, self._clock = options, clock

    def evaluate(self, records: Iterator[TestRecord], skip: int, keep: Keep) -> None:
        kept = skip // self._options.batch_size * self._options.batch_size
        rest = islice(records, kept, None)
        while batch := list(islice(rest, self._options.batch_size)):
            answered = list(zip(batch, self._answer(batch), strict=True))
            keep(answered[max(0, skip - kept) :])
            kept += len(batch)

    def _answer(self, batch: Sequence[TestRecord]) -> list[Answer]:
        from libs.models.causal_lm.decode import greedy_ids

        prompts = [self._tokenizer.prompt(record.chat) for record in batch]
        room = self._model.config.block_size - 1
        fitting = [row for row, prompt in enumerate(prompts) if len(prompt) <= room]
        started = self._clock()
        ids = greedy_ids(self._model, [prompts[row] for row in fitting], self._options.max_new_tokens, self._tokenizer.stops)
        share_ms = (self._clock() - started) * 1000 / max(1, len(fitting))
        answers = [Answer(error=f"TOO_LONG: the question has {len(prompt)} tokens, the model takes {room}") for prompt in prompts]
        losses = self._losses(batch) if self._options.measure_loss else {}
        for row, answer in zip(fitting, ids, strict=True):
            answers[row] = Answer(self._tokenizer.decode(answer), *losses.get(row, (NOT_MEASURED, 0)), share_ms)
        return answers

    def _losses(self, batch: Sequence[TestRecord]) -> dict[int, tuple[float, int]]:
        """row -> (nats per token, tokens) of the expected answers that fit the model as a whole; half an answer would give a flattering
        number.
        """
        from libs.models.causal_lm.decode import answer_loss

        pairs = [self._tokenizer.pair(record.chat, record.answer) for record in batch]
        rows = [row for row, (ids, _) in enumerate(pairs) if len(ids) <= self._model.config.block_size]
        if not rows:
            return {}
        losses = answer_loss(self._model, self._tokenizer, [(batch[row].chat, batch[row].answer) for row in rows], len(rows))
        return {row: (loss, len(pairs[row][0]) - pairs[row][1]) for row, loss in zip(rows, losses, strict=True)}
