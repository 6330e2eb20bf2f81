"""Tasks of three shapes in one table: engines in children, people with items, and parents of children. On either store.

``python -m tests.support.shapes FOLDER [ADDRESS]`` is a worker process of all three.
"""

from __future__ import annotations

import os
import random
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from idl.enums import ChangeKind
from libs.common.clock import Clock, SystemClock
from libs.common.errors import PlatformError, Reason
from libs.common.ids import IdGenerator
from libs.common.store import mysql
from libs.common.store.database import Database, Transaction, open_engine, platform_tables
from libs.common.store.repository import Repository
from libs.common.work.executor import LocalExecutor
from libs.common.work.human import HumanAttempt, HumanTasks, HumanWorker
from libs.common.work.lease import context
from libs.common.work.lifecycle import TaskLifecycle, snapshot_hash, task_columns
from libs.common.work.loop import WorkLoop
from libs.common.work.outage import Backoff
from libs.common.work.parent import Children, ParentTasks, ParentWork
from libs.common.work.task import MACHINE, Task, TaskStatus
from libs.common.work.worker import Job, Worker
from tests.support.stores import caller

CHILD, HUMAN, PARENT = "child", "human", "parent"
LOOK_SECONDS = 0.05
EXECUTOR = LocalExecutor(re.compile(r"tests\.support\.engines:[a-z_]+"))


@dataclass(frozen=True)
class ShapeTask(Task):
    kind: str = CHILD
    parent_id: int = 0


METADATA = sa.MetaData()
platform_tables(METADATA)
TASKS = sa.Table(
    "shape_task",
    METADATA,
    *task_columns(),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("parent_id", sa.BigInteger, nullable=False),
    sa.Index("shape_task_status", "status", "id"),
)
ITEMS = sa.Table(
    "shape_item",
    METADATA,
    sa.Column("task_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("answer", sa.String(40), nullable=False, server_default=""),
    sa.Column("withdrawn", sa.Integer, nullable=False, server_default="0"),
)


class Shapes:
    """One store, and what each domain would tell its worker."""

    def __init__(self, folder: Path, clock: Clock, worker: int = 0, lease_seconds: float = 10.0, address: str = "") -> None:
        self.folder = folder
        url = address or f"sqlite:///{folder / 'shapes.db'}"
        if address:
            mysql.create_database(address)
        engine = open_engine(url, reads=False)
        METADATA.create_all(engine)
        engine.dispose()
        self.db = Database(url, METADATA, clock, IdGenerator(worker, clock))
        rows = Repository("shape_task", TASKS, ShapeTask)
        self.children = TaskLifecycle(self.db, rows, lease_seconds, only=[TASKS.c.kind == CHILD])
        self.people = HumanTasks(self.db, rows, lease_seconds, _count, _withdraw, only=[TASKS.c.kind == HUMAN])
        self.parents = ParentTasks(self.db, rows, lease_seconds, only=[TASKS.c.kind == PARENT])

    def create(self, kind: str, function: str = "finish", parent: int = 0, **job: Any) -> ShapeTask:
        with self.db.begin(caller()) as tx:
            return self._create(tx, kind, function, parent, job)

    def _create(self, tx: Transaction, kind: str, function: str, parent: int, job: dict[str, Any]) -> ShapeTask:
        snapshot = {"entry": f"tests.support.engines:{function}", "job": job}
        task = ShapeTask(self.db.ids.next(), kind, 1, 1, snapshot, snapshot_hash(snapshot), kind=kind, parent_id=parent)
        return self.children.create(tx, task)

    def stored(self, task: Task) -> ShapeTask:
        with self.db.read() as conn:
            return self.children.tasks.get(conn, caller(), task.id)

    def of_parent(self, task: Task) -> list[ShapeTask]:
        """Its children, oldest first."""
        with self.db.read() as conn:
            query = self.children.tasks.everything().where(TASKS.c.parent_id == task.id).order_by(TASKS.c.id)
            return [self.children.tasks.load(row) for row in conn.execute(query)]

    def events(self, task: Task) -> list[str]:
        table = self.db.table("state_event")
        with self.db.read() as conn:
            return list(conn.execute(sa.select(table.c.event).where(table.c.entity_id == task.id).order_by(table.c.id)).scalars())

    def told(self, task: Task) -> list[tuple[int, int]]:
        """(done, total) of each step of its progress that the change feed tells of."""
        table = self.db.table("change_log")
        query = sa.select(table.c.done, table.c.total).where(table.c.entity_id == task.id, table.c.kind == int(ChangeKind.PROGRESS))
        with self.db.read() as conn:
            return [(row.done, row.total) for row in conn.execute(query.order_by(table.c.id))]

    # --- people

    def items(self, task: Task) -> list[tuple[int, str, int]]:
        """(number, answer, withdrawn) of each."""
        with self.db.read() as conn:
            rows = conn.execute(sa.select(ITEMS).where(ITEMS.c.task_id == task.id).order_by(ITEMS.c.number)).all()
        return [(row.number, row.answer, row.withdrawn) for row in rows]

    def answer(self, task: Task, number: int, answer: str = "yes") -> None:
        """What a person does. Raises ILLEGAL_TRANSITION for a task that people have nothing to do with now."""
        with self.db.begin(caller(user=7)) as tx:
            mine = (ITEMS.c.task_id == task.id, ITEMS.c.number == number)
            tx.conn.execute(ITEMS.update().where(*mine).values(answer=answer))
            self.people.item_changed(tx, task.id)

    def lay_out(self, task: ShapeTask) -> None:
        for number in range(task.snapshot["job"]["items"]):
            with self.db.begin(context(task)) as tx:
                mine = (ITEMS.c.task_id == task.id, ITEMS.c.number == number)
                if tx.conn.execute(sa.select(ITEMS.c.number).where(*mine)).first() is None:
                    tx.conn.execute(ITEMS.insert(), {"task_id": task.id, "number": number})

    # --- all shapes: what ends them

    def conclude(self, task: ShapeTask) -> None:
        if task.kind == HUMAN:
            self.people.succeed(task, {"answers": [answer for _, answer, _ in self.items(task)]})
            return
        ended = [child.status.name for child in self.of_parent(task)]
        if "FAILED" in ended:
            raise PlatformError(422, Reason.ROW_INVALID, field="children", limit="all of them succeed")
        self.parents.succeed(task, {"children": ended})

    # --- parents

    def advance(self, task: ShapeTask) -> Children:
        """Two children more at each look, until all are there."""
        job = task.snapshot["job"]
        if (broken := job.get("breaks_at")) is not None and len(self.of_parent(task)) >= broken:
            raise PlatformError(422, Reason.TOO_LARGE, field="children", limit="fewer")
        for _ in range(2):
            with self.db.begin(context(task)) as tx:
                if len(self._numbers(tx, task)) < job["children"]:
                    self._create(tx, CHILD, job.get("runs", "finish"), task.id, {})
        found = self._told(task)
        return Children(found.ended, job["children"])

    def cancel(self, task: ShapeTask) -> Children:
        for child in self.of_parent(task):
            if child.status not in (*MACHINE.terminal, TaskStatus.CANCELLING):
                try:
                    with self.db.begin(context(task)) as tx:
                        self.children.cancel(tx, child.id, "its parent ends")
                except PlatformError as error:
                    if error.reason != Reason.ILLEGAL_TRANSITION:  # it ended by itself just now
                        raise
        return self._told(task)

    def _told(self, task: ShapeTask) -> Children:
        found = self.of_parent(task)
        return Children(sum(child.status in MACHINE.terminal for child in found), len(found))

    def _numbers(self, tx: Transaction, task: ShapeTask) -> list[int]:
        return list(tx.conn.execute(sa.select(TASKS.c.id).where(TASKS.c.parent_id == task.id)).scalars())

    # --- children

    def prepare(self, task: ShapeTask) -> Job:
        return Job(task.snapshot["entry"], task.snapshot["job"])

    def publish(self, task: ShapeTask, _folder: Path, result: dict[str, Any]) -> None:
        self.children.succeed(task, result)

    def leavings(self, _task: ShapeTask, _folder: Path) -> dict[str, Any]:
        return {}

    def metrics(self, _task: ShapeTask, _points: list[tuple[int, str, float]]) -> None:
        """Nobody looks at them."""

    # --- workers

    def human_attempt(self, task: ShapeTask) -> str:
        return HumanAttempt(self, self.people, task, threading.Event()).run()

    def parent_loop(self, stop: threading.Event, poll_seconds: float = 0.02) -> WorkLoop[ShapeTask]:
        work = ParentWork(self.parents, self, LOOK_SECONDS).staged(Backoff(self.db.clock.monotonic, random.Random(1), 0.01, 0.1), stop)
        chores = {"sweep": self.parents.sweep}
        return WorkLoop(lambda: self.parents.claim("p"), work.look, work.give_back, chores, poll_seconds, stop)

    @contextmanager
    def working(self) -> Iterator[None]:
        """A worker of each shape, in threads of this process."""
        stop = threading.Event()
        child = Worker("c", self.children, self, self.folder / "work", 0.02, {}, EXECUTOR)
        human = HumanWorker("h", self.people, self, self.folder / "human", 0.02, chores={})
        threads = [threading.Thread(target=run) for run in (child.run, human.run, self.parent_loop(stop).run)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for each in (stop, child.stop, human.stop):
                each.set()
            for thread in threads:
                thread.join(30)
            assert not any(thread.is_alive() for thread in threads)


def _count(tx: Transaction, task: ShapeTask) -> tuple[int, int]:
    answers = list(tx.conn.execute(sa.select(ITEMS.c.answer).where(ITEMS.c.task_id == task.id)).scalars())
    return sum(answer != "" for answer in answers), len(answers)


def _withdraw(tx: Transaction, task: ShapeTask) -> None:
    tx.conn.execute(ITEMS.update().where(ITEMS.c.task_id == task.id).values(withdrawn=1))


def main(folder: str, address: str = "") -> None:
    shapes = Shapes(Path(folder), SystemClock(), worker=os.getpid() % 1000 + 1, lease_seconds=1.0, address=address)
    with shapes.working():
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
