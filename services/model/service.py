"""The verbs of the model domain: one method per use case, one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid, missing, not_found
from libs.common.store.database import Database, Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest, expect
from services.model.domain.gate import (
    LEAK,
    METRICS,
    Evidence,
    EvidenceKind,
    GateRule,
    GateVerdict,
    GateVerdictKind,
    ReleaseGate,
    is_metric,
    judge,
)
from services.model.domain.lineage import LineageEdge
from services.model.domain.project import ModelProject, ModelProjectStatus, project_status
from services.model.domain.version import MACHINE, ModelVersion, ModelVersionStatus
from services.model.naming import Naming
from services.model.repository import ModelRepository

EVIDENCE_CONSIDERED = 500  # newest results of a digest a verdict looks at
RESETTLED = 200  # newest versions whose state follows a change of the gate's rules
TRAIN = "train"
SETTLED = {
    GateVerdictKind.PASS: ("GATE_PASSED", ModelVersionStatus.QUALIFIED),
    GateVerdictKind.FAIL: ("GATE_FAILED", ModelVersionStatus.REJECTED),
    GateVerdictKind.NO_DATA: ("EVALUATION_ENDED", ModelVersionStatus.TRAINED),
}
RECALLED = (ModelVersionStatus.QUARANTINED, ModelVersionStatus.RETIRED)  # nothing of such a version is released


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation result brought: the stored row, the verdict for its digest, the version as it is now."""

    evidence: Evidence
    verdict: GateVerdict
    model_version: ModelVersion


@dataclass(frozen=True)
class ModelStatus:
    """The model's part of the composed status. verdict: by the newest result of the latest version, of its weights or a package of them.
    overlap: how that test repeats what the version was trained on, {} when it does not. as_of: milliseconds since the epoch.
    """

    project: ModelProject
    latest_version: ModelVersion | None
    gate: ReleaseGate | None
    verdict: GateVerdict | None
    overlap: dict[str, Any]
    as_of: int


class ModelService(Naming):
    def __init__(self, db: Database) -> None:
        self.db = db
        self.store = ModelRepository()

    # --- projects

    @mutation
    def create_project(
        self,
        ctx: CallContext,
        *,
        name: str,
        desc: str = "",
        path: str = "",
        train_framework: str = "",
        inference_framework: str = "",
        metrics_url: str = "",
        code_repo_url: str = "",
        hdfs_dir: str = "",
    ) -> ModelProject:
        """Creates a project with its gate on. Raises ALREADY_EXISTS for a name taken in this space."""
        with self.db.begin(ctx) as tx:
            self._take(tx, name)
            project = self.store.projects.insert(
                tx,
                ModelProject(
                    id=self.db.ids.next(),
                    name=name,
                    project_space_id=ctx.space_id,
                    user_id=ctx.user_id,
                    desc=desc,
                    path=path,
                    train_framework=train_framework,
                    inference_framework=inference_framework,
                    metrics_url=metrics_url,
                    code_repo_url=code_repo_url,
                    hdfs_dir=hdfs_dir,
                ),
            )
            self.store.gates.insert(tx, ReleaseGate(self.db.ids.next(), project.id, ctx.space_id, ctx.user_id))
            tx.event("model_project", project.id, project.status, project.status, "CREATE")
            return tx.done(project)

    def get_project(self, ctx: CallContext, *, id: int) -> ModelProject:
        with self.db.read() as conn:
            return self.store.projects.get(conn, ctx, id)

    def find_project(self, ctx: CallContext, *, name: str) -> ModelProject:
        with self.db.read() as conn:
            found = self.store.projects.first(conn, ctx, self.store.projects.column("name") == name, newest=False)
        if found is None:
            raise not_found("model_project", name)
        return found

    def list_projects(
        self, ctx: CallContext, *, page: PageRequest, name_prefix: str = "", status: ModelProjectStatus | None = None
    ) -> Page:
        where = [self.store.projects.column("name").startswith(name_prefix, autoescape=True)] if name_prefix else []
        where += [] if status is None else [self.store.projects.column("status") == int(status)]
        with self.db.read() as conn:
            return self.store.projects.page(conn, ctx, page, *where)

    @mutation
    def update_project(
        self,
        ctx: CallContext,
        *,
        id: int,
        name: str | None = None,
        desc: str | None = None,
        path: str | None = None,
        train_framework: str | None = None,
        inference_framework: str | None = None,
        metrics_url: str | None = None,
        code_repo_url: str | None = None,
        hdfs_dir: str | None = None,
    ) -> ModelProject:
        """Changes what is sent. Raises MISSING_VERSION, STALE_VERSION, ALREADY_EXISTS."""
        sent = {
            "name": name,
            "desc": desc,
            "path": path,
            "train_framework": train_framework,
            "inference_framework": inference_framework,
            "metrics_url": metrics_url,
            "code_repo_url": code_repo_url,
            "hdfs_dir": hdfs_dir,
        }
        with self.db.begin(ctx) as tx:
            project = self.store.projects.get(tx.conn, ctx, id)
            if name is not None and name != project.name:
                self._take(tx, name)
                self._leave(tx, project)
            return tx.done(
                self.store.projects.update_expected(tx, project, **{key: value for key, value in sent.items() if value is not None})
            )

    @mutation
    def delete_project(self, ctx: CallContext, *, id: int) -> ModelProject:
        """Marks deleted. Refused while a slot serves it."""
        with self.db.begin(ctx) as tx:
            project = self.store.projects.get(tx.conn, ctx, id)
            if project.serving_slots:
                raise PlatformError(
                    409,
                    Reason.ILLEGAL_TRANSITION,
                    field="status",
                    limit="take it offline first",
                    machine="model_project",
                    state="ONLINE",
                    event="DELETE",
                )
            deleted = self.store.projects.delete(tx, project)
            self._forget(tx, id)
            tx.event("model_project", id, project.status, project.status, "DELETE")
            return tx.done(deleted)

    @mutation
    def record_serving(self, ctx: CallContext, *, project_id: int, serving_slots: int) -> ModelProject:
        with self.db.begin(ctx) as tx:
            project = self.store.projects.get(tx.conn, ctx, project_id)
            if project.serving_slots != serving_slots:  # told again what is known, it must not age the version people decide on
                project = self.store.projects.update(tx, project, serving_slots=serving_slots)
            return tx.done(self._refresh_project(tx, project))

    # --- versions

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
        versions = self.store.versions
        with self.db.begin(ctx) as tx:
            project = self.store.projects.get(tx.conn, ctx, project_id)
            if base_version_id:
                self._version(tx.conn, ctx, base_version_id)
            last = tx.conn.execute(
                sa.select(sa.func.max(versions.column("number"))).where(versions.column("project_id") == project_id)
            ).scalar()
            created = versions.insert(
                tx,
                ModelVersion(
                    id=self.db.ids.next(),
                    project_id=project.id,
                    project_space_id=ctx.space_id,
                    number=(last or 0) + 1,
                    user_id=ctx.user_id,
                    desc=desc,
                    dataset_version_ids=dataset_version_ids or [],
                    base_version_id=base_version_id,
                ),
            )
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
    ) -> ModelVersion:
        """Freezes the artifact. The same record again is the same answer; another artifact is refused."""
        with self.db.begin(ctx) as tx:
            version = self._version(tx.conn, ctx, id)
            if version.train_task_id != train_task_id:
                raise _foreign_task("train_task_id", version.train_task_id)
            if version.artifact_digest == artifact_digest:
                return tx.done(version)  # the worker died after telling us and before noting it
            moved = self._move(
                tx, version, "RECORD_TRAINED", artifact_uri=artifact_uri, artifact_digest=artifact_digest, metrics=metrics or {}
            )
            self._link(tx, moved, "artifact", artifact_digest, "model_version", str(id), "WEIGHTS_OF")
            self._link(tx, moved, "model_version", str(id), "train_task", str(train_task_id), "TRAINED_BY")
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

    # --- evidence and the gate

    @mutation
    def start_evaluation(self, ctx: CallContext, *, id: int, eval_task_id: int, digest: str) -> ModelVersion:
        """Only an evaluation of the version's own artifact moves its state; one of a package made of it does not."""
        with self.db.begin(ctx) as tx:
            version = self._version(tx.conn, ctx, id)
            if digest == version.artifact_digest:
                version = self._move(tx, version, "START_EVALUATION", str(eval_task_id))
            return tx.done(version)

    @mutation
    def record_evaluation(
        self,
        ctx: CallContext,
        *,
        id: int,
        eval_task_id: int,
        digest: str,
        dataset_version_id: int,
        dataset_hash: str,
        metrics: dict[str, float],
        items: int,
        failed_items: int = 0,
        kind: EvidenceKind = EvidenceKind.INFORMS,
        overlap: dict[str, Any] | None = None,
    ) -> Evaluated:
        """Stores evidence and computes the gate for its digest: for a release by this very result. What only informs moves nothing. One
        row per eval task: the same record again is the same answer.
        """
        if failed_items > items:
            raise invalid("failed_items", limit="at most items")
        with self.db.begin(ctx) as tx:
            version = self._version(tx.conn, ctx, id)
            before = self._result_of(tx.conn, ctx, version, eval_task_id, digest)
            if before is None:
                self._refuse_recalled(version)
                before = self.store.evidence.insert(
                    tx,
                    Evidence(
                        self.db.ids.next(),
                        id,
                        ctx.space_id,
                        digest,
                        eval_task_id,
                        dataset_version_id,
                        dataset_hash,
                        metrics,
                        items,
                        failed_items,
                        kind=kind,
                        overlap=overlap or {},
                    ),
                )
                self._link(tx, version, "artifact", digest, "eval_task", str(eval_task_id), "JUDGED_BY")
                self._link(tx, version, "eval_task", str(eval_task_id), "dataset_version", str(dataset_version_id), "TESTED_ON")
            alone = [before] if before.kind == EvidenceKind.RELEASE else None
            verdict = self._judge(tx.conn, ctx, version, digest, alone)
            under_way = version.status == ModelVersionStatus.EVALUATING  # of its weights, which will settle it when they are done
            if before.kind == EvidenceKind.WEIGHTS or (before.kind == EvidenceKind.RELEASE and not under_way):
                version = self._settle(tx, version, str(eval_task_id))
            return tx.done(Evaluated(before, verdict, version))

    @mutation
    def record_evaluation_ended(self, ctx: CallContext, *, id: int, eval_task_id: int, cause: str = "") -> ModelVersion:
        """An evaluation that failed or was cancelled leaves its version where the evidence there is puts it."""
        with self.db.begin(ctx) as tx:
            version = self.store.versions.get(tx.conn, ctx, id)
            if version.status == ModelVersionStatus.EVALUATING:
                version = self._settle(tx, version, f"{eval_task_id} {cause}".strip())
            return tx.done(version)

    @mutation
    def record_package(self, ctx: CallContext, *, id: int, work_order_id: int, digest: str) -> ModelVersion:
        with self.db.begin(ctx) as tx:
            version = self._version(tx.conn, ctx, id)
            self._refuse_recalled(version)
            if not version.artifact_digest:
                raise _not_yet(version, "RECORD_PACKAGE")
            self._link(tx, version, "artifact", digest, "artifact", version.artifact_digest, "PACKAGED_FROM")
            self._link(tx, version, "artifact", digest, "work_order", str(work_order_id), "PACKAGED_BY")
            return tx.done(version)

    @mutation
    def set_gate(
        self, ctx: CallContext, *, project_id: int, enabled: bool, rules: list[GateRule] | None = None, off_reason: str = ""
    ) -> ReleaseGate:
        """Replaces the rules (None keeps them), or switches the gate off, which needs a reason and stays visible in the history. Versions
        stand where the evidence puts them under the new rules.
        """
        if not enabled and not off_reason:
            raise missing("off_reason")
        for index, rule in enumerate(rules or []):
            if not is_metric(rule.metric):
                raise invalid(f"rules[{index}].metric", limit="one of " + ", ".join(METRICS))
        if rules is not None and len({(rule.metric, rule.comparator) for rule in rules}) != len(rules):
            raise invalid("rules", limit="one rule per metric and comparator")
        with self.db.begin(ctx) as tx:
            gate = self._gate(tx.conn, ctx, project_id)
            kept = gate.rules if rules is None else rules
            changed = self.store.gates.update_expected(
                tx, gate, enabled=enabled, rules=kept, off_reason="" if enabled else off_reason, user_id=ctx.user_id
            )
            kinds = {True: GateVerdictKind.PASS, False: GateVerdictKind.OFF}
            tx.event("release_gate", gate.id, kinds[gate.enabled], kinds[enabled], "SET", off_reason)
            for version in self.store.versions.all_by(tx.conn, ctx, RESETTLED, project_id=project_id):
                if version.status != ModelVersionStatus.EVALUATING:
                    self._settle(tx, version, "the gate changed")
            return tx.done(changed)

    def get_gate(self, ctx: CallContext, *, project_id: int) -> ReleaseGate:
        with self.db.read() as conn:
            return self._gate(conn, ctx, project_id)

    def check_gate(self, ctx: CallContext, *, model_version_id: int, digest: str, eval_task_id: int = 0) -> GateVerdict:
        """The verdict now. A recalled or retired version never passes, whatever its evidence says. With an evaluation: by that one alone,
        so that no other stands in for it.
        """
        with self.db.read() as conn:
            version = self._version(conn, ctx, model_version_id)
            self._refuse_recalled(version)
            alone = {"model_version_id": model_version_id, "digest": digest, "eval_task_id": eval_task_id}
            return self._judge(conn, ctx, version, digest, self.store.deciding(conn, ctx, 1, **alone) if eval_task_id else None)

    def list_evidence(self, ctx: CallContext, *, model_version_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            self._version(conn, ctx, model_version_id)
            return self.store.evidence.page(conn, ctx, page, self.store.evidence.column("model_version_id") == model_version_id)

    def get_lineage(self, ctx: CallContext, *, model_version_id: int) -> list[LineageEdge]:
        with self.db.read() as conn:
            self._version(conn, ctx, model_version_id)
            found = self.store.lineage.page(
                conn, ctx, PageRequest(None, 500), self.store.lineage.column("model_version_id") == model_version_id, newest=False
            )
        return found.items

    def get_model_status(self, ctx: CallContext, *, project_id: int) -> ModelStatus:
        with self.db.read() as conn:
            project, latest, gate, evidence = self.store.status(conn, ctx, project_id, EVIDENCE_CONSIDERED)
        if project is None or gate is None:
            raise not_found("model_project", project_id)
        now = self.db.clock.now_ms()
        judged = latest is not None and latest.artifact_digest != "" and latest.status not in RECALLED
        verdict = judge(gate, _newest_digest(latest, evidence), evidence, now) if latest and judged else None
        repeats = bool(judged and evidence and evidence[0].metrics.get(LEAK) != 0.0)
        return ModelStatus(project, latest, gate, verdict, evidence[0].overlap if repeats else {}, now)

    # --- shared steps

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
        same judgement. A gate that is off passes what was evaluated, not what nobody could evaluate.
        """
        open_to_it = version.status in (ModelVersionStatus.EVALUATING, *(status for _, status in SETTLED.values()))
        if not open_to_it or self.store.projects.find(tx.conn, tx.ctx, version.project_id) is None:
            return version
        evidence = self.store.deciding(tx.conn, tx.ctx, EVIDENCE_CONSIDERED, model_version_id=version.id)
        kind = self._judge(tx.conn, tx.ctx, version, _newest_digest(version, evidence), evidence).verdict
        if kind == GateVerdictKind.OFF:
            kind = GateVerdictKind.PASS if evidence else GateVerdictKind.NO_DATA
        event, status = SETTLED[kind]
        return version if version.status == status else self._move(tx, version, event, why)

    def _judge(
        self, conn: sa.Connection, ctx: CallContext, version: ModelVersion, digest: str, evidence: Sequence[Evidence] | None = None
    ) -> GateVerdict:
        """evidence: None takes all there is about the digest."""
        if evidence is None:
            evidence = self.store.deciding(conn, ctx, EVIDENCE_CONSIDERED, model_version_id=version.id, digest=digest)
        return judge(self._gate(conn, ctx, version.project_id), digest, evidence, self.db.clock.now_ms())

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


def _newest_digest(version: ModelVersion, evidence: Sequence[Evidence]) -> str:
    """Of the bytes the newest result is about; of the weights while there is none."""
    return evidence[0].digest if evidence else version.artifact_digest


def _not_yet(version: ModelVersion, event: str) -> PlatformError:
    return PlatformError(
        409,
        Reason.ILLEGAL_TRANSITION,
        field="status",
        limit="train it first",
        machine="model_version",
        state=version.status.name,
        event=event,
    )


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
