"""Verbs about evidence, the release gate, lineage, and the model's part of the composed status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from libs.common.context import CallContext
from libs.common.errors import invalid, missing, not_found
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from libs.metrics import FIGURES, is_figure
from services.model.domain.explanation import GateExplanation, explain
from services.model.domain.gate import (
    LEAK,
    Evidence,
    EvidenceKind,
    GateRule,
    GateVerdict,
    GateVerdictKind,
    ReleaseGate,
)
from services.model.domain.lineage import LineageEdge
from services.model.domain.override import GateOverride
from services.model.domain.project import ModelProject
from services.model.domain.version import ModelVersion, ModelVersionStatus
from services.model.service.shared import EVIDENCE_CONSIDERED, RECALLED, Shared, gated_digest, newest_digest, not_yet

OVERRIDES_SHOWN = 20  # newest of one package
RESETTLED = 200  # newest versions whose state follows a change of the gate's rules


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation result brought: the stored row, the verdict for its digest, the version as it is now."""

    evidence: Evidence
    verdict: GateVerdict
    model_version: ModelVersion


@dataclass(frozen=True)
class ModelStatus:
    """The model's part of the composed status. verdict: by the newest result of the latest version, of its weights or a package of them.
    overlap: how that test repeats what the version was trained on, {} when it does not. as_of: milliseconds since the epoch. overrides:
    live ones.
    """

    project: ModelProject
    latest_version: ModelVersion | None
    gate: ReleaseGate | None
    verdict: GateVerdict | None
    overlap: dict[str, Any]
    as_of: int
    overrides: list[GateOverride]


class Releases(Shared):
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
                judged_by = "RATED_BY" if before.rated else "JUDGED_BY"
                self._link(tx, version, "artifact", digest, "eval_task", str(eval_task_id), judged_by)
                self._link(tx, version, "eval_task", str(eval_task_id), "dataset_version", str(dataset_version_id), "TESTED_ON")
            alone = eval_task_id if before.kind == EvidenceKind.RELEASE else 0
            verdict = self._judge(tx.conn, ctx, version, digest, self._evidence(tx.conn, ctx, version, digest, alone))
            under_way = version.status == ModelVersionStatus.EVALUATING  # of its weights, which will settle it when they are done
            if before.kind == EvidenceKind.WEIGHTS or (before.decides and not under_way):
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
                raise not_yet(version, "RECORD_PACKAGE")
            self._link(tx, version, "artifact", digest, "artifact", version.artifact_digest, "PACKAGED_FROM")
            self._link(tx, version, "artifact", digest, "work_order", str(work_order_id), "PACKAGED_BY")
            return tx.done(version)

    @mutation
    def set_gate(
        self,
        ctx: CallContext,
        *,
        project_id: int,
        enabled: bool,
        rules: list[GateRule] | None = None,
        off_reason: str = "",
        max_age_hours: int | None = None,
    ) -> ReleaseGate:
        """Replaces the rules and the age a result may have (None keeps them), or switches the gate off, which needs a reason and stays
        visible in the history. Versions stand where the evidence puts them under the new rules.
        """
        if not enabled and not off_reason:
            raise missing("off_reason")
        for index, rule in enumerate(rules or []):
            if not is_figure(rule.metric):
                raise invalid(f"rules[{index}].metric", limit="one of " + ", ".join(FIGURES))
        if rules is not None and len({(rule.metric, rule.comparator) for rule in rules}) != len(rules):
            raise invalid("rules", limit="one rule per metric and comparator")
        with self.db.begin(ctx) as tx:
            gate = self._gate(tx.conn, ctx, project_id)
            kept = gate.rules if rules is None else rules
            age = gate.max_age_hours if max_age_hours is None else max_age_hours
            why = "" if enabled else off_reason
            changed = self.store.gates.update_expected(
                tx, gate, enabled=enabled, rules=kept, off_reason=why, max_age_hours=age, user_id=ctx.user_id
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
        so that no other stands in for it. Where the gate refuses, a live override of these bytes comes along.
        """
        with self.db.read() as conn:
            version = self._version(conn, ctx, model_version_id)
            self._refuse_recalled(version)
            evidence = self._evidence(conn, ctx, version, digest, eval_task_id)
            return self._overridden(conn, ctx, version, self._judge(conn, ctx, version, digest, evidence))

    def explain_gate(self, ctx: CallContext, *, model_version_id: int, digest: str = "", eval_task_id: int = 0) -> GateExplanation:
        """The same verdict in sentences. digest: "" for the package that an order last brought before the gate."""
        with self.db.read() as conn:
            version = self._version(conn, ctx, model_version_id)
            gate = self._gate(conn, ctx, version.project_id)
            of_version = self.store.deciding(conn, ctx, EVIDENCE_CONSIDERED, model_version_id=version.id)
            digest = digest or gated_digest(version, of_version)
            evidence = self._evidence(conn, ctx, version, digest, eval_task_id)
            verdict = self._overridden(conn, ctx, version, self._judge(conn, ctx, version, digest, evidence))
            overrides = self.store.overrides.all_by(conn, ctx, OVERRIDES_SHOWN, model_version_id=version.id, digest=digest)
        known = {item.id: item for item in evidence}
        return explain(gate, verdict, known, [each.at(verdict.check_time) for each in overrides if each.open_at(verdict.check_time)])

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
            now = self.db.clock.now_ms()
            project, latest, basis, overrides = self.store.status(conn, ctx, project_id, EVIDENCE_CONSIDERED, now)
        if project is None or basis is None:
            raise not_found("model_project", project_id)
        gate, evidence = basis.gate, basis.evidence
        judged = latest is not None and latest.artifact_digest != "" and latest.status not in RECALLED
        verdict = basis.verdict(newest_digest(latest, evidence), now) if latest and judged else None
        repeats = bool(judged and evidence and evidence[0].metrics.get(LEAK) != 0.0)
        return ModelStatus(project, latest, gate, verdict, evidence[0].overlap if repeats else {}, now, overrides)
