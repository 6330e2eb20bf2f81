"""Tables of the dataset domain."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.database import platform_tables, seed_columns
from libs.common.store.repository import Repository
from libs.common.store.seed_table import SeedText, seed_columns_around
from libs.common.work.lifecycle import task_columns_beyond_the_seed
from libs.common.work.task import TaskStatus
from libs.people.tables import people_tables
from services.dataset.domain.dataset import Dataset, DatasetType
from services.dataset.domain.task import DatasetTask
from services.dataset.domain.upload import Upload
from services.dataset.domain.version import DatasetVersion

METADATA = sa.MetaData()
platform_tables(METADATA)
people_tables(METADATA)
_TEXT = sa.Text(16_000_000)


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


class DatasetRepository:
    """One ``Repository`` per noun."""

    def __init__(self) -> None:
        self.datasets = Repository("dataset", _dataset, Dataset, absent={"type": DatasetType.Text})
        self.versions = Repository("dataset_version", _version, DatasetVersion, belongs_to="dataset_id")
        self.uploads = Repository("upload", _upload, Upload, told=False)  # who uploads is told by each answer
        # A task is as secret as what it works on.
        of_dataset = sa.select(_dataset.c.secrecy).where(_dataset.c.id == _task.c.dataset_id).scalar_subquery()
        self.tasks = Repository("dataset_task", _task, DatasetTask, secrecy=sa.func.coalesce(of_dataset, 0), belongs_to="dataset_id")

    def finished(self, conn: sa.Connection, ctx: CallContext, dataset_id: int, most: int) -> list[DatasetTask]:
        """The tasks of a dataset that succeeded, the last one first."""
        tasks = self.tasks

        def build() -> sa.Select[Any]:
            ended = (tasks.column("finish_time").desc(), tasks.column("id").desc())
            return tasks.equal("dataset_id", "status").order_by(*ended).limit(sa.bindparam("most"))

        facts = {"dataset_id": dataset_id, "status": int(TaskStatus.SUCCEEDED), "most": most}
        return [tasks.load(row) for row in tasks.prepared("finished", build).rows(conn, {**tasks.scope(ctx), **facts})]
