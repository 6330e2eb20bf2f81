"""The change log: every change once, in the order in which it became visible, however late it was committed; on both stores."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from idl.enums import ChangeKind
from libs.common.clock import ManualClock, SystemClock
from libs.common.errors import PlatformError
from libs.common.store import changes
from libs.common.store.changes import KEPT_MS, PROGRESS_KEPT_MS, Change
from libs.common.store.database import Database
from libs.common.store.outbox import purge
from tests.support.stores import caller, plans
from tests.support.things import Thing, ThingService, open_things
from tests.support.toy import create, open_toys

WRITERS, EACH = 4, 15


def all_after(db: Database, after: int = 0, most: int = 7) -> list[Change]:
    found: list[Change] = []
    while batch := db.changes().follow(caller(), found[-1].position if found else after, most).changes:
        found += batch
    return found


def undone(service: ThingService) -> None:
    with service.db.begin(caller()) as tx:
        service.things.insert(tx, Thing(service.db.ids.next(), "never", 1))
        service.things.get(tx.conn, caller(), 404)


@pytest.mark.both_stores
def test_a_transaction_tells_what_became_of_each_object_once(service: ThingService) -> None:
    db = service.db
    made = service.create_thing(caller(space=5), name="词")
    with db.begin(caller(space=5)) as tx:
        other = service.things.insert(tx, Thing(db.ids.next(), "other", 5))
        service.things.update(tx, other, name="renamed")
        service.things.update(tx, made, shiny=True)
    service.delete_thing(caller(space=5, expected=1), id=made.id)
    with pytest.raises(PlatformError):
        undone(service)
    told = [(c.position, c.entity, c.entity_id, c.kind, c.version, c.name, c.project_space_id) for c in all_after(db)]
    assert told == [
        (1, "thing", made.id, ChangeKind.MADE, 0, "词", 5),
        (2, "thing", other.id, ChangeKind.MADE, 1, "renamed", 5),
        (3, "thing", made.id, ChangeKind.CHANGED, 1, "词", 5),
        (4, "thing", made.id, ChangeKind.DELETED, 2, "词", 5),
    ]


@pytest.mark.both_stores
def test_what_is_committed_late_is_not_passed_by(folder: Path, address: str, service: ThingService) -> None:
    """Its ids are drawn first, and it is seen last. A store of one writer does not let it come to that: there the second one waits."""
    late, db = open_things(folder, SystemClock(), worker=2, address=address), service.db
    held, go = threading.Event(), threading.Event()

    def slow() -> None:
        with late.begin(caller(space=2)) as tx:
            ThingService(late).things.insert(tx, Thing(late.ids.next(), "late", 2))
            changes.write(tx, tx.told, count=not address)
            tx.told.clear()
            held.set()
            go.wait(20)

    writer = threading.Thread(target=slow)
    writer.start()
    assert held.wait(20)
    if address:
        service.create_thing(caller(), name="soon")
        seen = all_after(db)
        assert [c.name for c in seen] == ["soon"]
    else:
        seen = []
    go.set()
    writer.join()
    assert [c.name for c in all_after(db, len(seen))] == ["late"]
    assert [c.position for c in all_after(db)] == list(range(1, len(seen) + 2))
    late.close()


@pytest.mark.both_stores
def test_several_readers_see_the_same_order_while_several_write(folder: Path, address: str, service: ThingService) -> None:
    stores = [open_things(folder, SystemClock(), worker=n + 2, address=address) for n in range(WRITERS + 2)]
    seen: list[list[Change]] = [[], []]
    errors: list[BaseException] = []

    def write(db: Database, space: int) -> None:
        try:
            for n in range(EACH):
                ThingService(db).create_thing(caller(space=space), name=f"{space}/{n}")
        except BaseException as error:
            errors.append(error)

    def read(db: Database, into: list[Change]) -> None:
        try:
            while len(into) < WRITERS * EACH:
                into += db.changes().follow(caller(), into[-1].position if into else 0, 10).changes
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(stores[n], n + 1), daemon=True) for n in range(WRITERS)]
    threads += [threading.Thread(target=read, args=(stores[WRITERS + n], seen[n]), daemon=True) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not errors
    assert seen[0] == seen[1]
    assert [c.position for c in seen[0]] == list(range(1, WRITERS * EACH + 1))
    for space in range(1, WRITERS + 1):
        assert [c.name for c in seen[0] if c.project_space_id == space] == [f"{space}/{n}" for n in range(EACH)]
    for db in stores:
        db.close()


@pytest.mark.both_stores
def test_a_reader_begins_with_the_newest_and_learns_where_it_is(service: ThingService) -> None:
    db = service.db
    empty = db.changes().follow(caller(), None)
    assert (empty.changes, empty.floor, empty.newest) == ([], 0, 0)
    for n in range(5):
        service.create_thing(caller(), name=str(n))
    tail = db.changes().follow(caller(), None, 2)
    assert ([c.position for c in tail.changes], tail.floor, tail.newest) == ([4, 5], 3, 5)
    whole = db.changes().follow(caller(), None, 50)
    assert (len(whole.changes), whole.floor, whole.newest) == (5, 0, 5)


@pytest.mark.both_stores
def test_old_changes_are_forgotten_and_a_reader_is_told_so(service: ThingService, clock: ManualClock) -> None:
    db = service.db
    service.create_thing(caller(), name="old")
    service.create_thing(caller(), name="older than a reader")
    clock.advance(KEPT_MS / 1000 + 1)
    service.create_thing(caller(), name="new")
    assert db.changes().follow(caller(), 0).floor == 0
    assert purge(db) == 2
    left = db.changes().follow(caller(), 0)
    assert ([c.name for c in left.changes], left.floor) == (["new"], 2)
    clock.advance(KEPT_MS / 1000 + 1)
    purge(db)
    assert [c.position for c in db.changes().follow(caller(), 0).changes] == [3], "the next place is counted from the last"
    service.create_thing(caller(), name="next")
    assert [c.position for c in all_after(db, 3)] == [4]


def test_progress_is_told_and_forgotten_early(tmp_path: Path) -> None:
    clock = ManualClock()
    toys = open_toys(tmp_path, clock)
    task = create(toys, space=3)
    running = toys.claim("w")
    assert running is not None
    for done in (3, 4, 4, 5):  # the second comes too soon, the third says nothing new
        toys.heartbeat(running, done, 10, "a step")
        clock.advance(0.6)
    told = [(c.entity_id, c.kind, c.state, c.project_space_id) for c in all_after(toys.db)]
    assert told == [
        (task.id, ChangeKind.MADE, "PENDING", 3),
        (task.id, ChangeKind.CHANGED, "RUNNING", 3),
        (task.id, ChangeKind.PROGRESS, "RUNNING", 3),
        (task.id, ChangeKind.PROGRESS, "RUNNING", 3),
    ]
    assert [c.kind for c in toys.db.changes().follow(caller(), None).changes] == [ChangeKind.MADE, ChangeKind.CHANGED]
    clock.advance(PROGRESS_KEPT_MS / 1000 + 1)
    purge(toys.db)
    assert [c.position for c in all_after(toys.db)] == [1, 2, 4]


def test_an_idle_store_is_not_written_to(service: ThingService) -> None:
    service.create_thing(caller(), name="one")
    wrote: list[str] = []
    service.db.told = lambda what, _seconds: wrote.append(what)
    for _ in range(3):
        all_after(service.db)
    assert wrote == []
    ask = plans(service.db, lambda: service.db.changes().follow(caller(), 1))
    assert all("USING INDEX sqlite_autoindex_change_log" in plan or "USING COVERING INDEX" in plan for plan in ask), ask
