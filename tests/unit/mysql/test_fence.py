"""The fence of leaders on MariaDB, where many write at once: whoever led before writes nothing, and the first terms ever do not block."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.common.clock import SystemClock
from libs.common.coord.fencing import Lead, acting
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Database
from tests.support.evidence import Evidence
from tests.support.outcome import at_once
from tests.support.stores import caller
from tests.support.things import Thing, ThingService, open_things

OFFICES, TERMS, STALE_WRITES = 15, 4, 100


class Stubborn:
    """A leader that was paused between "I lead" and its write."""

    def __init__(self, lead: Lead) -> None:
        self._lead = lead

    def lead(self) -> Lead:
        return self._lead

    def resign(self) -> None:
        raise AssertionError("it never resigns")


@pytest.fixture
def stores(mysql_address: str, tmp_path: Path) -> Iterator[list[Database]]:
    """One per term, as so many processes would open them."""
    address = mysql_address.replace("{service}", "things")
    opened = [open_things(tmp_path, SystemClock(), number, address) for number in range(TERMS)]
    yield opened
    for db in opened:
        db.close()


def insert(db: Database, lead: Lead, space: int = 1) -> int:
    with acting(Stubborn(lead), lead), db.begin(caller(space=space)) as tx:
        ThingService(db).things.insert(tx, Thing(db.ids.next(), lead.name, space))
    return lead.number


def count(db: Database, name: str) -> int:
    table = db.table("thing")
    with db.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(table).where(table.c.name == name)).scalar_one())


def number(db: Database, name: str) -> int:
    table = db.table("leader_fence")
    with db.read() as conn:
        return int(conn.execute(sa.select(table.c.number).where(table.c.name == name)).scalar_one())


def test_a_stale_leader_writes_nothing(stores: list[Database], evidence: Evidence) -> None:
    """Over several connections at once, also in spaces whose turn nobody holds."""
    old, new = Lead("sweep", 3), Lead("sweep", 4)
    insert(stores[0], old)
    insert(stores[1], new)

    def tries(db: Database) -> list[Exception | int]:
        found: list[Exception | int] = []
        for step in range(STALE_WRITES // TERMS):
            try:
                found.append(insert(db, old, space=step + 1))
            except PlatformError as error:
                found.append(error)
        return found

    found = [one for each in at_once([lambda db=db: tries(db) for db in stores]) for one in each]  # type: ignore[misc]
    accepted = sum(not isinstance(one, PlatformError) for one in found)
    evidence("I11", "writes of a stale leader on MariaDB", tries=len(found), violations=accepted)
    assert {one.reason for one in found if isinstance(one, PlatformError)} == {Reason.STALE_LEADER}
    assert (len(found), accepted, count(stores[0], "sweep")) == (STALE_WRITES, 0, 2)
    assert insert(stores[2], new) == 4


def test_the_first_terms_ever_at_once(stores: list[Database], evidence: Evidence) -> None:
    """No row of the fence yet, and each term in a space of its own: nobody waits for anybody's unfinished row."""
    unavailable = late = 0
    for turn in range(OFFICES):
        name = f"office-{turn}"
        found = at_once([lambda db=db, n=n, name=name: insert(db, Lead(name, n + 1), space=n + 1) for n, db in enumerate(stores)])  # type: ignore[misc]
        refused = [one for one in found if isinstance(one, PlatformError)]
        unavailable += sum(error.reason != Reason.STALE_LEADER for error in refused)
        late += number(stores[0], name) != TERMS
        assert TERMS in found, found
        assert count(stores[0], name) == TERMS - len(refused)
    evidence("I11", "first terms ever at once on MariaDB", tries=OFFICES * TERMS, violations=late, unavailable=unavailable)
    assert (unavailable, late) == (0, 0)


def test_an_old_term_ends_before_a_newer_one_writes(stores: list[Database], evidence: Evidence) -> None:
    """What the old leader has begun commits first; the newer one waits for the row, and afterwards the old one is refused."""
    old, new = Lead("sweep", 1), Lead("sweep", 2)
    insert(stores[0], old)
    began, order = threading.Event(), []

    def newer() -> None:
        began.wait(20)
        insert(stores[1], new, space=2)
        order.append("new")

    thread = threading.Thread(target=newer)
    thread.start()
    with acting(Stubborn(old), old), stores[0].begin(caller()) as tx:
        ThingService(stores[0]).things.insert(tx, Thing(stores[0].ids.next(), "sweep", 1))
        began.set()
        thread.join(0.3)
        order.append("old")
    thread.join()
    evidence("I11", "old and new leader at once on MariaDB", tries=1, violations=int(order != ["old", "new"]))
    assert order == ["old", "new"]
    with pytest.raises(PlatformError) as caught:
        insert(stores[0], old)
    assert caught.value.reason == Reason.STALE_LEADER
