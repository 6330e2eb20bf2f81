"""Machine rooms and the compute nodes in them: what a node is, whether it can be counted on, and what it may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from idl.enums import NodeHealth as NodeHealth
from idl.enums import PlaceSecrecy as PlaceSecrecy
from libs.common.errors import PlatformError, invalid
from services.resource.domain.allowance import Allowance
from services.resource.domain.amounts import Amounts

MISSED = 3
"""So many reports may be missing before a node counts as silent."""
CLOCK_MS = 60_000
"""So far a node's clock may be from ours."""
WHOLE = 1000


@dataclass(frozen=True)
class MachineRoom:
    id: int
    name: str
    desc: str = ""
    secrecy: PlaceSecrecy = PlaceSecrecy.SECRET
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class Node:
    """What the records know of a node beside its capacity, which is its allowance. All its accelerators are of one kind.

    share: into how many equal parts an accelerator may be cut. heartbeat_seconds: how often it promised to report; 0: never. clock_off_ms:
    how far its clock was ahead of ours when it reported.
    """

    id: int
    name: str
    room_id: int
    vendor: str = ""
    model: str = ""
    accelerator_memory_mb: int = 0
    share: int = 1
    labels: dict[str, str] = field(default_factory=dict)
    secrecy: PlaceSecrecy = PlaceSecrecy.SECRET
    draining: bool = False
    heartbeat_seconds: int = 0
    heartbeat_time: int = 0
    clock_off_ms: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0

    def health(self, now: int) -> NodeHealth:
        if self.draining:
            return NodeHealth.DRAINING
        if abs(self.clock_off_ms) > CLOCK_MS:
            return NodeHealth.CLOCK_OFF
        silent = self.heartbeat_seconds and now - self.heartbeat_time > MISSED * self.heartbeat_seconds * 1000
        return NodeHealth.SILENT if silent else NodeHealth.UP


@dataclass(frozen=True)
class ComputeNode:
    """A node as people see it."""

    id: int
    name: str
    room_id: int
    room: str
    capacity: Amounts
    held: Amounts
    vendor: str
    model: str
    accelerator_memory_mb: int
    share: int
    labels: dict[str, str]
    secrecy: PlaceSecrecy
    health: NodeHealth
    heartbeat_seconds: int
    heartbeat_time: int
    clock_off_ms: int
    draining: bool
    create_time: int
    update_time: int
    version: int


@dataclass(frozen=True)
class Placement:
    """Where a request may run. room_id, vendor, model: 0 and "" for any."""

    room_id: int = 0
    vendor: str = ""
    model: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    secrecy: PlaceSecrecy = PlaceSecrecy.PUBLIC

    def barred(self, node: Node, accelerator: int) -> list[str]:
        """What of ``node`` speaks against it, whatever is free there. accelerator: how much of one is wanted."""
        wrong = {
            "room": self.room_id not in (0, node.room_id),
            "accelerator": self.vendor not in ("", node.vendor) or self.model not in ("", node.model) or not cut(node.share, accelerator),
            "labels": any(node.labels.get(key) != value for key, value in self.labels.items()),
            "secrecy": self.secrecy > node.secrecy,
        }
        return [name for name, found in wrong.items() if found]


def cut(share: int, accelerator: int) -> bool:
    """Whether so much of an accelerator can be given out: whole ones, or one as many parts as it is cut into."""
    return accelerator % WHOLE == 0 or (accelerator < WHOLE and accelerator * share % WHOLE == 0)


def seen(node: Node, room: str, allowance: Allowance, now: int) -> ComputeNode:
    held = allowance.usage(now)
    return ComputeNode(
        node.id,
        node.name,
        node.room_id,
        room,
        allowance.limits,
        held,
        node.vendor,
        node.model,
        node.accelerator_memory_mb,
        node.share,
        node.labels,
        node.secrecy,
        node.health(now),
        node.heartbeat_seconds,
        node.heartbeat_time,
        node.clock_off_ms,
        node.draining,
        node.create_time,
        node.update_time,
        node.version,
    )


def check_node(node: Node, room: MachineRoom, accelerator_milli: int) -> None:
    """Raises INVALID_ARGUMENT for a node that cannot be."""
    if node.secrecy > room.secrecy:
        raise _wrong("secrecy", f"no higher than that of its room, {room.secrecy.name}")
    if accelerator_milli % WHOLE:
        raise _wrong("accelerator_milli", "whole accelerators: a multiple of 1000")
    if bool(accelerator_milli) != bool(node.vendor and node.model):
        raise _wrong("vendor", "vendor and model where there are accelerators, nothing where there are none")


def _wrong(field: str, limit: str) -> PlatformError:
    return invalid(field, limit=limit)
