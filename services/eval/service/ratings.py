"""Verbs on rating by people: the stored outputs of a run are given to people, and what they say is evidence. What people do with each item
is ``libs.people.verbs``."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import fsum
from typing import Any

import sqlalchemy as sa

from libs.common import fault
from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason, invalid, missing
from libs.common.identity.signed import CLEARANCE_MAX
from libs.common.store.database import Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import PAGE_MAX, PageRequest
from libs.common.work.human import HumanTasks
from libs.common.work.lifecycle import snapshot_hash
from libs.common.work.task import TaskStatus
from libs.people.aggregate import join
from libs.people.records import Job
from libs.people.verbs import Arranged
from services.eval.domain.item import EvalItem
from services.eval.domain.raters import Raters
from services.eval.domain.task import EvalTask
from services.eval.engine.rating import Judged, listen, mirrored
from services.eval.engine.ratings import RATINGS, RatingKind
from services.eval.service.evaluations import MAX_ATTEMPTS, Evaluations, tell_model
from services.eval.service.verdicts import judged, verdict_of


@dataclass(frozen=True)
class Rater:
    """What one person said of a run. items: answers that count. score: None where nothing is scored."""

    person_id: int
    items: int
    score: float | None


class Ratings(Evaluations):
    human: HumanTasks[EvalTask]

    def tasks_of_people(self, conn: sa.Connection, ctx: CallContext, ids: Iterable[int]) -> dict[int, EvalTask]:
        wanted = set(ids)
        tasks = self.store.tasks
        found = tasks.page(conn, ctx, PageRequest(None, PAGE_MAX), tasks.column("id").in_(wanted)).items if wanted else []
        return {task.id: task for task in found}

    def admit(self, ctx: CallContext, task_id: int) -> None:
        """Outputs repeat what the test version holds; who may see that may have changed since the rating began."""
        if ctx.clearance < CLEARANCE_MAX:
            self._refuse_secret(ctx, self.get_task(ctx, id=task_id))

    # --- a task for people

    @mutation
    def start_rating(
        self, ctx: CallContext, *, eval_task_id: int, eval_config_id: int = 0, against_task_id: int = 0, name: str = "", desc: str = ""
    ) -> EvalTask:
        """Raises ILLEGAL_TRANSITION for a run without stored outputs, INVALID_ARGUMENT for a config that names nobody."""
        run = self._run(ctx, eval_task_id, "eval_task_id")
        config = self.get_config(ctx, id=eval_config_id or run.eval_config_id)
        if config.model_id != run.model_id:
            raise invalid("eval_config_id", limit=f"a config of model {run.model_id}, whose run this is")
        if not config.people:
            raise invalid("eval_config_id", limit="a config that names people", name=config.name)
        raters = Raters.from_dict(config.people)
        against = self._against(ctx, RATINGS[raters.kind], run, against_task_id)
        snapshot = {
            "engine": "people",
            "config": {"people": config.people},
            "dataset": run.snapshot["dataset"],
            "model_version_id": run.model_version_id,
            "rated_task_id": str(run.id),
            "against_task_id": str(against.id) if against else "0",
        }
        secrecy = self._dataset.call(ctx, "GetVersion", id=run.dataset_version_id).dataset_version.secrecy or 0
        with self.db.begin(ctx) as tx:
            task = EvalTask(
                id=self.db.ids.next(),
                name=name or raters.kind,
                desc=desc,
                project_space_id=ctx.space_id,
                user_id=ctx.user_id,
                snapshot=snapshot,
                snapshot_hash=snapshot_hash(snapshot),
                max_attempts=MAX_ATTEMPTS,
                model_id=run.model_id,
                eval_config_id=config.id,
                model_version_id=run.model_version_id,
                dataset_version_id=run.dataset_version_id,
                target_kind=run.target_kind,
                target_digest=run.target_digest,
                work_order_id=run.work_order_id,
                rated_task_id=run.id,
                prompt_version_id=run.prompt_version_id,
                against_task_id=against.id if against else 0,
                secrecy=int(secrecy),
            )
            created = self.human.create(tx, task)
            asked: dict[str, Any] = {"rule": raters.rule, "annotators": raters.annotators, "inspectors": raters.inspectors}
            facts: dict[str, Any] = {"seed": secrets.token_hex(16), "skill": raters.kind}
            self.people.create_job(tx, Job(task.id, ctx.space_id, ctx.user_id, raters.template_version_id, **asked, **facts))
            return tx.done(created)

    def _run(self, ctx: CallContext, id: int, field: str) -> EvalTask:
        """One whose stored outputs the caller may see."""
        run = self.get_task(ctx, id=id)
        if ctx.clearance < CLEARANCE_MAX:
            self._refuse_secret(ctx, run)
        if run.rated_task_id:
            raise invalid(field, limit="an evaluation by an engine, this one is by people")
        if run.status != TaskStatus.SUCCEEDED:
            facts: dict[str, Any] = {"machine": "eval_task", "state": run.status.name, "event": "RATE"}
            raise PlatformError(409, Reason.ILLEGAL_TRANSITION, field=field, limit="none", **facts)
        return run

    def _against(self, ctx: CallContext, kind: RatingKind, run: EvalTask, id: int) -> EvalTask | None:
        if not kind.pairs:
            if id:
                raise invalid("against_task_id", limit="left out unless two runs are compared")
            return None
        if not id:
            raise missing("against_task_id")
        other = self._run(ctx, id, "against_task_id")
        if other.id == run.id or other.dataset_version_id != run.dataset_version_id:
            raise invalid("against_task_id", limit=f"another evaluation on dataset version {run.dataset_version_id}")
        return other

    def get_rating(self, ctx: CallContext, *, task_id: int) -> Arranged:
        return self.arranged(ctx, task_id)

    def get_raters(self, ctx: CallContext, *, task_id: int) -> list[Rater]:
        job, task = self.people.job(ctx, task_id), self.get_task(ctx, id=task_id)
        raters = Raters.from_dict(task.snapshot["config"]["people"])
        said = listen(RATINGS[raters.kind], raters.good, self.people.template(job), self.judged(job))
        return [Rater(id, said.items[id], fsum(worths) / len(worths) if (worths := said.worths[id]) else None) for id in sorted(said.items)]

    def judged(self, job: Job) -> Iterator[Judged]:
        """What people said of each output. An inspector who accepts what they say together decides nothing else."""
        template = self.people.template(job)
        for item, answers in self.people.answered(job):
            told = [(each.person_id or 0, each.answer) for each in answers]
            decided = item.inspector_id > 0 and item.result != join(template, [answer for _, answer in told]).answer
            yield Judged(told, item.result, decided, mirrored(job.seed, item.number))

    # --- what the worker does to a task it holds

    def outputs_of(self, task: EvalTask, id: int) -> Iterator[EvalItem]:
        """The stored outputs of a run in order."""
        page = PageRequest(None, PAGE_MAX)
        while True:
            with self.db.read() as conn:
                found = self.store.items.in_order(conn, system_context(task.user_id, task.project_space_id), id, page, only_wrong=False)
            yield from found.items
            if found.next_cursor is None:
                return
            page = PageRequest(found.next_cursor, PAGE_MAX)

    def finish_rating(self, task: EvalTask, metrics: Mapping[str, float], rated: int, told: Mapping[str, Any]) -> EvalTask:
        """Freezes the figures, hands them to the model domain, and ends the task; nobody is given anything more. rated: outputs that people
        said something of. Raises STALE_EPOCH, CANCELLED."""
        ctx = system_context(task.user_id, task.project_space_id)
        run = self.get_task(ctx, id=task.rated_task_id)
        with self.db.begin(ctx) as tx:
            current = self._held(tx, task)
            if not current.measured:
                inherited = {name: run.metrics[name] for name in ("leak",) if name in run.metrics}
                facts: dict[str, Any] = {"items": run.items, "failed_items": run.items - rated, "overlap": run.overlap}
                current = self.store.tasks.update(tx, current, metrics={**metrics, **inherited}, **facts)
        fault.point("eval.after_rating_before_evidence")
        answer = self.tell(current, current.evidence_kind)
        with self.db.begin(ctx) as tx:
            current = self._held(tx, task)
            self.people.close_job(tx, task.id)
            result = {**told, **judged(answer, current)}
            return self.human.succeed_in(tx, current, result, current.failed_items, verdict=verdict_of(answer))

    def ended(self, tx: Transaction, task: EvalTask) -> None:
        """In the transaction in which a task ends without success."""
        if task.rated_task_id:
            self.people.close_job(tx, task.id)
        else:
            tell_model(tx, task)
