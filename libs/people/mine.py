"""What somebody has to do and has done, over all jobs of a space; nothing of anybody else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.repository import Page, PageRequest
from libs.people.figures import Figures
from libs.people.records import Job, Member, Work
from libs.people.states import AssignmentStatus, JobStatus, WorkRole

LOOKED_AT = 500  # open jobs of a space
MOST = 200  # of them that are told


@dataclass(frozen=True)
class MyJob:
    """member: None where the caller has not begun. answered: known answers too, or the number would say which they are."""

    job: Job
    role: WorkRole
    member: Member | None
    answered: int


class Mine(Figures):
    def my_jobs(self, ctx: CallContext, departments: Collection[int] = ()) -> list[MyJob]:
        """The newest open jobs in which the caller is among the people, once per role."""
        jobs = self.store.jobs
        with self.db.read() as conn:
            newest = jobs.page(conn, ctx, PageRequest(None, LOOKED_AT), jobs.column("status") == int(JobStatus.OPEN)).items
            mine = ((job, role) for job in newest for role in WorkRole if self.admits(conn, ctx, job, role, departments))
            chosen = list(islice(mine, MOST))
            answered = self._answers(conn, ctx, {job.id for job, _ in chosen})
            return [
                MyJob(job, role, self.member(conn, ctx, job.id, role, ctx.user_id), answered.get((job.id, int(role)), 0))
                for job, role in chosen
            ]

    def _answers(self, conn: sa.Connection, ctx: CallContext, jobs: set[int]) -> dict[tuple[int, int], int]:
        """How many answers of the caller stand, by job and role."""
        table = self.store.assignments.table
        mine = (table.c.job_id.in_(jobs), table.c.person_id == ctx.user_id, table.c.status == int(AssignmentStatus.DONE))
        counted = sa.select(table.c.job_id, table.c.role, sa.func.count()).where(*mine).group_by(table.c.job_id, table.c.role)
        return {(job, role): count for job, role, count in conn.execute(counted)}

    def my_work(self, ctx: CallContext, job: Job, page: PageRequest) -> Page:
        """What the caller has of a job and had, the newest first."""
        column = self.store.assignments.column
        with self.db.read() as conn:
            found = self.store.assignments.page(conn, ctx, page, column("job_id") == job.id, column("person_id") == ctx.user_id)
            items = self.items_by_id(conn, [each.item_id for each in found.items])
            work: list[Work] = [self.seen(conn, job, each, items[each.item_id]) for each in found.items]
        return Page(work, found.next_cursor)
