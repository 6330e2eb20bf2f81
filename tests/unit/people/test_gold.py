"""Known answers: hidden, at their share, and missing one does again exactly what it puts in doubt."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.errors import Reason
from libs.people.records import Job, Work
from libs.people.rule import gold_is_due, sampled
from libs.people.states import AssignmentStatus, ItemStatus, Lane, Verdict, Why
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.people.office import Office
from tests.unit.people.test_claims import refused

_S = AssignmentStatus


def is_known(office: Office, work: Work) -> bool:
    return office.text(work).startswith("g")


@given(st.integers(1, 50), st.integers(0, 1000))
def test_each_stretch_has_one(percent: int, person: int) -> None:
    stretch = round(100 / percent)
    due = [gold_is_due("seed", person, n, percent) for n in range(stretch * 20)]
    assert [sum(due[at : at + stretch]) for at in range(0, len(due), stretch)] == [1] * 20


def test_where_it_comes_is_anybodys_guess() -> None:
    firsts = {next(n for n in range(10) if gold_is_due("seed", person, n, 10)) for person in range(60)}
    assert len(firsts) > 7
    assert not gold_is_due("seed", 1, 0, 0)


@given(st.floats(0, 100), st.integers(0, 200))
def test_a_sample_is_as_exact_as_it_can_be(percent: float, count: int) -> None:
    taken = 0
    for number, each in enumerate(sampled(percent, count), 1):
        taken += each
        assert percent * number / 100 - 1 - 1e-6 < taken <= percent * number / 100 + 1e-6


def test_they_come_at_their_share_once_each_and_look_like_any_other(office: Office) -> None:
    job = office.create(items=40, known=5, gold_percent=20)
    works = [office.answer(100, job) for _ in range(25)]
    known = [work for work in works if is_known(office, work)]
    assert len(known) == len({office.text(work) for work in known}) == 5
    shapes = {tuple(sorted((name, type(value)) for name, value in dataclasses.asdict(work).items())) for work in works}
    assert len(shapes) == 1
    names = {field.name for field in dataclasses.fields(Work)}
    assert not {name for name in names if "gold" in name or "known" in name or "verdict" in name}
    ids = [work.id for work in works]
    assert ids == sorted(ids), "an id says when an item was taken, and nothing else"


def test_they_count_neither_as_items_nor_against_the_cap(office: Office) -> None:
    job = office.create(items=4, known=4, gold_percent=50, cap=4)
    for _ in range(8):
        if not office.claim(100, job).work:
            break
        office.answer(100, job)
    assert office.task(job).progress_done == office.task(job).progress_total == 4
    assert office.work(job) == "SUCCEEDED"
    assert [number for number, _, _ in office.task(job).result["results"]] == [1, 2, 3, 4]


def test_known_ones_do_not_come_alone(office: Office) -> None:
    job = office.create(items=1, known=20, gold_percent=50)
    held = office.one(100, job)
    if is_known(office, held):
        office.submit(100, held)
        held = office.one(100, job)
    assert not is_known(office, held)
    office.submit(100, held)
    assert office.claim(100, job).why == Why.NONE_LEFT


def doubted(office: Office, job: Job) -> set[str]:
    """The texts of the answers that no longer count."""
    texts = {item.id: str(item.content["text"]) for item in office.items(job)}
    return {texts[each.item_id] for each in office.assignments(job, _S.VOID)}


CARELESS = {"label": "mixed", "why": "whatever"}


def answer(office: Office, job: Job, person: int, known: bool | None = None, careless: bool = False) -> str:
    """Answers the next item, where ``known`` is said until one that is, or is not, has been answered; the others rightly. Its text."""
    while True:
        work = office.one(person, job)
        wanted = known is None or is_known(office, work) == known
        office.people.submit(caller(user=person), id=work.id, answer=CARELESS if careless and wanted else {"label": "good"})
        if wanted:
            return office.text(work)


@pytest.mark.parametrize("people", [1, 3])
def test_missing_one_does_again_exactly_what_was_answered_since_the_last_one_met(office: Office, people: int) -> None:
    job = office.create(items=60, known=20, gold_percent=20, people=people, shuffled=False)
    for _ in range(8):
        answer(office, job, 200)
    answer(office, job, 100, known=False)
    answer(office, job, 100, known=True)
    while is_known(office, office.one(100, job)):
        answer(office, job, 100)
    since = []
    while not (text := answer(office, job, 100, careless=True)).startswith("g"):
        since.append(text)
    assert since
    assert doubted(office, job) == set(), "a slip can still be undone"
    since.append(answer(office, job, 100))
    assert office.member(100, job).gold_missed == 1
    assert doubted(office, job) == {text for text in since if text.startswith("t")}
    assert {each.person_id for each in office.assignments(job, _S.VOID)} == {100}
    opened = [item for item in office.items(job) if item.content["text"] in since]
    assert [(item.status, item.lane) for item in opened] == [(ItemStatus.OPEN, Lane.RETURNED)] * len(opened)
    assert {answer(office, job, 300, known=False) for _ in opened} == doubted(office, job), "others have them at once"
    assert not {answer(office, job, 100, known=False) for _ in opened} & doubted(office, job), "and never the same person again"


def test_a_slip_that_is_undone_is_none(office: Office) -> None:
    job = office.create(items=20, known=5, gold_percent=50)
    work = office.one(100, job)
    while not is_known(office, work):
        office.submit(100, work)
        work = office.one(100, job)
    office.people.submit(caller(user=100), id=work.id, answer=CARELESS)
    office.people.undo(caller(user=100), id=work.id)
    office.submit(100, work, "good")
    while office.member(100, job).gold_met == 0:
        office.answer(100, job)
    assert office.member(100, job).gold_missed == 0
    office.people.undo(caller(user=100), id=work.id)
    office.people.submit(caller(user=100), id=work.id, answer=CARELESS)
    office.answer(100, job)
    assert office.member(100, job).gold_missed == 0, "the first word counts"


def test_who_misses_too_many_gets_no_more(office: Office) -> None:
    job = office.create(items=40, known=10, gold_percent=50, gold_misses=2)
    while office.claim(100, job).why != Why.BARRED:
        work = office.one(100, job)
        office.people.submit(caller(user=100), id=work.id, answer=CARELESS)
    assert office.member(100, job).gold_missed == 2
    office.answer(101, job)


def test_what_an_inspector_has_decided_stays(office: Office) -> None:
    job = office.create(items=20, known=10, gold_percent=50, inspectors=[office.pool(901)], inspect_percent=100)
    first = office.one(100, job)
    while is_known(office, first):
        office.submit(100, first)
        first = office.one(100, job)
    office.submit(100, first)
    office.decide(901, office.inspect(901, job), Verdict.ACCEPT)
    while office.member(100, job).gold_missed == 0:
        work = office.one(100, job)
        bad = CARELESS if is_known(office, work) else {"label": "good"}
        office.people.submit(caller(user=100), id=work.id, answer=bad)
    assert office.text(first) not in doubted(office, job)


def test_the_last_one_is_looked_at_before_the_end(office: Office) -> None:
    """Nobody answers anything after it: the worker that concludes the task looks, and the task goes back to people."""
    job = office.create(items=1, known=4, gold_percent=50)
    claimed = office.claim(100, job, want=4).work
    plain = next(each for each in claimed if not is_known(office, each))
    known = [each for each in claimed if is_known(office, each)]
    assert known
    office.submit(100, plain)
    office.people.submit(caller(user=100), id=known[0].id, answer=CARELESS)
    assert office.task(job).progress_done == 1
    assert office.work(job) == "WAITING_HUMAN"
    assert office.task(job).progress_done == 0
    refused(outcome(lambda: office.people.undo(caller(user=100), id=plain.id)), Reason.ILLEGAL_TRANSITION)
    while office.task(job).progress_done == 0:
        office.answer(200, job)
    assert office.work(job) == "SUCCEEDED"
