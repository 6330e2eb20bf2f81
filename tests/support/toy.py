"""A small domain of tasks, to test lifecycle, child and worker without a service: what to run is in the snapshot.

``python -m tests.support.toy FOLDER`` is a worker process of it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.common.clock import Clock, ManualClock, SystemClock
from libs.common.ids import IdGenerator
from libs.common.store import mysql
from libs.common.store.database import Database, Transaction, open_engine, platform_tables
from libs.common.store.repository import Repository
from libs.common.work.executor import LocalExecutor
from libs.common.work.lifecycle import TaskLifecycle, snapshot_hash, task_columns
from libs.common.work.outage import Backoff
from libs.common.work.reserving import Reserving
from libs.common.work.task import Task
from libs.common.work.worker import Job, Worker
from tests.support.stores import caller

ENTRIES = re.compile(r"tests\.support\.engines:[a-z_]+")
EXECUTOR = LocalExecutor(ENTRIES)
LEASE_SECONDS = 1.0


@dataclass(frozen=True)
class ToyTask(Task):
    """size: of its output, set by the one who ends it."""

    size: int = 0


METADATA = sa.MetaData()
platform_tables(METADATA)
TABLE = sa.Table(
    "toy_task",
    METADATA,
    *task_columns(),
    sa.Column("size", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("toy_task_status", "status", "id"),  # as the tables of real tasks
    sa.Index("toy_task_space", "project_space_id", "id"),
)
sa.Table(
    "toy_metric",
    METADATA,
    sa.Column("task_id", sa.BigInteger, primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.Float, nullable=False),
)


def open_toys(
    folder: Path,
    clock: Clock | None = None,
    worker: int = 0,
    lease_seconds: float = 10.0,
    on_end: Callable[[Transaction, ToyTask], None] = lambda _tx, _task: None,
    address: str = "",
) -> TaskLifecycle[ToyTask]:
    """A store with the table of toy tasks, in ``folder`` or at ``address``; opening it twice gives two handles to the same tasks."""
    url = address or f"sqlite:///{folder / 'toys.db'}"
    if address:
        mysql.create_database(address)
    engine = open_engine(url, reads=False)
    METADATA.create_all(engine)
    engine.dispose()
    clock = clock or ManualClock()
    db = Database(url, METADATA, clock, IdGenerator(worker, clock))
    return TaskLifecycle(db, Repository("toy_task", TABLE, ToyTask), lease_seconds, on_end)


def create(toys: TaskLifecycle[ToyTask], function: str = "finish", job: dict[str, Any] | None = None, **facts: Any) -> ToyTask:
    """A new task that runs ``tests.support.engines:<function>``."""
    snapshot = {"entry": f"tests.support.engines:{function}", "job": job or {}}
    space = facts.pop("space", 1)
    with toys.db.begin(caller(space=space)) as tx:
        return toys.create(tx, ToyTask(toys.db.ids.next(), function, space, 1, snapshot, snapshot_hash(snapshot), **facts))


def stored(toys: TaskLifecycle[ToyTask], task: Task) -> ToyTask:
    """The task as it is now."""
    with toys.db.read() as conn:
        return toys.tasks.get(conn, caller(space=task.project_space_id), task.id)


def steps(toys: TaskLifecycle[ToyTask], task: Task) -> list[tuple[int, int, str]]:
    """(from, to, event) of its history, oldest first."""
    table = toys.db.table("state_event")
    with toys.db.read() as conn:
        rows = conn.execute(sa.select(table).where(table.c.entity_id == task.id).order_by(table.c.id)).all()
    return [(row.from_status, row.to_status, row.event) for row in rows]


class ToyWork:
    """Publishes by one rename, then ends the task. ``before`` runs first in each of the three, to get in the way."""

    def __init__(
        self, toys: TaskLifecycle[ToyTask], published: Path, before: Callable[[str, ToyTask], None] = lambda _step, _task: None
    ) -> None:
        self._toys, self._published, self._before = toys, published, before

    def prepare(self, task: ToyTask) -> Job:
        self._before("prepare", task)
        return Job(task.snapshot["entry"], task.snapshot["job"])

    def publish(self, task: ToyTask, folder: Path, result: dict[str, Any]) -> None:
        self._before("publish", task)
        target = self._published / str(task.id)
        if not target.exists():
            self._published.mkdir(exist_ok=True)
            os.rename(folder / "out", target)
        self._toys.succeed(task, result, size=sum(path.stat().st_size for path in target.iterdir()))

    def leavings(self, task: ToyTask, folder: Path) -> dict[str, Any]:
        self._before("leavings", task)
        return {"left": sorted(path.name for path in folder.iterdir())} if folder.is_dir() else {}

    def metrics(self, task: ToyTask, points: list[tuple[int, str, float]]) -> None:
        self._before("metrics", task)
        table = self._toys.db.table("toy_metric")
        with self._toys.db.begin(caller()) as tx:
            for step, name, value in points:
                tx.conn.execute(table.insert().prefix_with("OR REPLACE"), {"task_id": task.id, "step": step, "name": name, "value": value})


def toy_worker(
    toys: TaskLifecycle[ToyTask],
    folder: Path,
    before: Callable[[str, ToyTask], None] = lambda _step, _task: None,
    reach: Callable[[], None] = lambda: None,
    backoff: Backoff | None = None,
    reserving: Reserving[ToyTask] | None = None,
    **chores: Callable[[], Any],
) -> Worker[ToyTask]:
    work = ToyWork(toys, folder / "published", before)
    return Worker("toy", toys, work, folder / "work", 0.02, chores, EXECUTOR, reach=reach, backoff=backoff, reserving=reserving)


def main(folder: str) -> None:
    toys = open_toys(Path(folder), SystemClock(), worker=os.getpid() % 1000 + 1, lease_seconds=LEASE_SECONDS)
    toy_worker(toys, Path(folder)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
