"""What a claim asks of the store: the same for one item and for ten, in one trip to look and one transaction to take."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from libs.people.records import Job
from libs.people.states import WorkRole
from tests.support.mariadb import trips
from tests.support.stores import caller, plans, statements
from tests.unit.people.office import Office

LOOKS = 6  # job, member, what they hold, two lanes, pools
TAKES = 4  # the items that are still free; then the member, the items and the assignments
ENDS = ("BEGIN", "COMMIT", "ROLLBACK")


def begun(office: Office, **rule: int) -> Job:
    """A job in whose pool 11 and 12 are, and that both know."""
    job = office.create(items=40, people=2, at_once=50, annotators=[office.pool(11, 12)], **rule)
    office.one(11, job)
    office.one(12, job)
    return job


def asked(office: Office, call: Callable[[], object]) -> list[str]:
    with statements(office.db) as found:
        call()
    return [text.split(" ", 1)[0] for text in found if not text.startswith(ENDS)]


@pytest.mark.parametrize("want", [2, 11])
def test_a_claim_of_ten_asks_what_a_claim_of_one_asks(office: Office, want: int) -> None:
    job = begun(office)
    verbs = asked(office, lambda: office.claim(11, job, want=want))
    assert len(office.claim(11, job, want=want).work) == want
    assert verbs == ["SELECT"] * (LOOKS + 1) + ["UPDATE", "UPDATE", "INSERT"]
    assert len(verbs) == LOOKS + TAKES


def test_who_asks_again_writes_nothing(office: Office) -> None:
    job = begun(office)
    office.claim(11, job, want=10)
    assert asked(office, lambda: office.claim(11, job, want=10)) == ["SELECT"] * LOOKS


def test_a_lead_costs_one_look_more(office: Office) -> None:
    job = begun(office, lead=30)
    assert len(asked(office, lambda: office.claim(11, job, want=11))) == LOOKS + TAKES + 1


def test_a_look_goes_by_keys_and_sorts_nothing(office: Office) -> None:
    job = begun(office, lead=30)
    look = partial(office.people.look, caller(user=11), job.id, WorkRole.ANNOTATOR, (), 5, 0)
    look()
    ways = plans(office.db, look)
    assert len(ways) == LOOKS + 1
    assert not [way for way in ways if "SCAN" in way or "TEMP B-TREE" in way]
    assert sum("people_item_lane (job_id=? AND lane=? AND place>?)" in way for way in ways) == 2, "places that were passed are not read"


def test_an_inspector_of_ten_items_reads_all_that_was_said_at_once(office: Office) -> None:
    job = office.create(items=12, at_once=20, inspect_percent=100.0, annotators=[office.pool(11)], inspectors=[office.pool(901)])
    for work in office.claim(11, job, want=12).work:
        office.submit(11, work)
    office.inspect(901, job)
    found: dict[int, int] = {}
    for want in (2, 12):
        found[want] = len(asked(office, lambda want=want: office.claim(901, job, want=want, role=WorkRole.INSPECTOR)))
    assert found == {2: LOOKS + TAKES, 12: LOOKS + TAKES}, "a lane less, and what was said"


def test_an_answer_that_is_not_the_last_is_one_look_and_three_writes(office: Office) -> None:
    job = office.create(items=2, people=3)
    office.answer(11, job)
    work = office.one(12, job)
    assert asked(office, lambda: office.submit(12, work)) == ["SELECT"] * 4 + ["UPDATE"] * 3


def test_what_the_last_answer_costs_does_not_grow_with_the_people(office: Office) -> None:
    found: dict[int, list[str]] = {}
    for people in (2, 6):
        job = office.create(items=1, people=people)
        for person in range(11, 10 + people):
            office.answer(person, job)
        last = office.one(60, job)
        found[people] = asked(office, lambda last=last: office.submit(60, last))
        assert [office.member(person, job).agreed for person in (11, 60)] == [1, 1]
        assert office.work(job) == "SUCCEEDED"
    assert found[2] == found[6]
    assert len(found[2]) == 18


@pytest.mark.parametrize("address", ["mysql"], indirect=True)
@pytest.mark.parametrize("want", [3, 12])
def test_to_a_server_it_is_one_trip_to_look_and_one_for_each_write(office: Office, want: int) -> None:
    job = begun(office)
    office.claim(11, job, want=2)  # each connection is told its texts once
    office.claim(12, job, want=want - 1)
    with trips() as found:
        assert len(office.claim(11, job, want=want).work) == want
    assert [text for text in found if text != "PREPARE"] == ["EXECUTE", "EXECUTE", "UPDATE", "UPDATE", "INSERT", "COMMIT"]
