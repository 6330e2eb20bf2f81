"""Where uploaded bytes lie: parts on their way beside the spaces' folders, whole files inside them, named by what they are.

How far an upload is, the disk alone knows: a part is flushed before it counts, and what was written is always a prefix of the file. One
lock per upload keeps a late part from a file that is being checked. A hash is carried along while parts come in order and made anew from
the disk where it was lost, so that checking a file at its end seldom reads it again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from libs.common import durable
from libs.common.errors import PlatformError, Reason, busy, cause_of, disk_full, unavailable

RECEIVING = ".receiving"  # below the import root, where no space can import from
WHAT = "the import folder"
CHUNK = 1 << 20
PATIENCE_SECONDS = 2.0  # for the part before
CARRIED = 64  # uploads whose hash is carried along; of others it is made at their end


class Incoming:
    """root: holds one folder per project space, named by its id."""

    def __init__(self, root: Path) -> None:
        self._root, self._parts = root, root / RECEIVING
        self._carried: dict[int, Digest] = {}

    def received(self, id: int) -> int:
        """Bytes of an upload that are on the disk."""
        try:
            return self._part(id).stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def held(self, id: int) -> Iterator[Part]:
        """The part file of an upload, for one caller at a time. Raises BUSY, DISK_FULL, UNAVAILABLE."""
        path = self._part(id)
        with _told_apart():
            self._parts.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            with _told_apart():
                _lock(handle, path)
                yield Part(path, handle, self._digest(id))
        finally:
            os.close(handle)

    def settle(self, part: Part, space_id: int, path: str) -> None:
        """Gives a checked file its place; the same content of another upload is as good."""
        target = self._root / str(space_id) / path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(part.path, target)
        durable.sync(target.parent)

    def settled(self, space_id: int, path: str, size: int) -> bool:
        """Whether a whole file lies there."""
        with suppress(OSError):
            return (self._root / str(space_id) / path).stat().st_size == size
        return False

    def discard(self, id: int) -> None:
        """Throws away what was received."""
        self._carried.pop(id, None)
        self._part(id).unlink(missing_ok=True)

    def remove(self, space_id: int, path: str) -> None:
        """Throws a whole file away."""
        (self._root / str(space_id) / path).unlink(missing_ok=True)

    def silent(self, seconds: float) -> list[int]:
        """Uploads of which a part lies here that nobody touched for so long."""
        found = []
        with suppress(FileNotFoundError):
            for entry in os.scandir(self._parts):
                with suppress(OSError):
                    if entry.name.isdecimal() and time.time() - entry.stat(follow_symlinks=False).st_mtime > seconds:
                        found.append(int(entry.name))
        return found

    def _part(self, id: int) -> Path:
        return self._parts / str(id)

    def _digest(self, id: int) -> Digest:
        digest = self._carried.pop(id, None) or Digest()
        self._carried[id] = digest  # the last one asked for is the last to go
        while len(self._carried) > CARRIED:
            self._carried.pop(next(iter(self._carried)), None)
        return digest


class Digest:
    """SHA-256 of the first ``position`` bytes."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self._hash, self.position = hashlib.sha256(), 0

    def take(self, data: bytes) -> None:
        self._hash.update(data)
        self.position += len(data)

    def text(self) -> str:
        return self._hash.hexdigest()


class Part:
    """A part file under its lock."""

    def __init__(self, path: Path, handle: int, digest: Digest) -> None:
        self.path, self._handle, self._digest = path, handle, digest

    @property
    def size(self) -> int:
        return os.fstat(self._handle).st_size

    def write(self, offset: int, data: bytes) -> int:
        """Writes from ``offset`` on, which is not beyond the end; returns how many bytes there are now, all of them flushed."""
        view = memoryview(data)
        done = 0
        if offset < self._digest.position:
            self._digest.start()
        while done < len(view):
            done += os.pwrite(self._handle, view[done:], offset + done)
        os.fdatasync(self._handle)
        if offset == self._digest.position:
            self._digest.take(data)
        return self.size

    def sha256(self, expired: Callable[[], bool]) -> str:
        """Of the whole file. Raises BUSY where the time is not enough: what was read so far is kept for the next who asks."""
        while chunk := os.pread(self._handle, CHUNK, self._digest.position):
            self._digest.take(chunk)
            if expired() and self._digest.position < self.size:
                raise busy("checking", f"{self._digest.position} of {self.size} bytes are checked")
        return self._digest.text()


def _lock(handle: int, path: Path) -> None:
    """Raises BUSY where another holds it for long, or has just taken the file away."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not _locked(handle):
        if time.monotonic() > end:
            raise busy("upload", "one part of an upload at a time")
        time.sleep(0.01)
    try:
        same = path.stat().st_ino == os.fstat(handle).st_ino
    except FileNotFoundError:
        same = False
    if not same:
        raise busy("upload", "one part of an upload at a time")


@contextmanager
def _told_apart() -> Iterator[None]:
    """What the disk says, as errors with a name."""
    try:
        yield
    except OSError as error:
        full = disk_full(error, WHAT)
        raise full or unavailable(WHAT, cause=cause_of(error)) from error


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def incomplete(received: int, size: int, field: str, **details: Any) -> PlatformError:
    """409: bytes are missing before this one, or at the end."""
    limit = f"at most {received}" if field == "offset" else f"{size} bytes"
    return PlatformError(409, Reason.UPLOAD_INCOMPLETE, field=field, limit=limit, received=received, bytes=size, **details)
