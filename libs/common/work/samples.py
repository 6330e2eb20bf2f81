"""What a scrape shows of a store: outbox, tasks that wait, leases, connections. ``Metrics`` says when it is read."""

from __future__ import annotations

import time
from collections.abc import Iterator

import sqlalchemy as sa

from libs.common.sight.metrics import Metrics, Reading, Sample
from libs.common.store.database import Database
from libs.common.work.task import TaskReason, TaskStatus

_FIRST_TERMINAL = int(TaskStatus.SUCCEEDED)
_HELD = (int(TaskStatus.RUNNING), int(TaskStatus.CANCELLING))


def watch_store(metrics: Metrics, db: Database, queues: bool) -> None:
    """The store of a process; with ``queues`` also what waits in it, which one process of a service tells for all."""

    def told(what: str, seconds: float) -> None:
        if what == "write":
            metrics.of("modelyard_store_write_seconds").observe(seconds)
        else:
            metrics.of("modelyard_store_errors_total", what.removesuffix("_error")).inc()

    db.told = told
    metrics.live(lambda: [("modelyard_store_connections", pool, count) for pool, count in db.connections().items()])
    if queues:
        for sample in (_ping(db), _outbox(db), *(_tasks(db, table) for table in task_tables(db.metadata))):
            metrics.sample(sample)


def task_tables(metadata: sa.MetaData) -> list[sa.Table]:
    """Tables of tasks: the one shape that has all of these columns."""
    wanted = {"status", "reason", "lease_until", "not_before", "epoch", "snapshot"}
    return [table for table in metadata.tables.values() if wanted <= set(table.columns.keys())]


def _ping(db: Database) -> Sample:
    def read() -> list[Reading]:
        started = time.perf_counter()
        db.check()
        return [("modelyard_store_ping_seconds", (), time.perf_counter() - started)]

    return read


def _outbox(db: Database) -> Sample:
    table = db.table("outbox")
    columns = (table.c.topic, sa.func.count(), sa.func.min(table.c.create_time))
    query = sa.select(*columns).where(table.c.delivered == 0).group_by(table.c.topic)

    def read() -> Iterator[Reading]:
        with db.read() as conn:
            rows = conn.execute(query).all()
        now = db.clock.now_ms()
        for topic, count, oldest in rows:
            yield "modelyard_outbox_open", (topic,), count
            yield "modelyard_outbox_oldest_seconds", (topic,), max(0, now - oldest) / 1000

    return read


def _tasks(db: Database, table: sa.Table) -> Sample:
    alive = (table.c.mark_delete == 0, table.c.status < _FIRST_TERMINAL)
    counts = sa.select(table.c.status, table.c.reason, sa.func.count()).where(*alive).group_by(table.c.status, table.c.reason)

    def read() -> Iterator[Reading]:
        now = db.clock.now_ms()
        ready = (table.c.mark_delete == 0, table.c.status == int(TaskStatus.PENDING), table.c.not_before <= now)
        held = (table.c.mark_delete == 0, table.c.status.in_(_HELD))
        with db.read() as conn:
            rows = conn.execute(counts).all()
            oldest = conn.execute(sa.select(sa.func.min(table.c.create_time)).where(*ready)).scalar()
            leases = conn.execute(
                sa.select(sa.func.count(), sa.func.sum(sa.case((table.c.lease_until < now, 1), else_=0))).where(*held)
            ).one()
        for status, reason, count in rows:
            yield "modelyard_tasks", (_name(TaskStatus, status), _name(TaskReason, reason)), count
        yield "modelyard_task_queue_oldest_seconds", (), max(0, now - oldest) / 1000 if oldest else 0
        expired = int(leases[1] or 0)
        yield "modelyard_task_leases", ("live",), leases[0] - expired
        yield "modelyard_task_leases", ("expired",), expired

    return read


def _name(kind: type[TaskStatus] | type[TaskReason], number: int) -> str:
    try:
        return kind(number).name
    except ValueError:  # a newer process wrote it
        return "UNKNOWN"
