"""People who come, work, give back and vanish in the middle of an item, in any order: every item gets exactly k different people, nothing
is lost, and nobody runs ahead."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError
from libs.people.records import Job
from libs.people.states import AssignmentStatus, ClaimBound, InspectionVerdict, ItemStatus, Lane, WorkRole
from tests.support.outcome import at_once, outcome
from tests.support.ram import ram_folder
from tests.support.stores import caller
from tests.unit.people.office import Office

LEASE = 60
_S = AssignmentStatus


@pytest.fixture(scope="module")
def crowd() -> Iterator[Office]:
    with ram_folder() as folder:
        office = Office(folder, ManualClock())
        yield office
        office.db.close()


class Crowd:
    """Simulated people. Each step is one person's."""

    def __init__(self, office: Office, job: Job, people: int, chance: random.Random, vanish: float) -> None:
        self.office, self.job, self.chance, self.vanish = office, job, chance, vanish
        self.people = [1000 + number for number in range(people)]
        self.gone: set[int] = set()

    def step(self) -> None:
        office, chance = self.office, self.chance
        person = chance.choice(self.people)
        before = {each.person_id: each for each in office.members(self.job)}
        claimed = office.claim(person, self.job, want=chance.choice([1, 1, 2]))
        self.check_lead(person, before)
        for work in claimed.work:
            if chance.random() < self.vanish:
                office.clock.advance(chance.choice([0, LEASE // 2, LEASE + 1]))  # type: ignore[attr-defined]
                return
            if chance.random() < 0.1:
                outcome(lambda work=work: office.people.release(caller(user=person), id=work.id))
                continue
            done = outcome(lambda work=work: office.submit(person, work, chance.choice(["good", "bad"])))
            if not isinstance(done, PlatformError) and chance.random() < 0.1:
                outcome(lambda work=work: office.people.undo(caller(user=person), id=work.id))
        if claimed.why == ClaimBound.NONE_LEFT:
            office.clock.advance(LEASE // 3)  # type: ignore[attr-defined]
        if chance.random() < 0.3:
            office.people.sweep()

    def check_lead(self, person: int, before: dict[int, object]) -> None:
        """A claim never puts anybody more than the rule's lead above somebody who works at the same time."""
        lead = self.office.people.rule(self.job).lead
        if lead is None:
            return
        now = self.office.clock.now_ms()
        members = {each.person_id: each for each in self.office.members(self.job)}
        me = members[person]
        had = before.get(person)
        if had is not None and me.claims == had.claims:  # type: ignore[attr-defined]
            return
        others = [each.load + each.head_start for each in members.values() if each.person_id != person and each.present_until > now]
        assert not others or me.load + me.head_start <= min(others) + lead

    def is_done(self) -> bool:
        return self.office.task(self.job).progress_done == self.office.task(self.job).progress_total


def books_are_right(office: Office, job: Job, people: int) -> None:
    """What is counted is what is there."""
    assignments = office.assignments(job)
    for item in office.items(job):
        of_item = [each for each in assignments if each.item_id == item.id and each.round == item.round and each.role == WorkRole.ANNOTATOR]
        states = Counter(each.status for each in of_item)
        assert states[_S.DONE] == item.answered
        if item.status == ItemStatus.OPEN:
            assert item.free + states[_S.HELD] + item.answered == people
            assert (item.lane == Lane.NONE) == (item.free == 0)
        persons = [each.person_id for each in of_item if each.person_id is not None]
        assert len(persons) == len(set(persons))
    for member in office.members(job):
        theirs = [each for each in assignments if each.person_id == member.person_id and each.role == member.role]
        mine = Counter(each.status for each in theirs if not each.gold)
        assert member.held == sum(each.status == _S.HELD for each in theirs)
        assert member.answered == mine[_S.DONE]
        assert member.load == mine[_S.HELD] + mine[_S.DONE] + mine[_S.VOID]
        looked = Counter(each.agreed for each in theirs)
        if member.role == WorkRole.ANNOTATOR and not member.inspected:
            assert (member.compared, member.agreed) == (looked[1] + looked[2], looked[1])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    seed=st.integers(0, 1 << 32),
    items=st.integers(1, 6),
    k=st.integers(1, 3),
    more=st.integers(0, 3),
    lead=st.sampled_from([None, 1, 2]),
)
def test_every_item_gets_exactly_k_different_people(crowd: Office, seed: int, items: int, k: int, more: int, lead: int | None) -> None:
    job = crowd.create(items=items, people=k, lease_seconds=LEASE, lead=lead, at_once=3)
    everybody = Crowd(crowd, job, k + more, random.Random(seed), vanish=0.2)
    for number in range(40 * items * k + 100):
        if everybody.is_done():
            break
        everybody.step()
        if number % 7 == 0:
            books_are_right(crowd, job, k)
    else:
        raise AssertionError(f"not done: {crowd.people.progress(job)}")
    books_are_right(crowd, job, k)
    assert {len(answers) for _, answers in crowd.people.answered(job)} == {k}
    assert crowd.work(job) == "SUCCEEDED"


@pytest.mark.parametrize("seed", range(12))
def test_inspection_and_known_answers_leave_the_books_right(crowd: Office, seed: int) -> None:
    """Everything at once: known answers missed now and then, and an inspector who rejects."""
    pool = crowd.pool(901)
    job = crowd.create(
        items=3, known=10, people=2, lease_seconds=LEASE, inspectors=[pool], inspect_percent=50, gold_percent=25, agree_percent=60
    )
    chance = random.Random(seed)
    everybody = Crowd(crowd, job, 5, chance, vanish=0.1)
    for number in range(600):
        if everybody.is_done():
            break
        everybody.people = [*everybody.people, max(everybody.people) + 1] if chance.random() < 0.05 else everybody.people
        everybody.step()
        for work in crowd.claim(901, job, role=WorkRole.INSPECTOR).work:
            verdict = chance.choice(
                [InspectionVerdict.ACCEPT, InspectionVerdict.REJECT, InspectionVerdict.CORRECT, InspectionVerdict.SET_ASIDE]
            )
            outcome(lambda work=work, verdict=verdict: crowd.decide(901, work, verdict, answer={"label": "good"}, reason="so"))
        if number % 3 == 0:
            books_are_right(crowd, job, 2)
    else:
        raise AssertionError(f"not done: {crowd.people.progress(job)}")
    with crowd.db.begin(caller()) as tx:  # known answers may open it again: not what this is about
        crowd.tasks.cancel(tx, job.id, "seen")


@pytest.mark.both_stores
def test_a_crowd_at_once(office: Office) -> None:
    """Threads, not turns: eight people race through twelve items."""
    job = office.create(items=12, people=3)

    def worker(person: int) -> int:
        done = 0
        while work := office.claim(person, job).work:
            office.submit(person, work[0])
            done += 1
        return done

    done = at_once([lambda person=person: worker(person) for person in range(1001, 1009)])
    assert [each for each in done if not isinstance(each, int)] == []
    books_are_right(office, job, 3)
    assert sum(done) == 36 == len(office.assignments(job, _S.DONE)), "nobody was left without what was there"
    assert office.work(job) == "SUCCEEDED"


def test_loads_are_even(office: Office) -> None:
    """Of people who all work, with a lead of one: however often each of them asks, in the end nobody has two more than another."""
    chance = random.Random(5)
    job = office.create(items=24, people=3, lead=1)
    people = [1001 + number for number in range(12)]
    asked = [*people, *chance.choices(people, [1 + number % 4 for number in range(12)], k=600)]
    for person in asked:
        for work in office.claim(person, job).work:
            office.submit(person, work)
        if office.task(job).progress_done == 24:
            break
    assert [office.member(person, job).answered for person in people] == [6] * 12
