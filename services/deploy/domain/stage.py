"""A stage that was passed: the same inputs need not pass it again, whichever order brings them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CONVERT, VERIFY, PACKAGE, EVALUATE = "CONVERTING", "VERIFYING", "PACKAGING", "EVALUATING"


@dataclass(frozen=True)
class PassedStage:
    """input_hash: hex SHA-256 over everything that decides the result, the stage's code included. result: as in the evidence."""

    id: int
    project_space_id: int
    stage: str
    input_hash: str
    work_order_id: int
    result: dict[str, Any] = field(default_factory=dict)
    create_time: int = 0
