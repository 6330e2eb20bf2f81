"""Project spaces and who has which role and clearance in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from idl.enums import Clearance as Clearance
from idl.enums import Role as Role
from services.identity.domain.people import UserKind


@dataclass(frozen=True)
class ProjectSpace:
    id: int
    department_id: int
    name: str
    desc: str = ""
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class Membership:
    """One role of one user in one space. acting: a service account may act for members who may do what this role may."""

    id: int
    user_id: int
    account: str
    project_space_id: int
    role: Role
    clearance: Clearance = Clearance.PUBLIC
    create_time: int = 0
    update_time: int = 0
    version: int = 0
    acting: bool = False
    kind: UserKind = UserKind.PERSON


@dataclass(frozen=True)
class Place:
    """All that one user may be in one space."""

    project_space_id: int
    space_name: str
    roles: list[Role]
    clearance: Clearance


def places(memberships: Iterable[Membership], names: dict[int, str]) -> list[Place]:
    """One place per space, the oldest membership's first: that one is meant where a caller names none."""
    found: dict[int, list[Membership]] = {}
    for each in sorted(memberships, key=lambda membership: membership.id):
        found.setdefault(each.project_space_id, []).append(each)
    return [
        Place(space, names.get(space, ""), sorted({each.role for each in rows}), max(each.clearance for each in rows))
        for space, rows in found.items()
    ]
