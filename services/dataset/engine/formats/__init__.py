"""The formats that can be imported, one file each: which names they go by, what gives a wrong one away, and the reader.

A reader yields rows one after another, so that a file of any size needs the memory of one row (of one batch of rows in parquet).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from libs.data.registry import LAST, kinds_in
from services.dataset.engine.csv_rows import Delimiter
from services.dataset.engine.formats._signs import magic_of
from services.dataset.engine.rows import Row


class How(NamedTuple):
    """How a file is read. limit: the largest row in bytes. sections: pages are cut at their headings."""

    limit: int
    delimiter: Delimiter = "auto"
    sections: bool = False


@dataclass(frozen=True, kw_only=True)
class Format:
    """extensions: of file names. read: called with an open file at its start. foreign: what a file that begins so is instead, None when
    nothing speaks against it. magic: what its own files begin with, where they all do."""

    name: str
    extensions: tuple[str, ...]
    read: Callable[[BinaryIO, How], Iterator[Row]]
    foreign: Callable[[bytes], str | None] = lambda _head: None
    magic: str | None = None
    place: int = LAST


FORMATS: dict[str, Format] = kinds_in(__name__, Format)
EXTENSIONS = {extension: format.name for format in FORMATS.values() for extension in format.extensions}


def foreign(head: bytes, format: str) -> str | None:
    """What a file that calls itself ``format`` really is by its first bytes; None when nothing speaks against it."""
    kind, magic = FORMATS[format], magic_of(head)
    if not head:
        return None  # it is empty, whatever it is called
    if magic != kind.magic:
        return magic or "something else"
    return kind.foreign(head)
