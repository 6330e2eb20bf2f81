"""File_Import: files of the caller's own space become version 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.common.errors import Reason, invalid, missing
from libs.data.beneath import checked_name
from services.dataset.engine.importing import ImportOptions, checked
from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.kinds import Arguments, TaskKind
from services.dataset.engine.kinds._config import settled


def read(config: Mapping[str, Any]) -> Arguments:
    """config: ``{"paths": […], "options": {…}}``."""
    refuse_unknown(config, ("paths", "options"))
    options = settled(ImportOptions, config)
    checked(ImportOptions(**options))
    return Arguments({"paths": paths_of(config), "options": options}, ImportOptions)


def paths_of(config: Mapping[str, Any]) -> list[str]:
    """What is imported. Raises PlatformError 400."""
    paths = config.get("paths")
    if paths is None:
        raise missing("paths")
    if not isinstance(paths, list) or not 0 < len(paths) <= 1000 or not all(isinstance(path, str) for path in paths):
        raise invalid("paths", Reason.WRONG_TYPE, "a list of 1 to 1000 relative paths")
    return [checked_name(path, f"paths[{position}]") for position, path in enumerate(paths)]


KIND = TaskKind(
    name="File_Import",
    options=ImportOptions,
    entry="services.dataset.engine.importing:run",
    read=read,
    imports=True,
    repeats=False,  # files change under their names
    place=10,
)
