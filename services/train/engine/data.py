"""Question-answer records to batches. Decides what a valid row is and the order in which a run sees the records.

The order is a function of (seed, epoch) and the record lengths alone: a run that resumes in the middle of an epoch recomputes it and
continues at the next batch, so each record is seen exactly once per epoch whatever was killed in between.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from libs.common.errors import PlatformError, Reason
from libs.data.prompt import Chat, PromptError, from_text, pair_of
from libs.data.rows import read_rows
from services.train.engine.left_out import EMPTY_TURN, EXCERPT, TOO_LONG, LeftOut

if TYPE_CHECKING:
    from torch import Tensor


class Tokenizer(Protocol):
    """What turns a chat and its answer into ids."""

    def pair(self, question: Chat, answer: str) -> tuple[list[int], int]:
        """(prompt and answer with its end as ids, length of the prompt part)."""


WINDOW = 16  # batches whose records are sorted by length together: little padding, still a random mix


@dataclass(frozen=True, slots=True)
class Record:
    """One question with its answer, as text. question: the record's chat, system prompt and earlier turns with it, as ``libs.data.prompt``
    writes it. file, row: where it stands."""

    question: str
    answer: str
    file: str = field(default="", compare=False)
    row: int = field(default=0, compare=False)

    @property
    def chat(self) -> Chat:
        """What the model is asked."""
        return from_text(self.question)

    @property
    def characters(self) -> int:
        return len(self.question) + len(self.answer)


@dataclass(frozen=True, slots=True)
class Example:
    """A record in ids: prompt, answer, <eos>. ``prompt`` is the length of the part that is given, not learned."""

    ids: tuple[int, ...]
    prompt: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One training step. All [B, longest] int64; targets [B, longest] hold the next id at answer positions, -1 elsewhere."""

    input_ids: Tensor
    attention_mask: Tensor
    position_ids: Tensor
    targets: Tensor


def read_records(path: Path, left_out: list[LeftOut] | None = None) -> list[Record]:
    """All records of a ``.jsonl`` file or of every such file under a folder, in name order. left_out: takes those with an empty turn.

    Raises what ``iter_records`` raises, and NO_RECORDS_LEFT.
    """
    records = list(iter_records(path, [] if left_out is None else left_out))
    if not records:
        raise PlatformError(422, Reason.NO_RECORDS_LEFT, file=path.name)
    return records


def iter_records(path: Path, left_out: list[LeftOut]) -> Iterator[Record]:
    """One record after the other.

    A row is an object with ``instruction`` and ``output`` (texts) and perhaps ``input``, ``system`` and ``history`` (``libs.data.prompt``);
    other keys are left alone. A turn without words teaches nothing: its record goes to ``left_out``.
    Raises PlatformError(422) with file and row (from 1): FILE_MISSING, FILE_EMPTY, FILE_NOT_UTF8, ROW_INVALID.
    """
    for row in read_rows(path):
        try:
            yield Record(*pair_of(row.values), row.file, row.number)
        except PromptError as error:
            if not error.empty:
                raise row.bad(error.field, error.limit) from None
            left_out.append(LeftOut(EMPTY_TURN, row.file, row.number))


def texts_of(records: Iterable[Record]) -> Iterator[str]:
    """Every turn of every record: what a tokenizer learns from."""
    for record in records:
        for message in record.chat:
            yield message["content"]
        yield record.answer


def digest(records: Sequence[Record]) -> str:
    """SHA-256 of the records in order: which data a checkpoint belongs to."""
    total = hashlib.sha256()
    for record in records:
        total.update(json.dumps([record.question, record.answer]).encode())
    return total.hexdigest()


def encode(records: Sequence[Record], tokenizer: Tokenizer, block_size: int) -> tuple[list[Example], list[LeftOut]]:
    """(examples that fit into ``block_size`` tokens, those that do not)."""
    examples, left_out = [], []
    for record in records:
        ids, prompt = tokenizer.pair(record.chat, record.answer)
        if len(ids) <= block_size:
            examples.append(Example(tuple(ids), prompt))
        else:
            left_out.append(LeftOut(TOO_LONG, record.file, record.row, len(ids), record.chat[-1]["content"][:EXCERPT]))
    return examples, left_out


def epoch_batches(lengths: Sequence[int], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Record numbers of every batch of one epoch; each number occurs exactly once, only the shortest batch may be small.

    lengths: tokens of each record. Records are shuffled, grouped by length inside windows, and the batches shuffled again.
    """
    dice = random.Random(f"{seed}/order/{epoch}")
    order = list(range(len(lengths)))
    dice.shuffle(order)
    batches = []
    for start in range(0, len(order), batch_size * WINDOW):
        window = sorted(order[start : start + batch_size * WINDOW], key=lambda number: lengths[number])
        batches += [window[cut : cut + batch_size] for cut in range(0, len(window), batch_size)]
    dice.shuffle(batches)
    return batches


def collate(examples: Sequence[Example]) -> Batch:
    """Examples -> one right-padded batch. The last id is only ever a target, so it is not fed."""
    import torch

    from libs.models.causal_lm.decode import pad

    ids, mask, positions = pad([example.ids[:-1] for example in examples])
    targets = torch.full_like(ids, -1)
    for row, example in enumerate(examples):
        targets[row, example.prompt - 1 : len(example.ids) - 1] = torch.tensor(example.ids[example.prompt :])
    return Batch(ids, mask, positions, targets)
