"""An eval config: which test version judges a model, by which metrics. Never changed once created: what a task ran with stays readable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.eval.engine.options import ENGINE_VERSION

TRAINING_PART = "train"


@dataclass(frozen=True)
class EvalConfig:
    """metrics, options: complete, as ``engine.options.settle`` decided them. people: ``raters.Raters``, {} = nobody rates."""

    id: int
    model_id: int
    name: str
    project_space_id: int
    user_id: int
    dataset_version_id: int
    desc: str = ""
    metrics: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    create_time: int = 0
    update_time: int = 0
    version: int = 0

    @property
    def engine_version(self) -> int:
        return ENGINE_VERSION
