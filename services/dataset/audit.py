"""What the auditor knows of the dataset domain: a finished task's versions exist, are its own or its twin's, and lie in the store."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from idl.enums import DatasetTaskType
from libs.common.store.audit import (
    Books,
    Patience,
    Reference,
    Report,
    Subject,
    batches,
    check_common,
    check_once,
    references,
    result_references,
)
from libs.common.work.task import MACHINE, TaskStatus
from libs.people.audit import check_people
from libs.people.states import ITEMS
from services.dataset.domain.purge import MACHINE as PURGES
from services.dataset.domain.purge import PurgeStatus, proof_of
from services.dataset.domain.upload import MACHINE as UPLOADS
from services.dataset.repository import METADATA, DatasetRepository

_dataset, _version, _task = (METADATA.tables[name] for name in ("dataset", "dataset_version", "dataset_task"))
_recipe, _revision, _step = (METADATA.tables[name] for name in ("recipe", "recipe_revision", "step_output"))
SUBJECTS = (
    Subject("dataset_task", _task, MACHINE, reserves=_task.c.type != int(DatasetTaskType.Annotation)),
    Subject("upload", METADATA.tables["upload"], UPLOADS),
    Subject("dataset_purge", METADATA.tables["dataset_purge"], PURGES),
    Subject("people_item", METADATA.tables["people_item"], ITEMS),
)


def check(books: Books, report: Report, patience: Patience) -> None:
    check_common(books, SUBJECTS, report, patience)
    check_once(books, report, _dataset, "project_space_id", "name")
    check_once(books, report, _version, "dataset_id", "number")
    check_once(books, report, _version, "dataset_id", "content_hash", "parent_version_id", "part")
    check_once(books, report, _recipe, "project_space_id", "name")
    check_once(books, report, _revision, "recipe_id", "number")
    check_once(books, report, _step, "project_space_id", "reached")
    check_once(books, report, METADATA.tables["dataset_purge"], "dataset_id")
    _check_outputs(books, report)
    _check_purges(books, report)
    check_people(books, report, patience)


def artifacts(books: Books) -> Iterator[Reference]:
    yield from references(books, "dataset_version", _version, "uri")
    yield from result_references(books, "dataset_task", _task)
    for column in ("uri", "dropped_uri", "changes_uri"):
        yield from references(books, "step_output", _step, column)


def _check_outputs(books: Books, report: Report) -> None:
    query = sa.select(_task.c.id, _task.c.status, _task.c.output_version_ids)
    for batch in batches(books.rows(query)):
        outputs = {row.id: msgspec.json.decode(row.output_version_ids or "[]") for row in batch}
        known = books.by_key(_version.c.id, [id for ids in outputs.values() for id in ids])
        for row in batch:
            report.saw("LINEAGE", "dataset tasks")
            if (row.status == TaskStatus.SUCCEEDED) != bool(outputs[row.id]):
                report.wrong("LINEAGE", books.service, "dataset_task", row.id, f"status {row.status} with versions {outputs[row.id]}")
            for id in outputs[row.id]:
                if id not in known:
                    report.wrong("LINEAGE", books.service, "dataset_task", row.id, f"its version {id} does not exist")


def _check_purges(books: Books, report: Report) -> None:
    """What was purged speaks for nothing any more, and its proof is that of its row."""
    purges = DatasetRepository().purges
    for row in books.rows(purges.everything()):
        purge = purges.load(row)
        report.saw("LINEAGE", "purges")
        if purge.status == PurgeStatus.DONE and purge.proof != proof_of(purge):
            report.wrong("LINEAGE", books.service, "dataset_purge", purge.id, "its proof is of other facts")
        left = sa.select(_version.c.id).where(_version.c.dataset_id == purge.dataset_id, _version.c.uri != "")
        for version in books.rows(left):
            report.wrong("LINEAGE", books.service, "dataset_purge", purge.id, f"its version {version.id} still has an address")
