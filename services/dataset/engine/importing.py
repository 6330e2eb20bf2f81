"""Imports files (jsonl, json arrays, csv, txt, html; single or whole folders) into dataset version 1.

Decides what a row must have to become a record, and what happens to one that has it not: the import fails naming file, row, column,
reason and limit; or, with ``keep_good_rows``, the row is left out with its reason and counted. A record's ``source`` is the file name
below the root, not the row: inserting a row at the top of a file must not change the identity of all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import Reporter
from services.dataset.engine import publishing, shards
from services.dataset.engine.beneath import SourceFile, open_beneath, scan
from services.dataset.engine.formats import EXTENSIONS, FORMATS, foreign, reader_of
from services.dataset.engine.ledger import EXCERPT
from services.dataset.engine.options import job_field, option, read_options, refuse_unknown
from services.dataset.engine.records import Record, bytes_id, canonical
from services.dataset.engine.rows import Fault, Row
from services.dataset.engine.shards import Unit

MIB = 1 << 20
_TICK_ROWS = 500  # rows between two progress reports inside one file


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read; sizes in bytes."""

    format: Literal["auto", "jsonl", "json", "csv", "txt", "html"] = "auto"  # auto: by extension
    keep_good_rows: bool = False  # leave bad rows and bad files out and count them, instead of failing
    extensions: tuple[str, ...] = option((), 0, 50)  # take only these from folders, e.g. ["html"]; empty: every file
    max_file_bytes: int = option(4096 * MIB, 1, 1 << 40)
    max_row_bytes: int = option(16 * MIB, 16, 1 << 30)  # one line, cell, array element or document
    max_files: int = option(100_000, 1, 10_000_000)
    shard_bytes: int = option(8 * MIB, 1, 1 << 30)  # a shard is closed by the record that reaches this size


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``root`` (absolute folder), ``paths`` (relative files or folders, default everything), ``options`` (ImportOptions).

    Returns records, bytes, content_hash, files, ledger. Raises INVALID_PATH, FILE_MISSING, FILE_EMPTY, FILE_TRUNCATED, FILE_NOT_UTF8,
    FILE_TOO_LARGE, ROW_INVALID, FORMAT_UNKNOWN, NO_RECORDS_LEFT.
    """
    refuse_unknown(job, ("root", "paths", "options"))
    root, options = Path(job_field(job, "root", str)), read_options(ImportOptions, job.get("options"))
    files = [file for file in scan(root, _paths(job), options.max_files) if _wanted(file, options)]
    if not files:
        raise PlatformError(422, Reason.FILE_MISSING, field="paths", file=", ".join(_paths(job))[:200])
    inventory = [[file.name, file.size, file.changed] for file in files]
    if (finished := publishing.begin(work, {"engine": "importing", "options": asdict(options), "files": inventory})) is not None:
        return finished
    stage = publishing.stage_of(work, 0)
    source = _Source(root, files, options, report)
    marks = shards.write_stream(stage, source.units, options.shard_bytes, source.tick)
    return publishing.publish(work, [(stage, marks)], files=len(files))


def _paths(job: Mapping[str, Any]) -> Sequence[str]:
    paths = job.get("paths")
    if paths is None:
        return (".",)
    if not isinstance(paths, (list, tuple)) or not paths or not all(isinstance(path, str) for path in paths):
        raise PlatformError(400, Reason.WRONG_TYPE, field="paths", limit="a list of relative paths")
    return paths


def _wanted(file: SourceFile, options: ImportOptions) -> bool:
    return not options.extensions or file.extension in options.extensions


class _Source:
    """All rows of all files as one deterministic stream that can be entered at (file, row)."""

    def __init__(self, root: Path, files: Sequence[SourceFile], options: ImportOptions, report: Reporter) -> None:
        self._root, self._files, self._options, self._report = root, files, options, report
        self._total = max(1, sum(file.size for file in files))
        self._before = [0]
        for file in files:
            self._before.append(self._before[-1] + file.size)

    def units(self, cursor: Sequence[int] | None) -> Iterator[Unit]:
        """cursor: [file number, rows of it that are done]."""
        first, skip = cursor if cursor is not None else (0, 0)
        for number in range(first, len(self._files)):
            for done, row in enumerate(self._rows(number), start=1):
                if number > first or done > skip:
                    yield self._unit(self._files[number], row, [number, done])

    def tick(self, cursor: Sequence[int] | None) -> None:
        if cursor is not None:
            self._report.progress(self._before[cursor[0]], self._total, "import")

    def _unit(self, file: SourceFile, row: Row, cursor: list[int]) -> Unit:
        record, fault = to_record(row, file.name)
        if fault is None:
            return Unit(cursor, record)
        if not self._options.keep_good_rows:
            raise PlatformError(422, fault.reason, field=fault.column, limit=fault.limit, file=file.name, row=row.number, why=fault.why)
        return Unit(cursor, rejection=_rejection(file.name, row, fault))

    def _rows(self, number: int) -> Iterator[Row]:
        """Rows of one file; its last row is a fault where the file as a whole is at fault."""
        file, options = self._files[number], self._options
        format = EXTENSIONS.get(file.extension) if options.format == "auto" else options.format
        if format is None:
            yield Row(1, fault=Fault(Reason.FORMAT_UNKNOWN, ", ".join(FORMATS), f"extension {file.extension!r}"))
            return
        if file.size > options.max_file_bytes:
            yield Row(1, fault=Fault(Reason.FILE_TOO_LARGE, f"at most {options.max_file_bytes} bytes", f"{file.size} bytes"))
            return
        with open_beneath(self._root, file.name) as handle:
            found = foreign(handle.peek(4096)[:4096], format)
            if found is not None:
                yield Row(1, fault=Fault(Reason.FORMAT_UNKNOWN, ", ".join(FORMATS), f"{found}, not {format}"))
                return
            yield from _or_empty(self._reported(reader_of(format)(handle, options.max_row_bytes), number, handle.tell))

    def _reported(self, rows: Iterator[Row], number: int, tell: Callable[[], int]) -> Iterator[Row]:
        for count, row in enumerate(rows):
            if count % _TICK_ROWS == 0:
                self._report.progress(self._before[number] + tell(), self._total, "import")
            yield row


def _or_empty(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows; or one fault for a file that has none."""
    seen = False
    for row in rows:
        seen = True
        yield row
    if not seen:
        yield Row(1, fault=Fault(Reason.FILE_EMPTY, "at least one row", "empty"))


def to_record(row: Row, file: str) -> tuple[Record | None, Fault | None]:
    """The record of a row (its id is given when it is written), or what is missing in it."""
    if row.fault is not None or row.fields is None:
        return None, row.fault
    fields = {key: value for key, value in row.fields.items() if key != "id"}
    column = _lacking(fields)
    if column is not None:
        limit = "a non-empty 'text', or 'instruction' and 'output', or a list 'messages' or 'conversations'"
        return None, Fault(Reason.ROW_INVALID, limit, f"{column} is missing, empty or not a text", column)
    record = {**fields, "source": fields["source"] if isinstance(fields.get("source"), str) and fields["source"] else file}
    try:
        canonical(record).encode()
    except UnicodeEncodeError:
        return None, Fault(Reason.ROW_INVALID, "text", "half a character (lone surrogate)")
    except ValueError:
        return None, Fault(Reason.ROW_INVALID, "finite numbers", "a number out of range")
    except RecursionError:
        return None, Fault(Reason.ROW_INVALID, "values that are not nested without end", "nested too deep")
    return record, None


def _lacking(fields: Mapping[str, Any]) -> str | None:
    """The column that keeps a row from being a document, a question with its answer, or a conversation; None when it is one."""
    if isinstance(fields.get("messages"), list) or isinstance(fields.get("conversations"), list):
        return None
    needed = ("instruction", "output") if "instruction" in fields or "output" in fields else ("text",)
    return next((name for name in needed if not isinstance(fields.get(name), str) or not fields[name].strip()), None)


def _rejection(file: str, row: Row, fault: Fault) -> dict[str, Any]:
    place = f" in {fault.column}" if fault.column else ""
    return {
        "id": bytes_id(f"{file}#{row.number}\n".encode() + row.raw),
        "rule": fault.reason.name,
        "rule_version": 1,
        "reason": f"{fault.why}{place}; must be {fault.limit}",
        "score": None,
        "threshold": None,
        "source": f"{file}#{row.number}",
        "excerpt": row.raw.decode("utf-8", "replace")[:EXCERPT],
    }
