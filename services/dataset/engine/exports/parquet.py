"""parquet: a column per field with the type its values have. What has no one plain type (objects, lists, mixed values) is JSON in a text
column that is marked as such, so that an import takes it for what it was; an absent field is a null.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from libs.data.records import Record
from services.dataset.engine.exports import ExportFormat, Version, Written
from services.dataset.engine.exports._columns import columns_of, json_text
from services.dataset.engine.formats.parquet import JSON_COLUMN

GROUP_ROWS = 16_384
GROUP_BYTES = 16 << 20  # of the texts of a row group, which is what is held in memory
_PLAIN = {str: "string", bool: "bool_", float: "float64"}
_EXACT, _INT64 = range(-(1 << 53), (1 << 53) + 1), range(-(1 << 63), 1 << 63)  # whole numbers a double holds, and a column of them


def write(version: Version, out: BinaryIO) -> Written:
    import pyarrow
    import pyarrow.parquet

    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    types = _types(version.records())
    columns = list(types)
    fields = [pyarrow.field(name, getattr(pyarrow, kind)()) if kind else _marked(pyarrow, name) for name, kind in types.items()]
    schema = pyarrow.schema(fields)
    written = same = 0
    with pyarrow.parquet.ParquetWriter(out, schema, compression="zstd") as table:
        for group in _groups(version.records()):
            arrays = [pyarrow.array([_cell(record, name, types[name]) for record in group], schema.field(name).type) for name in columns]
            table.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            written += len(group)
            same += sum(_comes_back(record, types) for record in group)
    return Written(written, same, tuple(columns))


def _marked(pyarrow: Any, name: str) -> Any:
    return pyarrow.field(name, pyarrow.string(), metadata=JSON_COLUMN)


def _types(records: Iterable[Record]) -> dict[str, str]:
    """Column -> its plain type, "" for one that holds JSON."""
    seen: defaultdict[str, set[str]] = defaultdict(set)

    def noticed() -> Iterator[Record]:
        for record in records:
            for name, value in record.items():
                if value is not None:
                    seen[name].add(_kind(value))
            yield record

    return {name: _joined(seen[name]) for name in columns_of(noticed())}


def _kind(value: Any) -> str:
    """ "" for a value that only JSON can hold."""
    if type(value) is int:
        return "int64" if value in _EXACT else "wide" if value in _INT64 else ""
    return _PLAIN.get(type(value), "")


def _joined(kinds: set[str]) -> str:
    if len(kinds) < 2:
        return {"": "", "wide": "int64"}.get(kind := next(iter(kinds), "string"), kind)
    return "int64" if kinds == {"int64", "wide"} else "float64" if kinds == {"int64", "float64"} else ""


def _cell(record: Record, name: str, kind: str) -> Any:
    value = record.get(name)
    return value if kind or value is None else json_text(value)


def _groups(records: Iterable[Record]) -> Iterator[list[Record]]:
    group: list[Record] = []
    size = 0
    for record in records:
        group.append(record)
        size += sum(len(value) if isinstance(value, str) else 64 for value in record.values())
        if len(group) == GROUP_ROWS or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _comes_back(record: Record, types: Mapping[str, str]) -> bool:
    """Not where a null is said, which a reader takes for an absent field, nor where a whole number stands among others."""
    return not any(value is None or (type(value) is int and types[name] == "float64") for name, value in record.items())


KIND = ExportFormat(name="parquet", extension="parquet", media_type="application/vnd.apache.parquet", write=write, needs=("data",), place=3)
