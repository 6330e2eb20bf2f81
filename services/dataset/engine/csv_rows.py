"""Rows of a csv file under its header; every cell is text. Quotes must follow the rules, and every row has as many cells as the header.

Taken as spreadsheets and data frames write it: cells set apart by comma, semicolon, tab or bar, whichever the header uses most; rows of
empty cells are blank lines; a column without a name may number the rows (the first one) or hold nothing, and is no column of the records.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO, Literal

from libs.common.errors import Reason
from services.dataset.engine.rows import KEEP, Fault, Row, bounded_lines, row_fault, row_too_long

Delimiter = Literal["auto", ",", ";", "\t", "|"]
DELIMITERS = (",", ";", "\t", "|")
_QUOTED = re.compile(r'"(?:[^"]|"")*"?')
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|])[\r\n]*\Z")  # what one spreadsheet writes above the header


def read_csv(handle: BinaryIO, limit: int, delimiter: Delimiter = "auto") -> Iterator[Row]:
    """Rows under a header; every cell is text. A row starts on the line that is its number. ``limit``: bytes of one line or cell."""
    lines = _CsvLines(handle, limit)
    found = lines.delimiter()
    reader = csv.reader(lines, strict=True, delimiter=found if delimiter == "auto" else delimiter)
    csv.field_size_limit(limit)  # a setting of the csv module for the whole process: this module is its only user here
    header: list[str] | None = None
    while True:
        number = reader.line_num + 1 + lines.passed
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = _csv_fault(str(error), limit)
            yield Row(number, fault=fault)
            if fault.ends_file:
                return
            continue
        if not any(cell.strip() for cell in cells):
            continue
        raw = ",".join(cells)[:KEEP].encode("utf-8", "surrogateescape")
        if header is None:
            header, header_fault = [cell.strip() for cell in cells], _header_fault(cells)
            if header_fault is not None:
                yield Row(number, fault=header_fault, raw=raw)
                return
            continue
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        fault_of_row = _cells_fault(header, cells, cut_off=not lines.ended)
        fields = {name: cell for name, cell in zip(header, cells, strict=False) if name}
        yield Row(number, None if fault_of_row else fields, fault_of_row, raw)


def delimiter_of(handle: BinaryIO, limit: int) -> str:
    """What sets the cells of a file apart, as ``read_csv`` finds it. handle: at its start."""
    return _CsvLines(handle, limit).delimiter()


class _CsvLines:
    """Text lines for the csv module; bad bytes stay recognisable until their row is whole. ended: the last line had its line feed.
    passed: lines that are not for the csv module."""

    def __init__(self, handle: BinaryIO, limit: int) -> None:
        self._lines = bounded_lines(handle, limit)
        self._held: list[tuple[bytes, bool]] = []
        self.ended = True
        self.passed = 0

    def delimiter(self) -> str:
        """What sets the cells of the header apart: it says so, or has most of. Call it before the first line is taken."""
        for _, line, whole in self._lines:
            text = line.decode("utf-8", "replace")
            if (said := _SEPARATOR_LINE.fullmatch(text)) is not None:
                self.passed = 1
                return said[1]
            self._held.append((line, whole))
            if text.strip():
                outside = _QUOTED.sub("", text)
                return max(DELIMITERS, key=outside.count)
        return DELIMITERS[0]

    def __iter__(self) -> _CsvLines:
        return self

    def __next__(self) -> str:
        line, whole = self._held.pop(0) if self._held else next(self._lines)[1:]
        if not whole:
            raise csv.Error("field larger than field limit")
        self.ended = line.endswith(b"\n")
        return line.decode("utf-8", "surrogateescape")


def _csv_fault(message: str, limit: int) -> Fault:
    """The csv module's words in ours."""
    if "unexpected end of data" in message:
        return Fault(Reason.FILE_TRUNCATED, "a complete last row", "the file ends inside a quoted cell", ends_file=True)
    if "field larger" in message:
        return row_too_long(limit, ends_file=True)
    if "new-line character" in message:
        return row_fault("lines that all end in LF or CRLF", "a carriage return alone inside a row")
    why = "text after a closing quote" if "expected after" in message else "a quote in the wrong place"
    return row_fault("cells quoted by the rules of csv", why)


def _header_fault(cells: list[str]) -> Fault | None:
    names = [cell.strip() for cell in cells]
    repeated = next((name for place, name in enumerate(names) if name and name in names[:place]), None)
    if any(map(_bad_bytes, cells)):
        return Fault(Reason.FILE_NOT_UTF8, "UTF-8", "the header", ends_file=True)
    if repeated is not None:
        places = " and ".join(str(place) for place, name in enumerate(names, start=1) if name == repeated)
        limit = f"a header with each name once; {repeated!r} is the name of columns {places}"
        return row_fault(limit, "a repeated name", repeated, ends_file=True)
    return None


def _cells_fault(header: list[str], cells: list[str], cut_off: bool) -> Fault | None:
    if cut_off and len(cells) < len(header):
        return Fault(Reason.FILE_TRUNCATED, "a complete last row", f"{len(cells)} of {len(header)} columns", ends_file=True)
    bad = next((name for name, cell in zip(header, cells, strict=False) if _bad_bytes(cell)), None)
    if bad is not None:
        return Fault(Reason.FILE_NOT_UTF8, "UTF-8", "bytes that are not UTF-8", bad)
    if len(cells) != len(header):
        return row_fault(f"{len(header)} columns as in the header, not {len(cells)}", f"{len(cells)} columns")
    if (nameless := _nameless(header, cells)) is not None:
        limit = f"a row under a header with a name for column {nameless}, which has none"
        return row_fault(limit, "a cell that is no row number in a column without a name", f"column {nameless}")
    null = next((name for name, cell in zip(header, cells, strict=True) if "\0" in cell), None)
    return row_fault("text without null characters", "a null character", null) if null is not None else None


def _nameless(header: list[str], cells: list[str]) -> int | None:
    """The first column, counted from 1, that has no name and something to lose: only the first one may number the rows."""
    for place, (name, cell) in enumerate(zip(header, cells, strict=True), start=1):
        if not name and cell.strip() and not (place == 1 and cell.strip().isdecimal()):
            return place
    return None


def _bad_bytes(cell: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in cell) if not cell.isascii() else False
