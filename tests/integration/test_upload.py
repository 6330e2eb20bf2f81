"""A file reaches the platform over HTTP on the real processes: in parts, through a kill of either side, bounded, and never as a path."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import httpx
import pytest

from libs.client.sdk import ApiError, Modelyard
from tests.support.platform import Platform
from tests.support.until import until

RAW = {"content-type": "application/octet-stream"}
CSV = "question,answer\n" + "".join(f"What does call number {n} do?,It answers {n} times and then ends.\n" for n in range(40))
COLUMNS = {"columns": {"instruction": "question", "output": "answer"}}


@pytest.fixture
def http(platform: Platform) -> httpx.Client:
    address = platform.settings.gateway_address + "/api/v1"
    return httpx.Client(base_url=address, headers=platform.headers(), timeout=30, trust_env=False)


def declared(client: Modelyard, content: bytes, name: str = "rows.csv") -> dict[str, str]:
    found: dict[str, str] = client.datasets.create_upload(name, len(content), sha256=hashlib.sha256(content).hexdigest())
    return found


def test_a_local_file_becomes_a_version_by_one_command(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "laws.csv").write_text(CSV)
    with platform.client() as client:
        client.datasets.create("by one command")
    done = platform.run(
        "--json",
        "dataset",
        "import",
        "by one command",
        str(tmp_path / "laws.csv"),
        "--set",
        f"columns={json.dumps(COLUMNS['columns'])}",
        "-f",
    )
    assert json.loads(done.stdout)["status"] == "SUCCEEDED"
    shown = json.loads(platform.run("--json", "dataset", "upload", str(tmp_path / "laws.csv")).stdout)
    assert shown["path"] == f".uploads/{hashlib.sha256(CSV.encode()).hexdigest()}.csv"


@pytest.mark.parametrize("part", ["dataset-serve", "gateway"])
def test_an_upload_that_was_cut_goes_on_where_it_stopped(platform: Platform, tmp_path: Path, part: str) -> None:
    """kill -9 in the middle, while the SDK sends: nothing that was received is sent again."""
    content = os.urandom(11 << 20)
    (tmp_path / "large.txt").write_bytes(content)
    killed, seen = [], []

    def told(done: int, _size: int) -> None:
        seen.append(done)
        if done >= 4 << 20 and not killed:
            killed.append(platform.kill(part))

    with platform.client() as client:
        found = client.datasets.upload(tmp_path / "large.txt", on_progress=told)
        assert (found["status"], found["sha256"]) == ("COMPLETE", hashlib.sha256(content).hexdigest())
        client.datasets.discard_upload(found["id"])
    assert killed
    assert seen == sorted(seen), "what was there is there"
    platform.wait_ready(part, other_than=killed[0])


def test_another_run_of_the_program_goes_on(platform: Platform, tmp_path: Path) -> None:
    content = os.urandom(5 << 20)
    (tmp_path / "again.txt").write_bytes(content)
    with platform.client() as client:
        first = declared(client, content, "again.txt")
        client.datasets.write_upload(first["id"], 0, content[: 4 << 20])
    seen: list[int] = []
    with platform.client() as client:
        found = client.datasets.upload(tmp_path / "again.txt", on_progress=lambda done, _: seen.append(done))
        client.datasets.discard_upload(found["id"])
    assert found["id"] == first["id"]
    assert seen[0] == 4 << 20


def test_a_part_is_bytes_of_at_most_one_body(platform: Platform, http: httpx.Client) -> None:
    with platform.client() as client:
        id = declared(client, b"abc")["id"]
    put = f"/datasets/uploads/{id}/parts/0"
    for body, headers, code, reason in (
        (b"x" * ((4 << 20) + 1), RAW, 413, "TOO_LARGE"),
        (b"", RAW, 400, "TOO_SMALL"),
        (b"abc", {"content-type": "application/json"}, 415, "BODY_INVALID"),
        (b"abc", {}, 415, "BODY_INVALID"),
    ):
        answer = http.put(put, content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["reason"]) == (code, reason)
    assert http.put(f"/datasets/uploads/{id}/parts/1", content=b"b", headers=RAW).json()["error"]["reason"] == "UPLOAD_INCOMPLETE"
    assert http.put(put, content=b"abcd", headers=RAW).status_code == 422
    assert http.get(f"/datasets/uploads/{id}").json()["upload"]["status"] == "REFUSED"


def test_only_its_declaration_and_its_end_are_in_the_trail(platform: Platform) -> None:
    content = os.urandom(1000)
    with platform.client() as client:
        id = declared(client, content, "trail.txt")["id"]
        for offset in range(0, 1000, 100):
            client.datasets.write_upload(id, offset, content[offset : offset + 100])
        client.datasets.finish_upload(id)
        with pytest.raises(ApiError):
            client.datasets.write_upload(id, 0, b"x")
        client.datasets.discard_upload(id)

        def rows() -> list[str]:
            return [event["method"] for event, _ in zip(client.users.audit(), range(50), strict=False) if id in event["object"]]

        found = until(lambda: rows() if any("DiscardUpload" in row for row in rows()) else None, 20)
    assert sorted(row.rpartition(".")[2] for row in found) == ["CreateUpload", "DiscardUpload", "FinishUpload", "WriteUpload"]


def test_nobody_reaches_an_upload_of_another_tenant(platform: Platform) -> None:
    with platform.client() as mine, platform.client(user=5, space=2) as theirs:
        upload = declared(mine, b"text\nmine\n")
        mine.datasets.write_upload(upload["id"], 0, b"text\nmine\n")
        path = mine.datasets.finish_upload(upload["id"])["path"]
        for call in (theirs.datasets.get_upload, theirs.datasets.finish_upload, theirs.datasets.discard_upload):
            with pytest.raises(ApiError) as refused:
                call(upload["id"])
            assert refused.value.code == 404
        for tried in (path, f"../{platform.space(1)}/{path}"):
            with pytest.raises(ApiError) as refused:
                theirs.datasets.preview_import({"paths": [tried]})
            assert refused.value.reason in ("FILE_MISSING", "INVALID_PATH")
        mine.datasets.discard_upload(upload["id"])


def test_from_a_file_to_a_cleaned_version_with_a_look_before_each_step(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(CSV + CSV.partition("\n")[2])
    with platform.client() as client:
        upload = client.datasets.upload(tmp_path / "q.csv")
        looked = client.datasets.preview_import({"paths": [upload["path"]]}, rows=5)
        assert looked["suggested"] == COLUMNS["columns"]
        assert all("record" not in row and row["reason"] for row in looked["rows"])
        looked = client.datasets.preview_import({"paths": [upload["path"]], "options": COLUMNS}, rows=5)
        assert [row["record"]["output"] for row in looked["rows"]] == [f"It answers {n} times and then ends." for n in range(5)]
        data = client.datasets.create("looked at before")
        config = {"paths": [upload["path"]], "options": COLUMNS}
        made = client.datasets.create_task(data["id"], "Importing", "File_Import", "import", config=config)["dataset_task"]
        (version,) = client.datasets.wait(made["id"], seconds=60)["output_version_ids"]
        rules = {"rules": [{"rule": "Deduplicate", "options": {"near": False}}]}
        sample = client.datasets.preview_cleaning(version, rules)
        assert (sample["ledger"], sample["whole"]) == ({"in": 80, "out": 40, "dropped": {"Deduplicate": 40}}, True)
        cleaned = client.datasets.create_task(data["id"], "Cleaning", "Custom_Cleaning", "c", input_version_id=version, config=rules)
        task = client.datasets.wait(cleaned["dataset_task"]["id"], seconds=60)
        assert task["result"]["ledger"] == sample["ledger"]
        summary = client.datasets.summarize_version(task["output_version_ids"][0])
        assert {field["field"]: field["present"] for field in summary["fields"]} == {"instruction": "40", "output": "40"}
