"""A task that has no room waits and says so everywhere; a higher quota lets it in; what runs is reserved, also after kills."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from libs.client.sdk import Json, Modelyard
from libs.ops.audit import audit
from tests.support.platform import Platform
from tests.support.until import until

SPACE = 41
QUOTA = ("quota", "set", "space")


@pytest.fixture(scope="module")
def client(platform: Platform) -> Iterator[Modelyard]:
    with platform.client(space=SPACE) as made:
        yield made
    limit(platform)


def limit(platform: Platform, *limits: str) -> None:
    platform.run(*QUOTA, str(platform.space(SPACE)), *limits)


def imported(client: Modelyard, name: str) -> Json:
    data = client.datasets.create(name)
    config = {"options": {"modules": ["json"]}}
    made: Json = client.datasets.create_task(data["id"], "Importing", "Pydoc_Import", name, config=config)["dataset_task"]
    return made


def waiting(client: Modelyard, id: str) -> Json:
    def waits() -> Json | None:
        task: Json = client.datasets.task(id)
        assert task["status"] == "PENDING", task
        return task if task["reason"] == "WAIT_QUOTA" else None

    return until(waits, 30, f"task {id} does not wait for its quota")


def holders(client: Modelyard) -> list[str]:
    return [each["holder"] for each in client.resource.list_reservations() if each["status"] == "HELD"]


def test_it_waits_says_why_and_starts_once_there_is_room(platform: Platform, client: Modelyard) -> None:
    limit(platform, "--cpu", "1.5")
    task = imported(client, "waits for room")
    error = waiting(client, task["id"])["error"]
    assert (error["reason"], error["field"]) == ("QUOTA_EXCEEDED", "cpu_milli")
    assert error["message"]["zh"] != error["message"]["en"]
    shown = platform.run("--space", str(platform.space(SPACE)), "--lang", "en", "dataset", "task", task["id"])
    assert error["message"]["en"] in " ".join((shown.stdout + shown.stderr).split())
    limit(platform, "--cpu", "2")
    ended = client.datasets.wait(task["id"], seconds=60)
    assert (ended["status"], ended["attempt"], ended["error"]) == ("SUCCEEDED", 1, {})
    until(lambda: not holders(client), 30, "it was not given back")


def test_kills_on_both_sides_leak_nothing(platform: Platform, client: Modelyard) -> None:
    limit(platform, "--cpu", "2")
    task = imported(client, "outlives kills")
    gone = platform.kill("dataset-work")
    platform.wait_ready("dataset-work", gone)
    gone = platform.kill("resource-serve")
    platform.wait_ready("resource-serve", gone)
    assert client.datasets.wait(task["id"], seconds=120)["status"] == "SUCCEEDED"
    until(lambda: not holders(client), 90, "something is held for ever")
    found = [each for each in audit(platform.settings).violations if each.invariant == "I7"]
    assert found == []
