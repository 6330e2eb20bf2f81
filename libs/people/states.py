"""The states of an item and of one person's assignment to it, each machine one table."""

from __future__ import annotations

from enum import IntEnum

from idl.enums import AssignmentStatus as AssignmentStatus
from idl.enums import ClaimBound as ClaimBound
from idl.enums import InspectionVerdict as InspectionVerdict
from idl.enums import ItemStatus as ItemStatus
from idl.enums import WorkRole as WorkRole
from libs.common.machine import Machine


class JobStatus(IntEnum):
    LAYING = 0  # its items are being made
    OPEN = 10  # people have it
    CLOSED = 90


class Lane(IntEnum):
    """The queue in which an item waits to be taken. RETURNED comes before FRESH."""

    NONE = 0
    RETURNED = 1
    FRESH = 2
    INSPECTION = 3
    GOLD = 4


_I = ItemStatus
ITEMS = Machine(
    "people_item",
    ItemStatus,
    [
        (_I.OPEN, "COMPLETE", _I.DONE),
        (_I.OPEN, "INSPECT", _I.INSPECTING),
        (_I.OPEN, "SET_ASIDE", _I.SET_ASIDE),
        (_I.INSPECTING, "ACCEPT", _I.DONE),
        (_I.INSPECTING, "CORRECT", _I.DONE),
        (_I.INSPECTING, "SET_ASIDE", _I.SET_ASIDE),
        (_I.INSPECTING, "REJECT", _I.OPEN),  # all of it anew
        *[(state, "REOPEN", _I.OPEN) for state in (_I.INSPECTING, _I.DONE, _I.SET_ASIDE)],  # one answer of it anew
    ],
)

_A = AssignmentStatus
ASSIGNMENTS = Machine(
    "assignment",
    AssignmentStatus,
    [
        (_A.HELD, "SUBMIT", _A.DONE),
        (_A.DONE, "UNDO", _A.HELD),
        (_A.HELD, "SKIP", _A.SKIPPED),
        (_A.HELD, "RELEASE", _A.RETURNED),
        (_A.HELD, "EXPIRE", _A.RETURNED),
        (_A.DONE, "VOID", _A.VOID),
    ],
)
