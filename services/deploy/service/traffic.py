"""Who answers in a slot: the only place that changes weights. Each change is one transaction with the order's step, so that an order in
CANARY always has its weight and one before it never has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from libs.common.store.database import Database, Transaction
from services.deploy.domain.canary import plan
from services.deploy.domain.options import DeployOptions
from services.deploy.domain.order import WorkOrder
from services.deploy.domain.slot import WHOLE, Slot, SlotWeight, check_weights, shifted
from services.deploy.repository import DeployRepository
from services.deploy.service.fleet import Fleet
from services.deploy.service.notices import SERVING_CHANGED
from services.deploy.service.orders import Orders, context

GRACE_MS = 2_000
"""A gateway believes its list of endpoints for a second: what lost its traffic answers for so much longer."""


class Traffic:
    def __init__(self, db: Database, store: DeployRepository, orders: Orders, fleet: Fleet) -> None:
        self.db, self._store, self._orders, self._fleet = db, store, orders, fleet

    def begin(self, order: WorkOrder, evidence: Mapping[str, Any], counters: Mapping[str, Any]) -> WorkOrder:
        """First traffic: SMOKE_TESTING -> CANARY at its first step. counters: of each instance, as the step begins."""
        with self.db.begin(context(order)) as tx:
            current = self._orders.held(tx, order)
            slot = self._slot(tx, current)
            steps = plan(DeployOptions.from_dict(current.config), slot.weights, current.digest)
            canary = {"steps": list(steps), "index": 0, "since": str(tx.now), "counters": dict(counters), "history": []}
            moved = self._orders.step(tx, current, "SMOKE_PASSED", evidence={**evidence, "canary": canary}, previous=slot.weights)
            self._set(tx, slot, shifted(slot.weights, current.entry, steps[0]), current)
            return moved

    def promote(self, order: WorkOrder, canary: Mapping[str, Any]) -> WorkOrder:
        """The next weight step. canary: its evidence, ``index`` already the new step's."""
        share = canary["steps"][canary["index"]]
        with self.db.begin(context(order)) as tx:
            current = self._orders.held(tx, order)
            moved = self._orders.step(tx, current, "PROMOTE", f"{share} %", evidence={"canary": {**canary, "since": str(tx.now)}})
            self._set(tx, self._slot(tx, current), shifted(current.previous, current.entry, share), current)
            return moved

    def finish(self, order: WorkOrder, evidence: Mapping[str, Any]) -> WorkOrder:
        """CANARY -> ONLINE with all of the traffic; what served before stays warm for a while."""
        with self.db.begin(context(order)) as tx:
            current = self._orders.held(tx, order)
            slot = self._slot(tx, current)
            if slot.weights != [replace(current.entry, weight=WHOLE)]:
                raise ValueError(f"order {order.id} is to go online without all of the traffic")
            warm_ms = int(DeployOptions.from_dict(current.config).warm_seconds * 1000)
            self._fleet.cool(tx, slot.id, [current.id], tx.now + warm_ms)
            return self._orders.step(tx, current, "FINISH", evidence=evidence, open_slot_id=None, finish_time=tx.now)

    def restore(self, order: WorkOrder, weights: Sequence[SlotWeight], note: Mapping[str, Any]) -> WorkOrder:
        """ROLLING_BACK -> ROLLED_BACK: ``weights`` serve again, none of them this order's."""
        with self.db.begin(context(order)) as tx:
            current = self._orders.held(tx, order)
            slot = self._slot(tx, current)
            self._set(tx, slot, weights, current)
            self._fleet.cool(tx, slot.id, [weight.work_order_id for weight in weights], tx.now + GRACE_MS)
            self._fleet.drop_in(tx, current.id, tx.now + GRACE_MS)
            why = current.status_reason
            return self._orders.step(
                tx, current, "ROLLED_BACK", why, evidence={"rollback": dict(note)}, open_slot_id=None, finish_time=tx.now
            )

    def judged_by(self, order: WorkOrder) -> int:
        """The evaluation by which most of what serves now in the order's slot was released; 0 where nothing does."""
        serving = max(self.slot_of(order).weights, key=lambda weight: weight.weight, default=None)
        if serving is None:
            return 0
        with self.db.read() as conn:
            released = self._store.orders.find(conn, context(order), serving.work_order_id)
        return released.eval_task_id if released else 0

    def slot_of(self, order: WorkOrder) -> Slot:
        with self.db.read() as conn:
            return self._store.slots.get(conn, context(order), order.slot_id)

    def _slot(self, tx: Transaction, order: WorkOrder) -> Slot:
        return self._store.slots.get(tx.conn, tx.ctx, order.slot_id)

    def _set(self, tx: Transaction, slot: Slot, weights: Sequence[SlotWeight], order: WorkOrder) -> None:
        check_weights(weights)
        changed = self._store.slots.update(tx, slot, weights=list(weights))
        shares = ", ".join(f"{weight.digest}={weight.weight}" for weight in weights) or "nobody"
        tx.event("slot", slot.id, slot.state, changed.state, "SET_WEIGHTS", shares)
        if slot.state != changed.state:
            serving = self._store.slots.serving(tx.conn, slot.model_id)
            key, facts = f"slot-{slot.id}-{changed.version}", {"project_id": slot.model_id, "serving_slots": serving}
            SERVING_CHANGED.tell(tx, order.user_id, slot.project_space_id, key, **facts)
