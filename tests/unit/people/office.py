"""A small domain whose tasks are people's work: what a service that has such tasks does, and no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.common.clock import Clock
from libs.common.ids import IdGenerator
from libs.common.store import mysql
from libs.common.store.database import Database, open_engine, platform_tables
from libs.common.store.repository import PageRequest, Repository
from libs.common.work.human import HumanAttempt, HumanTasks
from libs.common.work.lease import context
from libs.common.work.lifecycle import task_columns
from libs.common.work.task import Task
from libs.people.claiming import Claimed
from libs.people.engine import People
from libs.people.laying import NewItem
from libs.people.records import Assignment, Item, Job, Member, Pool, TemplateVersion, Work
from libs.people.states import AssignmentStatus, Verdict, WorkRole
from libs.people.tables import people_tables
from tests.support.stores import caller

SENTIMENT = {
    "instructions": "How does the writer feel?",
    "fields": [
        {
            "name": "label",
            "kind": "choice",
            "labels": [{"value": "good", "key": "1"}, {"value": "bad", "key": "2"}, {"value": "mixed", "key": "3"}],
        },
        {"name": "why", "kind": "text", "required": False, "at_most": 200, "when": {"field": "label", "values": ["bad", "mixed"]}},
    ],
}
METADATA = sa.MetaData()
platform_tables(METADATA)
people_tables(METADATA)
TASKS = sa.Table("office_task", METADATA, *task_columns())
INSPECTOR = 900  # ids above are inspectors


class Office:
    """One store. Items are texts ``t1``, ``t2`` …; those whose answer is known are ``g1``, ``g2`` …, and it is "good"."""

    def __init__(self, folder: Path, clock: Clock, address: str = "", worker: int = 0) -> None:
        url = address or f"sqlite:///{folder / 'office.db'}"
        if address:
            mysql.create_database(address)
        engine = open_engine(url, reads=False)
        METADATA.create_all(engine)
        engine.dispose()
        self.clock = clock
        self.db = Database(url, METADATA, clock, IdGenerator(worker, clock))
        self.rows = Repository("office_task", TASKS, Task)
        self.people = People(self.db, lambda tx, id: self.tasks.item_changed(tx, id))
        self.tasks: HumanTasks[Task] = HumanTasks(
            self.db,
            self.rows,
            10.0,
            lambda tx, task: self.people.count_items(tx, task.id),
            lambda tx, task: self.people.close_job(tx, task.id),
        )
        self._items: dict[int, tuple[int, int]] = {}

    # --- what a service does

    def pool(self, *users: int, departments: tuple[int, ...] = ()) -> int:
        with self.db.begin(caller()) as tx:
            return self.people.store.pools.insert(tx, Pool(self.db.ids.next(), "pool", 1, 1, list(users), list(departments))).id

    def template(self, body: dict[str, Any]) -> int:
        with self.db.begin(caller()) as tx:
            version = TemplateVersion(self.db.ids.next(), self.db.ids.next(), 1, 1, 1, body)
            return self.people.store.template_versions.insert(tx, version).id

    def create(
        self,
        items: int = 3,
        known: int = 0,
        body: dict[str, Any] | None = None,
        annotators: list[int] | None = None,
        inspectors: list[int] | None = None,
        skill: str = "sentiment",
        seed: str = "seed",
        **rule: Any,
    ) -> Job:
        """A job that people have."""
        template = self.template(body or SENTIMENT)
        with self.db.begin(caller()) as tx:
            task = self.tasks.create(tx, Task(self.db.ids.next(), "work", 1, 1, {}, ""))
            job = Job(task.id, 1, 1, template, {"people": 1, **rule}, seed, skill, annotators or [], inspectors or [])
            self.people.create_job(tx, job)
        self._items[task.id] = (items, known)
        assert self.work(task) == "WAITING_HUMAN"
        return self.people.job(caller(), task.id)

    def work(self, task: Task | Job) -> str:
        """What a worker does about it; "" where there is nothing."""
        held = self.tasks.claim("worker")
        if held is None:
            return ""
        assert held.id == task.id
        return HumanAttempt(self, self.tasks, held, threading.Event()).run()

    def lay_out(self, task: Task) -> None:
        items, known = self._items[task.id]
        self.people.lay_out(context(task), self.people.job(context(task), task.id), items, self._new(items, known), known)

    def conclude(self, task: Task) -> None:
        job = self.people.job(context(task), task.id)
        results = [[item.number, item.result.get("label"), len(said)] for item, said in self.people.answered(job)]
        with self.db.begin(context(task)) as tx:
            self.people.close_job(tx, task.id)
            self.tasks.succeed_in(tx, self.tasks.held(tx, task), {"results": results})

    def _new(self, items: int, known: int) -> Iterator[NewItem]:
        for number in range(1, items + 1):
            yield NewItem(number, {"text": f"t{number}"}, author_id=number if number < 100 else 0)
        for number in range(1, known + 1):
            yield NewItem(items + number, {"text": f"g{number}"}, gold_answer={"label": "good"})

    # --- what people do

    def claim(self, person: int, job: Job, want: int = 1, **facts: Any) -> Claimed:
        claimed: Claimed = self.people.claim(caller(user=person), job_id=job.id, want=want, **facts)
        return claimed

    def one(self, person: int, job: Job) -> Work:
        claimed = self.claim(person, job)
        assert len(claimed.work) == 1, claimed
        return claimed.work[0]

    def submit(self, person: int, work: Work | int, label: str = "good", **more: Any) -> Work:
        id = work if isinstance(work, int) else work.id
        done: Work = self.people.submit(caller(user=person), id=id, answer={"label": label}, **more)
        return done

    def answer(self, person: int, job: Job, label: str = "good") -> Work:
        """The next item of a person, answered."""
        return self.submit(person, self.one(person, job), label)

    def inspect(self, person: int, job: Job) -> Work:
        claimed = self.claim(person, job, role=WorkRole.INSPECTOR)
        assert len(claimed.work) == 1, claimed
        return claimed.work[0]

    def decide(self, person: int, work: Work, verdict: Verdict, **facts: Any) -> Work:
        decided: Work = self.people.decide(caller(user=person), id=work.id, verdict=verdict, **facts)
        return decided

    # --- what is stored

    def task(self, job: Job) -> Task:
        with self.db.read() as conn:
            return self.rows.get(conn, caller(), job.id)

    def items(self, job: Job, gold: bool = False) -> list[Item]:
        """By their number."""
        column = self.people.store.items.column
        query = (
            self.people.store.items.everything().where(column("job_id") == job.id, column("gold") == int(gold)).order_by(column("number"))
        )
        with self.db.read() as conn:
            return [self.people.store.items.load(row) for row in conn.execute(query)]

    def assignments(self, job: Job, *statuses: AssignmentStatus) -> list[Assignment]:
        column = self.people.store.assignments.column
        query = self.people.store.assignments.everything().where(column("job_id") == job.id).order_by(column("id"))
        with self.db.read() as conn:
            found = [self.people.store.assignments.load(row) for row in conn.execute(query)]
        return [each for each in found if not statuses or each.status in statuses]

    def member(self, person: int, job: Job, role: WorkRole = WorkRole.ANNOTATOR) -> Member:
        found = self.people.me_in(caller(user=person), job.id, role)
        assert found is not None
        return found

    def members(self, job: Job) -> list[Member]:
        found: list[Member] = self.people.members(caller(), job.id, PageRequest(None, 500)).items
        return found

    def text(self, work: Work) -> str:
        return str(work.content["text"])

    def history(self, item: Item) -> list[str]:
        table = self.db.table("state_event")
        with self.db.read() as conn:
            return list(conn.execute(sa.select(table.c.event).where(table.c.entity_id == item.id).order_by(table.c.id)).scalars())
