"""What work asks for before it starts, and what it is told when there is no room for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from idl.enums import ConstraintKind
from libs.common.errors import PlatformError, Reason
from libs.common.work.task import TaskReason

REFUSED = {
    ConstraintKind.QUOTA: Reason.QUOTA_EXCEEDED,
    ConstraintKind.BUDGET: Reason.BUDGET_SPENT,
    ConstraintKind.CAPACITY: Reason.CAPACITY_SHORT,
    ConstraintKind.TURN: Reason.CAPACITY_SHORT,
    ConstraintKind.NEVER: Reason.NEVER_FITS,
}
WAITS = {
    Reason.QUOTA_EXCEEDED: TaskReason.WAIT_QUOTA,
    Reason.BUDGET_SPENT: TaskReason.WAIT_QUOTA,
    Reason.CAPACITY_SHORT: TaskReason.WAIT_CAPACITY,
    Reason.NEVER_FITS: TaskReason.WAIT_CAPACITY,
}
"""Why a task waits that was refused so: all of these may change without it."""


@dataclass(frozen=True)
class Ask:
    """What runs beside others needs of a machine: thousandths of a core and of an accelerator, MB."""

    cpu_milli: int = 1000
    memory_mb: int = 512
    accelerator_milli: int = 0


def lacking(found: Any) -> PlatformError:
    """409 with all that is known about what holds a request back. found: an explanation, of the resource domain or of its answer."""
    facts: dict[str, Any] = {"asked": found.asked, "free": found.free, "subject": found.name, "subject_id": str(found.id)}
    facts |= {"position": found.position, "sentence_en": found.sentence_en, "sentence_zh": found.sentence_zh}
    return PlatformError(409, REFUSED[ConstraintKind(found.constraint)], field=found.resource or None, **facts)
