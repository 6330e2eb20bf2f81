"""One legal call of every verb of the service, so that a rule can be tested on all of them; a test compares the table with the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from libs.common.clock import ManualClock
from libs.common.store.repository import PageRequest
from services.model.domain.card import CardText
from services.model.domain.gate import EvidenceKind, GateComparator, GateRule
from services.model.domain.version import ModelVersion
from services.model.service import ModelService
from tests.unit.model.chain import GOOD, PACKAGE, TASK, WEIGHTS, S

RULE = GateRule("exact_match", GateComparator.AT_LEAST, 0.5)
PAGE = PageRequest()
Facts = Callable[[ModelVersion], dict[str, Any]]

# verb -> (state the version must be in, facts). ``v`` is the version, ``v.project_id`` its project.
CHANGES: dict[str, tuple[S, Facts]] = {
    "create_project": (S.CREATED, lambda v: {"name": f"new-{v.id}"}),
    "update_project": (S.CREATED, lambda v: {"id": v.project_id, "desc": "changed"}),
    "delete_project": (S.CREATED, lambda v: {"id": v.project_id}),
    "restore_project": (S.CREATED, lambda v: {"id": v.project_id}),  # which is deleted before
    "create_alias": (S.CREATED, lambda v: {"project_id": v.project_id, "name": f"alias-{v.id}", "model_version_number": v.number}),
    "update_alias": (S.CREATED, lambda v: {"id": v.id, "model_version_number": v.number}),  # the id becomes an alias's
    "delete_alias": (S.CREATED, lambda v: {"id": v.id}),
    "record_serving": (S.QUALIFIED, lambda v: {"project_id": v.project_id, "serving_slots": 1}),
    "create_version": (S.CREATED, lambda v: {"project_id": v.project_id, "base_version_id": v.id}),
    "import_checkpoint": (S.CREATED, lambda v: {"project_id": v.project_id, "folder": "tiny"}),
    "start_training": (S.CREATED, lambda v: {"id": v.id, "train_task_id": TASK}),
    "record_trained": (
        S.TRAINING,
        lambda v: {"id": v.id, "train_task_id": TASK, "artifact_uri": "artifact://x", "artifact_digest": WEIGHTS},
    ),
    "record_training_ended": (S.TRAINING, lambda v: {"id": v.id, "train_task_id": TASK, "cause": "oom"}),
    "start_evaluation": (S.TRAINED, lambda v: {"id": v.id, "eval_task_id": 9, "digest": WEIGHTS}),
    "record_evaluation": (
        S.EVALUATING,
        lambda v: {
            "id": v.id,
            "eval_task_id": 9,
            "digest": WEIGHTS,
            "dataset_version_id": 5,
            "dataset_hash": "h",
            "metrics": GOOD,
            "items": 50,
            "kind": EvidenceKind.WEIGHTS,
        },
    ),
    "record_evaluation_ended": (S.EVALUATING, lambda v: {"id": v.id, "eval_task_id": TASK + 1, "cause": "cancelled"}),
    "record_package": (S.QUALIFIED, lambda v: {"id": v.id, "work_order_id": 3, "digest": PACKAGE}),
    "retire_version": (S.TRAINED, lambda v: {"id": v.id}),
    "quarantine_version": (S.TRAINED, lambda v: {"id": v.id, "cause": "recall"}),
    "request_override": (
        S.REJECTED,
        lambda v: {"model_version_id": v.id, "digest": PACKAGE, "cause": "a fire", "end_time": ManualClock().now_ms() + 3_600_000},
    ),
    "confirm_override": (S.REJECTED, lambda v: {"id": v.id, "comment": "seen"}),  # the id becomes an override's
    "withdraw_override": (S.REJECTED, lambda v: {"id": v.id, "comment": "no"}),
    "set_card": (S.TRAINED, lambda v: {"model_version_id": v.id, "sections": [CardText("purpose", "answers about leases")]}),
    "set_gate": (S.CREATED, lambda v: {"project_id": v.project_id, "enabled": True, "rules": [RULE]}),
}
READS: dict[str, Facts] = {
    "get_project": lambda v: {"id": v.project_id},
    "get_version": lambda v: {"id": v.id},
    "list_versions": lambda v: {"project_id": v.project_id, "page": PAGE},
    "list_aliases": lambda v: {"project_id": v.project_id, "page": PAGE},
    "get_gate": lambda v: {"project_id": v.project_id},
    "check_gate": lambda v: {"model_version_id": v.id, "digest": WEIGHTS},
    "explain_gate": lambda v: {"model_version_id": v.id},
    "get_override": lambda v: {"id": v.id},
    "list_overrides": lambda v: {"project_id": v.project_id, "page": PAGE},
    "list_evidence": lambda v: {"model_version_id": v.id, "page": PAGE},
    "get_card": lambda v: {"model_version_id": v.id},
    "get_lineage": lambda v: {"model_version_id": v.id},
    "get_model_status": lambda v: {"project_id": v.project_id},
    "get_model_as_of": lambda v: {"project_id": v.project_id, "as_of": v.create_time},
}
# What needs no living model: a recall, its way back, and hearing how work ended that was under way. create_project is about another one.
AFTER_DELETION = {"restore_project", "quarantine_version", "record_training_ended", "record_evaluation_ended", "create_project"}
BY_NAME = {"find_project", "list_projects", "list_deleted_projects", "resolve_name"}  # name no id
# Parameters that name an object of this domain; other ids belong to other domains, which this one never asks.
OWN_IDS = {"id", "project_id", "model_version_id", "base_version_id"}
OVERRIDES = {"request_override", "confirm_override", "withdraw_override"}
DECIDED = {
    "update_alias",
    "delete_alias",
    "update_project",
    "delete_project",
    "retire_version",
    "quarantine_version",
    "set_gate",
    "set_card",
}
DECIDED |= OVERRIDES - {"request_override"}


def verb(service: ModelService, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(service, name)
    return found
