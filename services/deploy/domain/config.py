"""A deployment config: how one model is served in one environment and room. Never changed once created: an order keeps a copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ENVIRONMENT = "prod"
ROOM = "local"


@dataclass(frozen=True)
class DeploymentConfig:
    """config: complete, as ``DeployOptions.to_dict`` wrote it; config_hash names it."""

    id: int
    name: str
    model_id: int
    project_space_id: int
    user_id: int
    config: dict[str, Any] = field(default_factory=dict)
    config_hash: str = ""
    desc: str = ""
    environment: str = ENVIRONMENT
    room: str = ROOM
    create_time: int = 0
    update_time: int = 0
    version: int = 0
