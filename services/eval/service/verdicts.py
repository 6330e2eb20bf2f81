"""What the model domain said of a result, as facts of the evaluation."""

from __future__ import annotations

from typing import Any

from idl.enums import EvidenceKind, GateVerdictKind
from services.eval.domain.task import EvalTask


def judged(answer: Any, task: EvalTask) -> dict[str, Any]:
    """What the model domain answered, as facts of the task's result."""
    verdict = answer.verdict
    return {
        "decides": task.evidence_kind != EvidenceKind.INFORMS,
        "evidence_id": answer.evidence.id,
        "gate_version": verdict.gate_version,
        "rules": [
            {
                "metric": found.rule.metric,
                "comparator": {1: "AT_LEAST", 2: "AT_MOST"}[found.rule.comparator],
                "bound": found.rule.bound,
                "value": found.value,
                "verdict": GateVerdictKind(found.verdict).name,
            }
            for found in verdict.results or []
        ],
    }


def verdict_of(answer: Any) -> str:
    return GateVerdictKind(answer.verdict.verdict).name
