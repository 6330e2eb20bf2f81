"""Train_Test_Split: a version becomes two that ask nothing the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.common.errors import invalid
from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.kinds import TEST, TRAIN, Arguments, TaskKind
from services.dataset.engine.kinds._config import settled
from services.dataset.engine.splitting import SplitOptions


def read(config: Mapping[str, Any]) -> Arguments:
    """config: ``{"options": {…}}``."""
    refuse_unknown(config, ("options",))
    options = settled(SplitOptions, config)
    if options["group_by"] == "record" and options["held_out"]:
        raise invalid("options.held_out", limit="empty when group_by is record")
    return Arguments({"options": options}, SplitOptions)


KIND = TaskKind(
    name="Train_Test_Split",
    options=SplitOptions,
    entry="services.dataset.engine.splitting:run",
    read=read,
    makes=(TRAIN, TEST),
    step=True,
    place=60,
)
