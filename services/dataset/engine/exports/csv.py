"""csv: a header and rows, for spreadsheets and simple tools. What is no text is written as JSON, what is absent is empty.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@``, whoever wrote it. For a spreadsheet such a cell begins with an
apostrophe, which shows it as text, and the file with a byte order mark, without which Chinese is shown as noise. Plain numbers stay.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any, BinaryIO

from libs.data.records import Record, content_of
from services.dataset.engine.exports import ExportFormat, Version, Written
from services.dataset.engine.exports._columns import columns_of, json_text
from services.dataset.engine.rows import BOM

_RUN = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")  # also behind spaces, and in full width: spreadsheets fold both
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def write(version: Version, out: BinaryIO) -> Written:
    table = _Table(columns_of(version.records()), version.spreadsheet, out)
    for record in version.records():
        table.add(record)
    return Written(table.records, table.same, table.columns, table.escaped)


class _Table:
    def __init__(self, columns: Sequence[str], spreadsheet: bool, out: BinaryIO) -> None:
        self.columns, self._spreadsheet, self._out = tuple(columns), spreadsheet, out
        self.records = self.same = self.escaped = 0
        self._line = io.StringIO(newline="")
        self._csv = csv.writer(self._line, lineterminator="\r\n")
        out.write(BOM if spreadsheet else b"")
        self._header = [self._safe(name) for name in columns]
        self._sound = all(name == shown.strip() for name, shown in zip(columns, self._header, strict=True))
        self._write(self._header)

    def add(self, record: Record) -> None:
        cells = [self._safe(_cell(record.get(name))) for name in self.columns]
        self.records += 1
        self.same += self._sound and _comes_back(record, dict(zip(self.columns, cells, strict=True)))
        self._write(cells)

    def _safe(self, text: str) -> str:
        if not (self._spreadsheet and _RUN.match(text)) or _NUMBER.fullmatch(text):
            return text
        self.escaped += 1
        return "'" + text

    def _write(self, cells: Sequence[str]) -> None:
        self._csv.writerow(cells)
        self._out.write(self._line.getvalue().encode())
        self._line.seek(0)
        self._line.truncate()


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json_text(value)


def _comes_back(record: Record, cells: dict[str, str]) -> bool:
    """Whether a reader, to whom every cell is a text, sees the same content."""
    return content_of(record) == content_of(cells) and "\0" not in "".join(cells.values())


KIND = ExportFormat(name="csv", extension="csv", media_type="text/csv", write=write, place=2)
