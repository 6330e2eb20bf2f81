"""Question-answer records to batches. Decides what a valid row is and the order in which a run sees the records.

The order is a function of (seed, epoch) and the record lengths alone: a run that resumes in the middle of an epoch recomputes it and
continues at the next batch, so each record is seen exactly once per epoch whatever was killed in between.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.common.errors import PlatformError, Reason

if TYPE_CHECKING:
    from torch import Tensor

    from libs.lm.tokenizer import ChatTokenizer

WINDOW = 16  # batches whose records are sorted by length together: little padding, still a random mix


@dataclass(frozen=True, slots=True)
class Record:
    """One question with its answer, as text."""

    question: str
    answer: str


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


def read_records(path: Path) -> list[Record]:
    """All records of a ``.jsonl`` file or of every such file under a folder, in name order.

    A row is an object with ``instruction`` and ``output`` (non-empty strings) and optionally ``input`` (a string); other keys are
    left alone. Raises PlatformError(422) with file and row (from 1): FILE_MISSING, FILE_EMPTY, FILE_NOT_UTF8, ROW_INVALID,
    NO_RECORDS_LEFT.
    """
    if path.is_dir():
        files = sorted(item for item in path.rglob("*.jsonl") if not item.name.startswith("."))
    elif path.is_file():
        files = [path]
        if path.stat().st_size == 0:
            raise PlatformError(422, Reason.FILE_EMPTY, file=path.name)
    else:
        raise PlatformError(422, Reason.FILE_MISSING, file=path.name)
    records = [record for file in files for record in _read_file(file)]
    if not records:
        raise PlatformError(422, Reason.NO_RECORDS_LEFT, file=path.name)
    return records


def _read_file(path: Path) -> Iterator[Record]:
    with path.open("rb") as lines:  # bytes, so that a bad row can be named
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _parse_row(line, path.name, number)


def _parse_row(line: bytes, file: str, row: int) -> Record:
    try:
        values = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise PlatformError(422, Reason.FILE_NOT_UTF8, file=file, row=row) from None
    except (ValueError, RecursionError):
        raise PlatformError(422, Reason.ROW_INVALID, file=file, row=row, limit="not JSON") from None
    if not isinstance(values, dict):
        raise PlatformError(422, Reason.ROW_INVALID, file=file, row=row, limit="not an object")
    instruction = _text(values, "instruction", file, row, required=True)
    extra = _text(values, "input", file, row, required=False)
    answer = _text(values, "output", file, row, required=True)
    return Record(f"{instruction}\n{extra}" if extra else instruction, answer)


def _text(values: dict[str, Any], key: str, file: str, row: int, *, required: bool) -> str:
    value = values.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise PlatformError(422, Reason.ROW_INVALID, field=key, limit="non-empty string" if required else "string", file=file, row=row)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, legal in JSON, not in text
        raise PlatformError(422, Reason.ROW_INVALID, field=key, limit="UTF-8 text", file=file, row=row) from None
    return value


def digest(records: Sequence[Record]) -> str:
    """SHA-256 of the records in order: which data a checkpoint belongs to."""
    total = hashlib.sha256()
    for record in records:
        total.update(json.dumps([record.question, record.answer]).encode())
    return total.hexdigest()


def encode(records: Sequence[Record], tokenizer: ChatTokenizer, block_size: int) -> tuple[list[Example], int]:
    """(examples that fit into ``block_size`` tokens, how many did not). Raises NO_RECORDS_LEFT when none fits."""
    pairs = [tokenizer.pair(record.question, record.answer) for record in records]
    examples = [Example(tuple(ids), prompt) for ids, prompt in pairs if len(ids) <= block_size]
    if not examples:
        raise PlatformError(422, Reason.NO_RECORDS_LEFT, field="block_size", limit=str(block_size))
    return examples, len(records) - len(examples)


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

    from libs.lm.decode import pad

    ids, mask, positions = pad([example.ids[:-1] for example in examples])
    targets = torch.full_like(ids, -1)
    for row, example in enumerate(examples):
        targets[row, example.prompt - 1 : len(example.ids) - 1] = torch.tensor(example.ids[example.prompt :])
    return Batch(ids, mask, positions, targets)
