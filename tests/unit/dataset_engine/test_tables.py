"""Tables as spreadsheets, data frames and old exports write them, and files whose columns have other names: the rows arrive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from tests.unit.dataset_engine.make import import_folder, records

ROWS = [("Wo liegt Graz?", "In der Steiermark"), ("Wie viel ist 2,5 + 2,5?", "5,0")]
TABLES: dict[str, bytes] = {
    "semicolons": b'instruction;input;output\nWo liegt Graz?;;In der Steiermark\n"Wie viel ist 2,5 + 2,5?";;5,0\n',
    "tabs": b"instruction\toutput\nWo liegt Graz?\tIn der Steiermark\nWie viel ist 2,5 + 2,5?\t5,0\n",
    "bars": b"instruction|output\nWo liegt Graz?|In der Steiermark\nWie viel ist 2,5 + 2,5?|5,0\n",
    "a line that says so": b'sep=;\r\n"instruction";"output"\r\nWo liegt Graz?;In der Steiermark\r\nWie viel ist 2,5 + 2,5?;"5,0"\r\n',
    "a column of row numbers": b',instruction,output\n0,Wo liegt Graz?,In der Steiermark\n1,"Wie viel ist 2,5 + 2,5?","5,0"\n',
    "rows and columns of nothing": b"instruction,output,,\n,,,\nWo liegt Graz?,In der Steiermark,,\n"
    b'"Wie viel ist 2,5 + 2,5?","5,0",,,,\n,,\n, ,\n\n',
    "carriage returns alone": b'instruction,output\rWo liegt Graz?,In der Steiermark\r"Wie viel ist 2,5 + 2,5?","5,0"\r',
    "a byte order mark": b'\xef\xbb\xbf"instruction","output"\r\nWo liegt Graz?,In der Steiermark\r\n"Wie viel ist 2,5 + 2,5?","5,0"',
}


def brought(tmp_path: Path, name: str, data: bytes, **options: Any) -> list[dict[str, Any]]:
    (tmp_path / name).write_bytes(data)
    import_folder(tmp_path, tmp_path / "work", [name], **options)
    return records(tmp_path / "work" / "out")


@pytest.mark.parametrize("kind", TABLES)
def test_an_everyday_table_arrives(tmp_path: Path, kind: str) -> None:
    found = brought(tmp_path, "table.csv", TABLES[kind])
    assert [(row["instruction"], row["output"]) for row in found] == ROWS
    assert all(row.keys() <= {"id", "source", "instruction", "input", "output"} for row in found)


def test_cells_keep_their_quotes_line_breaks_and_signs(tmp_path: Path) -> None:
    data = b'instruction,output\n"Two lines,\none; cell","He said ""no"" | then\tleft"\n'
    (row,) = brought(tmp_path, "table.csv", data)
    assert (row["instruction"], row["output"]) == ("Two lines,\none; cell", 'He said "no" | then\tleft')


def test_what_sets_cells_apart_may_be_said(tmp_path: Path) -> None:
    (row,) = brought(tmp_path, "table.csv", b"text;of;all,note\na;b,c\n", delimiter=",", columns={"text": "text;of;all"})
    assert (row["text"], row["note"]) == ("a;b", "c")


def test_a_tsv_is_a_table(tmp_path: Path) -> None:
    (row,) = brought(tmp_path, "table.tsv", b"text\tn\none, two\t1\n")
    assert (row["text"], row["n"]) == ("one, two", "1")


def test_lines_of_objects_are_taken_under_either_name(tmp_path: Path) -> None:
    lines = b'{"text": "a"}\n{"text": "b"}\n'
    assert [row["text"] for row in brought(tmp_path, "lines.json", lines)] == ["a", "b"]
    assert [row["text"] for row in brought(tmp_path, "old.jsonl", lines.replace(b"\n", b"\r"))] == ["a", "b"]


def test_columns_of_other_names_are_taken_by_their_names(tmp_path: Path) -> None:
    rows = '{"question": "几点开门？", "answer": "八点", "id": 7}\n'.encode()
    (row,) = brought(tmp_path, "faq.jsonl", rows, columns={"instruction": "question", "output": "answer"})
    assert row.items() >= {"instruction": "几点开门？", "output": "八点", "own_id": 7}.items()
    assert "question" not in row
    (swapped,) = brought(
        tmp_path, "b.jsonl", b'{"instruction": "a", "output": "q"}', columns={"instruction": "output", "output": "instruction"}
    )
    assert (swapped["instruction"], swapped["output"]) == ("q", "a")


@pytest.mark.parametrize(
    ("row", "columns", "code", "field"),
    [
        (b'{"question": "q", "answer": " "}', {"instruction": "question", "output": "answer"}, 422, "answer"),
        (b'{"question": "q"}', {"instruction": "question", "output": "answer"}, 422, "answer"),
        (b'{"text": "a", "body": "b"}', {"text": "body"}, 422, "text"),
        (b'{"text": "a"}', {"texts": "text"}, 400, "options.columns.texts"),
        (b'{"text": "a"}', {"instruction": "text", "output": "text"}, 400, "options.columns.instruction"),
        (b'{"text": "a"}', {"text": 5}, 400, "options.columns"),
        (b'{"text": "a"}', {}, 400, "options.columns"),
    ],
)
def test_a_mapping_that_cannot_be_is_named(tmp_path: Path, row: bytes, columns: dict[str, Any], code: int, field: str) -> None:
    with pytest.raises(PlatformError) as caught:
        brought(tmp_path, "rows.jsonl", row, columns=columns)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.reason in (Reason.ROW_INVALID, Reason.INVALID_ARGUMENT, Reason.WRONG_TYPE, Reason.TOO_SMALL)
