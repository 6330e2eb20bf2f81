"""Which releases have traffic although the gate refused them, and whether the override they went by has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.deploy.domain.order import OrderHead
from services.deploy.domain.slot import Slot


@dataclass(frozen=True)
class OverriddenRelease:
    """ended: it still serves, and asks for attention."""

    work_order_id: int
    slot_id: int
    model_version_id: int
    model_version_number: int
    digest: str
    override_id: int
    end_time: int
    ended: bool


def releases_overridden(slots: Sequence[Slot], orders: Mapping[int, OrderHead], now: int) -> list[OverriddenRelease]:
    """orders: by id, those that go by an override."""
    found = []
    for slot in slots:
        for weight in slot.weights:
            order = orders.get(weight.work_order_id)
            if order is not None:
                number, end = weight.model_version_number, order.override_end_time
                about = (order.id, slot.id, order.model_version_id, number, weight.digest, order.override_id, end, end <= now)
                found.append(OverriddenRelease(*about))
    return found
