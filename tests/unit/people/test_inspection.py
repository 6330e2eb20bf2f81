"""Inspectors: their share of items, never their own answers, and what each of their words does to exactly one item."""

from __future__ import annotations

import pytest

from libs.common.clock import ManualClock
from libs.common.errors import Reason
from libs.people.states import AssignmentStatus, ItemStatus, Verdict, Why, WorkRole
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.people.office import Office
from tests.unit.people.test_claims import refused

_S = AssignmentStatus


@pytest.mark.parametrize("percent", [0, 10, 33.3, 100])
def test_the_share_that_is_inspected_is_exact(office: Office, percent: float) -> None:
    job = office.create(items=40, inspectors=[office.pool(901)], inspect_percent=percent, at_once=40)
    for work in office.claim(101, job, want=40).work:
        office.submit(101, work)
    assert office.people.progress(job).inspecting == int(40 * percent / 100)


def test_who_is_no_inspector_inspects_nothing(office: Office) -> None:
    job = office.create(items=1, inspectors=[office.pool(901)], inspect_percent=100)
    office.answer(11, job)
    refused(outcome(lambda: office.inspect(11, job)), Reason.FORBIDDEN)
    refused(outcome(lambda: office.inspect(11, office.create(items=1))), Reason.FORBIDDEN)


def test_an_inspector_sees_what_all_said_and_accepts_it(office: Office) -> None:
    job = office.create(items=1, people=3, inspectors=[office.pool(901)], inspect_percent=100)
    office.submit(11, office.one(11, job), "good", note="sure")
    for person, label in ((12, "bad"), (13, "good")):
        office.answer(person, job, label)
    assert office.task(job).progress_done == 0
    work = office.inspect(901, job)
    assert work.proposal == {"label": "good"}
    assert [(each.person_id, each.answer, each.note) for each in work.said] == [
        (11, {"label": "good"}, "sure"),
        (12, {"label": "bad"}, ""),
        (13, {"label": "good"}, ""),
    ]
    office.decide(901, work, Verdict.ACCEPT)
    item = office.items(job)[0]
    assert (item.status, item.inspector_id, item.result) == (ItemStatus.DONE, 901, {"label": "good"})
    assert [(each.inspected, each.upheld) for each in office.members(job) if each.role == WorkRole.ANNOTATOR] == [(1, 1), (1, 0), (1, 1)]
    assert office.work(job) == "SUCCEEDED"


def test_a_correction_is_the_result_and_is_checked_like_any_answer(office: Office) -> None:
    job = office.create(items=1, inspectors=[office.pool(901)], inspect_percent=100)
    office.answer(11, job)
    work = office.inspect(901, job)
    refused(outcome(lambda: office.decide(901, work, Verdict.CORRECT, answer={"label": "ugly"})), Reason.UNKNOWN_ENUM)
    refused(outcome(lambda: office.decide(901, work, Verdict.CORRECT)), Reason.WRONG_TYPE)
    office.decide(901, work, Verdict.CORRECT, answer={"label": "bad", "why": "late"})
    assert office.items(job)[0].result == {"label": "bad", "why": "late"}
    assert office.member(11, job).upheld == 0
    refused(outcome(lambda: office.decide(901, work, Verdict.ACCEPT)), Reason.ILLEGAL_TRANSITION)


def test_a_rejection_opens_exactly_that_item_again(office: Office) -> None:
    job = office.create(items=3, people=2, inspectors=[office.pool(901)], inspect_percent=100)
    for person in (101, 102):
        for _ in range(3):
            office.answer(person, job)
    first = office.inspect(901, job)
    refused(outcome(lambda: office.decide(901, first, Verdict.REJECT)), Reason.MISSING_FIELD)
    before = {item.id: item for item in office.items(job)}
    office.decide(901, first, Verdict.REJECT, reason="read to the end")
    after = {item.id: item for item in office.items(job)}
    changed = [id for id in before if before[id] != after[id]]
    assert len(changed) == 1
    item = after[changed[0]]
    assert (item.status, item.round, item.answered, item.free, item.note) == (ItemStatus.OPEN, 1, 0, 2, "read to the end")
    second = office.one(101, job)
    assert (second.content, second.note) == (item.content, "read to the end")
    office.submit(101, second, "bad")
    office.answer(103, job, "bad")
    again = office.people.claim(caller(user=901), job_id=job.id, role=WorkRole.INSPECTOR, want=3).work
    assert {"label": "bad"} in [each.proposal for each in again]
    for each in again:
        office.decide(901, each, Verdict.ACCEPT)
    assert office.history(item) == ["CREATE", "INSPECT", "REJECT", "INSPECT", "ACCEPT"]
    assert office.task(job).progress_done == 3
    assert [each.answered for each in office.members(job) if each.role == WorkRole.ANNOTATOR] == [3, 2, 1]


def test_nobody_inspects_what_they_answered_nor_answers_what_they_inspected(office: Office) -> None:
    pool = office.pool(11, 12)
    job = office.create(items=1, annotators=[pool], inspectors=[pool], inspect_percent=100)
    office.answer(11, job)
    assert office.claim(11, job, role=WorkRole.INSPECTOR).why == Why.NONE_LEFT
    office.decide(12, office.inspect(12, job), Verdict.REJECT, reason="again")
    assert office.claim(12, job).why == Why.NONE_LEFT
    office.answer(11, job)
    assert office.claim(11, job, role=WorkRole.INSPECTOR).why == Why.NONE_LEFT
    office.decide(12, office.inspect(12, job), Verdict.ACCEPT)
    assert office.work(job) == "SUCCEEDED"


def test_those_who_disagree_go_to_an_inspector(office: Office) -> None:
    job = office.create(items=2, people=3, inspectors=[office.pool(901)], agree_percent=70)
    for person, labels in ((101, ("good", "good")), (102, ("good", "bad")), (103, ("good", "good"))):
        for label in labels:
            office.answer(person, job, label)
    assert [item.status for item in office.items(job)].count(ItemStatus.INSPECTING) == 1
    assert office.inspect(901, job).proposal == {"label": "good"}


def test_a_tie_and_what_all_skip_go_to_an_inspector(office: Office) -> None:
    job = office.create(items=2, people=2, skips=1, inspectors=[office.pool(901)], shuffled=False)
    office.answer(101, job, "bad")
    office.answer(102, job, "good")
    office.people.skip(caller(user=101), id=office.one(101, job).id, reason="empty")
    works = office.people.claim(caller(user=901), job_id=job.id, role=WorkRole.INSPECTOR, want=2).work
    tie, empty = works
    assert [(each.skipped, each.answer) for each in empty.said] == [("empty", {})]
    refused(outcome(lambda: office.decide(901, empty, Verdict.ACCEPT)), Reason.INVALID_ARGUMENT)
    office.decide(901, empty, Verdict.SET_ASIDE, reason="nothing to read")
    office.decide(901, tie, Verdict.CORRECT, answer={"label": "mixed", "why": "both"})
    assert [item.status for item in office.items(job)] == [ItemStatus.DONE, ItemStatus.SET_ASIDE]


def test_an_answer_is_taken_back_until_an_inspector_has_it(office: Office) -> None:
    job = office.create(items=1, inspectors=[office.pool(901)], inspect_percent=100)
    done = office.answer(11, job)
    office.people.undo(caller(user=11), id=done.id)
    assert office.claim(901, job, role=WorkRole.INSPECTOR).why == Why.NONE_LEFT
    office.submit(11, done.id)
    work = office.inspect(901, job)
    refused(outcome(lambda: office.people.undo(caller(user=11), id=done.id)), Reason.ILLEGAL_TRANSITION)
    office.people.release(caller(user=901), id=work.id)
    office.people.undo(caller(user=11), id=done.id)
    office.submit(11, done.id)
    office.decide(901, office.inspect(901, job), Verdict.ACCEPT)
    refused(outcome(lambda: office.people.undo(caller(user=11), id=done.id)), Reason.ILLEGAL_TRANSITION)


def test_roles_are_not_mixed_up(office: Office) -> None:
    job = office.create(items=2, inspectors=[office.pool(901)], inspect_percent=100)
    held = office.one(11, job)
    refused(outcome(lambda: office.decide(11, held, Verdict.REJECT, reason="mine")), Reason.FORBIDDEN)
    office.submit(11, held)
    work = office.inspect(901, job)
    refused(outcome(lambda: office.submit(901, work)), Reason.INVALID_ARGUMENT)
    refused(outcome(lambda: office.people.skip(caller(user=901), id=work.id, reason="r")), Reason.INVALID_ARGUMENT)
    office.decide(901, work, Verdict.ACCEPT)
    refused(outcome(lambda: office.people.undo(caller(user=901), id=work.id)), Reason.ILLEGAL_TRANSITION)


def test_an_inspectors_lease_ends_too(office: Office, clock: ManualClock) -> None:
    job = office.create(items=1, inspectors=[office.pool(901, 902)], inspect_percent=100, lease_seconds=60)
    office.answer(11, job)
    gone = office.inspect(901, job)
    clock.advance(61)
    office.people.sweep()
    refused(outcome(lambda: office.decide(901, gone, Verdict.ACCEPT)), Reason.NOT_FOUND)
    office.decide(902, office.inspect(902, job), Verdict.ACCEPT)
    assert office.items(job)[0].inspector_id == 902
