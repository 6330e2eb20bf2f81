"""Saving a file from a real HTTP server: whole or not at all, also through cuts."""

from __future__ import annotations

import hashlib
import re
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from libs.client import download
from libs.client.sdk import ApiError, Modelyard
from tests.unit.client.door import Door

BYTES = bytes(range(256)) * 40
PATH = "/datasets/versions/7/export"


def handed(sent: bytes, cut: int | None = None, sha256: str = "") -> Any:
    """Answers with a file, ranges included; ``cut``: the connection ends after so many bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("range", ""))
        first = int(match[1]) if match else 0
        handler.send_response(206 if match else 200)
        if match:
            handler.send_header("content-range", f"bytes {first}-{len(sent) - 1}/{len(sent)}")
        handler.send_header("content-length", str(len(sent) - first))
        handler.send_header("etag", f'"{sha256 or hashlib.sha256(sent).hexdigest()}"')
        handler.end_headers()
        handler.wfile.write(sent[first:] if cut is None else sent[first : first + cut])
        if cut is not None:
            handler.close_connection = True

    return answer


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.0)


def export(client: Modelyard, door: Door, path: Path, *answers: Any) -> Any:
    door.on("GET", PATH, {"prepared": {"file": {"name": "law-v3.csv"}, "records": "4"}})
    door.on("GET", f"{PATH}/file", *answers)
    return client.datasets.export("7", path, "csv")


def test_a_folder_takes_it_under_its_own_name(client: Modelyard, door: Door, tmp_path: Path) -> None:
    found = export(client, door, tmp_path, handed(BYTES))
    assert (found["path"], found["records"]) == (str(tmp_path / "law-v3.csv"), "4")
    assert (tmp_path / "law-v3.csv").read_bytes() == BYTES


def test_what_was_cut_goes_on_where_it_stopped(client: Modelyard, door: Door, tmp_path: Path) -> None:
    export(client, door, tmp_path / "x", handed(BYTES, 3000), handed(BYTES, 2000), handed(BYTES))
    assert (tmp_path / "x").read_bytes() == BYTES
    ranges = [seen.headers.get("range", "") for seen in door.requests("GET", f"{PATH}/file")]
    assert ranges[0] == ""
    assert [int(each[6:-1]) for each in ranges[1:]] == sorted({int(each[6:-1]) for each in ranges[1:]})


def test_one_that_is_still_made_is_asked_for_again(client: Modelyard, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from libs.client.domains import waiting
    from tests.unit.client.door import refusal

    monkeypatch.setattr(waiting.time, "sleep", lambda _: None)
    busy = refusal(429, "BUSY", retryable=True)
    export(client, door, tmp_path / "x", busy, handed(BYTES))
    assert (tmp_path / "x").read_bytes() == BYTES


@pytest.mark.parametrize(
    "answers",
    [(handed(BYTES, sha256="0" * 64),), (handed(BYTES, 3000), handed(BYTES[::-1]))],
    ids=["other bytes", "another file after a cut"],
)
def test_other_bytes_than_promised_are_not_kept(client: Modelyard, door: Door, tmp_path: Path, answers: Any) -> None:
    (tmp_path / "x").write_text("of before")
    with pytest.raises(ApiError, match="other bytes") as caught:
        export(client, door, tmp_path / "x", *answers)
    assert caught.value.reason == "CHECKSUM_MISMATCH"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "of before"
