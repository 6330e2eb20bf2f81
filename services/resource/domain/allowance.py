"""An allowance: how much somebody may hold and spend, and does. Quotas and nodes are the same thing here, so that one write decides about
all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from idl.enums import QuotaKind as QuotaKind
from services.resource.domain.amounts import HELD, SPENT, UNLIMITED, Amounts, Want, amounts_of
from services.resource.domain.window import QuotaWindow

NODE = 9
"""``kind`` of a node's allowance, beside those of ``QuotaKind``."""
NAMES = {0: "platform", 1: "department", 2: "person", 3: "space", NODE: "node"}


@dataclass(frozen=True)
class Allowance:
    """subject_id: of the department, person, space or node; 0: the platform. parent_id: of a person, the department's allowance.

    cap_*: the limit. held_*: what live reservations hold. spent_*: in the window that ends at window_end. turn: the reservation that waited
    so long that nobody younger passes it here; 0: nobody.
    """

    id: int
    kind: int
    subject_id: int
    parent_id: int = 0
    cap_cpu: int = UNLIMITED
    cap_memory: int = UNLIMITED
    cap_accelerator: int = UNLIMITED
    cap_replicas: int = UNLIMITED
    cap_pay: int = UNLIMITED
    cap_tokens: int = UNLIMITED
    cap_annotation: int = UNLIMITED
    held_cpu: int = 0
    held_memory: int = 0
    held_accelerator: int = 0
    held_replicas: int = 0
    spent_pay: int = 0
    spent_tokens: int = 0
    spent_annotation: int = 0
    window: QuotaWindow = QuotaWindow.MONTH
    window_start: int = 0
    window_end: int = 0
    turn: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0

    @property
    def name(self) -> str:
        return NAMES[self.kind]

    def free(self, resource: str, now: int) -> int:
        """What is left of it, never below zero: a limit may be lowered below what is held."""
        return max(0, self.cap(resource) - self.used(resource, now))

    def cap(self, resource: str) -> int:
        return int(getattr(self, f"cap_{resource}"))

    def used(self, resource: str, now: int) -> int:
        if resource in SPENT:
            return int(getattr(self, f"spent_{resource}")) if self.window_end > now else 0
        return int(getattr(self, f"held_{resource}"))

    def lacks(self, want: Want, now: int) -> list[tuple[str, int, int]]:
        """(resource, asked, free) of all that does not fit."""
        return [(name, asked, free) for name, asked in want.named() if asked > (free := self.free(name, now))]

    def passable(self, ticket: int) -> bool:
        """Whether nobody who waited longer comes first here."""
        return self.turn == 0 or self.turn >= ticket

    @property
    def limits(self) -> Amounts:
        return amounts_of(**{name: self.cap(name) for name in HELD + SPENT})

    def usage(self, now: int) -> Amounts:
        return amounts_of(**{name: self.used(name, now) for name in HELD + SPENT})


@dataclass(frozen=True)
class Quota:
    """What people see of an allowance that is no node's."""

    id: int
    kind: QuotaKind
    subject_id: int
    department_id: int
    limits: Amounts
    used: Amounts
    window: QuotaWindow
    window_end: int
    create_time: int
    update_time: int
    version: int


def quota_of(row: Allowance, department_id: int, now: int) -> Quota:
    end = row.window_end if row.window_end > now else 0
    kind = QuotaKind(row.kind)
    times = (row.create_time, row.update_time, row.version)
    return Quota(row.id, kind, row.subject_id, department_id, row.limits, row.usage(now), row.window, end, *times)
