"""A train config: what a person wants trained, by which method and with which options. Tasks freeze it; changing it changes no task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from libs.common.errors import Reason, invalid

METHODS = ("scratch",)  # a small causal language model and its tokenizer, from nothing


def check_method(method: str) -> str:
    """Raises PlatformError 400 for a method that is not known."""
    if method not in METHODS:
        raise invalid("method", Reason.UNKNOWN_ENUM, "one of " + ", ".join(METHODS), value=method)
    return method


@dataclass(frozen=True)
class TrainConfig:
    """options: complete, as ``engine.options`` settled them."""

    id: int
    model_id: int
    name: str
    project_space_id: int
    user_id: int
    desc: str = ""
    method: str = "scratch"
    options: dict[str, Any] = field(default_factory=dict)
    create_time: int = 0
    update_time: int = 0
    version: int = 0
