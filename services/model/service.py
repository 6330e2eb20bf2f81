"""The verbs of the model domain: one method per use case, one transaction each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid, missing, not_found
from libs.common.store.database import Database, Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest, expect
from services.model.domain.gate import Evidence, GateRule, GateVerdict, GateVerdictKind, ReleaseGate, judge
from services.model.domain.lineage import LineageEdge
from services.model.domain.project import ModelProject, ModelProjectStatus, project_status
from services.model.domain.version import MACHINE, ModelVersion, ModelVersionStatus
from services.model.naming import Naming
from services.model.repository import ModelRepository

EVIDENCE_CONSIDERED = 500  # newest results of a digest a verdict looks at
RECALLED = (ModelVersionStatus.QUARANTINED, ModelVersionStatus.RETIRED)  # nothing of such a version is released


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation result brought: the stored row, the verdict for its digest, the version as it is now."""

    evidence: Evidence
    verdict: GateVerdict
    model_version: ModelVersion


@dataclass(frozen=True)
class ModelStatus:
    """The model's part of the composed status. as_of: milliseconds since the epoch."""

    project: ModelProject
    latest_version: ModelVersion | None
    gate: ReleaseGate | None
    verdict: GateVerdict | None
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
        """Creates the next version, without an artifact yet."""
        versions = self.store.versions
        with self.db.begin(ctx) as tx:
            project = self.store.projects.get(tx.conn, ctx, project_id)
            if base_version_id:
                versions.get(tx.conn, ctx, base_version_id)
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
            return self.store.versions.get(conn, ctx, id)

    def list_versions(self, ctx: CallContext, *, project_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            self.store.projects.get(conn, ctx, project_id)
            return self.store.versions.page(conn, ctx, page, self.store.versions.column("project_id") == project_id)

    @mutation
    def start_training(self, ctx: CallContext, *, id: int, train_task_id: int) -> ModelVersion:
        with self.db.begin(ctx) as tx:
            version = self.store.versions.get(tx.conn, ctx, id)
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
            version = self.store.versions.get(tx.conn, ctx, id)
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
            version = self.store.versions.get(tx.conn, ctx, id)
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
            version = self.store.versions.get(tx.conn, ctx, id)
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
    ) -> Evaluated:
        """Stores evidence and computes the gate for its digest. One row per eval task: the same record again is the same answer."""
        if failed_items > items:
            raise invalid("failed_items", limit="at most items")
        with self.db.begin(ctx) as tx:
            version = self.store.versions.get(tx.conn, ctx, id)
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
                    ),
                )
                self._link(tx, version, "artifact", digest, "eval_task", str(eval_task_id), "JUDGED_BY")
                self._link(tx, version, "eval_task", str(eval_task_id), "dataset_version", str(dataset_version_id), "TESTED_ON")
            verdict = self._judge(tx.conn, ctx, version, digest)
            if digest == version.artifact_digest:
                version = self._settle(tx, version, verdict, str(eval_task_id))
            return tx.done(Evaluated(before, verdict, version))

    @mutation
    def record_evaluation_ended(self, ctx: CallContext, *, id: int, eval_task_id: int, cause: str = "") -> ModelVersion:
        """An evaluation that failed or was cancelled leaves its version where the evidence there is puts it."""
        with self.db.begin(ctx) as tx:
            version = self.store.versions.get(tx.conn, ctx, id)
            verdict = self._judge(tx.conn, ctx, version, version.artifact_digest)
            return tx.done(self._settle(tx, version, verdict, f"{eval_task_id} {cause}".strip()))

    @mutation
    def record_package(self, ctx: CallContext, *, id: int, work_order_id: int, digest: str) -> ModelVersion:
        with self.db.begin(ctx) as tx:
            version = self.store.versions.get(tx.conn, ctx, id)
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
        """Replaces the rules (None keeps them), or switches the gate off, which needs a reason and stays visible in the history."""
        if not enabled and not off_reason:
            raise missing("off_reason")
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
            return tx.done(changed)

    def get_gate(self, ctx: CallContext, *, project_id: int) -> ReleaseGate:
        with self.db.read() as conn:
            return self._gate(conn, ctx, project_id)

    def check_gate(self, ctx: CallContext, *, model_version_id: int, digest: str) -> GateVerdict:
        """The verdict now. A recalled or retired version never passes, whatever its evidence says."""
        with self.db.read() as conn:
            version = self.store.versions.get(conn, ctx, model_version_id)
            self._refuse_recalled(version)
            return self._judge(conn, ctx, version, digest)

    def list_evidence(self, ctx: CallContext, *, model_version_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            self.store.versions.get(conn, ctx, model_version_id)
            return self.store.evidence.page(conn, ctx, page, self.store.evidence.column("model_version_id") == model_version_id)

    def get_lineage(self, ctx: CallContext, *, model_version_id: int) -> list[LineageEdge]:
        with self.db.read() as conn:
            self.store.versions.get(conn, ctx, model_version_id)
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
        verdict = judge(gate, latest.artifact_digest, evidence, now) if latest and judged else None
        return ModelStatus(project, latest, gate, verdict, now)

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

    def _settle(self, tx: Transaction, version: ModelVersion, verdict: GateVerdict, why: str) -> ModelVersion:
        """Where an evaluation that is over leaves its version: by the gate's word on its own artifact. A gate that is off passes what was
        evaluated, not what nobody could evaluate."""
        if version.status != ModelVersionStatus.EVALUATING:
            return version
        kind = verdict.verdict
        if kind == GateVerdictKind.OFF:
            known = self.store.evidence.first_by(tx.conn, tx.ctx, model_version_id=version.id, digest=verdict.digest)
            kind = GateVerdictKind.PASS if known else GateVerdictKind.NO_DATA
        events = {GateVerdictKind.PASS: "GATE_PASSED", GateVerdictKind.FAIL: "GATE_FAILED"}
        return self._move(tx, version, events.get(kind, "EVALUATION_ENDED"), why)

    def _judge(self, conn: sa.Connection, ctx: CallContext, version: ModelVersion, digest: str) -> GateVerdict:
        evidence = self.store.evidence.all_by(conn, ctx, EVIDENCE_CONSIDERED, model_version_id=version.id, digest=digest)
        return judge(self._gate(conn, ctx, version.project_id), digest, evidence, self.db.clock.now_ms())

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
