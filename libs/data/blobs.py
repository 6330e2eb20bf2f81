"""Blobs of a dataset version: images, audio, video and documents as files beside the shards, named by their digest, under the one manifest.

A record names a blob as ``{"blob": "sha256:…"}`` in any of its fields; what the bytes are (media type, size, facts such as width, height,
seconds, rate) stands in the manifest. Versions share blobs: a file comes into the next version by a hard link, and nothing is copied where
the disk allows that. So a blob is never written to again: it appears under its digest whole, and read-only.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from libs.common import durable
from libs.common.errors import PlatformError, Reason, invalid

BLOBS = "blobs"
KEY = "blob"  # in a record
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z]{1,40}/[a-z0-9][a-z0-9.+-]{0,80}")
_CHUNK = 1 << 20
Facts = Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class Blob:
    """One file. digest: ``sha256:…`` of its bytes. size: in bytes. facts: numbers: width and height in pixels, seconds, rate in Hz."""

    digest: str
    media_type: str
    size: int
    facts: dict[str, int | float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Where it lies below the folder of a version."""
        return name_of(self.digest)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def name_of(digest: str) -> str:
    """Raises INVALID_ARGUMENT for anything but a digest: a record is no path."""
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise invalid(KEY, limit="sha256: and 64 hexadecimal digits")
    hexes = digest.removeprefix("sha256:")
    return f"{BLOBS}/{hexes[:2]}/{hexes}"


def blob_from_json(values: Mapping[str, Any]) -> Blob:
    """Raises KeyError, TypeError or ValueError for what is no blob: the manifest that says so is damaged."""
    blob = Blob(values["digest"], values["media_type"], values["size"], dict(values["facts"]))
    sound = DIGEST.fullmatch(blob.digest) and _MEDIA_TYPE.fullmatch(blob.media_type) and type(blob.size) is int and blob.size >= 0
    if not sound or not all(isinstance(key, str) and type(value) in (int, float) for key, value in blob.facts.items()):
        raise ValueError("no blob")
    return blob


class BlobWriter:
    """Collects the blobs of one version in its folder, alone. The same bytes twice are one blob. What a killed one was taking in goes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for left in (folder / BLOBS).glob(".incoming-*"):
            left.unlink(missing_ok=True)
        self._blobs: dict[str, Blob] = {}

    def add(self, source: BinaryIO, media_type: str, facts: Facts | None = None) -> Blob:
        """Takes bytes in. Raises INVALID_ARGUMENT for a media type that is none or for bytes that are known under another one."""
        if not _MEDIA_TYPE.fullmatch(media_type):
            raise invalid("media_type", limit="type/subtype in lower case", value=media_type[:100])
        incoming = self._folder / BLOBS / f".incoming-{os.getpid()}"
        incoming.parent.mkdir(parents=True, exist_ok=True)
        try:
            digest, size = _taken(source, incoming)
            blob = self._known(Blob(digest, media_type, size, dict(facts or {})))
            self._place(blob, lambda target: os.replace(incoming, target))
        finally:
            incoming.unlink(missing_ok=True)
        return blob

    def share(self, version: Path, blob: Blob) -> Blob:
        """Takes a blob of another version in by a link; by a copy only where the file systems are two. Raises FILE_MISSING."""
        source = version / blob.name
        if not source.is_file():
            raise _gone(blob.digest)
        self._place(self._known(blob), lambda target: link_or_copy(source, target))
        return blob

    def blobs(self) -> tuple[Blob, ...]:
        """All of them, in order of digest: the order in which they came is nobody's business."""
        return tuple(self._blobs[digest] for digest in sorted(self._blobs))

    def _known(self, blob: Blob) -> Blob:
        known = self._blobs.setdefault(blob.digest, blob)
        if known != blob:
            raise invalid("blob", limit="one media type and one set of facts for the same bytes", digest=blob.digest)
        return known

    def _place(self, blob: Blob, put: Callable[[Path], None]) -> None:
        target = self._folder / blob.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            put(target)
            durable.sync(target.parent)


def link_or_copy(source: Path, target: Path) -> None:
    """``target`` as another name of the file ``source``; where that cannot be, as a copy that appears whole."""
    with suppress(OSError):
        os.link(source, target, follow_symlinks=False)
        return
    with durable.written(target) as handle, source.open("rb") as bytes_:
        shutil.copyfileobj(bytes_, handle, _CHUNK)
    target.chmod(0o444)


def named_in(record: Any) -> Iterator[str]:
    """The digests of the blobs that a record names, wherever it does."""
    if isinstance(record, Mapping):
        if isinstance(record.get(KEY), str):
            yield record[KEY]
        for value in record.values():
            yield from named_in(value)
    elif isinstance(record, list):
        for value in record:
            yield from named_in(value)


def check_blobs(folder: Path, blobs: Iterable[Blob]) -> None:
    """Reads every blob against its digest and size. Raises FILE_MISSING, CHECKSUM_MISMATCH naming it."""
    for blob in blobs:
        try:
            with (folder / blob.name).open("rb") as handle:
                size = os.fstat(handle.fileno()).st_size
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
        except FileNotFoundError:
            raise _gone(blob.digest) from None
        if size != blob.size or f"sha256:{digest}" != blob.digest:
            raise PlatformError(422, Reason.CHECKSUM_MISMATCH, field="input", limit="the bytes that were published", file=blob.name)


def _taken(source: BinaryIO, target: Path) -> tuple[str, int]:
    """Copies to ``target``, read-only and flushed; (digest, size)."""
    digest, size = hashlib.sha256(), 0
    target.unlink(missing_ok=True)
    with target.open("xb") as handle:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += handle.write(chunk)
        handle.flush()
        os.fchmod(handle.fileno(), 0o444)
        os.fsync(handle.fileno())
    return f"sha256:{digest.hexdigest()}", size


def _gone(digest: str) -> PlatformError:
    return PlatformError(422, Reason.FILE_MISSING, field="input", file=name_of(digest))
