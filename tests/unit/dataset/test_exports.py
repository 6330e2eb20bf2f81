"""An export as people ask for it: by whoever may read the records, the same from every process, gone when nobody reads it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data.versions import read_manifest
from services.dataset.domain.dataset import SecrecyLevel
from services.dataset.domain.version import DatasetVersion
from services.dataset.engine import media_importing
from services.dataset.service import exports
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.dataset.world import World, pair
from tests.unit.dataset_engine.test_media import picture


def fetched(world: World, id: int, format: str, **facts: Any) -> tuple[Any, bytes]:
    """The file of an answer, and all its pieces."""
    data = b""
    while True:
        answer = world.door.call(caller(), "FetchExport", dataset_version_id=id, format=format, offset=len(data), **facts)
        data += answer.data
        if len(data) >= answer.file.bytes:
            return answer.file, data


def test_pieces_make_the_file_that_was_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PIECE", 700)
    version = world.filled([pair(number) for number in range(30)])
    prepared = world.door.call(caller(), "PrepareExport", dataset_version_id=version.id, format="csv").prepared
    file, data = fetched(world, version.id, "csv")
    assert file == prepared.file
    assert (file.name, file.media_type, file.bytes, file.sha256) == ("demo-v1.csv", "text/csv", len(data), hashlib.sha256(data).hexdigest())
    assert (prepared.records, prepared.same_records, prepared.escaped_cells) == (30, 30, 0)
    assert prepared.columns[:2] == ["id", "source"]
    assert fetched(world, version.id, "csv", spreadsheet=False)[1] == data[3:], "but for the mark that a spreadsheet needs"


def test_another_process_makes_the_same_file(world: World) -> None:
    version = world.filled([pair(number) for number in range(30)])
    facts = {"dataset_version_id": version.id, "format": "parquet"}
    other = world.second_service().fetch_export(caller(), **facts)
    assert other == world.service.fetch_export(caller(), **facts)


def test_the_file_has_no_name_on_the_disk(world: World) -> None:
    version = world.filled([pair(1)])
    made = world.service.prepare_export(caller(), dataset_version_id=version.id, format="jsonl")
    root = world.service.made.folder("x").parent
    assert not [path for path in root.rglob("export") if path.is_file()]
    assert world.service.fetch_export(caller(), dataset_version_id=version.id, format="jsonl", offset=made.file.bytes).data == b""


@pytest.mark.parametrize(
    ("facts", "clearance", "reason"),
    [({"format": "xls"}, 30, Reason.UNKNOWN_ENUM), ({"format": "csv"}, 0, Reason.NOT_FOUND)],
)
def test_who_may_not_read_takes_nothing_out(world: World, facts: dict[str, Any], clearance: int, reason: Reason) -> None:
    version = world.filled([pair(1)])
    secret = world.version("bb", secrecy=SecrecyLevel.SECRET)
    low = replace(caller(), clearance=clearance)
    for verb in (world.service.prepare_export, world.service.fetch_export):
        found = outcome(lambda verb=verb: verb(low, dataset_version_id=secret.id if clearance == 0 else version.id, **facts))
        assert isinstance(found, PlatformError)
        assert found.reason == reason


def test_a_name_leads_nowhere(world: World, tmp_path: Path) -> None:
    dataset = world.dataset('a/../b "c"\\d')
    version = world.version("cc", dataset, uri=world.filled([pair(1)]).uri)
    assert world.service.prepare_export(caller(), dataset_version_id=version.id, format="csv").file.name == "a_.._b _c__d-v1.csv"


def test_a_version_whose_bytes_are_gone(world: World) -> None:
    version = world.version("aa")
    found = outcome(lambda: world.service.prepare_export(caller(), dataset_version_id=version.id, format="csv"))
    assert isinstance(found, PlatformError)
    assert found.reason == Reason.NOT_FOUND


def pictured(world: World) -> tuple[DatasetVersion, str]:
    """A stored version of one picture, and its digest."""
    root = world.folder / "pictures"
    root.mkdir()
    (root / "a.png").write_bytes(picture())
    media_importing.run({"root": str(root), "paths": ["."]}, world.folder / "imported", SilentReporter())
    (blob,) = read_manifest(world.folder / "imported" / "out").blobs
    return world.version("dd", uri=world.artifacts.publish(world.folder / "imported" / "out")[0], records=1), blob.digest


def test_a_picture_in_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PIECE", 20)
    version, digest = pictured(world)
    data = b""
    while True:
        answer = world.door.call(caller(), "FetchBlob", dataset_version_id=version.id, digest=digest, offset=len(data))
        data += answer.data
        if len(data) >= answer.file.bytes:
            break
    assert data == picture()
    assert (answer.file.media_type, f"sha256:{answer.file.sha256}", answer.file.name[-4:]) == ("image/png", digest, ".png")


def test_only_what_a_version_has_and_only_whole(world: World) -> None:
    version, digest = pictured(world)
    other = world.filled([pair(1)])
    for id, asked in ((version.id, "sha256:" + "0" * 64), (other.id, digest), (version.id, "sha256:../../../../etc/passwd")):
        found = outcome(lambda id=id, asked=asked: world.service.fetch_blob(caller(), dataset_version_id=id, digest=asked))
        assert isinstance(found, PlatformError)
        assert found.reason == Reason.NOT_FOUND
    path = next((world.artifacts.open(version.uri) / "blobs").rglob("*/*"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    found = outcome(lambda: world.service.fetch_blob(caller(), dataset_version_id=version.id, digest=digest))
    assert isinstance(found, PlatformError)
    assert found.reason == Reason.CHECKSUM_MISMATCH
