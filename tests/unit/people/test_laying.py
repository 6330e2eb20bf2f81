"""Items are laid out once, whatever happens to the worker on the way; nothing is given out before all are there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from libs.common.errors import PlatformError, Reason
from libs.people.laying import BATCH, ITEMS_MAX, NewItem
from libs.people.records import Job
from libs.people.states import ClaimBound, JobStatus
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.people.office import Office


class Killed(BaseException):
    """The worker dies here."""


def begun(office: Office, known: int = 0, **rule: object) -> Job:
    """A job nothing is laid out of yet."""
    template = office.template({"fields": [{"name": "label", "kind": "choice", "labels": [{"value": "good"}, {"value": "bad"}]}]})
    with office.db.begin(caller()) as tx:
        return office.people.create_job(tx, Job(office.db.ids.next(), 1, 1, template, {"people": 1, **rule}, "seed"))


def texts(count: int, dies_at: int = 0, known: int = 0) -> Iterator[NewItem]:
    for number in range(1, count + 1):
        if number == dies_at:
            raise Killed
        yield NewItem(number, {"text": f"t{number}"})
    for number in range(1, known + 1):
        yield NewItem(count + number, {"text": f"g{number}"}, gold_answer={"label": "good"})


def test_a_worker_that_dies_is_followed_by_one_that_goes_on(office: Office) -> None:
    job, count = begun(office), BATCH + 300
    with pytest.raises(Killed):
        office.people.lay_out(caller(), job, count, texts(count, dies_at=BATCH + 200))
    assert len(office.items(job)) == BATCH
    assert office.people.job(caller(), job.id).status == JobStatus.LAYING
    assert office.claim(11, job).why == ClaimBound.NOT_OPEN
    office.people.lay_out(caller(), job, count, texts(count, known=3), known=3)
    opened = office.people.job(caller(), job.id)
    assert (opened.status, opened.items) == (JobStatus.OPEN, count)
    assert [item.number for item in office.items(job)] == list(range(1, count + 1))
    assert sorted(item.place for item in office.items(job)) == list(range(1, count + 1))
    assert [item.content["text"] for item in office.items(job, gold=True)] == ["g1", "g2", "g3"]
    assert all(office.history(item) == ["CREATE"] for item in office.items(job)[:: BATCH // 2])


def test_the_order_is_the_same_at_every_try(office: Office) -> None:
    first, second = begun(office), begun(office)
    office.people.lay_out(caller(), first, 40, texts(40))
    with pytest.raises(Killed):
        office.people.lay_out(caller(), second, 40, texts(40, dies_at=30))
    office.people.lay_out(caller(), second, 40, texts(40))
    assert [item.place for item in office.items(first)] == [item.place for item in office.items(second)]


@pytest.mark.both_stores
def test_of_two_workers_one_lays_out(office: Office) -> None:
    """The second has lost its lease and does not know yet: what it lays out beside the first is refused by the store."""
    job = begun(office)
    office.people.lay_out(caller(), job, 3, texts(3))
    late = [office.people._item(job, new, place, [False] * 3) for place, new in enumerate(texts(3), 1)]
    with pytest.raises(sa.exc.IntegrityError):
        office.people._lay(caller(), late)
    assert len(office.items(job)) == 3


def test_no_more_items_than_a_job_may_have(office: Office) -> None:
    found = outcome(lambda: office.people.lay_out(caller(), begun(office), ITEMS_MAX + 1, texts(0)))
    assert isinstance(found, PlatformError)
    assert (found.reason, found.limit) == (Reason.TOO_LARGE, f"at most {ITEMS_MAX}")


def test_a_known_answer_that_the_template_does_not_take_is_refused(office: Office) -> None:
    wrong = iter([NewItem(1, {"text": "t"}, gold_answer={"label": "splendid"})])
    found = outcome(lambda: office.people.lay_out(caller(), begun(office), 0, wrong, known=1))
    assert isinstance(found, PlatformError)
    assert (found.reason, found.field) == (Reason.UNKNOWN_ENUM, "gold.label")
