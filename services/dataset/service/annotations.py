"""Verbs on annotation: a version is given to people, and what they say is its next one. What people do with each item is
``libs.people.verbs``."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext, system_context
from libs.common.errors import Reason, invalid
from libs.common.store.database import Database, Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from libs.common.work.human import HumanTasks
from libs.common.work.lifecycle import snapshot_hash
from libs.people.catalog import WorkTemplate
from libs.people.engine import People
from libs.people.kinds import WorkKind
from libs.people.records import Job
from libs.people.verbs import Arranged, PeopleVerbs
from services.dataset.domain.task import DatasetTask, DatasetTaskSubType, DatasetTaskType, check_type
from services.dataset.domain.version import DatasetVersion
from services.dataset.engine.annotations import ANNOTATIONS
from services.dataset.repository import DatasetRepository
from services.dataset.service.datasets import MAX_ATTEMPTS, Datasets


class Annotations(PeopleVerbs, Datasets):
    db: Database
    store: DatasetRepository
    people: People
    human: HumanTasks[DatasetTask]

    def tasks_of_people(self, conn: sa.Connection, ctx: CallContext, ids: Iterable[int]) -> dict[int, DatasetTask]:
        return self.store.tasks_by_id(conn, ctx, set(ids))

    # --- what people are asked

    @mutation
    def create_template(
        self, ctx: CallContext, *, name: str, sub_type: DatasetTaskSubType, body: dict[str, Any] | None = None
    ) -> WorkTemplate:
        return self.made_template(ctx, annotation_kind(sub_type.name), name, body)

    @mutation
    def update_template(self, ctx: CallContext, *, id: int, body: dict[str, Any]) -> WorkTemplate:
        annotation_kind(self.people.get_template(ctx, id=id).kind).check(body)
        return self.people.update_template(ctx, id=id, body=body)

    def list_templates(self, ctx: CallContext, *, page: PageRequest, sub_type: DatasetTaskSubType | None = None) -> Page:
        return self.people.list_templates(ctx, page=page, kind=sub_type.name if sub_type is not None else "")

    # --- a task for people

    @mutation
    def start_annotation(
        self,
        ctx: CallContext,
        *,
        dataset_id: int,
        sub_type: DatasetTaskSubType,
        name: str,
        input_version_id: int,
        template_id: int,
        desc: str = "",
        template_number: int = 0,
        rule: dict[str, Any] | None = None,
        annotators: list[int] | None = None,
        inspectors: list[int] | None = None,
        known_version_id: int = 0,
    ) -> DatasetTask:
        """What is known stands in the job alone: a task's snapshot is read by whoever may see the task, annotators too."""
        check_type(DatasetTaskType.Annotation, sub_type)
        kind = annotation_kind(sub_type.name)
        self.get_dataset(ctx, id=dataset_id)
        source = self._of_dataset(ctx, dataset_id, input_version_id)
        known = self.get_version(ctx, id=known_version_id).records if known_version_id else 0
        template = self.people.get_template(ctx, id=template_id, number=template_number)
        if template.kind != kind.name:
            raise invalid("template_id", limit=f"a template for {kind.name}", kind=template.kind)
        declared = self.checked_rule(ctx, rule, annotators, inspectors, known)
        asked: dict[str, Any] = {"rule": declared, "annotators": annotators or [], "inspectors": inspectors or []}
        snapshot = {"dataset_id": dataset_id, "input": source.content_hash, "template_version_id": template.template_version_id, **asked}
        with self.db.begin(ctx) as tx:
            task = DatasetTask(
                id=self.db.ids.next(),
                name=name,
                desc=desc,
                project_space_id=ctx.space_id,
                user_id=ctx.user_id,
                snapshot=snapshot,
                snapshot_hash=snapshot_hash(snapshot),
                max_attempts=MAX_ATTEMPTS,
                dataset_id=dataset_id,
                input_version_id=input_version_id,
                type=DatasetTaskType.Annotation,
                sub_type=sub_type,
            )
            created = self.human.create(tx, task)
            facts: dict[str, Any] = {"seed": secrets.token_hex(16), "skill": kind.name, "known_version_id": known_version_id}
            job = Job(task.id, ctx.space_id, ctx.user_id, template.template_version_id, **asked, **facts)
            self.people.create_job(tx, job)
            return tx.done(created)

    def _of_dataset(self, ctx: CallContext, dataset_id: int, version_id: int) -> DatasetVersion:
        version = self.get_version(ctx, id=version_id)
        if version.dataset_id != dataset_id:
            raise invalid("input_version_id", limit="a version of this dataset")
        return version

    def get_annotation(self, ctx: CallContext, *, task_id: int) -> Arranged:
        return self.arranged(ctx, task_id)

    # --- what the worker asks

    def known_version(self, job: Job) -> int:
        """The version whose answers are known; told to nobody but the worker."""
        return job.known_version_id

    def finish_annotation(self, task: DatasetTask, version: DatasetVersion, result: dict[str, Any]) -> DatasetTask:
        """RUNNING -> SUCCEEDED with its version; nobody is given anything more. Raises STALE_EPOCH for a worker that lost its lease."""
        with self.db.begin(system_context(task.user_id, task.project_space_id)) as tx:
            current = self.human.held(tx, task)
            self.people.close_job(tx, task.id)
            kept = self._kept(tx, version)
            return self.human.succeed_in(tx, current, result, output_version_ids=[kept.id])

    def ended(self, tx: Transaction, task: DatasetTask) -> None:
        """In the transaction in which a task ends without success."""
        if task.type == DatasetTaskType.Annotation:
            self.people.close_job(tx, task.id)


def annotation_kind(name: str) -> WorkKind:
    """Raises UNKNOWN_ENUM for what people cannot annotate here."""
    if name not in ANNOTATIONS:
        raise invalid("sub_type", Reason.UNKNOWN_ENUM, "one of " + ", ".join(ANNOTATIONS), value=name)
    return ANNOTATIONS[name]
