"""What was live at a moment, from the history alone: the shares of each slot and where the orders stood."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.database import Database
from libs.common.store.history import History
from services.deploy.domain.order import OrderHead, WorkOrderStatus
from services.deploy.repository import DeployRepository

SLOTS, ORDERS = 100, 100  # newest of a model
PACKAGES = 500  # newest orders that say which version a digest is of


@dataclass(frozen=True)
class PastWeight:
    """model_version_id, model_version_number: 0 where no order is left that says so."""

    digest: str
    weight: int
    model_version_id: int
    model_version_number: int


@dataclass(frozen=True)
class PastSlot:
    slot_id: int
    environment: str
    room: str
    weights: list[PastWeight]


@dataclass(frozen=True)
class PastOrder:
    id: int
    name: str
    status: WorkOrderStatus
    model_version_id: int
    slot_id: int


@dataclass(frozen=True)
class DeployAsOf:
    slots: list[PastSlot]
    orders: list[PastOrder]
    as_of: int


class Past:
    db: Database
    store: DeployRepository

    def get_deploy_as_of(self, ctx: CallContext, *, model_id: int, as_of: int) -> DeployAsOf:
        """At the end of a millisecond. What was not there yet is left out."""
        history = History(self.db)
        with self.db.read() as conn:
            slots = self.store.slots.all_by(conn, ctx, SLOTS, model_id=model_id)
            orders = self.store.heads.all_by(conn, ctx, ORDERS, model_id=model_id)
            versions = self._versions(conn, ctx, model_id)
            shares = history.last(conn, ctx, "slot", [slot.id for slot in slots], as_of)
            steps = history.last(conn, ctx, "work_order", [order.id for order in orders], as_of)
        shown = [
            PastSlot(slot.id, slot.environment, slot.room, _weights(shares[slot.id].reason, versions))
            for slot in slots
            if slot.id in shares
        ]
        return DeployAsOf(shown, [_order(order, steps[order.id].to_status) for order in orders if order.id in steps], as_of)

    def _versions(self, conn: sa.Connection, ctx: CallContext, model_id: int) -> dict[str, tuple[int, int]]:
        """digest -> (id, number) of the version it was packed of."""
        column = self.store.orders.column
        packed = (column("model_id") == model_id, column("project_space_id") == ctx.space_id, column("digest") != "")
        columns = (column("digest"), column("model_version_id"), column("model_version_number"))
        rows = conn.execute(sa.select(*columns).where(*packed).order_by(column("id").desc()).limit(PACKAGES))
        return {digest: (id, number) for digest, id, number in rows}


def _order(order: OrderHead, status: int) -> PastOrder:
    return PastOrder(order.id, order.name, WorkOrderStatus(status), order.model_version_id, order.slot_id)


def _weights(told: str, versions: dict[str, tuple[int, int]]) -> list[PastWeight]:
    """Out of what the history of a slot says of it (``Traffic``)."""
    found = [each.rpartition("=") for each in told.split(", ") if "=" in each]
    return [PastWeight(digest, int(share), *versions.get(digest, (0, 0))) for digest, _, share in found]
