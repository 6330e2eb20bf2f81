"""What the verbs of the model domain share: the store they work on, how a version moves, and what the gate says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.store.database import Database, Transaction
from services.model.domain.gate import (
    Evidence,
    EvidenceKind,
    GateVerdict,
    GateVerdictKind,
    ReleaseGate,
    judge,
)
from services.model.domain.lineage import LineageEdge
from services.model.domain.override import GateOverrideStatus
from services.model.domain.project import ModelProject, ModelProjectStatus, project_status
from services.model.domain.version import MACHINE, ModelVersion, ModelVersionStatus
from services.model.repository import ModelRepository

EVIDENCE_CONSIDERED = 500  # newest results of a digest a verdict looks at
RATINGS_CONSIDERED = 50  # newest ratings of a version by people
SETTLED = {
    GateVerdictKind.PASS: ("GATE_PASSED", ModelVersionStatus.QUALIFIED),
    GateVerdictKind.FAIL: ("GATE_FAILED", ModelVersionStatus.REJECTED),
    GateVerdictKind.NO_DATA: ("EVALUATION_ENDED", ModelVersionStatus.TRAINED),
}
RECALLED = (ModelVersionStatus.QUARANTINED, ModelVersionStatus.RETIRED)  # nothing of such a version is released


class Shared:
    db: Database
    store: ModelRepository

    def _next(self, tx: Transaction, project: ModelProject, **facts: Any) -> ModelVersion:
        """A new version of the project, with the next number."""
        versions = self.store.versions
        last = tx.conn.execute(
            sa.select(sa.func.max(versions.column("number"))).where(versions.column("project_id") == project.id)
        ).scalar()
        made = ModelVersion(
            id=self.db.ids.next(),
            project_id=project.id,
            project_space_id=tx.ctx.space_id,
            number=(last or 0) + 1,
            user_id=tx.ctx.user_id,
            **facts,
        )
        return versions.insert(tx, made)

    def _move(self, tx: Transaction, version: ModelVersion, event: str, why: str = "", **changes: Any) -> ModelVersion:
        status = MACHINE.next(version.status, event)
        moved = self.store.versions.update(tx, version, status=status, **changes)
        tx.event("model_version", version.id, version.status, status, event, why)
        project = self.store.projects.find(tx.conn, tx.ctx, version.project_id)
        if project is not None:  # a version can be recalled after its project was deleted
            self._refresh_project(tx, project)
        return moved

    def _refresh_project(self, tx: Transaction, project: ModelProject) -> ModelProject:
        versions = self.store.versions
        rows = tx.conn.execute(sa.select(versions.column("status")).where(versions.column("project_id") == project.id).distinct())
        status = project_status((ModelVersionStatus(row[0]) for row in rows), project.serving_slots)
        if status == project.status:
            return project
        tx.event("model_project", project.id, project.status, status, ModelProjectStatus(status).name)
        return self.store.projects.update(tx, project, status=status)

    def _gate(self, conn: sa.Connection, ctx: CallContext, project_id: int) -> ReleaseGate:
        self.store.projects.get(conn, ctx, project_id)
        gate = self.store.gates.first_by(conn, ctx, project_id=project_id)
        if gate is None:
            raise not_found("model_project", project_id)
        return gate

    def _settle(self, tx: Transaction, version: ModelVersion, why: str) -> ModelVersion:
        """Puts a version where its newest result puts it, of its weights or of a package of them: what the status shows beside it is the
        same judgement, but for results that grew too old: what was measured stays measured, and only the verdict says that it no longer
        counts. A gate that is off passes what was evaluated, not what nobody could evaluate.
        """
        open_to_it = version.status in (ModelVersionStatus.EVALUATING, *(status for _, status in SETTLED.values()))
        if not open_to_it or self.store.projects.find(tx.conn, tx.ctx, version.project_id) is None:
            return version
        evidence = self.store.deciding(tx.conn, tx.ctx, EVIDENCE_CONSIDERED, model_version_id=version.id)
        ageless = replace(self._gate(tx.conn, tx.ctx, version.project_id), max_age_hours=0)
        kind = judge(ageless, newest_digest(version, evidence), evidence, tx.now).verdict
        if kind == GateVerdictKind.OFF:
            kind = GateVerdictKind.PASS if evidence else GateVerdictKind.NO_DATA
        event, status = SETTLED[kind]
        return version if version.status == status else self._move(tx, version, event, why)

    def _evidence(self, conn: sa.Connection, ctx: CallContext, version: ModelVersion, digest: str, eval_task_id: int) -> list[Evidence]:
        """What may decide about a digest, newest first: what was measured of it, by one evaluation alone where that is named, and what
        people said of the version."""
        alone = {"eval_task_id": eval_task_id} if eval_task_id else {}
        measured = self.store.deciding(conn, ctx, 1 if alone else EVIDENCE_CONSIDERED, model_version_id=version.id, digest=digest, **alone)
        rated = self.store.deciding(conn, ctx, RATINGS_CONSIDERED, model_version_id=version.id, kind=int(EvidenceKind.HUMAN))
        return sorted({item.id: item for item in (*measured, *rated)}.values(), key=lambda item: -item.id)

    def _judge(
        self, conn: sa.Connection, ctx: CallContext, version: ModelVersion, digest: str, evidence: Sequence[Evidence]
    ) -> GateVerdict:
        return judge(self._gate(conn, ctx, version.project_id), digest, evidence, self.db.clock.now_ms())

    def _overridden(self, conn: sa.Connection, ctx: CallContext, version: ModelVersion, verdict: GateVerdict) -> GateVerdict:
        """With the live override of its digest, where the gate refuses it."""
        if not verdict.refuses:
            return verdict
        known = self.store.overrides.first_by(
            conn, ctx, model_version_id=version.id, digest=verdict.digest, status=int(GateOverrideStatus.LIVE)
        )
        return replace(verdict, gate_override=known) if known is not None and known.lives(verdict.check_time) else verdict

    def _version(self, conn: sa.Connection, ctx: CallContext, id: int) -> ModelVersion:
        """A version of a model that is there. One of a deleted model is gone with it, but for its recall and for hearing how work on it
        ended.
        """
        version = self.store.versions.get(conn, ctx, id)
        if self.store.projects.find(conn, ctx, version.project_id) is None:
            raise not_found("model_version", id)
        return version

    def _result_of(self, conn: sa.Connection, ctx: CallContext, version: ModelVersion, eval_task_id: int, digest: str) -> Evidence | None:
        """What this eval task said before. Raises ALREADY_EXISTS when that was about other bytes, in whatever space."""
        column = self.store.evidence.column
        known = conn.execute(
            sa.select(column("id"), column("model_version_id"), column("digest")).where(column("eval_task_id") == eval_task_id)
        )
        row = known.first()
        if row is None:
            return None
        if (row.model_version_id, row.digest) != (version.id, digest):
            raise PlatformError(409, Reason.ALREADY_EXISTS, field="eval_task_id", limit="one result per evaluation", kind="evidence")
        return self.store.evidence.get(conn, ctx, row.id)

    def _link(self, tx: Transaction, version: ModelVersion, from_kind: str, from_id: str, to_kind: str, to_id: str, relation: str) -> None:
        self.store.lineage.insert(
            tx, LineageEdge(self.db.ids.next(), version.project_space_id, version.id, from_kind, from_id, to_kind, to_id, relation)
        )

    @staticmethod
    def _refuse_recalled(version: ModelVersion) -> None:
        if version.status in RECALLED:
            raise PlatformError(
                409,
                Reason.ILLEGAL_TRANSITION,
                field="status",
                limit="none",
                machine="model_version",
                state=version.status.name,
                event="RELEASE",
            )


def newest_digest(version: ModelVersion, evidence: Sequence[Evidence]) -> str:
    """Of the bytes the newest result is about; of the weights while there is none. What people said is about the whole version."""
    return next((item.digest for item in evidence if not item.rated), version.artifact_digest)


def gated_digest(version: ModelVersion, evidence: Sequence[Evidence]) -> str:
    """Of the package a release was last evaluated by, as that is what an order stands before the gate with, however often the weights were
    evaluated since; of what the newest result is about while nothing was packaged."""
    return next((item.digest for item in evidence if item.kind == EvidenceKind.RELEASE), newest_digest(version, evidence))


def not_yet(version: ModelVersion, event: str) -> PlatformError:
    return PlatformError(
        409,
        Reason.ILLEGAL_TRANSITION,
        field="status",
        limit="train it first",
        machine="model_version",
        state=version.status.name,
        event=event,
    )
