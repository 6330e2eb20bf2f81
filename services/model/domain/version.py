"""A model version: evidence only. Its artifact is frozen once recorded; where it serves is read from the slots, never from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from idl.enums import ModelVersionStatus as ModelVersionStatus
from libs.common.machine import Machine

_S = ModelVersionStatus
MACHINE = Machine(
    "model_version",
    ModelVersionStatus,
    [
        (_S.CREATED, "IMPORT", _S.TRAINED),  # made elsewhere: it comes whole, in one step
        (_S.CREATED, "START_TRAINING", _S.TRAINING),
        (_S.TRAINING, "START_TRAINING", _S.TRAINING),  # another attempt of the same task
        # Failed or cancelled, perhaps before any worker had it: nobody will fill it, and no list shall offer it as the newest.
        *[(state, "TRAINING_ENDED", _S.RETIRED) for state in (_S.CREATED, _S.TRAINING)],
        (_S.TRAINING, "RECORD_TRAINED", _S.TRAINED),
        (_S.TRAINED, "START_EVALUATION", _S.EVALUATING),
        (_S.QUALIFIED, "START_EVALUATION", _S.EVALUATING),
        (_S.REJECTED, "START_EVALUATION", _S.EVALUATING),  # new evidence
        (_S.EVALUATING, "START_EVALUATION", _S.EVALUATING),
        # By an evaluation of its weights, by one of a package made of them, or because the rules of the gate are others now.
        *[(state, "GATE_PASSED", _S.QUALIFIED) for state in (_S.TRAINED, _S.EVALUATING, _S.REJECTED)],
        *[(state, "GATE_FAILED", _S.REJECTED) for state in (_S.TRAINED, _S.EVALUATING, _S.QUALIFIED)],
        # without a result, or with one that is no evidence for the gate
        *[(state, "EVALUATION_ENDED", _S.TRAINED) for state in (_S.EVALUATING, _S.QUALIFIED, _S.REJECTED)],
        *[(state, "RETIRE", _S.RETIRED) for state in (_S.CREATED, _S.TRAINED, _S.EVALUATING, _S.QUALIFIED, _S.REJECTED)],
        *[(state, "QUARANTINE", _S.QUARANTINED) for state in _S if state != _S.QUARANTINED],
    ],
)


@dataclass(frozen=True)
class ModelVersion:
    """number: 1, 2, 3 … within the project. dataset_version_ids: the data it was trained on. base_version_id: 0 = from scratch.
    family: what sort of model it is, "" before it has weights. source: where a version comes from that was made elsewhere, "" for one
    trained here. layout, parameters, context_tokens, licence: of such a one, and of those that are based on it."""

    id: int
    project_id: int
    project_space_id: int
    number: int
    user_id: int
    desc: str = ""
    status: ModelVersionStatus = ModelVersionStatus.CREATED
    train_task_id: int = 0
    dataset_version_ids: list[int] = field(default_factory=list)
    base_version_id: int = 0
    artifact_uri: str = ""
    artifact_digest: str = ""
    metrics: dict[str, Any] = field(default_factory=dict)
    create_time: int = 0
    update_time: int = 0
    version: int = 0
    family: str = ""
    layout: str = ""
    parameters: int = 0
    context_tokens: int = 0
    source: str = ""
    licence: str = ""
