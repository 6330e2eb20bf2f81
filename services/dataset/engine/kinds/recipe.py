"""Recipe: a plan of several steps over a version, run as one task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.data.options import NoOptions
from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.kinds import WHOLE, Arguments, TaskKind


def read(config: Mapping[str, Any]) -> Arguments:
    """config: ``{"plan": {"steps": [{"kind", "options"}, …]}}``; ``preview`` beside it says that it was looked at."""
    from services.dataset.engine.plan import read_plan

    refuse_unknown(config, ("plan", "preview"))
    return Arguments({"steps": [step.to_json() for step in read_plan(config.get("plan"))]}, NoOptions)


def deciding(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of a step all that decides is in its hash."""
    return {"steps": [step["hash"] for step in values["steps"]]}


def makes(values: Mapping[str, Any]) -> tuple[str, ...]:
    """What its last step makes."""
    steps = values["steps"]
    return tuple(steps[-1]["makes"]) if steps else (WHOLE,)


KIND = TaskKind(
    name="Recipe",
    entry="services.dataset.engine.steps:run",
    read=read,
    deciding=deciding,
    parts=makes,
    previewed=True,
    needs=("data",),
    place=70,
)
