"""Unpacks zip and tar files below one folder and nowhere else: regular files with plain names, bounded in number and size.

Nothing of an archive is believed: names that leave the folder, links, devices, two entries of one name and encrypted entries are refused
with the entry's name, and what comes out is counted while it comes, whatever the archive says of itself.
"""

from __future__ import annotations

import bz2
import gzip
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple, cast

from libs.common.errors import PlatformError, Reason
from libs.data.beneath import checked_name

CHUNK = 1 << 20
SLACK = 64 << 20  # bytes of headers
FREE, RATIO = 64 << 20, 200  # bytes that may come out whatever the archive weighs, and how often its own weight beyond
_TAR_AT, _TAR = 257, b"ustar"
_GZIP, _BZIP = b"\x1f\x8b", b"BZh"
_TAIL = (1 << 16) + 22  # of a zip, in which its end and a comment lie
ENTRY = 1024  # bytes of an entry in the list of a zip, name and all
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, NotImplementedError, RuntimeError, EOFError, zlib.error, LZMAError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Room:
    """files: how many. each: bytes of one. whole: bytes of all."""

    files: int
    each: int
    whole: int

    def of(self, archive: Path) -> Room:
        """What this archive may become: one that grows beyond all measure is a bomb."""
        return Room(self.files, self.each, min(self.whole, FREE + RATIO * archive.stat().st_size))


class Entry(NamedTuple):
    """fault: why it is not taken. folder: it holds nothing itself. open: its bytes."""

    name: str
    fault: str
    folder: bool
    open: Callable[[], IO[bytes]]


def kind_of(path: Path) -> str:
    """zip, tar, or "" for what is no archive, by its bytes."""
    with path.open("rb") as handle:
        head = handle.read(_TAR_AT + len(_TAR))
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head[_TAR_AT:] == _TAR:
        return "tar"
    return "tar" if head.startswith((_GZIP, _BZIP)) and _holds_tar(path) else ""


def unpack(archive: Path, folder: Path, room: Room, kind: str) -> None:
    """Into a folder that is there and empty. Raises INVALID_PATH, FILE_TOO_LARGE,
    FILE_TRUNCATED, TOO_LARGE naming archive and entry."""
    taken = _Taken(archive.name, folder, room.of(archive))
    try:
        for entry in _zipped(archive, room.files) if kind == "zip" else _tarred(archive, taken.most + SLACK):
            taken.add(entry)
    except _DAMAGED as error:
        raise taken.refused(Reason.FILE_TRUNCATED, "a complete archive without a password", type(error).__name__) from None


class _Taken:
    """What came out so far."""

    def __init__(self, archive: str, folder: Path, room: Room) -> None:
        self._archive, self._folder, self._room = archive, folder, room
        self._entries = self._bytes = 0
        self._entry = ""

    @property
    def most(self) -> int:
        return self._room.whole

    def add(self, entry: Entry) -> None:
        self._entry = entry.name
        if entry.fault:
            raise self.refused(Reason.INVALID_PATH, "regular files, no links", entry.fault)
        self._entries += 1
        if self._entries > self._room.files:
            raise self.refused(Reason.TOO_LARGE, f"at most {self._room.files} files", f"more than {self._room.files}")
        place = self._place(entry.name)
        if not entry.folder:
            self._write(entry, place)

    def refused(self, reason: Reason, limit: str, why: str) -> PlatformError:
        file = f"{self._archive}/{self._entry}"[:300] if self._entry else self._archive
        return PlatformError(422, reason, field="links", limit=limit, file=file, path=file, row=1, why=why)

    def _place(self, name: str) -> Path:
        try:
            plain = checked_name(name, "links")
        except PlatformError:
            raise self.refused(Reason.INVALID_PATH, "names below the archive without '..'", "a name that leads elsewhere") from None
        return self._folder / plain

    def _write(self, entry: Entry, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            out = path.open("xb")
        except OSError:  # there are no links here, so only another entry can be in the way
            raise self.refused(Reason.INVALID_PATH, "one entry of each name", "a name that another entry has") from None
        size = 0
        with out, entry.open() as packed:
            while chunk := packed.read(CHUNK):
                size, self._bytes = size + len(chunk), self._bytes + len(chunk)
                if size > self._room.each or self._bytes > self._room.whole:
                    most = self._room.each if size > self._room.each else self._room.whole
                    raise self.refused(Reason.FILE_TOO_LARGE, f"at most {most} bytes unpacked", "more than that")
                out.write(chunk)


def list_bytes(handle: BinaryIO) -> int:
    """How large a zip says its list of entries is; the whole file where only a part of it can say so."""
    size = handle.seek(0, os.SEEK_END)
    handle.seek(max(0, size - _TAIL))
    tail = handle.read(_TAIL)
    handle.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    said = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    return size if said == 0xFFFFFFFF else said


def _zipped(path: Path, most: int) -> Iterator[Entry]:
    with path.open("rb") as handle:
        if list_bytes(handle) > CHUNK + most * ENTRY:  # it is read whole, so its size is asked before
            raise ValueError("too many entries")
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            mode = stat.S_IFMT(info.external_attr >> 16)
            fault = "" if mode in (0, stat.S_IFREG, stat.S_IFDIR) else "a link or a special file"
            yield Entry(info.filename, fault, info.is_dir(), lambda info=info: archive.open(info))  # type: ignore[misc]


def _tarred(path: Path, most: int) -> Iterator[Entry]:
    with _opened(path) as handle, tarfile.open(fileobj=cast("IO[bytes]", _Sober(handle, most)), mode="r:") as archive:
        for info in archive:
            fault = "" if info.isreg() or info.isdir() else "a link or a special file"
            yield Entry(info.name, fault, info.isdir(), lambda info=info: _bytes_of(archive, info))  # type: ignore[misc]


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as handle:
        head = handle.read(3)
    if head.startswith(_GZIP):
        return cast("IO[bytes]", gzip.open(path))
    return cast("IO[bytes]", bz2.open(path)) if head == _BZIP else path.open("rb")


class _Sober:
    """A tar may say that its next header is larger than all memory, or that an entry begins beyond all measure: nobody goes there."""

    def __init__(self, handle: IO[bytes], most: int) -> None:
        self._handle, self._most = handle, most
        self.tell = handle.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= 4 * CHUNK:
            raise ValueError("a header beyond all measure")
        return self._handle.read(size)

    def seek(self, place: int) -> int:
        if place > self._most:
            raise ValueError("more than it may become")
        return self._handle.seek(place)


def _bytes_of(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    found = archive.extractfile(info)
    assert found is not None  # it is a regular file
    return found


def _holds_tar(path: Path) -> bool:
    try:
        with _opened(path) as handle:
            return handle.read(_TAR_AT + len(_TAR))[_TAR_AT:] == _TAR
    except _DAMAGED:
        return False
