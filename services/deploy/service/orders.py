"""How work orders move: claimed under a lease with an epoch, advanced one stage at a time, ended exactly once.

Leases are those of ``libs.common.work.lease``; here is what they mean for an order. To be held is no state and no change of the order:
people decide on its version while workers look at it. Every step is one compare-and-set plus one row of history in one transaction. An
order that is to end while something of it still runs gets a ``wish`` first; it says CANCELLED or FAILED once that is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import sqlalchemy as sa

from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Database, Transaction
from libs.common.words.messages import error_facts, sentence
from libs.common.work.lease import CANCEL as CANCEL
from libs.common.work.lease import Rules
from libs.common.work.lease import context as context
from libs.common.work.staged import StagedLeases
from services.deploy.domain.order import MACHINE, OPEN, WorkOrder, WorkOrderStatus, lacking, override_of
from services.deploy.domain.stage import PassedStage
from services.deploy.repository import DeployRepository
from services.deploy.service.fleet import Fleet
from services.deploy.service.notices import EVALUATION_UNWANTED, UNWANTED

FAIL = "FAIL"  # a wish as CANCEL is one
ATTEMPTS_MAX = 5
RULES = Rules(
    MACHINE, OPEN, attempts=lambda _order: ATTEMPTS_MAX, queue=("not_before", "id"), counted_at_claim=False, first=0.5, longest=30.0
)
_TRAFFIC = (WorkOrderStatus.CANARY, WorkOrderStatus.ONLINE)


@dataclass(frozen=True)
class Passed:
    """A stage's result with what it is a result of, kept for later orders with the same input."""

    stage: str
    input_hash: str
    result: dict[str, Any]


class Orders(StagedLeases[WorkOrder]):
    """lease_seconds: a worker silent for so long has lost its order."""

    waits = ("status_reason", 1000)

    def __init__(self, db: Database, store: DeployRepository, fleet: Fleet, lease_seconds: float) -> None:
        super().__init__(db, store.orders, lease_seconds, RULES)
        self.store, self._fleet = store, fleet

    # --- what workers do

    def claim(self, worker: str, statuses: Collection[WorkOrderStatus], endings: bool) -> WorkOrder | None:
        """The order that waits longest, held by ``worker``; None when there is none. ``endings``: also those with a wish."""
        status, wish = self.rows.column("status"), self.rows.column("wish")
        work = sa.and_(status.in_([int(each) for each in statuses]), wish == "")
        due = self.rows.column("not_before") <= self.db.clock.now_ms()
        return self.take(worker, sa.or_(work, wish != "") if endings else work, due)

    def note(self, order: WorkOrder, evidence: Mapping[str, Any], **changes: Any) -> WorkOrder:
        """Writes something down in the middle of a stage, before it is acted on. Raises STALE_EPOCH, CANCELLED."""
        with self.db.begin(context(order)) as tx:
            current = self.held(tx, order)
            return self.store.orders.update(tx, current, evidence={**current.evidence, **evidence}, **changes)

    def advance(self, order: WorkOrder, event: str, evidence: Mapping[str, Any], passed: Passed | None = None, **changes: Any) -> WorkOrder:
        """Ends a stage and gives the order back. Raises STALE_EPOCH, CANCELLED."""
        with self.db.begin(context(order)) as tx:
            current = self.held(tx, order)
            if passed is not None:
                self._keep(tx, current, passed)
            return self.step(tx, current, event, evidence=evidence, **changes)

    def await_approval(self, order: WorkOrder, evidence: Mapping[str, Any], passed: Passed | None = None) -> WorkOrder:
        """The evaluated digest is offered for approval. That may take days: nothing of it runs meanwhile. Raises STALE_EPOCH, CANCELLED."""
        with self.db.begin(context(order)) as tx:
            current = self.held(tx, order)
            if passed is not None:
                self._keep(tx, current, passed)
            self._fleet.drop_staging(tx, order.id)
            return self.step(tx, current, "EVALUATED", evidence=evidence)

    def give_up(self, row: WorkOrder, error: PlatformError) -> WorkOrder:
        return self.fail(row, error)

    def fail(self, order: WorkOrder, error: PlatformError, evidence: Mapping[str, Any] | None = None) -> WorkOrder:
        """Ends an order for a reason: FAILED before first traffic, once nothing of it runs; afterwards back to what served before."""
        with self.db.begin(context(order)) as tx:
            current = super().held(tx, order)
            facts: dict[str, Any] = {"error": error_facts(error), "evidence": {**current.evidence, **(evidence or {})}}
            why = f"{error.reason.name}: {sentence(error, 'en')}"
            if current.status in _TRAFFIC:
                return self.roll_back(tx, current, why, **facts)
            if current.wish:
                return self.store.orders.update(tx, current, lease_until=0)
            return self.end_or_wish(tx, current, FAIL, why, **facts)

    def end(self, order: WorkOrder) -> WorkOrder:
        """Fulfils the wish of an order nothing runs for any more."""
        with self.db.begin(context(order)) as tx:
            current = super().held(tx, order)
            return self._end(tx, current, current.wish, current.status_reason)

    # --- inside somebody's transaction

    def held(self, tx: Transaction, row: WorkOrder) -> WorkOrder:
        """The stored order, if the worker that read ``row`` still holds it and nobody wants it to end. Raises STALE_EPOCH, CANCELLED."""
        current = super().held(tx, row)
        if current.wish:
            raise PlatformError(409, Reason.CANCELLED)
        return current

    def step(
        self, tx: Transaction, order: WorkOrder, event: str, why: str = "", evidence: Mapping[str, Any] | None = None, **changes: Any
    ) -> WorkOrder:
        """One transition. A step into traffic is refused while any proof for the digest is lacking, whatever brought the order there."""
        status = MACHINE.next(order.status, event)
        merged = {**order.evidence, **(evidence or {})}
        override, until = override_of(merged)
        if override and not why:
            why = f"by override {override} of the gate"
        if status in _TRAFFIC:
            _refuse_unproven(replace(order, evidence=merged, **changes), event)
        # Free for the next worker, and no longer writable for the last one.
        freed: dict[str, Any] = {"epoch": order.epoch + 1, "lease_until": 0, "not_before": 0, "attempt": 0, "wish": ""}
        freed |= {"override_id": override, "override_end_time": until}
        return self.move(tx, order, event, why, **{**freed, "status_reason": why[:1000], "evidence": merged, **changes})

    def roll_back(self, tx: Transaction, order: WorkOrder, why: str, **changes: Any) -> WorkOrder:
        """From traffic to ROLLING_BACK, which keeps the slot for itself again."""
        return self.step(tx, order, "ROLL_BACK", why, open_slot_id=order.slot_id, finish_time=0, **changes)

    def end_or_wish(self, tx: Transaction, order: WorkOrder, event: str, why: str, **changes: Any) -> WorkOrder:
        """Ends an order that had no traffic: at once, or by a wish while a worker holds it or an instance of it still runs."""
        MACHINE.next(order.status, event)
        holder = event == CANCEL and order.lease_until > tx.now
        if not holder and not self._fleet.lives(tx.conn, order.id):
            return self._end(tx, order, event, why, **changes)
        freed = {} if holder else {"lease_until": 0}
        return self.store.orders.update(tx, order, wish=event, status_reason=why[:1000], not_before=0, **freed, **changes)

    def _end(self, tx: Transaction, order: WorkOrder, event: str, why: str, **changes: Any) -> WorkOrder:
        ended = self.step(tx, order, event, why, open_slot_id=None, finish_time=tx.now, **changes)
        if order.eval_task_id and order.evidence.get("evaluation", {}).get("status") != "SUCCEEDED":
            key = f"work-order-{order.id}-cancel"
            EVALUATION_UNWANTED.tell(tx, order.user_id, order.project_space_id, key, id=order.eval_task_id, cause=UNWANTED)
        return ended

    # --- stages that need not be passed twice

    def passed(self, order: WorkOrder, stage: str, input_hash: str) -> PassedStage | None:
        stages = self.store.stages
        with self.db.read() as conn:
            return stages.first(conn, context(order), stages.column("stage") == stage, stages.column("input_hash") == input_hash)

    def _keep(self, tx: Transaction, order: WorkOrder, passed: Passed) -> None:
        stages = self.store.stages
        known = stages.first(tx.conn, tx.ctx, stages.column("stage") == passed.stage, stages.column("input_hash") == passed.input_hash)
        if known is None:
            stages.insert(
                tx,
                PassedStage(self.db.ids.next(), order.project_space_id, passed.stage, passed.input_hash, order.id, passed.result),
            )
        elif known.result != passed.result:  # what it pointed to was gone, so the stage was passed anew
            tx.conn.execute(
                stages.table.update().where(stages.column("id") == known.id),
                {"result": msgspec.json.encode(passed.result).decode(), "work_order_id": order.id},
            )

    def building(self, ids: Collection[int], statuses: Collection[WorkOrderStatus]) -> set[int]:
        with self.db.read() as conn:
            return self.store.orders.building(conn, ids, statuses) if ids else set()


def _refuse_unproven(order: WorkOrder, event: str) -> None:
    missing = lacking(order)
    if missing:
        raise PlatformError(
            409,
            Reason.ILLEGAL_TRANSITION,
            field="evidence",
            limit=", ".join(missing),
            machine=MACHINE.name,
            state=order.status.name,
            event=event,
        )
