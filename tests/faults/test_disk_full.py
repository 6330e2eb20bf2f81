"""The whole platform on a disk that fills up: it stays, refuses writes by name, answers reads, and goes on by itself."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from libs.client.sdk import ApiError
from libs.common.errors import PlatformError, Reason
from libs.ops import supervisor
from services.dataset.service import DatasetService
from tests.support.full_disk import small_disk
from tests.support.outcome import outcome
from tests.support.platform import running
from tests.support.stores import caller
from tests.support.until import until
from tests.unit.dataset.world import World


def refused(call: object) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        call()  # type: ignore[operator]
    return int(caught.value.facts["code"]), str(caught.value.facts["reason"])


def test_an_upload_that_finds_no_room_goes_on_later(tmp_path: Path) -> None:
    """What had arrived stays, and the same part is taken once there is room."""
    with small_disk(tmp_path / "disk", 6) as disk:
        world = World(tmp_path)
        service = DatasetService(world.db, world.artifacts, 30.0, disk.folder / "import")
        content = bytes(range(256)) * 8192
        upload = service.create_upload(caller(), name="large.txt", bytes=len(content))
        service.write_upload(caller(), id=upload.id, offset=0, data=content[: 1 << 20])
        disk.fill()
        full = outcome(lambda: service.write_upload(caller(), id=upload.id, offset=1 << 20, data=content[1 << 20 :]))
        assert isinstance(full, PlatformError)
        assert (full.code, full.reason, full.retryable) == (507, Reason.DISK_FULL, True)
        received = service.get_upload(caller(), id=upload.id).received
        assert received >= 1 << 20
        disk.free()
        service.write_upload(caller(), id=upload.id, offset=received, data=content[received:])
        assert service.finish_upload(caller(), id=upload.id).sha256 == hashlib.sha256(content).hexdigest()
        world.close()


def test_a_full_disk_ends_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 48) as disk, running(disk.folder / "home") as platform:
        client = platform.client()
        model = client.models.create("before")
        pids = {part.name: platform.part(part.name)["pid"] for part in supervisor.parts_of(platform.settings)}
        disk.fill()
        long = "满" * 900
        answers = {refused(lambda n=n: client.models.create(f"during {n}", desc=long)) for n in range(5)}  # type: ignore[misc]
        assert answers == {(507, "DISK_FULL")}
        assert refused(lambda: client.datasets.create("during", desc=long)) == (507, "DISK_FULL")
        assert client.models.get(model["id"])["name"] == "before", "reads go on"
        platform.kill("train-work")
        assert {name: platform.part(name)["pid"] for name in pids} == pids, "the supervisor's last word stays"
        disk.free()
        platform.wait_ready("train-work", other_than=pids["train-work"])
        made = until(lambda: client.models.create("after")["id"])
        assert client.models.get(made)["name"] == "after"
        now = {name: platform.part(name)["pid"] for name in pids if name != "train-work"}
        assert now == {name: pid for name, pid in pids.items() if name != "train-work"}, "another process ended"
        client.close()
