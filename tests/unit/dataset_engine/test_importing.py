"""Import: good files of every format, identity of the source, and nothing read from outside the root."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from services.dataset.engine import importing, splitting
from tests.unit.dataset_engine.make import clean, import_folder, lines, outputs, records, write_jsonl

GOOD: dict[str, bytes] = {
    "行.jsonl": '\ufeff{"text": "一行"}\n\n{"text": "two", "tags": ["a"]}'.encode(),
    "array.json": b' [ {"text": "a [ ] { } \\" , \\\\"}, {"text": "b", "deep": {"x": [1, [2]]}} ]\n',
    "table.csv": 'text,note\r\n"one, two","line\nbreak"\r\n第二,ok\r\n'.encode(),
    "plain.txt": b"a whole\nfile\n",
    "文件夹/页面.html": "<p>你好</p>".encode(),
}


def write_all(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def test_every_format_becomes_records_with_their_source(tmp_path: Path) -> None:
    result = import_folder(write_all(tmp_path / "in", GOOD), tmp_path / "work")
    found = {(record["source"], record["text"]) for record in records(tmp_path / "work" / "out")}
    assert found == {
        ("行.jsonl", "一行"),
        ("行.jsonl", "two"),
        ("array.json", 'a [ ] { } " , \\'),
        ("array.json", "b"),
        ("table.csv", "one, two"),
        ("table.csv", "第二"),
        ("plain.txt", "a whole\nfile\n"),
        ("文件夹/页面.html", "<p>你好</p>"),
    }
    assert result["ledger"] == {"in": 8, "out": 8, "dropped": {}}
    assert result["files"] == 5
    by_text = {record["text"]: record for record in records(tmp_path / "work" / "out")}
    assert by_text["one, two"]["note"] == "line\nbreak"
    assert by_text["<p>你好</p>"]["format"] == "html"
    assert by_text["two"]["tags"] == ["a"]


def test_the_same_source_twice_is_the_same_content(tmp_path: Path) -> None:
    first = import_folder(write_all(tmp_path / "one", GOOD), tmp_path / "w1")
    second = import_folder(write_all(tmp_path / "two", dict(reversed(GOOD.items()))), tmp_path / "w2", shard_bytes=10)
    assert first["content_hash"] == second["content_hash"]
    assert first["records"] == second["records"]


def test_a_finished_import_is_not_done_again_and_a_changed_source_is(tmp_path: Path) -> None:
    root = write_all(tmp_path / "in", GOOD)
    first = import_folder(root, tmp_path / "work")
    before = (tmp_path / "work" / "out" / "manifest.json").stat().st_mtime_ns
    assert import_folder(root, tmp_path / "work") == first
    assert (tmp_path / "work" / "out" / "manifest.json").stat().st_mtime_ns == before
    write_jsonl(root / "行.jsonl", [{"text": "changed"}])
    changed = import_folder(root, tmp_path / "work")
    assert changed["content_hash"] != first["content_hash"]
    assert changed["records"] == 7


def test_kinds_of_rows(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"instruction": "q", "input": "", "output": "a", "id": "theirs"},
        {"messages": [{"role": "user", "content": "q"}]},
        {"conversations": []},
    ]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    import_folder(tmp_path, tmp_path / "work", ["rows.jsonl"])
    assert [record["source"] for record in records(tmp_path / "work" / "out")] == ["rows.jsonl"] * 3


ORDERS = [
    {"id": "A-17", "source": 4, "instruction": "Is it open?", "output": "Until six."},
    {"id": 18, "source": {"desk": "north", "line": 2}, "instruction": "Where do I park?", "output": "Behind the house."},
    {"id": "A-19", "source": "letter", "instruction": "Do you deliver?", "output": "Within a day."},
    {"id": "A-20", "source": "letter", "instruction": "Do you deliver?", "output": "Within a day."},
    {"id": None, "source": "", "instruction": "Do you deliver?", "output": "Within a day."},
    {"id": "B", "own_id": "C", "instruction": "Both?", "output": "Yes."},
]


def test_what_a_row_calls_id_and_source_itself_is_kept(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", ORDERS)
    import_folder(tmp_path, tmp_path / "work", ["rows.jsonl"])
    kept = records(tmp_path / "work" / "out")
    assert [record.get("own_id") for record in kept] == ["A-17", 18, "A-19", "A-20", None, "C"]
    assert [record.get("own_source") for record in kept] == [4, {"desk": "north", "line": 2}, "letter", "letter", None, None]
    assert kept[5]["own_own_id"] == "B"
    assert len({record["id"] for record in kept}) == 6  # rows that differ in their own id are two records
    write_jsonl(tmp_path / "again.jsonl", kept)  # an export comes back as what it was
    import_folder(tmp_path, tmp_path / "again", ["again.jsonl"])
    assert records(tmp_path / "again" / "out") == kept


def test_the_folder_a_file_lies_in_is_no_part_of_its_records(tmp_path: Path) -> None:
    rows = [{"instruction": f"What is {number} plus one?", "output": str(number + 1)} for number in range(80)]
    write_jsonl(write_all(tmp_path / "a", {"x/here.jsonl": b""}) / "x" / "here.jsonl", rows)
    write_jsonl(write_all(tmp_path / "b", {"y/there.jsonl": b""}) / "y" / "there.jsonl", reversed(rows))
    first, second = import_folder(tmp_path / "a", tmp_path / "wa"), import_folder(tmp_path / "b", tmp_path / "wb")
    assert first["content_hash"] == second["content_hash"]
    parts = []
    for work in ("wa", "wb"):
        job = {"input": str(tmp_path / work / "out"), "options": {"group_by": "record", "seed": 3}}
        splitting.run(job, tmp_path / work / "split", SilentReporter())
        parts.append({record["instruction"] for record in records(tmp_path / work / "split" / "out" / "test")})
    assert parts[0] == parts[1]
    assert {record["source"] for record in records(tmp_path / "wa" / "out")} == {"x/here.jsonl"}  # where it was found is still said


def test_equal_rows_are_one_record_several_times(tmp_path: Path) -> None:
    """All of them are kept, under one id; the content hash counts them, and deduplication takes them away, naming the one that stays."""
    row = {"text": "the same words"}
    write_jsonl(tmp_path / "rows.jsonl", [row, {"text": "others"}, row, row])
    result = import_folder(tmp_path, tmp_path / "work", ["rows.jsonl"])
    kept = records(tmp_path / "work" / "out")
    assert result["ledger"] == {"in": 4, "out": 4, "dropped": {}}
    assert [record["id"] == kept[0]["id"] for record in kept] == [True, False, True, True]
    write_jsonl(tmp_path / "rows.jsonl", [row, {"text": "others"}, row])
    assert import_folder(tmp_path, tmp_path / "fewer", ["rows.jsonl"])["content_hash"] != result["content_hash"]
    cleaned = clean(tmp_path / "work" / "out", tmp_path / "clean", ("Deduplicate", {"near": False}))
    assert cleaned["ledger"] == {"in": 4, "out": 2, "dropped": {"Deduplicate": 2}}
    assert {line["kept_id"] for line in lines(tmp_path / "clean" / "dropped")} == {kept[0]["id"]}


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/hostname", "a/../../secret.txt", "..", "", "a\\b", "a\0b"])
def test_a_path_that_leaves_the_root_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    root = write_all(tmp_path / "in", {"a/b.txt": b"x"})
    with pytest.raises(PlatformError) as caught:
        import_folder(root, tmp_path / "work", [path])
    assert (caught.value.reason, caught.value.field) == (Reason.INVALID_PATH, "paths[0]")


@pytest.mark.parametrize("kind", ["file", "folder", "dangling", "inside", "pipe"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("keep", [True, False])
def test_links_and_special_files_are_refused(tmp_path: Path, kind: str, named: bool, keep: bool) -> None:
    outside = write_all(tmp_path / "outside", {"secret.txt": b"secret"})
    root = write_all(tmp_path / "in", {"good.txt": b"good"})
    target = {"file": outside / "secret.txt", "folder": outside, "dangling": outside / "none", "inside": root / "good.txt"}
    if kind == "pipe":
        os.mkfifo(root / "link.txt")
    else:
        (root / "link.txt").symlink_to(target[kind])
    with pytest.raises(PlatformError) as caught:
        import_folder(root, tmp_path / "work", ["link.txt" if named else "."], keep_good_rows=keep)
    assert (caught.value.reason, caught.value.details["path"]) == (Reason.INVALID_PATH, "link.txt")
    assert not (tmp_path / "work" / "out").exists()


def test_a_folder_behind_a_link_is_refused(tmp_path: Path) -> None:
    outside = write_all(tmp_path / "outside", {"secret.txt": b"secret"})
    root = write_all(tmp_path / "in", {"good.txt": b"good"})
    (root / "folder").symlink_to(outside)
    with pytest.raises(PlatformError) as caught:
        import_folder(root, tmp_path / "work", ["folder/secret.txt"])
    assert caught.value.reason == Reason.INVALID_PATH


def test_hidden_files_in_folders_are_passed_over_and_extensions_select(tmp_path: Path) -> None:
    root = write_all(tmp_path / "in", {".hidden.txt": b"x", "a.html": b"<p>a</p>", "style.css": b"p {}", "b.HTML": b"<p>b</p>"})
    result = import_folder(root, tmp_path / "work", extensions=["html"])
    assert result["records"] == 2


@pytest.mark.parametrize(
    ("job", "field"),
    [
        ({}, "root"),
        ({"root": 5}, "root"),
        ({"root": "/nonexistent"}, "root"),
        ({"root": "ROOT", "path": []}, "path"),
        ({"root": "ROOT", "paths": "a"}, "paths"),
        ({"root": "ROOT", "paths": []}, "paths"),
        ({"root": "ROOT", "paths": ["none.txt"]}, "paths"),
        ({"root": "ROOT", "options": {"keep_bad_rows": True}}, "options.keep_bad_rows"),
        ({"root": "ROOT", "options": {"max_row_bytes": -1}}, "options.max_row_bytes"),
        ({"root": "ROOT", "options": {"max_row_bytes": "9"}}, "options.max_row_bytes"),
        ({"root": "ROOT", "options": {"format": "xml"}}, "options.format"),
        ({"root": "ROOT", "options": {"max_files": 1}}, "paths"),
        ({"root": "ROOT", "options": []}, "options"),
    ],
)
def test_a_bad_job_names_its_field(tmp_path: Path, job: dict[str, Any], field: str) -> None:
    write_all(tmp_path / "in", {"a.txt": b"a", "b.txt": b"b"})
    if job.get("root") == "ROOT":
        job = {**job, "root": str(tmp_path / "in")}
    with pytest.raises(PlatformError) as caught:
        importing.run(job, tmp_path / "work", SilentReporter())
    assert caught.value.field == field
    assert caught.value.code in (400, 422)


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", [{"text": "x" * 50, "n": number} for number in range(2000)])
    report = SilentReporter()
    importing.run({"root": str(tmp_path), "paths": ["rows.jsonl"], "options": {"shard_bytes": 20_000}}, tmp_path / "work", report)
    done = [each[0] for each in report.progressed]
    assert len(done) > 3
    assert done[-1] <= report.progressed[-1][1] == (tmp_path / "rows.jsonl").stat().st_size


def test_shards_are_bounded(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", [{"text": "x" * 90, "n": number} for number in range(500)])
    import_folder(tmp_path, tmp_path / "work", ["rows.jsonl"], shard_bytes=4000)
    manifest = json.loads(outputs(tmp_path / "work")["out/manifest.json"])
    assert len(manifest["files"]) > 10
    assert max(file["size"] for file in manifest["files"]) < 4000 + 300
    assert lines(tmp_path / "work" / "dropped") == []
