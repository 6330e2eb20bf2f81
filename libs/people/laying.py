"""A job's items are laid out before people begin, and taken back when it ends."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import Reason, invalid
from libs.common.store.database import Transaction
from libs.people.inspecting import Inspecting
from libs.people.records import Item, Job
from libs.people.rule import Rule, sampled
from libs.people.states import AssignmentStatus, ItemStatus, JobStatus, Lane

ITEMS_MAX = 200_000
BATCH = 500


@dataclass(frozen=True)
class NewItem:
    """number: its place in the data, 1 and up. content: all that people may see of it. author_id: who is never asked about it."""

    number: int
    content: dict[str, Any]
    author_id: int = 0
    gold_answer: dict[str, Any] = field(default_factory=dict)


class Laying(Inspecting):
    def create_job(self, tx: Transaction, job: Job) -> Job:
        """In the transaction that creates its task. Raises TOO_LARGE for more items than a job may have."""
        return self.store.jobs.insert(tx, job)

    def lay_out(self, ctx: CallContext, job: Job, count: int, items: Iterable[NewItem], known: int = 0) -> None:
        """Makes the items that are not there yet, then opens the job. Done again once people have it: looks at what waits to be looked at.

        items: ``count`` to be answered, then ``known`` with their answer, always in the same order.
        """
        if count > ITEMS_MAX:
            raise invalid("items", Reason.TOO_LARGE, f"at most {ITEMS_MAX}")
        if job.status != JobStatus.LAYING:
            type(self)(self.db, _nobody).judge_all(ctx, job)  # the worker that has the task counts for itself
            return
        made = self._laid(ctx, job)
        places = _places(self.rule(job), job.seed, count, known)
        inspected = list(sampled(self.rule(job).inspect_percent, count))
        rest = islice(zip(items, places, strict=True), made, None)
        while batch := list(islice(rest, BATCH)):
            self._lay(ctx, [self._item(job, new, place, inspected) for new, place in batch])
        with self.db.begin(ctx) as tx:
            current = self.store.jobs.get(tx.conn, ctx, job.id)
            if current.status == JobStatus.LAYING:
                self.store.jobs.update(tx, current, status=JobStatus.OPEN, items=count)

    def _laid(self, ctx: CallContext, job: Job) -> int:
        table = self.store.items.table
        with self.db.read() as conn:
            query = sa.select(sa.func.count()).where(table.c.job_id == job.id, table.c.project_space_id == ctx.space_id)
            return int(conn.execute(query).scalar_one())

    def _item(self, job: Job, new: NewItem, place: int, inspected: list[bool]) -> Item:
        gold = bool(new.gold_answer)
        return Item(
            id=self.db.ids.next(),
            job_id=job.id,
            project_space_id=job.project_space_id,
            number=new.number,
            content=new.content,
            author_id=new.author_id,
            gold=gold,
            gold_answer=self.template(job).check(new.gold_answer, "gold") if gold else {},
            inspect=not gold and inspected[place - 1],
            lane=Lane.GOLD if gold else Lane.FRESH,
            place=place,
            free=0 if gold else self.rule(job).people,
        )

    def _lay(self, ctx: CallContext, items: list[Item]) -> None:
        with self.db.begin(ctx) as tx:
            self.store.items.insert_all(tx, items)
            tx.conn.execute(tx.database.table("state_event").insert(), [_begun(tx, self.store.items.kind, item) for item in items])

    def close_job(self, tx: Transaction, job_id: int) -> None:
        """In the transaction that ends its task: nobody is given anything more, and what is out is not taken any more."""
        job = self.store.jobs.get(tx.conn, tx.ctx, job_id)
        if job.status != JobStatus.CLOSED:
            self.store.jobs.update(tx, job, status=JobStatus.CLOSED)

    def held_now(self, conn: sa.Connection, job_id: int) -> int:
        """How many items are in somebody's hands."""
        table = self.store.assignments.table
        held = (table.c.job_id == job_id, table.c.nth == 0, table.c.status == int(AssignmentStatus.HELD))
        return int(conn.execute(sa.select(sa.func.count()).where(*held)).scalar_one())

    def count_items(self, tx: Transaction, job_id: int) -> tuple[int, int]:
        """(done, all) of a job, as ``HumanTasks`` asks for them. Nothing is done before all is laid out."""
        job = self.store.jobs.get(tx.conn, tx.ctx, job_id)
        return (0, 1) if job.status == JobStatus.LAYING else (job.items_done, job.items)


def _nobody(_tx: Transaction, _job_id: int) -> None:
    """Hears of what a worker changes."""


def _places(rule: Rule, seed: str, count: int, known: int) -> list[int]:
    """Where each item waits in its lane."""
    places, of_known = list(range(1, count + 1)), list(range(1, known + 1))
    if rule.shuffled:
        random.Random(seed).shuffle(places)
    random.Random(seed + "known").shuffle(of_known)
    return places + of_known


def _begun(tx: Transaction, kind: str, item: Item) -> dict[str, Any]:
    return {
        "id": tx.database.ids.next(),
        "entity": kind,
        "entity_id": item.id,
        "project_space_id": item.project_space_id,
        "from_status": int(ItemStatus.OPEN),
        "to_status": int(ItemStatus.OPEN),
        "event": "CREATE",
        "reason": "",
        "user_id": tx.ctx.user_id,
        "request_id": tx.ctx.log_id[:64],
        "create_time": tx.now,
    }
