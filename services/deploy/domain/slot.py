"""A serving slot (model x environment x room): how much of its traffic each digest gets. Shares sum to 100, or there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from services.deploy.domain.instance import Instance

WHOLE = 100


class SlotState(IntEnum):
    """For the history: a slot has no states of its own, it serves or it does not."""

    EMPTY = 0
    SERVING = 1


@dataclass(frozen=True)
class SlotWeight:
    """weight: percent. work_order_id: the order whose instances serve the digest."""

    digest: str
    weight: int
    model_version_id: int
    model_version_number: int
    work_order_id: int


@dataclass(frozen=True)
class Slot:
    id: int
    model_id: int
    project_space_id: int
    environment: str
    room: str
    weights: list[SlotWeight] = field(default_factory=list)
    create_time: int = 0
    update_time: int = 0
    version: int = 0

    @property
    def state(self) -> SlotState:
        return SlotState.SERVING if self.weights else SlotState.EMPTY


@dataclass(frozen=True)
class SlotView:
    """A slot as others see it: with the instances that run for it."""

    id: int
    model_id: int
    project_space_id: int
    environment: str
    room: str
    weights: list[SlotWeight]
    instances: list[Instance]
    update_time: int
    version: int


def check_weights(weights: Sequence[SlotWeight]) -> None:
    """Raises ValueError for shares no slot may have: that is a mistake of ours, never of a caller."""
    shares = [weight.weight for weight in weights]
    if weights and (sum(shares) != WHOLE or min(shares) < 1):
        raise ValueError(f"weights {shares} do not sum to {WHOLE}")
    if len({weight.digest for weight in weights}) != len(weights):
        raise ValueError("a digest has two weights")


def shifted(live: Sequence[SlotWeight], entry: SlotWeight, share: int) -> list[SlotWeight]:
    """``live`` after ``entry`` got ``share`` percent: the others keep their proportions in the rest (largest remainders first).

    Without another digest there is nobody to share with: all of it. A digest left with nothing is gone.
    """
    others = [weight for weight in live if weight.digest != entry.digest]
    if not others or share >= WHOLE:
        return [replace(entry, weight=WHOLE)]
    rest, total = WHOLE - share, sum(weight.weight for weight in others)
    floors = [weight.weight * rest // total for weight in others]
    by_remainder = sorted(range(len(others)), key=lambda index: others[index].weight * rest % total, reverse=True)
    for index in by_remainder[: rest - sum(floors)]:
        floors[index] += 1
    kept = [replace(weight, weight=floor) for weight, floor in zip(others, floors, strict=True) if floor]
    return [*kept, replace(entry, weight=share)]


def split(weight: int, count: int) -> list[int]:
    """A digest's share over its ``count`` instances, as evenly as whole percent allow: 100 over 3 is 34, 33, 33."""
    return [weight // count + (1 if index < weight % count else 0) for index in range(count)]
