"""Versions as files for other tools: the same bytes each time, read by the libraries of each format, and back into the same records."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data.records import record_id
from services.dataset.engine import exporting
from services.dataset.engine.exporting import FILE
from services.dataset.engine.exports import FORMATS
from tests.unit.dataset_engine.make import import_folder, records, version_of
from tests.unit.dataset_engine.test_formats import parquet

OF_RECORDS = [name for name, format in FORMATS.items() if format.extension != "zip"]  # the others are of files
TALK = {"messages": [{"role": "user", "content": "你好"}, {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}]}]}
DOCUMENTS = [{"text": f'words, "quoted"\nand {number} more', "lang": "en"} for number in range(40)]
MIXED: list[dict[str, Any]] = [
    {"text": "a", "score": 0.5, "count": 3, "right": True, "tags": ["x", "y"], "big": 1 << 70},
    {"text": "b", "score": 1.5, "wide": 1 << 60, "odd": "text"},
    {"text": "c", "count": 4, "odd": {"deep": [1, {"a": None}]}},
]


def exported(version: Path, place: Path, format: str, spreadsheet: bool = True) -> tuple[dict[str, Any], bytes]:
    place.mkdir(parents=True, exist_ok=True)
    found = exporting.run({"input": str(version), "format": format, "spreadsheet": spreadsheet}, place, SilentReporter())
    data = (place / FILE).read_bytes()
    assert (found["bytes"], found["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    return found, data


def back(tmp_path: Path, data: bytes, name: str) -> list[str]:
    """The ids of the records that an import of the file makes."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(data)
    import_folder(tmp_path / "in", tmp_path / "work")
    return [record["id"] for record in records(tmp_path / "work" / "out")]


@pytest.mark.parametrize("format", OF_RECORDS)
@pytest.mark.parametrize("rows", [DOCUMENTS, [*MIXED, {"text": "d", "lang": "en"}]], ids=["documents", "mixed"])
def test_the_same_version_gives_the_same_bytes(tmp_path: Path, format: str, rows: list[dict[str, Any]]) -> None:
    version = version_of(rows, tmp_path / "v", 300)
    first, again = exported(version, tmp_path / "1", format), exported(version, tmp_path / "2", format)
    assert first == again
    assert first[0]["records"] == len(rows)


@pytest.mark.parametrize(
    ("format", "rows", "same"),
    [
        ("jsonl", [*MIXED, TALK], 4),
        ("csv", DOCUMENTS, 40),
        ("csv", MIXED, 0),  # their numbers are texts there
        ("parquet", DOCUMENTS, 40),
        ("parquet", [*MIXED, TALK], 4),
        ("parquet", [{"text": "a", "n": 1}, {"text": "b", "n": 0.5}, {"text": "c", "n": None}], 1),
    ],
)
def test_it_says_how_many_records_come_back_as_themselves(tmp_path: Path, format: str, rows: list[dict[str, Any]], same: int) -> None:
    version = version_of(rows, tmp_path / "v", 300)
    found, data = exported(version, tmp_path / "out", format)
    ids = [record["id"] for record in records(version)]
    returned = back(tmp_path, data, f"x.{FORMATS[format].extension}")
    assert found["same"] == same == sum(a == b for a, b in zip(ids, returned, strict=True))


def test_an_outside_reader_sees_plain_types(tmp_path: Path) -> None:
    version = version_of(MIXED, tmp_path / "v")
    found, data = exported(version, tmp_path / "out", "parquet")
    table = pq.read_table(io.BytesIO(data))
    assert found["columns"] == table.column_names
    types = {field.name: str(field.type) for field in table.schema}
    assert types["score"] == "double"
    assert (types["count"], types["wide"], types["right"]) == ("int64", "int64", "bool")
    assert {types[name] for name in ("tags", "odd", "big", "text")} == {"string"}
    assert [json.loads(value) for value in table["odd"].to_pylist() if value] == ["text", {"deep": [1, {"a": None}]}]
    assert table["count"].to_pylist() == [3, None, 4]


def test_rows_are_written_group_by_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.dataset.engine.exports.parquet.GROUP_BYTES", 200)
    _, data = exported(version_of(DOCUMENTS, tmp_path / "v"), tmp_path / "out", "parquet")
    file = pq.ParquetFile(io.BytesIO(data))
    assert file.num_row_groups > 5
    assert file.read()["text"].to_pylist() == [row["text"] for row in DOCUMENTS]


FORMULAS = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "  =1", "＝1", '=HYPERLINK("x")']
HARMLESS = ["-5", "+3.14", "-1e-9", "a=b", "1-2", "'=1", ""]


def test_no_cell_is_run_by_a_spreadsheet(tmp_path: Path) -> None:
    rows = [{"text": f"t{number}", "=head": cell} for number, cell in enumerate([*FORMULAS, *HARMLESS])]
    version = version_of(rows, tmp_path / "v")
    found, data = exported(version, tmp_path / "out", "csv")
    shown = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert data.startswith(b"\xef\xbb\xbf")
    assert [row["'=head"] for row in shown] == [*("'" + cell for cell in FORMULAS), *HARMLESS]
    assert found["escaped"] == len(FORMULAS) + 1
    assert found["same"] == 0, "its column has another name now"
    plain, raw = exported(version, tmp_path / "plain", "csv", spreadsheet=False)
    assert (plain["escaped"], raw[:3]) == (0, b"id,")
    assert [row["=head"] for row in csv.DictReader(io.StringIO(raw.decode(), newline=""))] == [*FORMULAS, *HARMLESS]


LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(LINE, min_size=1, max_size=6), format=st.sampled_from(sorted(OF_RECORDS)), spreadsheet=st.booleans())
def test_whatever_a_text_holds(tmp_path_factory: pytest.TempPathFactory, texts: list[str], format: str, spreadsheet: bool) -> None:
    """What is said to come back does; of the rest nothing is said."""
    place = tmp_path_factory.mktemp("any")
    rows = [{"text": f"begin {text}", "note": text} for text in texts]
    version = version_of(rows, place / "v")
    found, data = exported(version, place / "out", format, spreadsheet)
    ids = [record["id"] for record in records(version)]
    returned = back(place, data, f"x.{FORMATS[format].extension}")
    assert found["same"] == sum(a == b for a, b in zip(ids, returned, strict=True))
    assert spreadsheet or found["same"] == len(rows)


def test_a_cell_that_lies_about_its_json_is_a_bad_row(tmp_path: Path) -> None:
    import pyarrow as pa

    marked = pa.field("odd", pa.string(), metadata={"modelyard": "json"})
    table = pa.table(
        {"text": ["a", "b", "c"], "odd": ['{"a": 1}', "{", '{"a": NaN}']}, schema=pa.schema([pa.field("text", pa.string()), marked])
    )
    (tmp_path / "x.parquet").write_bytes(parquet(table))
    done = import_folder(tmp_path, tmp_path / "work", ["x.parquet"], keep_good_rows=True)
    assert done["ledger"] == {"in": 3, "out": 1, "dropped": {"ROW_INVALID": 2}}
    (kept,) = records(tmp_path / "work" / "out")
    assert kept["odd"] == {"a": 1}


@pytest.mark.parametrize("format", OF_RECORDS)
def test_a_damaged_version_is_not_handed_out(tmp_path: Path, format: str) -> None:
    version = version_of(DOCUMENTS, tmp_path / "v", 300)
    part = sorted(version.glob("part-*"))[-1]
    part.write_bytes(part.read_bytes().replace(b"words", b"swords"[:5]))
    with pytest.raises(PlatformError) as caught:
        exported(version, tmp_path / "out", format)
    assert caught.value.reason == Reason.CHECKSUM_MISMATCH


def test_ids_are_those_of_what_records_say(tmp_path: Path) -> None:
    _, data = exported(version_of([*MIXED, TALK], tmp_path / "v"), tmp_path / "out", "jsonl")
    for line in data.splitlines():
        record = json.loads(line)
        assert record["id"] == record_id(record)
