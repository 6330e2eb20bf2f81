"""Media_Import: pictures and recordings of the caller's own space become version 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.kinds import Arguments, TaskKind
from services.dataset.engine.kinds._config import settled
from services.dataset.engine.kinds.file_import import paths_of
from services.dataset.engine.media_importing import MediaOptions


def read(config: Mapping[str, Any]) -> Arguments:
    """config: ``{"paths": […], "options": {…}}``."""
    refuse_unknown(config, ("paths", "options"))
    return Arguments({"paths": paths_of(config), "options": settled(MediaOptions, config)}, MediaOptions)


KIND = TaskKind(
    name="Media_Import",
    options=MediaOptions,
    entry="services.dataset.engine.media_importing:run",
    read=read,
    imports=True,
    repeats=False,  # files change under their names
    needs=("data",),
    place=15,
)
