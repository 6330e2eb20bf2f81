"""The blobs that one shard reads from its version, and those it makes: these lie beside the shard until the new version takes them over."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.data.blobs import BlobWriter, Facts, name_of

MADE = "made"  # below the folder of a stage


class Media:
    """version: its folder. made: the folder of what comes, relative to that of the stage."""

    def __init__(self, version: Path, stage: Path, index: int) -> None:
        self.made = f"{MADE}/{index:05d}"
        self._version, self._writer = version, BlobWriter(stage / self.made)

    def read(self, digest: str) -> bytes:
        """Raises FILE_MISSING."""
        try:
            return (self._version / name_of(digest)).read_bytes()
        except FileNotFoundError:
            raise PlatformError(422, Reason.FILE_MISSING, field="input", file=name_of(digest)) from None

    def add(self, data: bytes, media_type: str, facts: Facts) -> str:
        """The digest."""
        return self._writer.add(io.BytesIO(data), media_type, facts).digest

    def facts(self) -> dict[str, Any]:
        """What the mark of the shard says of them, for ``publishing``."""
        blobs = [blob.to_json() for blob in self._writer.blobs()]
        return {"blobs": blobs, "blobs_in": self.made} if blobs else {}
