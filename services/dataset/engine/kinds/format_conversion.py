"""Format_Conversion: one of the converters over a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from libs.common.errors import missing
from services.dataset.engine.conversion import named
from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.kinds import Arguments, TaskKind


def read(config: Mapping[str, Any]) -> Arguments:
    """config: ``{"converter": name, "options": {…}}``."""
    refuse_unknown(config, ("converter", "options"))
    if config.get("converter") is None:
        raise missing("converter")
    converter = named(config["converter"])
    return Arguments({"converter": converter.name, "options": asdict(converter.read(config.get("options")))}, converter.options)


KIND = TaskKind(name="Format_Conversion", entry="services.dataset.engine.conversion:run", read=read, needs=("data",), place=49)
