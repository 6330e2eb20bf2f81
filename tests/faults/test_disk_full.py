"""The whole platform on a disk that fills up: it stays, refuses writes by name, answers reads, and goes on by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.client.sdk import ApiError
from libs.ops import supervisor
from tests.support.full_disk import small_disk
from tests.support.platform import running
from tests.support.until import until


def refused(call: object) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        call()  # type: ignore[operator]
    return int(caught.value.facts["code"]), str(caught.value.facts["reason"])


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
