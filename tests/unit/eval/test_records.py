"""Reading a test version: order, joins, and rows that are refused by file and row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from libs.common.errors import PlatformError, Reason
from services.eval.engine.records import count_records, read_records
from tests.unit.eval.material import record, write_version


def test_records_come_in_order_of_part_and_row(tmp_path: Path) -> None:
    rows = [record(number, f"q{number}", f"a{number}") for number in range(7)]
    folder = write_version(tmp_path, rows, parts=3)
    (folder / "part-100000.jsonl").write_text(
        json.dumps(record(7, "q7", "a7")) + "\n\n", encoding="utf-8"
    )  # after part-99999, with an empty line
    (folder / ".part-00009.jsonl.tmp").write_text("half")
    assert [(found.question, found.answer) for found in read_records(folder)] == [(f"q{number}", f"a{number}") for number in range(8)]
    assert count_records(folder) == 8


def test_a_question_is_joined_as_in_training_and_labels_are_kept(tmp_path: Path) -> None:
    folder = write_version(tmp_path, [record(1, "Explain", "x", input="json.dumps", subject="json", lang="en", rank=3)])
    (found,) = read_records(folder)
    assert found.question == "Explain\njson.dumps"
    assert found.tags == {"lang": "en", "subject": "json", "template": "t1"}


def test_no_records(tmp_path: Path) -> None:
    write_version(tmp_path, [])
    with pytest.raises(PlatformError) as caught:
        count_records(tmp_path)
    assert (caught.value.code, caught.value.reason) == (422, Reason.NO_TEST_RECORDS)


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        (b'{"id": "1", "instruction": "q", "output": "a"', Reason.ROW_INVALID, "row"),
        (b"[1]", Reason.ROW_INVALID, "row"),
        (b"[" * 100_000, Reason.ROW_INVALID, "row"),
        (b'{"id": "1", "instruction": "\xff", "output": "a"}', Reason.FILE_NOT_UTF8, None),
        (b'{"instruction": "q", "output": "a"}', Reason.ROW_INVALID, "id"),
        (b'{"id": 1, "instruction": "q", "output": "a"}', Reason.ROW_INVALID, "id"),
        (b'{"id": "%s", "instruction": "q", "output": "a"}' % (b"x" * 101), Reason.ROW_INVALID, "id"),
        (b'{"id": "1", "output": "a"}', Reason.ROW_INVALID, "instruction"),
        (b'{"id": "1", "instruction": " ", "output": "a"}', Reason.ROW_INVALID, "instruction"),
        (b'{"id": "1", "instruction": "q", "output": null}', Reason.ROW_INVALID, "output"),
        (b'{"id": "1", "instruction": "q", "output": "\\ud800"}', Reason.ROW_INVALID, "output"),
        (b'{"id": "1", "instruction": "q", "output": "a", "input": 5}', Reason.ROW_INVALID, "input"),
        (b'{"id": "1", "instruction": "q", "output": "a", "system": 5}', Reason.ROW_INVALID, "system"),
        (b'{"id": "1", "instruction": "q", "output": "a", "history": [["x"]]}', Reason.ROW_INVALID, "history"),
        (b'{"id": "1", "instruction": "q", "output": "a", "history": [["x", ""]]}', Reason.ROW_INVALID, "history"),
        (b'{"id": "1", "instruction": "q", "output": "%s"}' % (b"x" * 500_001), Reason.ROW_INVALID, "output"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, line: bytes, reason: Reason, field: str | None) -> None:
    write_version(tmp_path, [record(0, "q", "a")])
    with (tmp_path / "part-00000.jsonl").open("ab") as handle:
        handle.write(line + b"\n")
    with pytest.raises(PlatformError) as caught:
        list(read_records(tmp_path))
    error = caught.value
    assert (error.code, error.reason, error.field) == (422, reason, field)
    assert error.details == {"file": "part-00000.jsonl", "row": 2}
