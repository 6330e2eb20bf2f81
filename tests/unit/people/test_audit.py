"""What the auditor says of people's work: nothing while all is right, and each broken promise by its name."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.clock import ManualClock
from libs.common.store.audit import Books, Patience, Report, Subject, check_history
from libs.people.audit import check_people
from libs.people.records import Job
from libs.people.states import ITEMS, InspectionVerdict, WorkRole
from tests.support.stores import caller
from tests.unit.people.office import METADATA, Office


def audited(office: Office) -> list[tuple[str, str]]:
    """(kind, fact) of every violation."""
    books, report = Books("office", office.db.url, METADATA), Report()
    try:
        check_people(books, report, Patience(office.clock.now_ms(), lease=1000))
        check_history(books, Subject("people_item", METADATA.tables["people_item"], ITEMS), report)
        assert report.looked["PEOPLE", "items"] > 0
        assert report.looked["I5", "histories"] > 0
        return [(each.kind, each.fact) for each in report.violations]
    finally:
        books.close()


def lively(office: Office) -> Job:
    """A job in which everything has happened once."""
    job = office.create(items=6, known=4, people=2, gold_percent=25, inspectors=[office.pool(901)], inspect_percent=50, skips=2)
    for person in (101, 102, 103):
        office.answer(person, job, "good")
        office.answer(person, job, "bad")
    office.people.skip(caller(user=104), id=office.one(104, job).id, reason="no")
    office.people.release(caller(user=104), id=office.one(104, job).id)
    office.one(104, job)
    for work in office.claim(901, job, role=WorkRole.INSPECTOR).work:
        office.decide(901, work, InspectionVerdict.REJECT, reason="again")
    return job


def test_all_that_people_do_leaves_nothing_to_complain_of(office: Office) -> None:
    lively(office)
    assert audited(office) == []


@pytest.mark.parametrize(
    ("table", "values", "kind", "said"),
    [
        ("people_item", {"free": 2, "lane": 1}, "people_item", "people, not 2"),
        ("people_item", {"lane": 2, "free": 0}, "people_item", "waits in lane"),
        ("people_item", {"answered": 7}, "people_item", "7 answers are counted"),
        ("people_item", {"status": 30}, "people_item", "its row says 30"),
        ("people_job", {"items_done": 5}, "people_job", "5 items are told as done"),
    ],
)
def test_a_broken_promise_is_named(office: Office, table: str, values: dict[str, Any], kind: str, said: str) -> None:
    job = office.create(items=1, people=2)
    office.answer(101, job)
    office.one(102, job)
    with office.db.begin(caller()) as tx:
        tx.conn.execute(METADATA.tables[table].update().values(values))
    assert any(each == kind and said in fact for each, fact in audited(office)), audited(office)


def test_a_lease_that_nobody_takes_back_is_named(office: Office, clock: ManualClock) -> None:
    job = office.create(items=1, lease_seconds=60)
    office.one(101, job)
    clock.advance(60.5)
    assert audited(office) == []
    clock.advance(5)
    assert [kind for kind, _ in audited(office)] == ["assignment"]


def test_who_inspects_what_they_answered_is_named(office: Office) -> None:
    job = office.create(items=1, inspectors=[office.pool(901)], inspect_percent=100)
    office.answer(101, job)
    work = office.inspect(901, job)
    table = METADATA.tables["people_assignment"]
    with office.db.begin(caller()) as tx:
        tx.conn.execute(table.update().where(table.c.id == work.id).values(person_id=101, round=1))
        tx.conn.execute(sa.update(METADATA.tables["people_item"]).values(round=1, answered=0))
    assert ("people_item", "somebody inspects what they answered") in audited(office)
