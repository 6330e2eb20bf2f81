"""A text as ids, without a vocabulary: words and parts of words, and of scripts that set no spaces between words single characters and
their neighbours, each hashed into one of a fixed number of rows.

Decides that nothing is learned here: the same text gives the same ids on every machine and after every release of any library. A language
nobody thought of needs no other tokenizer.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from libs.common.errors import PlatformError, Reason
from libs.common.folding import fold
from libs.models import folder as folders

VERSION = 1  # rises when the same text would become other ids
NOTHING = 0  # fills up rows that are shorter than others
PARTS = (3, 4)  # characters
_RUNS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\U00020000-\U0003ffff]+|\w+|[^\w\s]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\U00020000-\U0003ffff]")


class Pieces:
    """buckets: ids 1..buckets-1 are given. most: of one text, the first ones."""

    def __init__(self, buckets: int, most: int) -> None:
        self.buckets, self.most = buckets, most

    def ids(self, text: str) -> list[int]:
        return [zlib.crc32(piece.encode("utf-8", "replace")) % (self.buckets - 1) + 1 for piece in islice(_pieces(text), self.most)]

    def read(self, questions: Sequence[str]) -> npt.NDArray[np.int64]:
        """[B, longest], each row filled up with ``NOTHING``; at least one column."""
        return padded([self.ids(question) for question in questions])

    def save(self, path: Path) -> None:
        """Writes ``tokenizer.json``."""
        path.write_text(
            json.dumps({"pieces": VERSION, "buckets": self.buckets, "most": self.most}, sort_keys=True) + "\n", encoding="utf-8"
        )

    @classmethod
    def load(cls, folder: Path) -> Pieces:
        """Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH."""
        path = folder / folders.TOKENIZER
        if not path.is_file():
            raise PlatformError(422, Reason.FILE_MISSING, file=path.name)
        try:
            said = json.loads(path.read_bytes())
            if said["pieces"] != VERSION or not all(type(said[name]) is int and said[name] > 1 for name in ("buckets", "most")):
                raise ValueError
            return cls(said["buckets"], said["most"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise folders.damaged(folders.TOKENIZER, f"not pieces of version {VERSION}") from None


def padded(rows: Sequence[Sequence[int]]) -> npt.NDArray[np.int64]:
    found = np.full((len(rows), max(1, *map(len, rows))), NOTHING, np.int64)
    for row, ids in enumerate(rows):
        found[row, : len(ids)] = ids
    return found


def _pieces(text: str) -> Iterator[str]:
    before = ""
    for run in _RUNS.findall(fold(text).casefold()):
        if _UNSPACED.match(run):
            yield from _neighbours(run)
            before = ""
            continue
        yield run
        if before:
            yield f"{before} {run}"
        yield from _parts(f"<{run}>")
        before = run


def _neighbours(run: str) -> Iterator[str]:
    """Each character, and with the one and the two behind it."""
    for at in range(len(run)):
        for size in range(1, min(3, len(run) - at) + 1):
            yield run[at : at + size]


def _parts(word: str) -> Iterator[str]:
    for size in PARTS:
        for at in range(len(word) - size + 1):
            yield word[at : at + size]
