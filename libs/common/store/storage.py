"""Content-addressed artifacts: a folder is published whole under the SHA-256 of its manifest, or it is not there.

Publishing writes beside, flushes to disk, and renames last, so a visible artifact is a complete artifact. Its address is
``artifact://sha256:…``; its digest is checked file by file at every hand-over. Libraries read it
through fsspec (``filesystem``); it lies in a local folder (docs/decisions/0008).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from libs.common import fault
from libs.common.errors import PlatformError, Reason

SCHEME = "artifact://"
MANIFEST = "artifact.json"
_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def manifest_of(folder: Path) -> dict[str, Any]:
    """{"files": {relative path: {"size": bytes, "sha256": hex}}}. Raises INVALID_PATH for a link or a special file."""
    files: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise PlatformError(422, Reason.INVALID_PATH, field="artifact", limit="regular files and folders only", file=path.name)
        if path.is_file():
            files[path.relative_to(folder).as_posix()] = {"size": path.stat().st_size, "sha256": sha256_of(path)}
    return {"files": files}


def digest_of(manifest: dict[str, Any]) -> str:
    """``sha256:…`` over the canonical JSON of a manifest."""
    return "sha256:" + hashlib.sha256(json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def sync_folder(folder: Path) -> None:
    """Flushes every file and folder below ``folder`` to disk."""
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_name(name: str) -> str:
    """A relative path inside an artifact. Raises INVALID_PATH for anything that could leave it."""
    path = PurePosixPath(name)
    if not path.parts or str(path) != name or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or len(name) > 300:
        raise PlatformError(400, Reason.INVALID_PATH, field="path", limit="a relative path without '..'", path=name[:100])
    return name


class ArtifactStore:
    """Artifacts under one local folder: ``objects/ab/abcd…`` plus ``incoming`` for what is being written."""

    def __init__(self, root: Path) -> None:
        self._objects, self._incoming = root / "objects", root / "incoming"
        self._objects.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(parents=True, exist_ok=True)

    def publish(self, folder: Path) -> tuple[str, str]:
        """Takes a copy of ``folder``'s files in; the same content again is the same artifact, and mends a damaged one.

        Returns (uri, digest).
        Raises INVALID_PATH for a folder without files, a link, a special file, or a file with the name of the store's own manifest.
        """
        manifest = manifest_of(folder)
        if not manifest["files"] or MANIFEST in manifest["files"]:
            raise PlatformError(
                422, Reason.INVALID_PATH, field="artifact", limit=f"a folder with files, none of them {MANIFEST}", file=folder.name
            )
        for name in manifest["files"]:
            check_name(name)
        digest = digest_of(manifest)
        target = self._path(digest)
        beside = self._incoming / uuid.uuid4().hex
        try:
            if not self._is_whole(target, digest):
                _take_copy(folder, beside, manifest)
                fault.point("storage.after_copy_before_rename")
                target.parent.mkdir(exist_ok=True)
                self._rename(beside, target, digest)
        except OSError as error:
            raise _disk_error(error) from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return SCHEME + digest, digest

    def open(self, uri: str, verify: bool = True) -> Path:
        """The folder of an artifact, checked against its digest. Raises NOT_FOUND, or CHECKSUM_MISMATCH naming the damaged file."""
        digest = uri.removeprefix(SCHEME)
        folder = self._path(digest)
        if not folder.is_dir():
            raise PlatformError(404, Reason.NOT_FOUND, kind="artifact", id=digest)
        if verify:
            self._verify(folder, digest)
        return folder

    def filesystem(self, uri: str, verify: bool = True) -> Any:
        """The artifact as an fsspec file system rooted at its folder, for libraries that read through fsspec. Reading only: an artifact
        never changes. Raises what ``open`` raises."""
        from fsspec.implementations.dirfs import DirFileSystem
        from fsspec.implementations.local import LocalFileSystem

        return DirFileSystem(path=str(self.open(uri, verify)), fs=LocalFileSystem())

    def sweep(self, older_than_seconds: float, now: float) -> int:
        """Removes what crashed publishers left behind; ``older_than_seconds`` is longer than any copy takes. Returns how many."""
        swept = 0
        for path in self._incoming.iterdir():
            try:
                if now - path.stat().st_mtime > older_than_seconds:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                    swept += 1
            except OSError:
                continue  # somebody else sweeps, or its publisher lives and has just finished
        return swept

    def digests(self) -> Iterator[str]:
        """Of everything that is visible, whole or not."""
        for path in self._objects.glob("??/*"):
            yield f"sha256:{path.name}"

    def check(self) -> None:
        """Health: the store can be written."""
        probe = self._incoming / f"probe-{os.getpid()}"
        probe.write_bytes(b"ok")
        probe.unlink(missing_ok=True)  # two probes at once share the file

    def _verify(self, folder: Path, digest: str) -> None:
        try:
            manifest = json.loads((folder / MANIFEST).read_bytes())
        except (OSError, ValueError):
            raise _damaged(MANIFEST) from None
        if digest_of(manifest) != digest:
            raise _damaged(MANIFEST)
        found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}
        for name in sorted(found.keys() ^ {MANIFEST, *manifest["files"]}):  # lacking, or slipped in later
            raise _damaged(name)
        for name, expected in manifest["files"].items():
            path = found[check_name(name)]
            if path.is_symlink() or not path.is_file() or path.stat().st_size != expected["size"] or sha256_of(path) != expected["sha256"]:
                raise _damaged(name)

    def _is_whole(self, folder: Path, digest: str) -> bool:
        try:
            self._verify(folder, digest)
        except PlatformError:
            return False
        return True

    def _path(self, digest: str) -> Path:
        algorithm, _, hexes = digest.partition(":")
        if algorithm != "sha256" or len(hexes) != 64 or not all(c in "0123456789abcdef" for c in hexes):
            raise PlatformError(400, Reason.INVALID_ARGUMENT, field="digest", limit="sha256: and 64 hexadecimal digits")
        return self._objects / hexes[:2] / hexes

    def _rename(self, source: Path, target: Path, digest: str) -> None:
        try:
            os.rename(source, target)
        except OSError:
            if not target.is_dir():
                raise
            # Either somebody else published the same content meanwhile, as good as ours, or what lies there is damaged and makes room.
            if not self._is_whole(target, digest):
                damaged = self._incoming / uuid.uuid4().hex
                os.rename(target, damaged)
                fault.point("storage.after_damaged_aside_before_rename")
                os.rename(source, target)
                shutil.rmtree(damaged, ignore_errors=True)
        fault.point("storage.after_rename_before_sync")
        sync_folder_entry(target.parent)
        sync_folder_entry(self._objects)


def _take_copy(folder: Path, beside: Path, manifest: dict[str, Any]) -> None:
    """Copies what ``manifest`` lists, checks the copy, adds the manifest, and flushes it all."""
    beside.mkdir()
    for name in manifest["files"]:
        (beside / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, beside / name, follow_symlinks=False)
    if manifest_of(beside) != manifest:
        raise PlatformError(
            409, Reason.CHECKSUM_MISMATCH, field="artifact", limit="content that does not change while it is taken in", file=folder.name
        )
    (beside / MANIFEST).write_text(json.dumps(manifest, sort_keys=True))
    sync_folder(beside)


def sync_folder_entry(folder: Path) -> None:
    """Makes a rename inside ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(name: str) -> PlatformError:
    return PlatformError(422, Reason.CHECKSUM_MISMATCH, field="artifact", limit="the bytes that were published", file=name)


def _disk_error(error: OSError) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return PlatformError(507, Reason.DISK_FULL, retryable=True, what="artifacts")
    return error
