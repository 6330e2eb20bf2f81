"""Content-addressed artifacts: a folder is published whole under the SHA-256 of its manifest, or it is not there.

Publishing writes beside, flushes to disk, and renames last, so a visible artifact is a complete artifact. Its address is
``artifact://sha256:…``; its digest is checked file by file at every hand-over. Libraries read it
through fsspec (``filesystem``); it lies in a local folder (docs/decisions/0008).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from libs.common import durable, fault
from libs.common.errors import PlatformError, Reason, disk_full

SCHEME = "artifact://"
MANIFEST = "artifact.json"
_CHUNK = 1 << 20
QUIET_SECONDS = 3600.0  # between publishing an artifact and storing its address, at the very most


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
        Raises INVALID_PATH for a folder without files, a link, a special file, or a file with the name of the store's own manifest,
        DISK_FULL, ARTIFACTS_MISSING.
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
            if self._is_whole(target, digest):
                os.utime(target)  # whoever removes what nobody speaks for waits until its address can have been stored
            else:
                _take_copy(folder, beside, manifest)
                fault.point("storage.after_copy_before_rename")
                target.parent.mkdir(exist_ok=True)
                self._rename(beside, target, digest)
        except OSError as error:
            raise self._disk_error(error) from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return SCHEME + digest, digest

    def open(self, uri: str, verify: bool = True) -> Path:
        """The folder of an artifact, checked against its digest. Raises NOT_FOUND, CHECKSUM_MISMATCH naming the damaged file, or
        ARTIFACTS_MISSING where the whole store is away."""
        digest = uri.removeprefix(SCHEME)
        folder = self._path(digest)
        if not folder.is_dir():
            self._refuse_missing()
            raise PlatformError(404, Reason.NOT_FOUND, kind="artifact", id=digest)
        if verify:
            self._verify(folder, digest)
        return folder

    def size(self, uri: str) -> int | None:
        """Bytes of an artifact's files, None where there is none of that address. Raises ARTIFACTS_MISSING where the store is away."""
        try:
            manifest = json.loads((self._path(uri.removeprefix(SCHEME)) / MANIFEST).read_bytes())
        except FileNotFoundError:
            self._refuse_missing()
            return None
        except (OSError, ValueError):
            return 0  # damaged: how much it was nobody knows
        return int(sum(each["size"] for each in manifest["files"].values()))

    def remove(self, uri: str, spoken_for: Callable[[], bool], quiet_seconds: float = QUIET_SECONDS) -> bool:
        """Takes an artifact away for good. Blobs that it shares with others stay theirs.

        spoken_for: whether somebody has stored its address after all; asked once it is out of sight. One that was published within
        ``quiet_seconds`` stays, as its address may not be stored yet. Returns whether it went.
        """
        folder = self._path(uri.removeprefix(SCHEME))
        if not folder.is_dir() or time.time() - folder.stat().st_mtime < quiet_seconds:
            return False
        aside = self._incoming / f"removed-{uuid.uuid4().hex}"
        published = folder.stat().st_mtime
        os.rename(folder, aside)
        if aside.stat().st_mtime != published or spoken_for():
            os.rename(aside, folder)
            return False
        durable.sync(folder.parent)
        shutil.rmtree(aside)
        return True

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
        """Health: the store can be written. Raises ARTIFACTS_MISSING, DISK_FULL."""
        probe = self._incoming / f"probe-{os.getpid()}"
        try:
            probe.write_bytes(b"ok")
        except OSError as error:
            raise self._disk_error(error) from error
        finally:
            probe.unlink(missing_ok=True)  # two probes at once share the file

    def _refuse_missing(self) -> None:
        """A store that is away (a mount, a removed folder) is not made anew: what it holds would be elsewhere."""
        if not (self._objects.is_dir() and self._incoming.is_dir()):
            raise PlatformError(503, Reason.ARTIFACTS_MISSING, retryable=True)

    def _disk_error(self, error: OSError) -> Exception:
        self._refuse_missing()
        return disk_full(error, "artifacts") or error

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
        durable.sync(target.parent)
        durable.sync(self._objects)


def _take_copy(folder: Path, beside: Path, manifest: dict[str, Any]) -> None:
    """Copies what ``manifest`` lists, checks the copy, adds the manifest, and flushes it all."""
    beside.mkdir()
    for name in manifest["files"]:
        (beside / name).parent.mkdir(parents=True, exist_ok=True)
        _taken(folder / name, beside / name)
    if manifest_of(beside) != manifest:
        raise PlatformError(
            409, Reason.CHECKSUM_MISMATCH, field="artifact", limit="content that does not change while it is taken in", file=folder.name
        )
    (beside / MANIFEST).write_text(json.dumps(manifest, sort_keys=True))
    durable.sync_tree(beside)


def _taken(source: Path, target: Path) -> None:
    """By copy, read-only where it is; what is read-only and has other names already (a blob of several versions) by one name more."""
    facts = source.stat(follow_symlinks=False)
    final = not facts.st_mode & 0o222
    if final and facts.st_nlink > 1:
        with suppress(OSError):  # another file system: then by copy
            os.link(source, target, follow_symlinks=False)
            return
    shutil.copyfile(source, target, follow_symlinks=False)
    if final:
        target.chmod(0o444)


def _damaged(name: str) -> PlatformError:
    return PlatformError(422, Reason.CHECKSUM_MISMATCH, field="artifact", limit="the bytes that were published", file=name)
