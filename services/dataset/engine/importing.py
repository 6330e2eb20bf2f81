"""Imports files (``formats``, ``shapes``; single or whole folders) into dataset version 1.

Decides what a row must have to become a record, and what happens to one that has it not: the import fails naming file, row, column,
reason and limit; or, with ``keep_good_rows``, the row is left out with its reason and counted. A record's ``source`` is the file name
below the root and no part of its identity (``records``): the same rows from elsewhere, in another order, are the same records. Equal rows
are one record several times, and are all kept: how often something is said is the data's own business, and ``Deduplicate`` changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from libs.common.errors import PlatformError, Reason, invalid
from libs.common.work.engine import Reporter
from libs.data.beneath import SourceFile, open_beneath, scan
from libs.data.options import option, read_options
from libs.data.records import ID_LENGTH, LINEAGE, PROVENANCE, Record, bytes_id, canonical, content_of, record_id
from services.dataset.engine import publishing, shards
from services.dataset.engine.columns import COLUMNS, lacking, needed
from services.dataset.engine.consent import allowed
from services.dataset.engine.csv_rows import Delimiter
from services.dataset.engine.formats import EXTENSIONS, FORMATS, How, foreign
from services.dataset.engine.formats._signs import has_json_lines, way_out
from services.dataset.engine.job import job_field, refuse_unknown
from services.dataset.engine.ledger import EXCERPT
from services.dataset.engine.rows import Fault, Row, row_fault
from services.dataset.engine.shapes import SHAPES, shape_of
from services.dataset.engine.shards import Unit, shard_size

MIB = 1 << 20
HEAD = 1 << 16  # bytes from which a format is told
_TICK_ROWS = 500  # rows between two progress reports inside one file
FormatName = Literal["auto", "jsonl", "json", "csv", "tsv", "parquet", "txt", "markdown", "html"]
ShapeName = Literal["auto", "preference_pair", "openai_messages", "sharegpt", "alpaca", "document"]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read; sizes in bytes."""

    format: FormatName = option("auto", en="how files are read; auto: by extension", zh="文件格式；auto 表示按扩展名")
    shape: ShapeName = option(
        "auto",
        en="what every row must be, turn by turn; auto: each row is what its fields say",
        zh="每行必须符合的数据结构，逐轮检查；auto 表示按字段逐行识别",
    )
    sections: bool = option(
        False, en="Markdown and HTML pages become one record per section, cut at headings", zh="Markdown 与 HTML 按标题切分，每节一条记录"
    )
    keep_good_rows: bool = option(
        False, en="leave bad rows and files out and count them instead of failing", zh="剔除并统计坏行坏文件，而不是整体失败"
    )
    allow_drop_share: float = allowed()
    # our name -> the file's, such as {"instruction": "question", "output": "answer"}
    columns: dict[str, str] | None = option(
        None,
        1,
        100,
        en="field of the records -> column of the file, where the file calls it otherwise",
        zh="记录字段 → 文件列名；列名不同时使用",
        none=("every column keeps its name", "列名保持不变"),
    )
    delimiter: Delimiter = option(
        "auto", en="between the cells of a table; auto: found by its header", zh="表格的分隔符；auto 表示按表头判断"
    )
    extensions: tuple[str, ...] = option(
        (), 0, 50, en="take only these from folders, such as html; empty: every file", zh="只取这些扩展名的文件，如 html；空表示全部"
    )
    max_file_bytes: int = option(4096 * MIB, 1, 1 << 40, en="largest file", zh="单个文件上限", unit="bytes")
    max_row_bytes: int = option(
        16 * MIB, 16, 1 << 30, en="largest line, cell, array element or document", zh="单行、单元格、数组元素或文档的上限", unit="bytes"
    )
    max_files: int = option(100_000, 1, 10_000_000, en="most files of one import", zh="单次导入的文件数上限")
    shard_bytes: int = shard_size()


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``root`` (absolute folder), ``paths`` (relative files or folders, default everything), ``options`` (ImportOptions).

    Returns records, bytes, content_hash, files, ledger. Raises INVALID_PATH, FILE_MISSING, FILE_EMPTY, FILE_TRUNCATED, FILE_NOT_UTF8,
    FILE_TOO_LARGE, ROW_INVALID, FORMAT_UNKNOWN, NO_RECORDS_LEFT, TOO_MANY_DROPPED.
    """
    refuse_unknown(job, ("root", "paths", "options"))
    root, options = Path(job_field(job, "root", str)), checked(read_options(ImportOptions, job.get("options")))
    files = wanted(root, _paths(job), options)
    inventory = [[file.name, file.size, file.changed] for file in files]
    if (finished := publishing.begin(work, {"engine": "importing", "options": asdict(options), "files": inventory})) is not None:
        return finished
    stage = publishing.stage_of(work, 0)
    source = Source(root, files, options, report)
    marks = shards.write_stream(stage, source.units, options.shard_bytes, source.tick)
    return publishing.publish(work, [(stage, marks)], allow=options.allow_drop_share, files=len(files))


def checked(options: ImportOptions) -> ImportOptions:
    """Raises INVALID_ARGUMENT for a column that no record has, and for a column of the file that is to be two of them."""
    given = options.columns or {}
    for name, theirs in given.items():
        if name not in COLUMNS:
            raise invalid(f"options.columns.{name}", limit="one of " + ", ".join(COLUMNS))
        if list(given.values()).count(theirs) > 1:
            raise invalid(f"options.columns.{name}", limit="another column of the file for each", value=theirs)
    return options


def _paths(job: Mapping[str, Any]) -> Sequence[str]:
    paths = job.get("paths")
    if paths is None:
        return (".",)
    if not isinstance(paths, (list, tuple)) or not paths or not all(isinstance(path, str) for path in paths):
        raise PlatformError(400, Reason.WRONG_TYPE, field="paths", limit="a list of relative paths")
    return paths


def wanted(root: Path, paths: Sequence[str], options: ImportOptions) -> list[SourceFile]:
    """The files that ``paths`` mean. Raises FILE_MISSING where there are none."""
    files = [file for file in scan(root, paths, options.max_files) if not options.extensions or file.extension in options.extensions]
    if not files:
        limit = f"files ending in {', '.join(options.extensions)}" if options.extensions else "at least one file"
        raise PlatformError(422, Reason.FILE_MISSING, field="paths", limit=limit, file=", ".join(paths)[:200])
    return files


def format_of(file: SourceFile, head: bytes, options: ImportOptions) -> str | Fault:
    """What a file is read as, or why it is not read at all."""
    format = EXTENSIONS.get(file.extension) if options.format == "auto" else options.format
    if format is None:
        return Fault(Reason.FORMAT_UNKNOWN, ", ".join(FORMATS), f"extension {file.extension!r}")
    if file.size > options.max_file_bytes:
        return Fault(Reason.FILE_TOO_LARGE, f"at most {options.max_file_bytes} bytes", f"{file.size} bytes")
    if options.format == "auto" and format == "json" and has_json_lines(head):
        format = "jsonl"
    found = foreign(head, format)
    return format if found is None else Fault(Reason.FORMAT_UNKNOWN, way_out(found, head) or ", ".join(FORMATS), f"{found}, not {format}")


class Source:
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
            for done, row in enumerate(self.rows(number), start=1):
                if number > first or done > skip:
                    yield self._unit(self._files[number], row, [number, done])

    def tick(self, cursor: Sequence[int] | None) -> None:
        if cursor is not None:
            self._report.progress(self._before[cursor[0]], self._total, "import")

    def _unit(self, file: SourceFile, row: Row, cursor: list[int]) -> Unit:
        record, fault = to_record(row, file.name, self._options)
        if fault is None:
            return Unit(cursor, record)
        if not self._options.keep_good_rows:
            raise PlatformError(422, fault.reason, field=fault.column, limit=fault.limit, file=file.name, row=row.number, why=fault.why)
        return Unit(cursor, rejection=rejection_of(file.name, row, fault))

    def rows(self, number: int) -> Iterator[Row]:
        """Rows of one file; its last row is a fault where the file as a whole is at fault."""
        file, options = self._files[number], self._options
        with open_beneath(self._root, file.name) as handle:
            format = format_of(file, handle.peek(HEAD)[:HEAD], options)
            if isinstance(format, Fault):
                yield Row(1, fault=format)
                return
            rows = FORMATS[format].read(handle, How(options.max_row_bytes, options.delimiter, options.sections))
            yield from _or_empty(self._reported(rows, number, handle.tell))

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


def to_record(row: Row, file: str, options: ImportOptions) -> tuple[Record | None, Fault | None]:
    """The record of a row (its id is given when it is written), or what is missing in it."""
    if row.fault is not None or row.fields is None:
        return None, row.fault
    columns = options.columns or {}
    fields = named(row.fields, columns)
    if isinstance(fields, Fault):
        return None, fields
    shape = shape_of(fields) if options.shape == "auto" else SHAPES[options.shape]
    if options.shape != "auto" and shape is not None and (fault := shape.fault(fields)) is not None:
        return None, replace(fault, column=columns.get(fault.column or "", fault.column))
    fields = dict(shape.record(fields)) if shape is not None else fields
    column = lacking(fields)
    if column is not None:
        return None, Fault(Reason.ROW_INVALID, needed(row.fields), "missing, empty or not a text", columns.get(column, column))
    try:
        record = _sourced(fields, file)
        canonical(record).encode()
    except UnicodeEncodeError:
        return None, Fault(Reason.ROW_INVALID, "text", "half a character (lone surrogate)")
    except ValueError:
        return None, Fault(Reason.ROW_INVALID, "finite numbers", "a number out of range")
    except RecursionError:
        return None, Fault(Reason.ROW_INVALID, "values that are not nested without end", "nested too deep")
    return record, None


def named(fields: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any] | Fault:
    """The fields of a row under our names. columns: our names for the file's."""
    made = {name: value for name, value in fields.items() if name not in columns.values()}
    taken = next((name for name, from_ in columns.items() if name in made and from_ in fields), None)
    if taken is not None:
        return row_fault(f"a row with one column for {taken!r}, not {columns[taken]!r} beside it", "two columns", taken)
    return made | {name: fields[from_] for name, from_ in columns.items() if from_ in fields}


def _sourced(fields: Mapping[str, Any], file: str) -> Record:
    """The record with the file as its source; what the row calls id and source itself is kept under other names.

    A record that this platform wrote comes back as what it was: its id says so.
    """
    content = content_of(fields)
    if isinstance(fields.get("id"), str) and len(fields["id"]) == ID_LENGTH and fields["id"] == record_id(content):
        return {"source": file, **{key: value for key, value in fields.items() if key != "id"}}
    own = {_free(f"own_{key}", content): fields[key] for key in (*PROVENANCE, *LINEAGE) if fields.get(key) not in (None, "")}
    return {**own, **content, "source": file}


def _free(name: str, content: Mapping[str, Any]) -> str:
    while name in content:
        name = f"own_{name}"
    return name


def rejection_of(file: str, row: Row, fault: Fault) -> dict[str, Any]:
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
