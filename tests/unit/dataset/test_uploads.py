"""Uploads on a real store and a real folder: how far one is, what ends it, what is left on the disk, and who sees it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from idl.limits import FIELDS
from libs.common import fault
from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from services.dataset.domain.upload import MACHINE, PART_BYTES, PER_PERSON, PER_SPACE, Upload, UploadStatus
from services.dataset.engine import incoming
from services.dataset.engine.incoming import Incoming
from services.dataset.service import DatasetService, uploads
from services.dataset.service.uploads import STRAY_SECONDS, UploadLimits
from tests.support.outcome import at_once, outcome
from tests.support.stores import caller
from tests.unit.dataset.world import Bench, Sub, World

ROWS = b"question,answer\nWhat is it?,A test.\nWhy?,Because.\n"
HASH = hashlib.sha256(ROWS).hexdigest()


class Killed(BaseException):
    """The process dies here."""


def refused(call: Callable[[], Any]) -> PlatformError:
    found = outcome(call)
    assert isinstance(found, PlatformError), found
    return found


def sent(world: World, content: bytes = ROWS, name: str = "rows.csv", part: int = 20, **facts: Any) -> Upload:
    """All of it has come; it is not finished."""
    upload = world.uploading(content, name, **facts)
    for offset in range(0, len(content), part):
        upload = world.service.write_upload(caller(), id=upload.id, offset=offset, data=content[offset : offset + part])
    return upload


def finished(world: World, *args: Any, **facts: Any) -> Upload:
    return world.service.finish_upload(caller(), id=sent(world, *args, **facts).id)


def files(world: World) -> set[str]:
    """Everything that lies below the import root."""
    root = world.service.imports
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def limited(world: World, **limits: int) -> DatasetService:
    return DatasetService(world.db, world.artifacts, 30.0, world.service.imports, UploadLimits(**limits))


def test_parts_become_a_file_that_the_import_path_reads(world: World, bench: Bench) -> None:
    upload = finished(world, sha256=HASH.upper())
    assert (upload.status, upload.received, upload.path) == (UploadStatus.COMPLETE, len(ROWS), f".uploads/{HASH}.csv")
    assert files(world) == {f"1/{upload.path}"}
    config = {"paths": [upload.path], "options": {"columns": {"instruction": "question", "output": "answer"}}}
    assert bench.outputs(bench.done(Sub.File_Import, config))[0].records == 2
    bench.put("other.jsonl", [{"text": "one"}])
    assert bench.outputs(bench.done(Sub.File_Import))[0].records == 1, "a whole folder does not mean the uploads in it"


def test_it_goes_on_where_it_stopped_also_in_another_process(world: World) -> None:
    upload = world.uploading(ROWS)
    world.service.write_upload(caller(), id=upload.id, offset=0, data=ROWS[:20])
    other = world.second_service()
    assert other.get_upload(caller(), id=upload.id).received == 20
    other.write_upload(caller(), id=upload.id, offset=20, data=ROWS[20:])
    assert other.finish_upload(caller(), id=upload.id).sha256 == HASH, "a hash that was carried by one process is made anew by the other"
    other.db.close()


def test_a_part_may_come_twice_or_overlap_but_leaves_no_gap(world: World) -> None:
    upload = world.uploading(ROWS)
    for offset, end in ((0, 20), (0, 20), (10, 30), (5, 25)):
        found = world.service.write_upload(caller(), id=upload.id, offset=offset, data=ROWS[offset:end])
    assert found.received == 30
    error = refused(lambda: world.service.write_upload(caller(), id=upload.id, offset=31, data=b"x"))
    assert (error.code, error.reason, error.field, error.details["received"]) == (409, Reason.UPLOAD_INCOMPLETE, "offset", 30)
    world.service.write_upload(caller(), id=upload.id, offset=30, data=ROWS[30:])
    assert world.service.finish_upload(caller(), id=upload.id).sha256 == HASH


def test_a_part_holds_what_the_contract_says() -> None:
    assert FIELDS["WriteUploadReq.data"].high == PART_BYTES  # type: ignore[union-attr]


def test_too_early_an_end_takes_nothing_away(world: World) -> None:
    upload = world.uploading(ROWS)
    world.service.write_upload(caller(), id=upload.id, offset=0, data=ROWS[:20])
    error = refused(lambda: world.service.finish_upload(caller(), id=upload.id))
    assert (error.code, error.reason, error.details) == (409, Reason.UPLOAD_INCOMPLETE, {"received": 20, "bytes": len(ROWS)})
    assert world.service.get_upload(caller(), id=upload.id).received == 20


@pytest.mark.parametrize("lie", ["hash", "size"])
def test_one_that_lies_is_refused_and_its_bytes_go(world: World, lie: str) -> None:
    if lie == "hash":
        upload = sent(world, sha256="0" * 64)
        error = refused(lambda: world.service.finish_upload(caller(), id=upload.id))
        assert (error.code, error.reason, error.details["found"]) == (422, Reason.CHECKSUM_MISMATCH, HASH)
    else:
        upload = sent(world)
        error = refused(lambda: world.service.write_upload(caller(), id=upload.id, offset=len(ROWS), data=b"x"))
        assert (error.code, error.reason, error.field) == (422, Reason.TOO_LARGE, "data")
    assert world.service.get_upload(caller(), id=upload.id).status == UploadStatus.REFUSED
    assert files(world) == set()
    for call in (world.service.finish_upload, world.service.discard_upload):
        assert refused(lambda call=call: call(caller(), id=upload.id)).reason == Reason.ILLEGAL_TRANSITION
    assert refused(lambda: world.service.write_upload(caller(), id=upload.id, offset=0, data=b"x")).reason == Reason.ILLEGAL_TRANSITION


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "/etc/passwd", "a\\b.csv", "..", "名 字.csv", "x." + "y" * 250, "CON.csv", ".csv"]
)
def test_a_name_leads_nowhere(world: World, name: str) -> None:
    upload = finished(world, name=name)
    extension = ".csv" if name.endswith(".csv") else ""
    assert (upload.name, upload.path) == (name, f".uploads/{HASH}{extension}")
    assert files(world) == {f"1/{upload.path}"}


def test_nobody_else_sees_it(world: World) -> None:
    upload, done = sent(world), finished(world, b"done", name="d.txt")
    verbs = (world.service.get_upload, world.service.finish_upload, world.service.discard_upload)
    for other in (caller(user=2), caller(space=2)):
        calls = [partial(verb, other, id=upload.id) for verb in verbs]
        calls.append(partial(world.service.write_upload, other, id=upload.id, offset=0, data=b"x"))
        assert {refused(call).reason for call in calls} == {Reason.NOT_FOUND}
        assert world.service.list_uploads(other, page=PageRequest()).items == []
    mine = world.service.list_uploads(caller(), page=PageRequest()).items
    assert [(each.id, each.received) for each in mine] == [(done.id, 4), (upload.id, len(ROWS))]


def test_one_space_never_reaches_the_files_of_another(world: World, bench: Bench) -> None:
    path = finished(world).path
    for config in ({"paths": [path]}, {"paths": ["../1/" + path]}):
        asked = outcome(lambda config=config: world.service.preview_import(caller(space=2), config=config))
        assert isinstance(asked, PlatformError)
        assert asked.reason in (Reason.FILE_MISSING, Reason.INVALID_PATH)


def test_what_is_declared_is_bounded(world: World) -> None:
    service = limited(world, bytes=100, space_bytes=150)
    error = refused(lambda: service.create_upload(caller(), name="a", bytes=101))
    assert (error.code, error.reason, error.limit) == (413, Reason.TOO_LARGE, "at most 100 bytes")
    service.create_upload(caller(), name="a", bytes=100)
    assert refused(lambda: service.create_upload(caller(), name="b", bytes=51)).reason == Reason.TOO_MANY_UPLOADS
    service.create_upload(caller(space=2), name="b", bytes=51)
    for hash in ("z" * 64, "é" * 64, "0" * 63 + " "):
        assert refused(lambda hash=hash: service.create_upload(caller(), name="b", bytes=1, sha256=hash)).field == "sha256"


def test_unfinished_ones_are_bounded_per_person_and_space(world: World) -> None:
    ids = [world.uploading(b"x").id for _ in range(PER_PERSON)]
    error = refused(lambda: world.uploading(b"x"))
    assert (error.code, error.reason) == (429, Reason.TOO_MANY_UPLOADS)
    assert "one person" in (error.limit or "")
    world.service.discard_upload(caller(), id=ids[0])
    world.uploading(b"x")
    for user in range(2, 2 + (PER_SPACE - PER_PERSON) // PER_PERSON):
        for _ in range(PER_PERSON):
            world.service.create_upload(caller(user), name="x", bytes=1)
    assert "in a space" in (refused(lambda: world.service.create_upload(caller(99), name="x", bytes=1)).limit or "")


def test_the_silent_and_the_old_are_swept(world: World) -> None:
    service = limited(world, silent=1000, kept=5000)
    silent, done = world.uploading(b"silent"), finished(world)
    service.write_upload(caller(), id=silent.id, offset=0, data=b"sil")
    assert (service.sweep_uploads(), len(files(world))) == (0, 2)
    world.clock.advance(1.1)
    assert service.sweep_uploads() == 1
    assert service.get_upload(caller(), id=silent.id).status == UploadStatus.EXPIRED
    assert files(world) == {f"1/{done.path}"}
    world.clock.advance(168 * 3600)
    assert (service.sweep_uploads(), files(world)) == (1, set())
    assert service.sweep_uploads() == 0


def test_equal_files_are_one_file_until_the_last_goes(world: World) -> None:
    first, second = finished(world, name="a.csv"), finished(world, name="b.csv")
    assert first.path == second.path
    world.service.discard_upload(caller(), id=first.id)
    assert files(world) == {f"1/{second.path}"}
    world.service.discard_upload(caller(), id=second.id)
    assert files(world) == set()


def test_a_part_without_a_row_is_swept_once_it_is_old(world: World) -> None:
    upload = world.uploading(b"kept")
    world.service.write_upload(caller(), id=upload.id, offset=0, data=b"ke")
    parts = world.service.imports / incoming.RECEIVING
    stray = parts / "77"
    stray.write_bytes(b"nobody's")
    world.service.sweep_uploads()
    assert stray.exists()
    for path in parts.iterdir():
        os.utime(path, (1, os.path.getmtime(path) - STRAY_SECONDS - 1))
    world.service.sweep_uploads()
    assert {path.name for path in parts.iterdir()} == {str(upload.id)}


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Arms one fault point of this process."""

    def arm(name: str) -> None:
        def point(reached: str) -> None:
            if reached == name:
                raise Killed

        monkeypatch.setattr(fault, "point", point)

    return arm


@pytest.mark.parametrize("point", ["upload.after_check_before_place", "upload.after_place_before_complete"])
@pytest.mark.parametrize("declared", [HASH, ""])
def test_a_finish_that_was_killed_is_finished_by_the_next(
    world: World, killed_at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, point: str, declared: str
) -> None:
    upload = sent(world, sha256=declared)
    killed_at(point)
    with pytest.raises(Killed):
        world.service.finish_upload(caller(), id=upload.id)
    monkeypatch.undo()
    other = world.second_service()
    assert other.get_upload(caller(), id=upload.id).received == len(ROWS)
    found = other.finish_upload(caller(), id=upload.id)
    assert (found.status, found.sha256) == (UploadStatus.COMPLETE, HASH)
    assert files(world) == {f"1/{found.path}"}
    other.db.close()


def test_a_large_file_is_checked_over_several_calls(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = sent(world, b"a" * 100, part=100)
    service = world.second_service()  # it has no hash of it yet
    monkeypatch.setattr(incoming, "CHUNK", 60)
    monkeypatch.setattr(uploads, "CHECK_SECONDS", 0.0)  # enough for one chunk
    error = refused(lambda: service.finish_upload(caller(), id=upload.id))
    assert (error.code, error.reason, error.limit, error.retryable) == (429, Reason.BUSY, "60 of 100 bytes are checked", True)
    assert service.finish_upload(caller(), id=upload.id).sha256 == hashlib.sha256(b"a" * 100).hexdigest()
    service.db.close()


def test_parts_that_come_at_once_wait_for_each_other(world: World) -> None:
    content = os.urandom(4000)
    upload = world.uploading(content)
    world.service.write_upload(caller(), id=upload.id, offset=0, data=content[:1000])
    calls = [
        lambda offset=offset: world.service.write_upload(caller(), id=upload.id, offset=offset, data=content[offset : offset + 1500])
        for offset in (0, 500, 1000, 0)
    ]
    assert all(isinstance(found, Upload) for found in at_once(calls))
    world.service.write_upload(caller(), id=upload.id, offset=2500, data=content[2500:])
    assert world.service.finish_upload(caller(), id=upload.id).sha256 == hashlib.sha256(content).hexdigest()


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "imports").write_text("no folder")

    def hold() -> None:
        with Incoming(tmp_path / "imports").held(1):
            raise AssertionError("there is no folder")

    error = refused(hold)
    assert (error.code, error.reason, error.retryable) == (503, Reason.UNAVAILABLE, True)
    assert str(tmp_path) not in str(error.details)


@pytest.mark.parametrize("event", MACHINE.events)
@pytest.mark.parametrize("status", list(UploadStatus))
def test_every_pair_that_is_no_transition_is_refused(status: UploadStatus, event: str) -> None:
    if (status, event) in MACHINE.table:
        assert MACHINE.next(status, event) != status
    else:
        assert refused(lambda: MACHINE.next(status, event)).reason == Reason.ILLEGAL_TRANSITION
