"""Greedy answers and answer loss on torch: what evaluation measures, and the reference every exported form is compared with.

Decides that rows of a batch are right-padded and leave it as soon as they end; a too long question gets an empty answer instead of
stopping a whole evaluation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from libs.models.causal_lm.asking import Asking, Question

if TYPE_CHECKING:
    from libs.models.causal_lm.artifact import Network


def greedy(model: Network, tokenizer: Asking, questions: Sequence[Question], max_new_tokens: int, batch_size: int = 32) -> Iterator[str]:
    """The most likely answer to each question, in order.

    max_new_tokens: tokens; also bounded by what block_size leaves after the question, so a question that fills it is answered with "".
    """
    for start in range(0, len(questions), batch_size):
        prompts = [tokenizer.prompt(question) for question in questions[start : start + batch_size]]
        for ids in greedy_ids(model, prompts, max_new_tokens, tokenizer.stops):
            yield tokenizer.decode(ids)


@torch.inference_mode()
def greedy_ids(model: Network, prompts: Sequence[Sequence[int]], max_new_tokens: int, stops: Collection[int]) -> list[list[int]]:
    """One batch of prompts of any lengths -> the new ids of each, without the one of ``stops`` that ended it."""
    answers: list[list[int]] = [[] for _ in prompts]
    room = [min(max_new_tokens, model.config.block_size - len(prompt)) for prompt in prompts]
    rows = [row for row in range(len(prompts)) if room[row] > 0]  # batch row -> prompt, for the rows still being answered
    if not rows:
        return answers
    ids, mask, positions = pad([prompts[row] for row in rows], device_of(model))
    length = mask.sum(dim=1)
    logits, past = model(ids, mask, positions)
    scores = logits[torch.arange(len(rows), device=ids.device), length - 1]
    while True:
        new = scores.argmax(dim=-1)
        going = []
        for index, id in enumerate(new.tolist()):
            row = rows[index]
            if id not in stops:
                answers[row].append(id)
                if len(answers[row]) < room[row]:
                    going.append(index)
        if not going:
            return answers
        if len(going) < len(rows):
            keep = torch.tensor(going, device=ids.device)
            rows = [rows[index] for index in going]
            new, mask, length, past = new[keep], mask[keep], length[keep], [tensor[keep] for tensor in past]
        mask = torch.cat((mask, mask.new_ones(len(rows), 1)), dim=1)
        logits, past = model(new[:, None], mask, length[:, None], past)
        length = length + 1
        scores = logits[:, -1]


@torch.inference_mode()
def answer_loss(model: Network, tokenizer: Asking, pairs: Sequence[tuple[Question, str]], batch_size: int = 32) -> list[float]:
    """Mean negative log-likelihood, in nats per token, of each answer (its end token included) given its question.

    A pair longer than block_size is scored on the part that fits; where not one answer token fits the result is infinite.
    """
    losses: list[float] = []
    for start in range(0, len(pairs), batch_size):
        examples = [tokenizer.pair(question, answer) for question, answer in pairs[start : start + batch_size]]
        losses += _batch_loss(model, [(ids[: model.config.block_size], prompt) for ids, prompt in examples])
    return losses


def _batch_loss(model: Network, examples: Sequence[tuple[list[int], int]]) -> list[float]:
    ids, mask, positions = pad([ids for ids, _ in examples], device_of(model))
    logits, _ = model(ids, mask, positions)
    nll = functional.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:], reduction="none").tolist()
    losses = []
    for row, (tokens, prompt) in enumerate(examples):
        scored = nll[row][prompt - 1 : len(tokens) - 1]
        losses.append(sum(scored) / len(scored) if scored else float("inf"))
    return losses


def device_of(model: Network) -> torch.device:
    """Where the model is."""
    return next(model.parameters()).device


def pad(rows: Sequence[Sequence[int]], device: torch.device | str = "cpu") -> tuple[Tensor, Tensor, Tensor]:
    """Rows of ids -> right-padded (input_ids, attention_mask, position_ids), each [B, longest] int64."""
    longest = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], dtype=torch.int64)
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows], dtype=torch.int64)
    positions = torch.arange(longest).expand(len(rows), longest)
    return ids.to(device), mask.to(device), positions.to(device)
