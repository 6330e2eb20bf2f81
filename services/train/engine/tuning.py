"""A training that goes on from a model version. ``sft``, ``lora`` and ``dpo`` are entry points: one run over other lessons.

What comes out has the layout of the base, so whatever reads the one reads the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from libs.common.errors import PlatformError, Reason, missing
from libs.common.work.engine import Reporter
from services.train.engine import checkpoint, left_out
from services.train.engine.answers import Answers
from services.train.engine.base import Base
from services.train.engine.kinds import METHODS
from services.train.engine.left_out import LeftOut
from services.train.engine.lora import Adapters, Dropping
from services.train.engine.machine import card, device_of, full_memory_told, settle
from services.train.engine.made_with import made_with
from services.train.engine.preferences import Preferences
from services.train.engine.reading import ANSWERS, PREFERENCES, Reading
from services.train.engine.trainer import Lesson, Trainer

Job = Mapping[str, Any]


class Judged(Lesson, Protocol):
    """A lesson that can say how well it is known."""

    def figures(self) -> dict[str, float]: ...


@dataclass(frozen=True)
class Teaching:
    """What a method makes of an opened base. learning: the weights that learn, by name. lesson: of examples; made before the first step.
    taken: the lesson as a step takes it. finish: what is done to the model before it is saved."""

    learning: Mapping[str, nn.Parameter]
    lesson: Callable[[Sequence[Any]], Judged]
    taken: Callable[[Lesson], Lesson] = lambda lesson: lesson
    finish: Callable[[], None] = lambda: None


def sft(job: Job, work: Path, report: Reporter) -> dict[str, Any]:
    """Every weight learns the answers."""
    return _tune("sft", ANSWERS, _all_learn_answers, job, work, report)


def lora(job: Job, work: Path, report: Reporter) -> dict[str, Any]:
    """Adapters learn the answers, and are added into the weights."""
    return _tune("lora", ANSWERS, _adapters_learn_answers, job, work, report)


def dpo(job: Job, work: Path, report: Reporter) -> dict[str, Any]:
    """Every weight learns which answer is preferred."""
    return _tune("dpo", PREFERENCES, _all_learn_preferences, job, work, report)


def _all_learn_answers(base: Base, _options: Any) -> Teaching:
    return Teaching(dict(base.model.named_parameters()), partial(Answers, base.scores))


def _adapters_learn_answers(base: Base, options: Any) -> Teaching:
    adapters = Adapters(base.model, options)
    return Teaching(adapters.learning(), partial(Answers, base.scores), partial(Dropping, dice=adapters.dice), adapters.merge)


def _all_learn_preferences(base: Base, options: Any) -> Teaching:
    return Teaching(dict(base.model.named_parameters()), partial(Preferences, base.scores, beta=options.beta))


@full_memory_told()
def _tune(name: str, reading: Reading, teach: Callable[[Base, Any], Teaching], job: Job, work: Path, report: Reporter) -> dict[str, Any]:
    """Tunes the version in ``base_path``; the new model folder is ``work / "out"``.

    job: as of ``loop.run``, with ``base_path`` (a model folder) and ``base_digest``. Returns what that returns, with trained_parameters
    and the last figures on the held-out records (``valid_loss``, or ``margin`` and ``preferred``). Raises what that raises.
    """
    method = METHODS[name]
    options = method.options.from_dict(job.get("options") or {})
    device = device_of(options)
    for field in ("train_path", "base_path"):
        if not job.get(field):
            raise missing(field)
    settle(options, device)
    work.mkdir(parents=True, exist_ok=True)

    left: list[LeftOut] = []
    valid_left: list[LeftOut] = []
    records = reading.read(Path(job["train_path"]), left)
    valid = reading.read(Path(job["valid_path"]), valid_left) if job.get("valid_path") else []
    total = len(records) + len(left)
    from_what = [job.get("base_digest", ""), reading.digest(records)]
    identity = [name, method.engine, torch.__version__, options.to_dict(), *from_what, *card(device)]
    fingerprint = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    report.progress(0, 0, "base")
    base = Base(Path(job["base_path"]), device)
    parameters = sum(weight.numel() for weight in base.model.parameters())
    examples, too_long = reading.encode(records, base.tokenizer, base.block_size)
    held_out, valid_too_long = reading.encode(valid, base.tokenizer, base.block_size)
    left += too_long
    left_out.write(left, work)  # before the check: who is refused reads it too
    left_out.check(left, total, options.max_left_out, base.block_size)
    if not examples or (valid and not held_out):
        raise PlatformError(422, Reason.NO_RECORDS_LEFT, field="block_size", limit=str(base.block_size))

    teaching = teach(base, options)
    lesson = teaching.taken(teaching.lesson(examples))
    look = teaching.lesson(held_out).figures if held_out else dict
    trainer = Trainer(teaching.learning, lesson, options, fingerprint, look)
    resumed_from = trainer.restore(checkpoint.latest(work, fingerprint))
    trainer.run(work, report)

    teaching.finish()
    base.save(work / "out")
    return {
        "steps": trainer.step,
        "epochs": options.epochs,
        "samples": trainer.samples,
        **left_out.facts(left, total),
        "chats": sum(len(record.chat) > 1 for record in records),
        "parameters": parameters,
        "trained_parameters": sum(weight.numel() for weight in teaching.learning.values()),
        "vocab_size": base.tokenizer.vocab_size,
        "final_loss": trainer.final_loss,
        **trainer.seen,
        "valid_left_out": len(valid_left) + len(valid_too_long),
        "ledger": trainer.ledger,
        "resumed_from": resumed_from,
        "made_with": made_with(device),
    }
