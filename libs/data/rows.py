"""The rows of a dataset version for whoever learns from it, judges by it or asks it: one JSON object a line, in order of part and row.

The artifact store has checked the bytes already; decided here is what a row is, and that a bad one is named by file and row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from libs.common.errors import PlatformError, Reason


class Row(NamedTuple):
    """file, number: where it stands; rows count from 1."""

    file: str
    number: int
    values: dict[str, Any]

    def bad(self, field: str, limit: str) -> PlatformError:
        """422: ``field`` of this row breaks ``limit``."""
        return _bad(self.file, self.number, field, limit)


def parts(path: Path) -> list[Path]:
    """The files of a version (a folder), or the one file itself. Raises FILE_MISSING, FILE_EMPTY."""
    if path.is_dir():
        found = (each for each in path.rglob("*.jsonl") if not each.name.startswith("."))
        return sorted(found, key=lambda each: (each.parent, len(each.name), each.name))  # by length: after part-99999 comes part-100000
    if not path.is_file():
        raise PlatformError(422, Reason.FILE_MISSING, file=path.name)
    if path.stat().st_size == 0:
        raise PlatformError(422, Reason.FILE_EMPTY, file=path.name)
    return [path]


def read_rows(path: Path) -> Iterator[Row]:
    """Every row; empty lines are none. Raises PlatformError 422 FILE_MISSING, FILE_EMPTY, FILE_NOT_UTF8, ROW_INVALID."""
    for file in parts(path):
        for number, line in _lines(file):
            yield Row(file.name, number, _values(line, file.name, number))


def count_rows(path: Path) -> int:
    """How many there are, without reading what they say."""
    return sum(1 for file in parts(path) for _ in _lines(file))


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open("rb") as lines:  # bytes, so that a bad row can be named
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, line


def _values(line: bytes, file: str, number: int) -> dict[str, Any]:
    try:
        values = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise PlatformError(422, Reason.FILE_NOT_UTF8, file=file, row=number) from None
    except (ValueError, RecursionError):
        raise _bad(file, number, "row", "one JSON object") from None
    if not isinstance(values, dict):
        raise _bad(file, number, "row", "one JSON object")
    return values


def _bad(file: str, number: int, field: str, limit: str) -> PlatformError:
    return PlatformError(422, Reason.ROW_INVALID, field=field, limit=f"{field} must be {limit}", file=file, row=number)
