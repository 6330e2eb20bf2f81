"""A train task: one run of a frozen snapshot that fills one model version."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.errors import invalid
from libs.common.work.task import Task
from libs.data.classes import kind_in

TEST_PART = "test"


@dataclass(frozen=True)
class TrainTask(Task):
    """valid_dataset_version_id, base_version_id: 0 = none. artifact_uri and artifact_digest: "" until it succeeded."""

    model_id: int = 0
    train_config_id: int = 0
    model_version_id: int = 0
    train_dataset_version_id: int = 0
    valid_dataset_version_id: int = 0
    artifact_uri: str = ""
    artifact_digest: str = ""
    base_version_id: int = 0


@dataclass(frozen=True)
class MetricPoint:
    """One value of one metric at one step. A point reported again (after a resume) replaces itself, so the curve stays one curve."""

    id: int
    task_id: int
    project_space_id: int
    step: int
    name: str
    value: float
    attempt: int
    create_time: int = 0


def check_training_data(field: str, kind: str, part: str, takes: str) -> None:
    """Training data is records of the kind a method takes, and never what a test holds back. Raises PlatformError 400."""
    if kind_in(kind) != takes:
        raise invalid(field, limit=f"a version of kind {takes}", kind=kind)
    if part == TEST_PART:
        raise invalid(field, limit="a version that is not the test part of a split", part=part)
