"""Verbs that take a version out of the platform as one file. The file is made once, beside, and handed out in pieces.

The same version gives the same bytes, so a piece may come from another process than the piece before: that one makes the file anew.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from libs.common.context import CallContext
from libs.common.errors import Reason, invalid
from libs.common.work.child import Child
from services.dataset.domain.version import DatasetVersion
from services.dataset.engine import reading
from services.dataset.engine.exporting import FILE
from services.dataset.engine.exports import FORMATS
from services.dataset.service.datasets import Datasets
from services.dataset.service.kept import Kept
from services.dataset.service.samples import outcome

SECONDS = 6.0  # that one call waits
PIECE = 2 << 20  # bytes of one answer
KEPT = 4  # files
_NO_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')  # signs that some system refuses in the name of a file


@dataclass(frozen=True)
class File:
    """name: to save it under."""

    name: str
    media_type: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Export:
    """columns: of a table. escaped_cells: that a spreadsheet would have run. same_records: that an import makes into the same again."""

    file: File
    format: str
    records: int
    columns: list[str]
    escaped_cells: int
    same_records: int


@dataclass(frozen=True)
class FilePiece:
    file: File
    data: bytes


@dataclass(frozen=True)
class Made:
    """A finished file: open, and without a name on the disk, so that it is gone with the last one who reads it, however that ends."""

    facts: dict[str, Any]
    handle: BinaryIO

    def piece(self, offset: int) -> bytes:
        return os.pread(self.handle.fileno(), PIECE, offset)


class Exports(Datasets):
    """made: the files of now, by what was asked."""

    made: Kept[Made]

    def fetch_blob(self, ctx: CallContext, *, dataset_version_id: int, digest: str, offset: int = 0) -> FilePiece:
        """A picture or recording that records of a version name. Raises NOT_FOUND, CHECKSUM_MISMATCH."""
        version = self.get_version(ctx, id=dataset_version_id)
        folder = self._artifacts.open(version.uri, verify=False)  # the one blob is checked as its first piece is read, not all others
        blob, data = reading.blob_piece(folder, digest, offset, PIECE)
        name = f"{digest.removeprefix('sha256:')[:16]}.{blob.media_type.partition('/')[2]}"
        return FilePiece(File(name, blob.media_type, blob.size, digest.removeprefix("sha256:")), data)

    def prepare_export(self, ctx: CallContext, *, dataset_version_id: int, format: str, spreadsheet: bool = True) -> Export:
        """Raises NOT_FOUND, UNKNOWN_ENUM, CHECKSUM_MISMATCH, MISSING_EXTRA, DISK_FULL; BUSY while it is made."""
        file, made = self._export(ctx, dataset_version_id, format, spreadsheet)
        facts = made.facts
        return Export(file, format, facts["records"], facts["columns"], facts["escaped"], facts["same"])

    def fetch_export(
        self, ctx: CallContext, *, dataset_version_id: int, format: str, spreadsheet: bool = True, offset: int = 0
    ) -> FilePiece:
        """Bytes from ``offset`` on, none behind the end. Raises what ``prepare_export`` raises."""
        file, made = self._export(ctx, dataset_version_id, format, spreadsheet)
        return FilePiece(file, made.piece(offset))

    def _export(self, ctx: CallContext, id: int, format: str, spreadsheet: bool) -> tuple[File, Made]:
        version = self.get_version(ctx, id=id)
        if (known := FORMATS.get(format)) is None:
            raise invalid("format", Reason.UNKNOWN_ENUM, "one of " + ", ".join(FORMATS), value=format)
        folder = self._artifacts.open(version.uri, verify=False)  # each part is checked while it is read, before the file is handed out
        job = {"input": str(folder), "format": format, "spreadsheet": spreadsheet}
        # by content: versions of one content have one file
        key = (version.uri.rpartition(":")[2], format, int(spreadsheet))
        made = self.made.get(key, partial(make, job), min(SECONDS, ctx.deadline.left() * 0.8))
        name = f"{self._file_name(ctx, version)}.{known.extension}"
        return File(name, known.media_type, made.facts["bytes"], made.facts["sha256"]), made

    def _file_name(self, ctx: CallContext, version: DatasetVersion) -> str:
        """``law-v3``; of a dataset that was deleted since, its id."""
        with self.db.read() as conn:
            dataset = self.store.datasets.find(conn, ctx, version.dataset_id)
        return f"{_NO_NAME.sub('_', dataset.name if dataset else str(version.dataset_id))}-v{version.number}"


def make(job: dict[str, Any], folder: Path) -> Made:
    """The file of an export, made in a child of its own."""
    child = Child("services.dataset.engine.exporting:run", job, folder, {"OPENBLAS_NUM_THREADS": "1"})
    try:
        facts = outcome(list(child.messages()), timed_out=False)
    finally:
        child.kill()
        child.wait()
    handle = (folder / FILE).open("rb")
    (folder / FILE).unlink()
    return Made(facts, handle)
