"""Formats of text that companies have: each arrives, a wrong file is refused with file, row and reason, every row is accounted for."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from libs.common.errors import PlatformError, Reason
from libs.data.records import spoken
from services.dataset.engine.formats import EXTENSIONS, FORMATS, How
from services.dataset.engine.importing import FormatName, ShapeName
from services.dataset.engine.shapes import SHAPES
from tests.unit.dataset_engine.make import import_folder, lines, records


def brought(tmp_path: Path, name: str, data: bytes | str, **options: Any) -> list[dict[str, Any]]:
    """The records of one file; of those that came in each is there or among the dropped."""
    (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    ledger = import_folder(tmp_path, tmp_path / "work", [name], **options)["ledger"]
    found = records(tmp_path / "work" / "out")
    assert ledger["in"] == ledger["out"] + sum(ledger["dropped"].values())
    assert (ledger["out"], sum(ledger["dropped"].values())) == (len(found), len(lines(tmp_path / "work" / "dropped")))
    return found


def refused(tmp_path: Path, name: str, data: bytes | str, **options: Any) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        brought(tmp_path, name, data, **options)
    assert caught.value.details["file"] == name
    return caught.value


def parquet(rows: list[dict[str, Any]] | pa.Table, **how: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(rows), target, **how)
    return target.getvalue()


def test_options_name_what_the_folders_hold() -> None:
    assert get_args(FormatName) == ("auto", *FORMATS)
    assert get_args(ShapeName) == ("auto", *SHAPES)
    assert len(EXTENSIONS) == sum(len(format.extensions) for format in FORMATS.values())


# --- pages


MARKDOWN = """---
title: Handbook
---

Before all.

# Start

Text one.

```sh
# no heading
```

Second
======

~~~
```
# none either
~~~
### Deep ###
A | b
--- | ---
- item
---
## Next
end
"""


def test_a_page_is_one_record_and_keeps_what_it_says(tmp_path: Path) -> None:
    (page,) = brought(tmp_path, "a.md", MARKDOWN)
    assert (page["text"], page["format"]) == (MARKDOWN, "markdown")


def test_sections_put_together_are_the_file(tmp_path: Path) -> None:
    found = brought(tmp_path, "a.md", MARKDOWN, sections=True)
    assert [each.get("title", "") for each in found] == ["", "Start", "Second", "Second > Deep", "Second > Next"]
    assert "".join(each["text"] for each in found) == MARKDOWN
    assert "# no heading" in found[1]["text"]


HTML = """<!doctype html><html><head><title>T</title><script>var x = "<h1>no</h1>";</script></head><body>
<!-- <h1>neither</h1> --><p>Lead</p>
<h1 class="a>b">One &amp; <em>only</em></h1><p>first</p><H2>Sub
 part</H2>second<h2></h2>third
</body></html>
"""


def test_a_web_page_is_cut_at_its_headings(tmp_path: Path) -> None:
    (page,) = brought(tmp_path, "a.html", HTML)
    assert page["text"] == HTML
    found = brought(tmp_path, "a.html", HTML, sections=True)
    assert "".join(each["text"] for each in found) == HTML
    assert [each.get("title") for each in found][2:] == ["One & only > Sub part", "One & only"]
    assert {each["format"] for each in found} == {"html"}


@pytest.mark.parametrize(
    ("format", "piece"), [("markdown", b"# a\n"), ("html", b"<h1>a"), ("html", b"<!--<h1>-->"), ("markdown", b"a\n=\n")]
)
def test_many_headings_cost_what_they_are(format: str, piece: bytes) -> None:
    """A cost that is quadratic would take minutes."""
    found = list(FORMATS[format].read(io.BytesIO(piece * 50_000), How(1 << 20, sections=True)))
    assert "".join((row.fields or {})["text"] for row in found) == (piece * 50_000).decode()


def test_a_tsv_is_set_apart_by_tabs_whatever_its_header_says(tmp_path: Path) -> None:
    (row,) = brought(tmp_path, "a.tsv", "text, as it is, whole\ttext\nx, y, z\tbody, and more\n")
    assert (row["text"], row["text, as it is, whole"]) == ("body, and more", "x, y, z")


def test_a_cell_that_a_spreadsheet_would_calculate_is_a_text(tmp_path: Path) -> None:
    cells = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3"]
    found = brought(tmp_path, "a.csv", "text\n" + "".join(f'"{cell}"\n' for cell in cells))
    assert [row["text"] for row in found] == cells


# --- parquet


def test_a_parquet_file_arrives_as_it_is(tmp_path: Path) -> None:
    calls = [{"id": "c1", "function": {"name": "f", "arguments": "{}"}}]
    rows: list[dict[str, Any]] = [
        {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": None, "tool_calls": calls}], "n": 1},
        {"messages": [{"role": "user", "content": "问"}, {"role": "assistant", "content": "答", "tool_calls": None}], "n": None},
    ]
    first, second = brought(tmp_path, "a.parquet", parquet(rows, row_group_size=1), shape="openai_messages")
    assert first["messages"] == [rows[0]["messages"][0], {"role": "assistant", "tool_calls": calls}]
    assert (first["n"], "n" in second) == (1, False)
    assert second["messages"][1] == {"role": "assistant", "content": "答"}


def test_moments_and_decimals_are_texts(tmp_path: Path) -> None:
    row = {"text": "a", "at": datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC), "price": Decimal("1.50"), "ok": True, "score": 0.5}
    (found,) = brought(tmp_path, "a.parquet", parquet([row]))
    assert (found["at"], found["price"], found["ok"], found["score"]) == ("2024-02-29T01:02:03+00:00", "1.50", True, 0.5)


def bad_parquet() -> dict[str, tuple[bytes, Reason, int, str | None, int]]:
    """name: bytes, reason, row, column, good rows."""
    mixed = pa.table({"text": pa.array([b"good", "中文".encode("gb18030"), b"good"]).cast(pa.binary())})
    latin = pa.Table.from_arrays([pa.Array.from_buffers(pa.string(), 3, mixed["text"].chunk(0).buffers())], ["text"])
    far = pa.table({"text": ["a", "b"], "at": pa.array([0, 1 << 50], pa.timestamp("ms"))})
    whole = parquet([{"text": f"row {number}"} for number in range(2000)], row_group_size=500, compression="none", use_dictionary=False)
    page = whole.index(b"row 1600")
    return {
        "cut.parquet": (whole[:-100], Reason.FILE_TRUNCATED, 1, None, 0),
        "head-only.parquet": (b"PAR1", Reason.FILE_TRUNCATED, 1, None, 0),
        "footer.parquet": (whole[:-8] + b"\xff\xff\xff\x7fPAR1", Reason.FILE_TRUNCATED, 1, None, 0),
        "empty.parquet": (b"", Reason.FILE_EMPTY, 1, None, 0),
        "no-rows.parquet": (parquet(pa.table({"text": pa.array([], pa.string())})), Reason.FILE_EMPTY, 1, None, 0),
        "text.parquet": (b'{"text": "a"}\n', Reason.FORMAT_UNKNOWN, 1, None, 0),
        "国标.parquet": (parquet(latin), Reason.FILE_NOT_UTF8, 2, None, 2),
        "nan.parquet": (parquet([{"text": "a", "x": float("nan")}, {"text": "b", "x": 1.0}]), Reason.ROW_INVALID, 1, None, 1),
        "bytes.parquet": (parquet([{"text": "a", "x": None}, {"text": "b", "x": b"\xff"}]), Reason.ROW_INVALID, 2, "x", 1),
        "null.parquet": (parquet([{"text": "a\0b"}, {"text": "b"}]), Reason.ROW_INVALID, 1, "text", 1),
        "far.parquet": (parquet(far), Reason.ROW_INVALID, 2, None, 1),
        "twice.parquet": (
            parquet(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["text", "text"])),
            Reason.ROW_INVALID,
            1,
            "text",
            0,
        ),
        "no-text.parquet": (parquet([{"body": "a"}]), Reason.ROW_INVALID, 1, "text", 0),
        "damaged.parquet": (whole[: page - 60] + b"\xff" * 60 + whole[page:], Reason.FILE_TRUNCATED, 1501, None, 1500),
    }


@pytest.mark.parametrize("name", bad_parquet())
def test_a_bad_parquet_file_is_named_and_its_good_rows_are_kept(tmp_path: Path, name: str) -> None:
    data, reason, row, column, good = bad_parquet()[name]
    error = refused(tmp_path, name, data)
    assert (error.reason, error.details["row"], error.field) == (reason, row, column)
    assert error.limit
    assert error.details["why"]
    if good:
        assert len(brought(tmp_path, name, data, keep_good_rows=True)) == good
        assert lines(tmp_path / "work" / "dropped")[0]["source"] == f"{name}#{row}"


def test_a_row_of_parquet_has_its_limit(tmp_path: Path) -> None:
    data = parquet([{"text": "a"}, {"text": "x" * 5000}, {"text": "b"}])
    assert [row["text"] for row in brought(tmp_path, "a.parquet", data, keep_good_rows=True, max_row_bytes=1000)] == ["a", "b"]


def test_a_row_group_is_never_held_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["x" * 4000 + str(number) for number in range(5000)]  # 20 MB in one row group
    data = parquet(pa.table({"text": rows}), use_dictionary=False, row_group_size=1 << 30)
    usual, watched = pa.default_memory_pool(), pa.proxy_memory_pool(pa.system_memory_pool())
    monkeypatch.setattr(pa, "system_memory_pool", lambda: watched)
    try:
        read = FORMATS["parquet"].read(io.BufferedReader(io.BytesIO(data)), How(1 << 20))  # type: ignore[arg-type]
        assert [row.fields and row.fields["text"] for row in read] == rows
        assert 0 < watched.max_memory() < 14 << 20
    finally:
        pa.set_memory_pool(usual)


# --- shapes

TURNS = [{"role": "user", "content": "q"}]
GOOD, BAD = {"role": "assistant", "content": "good"}, {"role": "assistant", "content": "bad"}
PAIRS: dict[str, dict[str, Any]] = {
    "texts": {"prompt": "q", "chosen": "good", "rejected": "bad"},
    "turns": {"prompt": TURNS, "chosen": [GOOD], "rejected": [BAD]},
    "a prompt inside both sides": {"chosen": [*TURNS, GOOD], "rejected": [*TURNS, BAD]},
    "a prompt that both sides repeat": {"prompt": "q", "chosen": [*TURNS, GOOD], "rejected": [*TURNS, BAD]},
    "alpaca": {"instruction": "q", "input": "", "chosen": "good", "rejected": "bad"},
    "alpaca with more": {"instruction": "q", "input": "x", "system": "s", "history": [["a", "b"]], "chosen": "good", "rejected": "bad"},
    "sharegpt": {
        "conversations": [{"from": "human", "value": "q"}],
        "chosen": {"from": "gpt", "value": "good"},
        "rejected": {"from": "gpt", "value": "bad"},
    },
    "messages": {"messages": TURNS, "chosen": GOOD, "rejected": BAD, "tools": []},
}
PROMPTS: dict[str, Any] = {
    "turns": TURNS,
    "a prompt inside both sides": TURNS,
    "alpaca with more": [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "q\nx"},
    ],
    "sharegpt": [{"from": "human", "value": "q"}],
    "messages": TURNS,
}


@pytest.mark.parametrize("kind", PAIRS)
def test_every_spelling_of_a_preference_is_one_record(tmp_path: Path, kind: str) -> None:
    (row,) = brought(tmp_path, "a.jsonl", json.dumps(PAIRS[kind]) + "\n", shape="preference_pair")
    assert row["prompt"] == PROMPTS.get(kind, "q")
    sides = [list(spoken(row[name])) for name in ("chosen", "rejected")]
    assert sides == [["good"], ["bad"]]
    assert not row.keys() & {"instruction", "input", "system", "history", "messages", "conversations"}
    (again,) = brought(tmp_path, "b.jsonl", json.dumps(row) + "\n")
    assert again["id"] == row["id"]


def test_a_row_with_one_answer_is_no_preference(tmp_path: Path) -> None:
    row = {"instruction": "q", "output": "a", "chosen": "x", "rejected": "y"}
    (found,) = brought(tmp_path, "a.jsonl", json.dumps(row) + "\n")
    assert found.items() >= row.items()


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
NO_TEXT = "missing, empty or not a text"


@pytest.mark.parametrize(
    ("shape", "row", "column", "why"),
    [
        ("openai_messages", {"text": "a"}, "messages", "missing, empty or not a list"),
        ("openai_messages", {"messages": []}, "messages", "missing, empty or not a list"),
        ("openai_messages", {"messages": [*TURNS, "x"]}, "messages[1]", "a turn that is no object"),
        ("openai_messages", {"messages": [{"role": "boss", "content": "x"}]}, "messages[0]", "a turn of 'boss'"),
        ("openai_messages", {"messages": [*TURNS, {"role": "assistant"}]}, "messages[1]", NO_TEXT),
        ("openai_messages", {"messages": [*TURNS, {**CALLED, "tool_calls": [{"id": "c"}]}]}, "messages[1]", "a call without them"),
        (
            "openai_messages",
            {"messages": [CALLED, {"role": "tool", "tool_call_id": "c2", "content": "r"}]},
            "messages[1]",
            "a result for 'c2'",
        ),
        ("openai_messages", {"messages": TURNS, "tools": 5}, "tools", "no list"),
        ("sharegpt", {"conversations": [{"from": "cat", "value": "x"}]}, "conversations[0]", "a turn of 'cat'"),
        ("sharegpt", {"conversations": [{"from": "human", "value": 5}]}, "conversations[0]", NO_TEXT),
        ("alpaca", {"instruction": "q", "output": "a", "history": [["q"]]}, "history", NO_TEXT),
        ("alpaca", {"instruction": "q"}, "output", NO_TEXT),
        ("document", {"messages": TURNS}, "text", NO_TEXT),
        ("preference_pair", {"prompt": "q", "chosen": "a"}, "rejected", NO_TEXT),
        ("preference_pair", {"chosen": "a", "rejected": "b"}, "prompt", NO_TEXT),
        ("preference_pair", {"prompt": "q", "chosen": "a", "rejected": "a"}, "rejected", "both are the same"),
    ],
)
def test_where_a_shape_is_named_every_row_is_held_to_it(tmp_path: Path, shape: str, row: dict[str, Any], column: str, why: str) -> None:
    error = refused(tmp_path, "a.jsonl", json.dumps(row) + "\n", shape=shape)
    assert (error.reason, error.details["row"], error.field, error.details["why"]) == (Reason.ROW_INVALID, 1, column, why)


def test_tools_calls_and_results_are_kept(tmp_path: Path) -> None:
    talk = [{"role": "system", "content": "s"}, *TURNS, CALLED, {"role": "tool", "tool_call_id": "c1", "content": "r"}, GOOD]
    row = {"messages": talk, "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]}
    (found,) = brought(tmp_path, "a.jsonl", json.dumps(row) + "\n", shape="openai_messages")
    assert found.items() >= row.items()


def test_bad_rows_of_a_named_shape_are_counted(tmp_path: Path) -> None:
    rows = [{"messages": [*TURNS, GOOD]}, {"text": "a"}, {"messages": [*TURNS, BAD]}]
    found = brought(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows), shape="openai_messages", keep_good_rows=True)
    assert len(found) == 2
    (left,) = lines(tmp_path / "work" / "dropped")
    assert (left["source"], left["rule"]) == ("a.jsonl#2", "ROW_INVALID")
