"""What the auditor knows of people's work: an open item is with exactly as many people as its rule says, nobody has one twice, and what is
counted is what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Report, batches
from libs.people.states import AssignmentStatus, ItemStatus, JobStatus, Lane, WorkRole

PEOPLE = "PEOPLE"


def check_people(books: Books, report: Report, patience: Patience) -> None:
    jobs = {row.id: row for row in books.rows(sa.select(books.table("people_job")))}
    rules = {id: msgspec.json.decode(row.rule) for id, row in jobs.items()}
    ended: Counter[int] = Counter()
    for batch in batches(books.rows(sa.select(books.table("people_item")))):
        held = _assignments(books, [item.id for item in batch])
        for item in batch:
            report.saw(PEOPLE, "items")
            ended[item.job_id] += not item.gold and item.status in (ItemStatus.DONE, ItemStatus.SET_ASIDE)
            for fact in _wrong(item, held.get(item.id, []), rules[item.job_id]):
                report.wrong(PEOPLE, books.service, "people_item", item.id, fact)
    for id, job in jobs.items():
        report.saw(PEOPLE, "jobs")
        if job.items_done != ended[id]:
            report.wrong(PEOPLE, books.service, "people_job", id, f"{job.items_done} items are told as done, {ended[id]} are")
    _check_leases(books, report, patience, {id for id, job in jobs.items() if job.status == JobStatus.OPEN})


def _assignments(books: Books, ids: list[int]) -> dict[int, list[Any]]:
    table = books.table("people_assignment")
    found: dict[int, list[Any]] = {}
    for row in books.rows(sa.select(table).where(table.c.item_id.in_(ids))):
        found.setdefault(row.item_id, []).append(row)
    return found


def _wrong(item: Any, assignments: list[Any], rule: dict[str, Any]) -> Iterable[str]:
    now = [each for each in assignments if each.round == item.round and each.person_id is not None]
    twice = [person for person, times in Counter(each.person_id for each in now).items() if times > 1]
    if twice:
        yield f"person {twice[0]} has it twice"
    answered = {each.person_id for each in assignments if each.role == WorkRole.ANNOTATOR and each.person_id is not None}
    if any(each.role == WorkRole.INSPECTOR and each.person_id in answered for each in now):
        yield "somebody inspects what they answered"
    if item.gold:
        return
    states = Counter(each.status for each in now if each.role == WorkRole.ANNOTATOR)
    if states[AssignmentStatus.DONE] != item.answered:
        yield f"{item.answered} answers are counted, {states[AssignmentStatus.DONE]} are there"
    places = item.free + states[AssignmentStatus.HELD] + item.answered
    given_up = item.skips >= rule.get("skips", 3)
    if item.status == ItemStatus.OPEN and not given_up and places != rule["people"]:
        yield f"it is with {places} people, not {rule['people']}"
    if (item.free > 0) != (item.lane != Lane.NONE):
        yield f"it waits in lane {item.lane} for {item.free} people"


def _check_leases(books: Books, report: Report, patience: Patience, open_jobs: set[int]) -> None:
    table = books.table("people_assignment")
    held = sa.select(table.c.id, table.c.job_id, table.c.lease_until).where(table.c.status == int(AssignmentStatus.HELD))
    for row in books.rows(held):
        report.saw(PEOPLE, "leases")
        if row.job_id in open_jobs and row.lease_until < patience.now - patience.lease:
            late = patience.now - row.lease_until
            report.wrong(PEOPLE, books.service, "assignment", row.id, f"its lease ended {late} ms ago")
