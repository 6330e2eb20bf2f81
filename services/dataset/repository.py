"""Tables of the dataset domain."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.database import Transaction, platform_tables, seed_columns
from libs.common.store.repository import PAGE_MAX, PageRequest, Repository
from libs.common.store.seed_table import SeedText, seed_columns_around
from libs.common.work.lifecycle import task_columns_beyond_the_seed
from libs.common.work.task import TaskStatus
from libs.people.tables import PeopleStore, people_tables
from services.dataset.domain.dataset import Dataset, DatasetType
from services.dataset.domain.purge import DatasetPurge, PurgeStatus
from services.dataset.domain.recipe import Recipe, RecipeRevision, StepOutput
from services.dataset.domain.task import DatasetTask
from services.dataset.domain.upload import Upload
from services.dataset.domain.version import DatasetVersion

METADATA = sa.MetaData()
platform_tables(METADATA)
people_tables(METADATA)
_TEXT = sa.Text(16_000_000)
_FIRST_TERMINAL = 90  # of the states of a task


def _whole(name: str, kind: Any = sa.BigInteger) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


_dataset = sa.Table(
    "dataset",
    METADATA,
    *seed_columns_around(
        sa.Column("name", SeedText(100), nullable=False, comment="数据集名称"),
        sa.Column("desc", SeedText(1000), comment="描述"),
        sa.Column("type", sa.Integer, comment="数据集类型，图像/文本/..."),
        sa.Column("project_space_id", sa.BigInteger, nullable=False, comment="空间id，如需要控制可见性可使用"),
        sa.Column("file_url", SeedText(1000), nullable=False, comment="数据集地址，以基础架构支持为准"),
    ),
    _whole("secrecy", sa.Integer),
    sa.Column("source", sa.String(1000), nullable=False, server_default=""),
    _whole("user_id"),
    sa.Index("dataset_space_name", "project_space_id", "name"),
    sa.Index("dataset_space", "project_space_id", "id"),
    comment="数据集表",
)
_version = sa.Table(
    "dataset_version",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("dataset_id", sa.BigInteger, nullable=False),
    _whole("project_space_id"),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("content_hash", sa.String(80), nullable=False),
    _whole("records"),
    _whole("bytes"),
    sa.Column("uri", sa.String(1000), nullable=False),
    _whole("parent_version_id"),
    _whole("task_id"),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("part", sa.String(20), nullable=False),
    _whole("secrecy", sa.Integer),
    sa.Column("ledger", _TEXT, nullable=False),
    _whole("create_time"),
    sa.UniqueConstraint("dataset_id", "number", name="dataset_version_number"),
    sa.Index("dataset_version_content", "dataset_id", "content_hash"),
    sa.Index("dataset_version_dataset", "dataset_id", "project_space_id", "id"),
)
_task = sa.Table(
    "dataset_task",
    METADATA,
    *seed_columns_around(
        sa.Column("name", SeedText(100), nullable=False, comment="任务名"),
        sa.Column("desc", SeedText(1000), comment="描述"),
        sa.Column("type", sa.Integer, nullable=False, comment="任务类型，清洗/增强/标注"),
        sa.Column("sub_type", sa.Integer, comment="任务子类型"),
        sa.Column("status", sa.Integer, comment="状态"),
    ),
    *task_columns_beyond_the_seed(empty="{}"),
    _whole("dataset_id"),
    _whole("input_version_id"),
    sa.Column("output_version_ids", _TEXT, nullable=False, server_default="[]"),
    sa.Index("dataset_task_dataset", "dataset_id", "project_space_id", "id"),
    sa.Index("dataset_task_status", "status", "id"),
    sa.Index("dataset_task_snapshot", "snapshot_hash"),
    sa.Index("dataset_task_space", "project_space_id", "id"),
    sa.Index("dataset_task_space_status", "project_space_id", "status", "id"),
    sa.Index("dataset_task_space_type", "project_space_id", "type", "id"),
    sa.Index("dataset_task_space_user_id", "project_space_id", "user_id", "id"),
    comment="数据集处理任务表",
)
_upload = sa.Table(
    "upload",
    METADATA,
    *seed_columns(),
    _whole("project_space_id"),
    _whole("user_id"),
    sa.Column("name", sa.String(255), nullable=False),
    _whole("bytes"),
    sa.Column("sha256", sa.String(64), nullable=False, server_default=""),
    _whole("status", sa.Integer),
    _whole("received"),
    sa.Column("path", sa.String(200), nullable=False, server_default=""),
    _whole("expire_time"),
    sa.Index("upload_space", "project_space_id", "id"),
    sa.Index("upload_due", "status", "expire_time"),
)
_recipe = sa.Table(
    "recipe",
    METADATA,
    *seed_columns(),
    _whole("project_space_id"),
    _whole("user_id"),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("desc", sa.String(1000), nullable=False, server_default=""),
    sa.Column("number", sa.Integer, nullable=False, server_default="1"),
    sa.Column("plan", _TEXT, nullable=False),
    sa.Column("plan_hash", sa.String(64), nullable=False),
    sa.Index("recipe_space_name", "project_space_id", "name"),
    sa.Index("recipe_space", "project_space_id", "id"),
)
_recipe_revision = sa.Table(
    "recipe_revision",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("recipe_id", sa.BigInteger, nullable=False),
    _whole("project_space_id"),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("plan", _TEXT, nullable=False),
    sa.Column("plan_hash", sa.String(64), nullable=False),
    _whole("user_id"),
    _whole("create_time"),
    sa.UniqueConstraint("recipe_id", "number", name="recipe_revision_number"),
)
_step_output = sa.Table(
    "step_output",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    _whole("project_space_id"),
    _whole("dataset_id"),
    sa.Column("reached", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("uri", sa.String(1000), nullable=False),
    sa.Column("dropped_uri", sa.String(1000), nullable=False, server_default=""),
    sa.Column("changes_uri", sa.String(1000), nullable=False, server_default=""),
    sa.Column("ledger", _TEXT, nullable=False),
    _whole("used_time"),
    _whole("create_time"),
    sa.UniqueConstraint("project_space_id", "reached", name="step_output_reached"),
    sa.Index("step_output_used", "used_time"),
    sa.Index("step_output_dataset", "dataset_id"),
)
_purge = sa.Table(
    "dataset_purge",
    METADATA,
    *seed_columns(),
    _whole("project_space_id"),
    sa.Column("dataset_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    _whole("secrecy", sa.Integer),
    _whole("user_id"),
    sa.Column("cause", sa.String(1000), nullable=False, server_default=""),
    _whole("delete_time"),
    _whole("status", sa.Integer),
    sa.Column("versions", _TEXT, nullable=False),
    sa.Column("artifacts", _TEXT, nullable=False),
    sa.Column("proof", sa.String(64), nullable=False, server_default=""),
    _whole("finish_time"),
    sa.UniqueConstraint("dataset_id", name="dataset_purge_dataset"),
    sa.Index("dataset_purge_space", "project_space_id", "id"),
    sa.Index("dataset_purge_status", "status", "id"),
)


class DatasetRepository:
    """One ``Repository`` per noun."""

    def __init__(self) -> None:
        self.datasets = Repository("dataset", _dataset, Dataset, absent={"type": DatasetType.Text})
        self.versions = Repository("dataset_version", _version, DatasetVersion, belongs_to="dataset_id")
        self.uploads = Repository("upload", _upload, Upload, told=False)  # who uploads is told by each answer
        self.recipes = Repository("recipe", _recipe, Recipe)
        self.revisions = Repository("recipe_revision", _recipe_revision, RecipeRevision, belongs_to="recipe_id", told=False)
        self.step_outputs = Repository("step_output", _step_output, StepOutput, told=False)
        self.purges = Repository("dataset_purge", _purge, DatasetPurge, told=False)
        # A task is as secret as what it works on.
        of_dataset = sa.select(_dataset.c.secrecy).where(_dataset.c.id == _task.c.dataset_id).scalar_subquery()
        self.tasks = Repository("dataset_task", _task, DatasetTask, secrecy=sa.func.coalesce(of_dataset, 0), belongs_to="dataset_id")
        # And people's work as secret as its task.
        _job = METADATA.tables["people_job"]
        of_job = (_task.c.id == _job.c.id, _dataset.c.id == _task.c.dataset_id)
        worked_on = sa.select(_dataset.c.secrecy).where(*of_job).correlate(_job).scalar_subquery()
        self.people = PeopleStore(METADATA, secrecy=sa.func.coalesce(worked_on, 0))

    def tasks_by_id(self, conn: sa.Connection, ctx: CallContext, ids: Collection[int]) -> dict[int, DatasetTask]:
        """Those of some tasks that the caller may see."""
        found = self.tasks.page(conn, ctx, PageRequest(None, PAGE_MAX), self.tasks.column("id").in_(ids)).items if ids else []
        return {task.id: task for task in found}

    def finished(self, conn: sa.Connection, ctx: CallContext, dataset_id: int, most: int) -> list[DatasetTask]:
        """The tasks of a dataset that succeeded, the last one first."""
        tasks = self.tasks

        def build() -> sa.Select[Any]:
            ended = (tasks.column("finish_time").desc(), tasks.column("id").desc())
            return tasks.equal("dataset_id", "status").order_by(*ended).limit(sa.bindparam("most"))

        facts = {"dataset_id": dataset_id, "status": int(TaskStatus.SUCCEEDED), "most": most}
        return [tasks.load(row) for row in tasks.prepared("finished", build).rows(conn, {**tasks.scope(ctx), **facts})]

    def use_step(self, tx: Transaction, id: int) -> None:
        """Notes that an output was of use: it stays for a while longer."""
        tx.conn.execute(_step_output.update().where(_step_output.c.id == id), {"used_time": tx.now})

    def unused_steps(self, conn: sa.Connection, before: int, most: int) -> list[StepOutput]:
        """Outputs of all spaces that were of no use since ``before``, the oldest first."""
        query = self.step_outputs.everything().where(_step_output.c.used_time < before).order_by(_step_output.c.used_time).limit(most)
        return [self.step_outputs.load(row) for row in conn.execute(query)]

    def forget_step(self, tx: Transaction, output: StepOutput) -> bool:
        """Removes the row unless it was of use meanwhile. Whether it did."""
        same = (_step_output.c.id == output.id, _step_output.c.used_time == output.used_time)
        return bool(tx.conn.execute(_step_output.delete().where(*same)).rowcount == 1)

    def addresses(self, conn: sa.Connection) -> set[str]:
        """Of every artifact that a version, a task's result or a kept step speaks for, of all spaces."""
        found = set(conn.execute(sa.select(_version.c.uri)).scalars())
        for columns in conn.execute(sa.select(_step_output.c.uri, _step_output.c.dropped_uri, _step_output.c.changes_uri)):
            found.update(columns)
        for (result,) in conn.execute(sa.select(_task.c.result).where(_task.c.result.like("%_uri%"))):
            found.update(_named(result))
        return found - {""}

    # --- deletion

    def works_on(self, conn: sa.Connection, dataset_id: int) -> bool:
        """Whether a task of the dataset has not ended."""
        open_ = sa.select(_task.c.id).where(_task.c.dataset_id == dataset_id, _task.c.status < _FIRST_TERMINAL).limit(1)
        return conn.execute(open_).first() is not None

    def versions_of(self, conn: sa.Connection, dataset_id: int) -> list[DatasetVersion]:
        """All of them, in order."""
        query = self.versions.everything().where(_version.c.dataset_id == dataset_id).order_by(_version.c.number)
        return [self.versions.load(row) for row in conn.execute(query)]

    def addresses_of(self, conn: sa.Connection, dataset_id: int) -> set[str]:
        """Of every artifact that a dataset speaks for."""
        steps = sa.select(_step_output.c.uri, _step_output.c.dropped_uri, _step_output.c.changes_uri)
        found = set(conn.execute(sa.select(_version.c.uri).where(_version.c.dataset_id == dataset_id)).scalars())
        for columns in conn.execute(steps.where(_step_output.c.dataset_id == dataset_id)):
            found.update(columns)
        for (result,) in conn.execute(sa.select(_task.c.result).where(_task.c.dataset_id == dataset_id)):
            found.update(_named(result))
        return found - {""}

    def silence(self, tx: Transaction, dataset_id: int) -> None:
        """From here on a dataset speaks for nothing: no address of its versions, tasks and steps is left, nor what its tasks said of
        records. What its versions were (numbers, hashes, counts) stays."""
        tx.conn.execute(_version.update().where(_version.c.dataset_id == dataset_id), {"uri": ""})
        tx.conn.execute(_step_output.delete().where(_step_output.c.dataset_id == dataset_id))
        tasks = tx.conn.execute(sa.select(_task.c.id, _task.c.result, _task.c.error).where(_task.c.dataset_id == dataset_id)).all()
        for task in tasks:
            values = {"result": _without_addresses(task.result), "error": _without_examples(task.error)}
            tx.conn.execute(_task.update().where(_task.c.id == task.id), values)
        log = METADATA.tables["task_log"]
        tx.conn.execute(log.delete().where(log.c.task_id.in_([task.id for task in tasks])))
        job, item = self.people.jobs.table, self.people.items.table
        self.people.forget(tx, job.c.id.in_([task.id for task in tasks]), sa.true())
        known = sa.select(_version.c.id).where(_version.c.dataset_id == dataset_id)
        self.people.forget(tx, job.c.known_version_id.in_(known), item.c.gold == 1)

    def overdue(self, conn: sa.Connection, before: int, most: int) -> list[Dataset]:
        """Datasets of all spaces that were deleted before that and not purged, the oldest first."""
        late = (_dataset.c.mark_delete == 1, _dataset.c.update_time < before, self.has_its_data())
        query = self.datasets.everything().where(*late).order_by(_dataset.c.update_time).limit(most)
        return [self.datasets.load(row) for row in conn.execute(query)]

    def has_its_data(self) -> sa.ColumnElement[bool]:
        """Of a dataset: nobody has begun to purge it."""
        return ~sa.select(_purge.c.id).where(_purge.c.dataset_id == _dataset.c.id).exists()

    def open_purges(self, conn: sa.Connection, most: int) -> list[DatasetPurge]:
        """Of all spaces, the oldest first."""
        query = self.purges.everything().where(_purge.c.status == int(PurgeStatus.PURGING)).order_by(_purge.c.id).limit(most)
        return [self.purges.load(row) for row in conn.execute(query)]


def _named(result: str) -> list[str]:
    """The addresses in a task's result."""
    return [value for name, value in msgspec.json.decode(result or "{}").items() if name.endswith("_uri")]


def _without_addresses(result: str) -> str:
    kept = {name: value for name, value in msgspec.json.decode(result or "{}").items() if not name.endswith("_uri")}
    return msgspec.json.encode(kept).decode()


def _without_examples(error: str) -> str:
    """What a failure was, and nothing of the records it was about."""
    kept = {name: value for name, value in msgspec.json.decode(error or "{}").items() if name in ("code", "reason", "field")}
    return msgspec.json.encode(kept).decode()
