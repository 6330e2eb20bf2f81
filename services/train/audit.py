"""What the auditor knows of the train domain: one model version per task, and weights for every task that succeeded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Reference, Report, Subject, check_common, check_once, references, result_references
from libs.common.work.task import MACHINE, TaskStatus
from services.train.repository import METADATA

_config, _task, _metric = (METADATA.tables[name] for name in ("train_config", "train_task", "train_metric"))
SUBJECTS = (Subject("train_task", _task, MACHINE, reserves=sa.true()),)


def check(books: Books, report: Report, patience: Patience) -> None:
    check_common(books, SUBJECTS, report, patience)
    check_once(books, report, _config, "model_id", "name")
    check_once(books, report, _task, "model_version_id")
    check_once(books, report, _metric, "task_id", "step", "name")
    for row in books.rows(sa.select(_task.c.id, _task.c.status, _task.c.artifact_uri, _task.c.artifact_digest)):
        report.saw("LINEAGE", "train tasks")
        if (row.status == TaskStatus.SUCCEEDED) != bool(row.artifact_digest):
            report.wrong("LINEAGE", books.service, "train_task", row.id, f"status {row.status} with artifact '{row.artifact_digest}'")
        if not row.artifact_uri.endswith(row.artifact_digest):
            report.wrong("LINEAGE", books.service, "train_task", row.id, f"{row.artifact_uri} is not {row.artifact_digest}")


def artifacts(books: Books) -> Iterator[Reference]:
    yield from references(books, "train_task", _task, "artifact_uri")
    yield from result_references(books, "train_task", _task)


def trained(books: Books) -> Iterator[Any]:
    """(id, model_version_id, artifact_digest) of every task that succeeded."""
    columns = (_task.c.id, _task.c.model_version_id, _task.c.artifact_digest)
    yield from books.rows(sa.select(*columns).where(_task.c.status == int(TaskStatus.SUCCEEDED)))
