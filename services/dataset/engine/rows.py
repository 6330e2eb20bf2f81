"""What a reader of foreign files yields: a row with its fields, or with the fault that keeps it from being one.

UTF-8 only, with or without a byte order mark. A fault concerns one row; a fault with ``ends_file`` means that nothing after it can be
trusted. Memory is bounded by one row, however long a line is.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from libs.common.errors import Reason

BOM = b"\xef\xbb\xbf"
SPACE = b" \t\r\n"
KEEP = 4096  # bytes of a bad row that are kept to name and show it
READ = 1 << 18


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken. limit: what it must be; why: what it is; column: key or header, None where no column is to blame."""

    reason: Reason
    limit: str
    why: str
    column: str | None = None
    ends_file: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Row number (from 1; the line it starts on where the format has lines) with its fields, or with the fault and some raw bytes."""

    number: int
    fields: dict[str, Any] | None = None
    fault: Fault | None = None
    raw: bytes = b""


def row_fault(limit: str, why: str, column: str | None = None, ends_file: bool = False) -> Fault:
    return Fault(Reason.ROW_INVALID, limit, why, column, ends_file)


def row_too_long(limit: int, ends_file: bool = False) -> Fault:
    return row_fault(f"at most {limit} bytes", "row too long", ends_file=ends_file)


def not_utf8(raw: bytes, error: UnicodeDecodeError) -> Fault:
    """The fault for bytes that are not UTF-8, with the byte offset in the row and, where it fits, what they look like."""
    return Fault(Reason.FILE_NOT_UTF8, "UTF-8", f"byte {error.start + 1} of the row; looks like {looks_like(raw)}")


def looks_like(raw: bytes) -> str:
    """The encoding that bytes which are not UTF-8 may be in."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    return "GB 18030" if _decodes(raw, "gb18030") else "an unknown encoding"


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def bounded_lines(handle: BinaryIO, limit: int) -> Iterator[tuple[int, bytes, bool]]:
    """(line number, line, whether it is complete). A line over ``limit`` bytes is cut to its head and the rest passed over unread.

    handle: at its start, and able to go back there.
    """
    number, handle = 0, _with_line_feeds(handle)
    while line := handle.readline(limit + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(BOM)
        if len(line) <= limit or line.endswith(b"\n"):
            yield number, line, True
            continue
        yield number, line[:KEEP], False
        while line and not line.endswith(b"\n"):
            line = handle.readline(READ)


def _with_line_feeds(handle: BinaryIO) -> BinaryIO:
    """The file as it is; one whose lines end in a carriage return alone, as old exports do, with line feeds in their place."""
    head = handle.read(READ)
    handle.seek(0)
    alone = b"\r" in head and b"\n" not in head
    return io.BufferedReader(_LineFeeds(handle), READ) if alone else handle


class _LineFeeds(io.RawIOBase):
    """Reads with every carriage return as a line feed."""

    def __init__(self, handle: BinaryIO) -> None:
        super().__init__()
        self._handle = handle

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._handle.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(data)] = data
        return len(data)
