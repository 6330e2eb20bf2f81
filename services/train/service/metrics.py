"""Verbs on what a training measured and what it could not use, and the train part of the composed status."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.store.repository import Page, PageRequest, decode_cursor, encode_cursor
from libs.common.work.task import TaskStatus
from services.train.domain.task import MetricPoint, TrainTask
from services.train.engine import left_out
from services.train.service.secrecy import Secrecy


@dataclass(frozen=True)
class TrainState:
    """The train part of the composed status. as_of: milliseconds since the epoch."""

    latest_task: TrainTask | None
    latest_metrics: dict[str, float]
    running_tasks: int
    as_of: int


class Metrics(Secrecy):
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
