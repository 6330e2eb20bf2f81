"""The kinds of records a training learns from: how each is read, named and put into ids. Light: previews read it too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason
from services.train.engine import data, pairs
from services.train.engine.left_out import LeftOut


@dataclass(frozen=True, slots=True)
class Reading:
    """iterate: a version's records, one after the other; what cannot be used goes to the list. digest: of all in order. encode: (examples
    that fit into so many tokens, the others). rows: of ids that an example becomes, of which there are ``answers``."""

    iterate: Callable[[Path, list[LeftOut]], Iterator[Any]]
    digest: Callable[[Sequence[Any]], str]
    encode: Callable[[Sequence[Any], data.Tokenizer, int], tuple[list[Any], list[LeftOut]]]
    rows: Callable[[Any], Sequence[Sequence[int]]]
    answers: int = 1

    def read(self, path: Path, left_out: list[LeftOut]) -> list[Any]:
        """Raises NO_RECORDS_LEFT where none can be used, and what ``data.iter_records`` raises."""
        records = list(self.iterate(path, left_out))
        if not records:
            raise PlatformError(422, Reason.NO_RECORDS_LEFT, file=path.name)
        return records


ANSWERS = Reading(data.iter_records, data.digest, data.encode, lambda example: [example.ids])
PREFERENCES = Reading(pairs.iter_pairs, pairs.digest, pairs.encode, lambda pair: [pair.chosen.ids, pair.rejected.ids], answers=2)
