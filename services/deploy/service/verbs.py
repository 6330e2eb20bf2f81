"""The verbs of the deploy domain: one method per use case, one transaction each. Neighbours are asked before the transaction opens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.rpc.peers import ResourcePeer
from libs.common.store.database import Database, Transaction
from libs.common.store.filters import chosen
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest, expect
from services.deploy.domain.config import ENVIRONMENT, ROOM, DeploymentConfig
from services.deploy.domain.instance import NO_TRAFFIC, SERVING, Instance
from services.deploy.domain.options import DeployOptions, content_hash
from services.deploy.domain.order import MACHINE, OrderHead, WorkOrder, WorkOrderStatus
from services.deploy.domain.slot import Slot, SlotView, split
from services.deploy.repository import DeployRepository
from services.deploy.service.fleet import Fleet
from services.deploy.service.neighbours import Neighbours
from services.deploy.service.orders import CANCEL, Orders
from services.deploy.service.overridden import OverriddenRelease, releases_overridden
from services.deploy.service.past import Past
from services.deploy.service.quotas import Quotas
from services.deploy.service.traffic import Traffic

SLOTS_SHOWN = 100  # of one model in its composed status


@dataclass(frozen=True)
class Route:
    """One ready instance. weight: its part of the slot's traffic in percent. key: what it wants to see. Only the gateway is told all of it;
    the contract's ``Endpoint`` has no address and no key set.
    """

    address: str
    key: str
    digest: str
    weight: int
    model_version_id: int
    model_version_number: int


@dataclass(frozen=True)
class Endpoint:
    """A ``Route`` as people see it."""

    digest: str
    weight: int
    model_version_id: int
    model_version_number: int


@dataclass(frozen=True)
class DeployState:
    """The deploy part of the composed status. qps: over the last minute, all ready instances. p99_ms: the slowest instance's, -1 without
    traffic. as_of: milliseconds since the epoch.
    """

    latest_order: OrderHead | None
    slots: list[SlotView]
    qps: float
    p99_ms: float
    as_of: int
    overridden: list[OverriddenRelease]


class DeployService(Past, Quotas):
    """orders, fleet, traffic: what the worker does goes through them, in the same store."""

    def __init__(self, db: Database, neighbours: Neighbours, lease_seconds: float, resources: ResourcePeer | None = None) -> None:
        self.db, self.neighbours, self.resources = db, neighbours, resources
        self.store = DeployRepository()
        self.fleet = Fleet(db, self.store)
        self.orders = Orders(db, self.store, self.fleet, lease_seconds)
        self.traffic = Traffic(db, self.store, self.orders, self.fleet)

    # --- configs

    @mutation
    def create_config(
        self,
        ctx: CallContext,
        *,
        model_id: int,
        name: str,
        desc: str = "",
        environment: str = ENVIRONMENT,
        room: str = ROOM,
        config: dict[str, Any] | None = None,
    ) -> DeploymentConfig:
        """Stores complete options. Raises NOT_FOUND for a foreign model or eval config, ALREADY_EXISTS for a name the model has."""
        options = DeployOptions.from_dict(config or {})
        self.neighbours.project_name(ctx, model_id)
        if self.neighbours.judge(ctx, options.eval_config_id).model_id != model_id:
            raise invalid("config.eval_config_id", limit=f"an eval config of model {model_id}")
        configs, settled = self.store.configs, options.to_dict()
        with self.db.begin(ctx) as tx:
            configs.refuse_twin(tx, "a model", name=name, model_id=model_id)
            return tx.done(
                configs.insert(
                    tx,
                    DeploymentConfig(
                        id=self.db.ids.next(),
                        name=name,
                        model_id=model_id,
                        project_space_id=ctx.space_id,
                        user_id=ctx.user_id,
                        config=settled,
                        config_hash=content_hash(settled),
                        desc=desc,
                        environment=environment,
                        room=room,
                    ),
                )
            )

    def get_config(self, ctx: CallContext, *, id: int) -> DeploymentConfig:
        with self.db.read() as conn:
            return self.store.configs.get(conn, ctx, id)

    def list_configs(self, ctx: CallContext, *, model_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.configs.page(conn, ctx, page, self.store.configs.column("model_id") == model_id)

    # --- work orders

    @mutation
    def create_work_order(
        self, ctx: CallContext, *, deployment_config_id: int, model_version_id: int, name: str, desc: str = ""
    ) -> WorkOrder:
        """Queues a release. Raises NOT_FOUND, SLOT_BUSY while another order is open for the slot, ILLEGAL_TRANSITION for a version without
        artifact or out of use.
        """
        config = self.get_config(ctx, id=deployment_config_id)
        version = self.neighbours.releasable(ctx, model_version_id, config.model_id)
        model_name = self.neighbours.project_name(ctx, config.model_id)
        slot: Slot | None = None
        try:
            with self.db.begin(ctx) as tx:
                slot = self._slot_for(tx, config)
                order = self.store.orders.insert(
                    tx,
                    WorkOrder(
                        id=self.db.ids.next(),
                        name=name,
                        project_space_id=ctx.space_id,
                        user_id=ctx.user_id,
                        deployment_config_id=config.id,
                        model_id=config.model_id,
                        model_version_id=model_version_id,
                        slot_id=slot.id,
                        artifact_digest=version.digest,
                        desc=desc,
                        artifact_uri=version.uri,
                        model_name=model_name,
                        model_version_number=version.number,
                        config=config.config,
                        open_slot_id=slot.id,
                    ),
                )
                tx.event(self.store.orders.kind, order.id, order.status, order.status, "CREATE")
                return tx.done(order)
        except sa.exc.IntegrityError:
            raise self._busy(ctx, slot) from None

    def get_work_order(self, ctx: CallContext, *, id: int) -> WorkOrder:
        with self.db.read() as conn:
            return self.store.orders.get(conn, ctx, id)

    def list_work_orders(
        self,
        ctx: CallContext,
        *,
        page: PageRequest,
        model_id: int | None = None,
        statuses: list[WorkOrderStatus] | None = None,
        slot_id: int | None = None,
        user_id: int | None = None,
        from_time: int | None = None,
        to_time: int | None = None,
    ) -> Page:
        equal = {"model_id": model_id, "slot_id": slot_id, "user_id": user_id}
        with self.db.read() as conn:
            return chosen(self.store.orders, conn, ctx, page, statuses=statuses, from_time=from_time, to_time=to_time, **equal)

    @mutation
    def approve_work_order(self, ctx: CallContext, *, id: int, comment: str = "") -> WorkOrder:
        """Lets the evaluated digest go on to live traffic. The gate is asked once more: evidence may have changed since it was offered."""
        order = self.get_work_order(ctx, id=id)
        _check_approver(ctx, order)
        gate = self.neighbours.gate(ctx, order)
        refusal = gate.refusal()
        if refusal is not None:
            raise refusal
        with self.db.begin(ctx) as tx:
            order = self.store.orders.get(tx.conn, ctx, id)
            _check_approver(ctx, order)
            approval = {"user_id": str(ctx.user_id), "digest": order.digest, "comment": comment, "time": str(tx.now)}
            evidence = {"gate": gate.facts, "approval": approval}
            return tx.done(self.orders.step(tx, order, "APPROVE", comment, evidence, approver_id=ctx.user_id, approval_comment=comment))

    @mutation
    def reject_work_order(self, ctx: CallContext, *, id: int, comment: str) -> WorkOrder:
        with self.db.begin(ctx) as tx:
            order = self.store.orders.get(tx.conn, ctx, id)
            expect(ctx, self.store.orders.kind, order)
            decided: dict[str, Any] = {"approver_id": ctx.user_id, "approval_comment": comment, "open_slot_id": None, "finish_time": tx.now}
            return tx.done(self.orders.step(tx, order, "REJECT", comment, **decided))

    @mutation
    def cancel_work_order(self, ctx: CallContext, *, id: int, cause: str = "") -> WorkOrder:
        """Ends an order before its first traffic. While something of it runs it is CANCELLED a moment later, once that is gone."""
        with self.db.begin(ctx) as tx:
            order = self.store.orders.get(tx.conn, ctx, id)
            if order.wish:
                return tx.done(order)  # it ends already
            return tx.done(self.orders.end_or_wish(tx, order, CANCEL, cause))

    @mutation
    def roll_back_work_order(self, ctx: CallContext, *, id: int, cause: str = "") -> WorkOrder:
        """Takes the traffic away from an order that has it. Raises SLOT_BUSY while another order is open: cancel that first."""
        slot: Slot | None = None
        try:
            with self.db.begin(ctx) as tx:
                order = self.store.orders.get(tx.conn, ctx, id)
                MACHINE.next(order.status, "ROLL_BACK")
                slot = self.store.slots.get(tx.conn, ctx, order.slot_id)
                if all(weight.work_order_id != id for weight in slot.weights):
                    raise _superseded(order)
                return tx.done(self.orders.roll_back(tx, order, cause))
        except sa.exc.IntegrityError:
            raise self._busy(ctx, slot) from None

    # --- slots

    def get_slot(self, ctx: CallContext, *, id: int) -> SlotView:
        with self.db.read() as conn:
            return self._views(conn, [self.store.slots.get(conn, ctx, id)])[0]

    def list_slots(self, ctx: CallContext, *, page: PageRequest, model_id: int | None = None) -> Page:
        where = [] if model_id is None else [self.store.slots.column("model_id") == model_id]
        with self.db.read() as conn:
            found = self.store.slots.page(conn, ctx, page, *where)
            return Page(self._views(conn, found.items), found.next_cursor)

    def resolve_model(
        self, ctx: CallContext, *, model_id: int, environment: str = ENVIRONMENT, model_version_number: int = 0
    ) -> list[Endpoint]:
        """What answers questions to the model, or to one version of it. Raises as ``resolve_routes``."""
        routes = self.resolve_routes(ctx, model_id=model_id, environment=environment, model_version_number=model_version_number)
        return [Endpoint(route.digest, route.weight, route.model_version_id, route.model_version_number) for route in routes]

    def resolve_routes(
        self, ctx: CallContext, *, model_id: int, environment: str = ENVIRONMENT, model_version_number: int = 0
    ) -> list[Route]:
        """Where to send a question to the model, or to one version of it. Raises NOT_DEPLOYED; NOT_READY when it has traffic and nobody is
        ready just now."""
        with self.db.read() as conn:
            slots = self.store.slots.all_by(conn, ctx, SLOTS_SHOWN, model_id=model_id, environment=environment)
            running = self.store.seen_by_slot(conn, slots, SERVING)
        now = self.db.clock.now_ms()
        online = sorted({weight.model_version_number for slot in slots for weight in slot.weights})
        if not online or model_version_number not in (0, *online):
            limit = f"online now: {', '.join(map(str, online))}" if online else "deploy a version of it first"
            raise PlatformError(404, Reason.NOT_DEPLOYED, field="model_id", limit=limit, id=str(model_id))
        ready = [route for slot in slots for route in _routes(slot, running[slot.id], now)]
        found = [route for route in ready if model_version_number in (0, route.model_version_number)]
        if not found:
            raise PlatformError(503, Reason.NOT_READY, field="model_id", retryable=True, id=str(model_id))
        return found

    def get_deploy_state(self, ctx: CallContext, *, model_id: int) -> DeployState:
        """A model nobody deployed, or nobody knows, has no order and no slots."""
        with self.db.read() as conn:
            latest, slots, running, overridden = self.store.state(conn, ctx, model_id, SLOTS_SHOWN)
        views = [_view(slot, running[slot.id]) for slot in slots]
        now = self.db.clock.now_ms()
        ready = [instance for view in views for instance in view.instances if instance.answers(now)]
        p99 = max((instance.p99_ms for instance in ready), default=NO_TRAFFIC)
        return DeployState(
            latest, views, sum((instance.qps for instance in ready), 0.0), p99, now, releases_overridden(slots, overridden, now)
        )

    # --- shared steps

    def _slot_for(self, tx: Transaction, config: DeploymentConfig) -> Slot:
        slots = self.store.slots
        place = {"model_id": config.model_id, "environment": config.environment, "room": config.room}
        found = slots.first(tx.conn, tx.ctx, *[slots.column(name) == value for name, value in place.items()])
        return found or slots.insert(tx, Slot(id=self.db.ids.next(), project_space_id=config.project_space_id, **place))  # type: ignore[arg-type]

    def _views(self, conn: sa.Connection, slots: Iterable[Slot]) -> list[SlotView]:
        found = list(slots)
        running = self.store.seen_by_slot(conn, found, SERVING)
        return [_view(slot, running[slot.id]) for slot in found]

    def _busy(self, ctx: CallContext, slot: Slot | None) -> PlatformError:
        orders = self.store.orders
        with self.db.read() as conn:
            other = orders.first(conn, ctx, orders.column("open_slot_id") == slot.id) if slot else None
        facts: dict[str, Any] = {"work_order_id": str(other.id), "state": other.status.name} if other else {}
        return PlatformError(409, Reason.SLOT_BUSY, field="deployment_config_id", limit="one open work order per slot", **facts)


def _view(slot: Slot, instances: list[Instance]) -> SlotView:
    return SlotView(
        id=slot.id,
        model_id=slot.model_id,
        project_space_id=slot.project_space_id,
        environment=slot.environment,
        room=slot.room,
        weights=slot.weights,
        instances=[replace(instance, address="") for instance in instances],  # where they are is nobody's business but the gateway's
        update_time=slot.update_time,
        version=slot.version,
    )


def _check_approver(ctx: CallContext, order: WorkOrder) -> None:
    """Raises MISSING_VERSION, STALE_VERSION, ILLEGAL_TRANSITION, FORBIDDEN."""
    expect(ctx, "work_order", order)
    MACHINE.next(order.status, "APPROVE")
    if ctx.user_id == order.user_id:
        raise PlatformError(
            403, Reason.FORBIDDEN, field="base.user_id", limit="a release is approved by somebody else than who asked for it"
        )


def _superseded(order: WorkOrder) -> PlatformError:
    return PlatformError(
        409,
        Reason.ILLEGAL_TRANSITION,
        field="status",
        limit="the order that has the traffic now",
        machine=MACHINE.name,
        state=f"{order.status.name}, without traffic",
        event="ROLL_BACK",
    )


def _routes(slot: Slot, instances: Sequence[Instance], now: int) -> list[Route]:
    found = []
    for weight in slot.weights:
        ready: list[Instance] = [
            instance
            for instance in instances
            if instance.work_order_id == weight.work_order_id and instance.digest == weight.digest and instance.answers(now)
        ]
        shares = split(weight.weight, len(ready)) if ready else []
        found += [
            Route(instance.address, instance.key, weight.digest, share, weight.model_version_id, weight.model_version_number)
            for instance, share in zip(ready, shares, strict=True)
        ]
    return found
