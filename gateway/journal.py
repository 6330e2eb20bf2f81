"""Rows of the audit trail that wait for the identity service, on this machine's disk: kill -9 of the gateway loses none of them.

One file is one batch, and its name is the batch's idempotency key: what is sent again after a crash is recorded once. A row is one JSON
line, written by one call before the answer goes out. Each gateway of a home holds a folder of its own by a lock; one that starts takes
over what a dead one left.
"""

from __future__ import annotations

import errno
import fcntl
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from libs.common import durable
from libs.common.errors import PlatformError, Reason

BATCH = 200
FOLDERS = 64  # gateways of one home at once
SET_ASIDE_BYTES = 4 << 20
ROWS, ASIDE = ".rows", "refused.jsonl"
_encode = msgspec.json.encode
Row = dict[str, Any]


@dataclass(eq=False)
class Batch:
    """A file that is written no more. failures: how often it failed though the identity service answered."""

    path: Path
    people: int = 0
    strangers: int = 0
    failures: int = 0

    @property
    def key(self) -> str:
        return self.path.name.removesuffix(ROWS)

    def rows(self) -> list[Row]:
        """Whole rows only: the last line of a process that was killed may have no end."""
        found = []
        for line in self.path.read_bytes().split(b"\n")[:-1]:
            try:
                row = msgspec.json.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            if isinstance(row, dict):
                found.append(row)
        return found

    def count(self, row: Row) -> bool:
        """Whether it is about somebody known."""
        known = bool(row.get("user_id"))
        self.people, self.strangers = self.people + known, self.strangers + (not known)
        return known


class Journal:
    """``add`` a row … ``batches`` that wait … ``done`` with one. people, strangers: rows that wait, about somebody known or not.

    Raises INVALID_SETTING when there is no folder to write to.
    """

    def __init__(self, root: Path) -> None:
        try:
            self._lock, self.folder, left = _take(root)
        except OSError as error:
            raise PlatformError(
                500, Reason.INVALID_SETTING, field="MODELYARD_HOME", limit=f"a folder the gateway may write ({error.strerror})"
            ) from None
        self._open: Batch | None = None
        self._file = -1
        self._size = 0
        self._waiting = [batch for path in left if (batch := _counted(path)) is not None]
        self.people = sum(batch.people for batch in self._waiting)
        self.strangers = sum(batch.strangers for batch in self._waiting)

    def add(self, row: Row) -> None:
        """The row is on this machine's disk cache when this returns. Raises OSError and keeps nothing of it."""
        batch = self._open
        if batch is None:
            batch = Batch(self.folder / f"audit-{uuid.uuid4().hex}{ROWS}")
            self._file = os.open(batch.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self._open, self._size = batch, 0
        line = _encode(row) + b"\n"
        written = os.write(self._file, line)
        if written != len(line):
            os.ftruncate(self._file, self._size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += written
        known = batch.count(row)
        self.people, self.strangers = self.people + known, self.strangers + (not known)
        if batch.people + batch.strangers >= BATCH:
            self.seal()

    def seal(self) -> None:
        """What was added is a batch now."""
        if self._open is None:
            return
        os.close(self._file)
        if self._size:
            self._waiting.append(self._open)
        else:
            self._open.path.unlink(missing_ok=True)
        self._open = None

    def batches(self) -> Iterator[Batch]:
        """Those that wait now, oldest first."""
        return iter(list(self._waiting))

    def done(self, batch: Batch) -> None:
        batch.path.unlink(missing_ok=True)
        self._waiting.remove(batch)
        self.people, self.strangers = self.people - batch.people, self.strangers - batch.strangers

    def set_aside(self, row: Row, why: str) -> None:
        """Beside the queue, for people to look at; no more once the file is full."""
        path = self.folder / ASIDE
        if not path.exists() or path.stat().st_size < SET_ASIDE_BYTES:
            with path.open("ab") as file:
                file.write(_encode({**row, "refused": why}) + b"\n")

    def sync(self, batch: Batch) -> None:
        """Down to the disk itself: for one that has to wait longer than a moment."""
        durable.sync(batch.path)

    def close(self) -> None:
        """What was not sent waits for the next start."""
        self.seal()
        self._lock.close()


def _take(root: Path) -> tuple[IO[str], Path, list[Path]]:
    """The lock of a folder nobody holds, that folder, and the batches in it and in those of gateways that are gone."""
    held: list[tuple[IO[str], Path]] = []
    for number in range(FOLDERS):
        folder = root / str(number)
        if held and not folder.exists():
            break
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock: IO[str] = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        held.append((lock, folder))
    if not held:
        raise OSError(errno.EAGAIN, f"{FOLDERS} gateways write here already")
    (mine, own), others = held[0], held[1:]
    for lock, folder in others:
        for path in folder.glob("*" + ROWS):
            path.replace(own / path.name)
        lock.close()
    return mine, own, sorted(own.glob("*" + ROWS), key=lambda path: path.stat().st_mtime_ns)


def _counted(path: Path) -> Batch | None:
    """A batch another process wrote; None for one without a whole row."""
    batch = Batch(path)
    for row in batch.rows():
        batch.count(row)
    if batch.people + batch.strangers:
        return batch
    path.unlink(missing_ok=True)
    return None
