"""Verbs on train tasks: one run of a frozen snapshot that fills one model version."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from libs.common import fault
from libs.common.context import CallContext
from libs.common.store.database import Transaction
from libs.common.store.filters import chosen
from libs.common.store.mutation import mutation
from libs.common.store.notice import Notice, former_end
from libs.common.store.repository import Page, PageRequest
from libs.common.work.lifecycle import snapshot_hash
from libs.common.work.task import TaskStatus
from libs.common.work.tasklog import TaskLog
from services.train.domain.config import TrainConfig
from services.train.domain.task import TrainTask
from services.train.engine.kinds import Method
from services.train.engine.kinds import method as method_of
from services.train.service.configs import Configs
from services.train.service.foresight import DataPreview, Foresight
from services.train.service.secrecy import Secrecy

MAX_ATTEMPTS = 5
TRAINING_ENDED = Notice("model", "RecordTrainingEnded", former="training_ended", reads=former_end("train"))


@dataclass(frozen=True)
class CreatedTask:
    """preview: None where nothing could be foreseen."""

    train_task: TrainTask
    reused: bool
    preview: DataPreview | None = None


class Tasks(Configs, Foresight, Secrecy):
    @mutation
    def create_task(
        self,
        ctx: CallContext,
        *,
        train_config_id: int,
        train_dataset_version_id: int,
        valid_dataset_version_id: int = 0,
        name: str = "",
        desc: str = "",
        reuse: bool = False,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> CreatedTask:
        """Freezes config and data into a snapshot and creates the model version it will fill.

        With ``reuse`` a task of the same model that already did exactly this is answered instead.
        """
        config = self.get_config(ctx, id=train_config_id)
        method = method_of(config.method)
        data = self._data(ctx, "train_dataset_version_id", train_dataset_version_id, method)
        valid = self._data(ctx, "valid_dataset_version_id", valid_dataset_version_id, method) if valid_dataset_version_id else None
        base = self._base(ctx, config.base_version_id, method)
        snapshot = _snapshot(config, method, data, valid, base)
        hashed = snapshot_hash({**snapshot, "options": method.deciding(config.options)})
        twin = self.lifecycle.finished_twin(ctx, hashed) if reuse else None
        if twin is not None:
            with self.db.begin(ctx) as tx:
                return tx.done(CreatedTask(twin, True))
        preview = self._preview(method, config.options, data, base)
        version = self._models.call(
            ctx.keyed(_version_key(ctx)),
            "CreateVersion",
            project_id=config.model_id,
            desc=desc,
            dataset_version_ids=[id for id in (train_dataset_version_id, valid_dataset_version_id) if id],
            base_version_id=config.base_version_id or None,
        ).model_version
        fault.point("train.after_version_before_task")
        task = TrainTask(
            id=self.db.ids.next(),
            name=name or config.name,
            desc=desc,
            project_space_id=ctx.space_id,
            user_id=ctx.user_id,
            snapshot=snapshot,
            snapshot_hash=hashed,
            max_attempts=max_attempts,
            model_id=config.model_id,
            train_config_id=config.id,
            model_version_id=version.id,
            train_dataset_version_id=train_dataset_version_id,
            valid_dataset_version_id=valid_dataset_version_id,
            base_version_id=config.base_version_id,
        )
        with self.db.begin(ctx) as tx:
            return tx.done(CreatedTask(self.lifecycle.create(tx, task), False, preview))

    def get_task_log(self, ctx: CallContext, *, task_id: int, after: int = 0) -> TaskLog:
        self._refuse_secret(ctx, task_id)
        return self.lifecycle.log(ctx, task_id, after)

    def list_tasks(
        self,
        ctx: CallContext,
        *,
        page: PageRequest,
        model_id: int | None = None,
        statuses: list[TaskStatus] | None = None,
        method: str | None = None,
        user_id: int | None = None,
        from_time: int | None = None,
        to_time: int | None = None,
    ) -> Page:
        where = [] if method is None else [self.store.of_method(method)]
        equal = {"model_id": model_id, "user_id": user_id}
        with self.db.read() as conn:
            return chosen(self.store.tasks, conn, ctx, page, *where, statuses=statuses, from_time=from_time, to_time=to_time, **equal)

    @mutation
    def cancel_task(self, ctx: CallContext, *, id: int, cause: str = "") -> TrainTask:
        with self.db.begin(ctx) as tx:
            return tx.done(self.lifecycle.cancel(tx, id, cause))

    @mutation
    def pause_task(self, ctx: CallContext, *, id: int) -> TrainTask:
        with self.db.begin(ctx) as tx:
            return tx.done(self.lifecycle.ask_pause(tx, id))

    @mutation
    def resume_task(self, ctx: CallContext, *, id: int) -> TrainTask:
        """Raises NOT_FOUND once its model was deleted."""
        self._models.call(ctx, "GetProject", id=self.get_task(ctx, id=id).model_id)
        with self.db.begin(ctx) as tx:
            return tx.done(self.lifecycle.resume(tx, id))


def _snapshot(config: TrainConfig, method: Method, data: Any, valid: Any, base: Any) -> dict[str, Any]:
    """All that decides the weights."""
    based = {"base": {"digest": base.artifact_digest}} if base is not None else {}
    return {
        "engine": {"name": config.method, "version": method.engine},
        "model_id": config.model_id,
        "options": config.options,
        "train": _frozen(data),
        "valid": _frozen(valid) if valid else None,
        **based,
    }


def _frozen(version: Any) -> dict[str, Any]:
    """What a snapshot keeps of a dataset version: its content, as the same content under another id is the same work."""
    return {"content_hash": version.content_hash}


def _version_key(ctx: CallContext) -> str:
    """One model version per key of the caller, whose length may be all that a key can have."""
    return "train-version-" + hashlib.sha256((ctx.idempotency_key or uuid.uuid4().hex).encode()).hexdigest()


def tell_model(tx: Transaction, task: TrainTask) -> None:
    """A task that ended without an artifact: the model domain retires the version that nobody will fill, whether a worker had it or not."""
    facts = {"id": task.model_version_id, "train_task_id": task.id, "cause": task.reason.name}
    TRAINING_ENDED.tell(tx, task.user_id, task.project_space_id, f"train-{task.id}-ended", **facts)
