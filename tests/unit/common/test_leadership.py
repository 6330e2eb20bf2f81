"""Leadership on files and on ZooKeeper: one leads, each term has a higher number, and an older number writes nothing."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from libs.common.clock import ManualClock
from libs.common.coord.fencing import Lead, Leadership, acting, only_leader
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Database
from libs.common.work.task import TaskStatus
from tests.support.coordinated import started, terms, write_number
from tests.support.coordination import Bindings
from tests.support.ports import free_port
from tests.support.stores import caller
from tests.support.things import Thing, ThingService, open_things
from tests.support.toy import create, open_toys, stored
from tests.support.until import until


class Stubborn:
    """A leader that was paused between "I lead" and its write: it does not know that the office went on."""

    def __init__(self, lead: Lead) -> None:
        self._lead = lead

    def lead(self) -> Lead:
        return self._lead

    def resign(self) -> None:
        raise AssertionError("it never resigns")


def insert(db: Database) -> None:
    with db.begin(caller()) as tx:
        ThingService(db).things.insert(tx, Thing(db.ids.next(), "written", 1))


def count(db: Database) -> int:
    with db.read() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM thing").scalar_one())


def test_one_of_many_leads_and_each_term_has_a_higher_number(bindings: Bindings) -> None:
    standing = [bindings.open(f"worker-{n}").leadership("train-work") for n in range(4)]
    numbers = []
    while standing:
        leader = until(lambda: next((office for office in standing if office.lead()), None))
        assert [office.lead() is not None for office in standing].count(True) == 1
        lead = leader.lead()
        assert lead is not None
        numbers.append(lead.number)
        assert leader.lead() == lead, "a term has one number"
        leader.resign()
        assert leader.lead() is None
        standing.remove(leader)
    assert numbers == sorted(set(numbers))
    assert numbers[0] > 0


def test_offices_are_independent(bindings: Bindings) -> None:
    one, other = bindings.open("one"), bindings.open("other")
    trains, evals = one.leadership("train-work"), other.leadership("eval-work")
    until(lambda: trains.lead() and evals.lead())


def test_the_end_of_a_process_opens_the_office(bindings: Bindings, tmp_path: Path) -> None:
    """Closed: at once. Killed: the kernel or the session's end says so."""
    db = open_things(tmp_path)
    first = bindings.open("first")
    office = first.leadership("sweep")
    before = until(office.lead)
    with started(bindings.environ, tmp_path, "train", free_port(), "sweep") as process:
        first.close()
        until(lambda: terms(db))
        assert min(terms(db)) > before.number
        successor = bindings.open("successor").leadership("sweep")
        assert successor.lead() is None
        process.kill()
        after = until(successor.lead)
    assert after.number > max(terms(db))
    assert after.name == before.name


def test_a_leader_of_yesterday_writes_nothing(bindings: Bindings, db: Database) -> None:
    old_office = bindings.open("old").leadership("sweep")
    old = until(old_office.lead)
    new_office = bindings.open("new").leadership("sweep")
    with acting(old_office, old):
        insert(db)
    old_office.resign()
    new = until(new_office.lead)
    with acting(new_office, new):
        insert(db)
    for _ in range(50):
        with acting(Stubborn(old), old), pytest.raises(PlatformError) as caught:
            insert(db)
        assert caught.value.reason == Reason.STALE_LEADER
    assert count(db) == 2, "accepted writes of a stale leader"
    with acting(old_office, old), pytest.raises(PlatformError) as caught:  # one that knows does not even ask the store
        insert(db)
    assert caught.value.reason == Reason.STALE_LEADER
    with acting(new_office, new):
        insert(db)
    insert(db)  # who is no leader is not fenced
    assert count(db) == 4


def test_the_first_write_of_two_terms_at_once(db: Database) -> None:
    """No row of the fence yet: whoever is second is measured by the first one's number."""
    outcomes: list[int] = []
    refused: list[tuple[int, Reason]] = []
    for turn in range(20):
        leads = [Lead(f"office-{turn}", 1), Lead(f"office-{turn}", 2)]

        def write(lead: Lead) -> None:
            with acting(Stubborn(lead), lead):
                try:
                    insert(db)
                    outcomes.append(lead.number)
                except PlatformError as error:
                    refused.append((lead.number, error.reason))

        threads = [threading.Thread(target=write, args=(lead,)) for lead in leads]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with db.read() as conn:
            last = conn.exec_driver_sql("SELECT number FROM leader_fence WHERE name = ?", (f"office-{turn}",)).scalar_one()
        assert last == 2
    assert outcomes.count(2) == 20
    assert set(refused) <= {(1, Reason.STALE_LEADER)}


def test_chores_run_on_the_leader_only(bindings: Bindings, db: Database) -> None:
    offices = [bindings.open(f"worker-{n}").leadership("train-work") for n in range(3)]
    ran: list[int] = []

    def chore(number: int, office: Leadership) -> None:
        ran.append(number)
        write_number(db, office)

    chores = [only_leader(office, lambda n=n, office=office: chore(n, office)) for n, office in enumerate(offices)]
    until(lambda: any(office.lead() for office in offices))
    for _ in range(10):
        for run in chores:
            run()
    leader = next(n for n, office in enumerate(offices) if office.lead())
    assert ran == [leader] * 10
    assert count(db) == 10
    alone: list[int] = []
    only_leader(None, lambda: alone.append(1))()
    assert alone == [1]


def test_a_stale_sweeper_takes_no_task_back(bindings: Bindings, folder: Path, clock: ManualClock) -> None:
    toys = open_toys(folder, clock)
    first = bindings.open("first").leadership("sweep")
    old = until(first.lead)
    second = bindings.open("second").leadership("sweep")
    first.resign()
    until(second.lead)
    sweep, stale_sweep = only_leader(second, toys.sweep), only_leader(Stubborn(old), toys.sweep)

    lost = create(toys)
    assert toys.claim("a worker that dies") is not None
    clock.advance(3600)
    assert sweep() == 1
    assert stored(toys, lost).status == TaskStatus.PENDING
    assert toys.claim("a worker that dies") is not None
    clock.advance(3600)
    with pytest.raises(PlatformError) as caught:
        stale_sweep()
    assert caught.value.reason == Reason.STALE_LEADER
    assert stored(toys, lost).status == TaskStatus.RUNNING
    assert sweep() == 1
    assert stored(toys, lost).status == TaskStatus.PENDING
