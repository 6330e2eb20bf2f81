"""One HTTP route of one RPC."""

from __future__ import annotations

import re
from typing import NamedTuple


class Route(NamedTuple):
    """path: below /api/v1, with {field} for request fields that travel in the path. status: of success."""

    verb: str
    path: str
    domain: str
    method: str
    status: int = 200

    @property
    def path_fields(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)
