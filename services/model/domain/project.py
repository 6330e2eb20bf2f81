"""A model project: the name under which versions of one model live. Its status is derived, never set by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from idl.enums import ModelProjectStatus as ModelProjectStatus
from services.model.domain.version import ModelVersionStatus


@dataclass(frozen=True)
class ModelProject:
    """serving_slots: how many slots serve a version of it now, as the deploy domain last said."""

    id: int
    name: str
    project_space_id: int
    user_id: int
    desc: str = ""
    path: str = ""
    train_framework: str = ""
    inference_framework: str = ""
    metrics_url: str = ""
    status: ModelProjectStatus = ModelProjectStatus.CREATED
    code_repo_url: str = ""
    hdfs_dir: str = ""
    serving_slots: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0


# How far evidence carries a project. QUALIFIED outranks REJECTED: one good version is enough.
_RANK = (
    (ModelVersionStatus.QUALIFIED, ModelProjectStatus.QUALIFIED),
    (ModelVersionStatus.REJECTED, ModelProjectStatus.REJECTED),
    (ModelVersionStatus.EVALUATING, ModelProjectStatus.EVALUATING),
    (ModelVersionStatus.TRAINED, ModelProjectStatus.TRAINED),
    (ModelVersionStatus.TRAINING, ModelProjectStatus.TRAINING),
)


def project_status(versions: Iterable[ModelVersionStatus], serving_slots: int) -> ModelProjectStatus:
    """ONLINE while a slot serves one, else the furthest evidence of the versions."""
    if serving_slots > 0:
        return ModelProjectStatus.ONLINE
    present = set(versions)
    return next((status for version, status in _RANK if version in present), ModelProjectStatus.CREATED)
