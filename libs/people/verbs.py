"""The verbs of people's work that are the same in every service that has some: who can be asked, what somebody does with an item, and how
far it is. What the work is about, and how it begins and ends, is the service's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.database import Database, Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from libs.data.options import read_options
from libs.people.catalog import WorkTemplate
from libs.people.claiming import Claimed
from libs.people.engine import People
from libs.people.figures import Agreement
from libs.people.kinds import WorkKind
from libs.people.mine import MyJob
from libs.people.records import Pool, Work
from libs.people.rule import Rule
from libs.people.states import InspectionVerdict, WorkRole


@dataclass(frozen=True)
class Arranged:
    """What a task asks of people, and how far it is."""

    task_id: int
    template: WorkTemplate
    rule: dict[str, Any]
    annotators: list[int]
    inspectors: list[int]
    items: int
    items_done: int
    inspecting: int
    set_aside: int
    held: int


@dataclass(frozen=True)
class MyTask:
    """A task in which the caller may work, and what they did there."""

    task_id: int
    name: str
    kind: str
    role: WorkRole
    held: int
    answered: int
    skipped: int
    compared: int
    agreed: int
    items: int
    items_done: int
    create_time: int


class TaskOfPeople(Protocol):
    """kind_of_work: the name of a ``WorkKind``."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def create_time(self) -> int: ...
    @property
    def kind_of_work(self) -> str: ...


class PeopleVerbs:
    db: Database
    people: People

    def tasks_of_people(self, conn: sa.Connection, ctx: CallContext, ids: Iterable[int]) -> Mapping[int, TaskOfPeople]:
        """The service's tasks of these ids, as far as the caller may see them."""
        raise NotImplementedError

    def admit(self, ctx: CallContext, task_id: int) -> None:
        """Raises what keeps the caller from seeing items of a task although they may see the job."""

    # --- who can be asked, and what

    @mutation
    def create_pool(self, ctx: CallContext, *, name: str, users: list[int]) -> Pool:
        return self.people.create_pool(ctx, name=name, users=users)

    @mutation
    def update_pool(self, ctx: CallContext, *, id: int, name: str | None = None, users: list[int] | None = None) -> Pool:
        return self.people.update_pool(ctx, id=id, name=name, users=users)

    def get_pool(self, ctx: CallContext, *, id: int) -> Pool:
        return self.people.get_pool(ctx, id=id)

    def list_pools(self, ctx: CallContext, *, page: PageRequest) -> Page:
        return self.people.list_pools(ctx, page=page)

    def get_template(self, ctx: CallContext, *, id: int, number: int = 0) -> WorkTemplate:
        return self.people.get_template(ctx, id=id, number=number)

    def made_template(self, ctx: CallContext, kind: WorkKind, name: str, body: dict[str, Any] | None) -> WorkTemplate:
        """body: None for what the kind begins with."""
        body = dict(kind.starter) if body is None else body
        kind.check(body)
        return self.people.create_template(ctx, name=name, kind=kind.name, body=body)

    def checked_rule(
        self,
        ctx: CallContext,
        rule: dict[str, Any] | None,
        annotators: Sequence[int] | None,
        inspectors: Sequence[int] | None,
        known: int = 0,
    ) -> dict[str, Any]:
        """A rule with all its values, for these pools. known: items with a known answer. Raises what makes it impossible."""
        declared = read_options(Rule, rule, "rule")
        declared.check(self._size(ctx, annotators), len(inspectors or []) and self._size(ctx, inspectors), known)
        return asdict(declared)

    def _size(self, ctx: CallContext, pools: Sequence[int] | None) -> int | None:
        """How many different people are in some pools; None = whoever comes. Raises NOT_FOUND for a pool that is none."""
        if not pools:
            return None
        found = [self.people.get_pool(ctx, id=id) for id in pools]
        return None if any(pool.departments for pool in found) else len({user for pool in found for user in pool.users})

    # --- how far it is

    def arranged(self, ctx: CallContext, task_id: int) -> Arranged:
        job = self.people.job(ctx, task_id)
        progress = self.people.progress(job)
        with self.db.read() as conn:
            template = self.people.template_version(conn, ctx, job.template_version_id)
        return Arranged(
            task_id=task_id,
            template=template,
            rule=job.rule,
            annotators=job.annotators,
            inspectors=job.inspectors,
            items=job.items,
            items_done=job.items_done,
            inspecting=progress.inspecting,
            set_aside=progress.set_aside,
            held=progress.held,
        )

    def list_members(self, ctx: CallContext, *, task_id: int, page: PageRequest) -> Page:
        return self.people.members(ctx, self.people.job(ctx, task_id).id, page)

    def get_agreement(self, ctx: CallContext, *, task_id: int) -> list[Agreement]:
        return self.people.agreement(self.people.job(ctx, task_id))

    def counted(self, tx: Transaction, task: Any) -> tuple[int, int]:
        """(done, all) items of a task, as ``HumanTasks`` asks for them."""
        return self.people.count_items(tx, task.id)

    # --- what people do

    def get_my_work(self, ctx: CallContext) -> list[MyTask]:
        found = self.people.my_jobs(ctx)
        with self.db.read() as conn:
            tasks = self.tasks_of_people(conn, ctx, {each.job.id for each in found})
        return [_my_task(each, tasks[each.job.id]) for each in found if each.job.id in tasks]

    def list_my_answers(self, ctx: CallContext, *, task_id: int, page: PageRequest) -> Page:
        self.admit(ctx, task_id)
        return self.people.my_work(ctx, self.people.job(ctx, task_id), page)

    @mutation
    def claim_work(self, ctx: CallContext, *, task_id: int, want: int = 1) -> Claimed:
        self.admit(ctx, task_id)
        return self.people.claim(ctx, job_id=task_id, want=want)

    @mutation
    def claim_inspection(self, ctx: CallContext, *, task_id: int, want: int = 1) -> Claimed:
        self.admit(ctx, task_id)
        return self.people.claim(ctx, job_id=task_id, role=WorkRole.INSPECTOR, want=want)

    @mutation
    def submit_work(self, ctx: CallContext, *, id: int, answer: dict[str, Any], note: str = "") -> Work:
        return self.people.submit(ctx, id=id, answer=answer, note=note)

    @mutation
    def keep_work(self, ctx: CallContext, *, id: int, draft: dict[str, Any]) -> Work:
        return self.people.keep(ctx, id=id, draft=draft)

    @mutation
    def skip_work(self, ctx: CallContext, *, id: int, reason: str) -> Work:
        return self.people.skip(ctx, id=id, reason=reason)

    @mutation
    def release_work(self, ctx: CallContext, *, id: int) -> Work:
        return self.people.release(ctx, id=id)

    @mutation
    def undo_work(self, ctx: CallContext, *, id: int) -> Work:
        return self.people.undo(ctx, id=id)

    @mutation
    def decide_work(
        self, ctx: CallContext, *, id: int, verdict: InspectionVerdict, answer: dict[str, Any] | None = None, reason: str = ""
    ) -> Work:
        return self.people.decide(ctx, id=id, verdict=verdict, answer=answer, reason=reason)


def _my_task(mine: MyJob, task: TaskOfPeople) -> MyTask:
    counts = {name: getattr(mine.member, name, 0) for name in ("held", "skipped", "compared", "agreed")}
    return MyTask(
        task_id=task.id,
        name=task.name,
        kind=task.kind_of_work,
        role=mine.role,
        answered=mine.answered,
        items=mine.job.items,
        items_done=mine.job.items_done,
        create_time=task.create_time,
        **counts,
    )
