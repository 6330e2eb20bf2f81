"""What SQLite's one writer decided for free, on MariaDB: sixteen callers at once, one winner, and nothing half done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.clock import ManualClock, SystemClock
from libs.common.errors import PlatformError, Reason
from libs.common.store import outbox
from libs.common.store.database import Database
from libs.common.store.outbox import ANSWERS_KEPT_MS, DELIVERED_KEPT_MS, TURN_MS, Relay, purge
from libs.common.store.repository import PageRequest
from services.model.repository import METADATA
from services.model.service import ModelService
from tests.support.outcome import at_once, outcome
from tests.support.stores import caller, open_store
from tests.support.toy import create, open_toys, stored

CALLERS = 16


@pytest.fixture
def stores(mysql_address: str, tmp_path: Path) -> Iterator[list[Database]]:
    """The model domain's records as sixteen processes would open them."""
    opened = [open_store(tmp_path, "model", METADATA, SystemClock(), number, mysql_address) for number in range(CALLERS)]
    yield opened
    for db in opened:
        db.close()


def reasons(found: list[Any]) -> list[Reason]:
    assert not [one for one in found if isinstance(one, BaseException) and not isinstance(one, PlatformError)], found
    return [one.reason for one in found if isinstance(one, PlatformError)]


def count(db: Database, table: str) -> int:
    with db.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(db.table(table))).scalar_one())


def test_a_name_is_taken_once(stores: list[Database]) -> None:
    services = [ModelService(db) for db in stores]
    found = at_once([lambda s=s: s.create_project(caller(), name="one") for s in services])
    assert reasons(found) == [Reason.ALREADY_EXISTS] * (CALLERS - 1)
    assert count(stores[0], "model_project") == count(stores[0], "release_gate") == 1
    # Another space is another world, at the same moment too.
    found = at_once([lambda s=s, n=n: s.create_project(caller(space=n + 2), name="one") for n, s in enumerate(services)])
    assert reasons(found) == []


def test_a_name_is_free_again_after_a_delete_and_taken_once(stores: list[Database]) -> None:
    services = [ModelService(db) for db in stores]
    project = services[0].create_project(caller(), name="one")
    services[0].delete_project(caller(expected=project.version), id=project.id)
    other = services[0].create_project(caller(), name="other")
    calls = [lambda s=s: s.create_project(caller(), name="one") for s in services[:8]]
    calls += [lambda s=s: s.update_project(caller(expected=other.version), id=other.id, name="one") for s in services[8:]]
    assert len(reasons(at_once(calls))) == CALLERS - 1


def test_version_numbers_have_no_gap_and_no_twin(stores: list[Database]) -> None:
    services = [ModelService(db) for db in stores]
    project = services[0].create_project(caller(), name="p")
    found = at_once([lambda s=s: s.create_version(caller(), project_id=project.id).number for s in services])
    assert sorted(found) == list(range(1, CALLERS + 1))


def test_one_key_is_one_effect_and_one_answer(stores: list[Database]) -> None:
    services = [ModelService(db) for db in stores]
    found = at_once([lambda s=s: s.create_project(caller(key="key-12345678"), name="one") for s in services])
    assert reasons(found) == []
    assert len({project.id for project in found}) == 1
    assert count(stores[0], "model_project") == count(stores[0], "stored_answer") == 1


def test_one_version_of_an_object_has_one_successor(stores: list[Database]) -> None:
    services = [ModelService(db) for db in stores]
    project = services[0].create_project(caller(), name="p")
    calls = [lambda s=s, n=n: s.update_project(caller(expected=0), id=project.id, desc=str(n)) for n, s in enumerate(services)]
    assert reasons(at_once(calls)) == [Reason.STALE_VERSION] * (CALLERS - 1)


def test_history_written_at_once_has_rising_ids_in_the_order_it_happened(stores: list[Database]) -> None:
    """Each step reads what the one before it wrote: a chain of states with no step skipped or told twice, read by id."""
    from services.model.domain.version import ModelVersionStatus as Status

    table = stores[0].table("state_event")

    def step(db: Database) -> None:
        with db.begin(caller()) as tx:
            done = tx.conn.execute(sa.select(sa.func.count()).where(table.c.entity == "toy", table.c.entity_id == 9)).scalar_one()
            tx.event("toy", 9, Status.CREATED, Status.TRAINING, f"STEP_{done}")

    assert at_once([lambda db=db: [step(db) for _ in range(4)] and None for db in stores]) == [None] * CALLERS
    with stores[0].read() as conn:
        told = conn.execute(sa.select(table.c.event).where(table.c.entity == "toy").order_by(table.c.id)).scalars().all()
    assert told == [f"STEP_{number}" for number in range(4 * CALLERS)]


# --- the queue


@pytest.mark.parametrize("store", ["sqlite", "mysql"])
def test_eight_workers_share_two_hundred_tasks(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """No task twice, none forgotten, no worker without any: whoever waits gets the next."""
    address = request.getfixturevalue("mysql_address").replace("{service}", "toys") if store == "mysql" else ""
    toys = [open_toys(tmp_path, ManualClock(), worker=number, address=address) for number in range(8)]
    wanted = [create(toys[0]).id for _ in range(200)]

    def work(number: int) -> list[int]:
        mine: list[int] = []
        while True:
            claimed = _patiently(lambda: toys[number].claim(f"w{number}"))
            if claimed is None:
                return mine
            mine.append(claimed.id)
            _patiently(lambda held=claimed: toys[number].succeed(held, {}))

    found = at_once([lambda n=n: work(n) for n in range(8)])
    assert sorted(id for mine in found for id in mine) == sorted(wanted)
    if store == "mysql":
        assert min(len(mine) for mine in found) > 0, [len(mine) for mine in found]
    for one in toys:
        one.db.close()


def _patiently(call: Callable[[], Any]) -> Any:
    """Like a worker: a store that was busy is asked again. SQLite lets writers of different processes starve each other for a while."""
    while isinstance(found := outcome(call), PlatformError):
        assert found.reason == Reason.UNAVAILABLE, found
    return found


def test_a_sweep_and_a_late_worker_do_not_both_win(mysql_address: str, tmp_path: Path) -> None:
    address, clock = mysql_address.replace("{service}", "toys"), ManualClock()
    toys = [open_toys(tmp_path, clock, worker=number, address=address) for number in range(CALLERS)]
    for _ in range(5):
        create(toys[0], max_attempts=9)
        claimed = toys[0].claim("w")
        assert claimed is not None
        clock.advance(11.0)
        calls: list[Any] = [lambda t=t: t.sweep() for t in toys[:8]] + [lambda t=t, held=claimed: t.succeed(held, {}).id for t in toys[8:]]
        found = at_once(calls)
        assert set(reasons(found)) <= {Reason.STALE_EPOCH, Reason.ILLEGAL_TRANSITION, Reason.STALE_VERSION}
        swept, ended = sum(one for one in found[:8] if isinstance(one, int)), [one for one in found[8:] if isinstance(one, int)]
        assert swept + len(ended) == 1
        now = stored(toys[0], claimed)
        assert now.status.name == ("SUCCEEDED" if ended else "PENDING")
        if swept:
            again = toys[0].claim("w")
            assert again is not None
            toys[0].succeed(again, {})
    for one in toys:
        one.db.close()


# --- the outbox


@pytest.mark.parametrize("store", ["sqlite", "mysql"])
def test_several_relays_lose_nothing_and_keep_the_order(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    address = request.getfixturevalue("mysql_address") if store == "mysql" else ""
    stores = [open_store(tmp_path, "model", METADATA, SystemClock(), number, address) for number in range(6)]
    for number in range(60):
        with stores[0].begin(caller()) as tx:
            tx.publish("a" if number % 2 else "b", {"number": number})
    told: dict[str, list[int]] = {"a": [], "b": []}

    def relay(db: Database) -> None:
        own = Relay(db, {topic: lambda message, topic=topic: told[topic].append(message["number"]) for topic in told})
        while _open(db):
            own.run_once(limit=7)

    assert reasons(at_once([lambda db=db: relay(db) for db in stores])) == []
    assert told == {"a": list(range(1, 60, 2)), "b": list(range(0, 60, 2))}
    for db in stores:
        db.close()


def _open(db: Database) -> int:
    table = db.table("outbox")
    with db.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).where(table.c.delivered == 0)).scalar_one())


def test_a_dead_relay_holds_its_topic_up_for_one_turn_only(tmp_path: Path) -> None:
    clock = ManualClock()
    first, second = (open_store(tmp_path, "model", METADATA, clock, number) for number in range(2))
    with first.begin(caller()) as tx:
        tx.publish("a", {"number": 1})
    dead, told = Relay(first, {}), []
    assert dead._take_turn("a")
    other = Relay(second, {"a": told.append})
    assert other.run_once() == 0
    clock.advance(TURN_MS / 1000 + 1)
    assert other.run_once() == 1
    assert not dead._take_turn("a") or told
    assert told == [{"number": 1}]
    first.close()
    second.close()


def test_a_slow_receiver_does_not_lose_the_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "TURN_MS", 1500)
    first, second = (open_store(tmp_path, "model", METADATA, SystemClock(), number) for number in range(2))
    with first.begin(caller()) as tx:
        tx.publish("a", {"number": 1})
    told: list[Any] = []
    other = Relay(second, {"a": told.append})

    def slowly(payload: dict[str, Any]) -> None:
        for _ in range(8):
            threading.Event().wait(0.5)  # all together far longer than a turn
            assert other.run_once() == 0
        told.append(payload)

    assert Relay(first, {"a": slowly}).run_once() == 1
    assert told == [{"number": 1}]
    first.close()
    second.close()


@pytest.mark.parametrize("store", ["sqlite", "mysql"])
def test_old_answers_and_delivered_messages_go_and_nothing_else(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    address = request.getfixturevalue("mysql_address") if store == "mysql" else ""
    clock = ManualClock()
    db = open_store(tmp_path, "model", METADATA, clock, 0, address)
    service = ModelService(db)

    def leave(key: str) -> None:
        service.create_project(caller(key=key), name=key)
        with db.begin(caller()) as tx:
            tx.publish("told", {"key": key})
            tx.publish("open", {"key": key})
        assert Relay(db, {"told": lambda _message: None}).run_once() == 1

    leave("key-11111111")
    assert purge(db) == 0
    clock.advance(DELIVERED_KEPT_MS / 1000 + 1)
    assert purge(db) == 1
    clock.advance((ANSWERS_KEPT_MS - DELIVERED_KEPT_MS) / 1000)
    leave("key-22222222")
    assert purge(db) >= 1  # the answer, and what changed as long ago, where it has a place in the feed
    assert purge(db) == 0
    assert (count(db, "stored_answer"), count(db, "outbox"), count(db, "model_project")) == (1, 3, 2)
    with db.read() as conn:
        assert len(service.store.projects.page(conn, caller(), PageRequest()).items) == 2
    db.close()
