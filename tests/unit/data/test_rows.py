"""Rows of a version come in order, and a bad one is named, for whoever reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.errors import PlatformError, Reason
from libs.data.rows import count_rows, read_rows


def test_rows_come_in_order_of_part_and_row(tmp_path: Path) -> None:
    for name, text in (("part-99999.jsonl", '{"n": 0}\n\n{"n": 1}\n'), ("part-100000.jsonl", '{"n": 2}\n'), (".part-1.jsonl", "half")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "manifest.json").write_text("not a row")
    assert [(row.file, row.number, row.values["n"]) for row in read_rows(tmp_path)] == [
        ("part-99999.jsonl", 1, 0),
        ("part-99999.jsonl", 3, 1),
        ("part-100000.jsonl", 1, 2),
    ]
    assert count_rows(tmp_path) == 3
    assert [row.values for row in read_rows(tmp_path / "part-100000.jsonl")] == [{"n": 2}]


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        (b"{", Reason.ROW_INVALID, "row"),
        (b"[1]", Reason.ROW_INVALID, "row"),
        (b"[" * 100_000, Reason.ROW_INVALID, "row"),
        (b'{"a": "\xff"}', Reason.FILE_NOT_UTF8, None),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, line: bytes, reason: Reason, field: str | None) -> None:
    (tmp_path / "part-00000.jsonl").write_bytes(b'{"a": 1}\n' + line + b"\n")
    with pytest.raises(PlatformError) as caught:
        list(read_rows(tmp_path))
    error = caught.value
    assert (error.code, error.reason, error.field, error.details) == (422, reason, field, {"file": "part-00000.jsonl", "row": 2})


def test_what_is_missing_or_empty_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    for name, reason in (("none.jsonl", Reason.FILE_MISSING), ("empty.jsonl", Reason.FILE_EMPTY)):
        with pytest.raises(PlatformError) as caught:
            list(read_rows(tmp_path / name))
        assert caught.value.reason == reason
    assert list(read_rows(tmp_path)) == []
