"""A training from nothing, told from top to bottom: a tokenizer and a small causal language model."""

from __future__ import annotations

import hashlib
import json
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from libs.common.errors import PlatformError, Reason, missing
from libs.common.work.engine import Reporter
from libs.lm.model import CausalLM
from libs.lm.tokenizer import ChatTokenizer
from libs.models.causal_lm import artifact
from libs.models.causal_lm.decode import answer_loss
from services.train.engine import checkpoint, left_out
from services.train.engine.answers import Answers, Scores
from services.train.engine.augment import Variation
from services.train.engine.base import scores
from services.train.engine.data import Example, Record, digest, encode, read_records, texts_of
from services.train.engine.left_out import LeftOut
from services.train.engine.machine import card, device_of, full_memory_told, settle
from services.train.engine.made_with import made_with
from services.train.engine.options import ENGINE, TrainOptions
from services.train.engine.trainer import Trainer


@full_memory_told()
def run(job: Mapping[str, Any], work: Path, report: Reporter, clock: Callable[[], float] = time.perf_counter) -> dict[str, Any]:
    """Train a tokenizer and a model from scratch; the model folder (``libs.models.causal_lm.artifact``) is ``work / "out"``.

    job: ``options`` (see TrainOptions), ``train_path`` and ``valid_path`` (JSONL file or folder, the latter may be None).
    report: steps as progress; loss (nats per answer token), lr and tokens_per_s (real, unpadded tokens) as metrics.
    Returns steps, epochs, samples (seen, over all epochs), what was left out (``left_out.facts``), chats (records with a system
    prompt or earlier turns, which are part of what is asked), parameters, vocab_size, final_loss, valid_loss (None without valid_path),
    valid_left_out, ledger (SHA-256 chain over the record numbers of every step), resumed_from (step), made_with (see ``made_with``).
    Raises PlatformError: 400 for options, 422 for data, TOO_MANY_LEFT_OUT before the first step, LOSS_NOT_FINITE with the step,
    OUT_OF_MEMORY.
    """
    options = TrainOptions.from_dict(job.get("options") or {})
    device = device_of(options)
    if not job.get("train_path"):
        raise missing("train_path")
    settle(options, device)
    work.mkdir(parents=True, exist_ok=True)

    left: list[LeftOut] = []
    valid_left: list[LeftOut] = []
    records = read_records(Path(job["train_path"]), left)
    valid = read_records(Path(job["valid_path"]), valid_left) if job.get("valid_path") else []
    total = len(records) + len(left)
    identity = [ENGINE, torch.__version__, options.to_dict(), digest(records), *card(device)]
    fingerprint = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    report.progress(0, 0, "tokenizer")
    tokenizer = ChatTokenizer.train(texts_of(records), options.vocab_size)
    examples, too_long = encode(records, tokenizer, options.block_size)
    left += too_long
    left_out.write(left, work)  # before the check: who is refused reads it too
    left_out.check(left, total, options.max_left_out, options.block_size)
    if not examples:
        raise PlatformError(422, Reason.NO_RECORDS_LEFT, field="block_size", limit=str(options.block_size))

    generator = torch.Generator().manual_seed(options.seed)
    model = CausalLM(options.model_config(tokenizer.vocab_size), generator).to(device)
    lesson = Varied(partial(scores, model), examples, Variation(examples, tokenizer, options.vary_questions), options.seed)
    trainer = Trainer(dict(model.named_parameters()), lesson, options, fingerprint)
    resumed_from = trainer.restore(checkpoint.latest(work, fingerprint))
    trainer.run(work, report, clock)

    valid_loss, not_scored = _mean_loss(model.eval(), tokenizer, valid) if valid else (None, 0)
    if valid_loss is not None:
        report.metric(trainer.total_steps, {"valid_loss": valid_loss})
    artifact.save(work / "out", model, tokenizer)
    return {
        "steps": trainer.step,
        "epochs": options.epochs,
        "samples": trainer.samples,
        **left_out.facts(left, total),
        "chats": sum(len(record.chat) > 1 for record in records),
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "vocab_size": tokenizer.vocab_size,
        "final_loss": trainer.final_loss,
        "valid_loss": valid_loss,
        "valid_left_out": len(valid_left) + not_scored,
        "ledger": trainer.ledger,
        "resumed_from": resumed_from,
        "made_with": made_with(device),
    }


class Varied(Answers):
    """Answers to questions that are asked in other words in every step."""

    def __init__(self, scores: Scores, examples: Sequence[Example], variation: Variation, seed: int) -> None:
        super().__init__(scores, examples)
        self._variation, self._seed = variation, seed

    def said(self, numbers: Sequence[int], step: int) -> list[Example]:
        dice = random.Random(f"{self._seed}/question/{step}")
        return [self._variation.apply(example, dice) for example in super().said(numbers, step)]


def _mean_loss(model: CausalLM, tokenizer: ChatTokenizer, records: list[Record]) -> tuple[float, int]:
    """(mean loss of the answers, records of whose answer nothing fits into the model)."""
    losses = [loss for loss in answer_loss(model, tokenizer, [(record.chat, record.answer) for record in records]) if math.isfinite(loss)]
    if not losses:
        raise PlatformError(422, Reason.NO_RECORDS_LEFT, field="block_size", limit=str(model.config.block_size))
    return sum(losses) / len(losses), len(records) - len(losses)
