"""The states of an item and of one person's assignment to it, each machine one table."""

from __future__ import annotations

from enum import IntEnum

from libs.common.machine import Machine


class WorkRole(IntEnum):
    """What somebody does in a job. ANNOTATOR: answers; a rater does the same. INSPECTOR: decides about what others answered."""

    ANNOTATOR = 1
    INSPECTOR = 2


class JobStatus(IntEnum):
    LAYING = 0  # its items are being made
    OPEN = 10  # people have it
    CLOSED = 90


class ItemStatus(IntEnum):
    OPEN = 0
    INSPECTING = 10  # an inspector has it, or it waits for one
    DONE = 20
    SET_ASIDE = 30  # it gets no answer: all skipped it, or nobody agreed


class AssignmentStatus(IntEnum):
    HELD = 10
    DONE = 20
    SKIPPED = 30
    RETURNED = 40  # given back, or its lease ended: somebody else has the item
    VOID = 50  # answered, and the answer no longer counts


class Lane(IntEnum):
    """The queue in which an item waits to be taken. RETURNED comes before FRESH."""

    NONE = 0
    RETURNED = 1
    FRESH = 2
    INSPECTION = 3
    GOLD = 4


class Why(IntEnum):
    """Why a claim gave less than was asked for."""

    NOTHING = 0  # it did not
    NONE_LEFT = 1  # nothing here for this person now
    CAP = 2  # as much as one person may do of this job
    AHEAD = 3  # others come first
    ENOUGH_HELD = 4  # as many at once as one person may hold
    BARRED = 5  # too many known answers missed
    NOT_OPEN = 6


class Verdict(IntEnum):
    ACCEPT = 1
    CORRECT = 2
    REJECT = 3
    SET_ASIDE = 4


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
