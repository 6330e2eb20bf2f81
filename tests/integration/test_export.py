"""A version leaves the platform as a file on the real processes: by one command, through a kill, in the trail, and back in as itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.platform import Platform
from tests.support.until import until

FLAVOURS = ("embedded",)  # which store the records have changes nothing here
ROWS = [{"text": f"Section {number} says that the {number}. rule holds. " + "It goes on. " * 400, "note": "=1+1"} for number in range(600)]


@pytest.fixture(scope="module")
def version(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of some three megabytes: two pieces."""
    path = tmp_path_factory.mktemp("rows") / "sections.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    with platform.client() as client:
        client.datasets.create("to be taken out")
        done = platform.run("--json", "dataset", "import", "to be taken out", str(path), "-f")
        return str(json.loads(done.stdout)["output_version_ids"][0])


def test_by_one_command_and_back_in_as_itself(platform: Platform, version: str, tmp_path: Path) -> None:
    target = tmp_path / "sections.parquet"
    said = json.loads(platform.run("--json", "dataset", "export", "to be taken out@1", str(target)).stdout)
    assert (said["format"], said["same_records"], said["bytes"]) == ("parquet", "600", str(target.stat().st_size))
    again = platform.run("dataset", "export", version, str(target), check=False)
    assert again.returncode == 1
    assert "--force" in again.stderr
    with platform.client() as client:
        client.datasets.create("back in")
        platform.run("dataset", "import", "back in", str(target), "-f")
        back, out = (client.datasets.find_version(client.datasets.find(name)["id"], "1") for name in ("back in", "to be taken out"))
    assert back["content_hash"] == out["content_hash"]


def test_a_kill_on_the_way_changes_no_byte(platform: Platform, version: str, tmp_path: Path) -> None:
    """The pieces behind it are of a process that makes the file anew."""
    killed: list[int] = []

    def told(done: int, _total: int) -> None:
        if not killed:
            killed.append(platform.kill("dataset-serve"))

    with platform.client() as client:
        client.datasets.export(version, tmp_path / "a.csv", "csv", on_progress=told)
        assert killed
        platform.wait_ready("dataset-serve", other_than=killed[0])
        client.datasets.export(version, tmp_path / "b.csv", "csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_spreadsheet_runs_nothing_and_it_is_said(platform: Platform, version: str) -> None:
    with platform.client() as client:
        assert client.datasets.prepared(version, "csv")["escaped_cells"] == "600"
        with client.datasets.fetch_export(version, "csv") as safe, client.datasets.fetch_export(version, "csv", spreadsheet=False) as plain:
            assert b",'=1+1," in b"".join(safe)
            assert b",=1+1," in b"".join(plain)


def test_each_leaves_one_row_in_the_trail(platform: Platform, version: str) -> None:
    with platform.client() as client:
        client.datasets.prepared(version, "jsonl")
        with client.datasets.fetch_export(version, "jsonl") as found:
            sha256 = found.sha256
            list(found)

        def rows() -> list[Any]:
            return [event for event, _ in zip(client.users.audit(), range(50), strict=False) if sha256 in event["object"]]

        (row,) = until(lambda: rows() or None, 20)
    assert row["method"] == "dataset.FetchExport"
    assert f"dataset_version_id={version}" in row["object"]


def test_a_browser_names_its_space_in_the_address(platform: Platform, version: str) -> None:
    other = platform.space(2)
    with httpx.Client(base_url=platform.settings.gateway_address, trust_env=False, timeout=30) as http:
        http.headers["authorization"] = f"Bearer {platform.token()}"
        path = f"/api/v1/datasets/versions/{version}/export/file"
        assert http.get(path, params={"format": "csv", "space": platform.space(1)}).status_code == 200
        assert http.get(path, params={"format": "csv", "space": other}).status_code == 404
