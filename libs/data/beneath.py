"""Finds and opens files below one root and nowhere else.

Links, special files and names that leave the root are refused, whoever put them there. Every folder on the way is opened without
following links, so a folder that is swapped for a link between the scan and the read does not lead outside.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from libs.common.errors import PlatformError, Reason, invalid

MAX_NAME = 1000  # characters of a relative path
MAX_PART = 255  # bytes of one folder or file name: what file systems take
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # non-blocking: opening a pipe must not hang


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file below the root. ``changed``: modification time in ns; together with the size it tells whether the source moved under us."""

    name: str
    size: int
    changed: int

    @property
    def extension(self) -> str:
        return PurePosixPath(self.name).suffix.lower().removeprefix(".")


def scan(root: Path, paths: Sequence[str], max_files: int) -> list[SourceFile]:
    """All regular files that ``paths`` (files or folders, relative to ``root``) name, once each, sorted by name.

    Hidden names inside folders are passed over. Raises INVALID_PATH, FILE_MISSING, TOO_LARGE.
    """
    if not root.is_dir():
        raise invalid("root", Reason.FILE_MISSING, "the import folder of this space", file=root.name)
    found: dict[str, SourceFile] = {}
    for position, path in enumerate(paths):
        for file in _below(root, checked_name(path, f"paths[{position}]")):
            found[file.name] = file
            if len(found) > max_files:
                raise invalid("paths", Reason.TOO_LARGE, f"at most {max_files} files")
    return [found[name] for name in sorted(found)]


def checked_name(path: str, field: str) -> str:
    """``path`` in normal form ("." for the root). Raises INVALID_PATH for anything that could leave the root."""
    parts = PurePosixPath(path).parts
    if not path or len(path) > MAX_NAME or path.startswith("/") or "\\" in path or "\0" in path or ".." in parts:
        raise invalid(field, Reason.INVALID_PATH, "a path below the root without '..'", path=path[:100])
    if any(len(_readable(part, field).encode()) > MAX_PART for part in parts):
        raise invalid(field, Reason.INVALID_PATH, f"names of at most {MAX_PART} bytes each", path=path[:100])
    return str(PurePosixPath(path))


def open_beneath(root: Path, name: str) -> io.BufferedReader:
    """The file ``name`` below ``root`` for reading. Raises INVALID_PATH for a link or a special file, FILE_MISSING when it is gone."""
    *folders, last = PurePosixPath(name).parts
    try:
        holder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise _missing(name) from None
    try:
        for folder in folders:
            inner = os.open(folder, _FOLDER, dir_fd=holder)
            os.close(holder)
            holder = inner
        descriptor = os.open(last, _FILE, dir_fd=holder)
    except (FileNotFoundError, PermissionError):
        raise _missing(name) from None
    except OSError:
        raise _refused(name) from None
    finally:
        os.close(holder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _refused(name)
    return io.BufferedReader(io.FileIO(descriptor, "rb"), 1 << 18)


def _below(root: Path, name: str) -> Iterator[SourceFile]:
    _refuse_links(root, name)
    stack = [name]
    while stack:
        current = stack.pop()
        status = _status(root, current)
        if stat.S_ISREG(status.st_mode):
            yield SourceFile(current, status.st_size, status.st_mtime_ns)
        elif stat.S_ISDIR(status.st_mode):
            stack += [_joined(current, _readable(name)) for name in _names(root, current) if not name.startswith(".")]
        else:
            raise _refused(current)


def _refuse_links(root: Path, name: str) -> None:
    for depth in range(1, len(PurePosixPath(name).parts)):
        folder = str(PurePosixPath(*PurePosixPath(name).parts[:depth]))
        if not stat.S_ISDIR(_status(root, folder).st_mode):
            raise _refused(folder)


def _status(root: Path, name: str) -> os.stat_result:
    try:
        return os.lstat(root / name)
    except OSError:  # whatever the system says of it names the root too, which is nobody's business outside
        raise _missing(name) from None


def _names(root: Path, folder: str) -> list[str]:
    try:
        return os.listdir(root / folder)
    except OSError:
        raise _missing(folder) from None


def _joined(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"


def _readable(name: str, field: str = "paths") -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise invalid(field, Reason.INVALID_PATH, "file names in UTF-8", path=ascii(name)[:100]) from None
    return name


def _missing(name: str) -> PlatformError:
    return PlatformError(422, Reason.FILE_MISSING, field="paths", limit="a file or folder in the import folder of this space", file=name)


def _refused(name: str) -> PlatformError:
    return PlatformError(422, Reason.INVALID_PATH, field="paths", limit="regular files and folders, no links", path=name)
