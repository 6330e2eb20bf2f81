"""Files that are either complete or absent: written beside under a hidden name, flushed to disk, renamed.

A kill at any moment leaves at most a hidden ``.tmp`` file that the next attempt overwrites; readers never look at hidden names.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO


def beside(path: Path) -> Path:
    """The name ``path`` has while it is being written."""
    return path.with_name(f".{path.name}.tmp")


def settle(handle: BinaryIO, path: Path) -> None:
    """Flushes what was written beside ``path`` to disk, closes it and gives it its name."""
    handle.flush()
    os.fsync(handle.fileno())
    handle.close()
    os.replace(beside(path), path)


@contextmanager
def written(path: Path, sync_parent: bool = True) -> Iterator[BinaryIO]:
    """A binary handle whose content appears under ``path`` at once, and only when the block ends without an error.

    sync_parent=False: the caller makes the name durable later, together with others in the same folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with beside(path).open("wb") as handle:
        yield handle
        settle(handle, path)
    if sync_parent:
        sync(path.parent)


def write_json(path: Path, value: Any, sync_parent: bool = True) -> None:
    """One JSON document with sorted keys: the same value is the same bytes."""
    with written(path, sync_parent) as handle:
        handle.write(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n")


def read_json(path: Path) -> Any:
    """The document of ``write_json``; None where there is none yet."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None


def sync(path: Path) -> None:
    """Flushes a file, or the names in a folder, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Flushes every file and folder of a tree to disk."""
    for path in [*folder.rglob("*"), folder]:
        sync(path)


def write_new(path: Path, content: bytes) -> None:
    """A file that must not be there yet, flushed; its folder is made durable by the caller."""
    with path.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def write_private(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Never readable by others for a moment; processes that write it at once do not meet. Its folder is there."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    hidden.unlink(missing_ok=True)
    with os.fdopen(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(hidden, path)
    sync(path.parent)


def remove(folder: Path) -> None:
    """Removes a folder tree if it is there."""
    shutil.rmtree(folder, ignore_errors=True)
