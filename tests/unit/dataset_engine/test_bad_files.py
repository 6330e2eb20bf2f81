"""The corpus of bad files: each is refused by name, row, column, reason and limit, or its bad rows are left out and counted."""

from __future__ import annotations

import os
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from tests.unit.dataset_engine.make import import_folder, lines, records

GOOD = b'{"text": "good"}\n'
MIB = 1 << 20


@dataclass(frozen=True)
class Bad:
    """name and bytes of a file; the row and column that are to blame; good: rows that are left with keep_good_rows."""

    name: str
    data: bytes
    reason: Reason
    row: int
    column: str | None = None
    good: int = 0
    bad: int = 1


CORPUS = [
    Bad("empty.jsonl", b"", Reason.FILE_EMPTY, 1),
    Bad("空.txt", b" \n\n", Reason.FILE_EMPTY, 1),
    Bad("only-bom.csv", b"\xef\xbb\xbf", Reason.FILE_EMPTY, 1),
    Bad("header-only.csv", b"text,note\n", Reason.FILE_EMPTY, 1),
    Bad("no-element.json", b"[]", Reason.FILE_EMPTY, 1),
    Bad("blank.html", b"\n", Reason.FILE_EMPTY, 1),
    Bad("截断.jsonl", GOOD * 2 + b'{"text": "half', Reason.FILE_TRUNCATED, 3, good=2),
    Bad("cut-after-value.jsonl", GOOD + b'{"text": "x", "a": {"b": 1}', Reason.FILE_TRUNCATED, 2, good=1),
    Bad("cut-in-character.jsonl", GOOD + '{"text": "汉'.encode()[:-1], Reason.FILE_TRUNCATED, 2, good=1),
    Bad("cut.json", b'[{"text": "a"}, {"text": "b', Reason.FILE_TRUNCATED, 2, good=1),
    Bad("no-bracket.json", b'[{"text": "a"}, {"text": "b"}', Reason.FILE_TRUNCATED, 2, good=1),
    Bad("cut-quote.csv", b'text,n\na,1\n"b', Reason.FILE_TRUNCATED, 3, good=1),
    Bad("cut-columns.csv", b"text,n\na,1\nb", Reason.FILE_TRUNCATED, 3, good=1),
    Bad("cut-tag.html", b"<html><body><p>text</p><a hre", Reason.FILE_TRUNCATED, 1),
    Bad("cut-script.html", b"<p>x</p>\n<script>var a = 1;", Reason.FILE_TRUNCATED, 2),
    Bad("cut-comment.html", b"<p>x</p><!-- never", Reason.FILE_TRUNCATED, 1),
    Bad("cut-char.txt", "多字节".encode()[:-1], Reason.FILE_TRUNCATED, 1),
    Bad("国标.jsonl", GOOD + '{"text": "中文"}\n'.encode("gb18030") + GOOD, Reason.FILE_NOT_UTF8, 2, good=2),
    Bad("latin.csv", "text,n\nok,1\ncaf\xe9,2\nok,3\n".encode("latin-1"), Reason.FILE_NOT_UTF8, 3, column="text", good=2),
    Bad("latin-header.csv", "t\xe9xt\nok\n".encode("latin-1"), Reason.FILE_NOT_UTF8, 1),
    Bad("latin.txt", "line\ncaf\xe9 au lait\n".encode("latin-1"), Reason.FILE_NOT_UTF8, 2),
    Bad("utf16.jsonl", '{"text": "x"}'.encode("utf-16"), Reason.FILE_NOT_UTF8, 1),
    Bad("latin.json", b'[{"text": "a"}, {"text": "\xff"}, {"text": "b"}]', Reason.FILE_NOT_UTF8, 2, good=2),
    Bad("nan.jsonl", GOOD + b'{"text": "x", "score": NaN}\n' + GOOD, Reason.ROW_INVALID, 2, good=2),
    Bad("infinity.json", b'[{"text": "x", "score": -Infinity}]', Reason.ROW_INVALID, 1),
    Bad("too-big-number.jsonl", b'{"text": "x", "score": 1e999}\n', Reason.ROW_INVALID, 1),
    Bad("long-integer.jsonl", b'{"text": "x", "n": ' + b"9" * 5000 + b"}\n", Reason.ROW_INVALID, 1),
    Bad("重复键.jsonl", b'{"text": "x", "text": "y"}\n' + GOOD, Reason.ROW_INVALID, 1, column="text", good=1),
    Bad("inner-duplicate.jsonl", b'{"text": "x", "a": {"b": 1, "b": 2}}\n', Reason.ROW_INVALID, 1, column="b"),
    Bad("null-escape.jsonl", b'{"text": "a\\u0000b"}\n' + GOOD, Reason.ROW_INVALID, 1, column="text", good=1),
    Bad("null-byte.jsonl", b'{"text": "a\0b"}\n' + GOOD, Reason.ROW_INVALID, 1, good=1),
    Bad("null.csv", b"text,n\na\0b,1\nok,2\n", Reason.ROW_INVALID, 2, column="text", good=1),
    Bad("null.txt", b"line\nnext\0line", Reason.ROW_INVALID, 2),
    Bad("surrogate.jsonl", b'{"text": "\\ud800"}\n', Reason.ROW_INVALID, 1),
    Bad("nested.jsonl", b'{"text": "x", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n" + GOOD, Reason.ROW_INVALID, 1, good=1),
    Bad("not-an-object.jsonl", b'"text"\n[1]\n7\n' + GOOD, Reason.FILE_EMPTY, 1, good=1, bad=3),
    Bad("nonsense.jsonl", GOOD + b"nonsense\n" + GOOD, Reason.ROW_INVALID, 2, good=2),
    Bad("two-on-a-line.jsonl", b'{"text": "a"} {"text": "b"}\n', Reason.ROW_INVALID, 1),
    Bad("no-text.jsonl", GOOD + b'{"body": "x"}\n', Reason.ROW_INVALID, 2, column="text", good=1),
    Bad("blank-text.jsonl", b'{"text": "  "}\n' + GOOD, Reason.ROW_INVALID, 1, column="text", good=1),
    Bad("number-text.jsonl", b'{"text": 5}\n', Reason.ROW_INVALID, 1, column="text"),
    Bad("no-answer.jsonl", '{"instruction": "问"}\n'.encode(), Reason.ROW_INVALID, 1, column="output"),
    Bad("columns.csv", b"text,n\na,1\nb\nc,2,3\nd,4\n", Reason.ROW_INVALID, 3, good=2, bad=2),
    Bad("quotes.csv", b'text,n\na,1\n"b"x,2\nc,3\n', Reason.ROW_INVALID, 3, good=2),
    Bad("repeated-header.csv", b"text,text\na,b\n", Reason.ROW_INVALID, 1, column="text"),
    Bad("unnamed-column.csv", b"text,\nzero,\na,b\nc,\n", Reason.ROW_INVALID, 3, column="column 2", good=2),
    Bad("unnamed-first.csv", b",text\n0,zero\nx,b\n", Reason.ROW_INVALID, 3, column="column 1", good=1),
    Bad("mixed-line-ends.csv", b"text,n\r\na,1\rb,2\r\nc,3\r\n", Reason.ROW_INVALID, 2, good=1),
    Bad("after.json", b'[{"text": "a"}] trailing', Reason.ROW_INVALID, 2, good=1),
    Bad("no-comma.json", b'[{"text": "a"} {"text": "b"}]', Reason.ROW_INVALID, 1),
    Bad("double-comma.json", b'[{"text": "a"},,{"text": "b"}]', Reason.ROW_INVALID, 2, good=2),
    Bad("object.json", b'{"text": "a"}', Reason.FORMAT_UNKNOWN, 1),
    Bad("array.jsonl", b'[{"text": "a"}]', Reason.FORMAT_UNKNOWN, 1),
    Bad("page.csv", b"<!DOCTYPE html><html></html>", Reason.FORMAT_UNKNOWN, 1),
    Bad("图片.jsonl", b"\x89PNG\r\n\x1a\n" + bytes(50), Reason.FORMAT_UNKNOWN, 1),
    Bad("paper.txt", b"%PDF-1.7\n...", Reason.FORMAT_UNKNOWN, 1),
    Bad("book.csv", b"PK\x03\x04....", Reason.FORMAT_UNKNOWN, 1),
    Bad("text.html", b"no tags here", Reason.FORMAT_UNKNOWN, 1),
    Bad("unknown.xyz", b"text", Reason.FORMAT_UNKNOWN, 1),
    Bad("no-extension", b"text", Reason.FORMAT_UNKNOWN, 1),
]
OBJECT = b'{"version": "1", "rows": [{"text": "a"}], "about": {"rows": 1}}'
CORPUS += [
    Bad("object-of-all.json", OBJECT, Reason.FORMAT_UNKNOWN, 1),
    Bad("objects.json", b'{"1": {}, "2": {}}', Reason.FORMAT_UNKNOWN, 1),
]
CORPUS = [each for each in CORPUS if each.name != "not-an-object.jsonl"] + [
    Bad("不是对象.jsonl", b'"text"\n7\n' + GOOD, Reason.ROW_INVALID, 1, good=1, bad=2)
]


@pytest.mark.parametrize("bad", CORPUS, ids=lambda bad: bad.name)
def test_a_bad_file_is_named_with_row_column_and_limit(tmp_path: Path, bad: Bad) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / bad.name).write_bytes(bad.data)
    with pytest.raises(PlatformError) as caught:
        import_folder(tmp_path / "in", tmp_path / "work")
    error = caught.value
    assert (error.reason.name, error.details["row"], error.field) == (bad.reason.name, bad.row, bad.column)
    assert (error.code, error.details["file"]) == (422, bad.name)
    assert error.limit
    assert error.details["why"]
    assert bad.name in str(error)
    assert not (tmp_path / "work" / "out").exists()


@pytest.mark.parametrize("bad", CORPUS, ids=lambda bad: bad.name)
def test_good_rows_are_kept_and_bad_ones_counted_when_asked(tmp_path: Path, bad: Bad) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / bad.name).write_bytes(bad.data)
    (tmp_path / "in" / "zz-good.txt").write_bytes(b"another file")
    result = import_folder(tmp_path / "in", tmp_path / "work", keep_good_rows=True)
    assert result["ledger"]["in"] == bad.good + bad.bad + 1
    assert result["ledger"]["out"] == len(records(tmp_path / "work" / "out")) == bad.good + 1
    dropped = lines(tmp_path / "work" / "dropped")
    assert len(dropped) == sum(result["ledger"]["dropped"].values()) == bad.bad
    assert dropped[0]["rule"] == bad.reason.name
    assert dropped[0]["source"] == f"{bad.name}#{bad.row}"
    assert dropped[0]["reason"]
    assert len({line["id"] for line in dropped}) == bad.bad


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("object.json", OBJECT, ("'version', 'rows', 'about'", "the array under 'rows'", "one object per line")),
        ("objects.json", b'{"a": {"text": "x"}, "b": {"text": "y"}}', ("one object with the keys 'a', 'b'", "a JSON array of objects")),
        ("faq.csv", "问题,答案\n几点开门？,八点\n".encode(), ("'问题', '答案'", 'columns={"instruction": "问题", "output": "答案"}')),
        ("faq.jsonl", b'{"Prompt": "p", "Response": "r", "n": 1}', ('columns={"instruction": "Prompt", "output": "Response"}',)),
        ("squad.csv", b"question,context,answer\nq,c,a\n", ('"instruction": "question", "input": "context", "output": "answer"',)),
        ("notes.csv", b"no,note\n1,open the valve\n", ("'no', 'note'", 'columns={"text": "no"}')),
        ("twice.csv", b"text,n,text\na,1,b\n", ("'text' is the name of columns 1 and 3",)),
        ("short.csv", b"text,n\na\nb,1\n", ("2 columns as in the header, not 1",)),
        ("index.csv", b",text\nx,b\n", ("a name for column 1",)),
        ("cr.csv", b"text,n\r\na,1\rb,2\r\n", ("lines that all end in LF or CRLF",)),
        ("quotes.csv", b'text,n\n"b"x,2\n', ("cells quoted by the rules of csv",)),
    ],
)
def test_the_sentence_says_what_is_the_matter_and_what_to_do(tmp_path: Path, name: str, data: bytes, said: tuple[str, ...]) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(PlatformError) as caught:
        import_folder(tmp_path, tmp_path / "work", [name])
    assert all(part in str(caught.value) for part in said), str(caught.value)
    facts = f"{caught.value} {caught.value.details}"
    assert not any(word in facts for word in ("universal-newline", "csv.Error", "JSONDecodeError", str(tmp_path)))


def test_nothing_left_is_an_error_even_when_bad_rows_may_go(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.jsonl").write_bytes(b"nonsense\n")
    with pytest.raises(PlatformError) as caught:
        import_folder(tmp_path / "in", tmp_path / "work", keep_good_rows=True)
    assert caught.value.reason == Reason.NO_RECORDS_LEFT


@pytest.mark.parametrize(
    ("name", "limit", "reason"),
    [
        ("big.jsonl", "max_file_bytes", Reason.FILE_TOO_LARGE),
        ("big.txt", "max_row_bytes", Reason.FILE_TOO_LARGE),
        ("big.html", "max_row_bytes", Reason.FILE_TOO_LARGE),
        ("big.jsonl", "max_row_bytes", Reason.ROW_INVALID),
        ("big.json", "max_row_bytes", Reason.ROW_INVALID),
        ("big.csv", "max_row_bytes", Reason.ROW_INVALID),
    ],
)
def test_sizes_are_limited(tmp_path: Path, name: str, limit: str, reason: Reason) -> None:
    text = b"x" * 3000
    data = {"jsonl": b'{"text": "%s"}\n' % text, "json": b'[{"text": "%s"}]' % text, "csv": b"text\n%s\n" % text}
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(data.get(name.split(".")[1], b"<p>" + text))
    with pytest.raises(PlatformError) as caught:
        import_folder(tmp_path / "in", tmp_path / "work", (".",), **{limit: 1000})
    assert caught.value.reason == reason
    assert "1000" in str(caught.value.limit)
    assert caught.value.details["file"] == name


@pytest.mark.parametrize("name", ["一行.jsonl", "row.csv", "element.json", "file.txt"])
def test_a_line_of_one_gigabyte_does_not_fill_the_memory(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / name
    start: dict[str, Any] = {
        "jsonl": GOOD + b'{"text": "',
        "csv": b'text\ngood\n"',
        "json": b'[{"text": "good"}, {"text": "',
        "txt": b"good",
    }
    path.write_bytes(start[name.split(".")[1]])
    os.truncate(path, 1 << 30)  # a sparse file: zeros to the end
    tracemalloc.start()
    try:
        (tmp_path / "in" / "zz-good.txt").write_bytes(b"another file")
        result = import_folder(tmp_path / "in", tmp_path / "work", keep_good_rows=True, max_row_bytes=MIB)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 24 * MIB
    assert result["ledger"]["out"] == (1 if name.endswith("txt") else 2)
    assert sum(result["ledger"]["dropped"].values()) == 1
