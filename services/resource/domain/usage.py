"""What was used: the entries of the ledger, what a node had and when, and sums of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from services.resource.domain.node import Node
from services.resource.domain.price import Piece, Tariff, Use
from services.resource.domain.reservation import Stored

_CPU_HOUR, _GB_HOUR = 3_600_000, 3_600_000 * 1024 // 1000
"""Thousandths of a core, and MB, times milliseconds: in a thousandth of a core's hour and of a GB's."""


@dataclass(frozen=True)
class Entry:
    """One piece of one reservation, as the ledger has it. day: since the epoch."""

    id: int
    reservation_id: int
    holder: str
    kind: str
    project_space_id: int
    user_id: int
    model_version_id: int
    node_id: int
    room_id: int
    vendor: str
    model: str
    day: int
    begin_time: int
    end_time: int
    cpu: int
    memory: int
    accelerator: int
    micros: int
    create_time: int = 0
    update_time: int = 0
    version: int = 0

    @property
    def use(self) -> Use:
        return Use(self.cpu, self.memory, self.accelerator, self.room_id, self.vendor, self.model)


@dataclass(frozen=True)
class Usage:
    """What people see of an entry."""

    id: int
    reservation_id: int
    holder: str
    project_space_id: int
    user_id: int
    model_version_id: int
    node_id: int
    begin_time: int
    end_time: int
    cpu_milli: int
    memory_mb: int
    accelerator_milli: int
    micros: int


@dataclass(frozen=True)
class NodeSpan:
    """What a node had from one moment to another. end_time: 0 while it still has."""

    id: int
    node_id: int
    room_id: int
    vendor: str
    model: str
    begin_time: int
    end_time: int
    cpu: int
    memory: int
    accelerator: int
    create_time: int = 0
    update_time: int = 0
    version: int = 0

    @property
    def use(self) -> Use:
        return Use(self.cpu, self.memory, self.accelerator, self.room_id, self.vendor, self.model)


@dataclass
class Sum:
    """cpu, memory, accelerator: smallest units times milliseconds."""

    micros: int = 0
    cpu: int = 0
    memory: int = 0
    accelerator: int = 0

    def add(self, other: Sum) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(frozen=True)
class CostRow:
    """idle_micros: of a node."""

    subject: str
    micros: int
    cpu_milli_hours: int
    memory_gb_milli_hours: int
    accelerator_milli_hours: int
    idle_micros: int = 0


def entries(held: Stored, node: Node | None, tariff: Tariff, end: int, id: Any) -> Iterator[Entry]:
    """A reservation's time from when it was held, in pieces. id: gives the next one."""
    use = use_of(held, node)
    place = (held.node_id, use.room_id, use.vendor, use.model)
    for piece in tariff.pieces(use, held.hold_time, end):
        whose = (held.id, held.holder, held.kind, held.project_space_id, held.user_id, held.model_version_id)
        yield Entry(id(), *whose, *place, piece.day, piece.begin, piece.end, held.cpu, held.memory, held.accelerator, piece.micros)


def use_of(held: Stored, node: Node | None) -> Use:
    """Where it is held decides the price; where it is held on no node, what was asked for."""
    place = (node.room_id, node.vendor, node.model) if node else (held.room_id, held.vendor, held.model)
    return Use(held.cpu, held.memory, held.accelerator, *place)


def sum_of(use: Use, pieces: Iterator[Piece], first: int, end: int) -> Sum:
    """Of the pieces that lie between two moments."""
    found = Sum()
    for piece in pieces:
        if first <= piece.begin < end:
            lasted = piece.end - piece.begin
            found.add(Sum(piece.micros, use.cpu * lasted, use.memory * lasted, use.accelerator * lasted))
    return found


def row_of(subject: str, found: Sum, idle: int = 0) -> CostRow:
    return CostRow(subject, found.micros, found.cpu // _CPU_HOUR, found.memory // _GB_HOUR, found.accelerator // _CPU_HOUR, idle)


def day_text(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d")


def usage_of(entry: Entry) -> Usage:
    amounts = (entry.cpu, entry.memory, entry.accelerator, entry.micros)
    whose = (entry.id, entry.reservation_id, entry.holder, entry.project_space_id, entry.user_id, entry.model_version_id)
    return Usage(*whose, entry.node_id, entry.begin_time, entry.end_time, *amounts)
