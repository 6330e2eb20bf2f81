"""What can be foreseen of a training before it starts: what it would leave out, how long it is, what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from libs.common.errors import PlatformError
from services.train.engine.kinds import Method
from services.train.service.shared import Shared


@dataclass(frozen=True)
class DataPreview:
    """Of the first ``looked_at`` records. longest, block_size: tokens. Of the whole training, estimated from them: steps, tokens (over all
    epochs), parameters, trained_parameters, memory_bytes."""

    looked_at: int
    left_out: int
    longest: int
    block_size: int
    max_left_out: float
    steps: int = 0
    tokens: int = 0
    parameters: int = 0
    trained_parameters: int = 0
    memory_bytes: int = 0


class Foresight(Shared):
    def _preview(self, method: Method, options: Mapping[str, Any], data: Any, base: Any) -> DataPreview | None:
        """A look never stands in the way of a start: what cannot be looked at is not foreseen."""
        if self._artifacts is None:
            return None
        try:
            folder = self._artifacts.open(data.uri, verify=False)
            tuned = self._artifacts.open(base.artifact_uri, verify=False) if base is not None else None
            found = method.look_at(folder, options, tuned, data.records)
        except PlatformError:
            return None
        return None if found is None else DataPreview(**found)
