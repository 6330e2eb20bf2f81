"""Learning answers: a step makes them likelier, given what was asked. What was asked is never learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from services.train.engine.data import Batch, Example, collate

Scores = Callable[[Batch], Tensor]
"""A network as lessons see it: scores [N, V] of the next token at the N places of a batch where something is learned, row by row."""
LOOK = 16  # examples looked at together


class Answers:
    """``Lesson`` of answers, and the figures of some that are held out."""

    def __init__(self, scores: Scores, examples: Sequence[Example]) -> None:
        self._scores, self._examples = scores, examples
        self.lengths = [len(example.ids) for example in examples]

    def said(self, numbers: Sequence[int], _step: int) -> list[Example]:
        """The examples as they are said in this step."""
        return [self._examples[number] for number in numbers]

    def loss(self, numbers: Sequence[int], step: int) -> tuple[Tensor, int]:
        """Mean cross-entropy over the answer tokens of a batch (nats). Only their positions pass the output layer."""
        batch = collate(self.said(numbers, step))
        scores = self._scores(batch)
        return functional.cross_entropy(scores, learned(batch).to(scores.device)), int(batch.attention_mask.sum())

    def figures(self) -> dict[str, float]:
        """valid_loss: the mean over the examples of the mean over their answer tokens."""
        losses = [-chance / tokens for chance, tokens in chances(self._scores, self._examples)]
        return {"valid_loss": sum(losses) / len(losses)}


def learned(batch: Batch) -> Tensor:
    """The ids that are learned [N], row by row."""
    return batch.targets[batch.targets >= 0]


def log_chances(scores: Scores, batch: Batch) -> Tensor:
    """[B]: the log-likelihood of each row's answer."""
    found = scores(batch)
    each = functional.cross_entropy(found, learned(batch).to(found.device), reduction="none")
    tokens: list[int] = (batch.targets >= 0).sum(dim=1).tolist()
    return -torch.stack([part.sum() for part in torch.split(each, tokens)])


@torch.no_grad()
def chances(scores: Scores, examples: Sequence[Example]) -> list[tuple[float, int]]:
    """(log-likelihood, tokens) of each answer."""
    found: list[float] = []
    for start in range(0, len(examples), LOOK):
        found += log_chances(scores, collate(examples[start : start + LOOK])).tolist()
    return [(chance, len(example.ids) - example.prompt) for chance, example in zip(found, examples, strict=True)]
