"""A dataset version on disk: ``part-00000.jsonl`` …, perhaps ``blobs``, and ``manifest.json``, which is written last and makes the folder a
version.

Decides the layout and its checks: every part is read against its size and SHA-256, so a damaged part is an error before its records are
used. The content hash comes from sorted id lists that are merged from disk: memory does not grow with the number of records.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from libs.common import durable
from libs.common.errors import PlatformError, Reason
from libs.data.blobs import DIGEST, Blob, blob_from_json, check_blobs, name_of, named_in
from libs.data.records import Record, canonical, content_hash

MANIFEST = "manifest.json"
FORMAT, WITH_BLOBS = 1, 2  # who knows no blobs takes no version that has some
_PART = re.compile(r"part-\d{5,9}\.jsonl")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ID_BYTES = 16
_CHUNK = _ID_BYTES * 4096


@dataclass(frozen=True, slots=True)
class PartFile:
    """One shard: UTF-8, one record per line. ``size`` in bytes."""

    name: str
    size: int
    sha256: str
    records: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version consists of."""

    files: tuple[PartFile, ...]
    records: int
    content_hash: str
    blobs: tuple[Blob, ...] = ()

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files) + sum(blob.size for blob in self.blobs)

    def to_json(self) -> dict[str, Any]:
        """A version without blobs is written as it was before there were any."""
        plain = {"files": [asdict(file) for file in self.files], "records": self.records, "content_hash": self.content_hash}
        return (
            {"format": FORMAT, **plain} if not self.blobs else {"format": WITH_BLOBS, **plain, "blobs": [b.to_json() for b in self.blobs]}
        )

    def facts(self) -> dict[str, Any]:
        """What identifies this version as an input that is worked on shard by shard: its content and its sharding."""
        return {"content_hash": self.content_hash, "files": [file.sha256 for file in self.files]}


def part_name(index: int) -> str:
    """File name of shard ``index``."""
    return f"part-{index:05d}.jsonl"


class PartWriter:
    """Writes one shard beside its name; it appears when it is closed."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._handle = durable.beside(path).open("wb")
        self._digest = hashlib.sha256()
        self.size = 0
        self.records = 0

    def write(self, line: bytes) -> None:
        self._handle.write(line)
        self._digest.update(line)
        self.size += len(line)
        self.records += 1

    def close(self) -> PartFile:
        durable.settle(self._handle, self._path)
        return PartFile(self._path.name, self.size, self._digest.hexdigest(), self.records)

    def abandon(self) -> None:
        """Closes without publishing; the next attempt overwrites what is beside."""
        self._handle.close()


def write_ids(path: Path, ids: Sequence[str]) -> None:
    """Keeps the ids of one shard, sorted, 16 bytes each. The caller makes the name durable."""
    with durable.written(path, sync_parent=False) as handle:
        handle.write(b"".join(sorted(map(bytes.fromhex, ids))))


def merged_ids(paths: Iterable[Path]) -> Iterator[str]:
    """All ids of several ``write_ids`` files in one sorted stream."""
    return (id.hex() for id in heapq.merge(*(_ids(path) for path in paths)))


def _ids(path: Path) -> Iterator[bytes]:
    offset = 0
    while True:
        with path.open("rb") as handle:  # opened per chunk: hundreds of shards do not need hundreds of descriptors
            handle.seek(offset)
            chunk = handle.read(_CHUNK)
        if not chunk:
            return
        offset += len(chunk)
        yield from (chunk[at : at + _ID_BYTES] for at in range(0, len(chunk), _ID_BYTES))


def write_manifest(folder: Path, files: Sequence[PartFile], ids: Iterable[str], blobs: Sequence[Blob] = ()) -> Manifest:
    """Completes a version. files: its shards in order; ids: those of all records, sorted; blobs: in order of digest."""
    manifest = Manifest(tuple(files), sum(file.records for file in files), hash_of(ids, blobs), tuple(blobs))
    durable.write_json(folder / MANIFEST, manifest.to_json())
    return manifest


def hash_of(ids: Iterable[str], blobs: Sequence[Blob]) -> str:
    """The content hash: over the sorted ids alone where there are no blobs, else over that and what each blob is."""
    records = content_hash(ids)
    if not blobs:
        return records
    return content_hash((records, *(canonical(blob.to_json()) for blob in blobs)))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a version. Raises FILE_MISSING where there is no version, CHECKSUM_MISMATCH where the manifest makes no sense."""
    try:
        values = durable.read_json(folder / MANIFEST)
    except ValueError:
        raise _damaged(MANIFEST) from None
    if values is None:
        raise PlatformError(422, Reason.FILE_MISSING, field="input", file=MANIFEST)
    try:
        files = tuple(PartFile(file["name"], file["size"], file["sha256"], file["records"]) for file in values["files"])
        blobs = tuple(map(blob_from_json, values.get("blobs", ())))
        manifest = Manifest(files, values["records"], values["content_hash"], blobs)
        sound = values.get("format") == (WITH_BLOBS if blobs else FORMAT) and all(
            _PART.fullmatch(file.name) and _SHA256.fullmatch(file.sha256) for file in files
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _damaged(MANIFEST) from None
    if not sound or manifest.records != sum(file.records for file in files):
        raise _damaged(MANIFEST)
    return manifest


def read_part(folder: Path, file: PartFile) -> Iterator[Record]:
    """Records of one shard in order. Raises CHECKSUM_MISMATCH naming the part, FILE_MISSING when it is gone.

    The checksum is known only at the end: a caller must not publish before the iterator is exhausted.
    """
    digest, rows = hashlib.sha256(), 0
    try:
        with (folder / file.name).open("rb") as lines:
            for line in lines:
                digest.update(line)
                rows += 1
                yield _parsed(line, file)
    except FileNotFoundError:
        raise PlatformError(422, Reason.FILE_MISSING, field="input", file=file.name) from None
    if digest.hexdigest() != file.sha256 or rows != file.records:
        raise _damaged(file.name)


def read_records(folder: Path, start: int = 0) -> Iterator[Record]:
    """All records of a version from record ``start`` on; whole parts before it are not opened."""
    for file in read_manifest(folder).files:
        if start >= file.records:
            start -= file.records
            continue
        for row, record in enumerate(read_part(folder, file)):
            if row >= start:
                yield record
        start = 0


def verify(folder: Path) -> Manifest:
    """Reads every record and blob of a version against its manifest and recomputes the content hash. Raises CHECKSUM_MISMATCH, or
    FILE_MISSING, also for a blob that a record names and the version has not."""
    manifest = read_manifest(folder)
    ids, there = [], {blob.digest for blob in manifest.blobs}
    for record in read_records(folder):
        ids.append(record["id"])
        for digest in named_in(record):
            if DIGEST.fullmatch(digest) and digest not in there:
                raise PlatformError(422, Reason.FILE_MISSING, field="input", file=name_of(digest))
    check_blobs(folder, manifest.blobs)
    if hash_of(sorted(ids), manifest.blobs) != manifest.content_hash:
        raise _damaged(MANIFEST)
    return manifest


def _parsed(line: bytes, file: PartFile) -> Record:
    try:
        record: Any = json.loads(line)
    except ValueError:
        raise _damaged(file.name) from None
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        raise _damaged(file.name)
    return record


def _damaged(name: str) -> PlatformError:
    return PlatformError(422, Reason.CHECKSUM_MISMATCH, field="input", limit="the bytes that were published", file=name)
