"""Preference pairs to ids. Decides what a valid row is, and that a pair is left out when one of its answers does not fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from libs.data.prompt import Chat, PromptError, from_text, preference_of
from libs.data.rows import read_rows
from services.train.engine.data import Example
from services.train.engine.left_out import EMPTY_TURN, EXCERPT, TOO_LONG, LeftOut

if TYPE_CHECKING:
    from services.train.engine.data import Tokenizer


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with the answer that is preferred and one that is not. question: as ``libs.data.prompt`` writes it."""

    question: str
    chosen: str
    rejected: str
    file: str = field(default="", compare=False)
    row: int = field(default=0, compare=False)

    @property
    def chat(self) -> Chat:
        """What the model is asked."""
        return from_text(self.question)

    @property
    def characters(self) -> int:
        return len(self.question) + len(self.chosen) + len(self.rejected)


@dataclass(frozen=True, slots=True)
class PairExample:
    """Both answers to one question, in ids."""

    chosen: Example
    rejected: Example

    @property
    def tokens(self) -> int:
        return len(self.chosen.ids) + len(self.rejected.ids)


def iter_pairs(path: Path, left_out: list[LeftOut]) -> Iterator[Pair]:
    """One pair after the other; what they may lack and what is raised: as ``data.iter_records``."""
    for row in read_rows(path):
        try:
            yield Pair(*preference_of(row.values), row.file, row.number)
        except PromptError as error:
            if not error.empty:
                raise row.bad(error.field, error.limit) from None
            left_out.append(LeftOut(EMPTY_TURN, row.file, row.number))


def digest(pairs: Sequence[Pair]) -> str:
    """SHA-256 of the pairs in order: which data a checkpoint belongs to."""
    total = hashlib.sha256()
    for pair in pairs:
        total.update(json.dumps([pair.question, pair.chosen, pair.rejected]).encode())
    return total.hexdigest()


def encode(pairs: Sequence[Pair], tokenizer: Tokenizer, block_size: int) -> tuple[list[PairExample], list[LeftOut]]:
    """(pairs of which both answers fit into ``block_size`` tokens, the others)."""
    examples, left_out = [], []
    for pair in pairs:
        both = [Example(tuple(ids), prompt) for ids, prompt in (tokenizer.pair(pair.chat, each) for each in (pair.chosen, pair.rejected))]
        longest = max(len(example.ids) for example in both)
        if longest <= block_size:
            examples.append(PairExample(*both))
        else:
            left_out.append(LeftOut(TOO_LONG, pair.file, pair.row, longest, pair.chat[-1]["content"][:EXCERPT]))
    return examples, left_out
