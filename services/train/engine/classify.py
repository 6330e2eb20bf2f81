"""A training of a classifier from nothing, told from top to bottom."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from libs.common.errors import missing
from libs.common.work.engine import Reporter
from libs.data.pictures import is_picture
from libs.models.image_classifier import config as images
from libs.models.image_classifier import folder as image_folder
from libs.models.image_classifier.network import ImageNetwork
from libs.models.image_classifier.pictures import Pictures
from libs.models.text_classifier import config as texts
from libs.models.text_classifier import folder as text_folder
from libs.models.text_classifier.network import TextNetwork
from libs.models.text_classifier.pieces import NOTHING, Pieces, padded
from services.train.engine import checkpoint, left_out
from services.train.engine.kinds import METHODS
from services.train.engine.labelled import Labelled, digest, labels_of, read_labelled
from services.train.engine.left_out import LeftOut
from services.train.engine.machine import card, device_of, full_memory_told, settle
from services.train.engine.made_with import made_with
from services.train.engine.trainer import Trainer

LOOK = 256  # records looked at together
MOVED = 16  # a picture is moved by at most a share of its side: side / MOVED
UNKNOWN = -1  # a label that the training data does not have: nothing can be right about it


@full_memory_told()
def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """Trains a classifier of texts, or of pictures where the first record is one; the model folder is ``work / "out"``.

    job: ``options`` (ClassifyOptions), ``train_path`` and ``valid_path`` (JSONL file or folder, the latter may be None).
    report: steps as progress; loss (nats per record), lr and tokens_per_s (pieces of text, or pictures) as metrics; valid_loss and
    valid_accuracy before the first epoch and after each.
    Returns steps, epochs, samples (seen, over all epochs), what was left out (``left_out.facts``), labels (records of each), parameters,
    final_loss, the last figures on the held-out records, valid_left_out, ledger, resumed_from (step), family, made_with.
    Raises PlatformError: 400 for options, 422 for data, LABELS_UNUSABLE, TOO_MANY_LEFT_OUT, LOSS_NOT_FINITE with the step, OUT_OF_MEMORY.
    """
    method = METHODS["classify"]
    options = method.options.from_dict(job.get("options") or {})
    device = device_of(options)
    if not job.get("train_path"):
        raise missing("train_path")
    settle(options, device)
    work.mkdir(parents=True, exist_ok=True)

    left: list[LeftOut] = []
    valid_left: list[LeftOut] = []
    records = read_labelled(Path(job["train_path"]), left)
    valid = read_labelled(Path(job["valid_path"]), valid_left) if job.get("valid_path") else []
    total = len(records) + len(left)
    left_out.write(left, work)  # before the check: who is refused reads it too
    left_out.check(left, total, options.max_left_out, options.max_pieces)
    identity = ["classify", method.engine, torch.__version__, options.to_dict(), digest(records), *card(device)]
    fingerprint = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    make = _pictures if is_picture(records[0].question) else _texts
    subject = make(labels_of(records), options, torch.Generator().manual_seed(options.seed))
    network = subject.network.to(device)
    lesson = subject.lesson(records)
    look = subject.lesson(valid).figures if valid else dict
    trainer = Trainer(dict(network.named_parameters()), lesson, options, fingerprint, look)
    resumed_from = trainer.restore(checkpoint.latest(work, fingerprint))
    trainer.run(work, report)
    subject.save(work / "out")
    return {
        "steps": trainer.step,
        "epochs": options.epochs,
        "samples": trainer.samples,
        **left_out.facts(left, total),
        "labels": dict(sorted(Counter(record.label for record in records).items())),
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "final_loss": trainer.final_loss,
        **trainer.seen,
        "valid_left_out": len(valid_left),
        "ledger": trainer.ledger,
        "resumed_from": resumed_from,
        "family": subject.family,
        "made_with": made_with(device),
    }


@dataclass(frozen=True)
class Subject:
    """What a family of classifiers brings to a training. save: writes the model folder."""

    family: str
    network: nn.Module
    lesson: Callable[[Sequence[Labelled]], Seen]
    save: Callable[[Path], None]


def _texts(labels: tuple[str, ...], options: Any, dice: torch.Generator) -> Subject:
    config = texts.TextConfig(labels, options.buckets, options.width, options.max_pieces)
    pieces, network = Pieces(config.buckets, config.max_pieces), TextNetwork(config, dice)
    lesson = partial(Texts, network, labels, pieces=pieces, dropout=options.dropout, seed=options.seed)
    return Subject(texts.NAME, network, lesson, lambda out: text_folder.save(out, network, config))


def _pictures(labels: tuple[str, ...], options: Any, dice: torch.Generator) -> Subject:
    config = images.ImageConfig(labels, options.side, options.width)
    reader, network = Pictures(config.side), ImageNetwork(config, dice)
    lesson = partial(Shown, network, labels, reader=reader, seed=options.seed)
    return Subject(images.NAME, network, lesson, lambda out: image_folder.save(out, network, config))


class Seen:
    """``Lesson`` of labelled records, and the figures of some that are held out."""

    lengths: list[int]

    def __init__(self, network: nn.Module, labels: Sequence[str], records: Sequence[Labelled]) -> None:
        place = {label: at for at, label in enumerate(labels)}
        self._network = network
        self._labels = torch.tensor([place.get(record.label, UNKNOWN) for record in records])

    def inputs(self, numbers: Sequence[int]) -> Tensor:
        """What the network sees of these records."""
        raise NotImplementedError

    def taught(self, numbers: Sequence[int], _step: int) -> Tensor:
        """What it sees of them in this step."""
        return self.inputs(numbers)

    def loss(self, numbers: Sequence[int], step: int) -> tuple[Tensor, int]:
        """Mean cross-entropy over the records of a batch (nats)."""
        scores = self._network(self.taught(numbers, step).to(self._device))
        return functional.cross_entropy(scores, self._labels[list(numbers)].to(self._device)), sum(self.lengths[at] for at in numbers)

    def figures(self) -> dict[str, float]:
        """valid_loss: over the records whose label the model has. valid_accuracy: over all."""
        losses, right = [], 0
        with torch.inference_mode():
            for start in range(0, len(self._labels), LOOK):
                numbers = range(start, min(start + LOOK, len(self._labels)))
                labels, scores = self._labels[list(numbers)], self._network(self.inputs(numbers).to(self._device)).cpu()
                right += int((scores.argmax(dim=-1) == labels).sum())
                known = labels != UNKNOWN
                losses += functional.cross_entropy(scores[known], labels[known], reduction="none").tolist()
        accuracy = {"valid_accuracy": right / len(self._labels)}
        return accuracy | ({"valid_loss": math.fsum(losses) / len(losses)} if losses else {})

    @property
    def _device(self) -> Any:
        return next(self._network.parameters()).device


class Texts(Seen):
    """What is dropped of them is drawn from (seed, step)."""

    def __init__(
        self, network: nn.Module, labels: Sequence[str], records: Sequence[Labelled], pieces: Pieces, dropout: float, seed: int
    ) -> None:
        super().__init__(network, labels, records)
        self._dropout, self._seed = dropout, seed
        self._ids = [pieces.ids(record.question) for record in records]
        self.lengths = [max(1, len(ids)) for ids in self._ids]

    def inputs(self, numbers: Sequence[int]) -> Tensor:
        return torch.from_numpy(padded([self._ids[number] for number in numbers]))

    def taught(self, numbers: Sequence[int], step: int) -> Tensor:
        ids = self.inputs(numbers)
        return torch.where(torch.rand(ids.shape, generator=_dice(self._seed, step)) < self._dropout, NOTHING, ids)


class Shown(Seen):
    """Pictures, each read once and kept as bytes. How far they are moved in a step is drawn from (seed, step)."""

    def __init__(self, network: nn.Module, labels: Sequence[str], records: Sequence[Labelled], reader: Pictures, seed: int) -> None:
        super().__init__(network, labels, records)
        self._most, self._seed = reader.side // MOVED, seed
        self._pictures = torch.stack([_bytes(reader, record.question) for record in records])
        self.lengths = [1] * len(records)

    def inputs(self, numbers: Sequence[int]) -> Tensor:
        return self._pictures[list(numbers)].to(torch.float32) / 255

    def taught(self, numbers: Sequence[int], step: int) -> Tensor:
        moves = torch.randint(-self._most, self._most + 1, (len(numbers), 2), generator=_dice(self._seed, step)).tolist()
        return torch.stack([torch.roll(each, move, (1, 2)) for each, move in zip(self.inputs(numbers), moves, strict=True)])


def _bytes(reader: Pictures, question: str) -> Tensor:
    return torch.from_numpy(np.rint(reader.read([question])[0] * 255).astype(np.uint8))


def _dice(seed: int, step: int) -> torch.Generator:
    return torch.Generator().manual_seed((seed * 1_000_003 + step) % 2**63)
