"""A dataset version on disk: ``part-00000.jsonl`` … plus ``manifest.json``, which is written last and makes the folder a version.

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
from libs.data.records import Record, content_hash

MANIFEST = "manifest.json"
FORMAT = 1
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

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)

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


def write_manifest(folder: Path, files: Sequence[PartFile], ids: Iterable[str]) -> Manifest:
    """Completes a version. files: its shards in order; ids: those of all records, sorted."""
    manifest = Manifest(tuple(files), sum(file.records for file in files), content_hash(ids))
    durable.write_json(folder / MANIFEST, {"format": FORMAT, **asdict(manifest)})
    return manifest


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
        manifest = Manifest(files, values["records"], values["content_hash"])
        sound = all(_PART.fullmatch(file.name) and _SHA256.fullmatch(file.sha256) for file in files)
    except (KeyError, TypeError):
        raise _damaged(MANIFEST) from None
    if not sound or values.get("format") != FORMAT or manifest.records != sum(file.records for file in files):
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
    """Reads every record of a version against its manifest and recomputes the content hash. Raises CHECKSUM_MISMATCH or FILE_MISSING."""
    manifest = read_manifest(folder)
    ids = sorted(record["id"] for record in read_records(folder))
    if content_hash(ids) != manifest.content_hash:
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
