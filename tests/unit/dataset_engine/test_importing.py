"""Import: good files of every format, identity of the source, and nothing read from outside the root."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from services.dataset.engine import importing
from tests.unit.dataset_engine.make import import_folder, lines, outputs, records, write_jsonl

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
        {"conversations": [], "source": "kept"},
    ]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    import_folder(tmp_path, tmp_path / "work", ["rows.jsonl"])
    kept = records(tmp_path / "work" / "out")
    assert [record["source"] for record in kept] == ["rows.jsonl", "rows.jsonl", "kept"]
    assert "theirs" not in {record["id"] for record in kept}


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
