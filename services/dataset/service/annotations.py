"""Verbs on annotation: what people are asked, who they are, and what they do with each item (``libs.people``)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from libs.common.context import CallContext, system_context
from libs.common.errors import Reason, invalid
from libs.common.store.database import Database, Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from libs.common.work.human import HumanTasks
from libs.common.work.lifecycle import snapshot_hash
from libs.data.options import read_options
from libs.people.catalog import WorkTemplate
from libs.people.claiming import Claimed
from libs.people.engine import People
from libs.people.figures import Agreement
from libs.people.mine import MyJob
from libs.people.records import Job, Pool, Work
from libs.people.rule import Rule
from libs.people.states import InspectionVerdict, WorkRole
from services.dataset.domain.task import DatasetTask, DatasetTaskSubType, DatasetTaskType, check_type
from services.dataset.domain.version import DatasetVersion
from services.dataset.engine.annotations import ANNOTATIONS, AnnotationKind
from services.dataset.repository import DatasetRepository
from services.dataset.service.datasets import MAX_ATTEMPTS, Datasets


@dataclass(frozen=True)
class Annotation:
    """What a task asks of people, and how far it is."""

    task_id: int
    template: WorkTemplate
    rule: dict[str, Any]
    annotators: list[int]
    inspectors: list[int]
    items: int
    items_done: int
    inspecting: int
    set_aside: int
    held: int


@dataclass(frozen=True)
class MyTask:
    """A task in which the caller may work, and what they did there."""

    task_id: int
    name: str
    kind: str
    role: WorkRole
    held: int
    answered: int
    skipped: int
    compared: int
    agreed: int
    items: int
    items_done: int
    create_time: int


class Annotations(Datasets):
    db: Database
    store: DatasetRepository
    people: People
    human: HumanTasks[DatasetTask]

    # --- who can be asked, and what

    @mutation
    def create_pool(self, ctx: CallContext, *, name: str, users: list[int]) -> Pool:
        return self.people.create_pool(ctx, name=name, users=users)

    @mutation
    def update_pool(self, ctx: CallContext, *, id: int, name: str | None = None, users: list[int] | None = None) -> Pool:
        return self.people.update_pool(ctx, id=id, name=name, users=users)

    def get_pool(self, ctx: CallContext, *, id: int) -> Pool:
        return self.people.get_pool(ctx, id=id)

    def list_pools(self, ctx: CallContext, *, page: PageRequest) -> Page:
        return self.people.list_pools(ctx, page=page)

    @mutation
    def create_template(
        self, ctx: CallContext, *, name: str, sub_type: DatasetTaskSubType, body: dict[str, Any] | None = None
    ) -> WorkTemplate:
        kind = annotation_kind(sub_type.name)
        body = dict(kind.starter) if body is None else body
        kind.check(body)
        return self.people.create_template(ctx, name=name, kind=kind.name, body=body)

    @mutation
    def update_template(self, ctx: CallContext, *, id: int, body: dict[str, Any]) -> WorkTemplate:
        annotation_kind(self.people.get_template(ctx, id=id).kind).check(body)
        return self.people.update_template(ctx, id=id, body=body)

    def get_template(self, ctx: CallContext, *, id: int, number: int = 0) -> WorkTemplate:
        return self.people.get_template(ctx, id=id, number=number)

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
        declared = read_options(Rule, rule, "rule")
        declared.check(self._size(ctx, annotators), len(inspectors or []) and self._size(ctx, inspectors), known)
        asked: dict[str, Any] = {"rule": asdict(declared), "annotators": annotators or [], "inspectors": inspectors or []}
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

    def _size(self, ctx: CallContext, pools: Sequence[int] | None) -> int | None:
        """How many different people are in some pools; None = whoever comes. Raises NOT_FOUND for a pool that is none."""
        if not pools:
            return None
        found = [self.people.get_pool(ctx, id=id) for id in pools]
        return None if any(pool.departments for pool in found) else len({user for pool in found for user in pool.users})

    def get_annotation(self, ctx: CallContext, *, task_id: int) -> Annotation:
        job = self.people.job(ctx, task_id)
        progress = self.people.progress(job)
        with self.db.read() as conn:
            template = self.people.template_version(conn, ctx, job.template_version_id)
        return Annotation(
            task_id=task_id,
            template=template,
            rule=job.rule,
            annotators=job.annotators,
            inspectors=job.inspectors,
            items=job.items,
            items_done=job.items_done,
            inspecting=progress.inspecting,
            set_aside=progress.set_aside,
            held=progress.held,
        )

    def list_members(self, ctx: CallContext, *, task_id: int, page: PageRequest) -> Page:
        return self.people.members(ctx, self.people.job(ctx, task_id).id, page)

    def get_agreement(self, ctx: CallContext, *, task_id: int) -> list[Agreement]:
        return self.people.agreement(self.people.job(ctx, task_id))

    # --- what people do

    def get_my_work(self, ctx: CallContext) -> list[MyTask]:
        found = self.people.my_jobs(ctx)
        with self.db.read() as conn:
            tasks = self.store.tasks_by_id(conn, ctx, {each.job.id for each in found})
        return [_my_task(each, tasks[each.job.id]) for each in found if each.job.id in tasks]

    def list_my_answers(self, ctx: CallContext, *, task_id: int, page: PageRequest) -> Page:
        return self.people.my_work(ctx, self.people.job(ctx, task_id), page)

    @mutation
    def claim_work(self, ctx: CallContext, *, task_id: int, want: int = 1) -> Claimed:
        return self.people.claim(ctx, job_id=task_id, want=want)

    @mutation
    def claim_inspection(self, ctx: CallContext, *, task_id: int, want: int = 1) -> Claimed:
        return self.people.claim(ctx, job_id=task_id, role=WorkRole.INSPECTOR, want=want)

    @mutation
    def submit_work(self, ctx: CallContext, *, id: int, answer: dict[str, Any], note: str = "") -> Work:
        return self.people.submit(ctx, id=id, answer=answer, note=note)

    @mutation
    def keep_work(self, ctx: CallContext, *, id: int, draft: dict[str, Any]) -> Work:
        return self.people.keep(ctx, id=id, draft=draft)

    @mutation
    def skip_work(self, ctx: CallContext, *, id: int, reason: str) -> Work:
        return self.people.skip(ctx, id=id, reason=reason)

    @mutation
    def release_work(self, ctx: CallContext, *, id: int) -> Work:
        return self.people.release(ctx, id=id)

    @mutation
    def undo_work(self, ctx: CallContext, *, id: int) -> Work:
        return self.people.undo(ctx, id=id)

    @mutation
    def decide_work(
        self, ctx: CallContext, *, id: int, verdict: InspectionVerdict, answer: dict[str, Any] | None = None, reason: str = ""
    ) -> Work:
        return self.people.decide(ctx, id=id, verdict=verdict, answer=answer, reason=reason)

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

    def counted(self, tx: Transaction, task: DatasetTask) -> tuple[int, int]:
        """(done, all) items of a task."""
        return self.people.count_items(tx, task.id)

    def ended(self, tx: Transaction, task: DatasetTask) -> None:
        """In the transaction in which a task ends without success."""
        if task.type == DatasetTaskType.Annotation:
            self.people.close_job(tx, task.id)


def _my_task(mine: MyJob, task: DatasetTask) -> MyTask:
    counts = {name: getattr(mine.member, name, 0) for name in ("held", "skipped", "compared", "agreed")}
    return MyTask(
        task_id=task.id,
        name=task.name,
        kind=task.sub_type.name,
        role=mine.role,
        answered=mine.answered,
        items=mine.job.items,
        items_done=mine.job.items_done,
        create_time=task.create_time,
        **counts,
    )


def annotation_kind(name: str) -> AnnotationKind:
    """Raises UNKNOWN_ENUM for what people cannot annotate here."""
    if name not in ANNOTATIONS:
        raise invalid("sub_type", Reason.UNKNOWN_ENUM, "one of " + ", ".join(ANNOTATIONS), value=name)
    return ANNOTATIONS[name]
