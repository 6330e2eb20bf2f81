"""A train config: what a person wants trained, by which method and with which options. Tasks freeze it; changing it changes no task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TrainConfig:
    """method: one of ``engine.kinds``. options: complete, as the method's own class settled them. base_version_id: the
    model version it goes on from, 0 = it starts from nothing."""

    id: int
    model_id: int
    name: str
    project_space_id: int
    user_id: int
    desc: str = ""
    method: str = "scratch"
    options: dict[str, Any] = field(default_factory=dict)
    base_version_id: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0
