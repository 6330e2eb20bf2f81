"""What all verbs of people's work stand on: reading what is stored, and moving it by its tables of transitions.

Every verb but ``claim`` queues for its space, so it may rely on what it reads. A claim does not: it decides by conditions in its writes. So
the columns a claim writes (of an item ``lane`` and ``free``, of a member its counts) are changed by adding to them, never by writing what
was read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

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


class Desk:
    """changed: told in the transaction that changes how many items of a job are done (``HumanTasks.item_changed``)."""

    def __init__(self, db: Database, changed: Changed) -> None:
        self.db, self._changed = db, changed
        self.store = PeopleStore(db.metadata)
        self._templates = lru_cache(KEPT)(self._read_template)
        self._rules: dict[int, Rule] = {}

    # --- reading

    def job(self, ctx: CallContext, id: int) -> Job:
        with self.db.read() as conn:
            return self.store.jobs.get(conn, ctx, id)

    def rule(self, job: Job) -> Rule:
        if job.id not in self._rules:
            if len(self._rules) >= KEPT:
                self._rules.clear()
            self._rules[job.id] = read_options(Rule, job.rule, "rule")
        return self._rules[job.id]

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

    def mine(self, tx: Transaction, id: int) -> tuple[Assignment, Job]:
        """An assignment of the caller in a job that people have. Raises NOT_FOUND also for one of somebody else."""
        found = self.store.assignments.find(tx.conn, tx.ctx, id)
        if found is None or found.person_id != tx.ctx.user_id:
            raise not_found("assignment", id)
        job = self.store.jobs.get(tx.conn, tx.ctx, found.job_id)
        if job.status != JobStatus.OPEN:
            raise PlatformError(
                409, Reason.ILLEGAL_TRANSITION, field="status", limit="none", machine="people_job", state=job.status.name, event="WORK"
            )
        return found, job

    def answers(self, conn: sa.Connection, item: Item, *statuses: AssignmentStatus) -> list[Assignment]:
        """What people said about an item in this round, the first one first."""
        column = self.store.assignments.column
        of_item = (column("item_id") == item.id, column("round") == item.round, column("role") == int(WorkRole.ANNOTATOR))
        chosen = column("status").in_([int(status) for status in statuses])
        query = self.store.assignments.everything().where(*of_item, chosen).order_by(column("submit_time"), column("id"))
        return [self.store.assignments.load(row) for row in conn.execute(query)]

    def seen(self, conn: sa.Connection, job: Job, assignment: Assignment, item: Item) -> Work:
        """An assignment as its person sees it."""
        said: list[Said] = []
        inspects = assignment.role == WorkRole.INSPECTOR
        if inspects:
            answers = self.answers(conn, item, AssignmentStatus.DONE, AssignmentStatus.SKIPPED)
            said = [Said(each.person_id or 0, each.answer, each.note, each.reason) for each in answers]
        return Work(
            id=assignment.id,
            job_id=assignment.job_id,
            role=assignment.role,
            status=assignment.status,
            content=item.content,
            answer=assignment.answer,
            note=assignment.note or ("" if inspects else item.note),
            reason=assignment.reason if assignment.status == AssignmentStatus.SKIPPED else "",
            lease_until=assignment.lease_until,
            submit_time=assignment.submit_time,
            order=draw(job.seed, assignment.person_id, item.id),
            proposal=item.result if inspects else {},
            said=said,
            version=assignment.version,
        )

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
        table = self.store.members.table
        mine = (table.c.job_id == assignment.job_id, table.c.role == int(assignment.role), table.c.person_id == person_id)
        added = {name: table.c[name] + more for name, more in by.items() if more}
        tx.conn.execute(table.update().where(*mine).values(**added, **(to or {}), version=table.c.version + 1, update_time=tx.now))

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
