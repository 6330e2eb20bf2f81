"""The steps of a training, whatever is learned in them. Decides what a checkpoint holds.

Law: killed at any moment and started again with the same job and folder, a run ends with weights equal bit for bit to those of a run
nobody touched (same machine, same threads; the CPU, or one CUDA card). It holds because a step depends on nothing but the checkpointed
tensors and its own number: order from (seed, epoch), rate from the step, what is drawn from (seed, step), no clock, no global random
numbers.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import Reporter
from services.train.engine import checkpoint
from services.train.engine.checkpoint import Checkpoint
from services.train.engine.data import epoch_batches
from services.train.engine.options import RunOptions

BETAS = (0.9, 0.98)  # AdamW; the shorter second moment suits runs of some hundred steps
FINAL_STEPS = 20  # final_loss is the mean over these last steps


class Lesson(Protocol):
    """Examples, and how wrong the model is about some of them."""

    @property
    def lengths(self) -> Sequence[int]:
        """Tokens of each example."""

    def loss(self, numbers: Sequence[int], step: int) -> tuple[Tensor, int]:
        """(what a step makes smaller, tokens it was worked out from) of the examples with these numbers."""


def _nothing() -> Mapping[str, float]:
    return {}


class Trainer:
    """What learns, its optimizer and the position of one run: what a checkpoint holds, and the step that advances it.

    learning: weights by name. look: figures to report before the first step and after each epoch.
    """

    def __init__(
        self,
        learning: Mapping[str, nn.Parameter],
        lesson: Lesson,
        options: RunOptions,
        fingerprint: str,
        look: Callable[[], Mapping[str, float]] = _nothing,
    ) -> None:
        self.learning, self.lesson, self.options, self.fingerprint, self.look = learning, lesson, options, fingerprint, look
        self.steps_per_epoch = math.ceil(len(lesson.lengths) / options.batch_size)
        self.total_steps = self.steps_per_epoch * options.epochs
        self.step = 0  # finished steps
        self.samples = 0
        self.ledger = ""
        self.recent: list[float] = []  # losses of the last FINAL_STEPS steps
        self.seen: Mapping[str, float] = {}  # what the last look saw
        matrices = [weight for weight in learning.values() if weight.dim() >= 2]
        gains = [weight for weight in learning.values() if weight.dim() < 2]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": options.weight_decay}, {"params": gains, "weight_decay": 0.0}],
            lr=options.learning_rate,
            betas=BETAS,
            fused=True,
        )

    def run(self, work: Path, report: Reporter, clock: Callable[[], float] = time.perf_counter) -> None:
        """Take the remaining steps, with checkpoints on the way and one at the end."""
        report.progress(self.step, self.total_steps, "train")
        since, tokens = clock(), 0
        for numbers in self._remaining():
            if self.step % self.steps_per_epoch == 0:
                self._look(report)
            loss, rate, count = self._advance(numbers)
            tokens += count
            report.progress(self.step, self.total_steps, "train")
            if self.step % self.options.log_every_steps == 0 or self.step == self.total_steps:
                now = clock()
                report.metric(self.step, {"loss": loss, "lr": rate, "tokens_per_s": tokens / max(now - since, 1e-9)})
                since, tokens = now, 0
            if self.step % self.options.checkpoint_every_steps == 0 or self.step == self.total_steps:
                checkpoint.save(work, self.snapshot())
        self._look(report)

    def _look(self, report: Reporter) -> None:
        """Seen again after a resume, it is the same: nothing of it is kept."""
        self.seen = self.look()
        if self.seen:
            report.metric(self.step, self.seen)

    def _remaining(self) -> Iterator[list[int]]:
        for epoch in range(self.step // self.steps_per_epoch, self.options.epochs):
            batches = epoch_batches(self.lesson.lengths, self.options.batch_size, self.options.seed, epoch)
            yield from batches[self.step - epoch * self.steps_per_epoch :]

    def _advance(self, numbers: list[int]) -> tuple[float, float, int]:
        """One optimizer step -> (loss, learning rate, tokens)."""
        rate = learning_rate(self.step, self.total_steps, self.options)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss, tokens = self.lesson.loss(numbers, self.step)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.learning.values(), self.options.gradient_clip)
        value = loss.item()
        if not (math.isfinite(value) and math.isfinite(norm.item())):
            raise PlatformError(422, Reason.LOSS_NOT_FINITE, step=self.step + 1)
        self.optimizer.step()
        self.step += 1
        self.samples += len(numbers)
        self.ledger = hashlib.sha256(f"{self.ledger}{numbers}".encode()).hexdigest()
        self.recent = [*self.recent, value][-FINAL_STEPS:]
        return value, rate, tokens

    @property
    def final_loss(self) -> float:
        return sum(self.recent) / len(self.recent)

    def snapshot(self) -> Checkpoint:
        """All that the next step depends on."""
        weights = {name: weight.detach() for name, weight in self.learning.items()}
        moments = {f"{name}/{key}": value for name, weight in self.learning.items() for key, value in self.optimizer.state[weight].items()}
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
        for name, weight in self.learning.items():
            weight.copy_(saved.weights[name])
            self.optimizer.state[weight] = {
                key: saved.optimizer[f"{name}/{key}"].to(weight.device, copy=True) for key in ("step", "exp_avg", "exp_avg_sq")
            }
        self.step, self.samples = saved.state["step"], saved.state["samples"]
        self.ledger, self.recent = saved.state["ledger"], list(saved.state["recent"])
        return self.step


def learning_rate(step: int, total: int, options: RunOptions) -> float:
    """Rate of the step after ``step`` finished ones: linear warm-up, then a cosine (Loshchilov and Hutter 2017) to final_fraction."""
    warm = round(total * options.warmup_fraction)
    if step < warm:
        return options.learning_rate * (step + 1) / warm
    done = (step - warm) / max(1, total - warm)
    return options.learning_rate * (options.final_fraction + (1 - options.final_fraction) * 0.5 * (1 + math.cos(math.pi * done)))
