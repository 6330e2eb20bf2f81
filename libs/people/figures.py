"""How far a job is, how its people do, how far they agree, and what all of it says in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.repository import Page, PageRequest
from libs.people.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, percent_agreement
from libs.people.laying import Laying
from libs.people.records import Assignment, Item, Job, Member, Work
from libs.people.states import AssignmentStatus, ItemStatus, WorkRole
from libs.people.template import Asked
from libs.people.texts import similarity

BATCH = 500


@dataclass(frozen=True)
class Progress:
    """Items of a job by where they are. held: in somebody's hands."""

    items: int
    done: int
    inspecting: int
    set_aside: int
    held: int


@dataclass(frozen=True)
class Agreement:
    """Of one field of the answers, over items that at least two people answered. percent: pairs that agree; of a text how like they are.
    alpha: Krippendorff's; kappa: Cohen's where the same two people answered all, else Fleiss', where all items have equally many answers.
    None: not defined."""

    field: str
    items: int
    percent: float | None
    alpha: float | None
    kappa: float | None


@dataclass(frozen=True)
class Reliability:
    """What is known of one person's work of one skill, over all jobs of the space."""

    person_id: int
    answered: int
    gold_met: int
    gold_missed: int
    compared: int
    agreed: int
    inspected: int
    upheld: int


class Figures(Laying):
    def progress(self, job: Job) -> Progress:
        table = self.store.items.table
        query = sa.select(table.c.status, sa.func.count()).where(table.c.job_id == job.id, table.c.gold == 0).group_by(table.c.status)
        with self.db.read() as conn:
            counts = {ItemStatus(status): int(count) for status, count in conn.execute(query)}
            held = self.held_now(conn, job.id)
        done, inspecting, aside = (counts.get(status, 0) for status in (ItemStatus.DONE, ItemStatus.INSPECTING, ItemStatus.SET_ASIDE))
        return Progress(sum(counts.values()), done, inspecting, aside, held)

    def members(self, ctx: CallContext, job_id: int, page: PageRequest) -> Page:
        """Everybody who ever had an item of a job."""
        with self.db.read() as conn:
            return self.store.members.page(conn, ctx, page, self.store.members.column("job_id") == job_id, newest=False)

    def me_in(self, ctx: CallContext, job_id: int, role: WorkRole) -> Member | None:
        with self.db.read() as conn:
            return self.member(conn, ctx, job_id, role, ctx.user_id)

    def my_work(self, ctx: CallContext, job: Job, page: PageRequest) -> Page:
        """What the caller has of a job and had, the newest first; nothing of anybody else."""
        column = self.store.assignments.column
        with self.db.read() as conn:
            found = self.store.assignments.page(conn, ctx, page, column("job_id") == job.id, column("person_id") == ctx.user_id)
            items = self.items_by_id(conn, [each.item_id for each in found.items])
            work: list[Work] = [self.seen(conn, job, each, items[each.item_id]) for each in found.items]
        return Page(work, found.next_cursor)

    def reliability(self, ctx: CallContext, skill: str, people: Sequence[int]) -> list[Reliability]:
        table = self.store.members.table
        sums = [sa.func.sum(table.c[name]) for name in Reliability.__dataclass_fields__ if name != "person_id"]
        mine = (table.c.project_space_id == ctx.space_id, table.c.person_id.in_(people), table.c.skill == skill)
        annotates = table.c.role == int(WorkRole.ANNOTATOR)
        with self.db.read() as conn:
            rows = conn.execute(sa.select(table.c.person_id, *sums).where(*mine, annotates).group_by(table.c.person_id)).all()
        return [Reliability(*map(int, row)) for row in rows]

    # --- agreement

    def agreement(self, job: Job) -> list[Agreement]:
        said = [[(each.person_id or 0, each.answer) for each in answers] for _, answers in self.answered(job) if len(answers) > 1]
        return [_of_field(field, said) for field in self.template(job).fields]

    # --- what it says in the end

    def answered(self, job: Job) -> Iterator[tuple[Item, list[Assignment]]]:
        """Each item in the order of the data, with the answers that count."""
        after = 0
        while items := self._items_after(job, after):
            answers = self._answers_of(items)
            for item in items:
                yield item, [each for each in answers[item.id] if each.round == item.round]
            after = items[-1].number

    def _items_after(self, job: Job, number: int) -> list[Item]:
        column = self.store.items.column
        of_job = (column("job_id") == job.id, column("gold") == 0, column("number") > number)
        with self.db.read() as conn:
            rows = conn.execute(self.store.items.everything().where(*of_job).order_by(column("number")).limit(BATCH))
            return [self.store.items.load(row) for row in rows]

    def _answers_of(self, items: list[Item]) -> dict[int, list[Assignment]]:
        column = self.store.assignments.column
        done = (column("status") == int(AssignmentStatus.DONE), column("role") == int(WorkRole.ANNOTATOR))
        query = self.store.assignments.everything().where(column("item_id").in_([item.id for item in items]), *done)
        found: dict[int, list[Assignment]] = defaultdict(list)
        with self.db.read() as conn:
            for row in conn.execute(query.order_by(column("submit_time"), column("id"))):
                answer = self.store.assignments.load(row)
                found[answer.item_id].append(answer)
        return found


def _of_field(field: Asked, said: list[list[tuple[int, dict[str, Any]]]]) -> Agreement:
    told = [[(person, _value(answer[field.name])) for person, answer in unit if field.name in answer] for unit in said]
    told = [unit for unit in told if len(unit) > 1]
    units = [[value for _, value in unit] for unit in told]
    if field.kind == "text":
        return Agreement(field.name, len(units), _likeness(units), None, None)
    level: Any = "ordinal" if field.kind == "scale" else "nominal"
    return Agreement(field.name, len(units), percent_agreement(units), krippendorff_alpha(units, level), _kappa(told))


def _value(said: Any) -> Any:
    return tuple(said) if isinstance(said, list) else said


def _likeness(units: list[list[str]]) -> float | None:
    pairs = [similarity(one, other) for unit in units for at, one in enumerate(unit) for other in unit[:at]]
    return sum(pairs) / len(pairs) if pairs else None


def _kappa(told: list[list[tuple[int, Any]]]) -> float | None:
    """Of whom it can be said."""
    if len({len(unit) for unit in told}) != 1:
        return None
    pairs = [dict(unit) for unit in told]
    people = sorted({person for unit in pairs for person in unit})
    if len(people) == 2:
        return cohen_kappa([unit[people[0]] for unit in pairs], [unit[people[1]] for unit in pairs])
    return fleiss_kappa([[value for _, value in unit] for unit in told])
