"""The training run, told from top to bottom. Entry point: ``run(job, work, report)``.

Law: killed at any moment and started again with the same job and folder, it ends with weights equal bit for bit to those of a run
nobody touched (same machine, same threads; the CPU, or one CUDA card). It holds because a step depends on nothing but the checkpointed
tensors and its own number: order from (seed, epoch), rate from the step, no dropout, no clock, no global random numbers.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from libs.common.errors import PlatformError, Reason, invalid, missing
from libs.common.work.engine import Reporter
from libs.lm.model import CausalLM
from libs.lm.tokenizer import ChatTokenizer
from libs.models.causal_lm import artifact
from libs.models.causal_lm.decode import answer_loss
from services.train.engine import checkpoint, left_out
from services.train.engine.augment import Variation
from services.train.engine.checkpoint import Checkpoint
from services.train.engine.data import Batch, Example, Record, collate, digest, encode, epoch_batches, read_records, texts_of
from services.train.engine.left_out import LeftOut
from services.train.engine.made_with import made_with
from services.train.engine.options import ENGINE, TrainOptions

BETAS = (0.9, 0.98)  # AdamW; the shorter second moment suits runs of some hundred steps
FINAL_STEPS = 20  # final_loss is the mean over these last steps


def run(job: Mapping[str, Any], work: Path, report: Reporter, clock: Callable[[], float] = time.perf_counter) -> dict[str, Any]:
    """Train a tokenizer and a model from scratch; the model folder (``libs.models.causal_lm.artifact``) is ``work / "out"``.

    job: ``options`` (see TrainOptions), ``train_path`` and ``valid_path`` (JSONL file or folder, the latter may be None).
    report: steps as progress; loss (nats per answer token), lr and tokens_per_s (real, unpadded tokens) as metrics.
    Returns steps, epochs, samples (seen, over all epochs), what was left out (``left_out.facts``), chats (records with a system
    prompt or earlier turns, which are part of what is asked), parameters, vocab_size, final_loss, valid_loss (None without valid_path),
    valid_left_out, ledger (SHA-256 chain over the record numbers of every step), resumed_from (step), made_with (see ``made_with``).
    Raises PlatformError: 400 for options, 422 for data, TOO_MANY_LEFT_OUT before the first step, LOSS_NOT_FINITE with the step.
    """
    options = TrainOptions.from_dict(job.get("options") or {})
    device = _device(options)
    if not job.get("train_path"):
        raise missing("train_path")
    torch.set_num_threads(options.threads)
    if device.type == "cuda":
        # cuBLAS reads it when its first handle is made; without it the same product differs in its last bits from run to run.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    work.mkdir(parents=True, exist_ok=True)

    left: list[LeftOut] = []
    valid_left: list[LeftOut] = []
    records = read_records(Path(job["train_path"]), left)
    valid = read_records(Path(job["valid_path"]), valid_left) if job.get("valid_path") else []
    total = len(records) + len(left)
    identity = [ENGINE, torch.__version__, options.to_dict(), digest(records), *_card(device)]
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
    trainer = Trainer(model, examples, Variation(examples, tokenizer, options.vary_questions), options, fingerprint)
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
        "final_loss": sum(trainer.recent) / len(trainer.recent),
        "valid_loss": valid_loss,
        "valid_left_out": len(valid_left) + not_scored,
        "ledger": trainer.ledger,
        "resumed_from": resumed_from,
        "made_with": made_with(device),
    }


class Trainer:
    """Model, optimizer and position of one run: what a checkpoint holds, and the step that advances it."""

    def __init__(self, model: CausalLM, examples: list[Example], variation: Variation, options: TrainOptions, fingerprint: str) -> None:
        self.model, self.examples, self.options, self.fingerprint = model.train(), examples, options, fingerprint
        self.device = model.embedding.weight.device
        self.lengths = [len(example.ids) for example in examples]
        self.steps_per_epoch = math.ceil(len(examples) / options.batch_size)
        self.total_steps = self.steps_per_epoch * options.epochs
        self.variation = variation
        self.step = 0  # finished steps
        self.samples = 0
        self.ledger = ""
        self.recent: list[float] = []  # losses of the last FINAL_STEPS steps
        matrices = [weight for weight in model.parameters() if weight.dim() >= 2]
        gains = [weight for weight in model.parameters() if weight.dim() < 2]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": options.weight_decay}, {"params": gains, "weight_decay": 0.0}],
            lr=options.learning_rate,
            betas=BETAS,
            fused=True,
        )

    def run(self, work: Path, report: Reporter, clock: Callable[[], float]) -> None:
        """Take the remaining steps, with checkpoints on the way and one at the end."""
        report.progress(self.step, self.total_steps, "train")
        since, tokens = clock(), 0
        for numbers in self._remaining():
            dice = random.Random(f"{self.options.seed}/question/{self.step}")
            batch = collate([self.variation.apply(self.examples[number], dice) for number in numbers])
            loss, rate = self._advance(batch, numbers)
            tokens += int(batch.attention_mask.sum())
            report.progress(self.step, self.total_steps, "train")
            if self.step % self.options.log_every_steps == 0 or self.step == self.total_steps:
                now = clock()
                report.metric(self.step, {"loss": loss, "lr": rate, "tokens_per_s": tokens / max(now - since, 1e-9)})
                since, tokens = now, 0
            if self.step % self.options.checkpoint_every_steps == 0 or self.step == self.total_steps:
                checkpoint.save(work, self.snapshot())

    def _remaining(self) -> Iterator[list[int]]:
        for epoch in range(self.step // self.steps_per_epoch, self.options.epochs):
            batches = epoch_batches(self.lengths, self.options.batch_size, self.options.seed, epoch)
            yield from batches[self.step - epoch * self.steps_per_epoch :]

    def _advance(self, batch: Batch, numbers: list[int]) -> tuple[float, float]:
        """One optimizer step -> (loss in nats per answer token, learning rate)."""
        rate = learning_rate(self.step, self.total_steps, self.options)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss = batch_loss(self.model, batch, self.device)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.options.gradient_clip)
        value = loss.item()
        if not (math.isfinite(value) and math.isfinite(norm.item())):
            raise PlatformError(422, Reason.LOSS_NOT_FINITE, step=self.step + 1)
        self.optimizer.step()
        self.step += 1
        self.samples += len(numbers)
        self.ledger = hashlib.sha256(f"{self.ledger}{numbers}".encode()).hexdigest()
        self.recent = [*self.recent, value][-FINAL_STEPS:]
        return value, rate

    def snapshot(self) -> Checkpoint:
        """All that the next step depends on."""
        weights = {name: weight.detach() for name, weight in self.model.named_parameters()}
        moments = {
            f"{name}/{key}": value for name, weight in self.model.named_parameters() for key, value in self.optimizer.state[weight].items()
        }
        state = {
            "fingerprint": self.fingerprint,
            "step": self.step,
            "epoch": self.step // self.steps_per_epoch,
            "batch_of_epoch": self.step % self.steps_per_epoch,
            "seed": self.options.seed,
            "samples": self.samples,
            "ledger": self.ledger,
            "recent": self.recent,
        }
        return Checkpoint(weights, moments, state)

    @torch.no_grad()
    def restore(self, saved: Checkpoint | None) -> int:
        """Continue from ``saved`` (None: from the start) -> the step it was taken at."""
        if saved is None:
            return 0
        for name, weight in self.model.named_parameters():
            weight.copy_(saved.weights[name])
            self.optimizer.state[weight] = {
                key: saved.optimizer[f"{name}/{key}"].to(self.device, copy=True) for key in ("step", "exp_avg", "exp_avg_sq")
            }
        self.step, self.samples = saved.state["step"], saved.state["samples"]
        self.ledger, self.recent = saved.state["ledger"], list(saved.state["recent"])
        return self.step


def batch_loss(model: CausalLM, batch: Batch, device: torch.device) -> Tensor:
    """Mean cross-entropy over the answer tokens of a batch (nats). Only their positions pass the output layer."""
    wanted = batch.targets >= 0
    hidden, _ = model.hidden(batch.input_ids.to(device), batch.attention_mask.to(device), batch.position_ids.to(device))
    return functional.cross_entropy(model.logits(hidden[wanted.to(device)]), batch.targets[wanted].to(device))


def learning_rate(step: int, total: int, options: TrainOptions) -> float:
    """Rate of the step after ``step`` finished ones: linear warm-up, then a cosine (Loshchilov and Hutter 2017) to final_fraction."""
    warm = round(total * options.warmup_fraction)
    if step < warm:
        return options.learning_rate * (step + 1) / warm
    done = (step - warm) / max(1, total - warm)
    return options.learning_rate * (options.final_fraction + (1 - options.final_fraction) * 0.5 * (1 + math.cos(math.pi * done)))


def _device(options: TrainOptions) -> torch.device:
    there = torch.cuda.is_available()
    if options.device == "cuda" and not there:
        raise invalid("device", limit="no CUDA device on this machine")
    return torch.device("cuda" if there and options.device != "cpu" else "cpu")


def _card(device: torch.device) -> tuple[str, ...]:
    """What beside the job decides the bits of a step: a run that moved to another card starts over instead of mixing two arithmetics."""
    return () if device.type == "cpu" else (torch.cuda.get_device_name(device),)


def _mean_loss(model: CausalLM, tokenizer: ChatTokenizer, records: list[Record]) -> tuple[float, int]:
    """(mean loss of the answers, records of whose answer nothing fits into the model)."""
    losses = [loss for loss in answer_loss(model, tokenizer, [(record.chat, record.answer) for record in records]) if math.isfinite(loss)]
    if not losses:
        raise PlatformError(422, Reason.NO_RECORDS_LEFT, field="block_size", limit=str(model.config.block_size))
    return sum(losses) / len(losses), len(records) - len(losses)
