"""Machine rooms and compute nodes: registering, changing, reporting, taking out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.resource.domain.allowance import NODE, Allowance
from services.resource.domain.node import ComputeNode, MachineRoom, Node, PlaceSecrecy, check_node, seen
from services.resource.service.shared import Shared


class Nodes(Shared):
    @mutation
    def create_room(self, ctx: CallContext, *, name: str, desc: str = "", secrecy: PlaceSecrecy = PlaceSecrecy.SECRET) -> MachineRoom:
        with self.db.begin(ctx) as tx:
            self.store.rooms.refuse_twin(tx, "the platform", name=name)
            return tx.done(self.store.rooms.insert(tx, MachineRoom(self.db.ids.next(), name, desc, secrecy)))

    def list_rooms(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.rooms.page(conn, ctx, page)

    @mutation
    def create_node(
        self,
        ctx: CallContext,
        *,
        name: str,
        room: str,
        cpu_milli: int,
        memory_mb: int,
        accelerator_milli: int = 0,
        vendor: str = "",
        model: str = "",
        accelerator_memory_mb: int = 0,
        share: int = 1,
        labels: dict[str, str] | None = None,
        secrecy: PlaceSecrecy | None = None,
        heartbeat_seconds: int = 0,
    ) -> ComputeNode:
        """secrecy: that of its room when it is not told. Raises NOT_FOUND for an unknown room, ALREADY_EXISTS, INVALID_ARGUMENT."""
        with self.db.begin(ctx) as tx:
            place = self._room_named(tx.conn, ctx, room)
            self.store.nodes.refuse_twin(tx, "the platform", name=name)
            kind = (vendor, model, accelerator_memory_mb, share, labels or {}, place.secrecy if secrecy is None else secrecy)
            node = Node(self.db.ids.next(), name, place.id, *kind, heartbeat_seconds=heartbeat_seconds, heartbeat_time=tx.now)
            check_node(node, place, accelerator_milli)
            stored = self.store.nodes.insert(tx, node)
            capacity: dict[str, Any] = {"cap_cpu": cpu_milli, "cap_memory": memory_mb, "cap_accelerator": accelerator_milli}
            row = self.store.allowances.insert(tx, Allowance(self.db.ids.next(), NODE, node.id, **capacity))
            self.books.node_changed(tx, stored, row)
            return tx.done(seen(stored, place.name, row, tx.now))

    @mutation
    def update_node(
        self,
        ctx: CallContext,
        *,
        id: int,
        cpu_milli: int | None = None,
        memory_mb: int | None = None,
        accelerator_milli: int | None = None,
        labels: dict[str, str] | None = None,
        secrecy: PlaceSecrecy | None = None,
        draining: bool | None = None,
        heartbeat_seconds: int | None = None,
    ) -> ComputeNode:
        """Changes what is sent. What is held stays held, also where the node now has less."""
        facts = {"labels": labels, "secrecy": secrecy, "draining": draining, "heartbeat_seconds": heartbeat_seconds}
        capacity = {"cap_cpu": cpu_milli, "cap_memory": memory_mb, "cap_accelerator": accelerator_milli}
        with self.db.begin(ctx) as tx:
            node, row, room = self._whole(tx.conn, ctx, id)
            changed = self.store.nodes.update_expected(tx, node, **_sent(facts))
            kept = row.cap_accelerator if accelerator_milli is None else accelerator_milli
            check_node(changed, room, kept)
            if sent := _sent(capacity):
                row = self.store.set_limits(tx, row, sent)
                self.books.node_changed(tx, changed, row)
            return tx.done(seen(changed, room.name, row, tx.now))

    @mutation
    def delete_node(self, ctx: CallContext, *, id: int) -> ComputeNode:
        """Raises NODE_IN_USE while something is held on it."""
        with self.db.begin(ctx) as tx:
            node, row, room = self._whole(tx.conn, ctx, id)
            self.store.nodes.delete(tx, node)
            if not self.store.close(tx, row):
                raise PlatformError(409, Reason.NODE_IN_USE, field="id", what=node.name)
            self.books.node_changed(tx, node, None)
            return tx.done(seen(node, room.name, row, tx.now))

    def list_nodes(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            found = self.store.nodes.page(conn, ctx, page)
            rows = self.store.of_nodes(conn, [node.id for node in found.items])
            rooms = self.store.room_names(conn)
        now = self.db.clock.now_ms()
        return Page([seen(node, rooms.get(node.room_id, ""), rows[node.id], now) for node in found.items], found.next_cursor)

    @mutation
    def report_node(self, ctx: CallContext, *, id: int, node_time: int) -> ComputeNode:
        """Our clock says when it was heard of; its own only how far off it is."""
        with self.db.begin(ctx) as tx:
            node, row, room = self._whole(tx.conn, ctx, id)
            heard = self.store.nodes.update(tx, node, heartbeat_time=tx.now, clock_off_ms=node_time - tx.now)
            return tx.done(seen(heard, room.name, row, tx.now))

    # --- shared steps

    def _whole(self, conn: sa.Connection, ctx: CallContext, id: int) -> tuple[Node, Allowance, MachineRoom]:
        node = self.store.nodes.get(conn, ctx, id)
        return node, self.store.of_nodes(conn, [id])[id], self.store.rooms.get(conn, ctx, node.room_id)

    def _room_named(self, conn: sa.Connection, ctx: CallContext, name: str) -> MachineRoom:
        found = self.store.rooms.first_by(conn, ctx, name=name)
        if found is None:
            raise not_found("machine_room", name)
        return found


def _sent(facts: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
