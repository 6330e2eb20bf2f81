"""An evaluation of exactly one digest."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from libs.common.work.task import Task
from services.eval.domain.target import EvalTargetKind


class Verdict(IntEnum):
    """The release gate's word on a result, numbered as the model domain numbers it."""

    PASS = 1
    FAIL = 2
    NO_DATA = 3
    OFF = 4


@dataclass(frozen=True)
class EvalTask(Task):
    """target_digest: the bytes that are evaluated. target_address: where they answer, "" for weights; frozen like the snapshot, but no
    part of it, because the same digest elsewhere gives the same result. items: above 0 once everything was measured and stored, and then
    metrics, items and failed_items never change again. verdict: name of a ``Verdict``, "" until it was computed.
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

    @property
    def measured(self) -> bool:
        return self.items > 0
