"""Claim next: the right item, once per person, for as long as the lease; two windows, two people at once, and nobody left waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
import sqlalchemy as sa

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.people.records import Job
from libs.people.states import AssignmentStatus, ClaimBound, JobStatus, Lane, WorkRole
from tests.support.outcome import at_once, outcome
from tests.support.stores import caller
from tests.unit.people.office import Office

_S = AssignmentStatus


def refused(found: object, reason: Reason) -> PlatformError:
    assert isinstance(found, PlatformError), found
    assert found.reason == reason, found
    return found


@pytest.mark.both_stores
def test_an_item_goes_to_as_many_different_people_as_the_rule_says(office: Office) -> None:
    job = office.create(items=2, people=2)
    people = (11, 12, 13, 14)
    seen = {person: office.text(office.answer(person, job)) for person in people}
    assert sorted(seen.values()) == ["t1", "t1", "t2", "t2"]
    assert seen[11] == seen[12] != seen[13] == seen[14], "an item is finished before the next is begun"
    assert office.claim(15, job).why == ClaimBound.NONE_LEFT
    assert office.work(job) == "SUCCEEDED"
    assert office.task(job).result == {"results": [[1, "good", 2], [2, "good", 2]]}
    assert office.claim(15, job).why == ClaimBound.NOT_OPEN


def test_the_task_waits_for_people_and_its_progress_is_items_done(office: Office) -> None:
    job = office.create(items=2, people=2)
    assert (office.task(job).progress_done, office.task(job).progress_total) == (0, 2)
    office.answer(11, job)
    assert office.task(job).progress_done == 0
    office.answer(12, job)
    assert office.task(job).progress_done == 1
    assert office.work(job) == "", "taken from people who are not done"


def test_who_asks_again_has_what_they_hold_in_any_window(office: Office) -> None:
    job = office.create(items=5)
    first = office.one(11, job)
    assert [work.id for work in office.claim(11, job).work] == [first.id]
    two = office.claim(11, job, want=2).work
    assert two[0].id == first.id
    assert len({office.text(work) for work in two}) == 2


def test_no_more_at_once_than_the_rule_says(office: Office) -> None:
    job = office.create(items=9, at_once=3)
    claimed = office.claim(11, job, want=9)
    assert (len(claimed.work), claimed.why) == (3, ClaimBound.ENOUGH_HELD)


def test_never_ones_own_item(office: Office) -> None:
    job = office.create(items=3)
    assert {office.text(office.answer(2, job)) for _ in range(2)} == {"t1", "t3"}
    assert office.claim(2, job).why == ClaimBound.NONE_LEFT
    assert office.text(office.one(3, job)) == "t2"


def test_a_cap_is_kept(office: Office) -> None:
    job = office.create(items=4, cap=2)
    for _ in range(2):
        office.answer(11, job)
    assert office.claim(11, job).why == ClaimBound.CAP
    office.answer(12, job)


def test_only_people_of_the_pools(office: Office) -> None:
    pool = office.pool(11, departments=(5,))
    job = office.create(items=4, annotators=[pool])
    office.one(11, job)
    refused(outcome(lambda: office.claim(12, job)), Reason.FORBIDDEN)
    assert office.claim(13, job, departments=(4, 5)).work
    with office.db.begin(caller()) as tx:
        stored = office.people.store.pools.get(tx.conn, caller(), pool)
        office.people.store.pools.update(tx, stored, users=[])
    refused(outcome(lambda: office.claim(11, job, want=2)), Reason.FORBIDDEN)


def test_who_was_taken_out_of_the_pool_may_still_hand_in_what_they_hold(office: Office) -> None:
    pool = office.pool(11)
    job = office.create(items=2, annotators=[pool])
    held = office.one(11, job)
    with office.db.begin(caller()) as tx:
        office.people.store.pools.update(tx, office.people.store.pools.get(tx.conn, caller(), pool), users=[])
    office.submit(11, held)
    assert office.task(job).progress_done == 1


def test_another_space_does_not_see_a_job(office: Office) -> None:
    job = office.create()
    stranger = caller(user=11, space=2)
    refused(outcome(lambda: office.people.claim(stranger, job_id=job.id)), Reason.NOT_FOUND)
    held = office.one(11, job)
    refused(outcome(lambda: office.people.submit(stranger, id=held.id, answer={"label": "good"})), Reason.NOT_FOUND)


@pytest.mark.both_stores
def test_a_lease_returns_and_the_late_answer_is_not_taken(office: Office, clock: ManualClock) -> None:
    job = office.create(items=1, lease_seconds=60)
    gone = office.one(11, job)
    assert office.claim(12, job).why == ClaimBound.NONE_LEFT
    clock.advance(61)
    assert office.people.sweep() == 1
    late = outcome(lambda: office.submit(11, gone))
    refused(late, Reason.NOT_FOUND)
    assert office.text(office.answer(12, job)) == "t1"
    assert office.member(11, job).lapsed == 1
    assert office.member(11, job).held == office.member(11, job).load == 0
    assert office.people.sweep() == 0


def test_too_late_is_too_late_also_before_anybody_swept(office: Office, clock: ManualClock) -> None:
    job = office.create(items=1, lease_seconds=60)
    gone = office.one(11, job)
    clock.advance(61)
    late = refused(outcome(lambda: office.submit(11, gone)), Reason.LEASE_OVER)
    assert "60 seconds" in str(late)
    again = office.one(11, job)
    assert again.id != gone.id
    assert office.submit(11, again).status == _S.DONE


def test_a_draft_keeps_the_item(office: Office, clock: ManualClock) -> None:
    job = office.create(items=1, lease_seconds=60)
    held = office.one(11, job)
    for _ in range(3):
        clock.advance(50)
        kept = office.people.keep(caller(user=11), id=held.id, draft={"label": "unfinished"})
    assert office.people.sweep() == 0
    assert office.one(11, job).answer == kept.answer == {"label": "unfinished"}
    clock.advance(61)
    office.people.sweep()
    assert office.one(12, job).answer == {}, "a draft of somebody else"


def test_a_job_that_ended_gives_nothing_and_takes_nothing(office: Office) -> None:
    job = office.create(items=2)
    held = office.one(11, job)
    with office.db.begin(caller()) as tx:
        office.tasks.cancel(tx, job.id, "enough")
    assert office.people.job(caller(), job.id).status == JobStatus.CLOSED
    assert office.claim(12, job).why == ClaimBound.NOT_OPEN
    refused(outcome(lambda: office.submit(11, held)), Reason.ILLEGAL_TRANSITION)


@pytest.mark.both_stores
def test_many_people_at_once_never_share_a_place(office: Office) -> None:
    job = office.create(items=4, people=2)
    claimed = at_once([lambda person=person: office.claim(person, job) for person in range(101, 113)])
    failed = [each for each in claimed if not hasattr(each, "work")]
    assert not failed, failed
    texts = sorted(office.text(work) for each in claimed for work in each.work)
    assert texts == ["t1", "t1", "t2", "t2", "t3", "t3", "t4", "t4"]
    assert [(item.free, int(item.lane)) for item in office.items(job)] == [(0, 0)] * 4


@pytest.mark.both_stores
def test_one_person_in_many_windows_holds_each_item_once(office: Office) -> None:
    job = office.create(items=6, people=3, at_once=4)
    claimed = at_once([lambda: office.claim(11, job, want=4) for _ in range(6)])
    assert {type(each).__name__ for each in claimed} == {"Claimed"}, claimed
    held = office.assignments(job, _S.HELD)
    assert len(held) == len({each.item_id for each in held}) == 4
    assert office.member(11, job).held == 4


@contextmanager
def taking(office: Office, job: Job, number: int) -> Iterator[None]:
    """Somebody has an item in hand and has not committed; in the end they let it go."""
    item = office.people.store.items.table
    with suppress(ZeroDivisionError), office.db.begin(caller(), turn=False) as tx:
        this = sa.select(item.c.id).where(item.c.job_id == job.id, item.c.gold == 0, item.c.number == number)
        tx.conn.execute(this.with_for_update()).one()
        yield
        1 // 0  # noqa: B018


@pytest.mark.parametrize("address", ["mysql"], indirect=True)
def test_a_claim_passes_by_what_somebody_is_taking_and_comes_back_to_it(office: Office) -> None:
    job = office.create(items=3, people=2, shuffled=False)
    with taking(office, job, 1):
        assert office.text(office.answer(11, job)) == "t2"
    assert office.member(11, job).passed_fresh == 0
    assert [office.text(office.answer(11, job)) for _ in range(2)] == ["t1", "t3"]


@pytest.mark.parametrize("address", ["mysql"], indirect=True)
def test_who_finds_only_what_somebody_is_taking_waits_for_it(office: Office) -> None:
    job = office.create(items=1)
    with ThreadPoolExecutor(1) as pool:
        with taking(office, job, 1):
            found = pool.submit(lambda: office.claim(11, job))
            time.sleep(0.3)
            assert not found.done(), "told that nothing is left"
        assert len(found.result(10).work) == 1


def test_a_claim_with_a_key_is_answered_as_before(office: Office) -> None:
    job = office.create(items=3)
    first = office.people.claim(caller(user=11, key="k"), job_id=job.id)
    office.submit(11, first.work[0])
    again = office.people.claim(caller(user=11, key="k"), job_id=job.id)
    assert again.work[0].id == first.work[0].id
    assert len(office.assignments(job)) == 1


def test_nobody_runs_ahead_of_who_works_with_them(office: Office, clock: ManualClock) -> None:
    job = office.create(items=30, lead=1, lease_seconds=60)
    slow = office.one(11, job)
    office.answer(12, job)
    office.answer(12, job)
    assert office.claim(12, job).why == ClaimBound.AHEAD
    office.submit(11, slow)
    assert office.claim(12, job).why == ClaimBound.AHEAD, "submitting is no new item"
    office.answer(11, job)
    office.answer(12, job)
    assert office.claim(12, job).why == ClaimBound.AHEAD


def test_who_is_away_is_not_waited_for_and_need_not_catch_up(office: Office, clock: ManualClock) -> None:
    job = office.create(items=30, lead=1, lease_seconds=60)
    office.answer(11, job)
    clock.advance(61)
    for _ in range(9):
        office.answer(12, job)
    office.answer(11, job)
    office.answer(13, job)
    assert [office.member(person, job).load for person in (11, 12, 13)] == [2, 9, 1]
    assert [office.member(person, job).head_start for person in (11, 12, 13)] == [7, 0, 8]
    office.answer(12, job)
    assert office.claim(12, job).why == ClaimBound.AHEAD, "who came, or came back, is waited for"


def test_who_finds_nothing_is_not_waited_for(office: Office) -> None:
    job = office.create(items=4, lead=1)
    office.answer(4, job)
    office.answer(4, job)
    office.answer(4, job)
    assert office.claim(4, job).why == ClaimBound.NONE_LEFT, "their own is left"
    for _ in range(1):
        office.answer(11, job)
    assert office.task(job).progress_done == 4


@pytest.mark.parametrize("shuffled", [True, False])
def test_the_order_is_of_the_jobs_own(office: Office, shuffled: bool) -> None:
    job = office.create(items=8, shuffled=shuffled)
    seen = [office.text(office.answer(11, job)) for _ in range(8)]
    in_order = [f"t{number}" for number in range(1, 9)]
    assert sorted(seen) == in_order
    assert (seen == in_order) is not shuffled


def test_what_a_claim_looks_at_does_not_grow_with_what_was_done(office: Office) -> None:
    """Everything a person answered still waits for two others: they pass each place once."""
    job = office.create(items=60, people=3)
    for _ in range(30):
        office.answer(100, job)
    look = office.people.look(caller(user=100), job.id, WorkRole.ANNOTATOR, (), want=1, more=0)
    assert office.member(100, job).passed_fresh == 30
    assert [place for _, place in look.waiting[Lane.FRESH]] == [31]
