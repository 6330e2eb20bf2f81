"""The books: what a reservation cost is written in the transaction that ends it, and what a node has in the one that changes it."""

from __future__ import annotations

from libs.common.context import system_context
from libs.common.store.database import Database, Transaction
from services.resource.domain.allowance import Allowance
from services.resource.domain.node import Node
from services.resource.domain.reservation import Stored
from services.resource.domain.usage import NodeSpan, entries
from services.resource.repository import ResourceRepository


class Bookkeeper:
    def __init__(self, db: Database, store: ResourceRepository) -> None:
        self._ids, self._store = db.ids, store

    def enter(self, tx: Transaction, held: Stored, end: int) -> None:
        """A reservation that is held ends."""
        node = self._store.nodes.find(tx.conn, system_context(0, 0), held.node_id) if held.node_id else None
        tariff = self._store.ledger.tariff(tx.conn)
        self._store.ledger.entries.insert_all(tx, list(entries(held, node, tariff, end, self._ids.next)))

    def node_changed(self, tx: Transaction, node: Node, capacity: Allowance | None) -> None:
        """capacity: None for a node that is taken out."""
        self._store.ledger.end_span(tx, node.id)
        if capacity is not None:
            has = (capacity.cap_cpu, capacity.cap_memory, capacity.cap_accelerator)
            span = NodeSpan(self._ids.next(), node.id, node.room_id, node.vendor, node.model, tx.now, 0, *has)
            self._store.ledger.spans.insert(tx, span)
