"""parquet: rows of a columnar file, a batch at a time. A null cell is a field that the row has not: a table can say that in no other way.

Memory is that of one batch of rows, whatever a row group holds. Numbers, truth values, texts, lists and objects are taken as they are,
moments and decimals as text; bytes are no text and are refused by column. A text column that this platform marked holds JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from libs.common.errors import PlatformError, Reason
from services.dataset.engine.formats import Format, How
from services.dataset.engine.json_rows import strict_json, texts_in
from services.dataset.engine.rows import KEEP, Fault, Row, row_fault, row_too_long

BATCH_ROWS = 1024
BATCH_BYTES = 4 << 20  # of a batch, by what the file says of its row groups
JSON_COLUMN = {b"modelyard": b"json"}  # metadata of a column that an export of ours could write in no plain type
_UNTAKEN = (UnicodeDecodeError, ValueError, OverflowError, RecursionError)
_SHOWN = 200  # characters of a cell
_MOMENTS = (date, time)  # a datetime is a date


class BadCell(ValueError):
    """A cell that no record can hold."""


def read_parquet(handle: BinaryIO, how: How) -> Iterator[Row]:
    """Rows counted from 1 over all row groups."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise PlatformError(422, Reason.MISSING_EXTRA, field="options.format", limit="modelyard[data]", extra="data") from None
    if not handle.read(1):
        return
    handle.seek(0)
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())  # gives back what it does not use; others keep it for later
    count = 0
    try:
        file = pyarrow.parquet.ParquetFile(handle, pre_buffer=False, buffer_size=1 << 20)
        repeated = next((name for name in file.schema_arrow.names if file.schema_arrow.names.count(name) > 1), None)
        if repeated is not None:
            yield Row(1, fault=row_fault("each key once", "a repeated name", repeated, ends_file=True))
            return
        marked = [field.name for field in file.schema_arrow if (field.metadata or {}).items() >= JSON_COLUMN.items()]
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(_rows_at_once(file.metadata.row_group(group)), [group], use_threads=False):
                for fields in _rows(batch):
                    count += 1
                    yield _row(count, fields, how.limit, marked)
    except (pyarrow.ArrowException, OSError, MemoryError) as error:
        yield Row(count + 1, fault=_damaged(error))


def _damaged(error: Exception) -> Fault:
    if isinstance(error, MemoryError):
        return Fault(Reason.FILE_TOO_LARGE, "pages that fit into memory", "too large", ends_file=True)
    if isinstance(error, NotImplementedError):  # an encoding or encryption that is not read here
        return Fault(Reason.FORMAT_UNKNOWN, "a parquet file without encryption", type(error).__name__, ends_file=True)
    return Fault(Reason.FILE_TRUNCATED, "a complete parquet file", "a damaged page or footer", ends_file=True)


def _rows_at_once(group: Any) -> int:
    return int(max(1, min(BATCH_ROWS, BATCH_BYTES * group.num_rows // max(1, group.total_byte_size))))


def _rows(batch: Any) -> Iterator[dict[str, Any] | Exception]:
    """The rows of a batch; one by one where a cell of it cannot be taken."""
    try:
        yield from batch.to_pylist()
    except _UNTAKEN:
        for at in range(batch.num_rows):
            try:
                yield batch.slice(at, 1).to_pylist()[0]
            except _UNTAKEN as error:
                yield error


def _row(number: int, fields: dict[str, Any] | Exception, limit: int, marked: Sequence[str]) -> Row:
    if isinstance(fields, UnicodeDecodeError):
        return Row(number, fault=Fault(Reason.FILE_NOT_UTF8, "UTF-8", "bytes that are not UTF-8"), raw=fields.object[:KEEP])
    if isinstance(fields, Exception):
        deep = row_fault("values that are not nested without end", "nested too deep")
        return Row(number, fault=deep if isinstance(fields, RecursionError) else row_fault("a moment with a date", "a moment out of range"))
    taken: dict[str, Any] = {}
    for name, value in fields.items():
        try:
            if value is not None:
                taken[name] = _unmarked(value, limit) if name in marked else plain(value)
        except BadCell as bad:
            return Row(number, fault=row_fault("a text, number, truth value, list or object", str(bad), name), raw=_raw(fields))
    return Row(number, None if (fault := _fault(taken, limit)) else taken, fault, _raw(fields))


def _unmarked(text: Any, limit: int) -> Any:
    """The value of a cell that holds JSON. Raises BadCell."""
    if not isinstance(text, str) or len(text) > limit:
        raise BadCell("JSON that is too long" if isinstance(text, str) else "no JSON")
    try:
        return strict_json(text)
    except (ValueError, RecursionError):
        raise BadCell("a text that is marked as JSON and is none") from None


def plain(value: Any) -> Any:
    """A cell as JSON has it. Raises BadCell."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, tuple):  # an entry of a map
        return [plain(item) for item in value]
    if isinstance(value, _MOMENTS):
        return value.isoformat()
    if isinstance(value, (Decimal, timedelta)):
        return str(value)
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    raise BadCell("bytes" if isinstance(value, bytes) else f"a {type(value).__name__}")


def _fault(fields: dict[str, Any], limit: int) -> Fault | None:
    for name, value in fields.items():
        text = texts_in(value)
        if "\0" in text:
            return row_fault("text without null characters", "a null character", name)
        if len(text) > limit or len(text.encode("utf-8", "replace")) > limit:
            return row_too_long(limit)
    return None


def _raw(fields: dict[str, Any]) -> bytes:
    """What names and shows a bad row: the beginnings of its texts."""
    shown = "; ".join(f"{name}: {value[:_SHOWN]}" for name, value in fields.items() if isinstance(value, str))
    return shown.encode("utf-8", "replace")[:KEEP]


KIND = Format(name="parquet", extensions=("parquet", "pq"), read=read_parquet, magic="parquet", place=5)
