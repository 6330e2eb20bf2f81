"""The change feed between a real change log and its windows: who hears of what, what is missed, and who has to go."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.feed import cursor, follower, hub
from gateway.feed.follower import Follower
from gateway.feed.hub import Hub
from gateway.feed.stream import WAITING, Stream, Viewer
from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.store.changes import KEPT_MS, Followed
from libs.common.store.outbox import purge
from libs.common.store.storage import ArtifactStore
from services.dataset.domain.dataset import DatasetType, SecrecyLevel
from services.dataset.repository import METADATA
from services.dataset.service import DatasetService
from tests.support.stores import caller, open_store
from tests.support.things import ThingService, open_things

ANA = Viewer(1, 1, 30, False)


class Logs:
    """Services as a hub sees them: two real change logs, called in this process. away: those that do not answer."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.things = ThingService(open_things(folder, self.clock))
        store = open_store(folder, "dataset", METADATA, self.clock, worker=1)
        self.data = DatasetService(store, ArtifactStore(folder / "artifacts"), 10, folder / "imports")
        self.dbs = {"things": self.things.db, "dataset": self.data.db}
        self.away: set[str] = set()
        self.asked = 0

    async def ask(self, service: str, after: int | None) -> Followed:
        self.asked += 1
        if service in self.away:
            raise unavailable(service)
        return self.dbs[service].changes().follow(caller(), after)

    def make(self, name: str, space: int = 1) -> None:
        self.things.create_thing(caller(space=space), name=name)


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Logs:
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.01)
    return Logs(tmp_path)


def told(logs: Logs, work: Callable[[Hub], Awaitable[None]], why: str = "", per_person: int = 10) -> Hub:
    """Runs ``work`` beside a hub."""

    async def check(_stream: Stream) -> str:
        return why

    async def main() -> Hub:
        made = Hub(logs.dbs, logs.ask, check, per_person)
        running = asyncio.create_task(made.run(lambda: False))
        try:
            async with asyncio.timeout(30):
                await work(made)
        finally:
            running.cancel()
        return made

    return asyncio.run(main())


class Window:
    """What one window has heard. at: where it is."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.at, self._events = stream, "", stream.events()

    async def next(self) -> tuple[str, Any]:
        lines = (await anext(self._events)).decode().strip().splitlines()
        facts = dict(line.split(": ", 1) for line in lines)
        self.at = facts.get("id", self.at)
        return facts["event"], json.loads(facts["data"])

    async def until(self, name: str) -> Any:
        while True:
            event, data = await self.next()
            if event == name:
                return data

    async def names(self, count: int) -> list[str]:
        found: list[str] = []
        while len(found) < count:
            found += [change["name"] for change in await self.until("changes")]
        return found


async def window(made: Hub, viewer: Viewer = ANA, at: str = "") -> Window:
    opened = Window(await made.open(viewer, "token", time.time() + 60, cursor.decode(at) if at else None))
    assert (await opened.next())[0] == "hello"
    return opened


def test_one_reader_serves_every_window_and_each_hears_of_its_space(logs: Logs) -> None:
    async def work(made: Hub) -> None:
        windows = [await window(made) for _ in range(5)]
        other = await window(made, Viewer(2, 2, 30, False))
        before = logs.asked
        logs.make("mine")
        logs.make("theirs", space=2)
        assert [await each.names(1) for each in windows] == [["mine"]] * 5
        assert await other.names(1) == ["theirs"]
        assert logs.asked - before < 10, "questions go with time, not with windows"

    told(logs, work)


def test_a_window_that_comes_back_hears_what_it_missed_and_nothing_twice(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "BEAT_SECONDS", 0.05)

    async def work(made: Hub) -> None:
        first = await window(made)
        logs.make("seen")
        assert await first.names(1) == ["seen"]
        made.close(first.stream)
        logs.make("missed 1")
        logs.make("missed 2")
        again = await window(made, at=first.at)
        assert await again.names(2) == ["missed 1", "missed 2"]
        await again.until("beat")
        made.close(again.stream)
        third = await window(made, at=again.at)
        assert (await third.next())[0] == "beat"

    told(logs, work)


def test_another_gateway_goes_on_where_the_first_one_ended(logs: Logs) -> None:
    places: list[str] = []

    async def before(made: Hub) -> None:
        opened = await window(made)
        logs.make("seen")
        await opened.names(1)
        places.append(opened.at)

    async def after(made: Hub) -> None:
        assert await (await window(made, at=places[0])).names(1) == ["missed"]

    told(logs, before)
    logs.make("missed")
    told(logs, after)


def test_a_place_that_is_not_known_any_more_is_a_reset(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "RING", 3)

    async def work(made: Hub) -> None:
        opened = await window(made)
        await opened.until("beat")
        for n in range(8):
            logs.make(str(n))
        await opened.names(8)
        again = await window(made, at=cursor.encode({"things": 1, "dataset": 0}))
        assert await again.until("reset") == {}
        restored = await window(made, at=cursor.encode({"things": 10_000, "dataset": 0}))
        assert await restored.until("reset") == {}, "a place ahead of all: the store was set back"

    told(logs, work)


def test_changes_forgotten_before_they_were_read_are_a_reset_for_all(logs: Logs) -> None:
    async def work(made: Hub) -> None:
        logs.make("old")
        opened = await window(made)
        await opened.until("beat")
        logs.away.add("things")
        assert await opened.until("service") == {"service": "things", "answers": False}
        for n in range(3):
            logs.make(str(n))
        logs.clock.advance(KEPT_MS / 1000 + 1)
        logs.make("last")
        assert purge(logs.things.db) == 4
        logs.away.clear()
        assert await opened.until("reset") == {}

    told(logs, work)


def test_a_dead_service_is_silent_and_the_others_go_on(logs: Logs) -> None:
    async def work(made: Hub) -> None:
        logs.away.add("dataset")
        stream = await made.open(ANA, "token", time.time() + 60, cursor.decode(cursor.encode({"dataset": 0, "things": 0})))
        opened = Window(stream)
        assert await opened.until("hello") == {"silent": ["dataset"]}
        logs.make("still told")
        assert await opened.names(1) == ["still told"]
        logs.data.create_dataset(caller(), name="meanwhile", type=DatasetType.Text)
        logs.away.clear()
        assert await opened.until("service") == {"service": "dataset", "answers": True}
        assert await opened.names(1) == ["meanwhile"], "where it was in the dead service is remembered"
        logs.away.add("dataset")
        assert await opened.until("service") == {"service": "dataset", "answers": False}

    told(logs, work)


def test_what_is_above_a_members_clearance_is_never_told(logs: Logs) -> None:
    """Neither the dataset nor what is done to it; also not to who comes back."""
    low, high = Viewer(2, 1, 10, False), Viewer(1, 1, 30, False)

    async def work(made: Hub) -> None:
        below, above = await window(made, low), await window(made, high)
        await below.until("beat")
        place = below.at
        secret = logs.data.create_dataset(caller(), name="secret", type=DatasetType.Text, secrecy=SecrecyLevel.SECRET)
        from services.dataset.domain.task import DatasetTaskSubType as Sub
        from services.dataset.domain.task import DatasetTaskType as Type

        task = {"type": Type.Importing, "sub_type": Sub.Pydoc_Import, "config": {}}
        logs.data.create_task(caller(), dataset_id=secret.id, name="secret import", **task)  # type: ignore[arg-type]
        open_one = logs.data.create_dataset(caller(), name="open", type=DatasetType.Text)
        logs.data.create_task(caller(), dataset_id=open_one.id, name="open import", **task)  # type: ignore[arg-type]
        assert await above.names(4) == ["secret", "secret import", "open", "open import"]
        assert await below.names(2) == ["open", "open import"]
        assert await (await window(made, low, place)).names(2) == ["open", "open import"]

    told(logs, work)


def test_who_does_not_keep_up_is_let_go_and_comes_back(logs: Logs) -> None:
    async def work(made: Hub) -> None:
        slow = await window(made)
        await slow.until("beat")
        for n in range(WAITING + 1):
            logs.make(str(n))
            await made.followers["things"].read()
        assert slow.stream not in made.streams
        heard = [await slow.names(1) for _ in range(WAITING)]
        with pytest.raises(StopAsyncIteration):
            await slow.next()
        again = await window(made, at=slow.at)
        assert [*[name for names in heard for name in names], *await again.names(1)] == [str(n) for n in range(WAITING + 1)]

    told(logs, work)


def test_a_person_has_so_many_windows(logs: Logs) -> None:
    async def work(made: Hub) -> None:
        windows = [await window(made) for _ in range(2)]
        with pytest.raises(PlatformError) as caught:
            await window(made)
        assert (caught.value.code, caught.value.reason) == (429, Reason.BUSY)
        await window(made, Viewer(2, 1, 0, False))
        made.close(windows[0].stream)
        await window(made)

    told(logs, work, per_person=2)


def test_a_window_whose_time_is_over_and_one_of_a_stopping_gateway_end(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "BEAT_SECONDS", 0.05)

    async def work(made: Hub) -> None:
        opened = Window(await made.open(ANA, "token", time.time() - 1, None))
        assert await opened.until("end") == {"reason": "SESSION_ENDED"}
        draining = await window(made)
        task = asyncio.create_task(made.run(lambda: True))
        assert await draining.until("end") == {"reason": "DRAINING"}
        task.cancel()

    told(logs, work)


def test_nobody_listens_and_nobody_asks(logs: Logs) -> None:
    async def work(made: Hub) -> None:
        opened = await window(made)
        made.close(opened.stream)
        while any(each.position is not None for each in made.followers.values()):
            await asyncio.sleep(0)
        before = logs.asked
        for _ in range(1000):
            await asyncio.sleep(0)
        assert logs.asked == before

    told(logs, work)


@pytest.mark.parametrize("text", ["", "x", "e30", "bm90IGpzb24", cursor.encode({"a": -1}), "A" * 600])
def test_a_foreign_place_is_refused(text: str) -> None:
    assert cursor.decode(text) in (None, {})
    assert cursor.decode(cursor.encode({"model": 7, "dataset": 0})) == {"model": 7, "dataset": 0}


def test_identity_is_told_to_whom_it_is_about() -> None:
    class Row:
        project_space_id, secrecy, user_id, entity_id, entity = 1, 0, 5, 9, "api_key"

    assert not Viewer(2, 1, 30, False).sees("identity", Row)
    assert Viewer(5, 0, 0, False).sees("identity", Row)
    assert Viewer(2, 0, 0, True).sees("identity", Row)
    assert not Viewer(2, 0, 0, True).sees("dataset", Row), "of a space one is not in nobody hears"


def test_a_ring_knows_what_it_lacks(logs: Logs) -> None:
    class Nobody:
        def arrived(self, service: str, changes: list[Any]) -> None: ...
        def found(self, service: str, lost: bool) -> None: ...
        def silent(self, service: str) -> None: ...

    async def main() -> None:
        logs.make("a")
        logs.make("b")
        reader = Follower("things", logs.ask, Nobody())
        assert reader.since(0) is None
        await reader.read()
        assert [[change.name for change in reader.since(n) or []] for n in range(3)] == [["a", "b"], ["b"], []]
        assert reader.since(3) is None

    asyncio.run(main())


def test_who_watches_one_object_hears_of_that_alone_and_nothing_is_read_after_them(logs: Logs) -> None:
    async def work(made: Hub) -> None:
        thing = logs.things.create_thing(caller(), name="watched")
        async with made.watch("things", thing.id) as changed:
            changed.clear()  # the first answer of the service counts as one
            window_of_all = await window(made)
            logs.make("another")
            assert await window_of_all.names(1) == ["another"]
            assert not changed.is_set()
            logs.things.rename_thing(caller(expected=thing.version), id=thing.id, name="renamed")
            await changed.wait()
            changed.clear()
            logs.away.add("things")
            await window_of_all.until("service")
            logs.away.clear()
            await changed.wait()  # what happened while the service was away is not known
            made.close(window_of_all.stream)
        asked = -1
        while asked != logs.asked:  # until the readings under way have ended
            asked = logs.asked
            await asyncio.sleep(0.1)

    made = told(logs, work)
    assert not any(made._watched.values())
