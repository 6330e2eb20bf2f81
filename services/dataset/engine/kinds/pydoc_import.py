"""Pydoc_Import: the documentation of the running interpreter becomes version 1."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.kinds import Arguments, TaskKind
from services.dataset.engine.kinds._config import settled
from services.dataset.engine.pydoc_pages import PydocOptions, checked


def read(config: Mapping[str, Any]) -> Arguments:
    """config: ``{"options": {…}}``."""
    refuse_unknown(config, ("options",))
    options = settled(PydocOptions, config)
    checked(PydocOptions(**options))
    return Arguments({"options": options}, PydocOptions)


KIND = TaskKind(
    name="Pydoc_Import",
    options=PydocOptions,
    entry="services.dataset.engine.pydoc_pages:run",
    read=read,
    imports=True,
    interpreter=sys.version,
    place=20,
)
