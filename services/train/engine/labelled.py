"""Labelled records for a classifier. Decides what a valid row is, and which labels a model learns: those of the training data, in order.
Light: what is foreseen of a training is worked out here too."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.data.classes import MOST_LABELS, labelled_of
from libs.data.pictures import is_picture
from libs.data.prompt import PromptError
from libs.data.rows import read_rows
from libs.models.text_classifier.pieces import Pieces
from services.train.engine.estimate import FLOAT, LEARNING
from services.train.engine.left_out import EMPTY_TURN, LeftOut

PREVIEW = 2000  # records


@dataclass(frozen=True, slots=True)
class Labelled:
    """What is asked, and its label. file, row: where it stands."""

    question: str
    label: str
    file: str = field(default="", compare=False)
    row: int = field(default=0, compare=False)


def read_labelled(path: Path, left_out: list[LeftOut]) -> list[Labelled]:
    """All records of a version. Raises NO_RECORDS_LEFT, and what ``data.iter_records`` raises."""
    records = list(iter_labelled(path, left_out))
    if not records:
        raise PlatformError(422, Reason.NO_RECORDS_LEFT, file=path.name)
    return records


def iter_labelled(path: Path, left_out: list[LeftOut]) -> Iterator[Labelled]:
    """One record after the other; what they may lack and what is raised: as ``data.iter_records``."""
    for row in read_rows(path):
        try:
            yield Labelled(*labelled_of(row.values, path), row.file, row.number)
        except PromptError as error:
            if not error.empty:
                raise row.bad(error.field, error.limit) from None
            left_out.append(LeftOut(EMPTY_TURN, row.file, row.number))


def labels_of(records: Sequence[Labelled]) -> tuple[str, ...]:
    """Every label once, sorted. Raises LABELS_UNUSABLE for one alone, which teaches nothing, and for more than a model may have."""
    found = sorted({record.label for record in records})
    if not 2 <= len(found) <= MOST_LABELS:
        raise PlatformError(422, Reason.LABELS_UNUSABLE, field="label", limit=f"2..{MOST_LABELS} different labels", count=len(found))
    return tuple(found)


def digest(records: Sequence[Labelled]) -> str:
    """SHA-256 of the records in order: which data a checkpoint belongs to."""
    total = hashlib.sha256()
    for record in records:
        total.update(json.dumps([record.question, record.label]).encode())
    return total.hexdigest()


def foresee(path: Path, options: Any, _base: Path | None, records: int) -> dict[str, Any] | None:
    """The facts of ``DataPreview``; None where nothing can be told."""
    left: list[LeftOut] = []
    try:
        seen = list(islice(iter_labelled(path, left), PREVIEW))
        labels = labels_of(seen)
    except (OSError, PlatformError):  # what is wrong with the data the task itself says, with file and row
        return None
    if is_picture(seen[0].question):
        return None
    pieces = Pieces(options.buckets, options.max_pieces)
    lengths = [len(pieces.ids(record.question)) for record in seen]
    looked_at = len(seen) + len(left)
    usable = round(records * len(seen) / looked_at)
    parameters = options.width * (options.buckets + 2 * options.width + 4) + (2 * options.width + 1) * len(labels)
    return {
        "looked_at": looked_at,
        "left_out": len(left),
        "longest": max(lengths),
        "block_size": options.max_pieces,
        "max_left_out": options.max_left_out,
        "steps": math.ceil(usable / options.batch_size) * options.epochs,
        "tokens": round(sum(lengths) / len(lengths) * usable) * options.epochs,
        "parameters": parameters,
        "trained_parameters": parameters,
        "memory_bytes": FLOAT * ((1 + LEARNING) * parameters + 4 * options.width * options.batch_size * max(lengths)),
    }
