"""What all verbs of people's work stand on: reading what is stored, and moving it by its tables of transitions.

The service that uses this decorates its verbs with ``@mutation``; what changes something ends in ``tx.done``.

Every verb but ``claim`` queues for its space, so it may rely on what it reads. A claim does not: it decides by conditions in its writes. So
the columns a claim writes (of an item ``lane`` and ``free``, of a member its counts) are changed by adding to them, never by writing what
was read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.store.database import Database, Transaction
from libs.data.options import read_options
from libs.people.records import Assignment, Item, Job, Member, Said, Work
from libs.people.rule import Rule, draw
from libs.people.states import ASSIGNMENTS, ITEMS, AssignmentStatus, JobStatus, WorkRole
from libs.people.tables import PeopleStore
from libs.people.template import Template
from libs.people.template_reading import read_template

Changed = Callable[[Transaction, int], Any]
KEPT = 256  # templates and rules read lately; both are frozen
T = TypeVar("T")


class Hand(NamedTuple):
    """What somebody has in hand, and all that goes with it."""

    has: Assignment
    job: Job
    item: Item
    member: Member


class Desk:
    """changed: told in the transaction that changes how many items of a job are done (``HumanTasks.item_changed``)."""

    def __init__(self, db: Database, changed: Changed, store: PeopleStore) -> None:
        self.db, self._changed, self.store = db, changed, store
        self._templates = lru_cache(KEPT)(self._read_template)
        self._rules: dict[int, Rule] = {}
        self._hand = store.hand()

    # --- reading

    def job(self, ctx: CallContext, id: int) -> Job:
        with self.db.read() as conn:
            return self.store.jobs.get(conn, ctx, id)

    def rule(self, job: Job) -> Rule:
        return kept(self._rules, job.id, lambda: read_options(Rule, job.rule, "rule"))

    def template(self, job: Job) -> Template:
        """The version that the job was made with."""
        return self._templates(job.project_space_id, job.template_version_id)

    def _read_template(self, space_id: int, id: int) -> Template:
        table = self.store.template_versions.table
        with self.db.read() as conn:
            query = self.store.template_versions.everything().where(table.c.id == id, table.c.project_space_id == space_id)
            found = conn.execute(query).first()
        if found is None:
            raise not_found("people_template", id)
        return read_template(self.store.template_versions.load(found).body)

    def member(self, conn: sa.Connection, ctx: CallContext, job_id: int, role: WorkRole, person_id: int) -> Member | None:
        return self.store.members.first_by(conn, ctx, job_id=job_id, role=int(role), person_id=person_id)

    def admits(self, conn: sa.Connection, ctx: CallContext, job: Job, role: WorkRole, departments: Collection[int] = ()) -> bool:
        """Whether the caller is among the people of a job. departments: of the caller."""
        asked = job.annotators if role == WorkRole.ANNOTATOR else job.inspectors
        if not asked:
            return role == WorkRole.ANNOTATOR
        column = self.store.pools.column
        query = self.store.pools.everything().where(column("id").in_(asked), column("project_space_id") == ctx.space_id)
        pools = map(self.store.pools.load, conn.execute(query))
        return any(ctx.user_id in pool.users or set(departments) & set(pool.departments) for pool in pools)

    def mine(self, tx: Transaction, id: int) -> Hand:
        """An assignment of the caller in a job that people have. Raises NOT_FOUND also for one of somebody else."""
        found, jobs, items, members = self._hand.rows(tx.conn, {"id": id, **self.store.jobs.scope(tx.ctx)})
        has = self.store.assignments.load(found[0]) if found else None
        if has is None or has.person_id != tx.ctx.user_id or not members:
            raise not_found("assignment", id)
        if not jobs:
            raise not_found(self.store.jobs.kind, has.job_id)
        job = self.store.jobs.load(jobs[0])
        if job.status != JobStatus.OPEN:
            raise PlatformError(
                409, Reason.ILLEGAL_TRANSITION, field="status", limit="none", machine="people_job", state=job.status.name, event="WORK"
            )
        return Hand(has, job, self.store.items.load(items[0]), self.store.members.load(members[0]))

    def answers(self, conn: sa.Connection, item: Item, *statuses: AssignmentStatus) -> list[Assignment]:
        """What people said about an item in this round, the first one first."""
        return [each for each in self._answers_to(conn, [item.id], *statuses) if each.round == item.round]

    def _answers_to(self, conn: sa.Connection, items: Sequence[int], *statuses: AssignmentStatus) -> list[Assignment]:
        column = self.store.assignments.column
        of_items = (column("item_id").in_(items), column("role") == int(WorkRole.ANNOTATOR))
        chosen = column("status").in_([int(status) for status in statuses])
        query = self.store.assignments.everything().where(*of_items, chosen).order_by(column("submit_time"), column("id"))
        return [self.store.assignments.load(row) for row in conn.execute(query)]

    def seen(self, conn: sa.Connection, job: Job, assignment: Assignment, item: Item) -> Work:
        """An assignment as its person sees it."""
        return self.all_seen(conn, job, [(assignment, item)])[0]

    def all_seen(self, conn: sa.Connection, job: Job, pairs: Sequence[tuple[Assignment, Item]]) -> list[Work]:
        said = self._said(conn, [item for assignment, item in pairs if assignment.role == WorkRole.INSPECTOR])
        return [_work(job, assignment, item, said.get(item.id, [])) for assignment, item in pairs]

    def _said(self, conn: sa.Connection, items: Sequence[Item]) -> dict[int, list[Said]]:
        """What people said of each item in this round."""
        if not items:
            return {}
        found: dict[int, list[Said]] = {item.id: [] for item in items}
        rounds = {item.id: item.round for item in items}
        for each in self._answers_to(conn, list(rounds), AssignmentStatus.DONE, AssignmentStatus.SKIPPED):
            if each.round == rounds[each.item_id]:
                found[each.item_id].append(Said(each.person_id or 0, each.answer, each.note, each.reason))
        return found

    # --- writing

    def move(self, tx: Transaction, assignment: Assignment, event: str, **changes: Any) -> Assignment:
        """Raises ILLEGAL_TRANSITION."""
        return self.store.assignments.update(tx, assignment, status=ASSIGNMENTS.next(assignment.status, event), **changes)

    def move_item(self, tx: Transaction, item: Item, event: str, why: str = "", **changes: Any) -> Item:
        """With a line of its history."""
        status = ITEMS.next(item.status, event)
        moved = self.store.items.update(tx, item, status=status, **changes)
        tx.event(self.store.items.kind, item.id, item.status, status, event, why)
        return moved

    def count(self, tx: Transaction, assignment: Assignment, person_id: int, to: Mapping[str, Any] | None = None, **by: int) -> None:
        """Adds to the counts of the person who has, or had, an assignment. to: columns that are written as they are."""
        self.count_all(tx, assignment, [person_id], to, **by)

    def count_all(
        self, tx: Transaction, assignment: Assignment, people: Sequence[int], to: Mapping[str, Any] | None = None, **by: int
    ) -> None:
        """The same for several people who had an item."""
        added, to = {name: more for name, more in by.items() if more}, to or {}
        names, who = listed(people)
        key = ("count", len(names), *added, "to", *to)
        change = self.store.members.changing(key, lambda: self._count_update(names, list(added), list(to)))
        mine = {"of_job": assignment.job_id, "in_role": int(assignment.role), "now": tx.now}
        change.run(tx.conn, {**mine, **who, **_named("by", added), **_named("to", to)})

    def _count_update(self, people: Sequence[str], added: Sequence[str], to: Sequence[str]) -> sa.Update:
        table = self.store.members.table
        mine = (table.c.job_id == sa.bindparam("of_job"), table.c.role == sa.bindparam("in_role"), among(table.c.person_id, people))
        more = {name: table.c[name] + sa.bindparam(f"by_{name}", type_=sa.BigInteger) for name in added}
        written: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in to}
        return table.update().where(*mine).values(**more, **written, version=table.c.version + 1, update_time=sa.bindparam("now"))

    def count_done(self, tx: Transaction, job_id: int, by: int) -> None:
        """How many items of a job are done; whoever follows its task hears of it."""
        table = self.store.jobs.table
        tx.conn.execute(table.update().where(table.c.id == job_id).values(items_done=table.c.items_done + by, update_time=tx.now))
        self._changed(tx, job_id)

    def next_place(self, tx: Transaction, job_id: int) -> int:
        """One more in the lanes that are filled while people work. Drawn under the turn of the space, so that nobody who has seen a lane up
        to a place is given one before it."""
        table = self.store.jobs.table
        tx.conn.execute(table.update().where(table.c.id == job_id).values(next_place=table.c.next_place + 1))
        return int(tx.conn.execute(sa.select(table.c.next_place).where(table.c.id == job_id)).scalar_one())


def listed(ids: Sequence[int]) -> tuple[list[str], dict[str, int]]:
    """Parameters for a list of ids: as many as the next power of two, so that there are few statements."""
    names = [f"id_{n}" for n in range(1 << (len(ids) - 1).bit_length())]
    return names, {name: ids[min(n, len(ids) - 1)] for n, name in enumerate(names)}


def among(column: sa.ColumnElement[Any], names: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a column has one of the values ``listed`` under these names."""
    return column.in_([sa.bindparam(name, type_=sa.BigInteger) for name in names])


def _named(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}_{name}": value for name, value in values.items()}


def kept(there: dict[int, T], key: int, make: Callable[[], T]) -> T:
    """What is kept in memory under a key, made where it is not."""
    found = there.get(key)
    if found is None:
        if len(there) >= KEPT:
            there.clear()
        found = there[key] = make()
    return found


def _work(job: Job, assignment: Assignment, item: Item, said: list[Said]) -> Work:
    inspects = assignment.role == WorkRole.INSPECTOR
    return Work(
        id=assignment.id,
        task_id=assignment.job_id,
        role=assignment.role,
        status=assignment.status,
        content=item.content,
        answer=assignment.answer,
        note=assignment.note or ("" if inspects else item.note),
        reason=assignment.reason if assignment.status == AssignmentStatus.SKIPPED else "",
        lease_until=assignment.lease_until,
        submit_time=assignment.submit_time,
        order=draw(job.seed, assignment.person_id, item.id) >> 1,  # as an id: 63 bits
        proposal=item.result if inspects else {},
        said=said,
        version=assignment.version,
    )
