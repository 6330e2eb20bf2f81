"""A work order: one run of the pipeline from a trained version to live traffic, its states and the evidence it must have.

Before first traffic an order may fail, be cancelled or be rejected. From CANARY on the only way out is back. The table alone makes every
path to CANARY and ONLINE lead through parity, packaging, evaluation and approval; ``lacking`` checks the evidence itself at the door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from idl.enums import WorkOrderStatus as WorkOrderStatus
from libs.common.machine import Machine
from services.deploy.domain.slot import SlotWeight

_S = WorkOrderStatus
BUILDING = (_S.PENDING, _S.CONVERTING, _S.VERIFYING, _S.PACKAGING)
"""States whose work is a long child process."""

BEFORE_TRAFFIC = (*BUILDING, _S.EVALUATING, _S.AWAITING_APPROVAL, _S.PROVISIONING, _S.SMOKE_TESTING)
RELEASING = (_S.EVALUATING, _S.PROVISIONING, _S.SMOKE_TESTING, _S.CANARY, _S.ROLLING_BACK)
"""States whose work is short looks: is it ready, is it finished, how does it do."""

MACHINE = Machine(
    "work_order",
    WorkOrderStatus,
    [
        (_S.PENDING, "START", _S.CONVERTING),
        (_S.CONVERTING, "CONVERTED", _S.VERIFYING),
        (_S.VERIFYING, "VERIFIED", _S.PACKAGING),
        (_S.PACKAGING, "PACKAGED", _S.EVALUATING),
        (_S.EVALUATING, "EVALUATED", _S.AWAITING_APPROVAL),
        (_S.AWAITING_APPROVAL, "APPROVE", _S.PROVISIONING),
        (_S.AWAITING_APPROVAL, "REJECT", _S.REJECTED),
        (_S.PROVISIONING, "PROVISIONED", _S.SMOKE_TESTING),
        (_S.SMOKE_TESTING, "SMOKE_PASSED", _S.CANARY),  # first traffic
        (_S.CANARY, "PROMOTE", _S.CANARY),  # the next weight step
        (_S.CANARY, "FINISH", _S.ONLINE),
        (_S.CANARY, "ROLL_BACK", _S.ROLLING_BACK),
        (_S.ONLINE, "ROLL_BACK", _S.ROLLING_BACK),
        (_S.ROLLING_BACK, "ROLLED_BACK", _S.ROLLED_BACK),
        *[(state, "FAIL", _S.FAILED) for state in BEFORE_TRAFFIC],
        *[(state, "CANCEL", _S.CANCELLED) for state in BEFORE_TRAFFIC],
    ],
)
OPEN = (*BEFORE_TRAFFIC, _S.CANARY, _S.ROLLING_BACK)
"""States that keep a slot for themselves. An ONLINE order is finished; that it can be rolled back does not keep others out."""

GATE_PASSES = ("PASS", "OFF")


@dataclass(frozen=True)
class OrderHead:
    """A work order without its large JSON: what the composed status shows. override_id: of the gate, by which it goes on, 0 = none."""

    id: int
    name: str
    project_space_id: int
    user_id: int
    deployment_config_id: int
    model_id: int
    model_version_id: int
    slot_id: int
    artifact_digest: str
    desc: str = ""
    status: WorkOrderStatus = WorkOrderStatus.PENDING
    status_reason: str = ""
    digest: str = ""
    eval_task_id: int = 0
    approver_id: int = 0
    approval_comment: str = ""
    attempt: int = 0
    create_time: int = 0
    update_time: int = 0
    start_time: int = 0
    finish_time: int = 0
    override_id: int = 0
    override_end_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class WorkOrder(OrderHead):
    """config: the options at creation. evidence: what each stage proved. digest: of the packaged bytes; bundle_uri: where they lie.
    previous: the slot's weights when this order got its first traffic. open_slot_id: the slot while the order is open, else None; unique.
    wish: what is to become of it once nothing of it runs any more ("CANCEL", "FAIL"), "" otherwise. attempt: of the present stage.
    epoch: rises with every claim; a write with an older one is refused. not_before: nobody looks at it sooner (milliseconds).
    """

    artifact_uri: str = ""
    model_name: str = ""
    model_version_number: int = 0
    config: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=dict)
    bundle_uri: str = ""
    previous: list[SlotWeight] = field(default_factory=list)
    open_slot_id: int | None = None
    wish: str = ""
    epoch: int = 0
    lease_until: int = 0
    worker: str = ""
    not_before: int = 0

    @property
    def entry(self) -> SlotWeight:
        """What the slot lists for it; the share is the slot's business."""
        return SlotWeight(self.digest, 0, self.model_version_id, self.model_version_number, self.id)


def lets_pass(gate: Mapping[str, Any], requester: int) -> bool:
    """Whether a verdict, as it is kept with an order, lets the order of ``requester`` go on: by itself, or by an override of two people
    of whom the second is not who ordered the release."""
    override = gate.get("override") or {}
    people = {override.get("user_id", "0"), override.get("confirmer_id", "0")}
    overridden = len(people) == 2 and "0" not in people and override.get("confirmer_id") != str(requester)
    return gate.get("verdict") in GATE_PASSES or overridden


def override_of(evidence: Mapping[str, Any]) -> tuple[int, int]:
    """(id, end) of the override in the newest word of the gate, zeros without one."""
    override = evidence.get("gate", {}).get("override") or {}
    return int(override.get("id", 0)), int(override.get("end_time", 0))


def lacking(order: WorkOrder) -> list[str]:
    """What this order still has to show, for its very digest, before it may have traffic."""
    evidence, digest = order.evidence, order.digest

    def of_digest(stage: str) -> bool:
        return bool(digest) and evidence.get(stage, {}).get("digest") == digest

    approval, evaluation = evidence.get("approval", {}), evidence.get("evaluation", {})
    # Of this order's own evaluation or, reused, of one another order of ours asked for: a task people made carries no work order.
    ours = evaluation.get("task_id") == str(order.eval_task_id) and evaluation.get("work_order_id") not in (None, "0")
    proofs = {
        "parity": evidence.get("parity", {}).get("passed") is True,
        "package": of_digest("package"),
        "evaluation": of_digest("evaluation") and ours and evaluation.get("status") == "SUCCEEDED",
        "gate": of_digest("gate") and lets_pass(evidence["gate"], order.user_id),
        "approval": of_digest("approval") and approval.get("user_id") == str(order.approver_id) and order.approver_id != order.user_id,
        "smoke": of_digest("smoke") and evidence["smoke"].get("work_order_id") == str(order.id),
    }
    return [name for name, shown in proofs.items() if not shown]
