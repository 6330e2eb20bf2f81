"""What the configs of several kinds have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from libs.data.options import read_options


def settled(cls: type[Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a config with every value, so that a later default cannot change what an old task meant."""
    made: dict[str, Any] = asdict(read_options(cls, config.get("options")))
    return made
