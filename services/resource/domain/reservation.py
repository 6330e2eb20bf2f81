"""A reservation: resources that somebody holds under a lease, or waits for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from idl.enums import PlaceSecrecy
from idl.enums import ReservationStatus as ReservationStatus
from services.resource.domain.amounts import Amounts, Want, amounts_of
from services.resource.domain.node import Placement

PATIENCE_MS = 60_000
"""Who has waited so long is passed by nobody younger where it waits."""
LEASE_SECONDS = 60
SHORTEST_LEASE, LONGEST_LEASE = 5, 86_400
LIVE = (ReservationStatus.WAITING, ReservationStatus.HELD)


@dataclass(frozen=True)
class Stored:
    """As the records have it. open_key: unique while it lives, its id afterwards. platform_row … node_row: the allowances it is held of;
    0 where there is none. paid_time: when its lease was last paid for, in accelerator time. waits_for: the allowance that binds.
    """

    id: int
    project_space_id: int
    user_id: int
    holder: str
    open_key: str
    status: ReservationStatus
    cpu: int = 0
    memory: int = 0
    accelerator: int = 0
    replicas: int = 0
    tokens: int = 0
    annotation: int = 0
    room_id: int = 0
    vendor: str = ""
    model: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    secrecy: PlaceSecrecy = PlaceSecrecy.PUBLIC
    unplaced: bool = False
    platform_row: int = 0
    department_row: int = 0
    person_row: int = 0
    space_row: int = 0
    node_row: int = 0
    node_id: int = 0
    lease_until: int = 0
    paid_time: int = 0
    hold_time: int = 0
    end_time: int = 0
    waits_for: int = 0
    model_version_id: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0

    def changed(self, **changes: Any) -> Stored:
        """The same with other values. Of a frozen record of so many fields ``replace`` costs more than the write."""
        made = object.__new__(Stored)
        made.__dict__.update(self.__dict__, **changes)
        return made

    @property
    def quota_rows(self) -> tuple[int, ...]:
        return self.platform_row, self.department_row, self.person_row, self.space_row

    def want(self, lease_ms: int = 0) -> Want:
        """What it asks for, with a lease of so long to pay."""
        pay = self.accelerator * lease_ms
        return Want(self.cpu, self.memory, self.accelerator, self.replicas, pay, self.tokens, self.annotation)

    @property
    def kind(self) -> str:
        """Of the work it is for; a task's holder begins with it."""
        before, slash, _ = self.holder.partition("/")
        return before if slash else "other"

    @property
    def placement(self) -> Placement:
        return Placement(self.room_id, self.vendor, self.model, self.labels, self.secrecy)


@dataclass(frozen=True)
class Reservation:
    """What people see of it."""

    id: int
    holder: str
    project_space_id: int
    user_id: int
    status: ReservationStatus
    amounts: Amounts
    node_id: int
    lease_until: int
    hold_time: int
    end_time: int
    create_time: int
    update_time: int
    version: int


def shown(found: Stored) -> Reservation:
    held = {name: getattr(found, name) for name in ("cpu", "memory", "accelerator", "replicas", "tokens", "annotation")}
    return Reservation(
        found.id,
        found.holder,
        found.project_space_id,
        found.user_id,
        found.status,
        amounts_of(**held),
        found.node_id,
        found.lease_until,
        found.hold_time,
        found.end_time,
        found.create_time,
        found.update_time,
        found.version,
    )


def key_of(space_id: int, holder: str) -> str:
    """``open_key`` of a holder's live reservation: there is one at a time."""
    return f"{space_id}/{holder}"
