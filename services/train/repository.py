"""Tables of the train domain, and the reads of a metric curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.database import Transaction, platform_tables, seed_columns
from libs.common.store.repository import Page, PageRequest, Repository, decode_cursor, encode_cursor
from libs.common.store.statement import Together
from libs.common.work.lifecycle import latest_and_open, load_latest_and_open, task_columns
from services.train.domain.config import TrainConfig
from services.train.domain.task import MetricPoint, TrainTask

METADATA = sa.MetaData()
platform_tables(METADATA)


def _whole(name: str, kind: Any = sa.BigInteger) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


_config = sa.Table(
    "train_config",
    METADATA,
    *seed_columns(),
    sa.Column("model_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("desc", sa.String(1000)),
    _whole("project_space_id"),
    _whole("user_id"),
    sa.Column("method", sa.String(40), nullable=False),
    sa.Column("options", sa.Text(16_000_000), nullable=False),
    _whole("base_version_id"),
    sa.Index("train_config_model", "model_id", "project_space_id", "id"),
    sa.Index("train_config_space", "project_space_id", "id"),
)
_task = sa.Table(
    "train_task",
    METADATA,
    *task_columns(),
    _whole("model_id"),
    _whole("train_config_id"),
    _whole("model_version_id"),
    _whole("train_dataset_version_id"),
    _whole("valid_dataset_version_id"),
    sa.Column("artifact_uri", sa.String(1000), nullable=False),
    sa.Column("artifact_digest", sa.String(80), nullable=False),
    _whole("base_version_id"),
    sa.Index("train_task_model", "model_id", "project_space_id", "id"),
    sa.Index("train_task_running", "model_id", "project_space_id", "status"),
    sa.Index("train_task_status", "status", "id"),
    sa.Index("train_task_snapshot", "snapshot_hash"),
    sa.Index("train_task_space", "project_space_id", "id"),
    sa.Index("train_task_space_status", "project_space_id", "status", "id"),
    sa.Index("train_task_space_user_id", "project_space_id", "user_id", "id"),
)
_metric = sa.Table(
    "train_metric",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("task_id", sa.BigInteger, nullable=False),
    _whole("project_space_id"),
    sa.Column("step", sa.BigInteger, nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    _whole("create_time"),
    sa.UniqueConstraint("task_id", "step", "name", name="train_metric_point"),
)


class MetricRepository(Repository[MetricPoint]):
    """Points are written by step and read in the order of steps, whatever order they came in."""

    def __init__(self) -> None:
        super().__init__("train_metric", _metric, MetricPoint, told=False)

    def put(self, tx: Transaction, points: Sequence[MetricPoint]) -> None:
        """Stores points of one task; a point that is there already is replaced."""
        for point in {(point.step, point.name): point for point in points}.values():
            same = (self.column("task_id") == point.task_id, self.column("step") == point.step, self.column("name") == point.name)
            tx.conn.execute(self.table.delete().where(*same))
            self.insert(tx, point)

    def curve(self, conn: sa.Connection, ctx: CallContext, task_id: int, after_step: int, names: Sequence[str], page: PageRequest) -> Page:
        """Points after ``after_step`` by (step, name). A page ends with a whole step; its cursor is the step after that."""
        start = after_step if page.cursor is None else decode_cursor(page.cursor) - 1
        wanted = [self.column("name").in_(names)] if names else []
        own = self._select.where(*self._scope(ctx), self.column("task_id") == task_id, *wanted)
        own = own.order_by(self.column("step"), self.column("name"))
        found = [self.load(row) for row in conn.execute(own.where(self.column("step") > start).limit(page.limit + 1))]
        if len(found) <= page.limit:
            return Page(found, None)
        whole = [point for point in found if point.step < found[-1].step]
        # A single step with more names than a page holds is answered whole: the next page starts behind it.
        whole = whole or [self.load(row) for row in conn.execute(own.where(self.column("step") == found[-1].step))]
        return Page(whole, encode_cursor(whole[-1].step + 1))


class TrainRepository:
    """One ``Repository`` per noun."""

    def __init__(self) -> None:
        self.configs = Repository("train_config", _config, TrainConfig, belongs_to="model_id")
        self.tasks = Repository("train_task", _task, TrainTask, belongs_to="model_id")
        # The snapshot is for whoever asks for the task; the status needs how far and how well.
        self.heads = Repository("train_task", _task, TrainTask, unread={"snapshot": dict})
        self.metrics = MetricRepository()
        self._state = Together(latest_and_open(self.heads), _metrics_of_latest(self.heads))

    def of_method(self, method: str) -> sa.ColumnElement[bool]:
        """Of tasks: their config says so."""
        return sa.select(_config.c.id).where(_config.c.id == _task.c.train_config_id, _config.c.method == method).exists()

    def state(self, conn: sa.Connection, ctx: CallContext, model_id: int) -> tuple[TrainTask | None, int, dict[str, float]]:
        """In one read: the newest task of a model, how many have not ended, and name -> value of the newest step of that task."""
        tasks, metrics = self._state.rows(conn, {**self.heads.scope(ctx), "model_id": model_id})
        latest, running = load_latest_and_open(self.heads, tasks[0] if tasks else None)
        return latest, running, dict(metrics)


def _metrics_of_latest(tasks: Repository[Any]) -> sa.Select[Any]:
    of_model = (*tasks.prepared_scope(), _task.c.model_id == sa.bindparam("model_id"))
    latest = sa.select(_task.c.id).where(*of_model).order_by(_task.c.id.desc()).limit(1).scalar_subquery()
    newest = sa.select(sa.func.max(_metric.c.step)).where(_metric.c.task_id == latest).correlate(None).scalar_subquery()
    return sa.select(_metric.c.name, _metric.c.value).where(_metric.c.task_id == latest, _metric.c.step == newest)
