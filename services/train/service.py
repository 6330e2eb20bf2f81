"""The verbs of the train domain: one method per use case, one transaction each."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from libs.common import fault
from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason, invalid, not_found
from libs.common.identity.signed import CLEARANCE_MAX
from libs.common.rpc.peers import DatasetPeer, ModelPeer
from libs.common.store.database import Database, Transaction
from libs.common.store.filters import chosen
from libs.common.store.mutation import mutation
from libs.common.store.notice import Notice, former_end
from libs.common.store.repository import Page, PageRequest, decode_cursor, encode_cursor
from libs.common.store.storage import ArtifactStore
from libs.common.work.lifecycle import TaskLifecycle, snapshot_hash
from libs.common.work.task import TaskStatus
from libs.common.work.tasklog import TaskLog
from services.train.domain.config import TrainConfig
from services.train.domain.task import MetricPoint, TrainTask, check_training_data
from services.train.engine import left_out
from services.train.engine.kinds import method as method_of
from services.train.repository import TrainRepository

MAX_ATTEMPTS = 5
TRAINING_ENDED = Notice("model", "RecordTrainingEnded", former="training_ended", reads=former_end("train"))


@dataclass(frozen=True)
class DataPreview:
    """What the training would leave out, foreseen from the first ``looked_at`` records. longest, block_size: tokens."""

    looked_at: int
    left_out: int
    longest: int
    block_size: int
    max_left_out: float


@dataclass(frozen=True)
class CreatedTask:
    """preview: None where nothing could be foreseen."""

    train_task: TrainTask
    reused: bool
    preview: DataPreview | None = None


@dataclass(frozen=True)
class TrainState:
    """The train part of the composed status. as_of: milliseconds since the epoch."""

    latest_task: TrainTask | None
    latest_metrics: dict[str, float]
    running_tasks: int
    as_of: int


class TrainService:
    """``models`` and ``datasets``: the services to the right. ``artifacts``: where the data lies, to look at it before a start; None: it
    is not looked at."""

    def __init__(
        self, db: Database, models: ModelPeer, datasets: DatasetPeer, lease_seconds: float, artifacts: ArtifactStore | None = None
    ) -> None:
        self.db, self._models, self._datasets, self._artifacts = db, models, datasets, artifacts
        self.store = TrainRepository()
        self.lifecycle = TaskLifecycle(db, self.store.tasks, lease_seconds, on_end=_tell_model)

    # --- configs

    @mutation
    def create_config(
        self,
        ctx: CallContext,
        *,
        model_id: int,
        name: str,
        desc: str = "",
        method: str = "scratch",
        options: dict[str, Any] | None = None,
    ) -> TrainConfig:
        """Raises NOT_FOUND for a foreign model, INVALID_ARGUMENT naming the option, ALREADY_EXISTS for a name taken in this model."""
        settled = method_of(method).settled(options or {})
        self._models.call(ctx, "GetProject", id=model_id)
        with self.db.begin(ctx) as tx:
            self.store.configs.refuse_twin(tx, "a model", name=name, model_id=model_id)
            made = TrainConfig(self.db.ids.next(), model_id, name, ctx.space_id, ctx.user_id, desc, method, settled)
            return tx.done(self.store.configs.insert(tx, made))

    def get_config(self, ctx: CallContext, *, id: int) -> TrainConfig:
        with self.db.read() as conn:
            return self.store.configs.get(conn, ctx, id)

    def list_configs(self, ctx: CallContext, *, model_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.configs.page(conn, ctx, page, self.store.configs.column("model_id") == model_id)

    @mutation
    def update_config(
        self, ctx: CallContext, *, id: int, name: str | None = None, desc: str | None = None, options: dict[str, Any] | None = None
    ) -> TrainConfig:
        """Changes what is sent; ``options`` replaces all of them. Raises NOT_FOUND once its model was deleted."""
        self._models.call(ctx, "GetProject", id=self.get_config(ctx, id=id).model_id)
        with self.db.begin(ctx) as tx:
            config = self.store.configs.get(tx.conn, ctx, id)
            settled = None if options is None else method_of(config.method).settled(options)
            sent = {key: value for key, value in {"name": name, "desc": desc, "options": settled}.items() if value is not None}
            if name is not None and name != config.name:
                self.store.configs.refuse_twin(tx, "a model", name=name, model_id=config.model_id)
            return tx.done(self.store.configs.update_expected(tx, config, **sent))

    # --- tasks

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
        chosen = method_of(config.method)
        data = self._data(ctx, "train_dataset_version_id", train_dataset_version_id)
        valid = self._data(ctx, "valid_dataset_version_id", valid_dataset_version_id) if valid_dataset_version_id else None
        snapshot = {
            "engine": {"name": config.method, "version": chosen.engine},
            "model_id": config.model_id,
            "options": config.options,
            "train": _frozen(data),
            "valid": _frozen(valid) if valid else None,
        }
        hashed = snapshot_hash({**snapshot, "options": chosen.deciding(config.options)})
        twin = self.lifecycle.finished_twin(ctx, hashed) if reuse else None
        if twin is not None:
            with self.db.begin(ctx) as tx:
                return tx.done(CreatedTask(twin, True))
        preview = self._preview(config, data.uri)
        version = self._models.call(
            ctx.keyed(_version_key(ctx)),
            "CreateVersion",
            project_id=config.model_id,
            desc=desc,
            dataset_version_ids=[id for id in (train_dataset_version_id, valid_dataset_version_id) if id],
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
        )
        with self.db.begin(ctx) as tx:
            return tx.done(CreatedTask(self.lifecycle.create(tx, task), False, preview))

    def get_task(self, ctx: CallContext, *, id: int) -> TrainTask:
        with self.db.read() as conn:
            return self.store.tasks.get(conn, ctx, id)

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

    # --- metrics

    def record_metrics(self, task: TrainTask, points: list[tuple[int, str, float]]) -> None:
        """Stores (step, name, value) of a running task. Raises STALE_EPOCH for a worker that lost its lease."""
        with self.db.begin(system_context(task.user_id, task.project_space_id)) as tx:
            self.lifecycle.held(tx, task)
            made = [
                MetricPoint(self.db.ids.next(), task.id, task.project_space_id, step, name, value, task.attempt)
                for step, name, value in points
            ]
            self.store.metrics.put(tx, made)

    def still_wanted(self, task: TrainTask) -> None:
        """Asked before others are told of a result. Raises STALE_EPOCH for a worker that lost its lease, CANCELLED where a person cancelled
        and the worker has not heard of it."""
        with self.db.begin(system_context(task.user_id, task.project_space_id)) as tx:
            if self.lifecycle.held(tx, task).status == TaskStatus.CANCELLING:
                raise PlatformError(409, Reason.CANCELLED)

    def list_metrics(
        self, ctx: CallContext, *, task_id: int, page: PageRequest, after_step: int = -1, names: list[str] | None = None
    ) -> Page:
        with self.db.read() as conn:
            self.store.tasks.get(conn, ctx, task_id)
            return self.store.metrics.curve(conn, ctx, task_id, after_step, names or [], page)

    def list_left_out(self, ctx: CallContext, *, task_id: int, page: PageRequest, reason: str = "") -> Page:
        """Records an ended training could not use, also one that failed because of them, in their order. Raises UNKNOWN_ENUM for a reason
        there is not, CHECKSUM_MISMATCH when the list was damaged."""
        if reason and reason not in left_out.REASONS:
            raise invalid("reason", Reason.UNKNOWN_ENUM, "one of " + ", ".join(left_out.REASONS), value=reason)
        self._refuse_secret(ctx, task_id)
        result = self.get_task(ctx, id=task_id).result
        if "left_out_uri" not in result or self._artifacts is None:
            return Page([], None)
        start = decode_cursor(page.cursor) if page.cursor else 0
        found, after = left_out.read(self._artifacts.open(result["left_out_uri"]), start, page.limit, reason or None)
        return Page(found, None if after is None else encode_cursor(after))

    def get_train_state(self, ctx: CallContext, *, model_id: int) -> TrainState:
        with self.db.read() as conn:
            latest, running, metrics = self.store.state(conn, ctx, model_id)
        return TrainState(latest, metrics, running, self.db.clock.now_ms())

    # --- shared steps

    def _refuse_secret(self, ctx: CallContext, task_id: int) -> None:
        """What repeats records is for who may see the data: to others there is no such task."""
        if ctx.clearance >= CLEARANCE_MAX:
            return
        task = self.get_task(ctx, id=task_id)
        for id in filter(None, (task.train_dataset_version_id, task.valid_dataset_version_id)):
            try:
                self._datasets.call(ctx, "GetVersion", id=id)
            except PlatformError as error:
                raise (not_found("train_task", task_id) if error.reason == Reason.NOT_FOUND else error) from None

    def _data(self, ctx: CallContext, field: str, id: int) -> Any:
        """A dataset version that may be trained on."""
        version = self._datasets.call(ctx, "GetVersion", id=id).dataset_version
        check_training_data(field, version.kind, version.part)
        return version

    def _preview(self, config: TrainConfig, uri: str) -> DataPreview | None:
        """A look never stands in the way of a start: what cannot be looked at is not foreseen."""
        if self._artifacts is None:
            return None
        try:
            folder = self._artifacts.open(uri, verify=False)
        except PlatformError:
            return None
        found = method_of(config.method).look_at(folder, config.options)
        return None if found is None else DataPreview(**found)


def _frozen(version: Any) -> dict[str, Any]:
    """What a snapshot keeps of a dataset version: its content, as the same content under another id is the same work."""
    return {"content_hash": version.content_hash}


def _version_key(ctx: CallContext) -> str:
    """One model version per key of the caller, whose length may be all that a key can have."""
    return "train-version-" + hashlib.sha256((ctx.idempotency_key or uuid.uuid4().hex).encode()).hexdigest()


def _tell_model(tx: Transaction, task: TrainTask) -> None:
    """A task that ended without an artifact: the model domain retires the version that nobody will fill, whether a worker had it or not."""
    facts = {"id": task.model_version_id, "train_task_id": task.id, "cause": task.reason.name}
    TRAINING_ENDED.tell(tx, task.user_id, task.project_space_id, f"train-{task.id}-ended", **facts)
