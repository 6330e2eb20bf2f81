"""Verbs about the versions of a model, and what training says of them."""

from __future__ import annotations

from typing import Any

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest, expect
from services.model.domain.version import ModelVersion
from services.model.service.shared import Shared

TRAIN = "train"


class Versions(Shared):
    @mutation
    def create_version(
        self, ctx: CallContext, *, project_id: int, desc: str = "", dataset_version_ids: list[int] | None = None, base_version_id: int = 0
    ) -> ModelVersion:
        """Creates the next version, without an artifact yet. What it is trained on is named by the train service, which has looked at it:
        this one asks nobody, and ids that nobody looked at may be of others, or of nothing. Raises FORBIDDEN.
        """
        if dataset_version_ids and ctx.service != TRAIN:
            limit = "dataset_version_ids are named by a training task; leave them out"
            raise PlatformError(403, Reason.FORBIDDEN, field="dataset_version_ids", limit=limit)
        with self.db.begin(ctx) as tx:
            project = self.store.projects.get(tx.conn, ctx, project_id)
            shape = _shape_of(self._version(tx.conn, ctx, base_version_id)) if base_version_id else {}
            facts = {"desc": desc, "dataset_version_ids": dataset_version_ids or [], "base_version_id": base_version_id}
            created = self._next(tx, project, **facts, **shape)
            tx.event("model_version", created.id, created.status, created.status, "CREATE")
            for source in created.dataset_version_ids:
                self._link(tx, created, "model_version", str(created.id), "dataset_version", str(source), "TRAINED_ON")
            if base_version_id:
                self._link(tx, created, "model_version", str(created.id), "model_version", str(base_version_id), "BASED_ON")
            return tx.done(created)

    def get_version(self, ctx: CallContext, *, id: int) -> ModelVersion:
        with self.db.read() as conn:
            return self._version(conn, ctx, id)

    def list_versions(self, ctx: CallContext, *, project_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            self.store.projects.get(conn, ctx, project_id)
            return self.store.versions.page(conn, ctx, page, self.store.versions.column("project_id") == project_id)

    @mutation
    def start_training(self, ctx: CallContext, *, id: int, train_task_id: int) -> ModelVersion:
        with self.db.begin(ctx) as tx:
            version = self._version(tx.conn, ctx, id)
            if version.train_task_id not in (0, train_task_id):
                raise _foreign_task("train_task_id", version.train_task_id)
            return tx.done(self._move(tx, version, "START_TRAINING", train_task_id=train_task_id))

    @mutation
    def record_trained(
        self,
        ctx: CallContext,
        *,
        id: int,
        train_task_id: int,
        artifact_uri: str,
        artifact_digest: str,
        metrics: dict[str, Any] | None = None,
        made_with: dict[str, str] | None = None,
        family: str = "",
    ) -> ModelVersion:
        """Freezes the artifact. The same record again is the same answer; another artifact is refused."""
        with self.db.begin(ctx) as tx:
            version = self._version(tx.conn, ctx, id)
            if version.train_task_id != train_task_id:
                raise _foreign_task("train_task_id", version.train_task_id)
            if version.artifact_digest == artifact_digest:
                return tx.done(version)  # the worker died after telling us and before noting it
            made: dict[str, Any] = {"artifact_uri": artifact_uri, "artifact_digest": artifact_digest, "metrics": metrics or {}}
            moved = self._move(tx, version, "RECORD_TRAINED", **made, family=family or version.family)
            self._link(tx, moved, "artifact", artifact_digest, "model_version", str(id), "WEIGHTS_OF")
            self._link(tx, moved, "model_version", str(id), "train_task", str(train_task_id), "TRAINED_BY")
            for name, value in (made_with or {}).items():
                self._link(tx, moved, "model_version", str(id), *_named(name, value), "MADE_WITH")
            return tx.done(moved)

    @mutation
    def record_training_ended(self, ctx: CallContext, *, id: int, train_task_id: int, cause: str = "") -> ModelVersion:
        with self.db.begin(ctx) as tx:
            version = self.store.versions.get(tx.conn, ctx, id)
            if version.train_task_id not in (0, train_task_id):  # 0: it ended before its first attempt
                raise _foreign_task("train_task_id", version.train_task_id)
            return tx.done(self._move(tx, version, "TRAINING_ENDED", cause, train_task_id=0))

    @mutation
    def retire_version(self, ctx: CallContext, *, id: int) -> ModelVersion:
        with self.db.begin(ctx) as tx:
            version = self._version(tx.conn, ctx, id)
            expect(ctx, "model_version", version)
            return tx.done(self._move(tx, version, "RETIRE"))

    @mutation
    def quarantine_version(self, ctx: CallContext, *, id: int, cause: str) -> ModelVersion:
        with self.db.begin(ctx) as tx:
            version = self.store.versions.get(tx.conn, ctx, id)
            expect(ctx, "model_version", version)
            return tx.done(self._move(tx, version, "QUARANTINE", cause))


def _shape_of(base: ModelVersion) -> dict[str, Any]:
    """What a version has in common with the one it is based on."""
    return {name: getattr(base, name) for name in ("family", "layout", "parameters", "context_tokens", "licence")}


def _named(name: str, value: str) -> tuple[str, str]:
    """Kind and name of a thing a version was made with."""
    return (name, value[:100]) if name in ("code", "machine") else ("library", f"{name} {value}"[:100])


def _foreign_task(field: str, owner: int) -> PlatformError:
    return PlatformError(
        409,
        Reason.ILLEGAL_TRANSITION,
        field=field,
        limit=f"the task that works on it ({owner})",
        machine="model_version",
        state="TRAINING",
        event="RECORD",
    )
