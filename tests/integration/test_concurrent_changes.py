"""Twenty people change the same thing in the same moment, over HTTP: every number is given once, one change wins, one name is taken, and
nobody is told to come back because of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from libs.client.sdk import ApiError, Json, Modelyard
from tests.support.platform import Platform

CROWD = 20


def at_once(platform: Platform, call: Callable[[Modelyard, int], Any]) -> list[Any]:
    """What each of the crowd got: an answer, or "code REASON"."""

    def one(number: int) -> Any:
        with platform.client() as client:
            try:
                return call(client, number)
            except ApiError as error:
                return f"{error.code} {error.reason}"

    with ThreadPoolExecutor(CROWD) as crowd:
        return list(crowd.map(one, range(CROWD)))


def test_versions_made_at_once_are_numbered_without_gap(platform: Platform) -> None:
    with platform.client() as client:
        model: Json = client.models.create("numbered")
        made = at_once(platform, lambda client, n: client.models.create_version(model["id"], desc=f"by {n}"))
        numbers = [version["number"] for version in made]
        assert sorted(numbers) == list(range(1, CROWD + 1))
        assert [version["number"] for version in client.models.versions(model["id"])] == sorted(numbers, reverse=True)
        by_number = {version["number"]: version["desc"] for version in client.models.versions(model["id"])}
        assert by_number == {version["number"]: version["desc"] for version in made}, "each has what its own maker said"


def test_of_changes_decided_on_one_version_one_wins_and_is_kept(platform: Platform) -> None:
    with platform.client() as client:
        model: Json = client.models.create("contested")
        got = at_once(platform, lambda client, n: client.models.update(model["id"], model["version"], desc=f"by {n}")["desc"])
        told = Counter(text if text.startswith("412") else "changed" for text in got)
        assert told == {"changed": 1, "412 STALE_VERSION": CROWD - 1}
        [winner] = [text for text in got if not text.startswith("412")]
        left = client.models.get(model["id"])
        assert (left["desc"], int(left["version"])) == (winner, int(model["version"]) + 1)


def test_a_name_asked_for_at_once_is_taken_once(platform: Platform) -> None:
    for create in (lambda client: client.models.create("sought"), lambda client: client.datasets.create("sought")):
        got = Counter("made" if isinstance(each, dict) else each for each in at_once(platform, lambda client, _, c=create: c(client)))  # type: ignore[misc]
        assert got == {"made": 1, "409 ALREADY_EXISTS": CROWD - 1}
