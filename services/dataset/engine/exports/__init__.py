"""The formats in which a version leaves the platform, one file each: how it is written, and the ``KIND`` that declares it.

The same records in the same order give the same bytes. A format that cannot hold all that a record may say writes what it can, and counts
the records that an import of the file would make anew under their own ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from libs.data.records import Record
from libs.data.registry import Kind, kinds_in
from libs.data.versions import read_records


@dataclass(frozen=True, slots=True)
class Version:
    """What is exported. spreadsheet: the file is going to be opened in one."""

    folder: Path
    spreadsheet: bool = True

    def records(self) -> Iterator[Record]:
        """All of them, as often as they are needed. Raises CHECKSUM_MISMATCH behind a damaged part."""
        return read_records(self.folder)


@dataclass(frozen=True, slots=True)
class Written:
    """columns: of a table. escaped: cells that a spreadsheet would have run. same: records that come back as themselves."""

    records: int
    same: int
    columns: tuple[str, ...] = ()
    escaped: int = 0


@dataclass(frozen=True, kw_only=True)
class ExportFormat(Kind):
    """extension: of a file of this format. write: all records of a version, in bounded memory."""

    extension: str
    media_type: str
    write: Callable[[Version, BinaryIO], Written]


FORMATS: dict[str, ExportFormat] = kinds_in(__name__, ExportFormat)
