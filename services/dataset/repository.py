"""Tables of the dataset domain."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from libs.common.store.database import platform_tables, seed_columns
from libs.common.store.repository import Repository
from libs.common.work.lifecycle import task_columns
from services.dataset.domain.dataset import Dataset
from services.dataset.domain.task import DatasetTask
from services.dataset.domain.version import DatasetVersion

METADATA = sa.MetaData()
platform_tables(METADATA)
_TEXT = sa.Text(16_000_000)


def _whole(name: str, kind: Any = sa.BigInteger) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


_dataset = sa.Table(
    "dataset",
    METADATA,
    *seed_columns(),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("desc", sa.String(1000)),
    sa.Column("type", sa.Integer),
    sa.Column("project_space_id", sa.BigInteger, nullable=False),
    sa.Column("file_url", sa.String(1000), nullable=False),
    _whole("secrecy", sa.Integer),
    sa.Column("source", sa.String(1000), nullable=False),
    _whole("user_id"),
    sa.Index("dataset_space_name", "project_space_id", "name"),
    sa.Index("dataset_space", "project_space_id", "id"),
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
    *task_columns(),
    sa.Column("type", sa.Integer, nullable=False),
    sa.Column("sub_type", sa.Integer),
    _whole("dataset_id"),
    _whole("input_version_id"),
    sa.Column("output_version_ids", _TEXT, nullable=False),
    sa.Index("dataset_task_dataset", "dataset_id", "project_space_id", "id"),
    sa.Index("dataset_task_status", "status", "id"),
    sa.Index("dataset_task_snapshot", "snapshot_hash"),
    sa.Index("dataset_task_space", "project_space_id", "id"),
)


class DatasetRepository:
    """One ``Repository`` per noun."""

    def __init__(self) -> None:
        self.datasets = Repository("dataset", _dataset, Dataset)
        self.versions = Repository("dataset_version", _version, DatasetVersion)
        # A task is as secret as what it works on.
        of_dataset = sa.select(_dataset.c.secrecy).where(_dataset.c.id == _task.c.dataset_id).scalar_subquery()
        self.tasks = Repository("dataset_task", _task, DatasetTask, secrecy=sa.func.coalesce(of_dataset, 0))
