"""An evaluation of exactly one digest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from idl.enums import EvidenceKind as EvidenceKind
from libs.common.work.task import Task
from services.eval.domain.target import EvalTargetKind


@dataclass(frozen=True)
class EvalTask(Task):
    """target_digest: the bytes that are evaluated. target_address: where they answer, "" for weights and for an instance of deploy, which
    only ``staging_address`` and ``target_key`` tell: they are no part of the contract. work_order_id: of the release that asked, 0 = a
    person did. items: above 0 once everything was measured and stored, and then metrics, items, failed_items, overlap and classes never
    change again. verdict: name of a ``Verdict``, "" until it was computed. rated_task_id: of the run whose outputs people rate, 0 = an
    engine measures; against_task_id: of the run it is compared with. secrecy: of the test version when people began. purged: what
    repeats the test is gone, as the test is. prompt_version_id: in whose words it was asked, 0 = as the records ask.
    """

    model_id: int = 0
    eval_config_id: int = 0
    model_version_id: int = 0
    dataset_version_id: int = 0
    target_kind: EvalTargetKind = EvalTargetKind.WEIGHTS
    target_digest: str = ""
    target_address: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    items: int = 0
    verdict: str = ""
    work_order_id: int = 0
    staging_address: str = ""
    target_key: str = ""
    overlap: dict[str, Any] = field(default_factory=dict)
    classes: dict[str, Any] = field(default_factory=dict)
    rated_task_id: int = 0
    against_task_id: int = 0
    secrecy: int = 0
    purged: bool = False
    prompt_version_id: int = 0

    @property
    def evidence_kind(self) -> EvidenceKind:
        """Who vouches for the result: the platform itself, people who rated what it vouches for, or nobody. What a model says to a prompt
        vouches for nothing: a release answers whatever it is asked."""
        if self.prompt_version_id or (self.target_kind != EvalTargetKind.WEIGHTS and not self.work_order_id):
            return EvidenceKind.INFORMS
        if self.rated_task_id:
            return EvidenceKind.HUMAN
        return EvidenceKind.WEIGHTS if self.target_kind == EvalTargetKind.WEIGHTS else EvidenceKind.RELEASE

    @property
    def kind_of_work(self) -> str:
        return str(self.snapshot["config"]["people"]["rating_type"])

    @property
    def moves_version(self) -> bool:
        """Whether the version's own state follows it: one of its weights, asked as the records ask."""
        return self.target_kind == EvalTargetKind.WEIGHTS and not self.prompt_version_id

    @property
    def measured(self) -> bool:
        return self.items > 0
