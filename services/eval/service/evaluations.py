"""Verbs on evaluations by an engine, and what the worker may do to a task it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from idl.enums import EvidenceKind, ModelVersionStatus, name_of
from libs.common import fault
from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason, invalid, not_found
from libs.common.identity.signed import CLEARANCE_MAX
from libs.common.outside import Outside
from libs.common.store.database import Transaction
from libs.common.store.filters import chosen
from libs.common.store.mutation import mutation
from libs.common.store.notice import Notice, former_end
from libs.common.store.repository import Page, PageRequest
from libs.common.work.lifecycle import TaskLifecycle, snapshot_hash
from libs.common.work.task import TaskStatus
from libs.common.work.tasklog import TaskLog
from libs.data.classes import kind_in
from libs.metrics import ANSWERS
from services.eval.domain.config import EvalConfig
from services.eval.domain.grid import GridTarget
from services.eval.domain.item import EvalItem
from services.eval.domain.prompt import PromptVersion
from services.eval.domain.target import EvalTargetKind, check_address, check_digest, not_evaluable, sent_target, weights_target
from services.eval.domain.task import EvalTask
from services.eval.engine.comparison import gains
from services.eval.engine.options import ENGINE_VERSION
from services.eval.service.prompts import Prompts
from services.eval.service.verdicts import judged, verdict_of

BATCH = 500  # items stored in one transaction
PEER_SECONDS = 30.0
MAX_ATTEMPTS = 3
_RECALLED = ("RETIRED", "QUARANTINED")
T = TypeVar("T")
EVALUATION_ENDED = Notice("model", "RecordEvaluationEnded", former="evaluation_ended", reads=former_end("eval"))


@dataclass(frozen=True)
class CreatedTask:
    """reused: ``eval_task`` is an earlier one that did exactly this work."""

    eval_task: EvalTask
    reused: bool


@dataclass(frozen=True)
class EvalState:
    """The eval part of the composed status. as_of: milliseconds since the epoch."""

    latest_task: EvalTask | None
    running_tasks: int
    as_of: int


class Evaluations(Prompts):
    outside: Outside
    lifecycle: TaskLifecycle[EvalTask]

    # --- tasks

    @mutation
    def create_task(
        self,
        ctx: CallContext,
        *,
        eval_config_id: int,
        model_version_id: int,
        target_kind: EvalTargetKind = EvalTargetKind.WEIGHTS,
        target_digest: str = "",
        target_address: str = "",
        name: str = "",
        desc: str = "",
        reuse: bool = False,
        max_attempts: int = MAX_ATTEMPTS,
        prompt_version_id: int = 0,
    ) -> CreatedTask:
        """Freezes what is evaluated and queues it; with ``reuse`` a finished task that did the same work is answered instead. An ENDPOINT
        is what this caller named: it informs, and its result stands in for nobody else's.

        Raises NOT_FOUND, ILLEGAL_TRANSITION for a version without artifact or out of use, SPLIT_LEAK when it was trained on the test
        version, ADDRESS_REFUSED.
        """
        config = self.get_config(ctx, id=eval_config_id)
        target = GridTarget(model_version_id, target_kind, target_digest, target_address)
        prompt = self.prompt_version(ctx, prompt_version_id) if prompt_version_id else None
        made = self._planned(ctx, config, target, prompt, name=name or config.name, desc=desc, max_attempts=max_attempts)
        twin = self.lifecycle.finished_twin(ctx, made.snapshot_hash) if reuse else None
        with self.db.begin(ctx) as tx:
            return tx.done(CreatedTask(twin, True) if twin is not None else CreatedTask(self.lifecycle.create(tx, made), False))

    def _planned(self, ctx: CallContext, config: EvalConfig, of: GridTarget, prompt: PromptVersion | None, **facts: Any) -> EvalTask:
        """What a person may ask for, frozen and not yet queued. Raises as ``create_task``."""
        target = self._asked_target(of.target_kind, of.target_digest, of.target_address)
        version = self._evaluable(ctx, config, of.model_version_id)
        if of.target_kind == EvalTargetKind.WEIGHTS:
            target = weights_target(version, of.target_digest)
        else:
            target["asked_by"] = ctx.user_id
        snapshot = self._snapshot(ctx, config, of.model_version_id, target)
        if prompt is not None:
            snapshot["prompt"] = prompt.asked_in()
            facts["prompt_version_id"] = prompt.id
        facts |= {"target_kind": of.target_kind, "target_digest": target["digest"], "target_address": of.target_address}
        return self._made(ctx, config, of.model_version_id, snapshot, **facts)

    @mutation
    def create_release_task(
        self,
        ctx: CallContext,
        *,
        eval_config_id: int,
        model_version_id: int,
        target_digest: str,
        target_address: str,
        target_key: str,
        work_order_id: int,
        name: str = "",
        against_task_id: int = 0,
    ) -> EvalTask:
        """The evaluation a release is decided by: what deploy packaged, on the instance it started for that. against_task_id: of what
        serves now; one that cannot be compared is none. Raises as ``create_task``.
        """
        config = self.get_config(ctx, id=eval_config_id)
        target = {"kind": EvalTargetKind.ENDPOINT.name, "digest": check_digest(target_digest), "work_order_id": str(work_order_id)}
        check_address(target_address)
        self._evaluable(ctx, config, model_version_id)
        snapshot = self._snapshot(ctx, config, model_version_id, target)
        against = self._served(ctx, against_task_id, snapshot) if against_task_id else 0
        if against:
            snapshot["against_task_id"] = str(against)
        with self.db.begin(ctx) as tx:
            made = self._made(
                ctx,
                config,
                model_version_id,
                snapshot,
                name=name or config.name,
                against_task_id=against,
                target_kind=EvalTargetKind.ENDPOINT,
                target_digest=target_digest,
                work_order_id=work_order_id,
                staging_address=target_address,
                target_key=target_key,
            )
            return tx.done(self.lifecycle.create(tx, made))

    def _snapshot(self, ctx: CallContext, config: EvalConfig, model_version_id: int, target: dict[str, Any]) -> dict[str, Any]:
        tested = self._test_version(ctx, config.dataset_version_id)
        held = kind_in(tested.kind)
        kind = {"kind": held} if held != ANSWERS else {}  # as it always was: the same work has the same hash
        return {
            "engine": ENGINE_VERSION,
            "config": {"metrics": config.metrics, "options": config.options},
            "dataset": {"version_id": tested.id, "content_hash": tested.content_hash, "uri": tested.uri, **kind},
            "model_version_id": model_version_id,
            "target": target,
        }

    def _served(self, ctx: CallContext, id: int, snapshot: dict[str, Any]) -> int:
        """The evaluation of what serves now, where it may decide and asked the same of the same test; else 0."""
        with self.db.read() as conn:
            task = self.store.tasks.find(conn, ctx, id)
        if task is None or task.status != TaskStatus.SUCCEEDED or task.evidence_kind != EvidenceKind.RELEASE or task.purged:
            return 0
        same = all(_asked(task.snapshot)[what] == asked for what, asked in _asked(snapshot).items())
        return task.id if same else 0

    def _made(self, ctx: CallContext, config: EvalConfig, model_version_id: int, snapshot: dict[str, Any], **facts: Any) -> EvalTask:
        return EvalTask(
            id=self.db.ids.next(),
            project_space_id=ctx.space_id,
            user_id=ctx.user_id,
            snapshot=snapshot,
            snapshot_hash=snapshot_hash(snapshot),
            model_id=config.model_id,
            eval_config_id=config.id,
            model_version_id=model_version_id,
            dataset_version_id=config.dataset_version_id,
            **{"max_attempts": MAX_ATTEMPTS, **facts},
        )

    def shows(self, _ctx: CallContext, entity: str, _entity_id: int) -> bool:
        """Whether the history of an object may be seen. That of an item people rate would tell who answered what."""
        return entity != "people_item"

    def get_task(self, ctx: CallContext, *, id: int) -> EvalTask:
        with self.db.read() as conn:
            return self.store.tasks.get(conn, ctx, id)

    def get_task_log(self, ctx: CallContext, *, task_id: int, after: int = 0) -> TaskLog:
        """For who may see the test version: a failure may repeat what stands in it."""
        if ctx.clearance < CLEARANCE_MAX:
            self._refuse_secret(ctx, self.get_task(ctx, id=task_id))
        return self.lifecycle.log(ctx, task_id, after)

    def list_tasks(
        self,
        ctx: CallContext,
        *,
        page: PageRequest,
        model_id: int | None = None,
        model_version_id: int | None = None,
        statuses: list[TaskStatus] | None = None,
        target_kind: EvalTargetKind | None = None,
        user_id: int | None = None,
        from_time: int | None = None,
        to_time: int | None = None,
    ) -> Page:
        equal = {"model_id": model_id, "model_version_id": model_version_id, "target_kind": target_kind, "user_id": user_id}
        with self.db.read() as conn:
            return chosen(self.store.tasks, conn, ctx, page, statuses=statuses, from_time=from_time, to_time=to_time, **equal)

    @mutation
    def cancel_task(self, ctx: CallContext, *, id: int, cause: str = "") -> EvalTask:
        with self.db.begin(ctx) as tx:
            return tx.done(self.lifecycle.cancel(tx, id, cause))

    def list_items(self, ctx: CallContext, *, task_id: int, page: PageRequest, only_wrong: bool = False) -> Page:
        """Items in the order of the test version; they appear when all are measured. only_wrong: failed ones and those without exact
        match.
        """
        with self.db.read() as conn:
            task = self.store.tasks.get(conn, ctx, task_id)
        if task.purged:
            raise PlatformError(410, Reason.PURGED, field="task_id", limit="an evaluation whose test data is there")
        if ctx.clearance < CLEARANCE_MAX:
            self._refuse_secret(ctx, task)
        with self.db.read() as conn:
            return self.store.items.in_order(conn, ctx, task_id, page, only_wrong)

    def _refuse_secret(self, ctx: CallContext, task: EvalTask) -> None:
        """Items repeat what the test version holds: whoever may not see that version is told that there is no such task."""
        try:
            self._dataset.call(ctx, "GetVersion", id=task.dataset_version_id)
        except PlatformError as error:
            raise (not_found("eval_task", task.id) if error.reason == Reason.NOT_FOUND else error) from None

    def get_eval_state(self, ctx: CallContext, *, model_id: int) -> EvalState:
        """A model nobody evaluated, or nobody knows, has no latest task. running_tasks: the open ones."""
        with self.db.read() as conn:
            latest, running = self.store.state(conn, ctx, model_id)
        return EvalState(latest, running, self.db.clock.now_ms())

    # --- what the worker does to a task it holds

    def started(self, task: EvalTask) -> None:
        """Tells the model domain that its version is under evaluation, where its own weights are. The same words again are harmless."""
        if not task.moves_version:
            return
        self._model.call(_told(task, "start"), "StartEvaluation", id=task.model_version_id, eval_task_id=task.id, digest=task.target_digest)

    def keep_result(
        self,
        task: EvalTask,
        items: Iterable[EvalItem],
        metrics: Mapping[str, float],
        failed_items: int,
        overlap: Mapping[str, Any],
        classes: Mapping[str, Any] | None = None,
    ) -> None:
        """Stores all items, then freezes the figures over them with the last ones. Once frozen it changes nothing any more: what the
        model domain was told by an attempt that died right after must stay what is stored here. Raises STALE_EPOCH, CANCELLED.
        """
        ctx = _context(task)
        if (current := self.get_task(ctx, id=task.id)).measured:
            return
        start = 0
        for batch in _batches(items, BATCH):
            with self.db.begin(ctx) as tx:
                self._held(tx, task)
                self.store.items.replace(tx, task.id, start, batch)
            start += len(batch)
            fault.point("eval.after_items_before_figures")
        figures = {**metrics, **self._gains(ctx, current, start)}
        with self.db.begin(ctx) as tx:
            current = self._held(tx, task)
            facts = {"overlap": dict(overlap), "classes": dict(classes or {})}
            self.store.tasks.update(tx, current, metrics=figures, items=start, failed_items=failed_items, **facts)

    def _gains(self, ctx: CallContext, task: EvalTask, items: int) -> dict[str, float]:
        """How much better a release is than what served when it was ordered."""
        if task.evidence_kind != EvidenceKind.RELEASE or not task.against_task_id or not items:
            return {}
        with self.db.read() as conn:
            answered = self.store.items.paired(conn, ctx, (task.against_task_id, task.id))
            return gains(((pair.first, pair.second) for pair in answered), task.snapshot["config"]["metrics"], items)

    def finish(self, task: EvalTask) -> EvalTask:
        """Hands the frozen figures to the model domain, which answers with the gate's verdict, and ends the task. Raises STALE_EPOCH,
        CANCELLED.
        """
        with self.db.begin(_context(task)) as tx:
            current = self._held(tx, task)
        answer = self.tell(current, current.evidence_kind)
        fault.point("eval.after_evidence_before_success")
        return self.lifecycle.succeed(current, judged(answer, current), current.failed_items, verdict=verdict_of(answer))

    def tell(self, task: EvalTask, kind: EvidenceKind) -> Any:
        """The frozen figures of a task to the model domain; the same words again get the same answer."""
        return self._model.call(
            _told(task, "record"),
            "RecordEvaluation",
            id=task.model_version_id,
            eval_task_id=task.id,
            digest=task.target_digest,
            dataset_version_id=task.dataset_version_id,
            dataset_hash=task.snapshot["dataset"]["content_hash"],
            metrics=task.metrics,
            items=task.items,
            failed_items=task.failed_items,
            kind=int(kind),
            overlap_json=msgspec.json.encode(task.overlap).decode(),
        )

    def _held(self, tx: Transaction, task: EvalTask) -> EvalTask:
        current = self.lifecycle.held(tx, task)
        if current.status == TaskStatus.CANCELLING:
            raise PlatformError(409, Reason.CANCELLED)
        return current

    # --- what others know

    def _asked_target(self, kind: EvalTargetKind, digest: str, address: str) -> dict[str, Any]:
        """Checks what was sent before anybody else is asked. A server claims its digest: another address is another target."""
        target = sent_target(kind, digest, address)
        if target:
            self.outside.check(urlsplit(address).hostname or "", "target_address")
        return target

    def _evaluable(self, ctx: CallContext, config: EvalConfig, id: int) -> Any:
        """A version of the config's model that is in use and was not trained on the test version."""
        version = self._model.call(ctx, "GetVersion", id=id).model_version
        if version.project_id != config.model_id:
            raise invalid("model_version_id", limit=f"a version of model {config.model_id}, whose config this is")
        state = name_of(ModelVersionStatus, version.status)
        if state in _RECALLED:
            raise not_evaluable(state, "none")
        if config.dataset_version_id in (version.dataset_version_ids or []):
            limit = f"model version {id} was trained on dataset version {config.dataset_version_id}"
            raise PlatformError(409, Reason.SPLIT_LEAK, field="model_version_id", limit=limit)
        return version


def _asked(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """What two releases must share to be compared: the bytes of the test, how many of its records, and what decides their scores."""
    options = snapshot["config"]["options"]
    return {"engine": snapshot["engine"], "test": snapshot["dataset"]["content_hash"], "limit_items": options.get("limit_items", 0)}


def _context(task: EvalTask) -> CallContext:
    return system_context(task.user_id, task.project_space_id, PEER_SECONDS)


def _told(task: EvalTask, what: str) -> CallContext:
    """Under a key made of the task: told by several attempts, it happens once."""
    return _context(task).keyed(f"eval-task-{task.id}-{what}")


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def tell_model(tx: Transaction, task: EvalTask) -> None:
    """An evaluation of a version's own weights that ended without a result: the model domain settles the version by what else it knows. One
    that was never claimed, or that judged a package or a prompt, changed nothing there."""
    if task.epoch > 0 and task.moves_version:
        facts = {"id": task.model_version_id, "eval_task_id": task.id, "cause": task.reason.name}
        EVALUATION_ENDED.tell(tx, task.user_id, task.project_space_id, f"eval-{task.id}-ended", **facts)
