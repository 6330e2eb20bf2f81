"""Rows of a csv file under its header; every cell is text. Quotes must follow the rules, and every row has as many cells as the header."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from libs.common.errors import Reason
from services.dataset.engine.rows import KEEP, Fault, Row, bounded_lines, row_fault, row_too_long


def read_csv(handle: BinaryIO, limit: int) -> Iterator[Row]:
    """Rows under a header; every cell is text. A row starts on the line that is its number. ``limit``: bytes of one line or cell."""
    lines = _CsvLines(handle, limit)
    reader = csv.reader(lines, strict=True)
    csv.field_size_limit(limit)  # a setting of the csv module for the whole process: this module is its only user here
    header: list[str] | None = None
    while True:
        number = reader.line_num + 1
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
        if not cells:
            continue
        raw = ",".join(cells)[:KEEP].encode("utf-8", "surrogateescape")
        if header is None:
            header, header_fault = [cell.strip() for cell in cells], _header_fault(cells)
            if header_fault is not None:
                yield Row(number, fault=header_fault, raw=raw)
                return
            continue
        fault_of_row = _cells_fault(header, cells, cut_off=not lines.ended)
        yield Row(number, None if fault_of_row else dict(zip(header, cells, strict=True)), fault_of_row, raw)


class _CsvLines:
    """Text lines for the csv module; bad bytes stay recognisable until their row is whole. ended: the last line had its line feed."""

    def __init__(self, handle: BinaryIO, limit: int) -> None:
        self._lines = bounded_lines(handle, limit)
        self.ended = True

    def __iter__(self) -> _CsvLines:
        return self

    def __next__(self) -> str:
        _, line, whole = next(self._lines)
        if not whole:
            raise csv.Error("field larger than field limit")
        self.ended = line.endswith(b"\n")
        return line.decode("utf-8", "surrogateescape")


def _csv_fault(message: str, limit: int) -> Fault:
    if "unexpected end of data" in message:
        return Fault(Reason.FILE_TRUNCATED, "a complete last row", "the file ends inside a quoted cell", ends_file=True)
    if "field larger" in message:
        return row_too_long(limit, ends_file=True)
    return row_fault("cells quoted by the rules of csv", message)


def _header_fault(cells: list[str]) -> Fault | None:
    names = [cell.strip() for cell in cells]
    bad = next((name for place, name in enumerate(names) if not name or name in names[:place]), None)
    if any(map(_bad_bytes, cells)):
        return Fault(Reason.FILE_NOT_UTF8, "UTF-8", "the header", ends_file=True)
    if bad is not None:
        why = "a repeated name" if bad else "an empty name"
        return row_fault("a header with one name per column, each once", why, bad, ends_file=True)
    return None


def _cells_fault(header: list[str], cells: list[str], cut_off: bool) -> Fault | None:
    if cut_off and len(cells) < len(header):
        return Fault(Reason.FILE_TRUNCATED, "a complete last row", f"{len(cells)} of {len(header)} columns", ends_file=True)
    bad = next((name for name, cell in zip(header, cells, strict=False) if _bad_bytes(cell)), None)
    if bad is not None:
        return Fault(Reason.FILE_NOT_UTF8, "UTF-8", "bytes that are not UTF-8", bad)
    if len(cells) != len(header):
        return row_fault(f"{len(header)} columns", f"{len(cells)} columns")
    null = next((name for name, cell in zip(header, cells, strict=True) if "\0" in cell), None)
    return row_fault("text without null characters", "a null character", null) if null is not None else None


def _bad_bytes(cell: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in cell) if not cell.isascii() else False
