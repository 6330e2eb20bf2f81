"""Answering, skipping, giving back and taking back: once, one's own only, and the item's state follows."""

from __future__ import annotations

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from libs.people.states import AssignmentStatus, ItemStatus, Lane, Why
from tests.support.outcome import at_once, outcome
from tests.support.stores import caller
from tests.unit.people.office import Office
from tests.unit.people.test_claims import refused

_S = AssignmentStatus


@pytest.mark.both_stores
def test_an_answer_is_taken_once(office: Office) -> None:
    job = office.create(items=1, people=2)
    held = office.one(11, job)
    found = at_once([lambda: office.submit(11, held, "bad", note="n") for _ in range(5)])
    done = [each for each in found if not isinstance(each, PlatformError)]
    assert len(done) == 1, found
    assert {each.reason for each in found if isinstance(each, PlatformError)} == {Reason.ILLEGAL_TRANSITION}
    (item,) = office.items(job)
    assert (item.answered, item.free, item.status) == (1, 1, ItemStatus.OPEN)
    member = office.member(11, job)
    assert (member.held, member.answered, member.nth) == (0, 1, 1)


def test_an_answer_with_a_key_is_answered_as_before(office: Office) -> None:
    job = office.create(items=2)
    held = office.one(11, job)
    first, again = (office.people.submit(caller(user=11, key="k"), id=held.id, answer={"label": "good"}) for _ in range(2))
    assert first == again
    assert office.task(job).progress_done == 1


def test_what_is_wrong_is_refused_and_the_item_stays_in_hand(office: Office) -> None:
    job = office.create(items=1)
    held = office.one(11, job)
    refused(outcome(lambda: office.submit(11, held, "ugly")), Reason.UNKNOWN_ENUM)
    refused(outcome(lambda: office.submit(11, held, note="x" * 2001)), Reason.TOO_LARGE)
    assert office.submit(11, held).status == _S.DONE


def test_nobody_answers_for_somebody_else(office: Office) -> None:
    job = office.create(items=1)
    held = office.one(11, job)
    for verb in (
        lambda: office.submit(12, held),
        lambda: office.people.keep(caller(user=12), id=held.id, draft={}),
        lambda: office.people.skip(caller(user=12), id=held.id, reason="r"),
        lambda: office.people.release(caller(user=12), id=held.id),
        lambda: office.people.undo(caller(user=12), id=held.id),
        lambda: office.submit(12, 4711),
    ):
        refused(outcome(verb), Reason.NOT_FOUND)
    assert office.assignments(job, _S.HELD)[0].person_id == 11


def test_what_is_skipped_goes_to_somebody_else_and_never_to_the_same(office: Office) -> None:
    job = office.create(items=1, people=1)
    held = office.one(11, job)
    refused(outcome(lambda: office.people.skip(caller(user=11), id=held.id, reason=" ")), Reason.MISSING_FIELD)
    skipped = office.people.skip(caller(user=11), id=held.id, reason="no text")
    assert (skipped.status, skipped.reason) == (_S.SKIPPED, "no text")
    assert office.claim(11, job).why == Why.NONE_LEFT
    assert office.text(office.answer(12, job)) == "t1"


def test_what_too_many_skip_is_set_aside(office: Office) -> None:
    job = office.create(items=2, people=3, skips=2, shuffled=False)
    early = office.answer(10, job)
    for person in (11, 12):
        office.people.skip(caller(user=person), id=office.one(person, job).id, reason="unclear")
    first = office.items(job)[0]
    assert office.text(early) == "t1"
    assert (first.status, first.lane, first.free, first.result) == (ItemStatus.SET_ASIDE, Lane.NONE, 0, {})
    assert office.history(first) == ["CREATE", "SET_ASIDE"]
    assert office.task(job).progress_done == 1
    assert office.text(office.one(13, job)) == "t2"


def test_what_is_skipped_waits_for_who_still_has_it(office: Office) -> None:
    job = office.create(items=1, people=3, skips=1)
    slow, other = office.one(10, job), office.one(11, job)
    office.people.skip(caller(user=11), id=other.id, reason="unclear")
    assert office.items(job)[0].status == ItemStatus.OPEN
    assert office.claim(12, job).why == Why.NONE_LEFT
    office.submit(10, slow)
    assert office.items(job)[0].status == ItemStatus.SET_ASIDE


def test_what_is_given_back_may_come_again(office: Office) -> None:
    job = office.create(items=1)
    held = office.one(11, job)
    gone = office.people.release(caller(user=11), id=held.id)
    assert gone.status == _S.RETURNED
    refused(outcome(lambda: office.submit(11, held)), Reason.NOT_FOUND)
    again = office.one(11, job)
    assert again.id != held.id
    assert office.text(again) == "t1"
    assert office.member(11, job).load == 1


def test_what_came_back_is_first(office: Office) -> None:
    job = office.create(items=3, shuffled=False)
    held = office.one(100, job)
    office.answer(101, job)
    office.people.release(caller(user=100), id=held.id)
    assert office.text(office.one(101, job)) == "t1"


@pytest.mark.both_stores
def test_an_answer_is_taken_back_and_given_again(office: Office) -> None:
    job = office.create(items=1, people=2)
    first = office.answer(11, job, "bad")
    office.answer(12, job)
    item = office.items(job)[0]
    assert (item.status, office.task(job).progress_done) == (ItemStatus.SET_ASIDE, 1)
    again = office.people.undo(caller(user=11), id=first.id)
    assert (again.status, again.answer) == (_S.HELD, {"label": "bad"})
    item = office.items(job)[0]
    assert (item.status, item.answered, item.free, office.task(job).progress_done) == (ItemStatus.OPEN, 1, 0, 0)
    office.submit(11, again, "good")
    item = office.items(job)[0]
    assert (item.status, item.result, item.share) == (ItemStatus.DONE, {"label": "good"}, 1.0)
    assert office.history(item) == ["CREATE", "SET_ASIDE", "REOPEN", "COMPLETE"]
    assert [(each.answered, each.compared, each.agreed) for each in office.members(job)] == [(1, 1, 1)] * 2
    assert office.work(job) == "SUCCEEDED"
    refused(outcome(lambda: office.people.undo(caller(user=11), id=first.id)), Reason.ILLEGAL_TRANSITION)


def test_agreement_of_each_person_follows_what_is_taken_back(office: Office) -> None:
    job = office.create(items=1, people=3)
    work = {person: office.answer(person, job, label) for person, label in ((11, "good"), (12, "good"), (13, "bad"))}

    def agreed() -> list[tuple[int, int]]:
        return [(each.compared, each.agreed) for each in office.members(job)]

    assert agreed() == [(1, 1), (1, 1), (1, 0)]
    office.people.undo(caller(user=13), id=work[13].id)
    assert agreed() == [(0, 0)] * 3
    office.submit(13, work[13], "good")
    assert agreed() == [(1, 1)] * 3


def test_a_tie_without_an_inspector_has_no_result(office: Office) -> None:
    job = office.create(items=1, people=2)
    office.answer(11, job, "bad")
    office.answer(12, job)
    item = office.items(job)[0]
    assert (item.status, item.result, item.share) == (ItemStatus.SET_ASIDE, {}, 0.5)
    assert office.work(job) == "SUCCEEDED"
    assert office.task(job).result == {"results": [[1, None, 2]]}


def test_my_work_is_mine_alone(office: Office) -> None:
    job = office.create(items=6, people=2, known=3, gold_percent=50)
    mine = [office.answer(11, job).id for _ in range(4)] + [office.one(11, job).id]
    theirs = [office.answer(12, job).id for _ in range(4)]
    found = office.people.my_work(caller(user=11), job, PageRequest(None, 3))
    rest = office.people.my_work(caller(user=11), job, PageRequest(found.next_cursor, 3))
    seen = [*found.items, *rest.items]
    assert [each.id for each in seen] == sorted(mine, reverse=True)
    assert not {each.id for each in seen} & set(theirs)
    assert all(not each.said and not each.proposal for each in seen)


def test_figures_of_a_job(office: Office) -> None:
    job = office.create(items=3, people=2, shuffled=False)
    for person, labels in ((11, ("good", "bad", "good")), (12, ("good", "bad", "bad"))):
        for label in labels:
            office.answer(person, job, label)
    progress = office.people.progress(job)
    assert (progress.items, progress.done, progress.set_aside, progress.inspecting, progress.held) == (3, 2, 1, 0, 0)
    label, why = office.people.agreement(job)
    assert (label.field, label.items, why.items) == ("label", 3, 0)
    assert label.percent == pytest.approx(2 / 3)
    assert label.kappa == pytest.approx(0.4)
    assert label.alpha == pytest.approx(1 - 5 * 1 / 9)
    assert [(each.person_id, each.compared, each.agreed) for each in office.people.reliability(caller(), "sentiment", [11, 12, 13])] == [
        (11, 2, 2),
        (12, 2, 2),
    ]
