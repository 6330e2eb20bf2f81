"""A training of a classifier from nothing, told from top to bottom."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from libs.common.errors import missing
from libs.common.work.engine import Reporter
from libs.models.text_classifier import folder
from libs.models.text_classifier.config import NAME, TextConfig
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
UNKNOWN = -1  # a label that the training data does not have: nothing can be right about it


@full_memory_told()
def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """Trains a text classifier; the model folder (``libs.models.text_classifier.folder``) is ``work / "out"``.

    job: ``options`` (ClassifyOptions), ``train_path`` and ``valid_path`` (JSONL file or folder, the latter may be None).
    report: steps as progress; loss (nats per record), lr and tokens_per_s (pieces of text) as metrics; valid_loss and valid_accuracy before
    the first epoch and after each.
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

    config = TextConfig(labels_of(records), options.buckets, options.width, options.max_pieces)
    pieces = Pieces(config.buckets, config.max_pieces)
    network = TextNetwork(config, torch.Generator().manual_seed(options.seed)).to(device)
    lesson = Texts(network, pieces, config.labels, records, options.dropout, options.seed)
    look = Texts(network, pieces, config.labels, valid).figures if valid else dict
    trainer = Trainer(dict(network.named_parameters()), lesson, options, fingerprint, look)
    resumed_from = trainer.restore(checkpoint.latest(work, fingerprint))
    trainer.run(work, report)
    folder.save(work / "out", network, config)
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
        "family": NAME,
        "made_with": made_with(device),
    }


class Texts:
    """``Lesson`` of labelled texts, and the figures of some that are held out."""

    def __init__(
        self, network: nn.Module, pieces: Pieces, labels: Sequence[str], records: Sequence[Labelled], dropout: float = 0.0, seed: int = 0
    ) -> None:
        place = {label: at for at, label in enumerate(labels)}
        self._network, self._dropout, self._seed = network, dropout, seed
        self._ids = [pieces.ids(record.question) for record in records]
        self._labels = [place.get(record.label, UNKNOWN) for record in records]
        self.lengths = [max(1, len(ids)) for ids in self._ids]

    def loss(self, numbers: Sequence[int], step: int) -> tuple[Tensor, int]:
        """Mean cross-entropy over the records of a batch (nats). What is dropped of them is drawn from (seed, step)."""
        ids, labels = self._batch(numbers)
        dice = torch.Generator().manual_seed((self._seed * 1_000_003 + step) % 2**63)
        kept = torch.where(torch.rand(ids.shape, generator=dice) < self._dropout, NOTHING, ids)
        scores = self._network(kept.to(self._device))
        return functional.cross_entropy(scores, labels.to(self._device)), sum(self.lengths[number] for number in numbers)

    def figures(self) -> dict[str, float]:
        """valid_loss: over the records whose label the model has. valid_accuracy: over all."""
        losses, right = [], 0
        with torch.inference_mode():
            for start in range(0, len(self._ids), LOOK):
                ids, labels = self._batch(range(start, min(start + LOOK, len(self._ids))))
                scores = self._network(ids.to(self._device)).cpu()
                right += int((scores.argmax(dim=-1) == labels).sum())
                known = labels != UNKNOWN
                losses += functional.cross_entropy(scores[known], labels[known], reduction="none").tolist()
        accuracy = {"valid_accuracy": right / len(self._ids)}
        return accuracy | ({"valid_loss": math.fsum(losses) / len(losses)} if losses else {})

    @property
    def _device(self) -> Any:
        return next(self._network.parameters()).device

    def _batch(self, numbers: Sequence[int]) -> tuple[Tensor, Tensor]:
        ids = torch.from_numpy(padded([self._ids[number] for number in numbers]))
        return ids, torch.tensor([self._labels[number] for number in numbers])
