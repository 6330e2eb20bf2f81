"""The file a backup is: a tar of plain files, and last a manifest with the size and SHA-256 of each. One without it was cut off.

Written beside and shown when it is whole; readable by its owner alone, for it holds keys. Reading believes nothing: only plain files,
only names below the folders of a backup, each once, each with the bytes that were written.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import tarfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from libs.common import durable
from libs.common.errors import PlatformError, Reason
from libs.common.store.storage import check_name

FORMAT = 1
MANIFEST = "manifest.json"
FOLDERS = ("records", "artifacts", "keys")
_CHUNK = 1 << 20


class _Counted(io.RawIOBase):
    """What is read through it is summed up."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self.sum = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.sum.update(data)
        return data


class Writer:
    """Takes files in; ``files`` says what it has."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=handle, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by `finish`
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, path: Path) -> str:
        """Returns the SHA-256 of what was taken."""
        with path.open("rb") as source:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = os.fstat(source.fileno()).st_size, 0o600
            counted = _Counted(source)
            self._tar.addfile(entry, counted)
        self.files[name] = {"size": entry.size, "sha256": counted.sum.hexdigest()}
        return counted.sum.hexdigest()

    def finish(self, facts: dict[str, Any]) -> None:
        data = msgspec.json.encode({"format": FORMAT, **facts, "files": self.files})
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(data), 0o600
        self._tar.addfile(entry, io.BytesIO(data))
        self._tar.close()


@contextmanager
def room(what: str) -> Iterator[None]:
    """A disk that is full is a fact, not a fault of ours."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise PlatformError(507, Reason.DISK_FULL, retryable=True, what=what) from error


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new backup at ``path``, there when the block ends well and not at all otherwise. Raises ALREADY_EXISTS."""
    if path.exists():
        raise PlatformError(409, Reason.ALREADY_EXISTS, field="FILE", kind="backup", path=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with room(str(path.parent)), ExitStack() as stack:
        stack.callback(beside.unlink, missing_ok=True)
        # Streamed, private, and linked: no writer of libs.common.durable is all three.
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            yield Writer(handle)
            handle.flush()
            os.fsync(handle.fileno())
        os.link(beside, path)  # unlike a rename it never takes the place of what came meanwhile
        durable.sync(path.parent)


def unpack(path: Path, folder: Path | None, wanted: Callable[[str], bool] = lambda _: True) -> dict[str, Any]:
    """Writes what is ``wanted`` below ``folder`` (None: nowhere) and returns the manifest. Raises BACKUP_UNREADABLE, naming the part, for
    whatever is not the backup that was written."""
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(path, "r|") as tar:
            for entry in tar:
                source = tar.extractfile(entry) if entry.isreg() else None
                if source is None or manifest is not None or entry.name in found:
                    raise unreadable(entry.name)
                if entry.name == MANIFEST:
                    manifest = _manifest(source.read())
                    continue
                _check(entry.name)
                target = folder / entry.name if folder is not None and wanted(entry.name) else None
                found[entry.name] = {"size": entry.size, "sha256": _copy(source, target)}
    except (tarfile.TarError, EOFError, msgspec.MsgspecError) as error:
        raise unreadable(f"{path.name} ({error})"[:200]) from None
    except OSError as error:
        if error.filename is None:
            raise
        raise unreadable(f"{error.filename}: {error.strerror}") from None
    if manifest is None:
        raise unreadable(f"{path.name}, which has no end")
    for name in sorted(found.keys() | manifest["files"].keys()):
        if found.get(name) != manifest["files"].get(name):
            raise unreadable(name)
    return manifest


def _manifest(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
    if found.get("format") != FORMAT or not isinstance(found.get("files"), dict) or not isinstance(found.get("services"), dict):
        raise unreadable(MANIFEST)
    return found


def _check(name: str) -> None:
    try:
        check_name(name)
    except PlatformError:
        raise unreadable(name[:100]) from None
    if name.partition("/")[0] not in FOLDERS or "/" not in name:
        raise unreadable(name)


def _copy(source: IO[bytes], target: Path | None) -> str:
    total = hashlib.sha256()
    if target is None:
        while chunk := source.read(_CHUNK):
            total.update(chunk)
        return total.hexdigest()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        while chunk := source.read(_CHUNK):
            total.update(chunk)
            handle.write(chunk)
        handle.flush()
        os.fsync(handle.fileno())
    return total.hexdigest()


def unreadable(part: str) -> PlatformError:
    return PlatformError(422, Reason.BACKUP_UNREADABLE, file=part)
