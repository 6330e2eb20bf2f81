"""Which instances should run, and what their node says about them. The platform wishes, the node acts and reports; neither waits for the
other inside a call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from libs.common.context import system_context
from libs.common.instance_key import new_key
from libs.common.store.database import Database, Transaction
from services.deploy.domain.instance import FOREVER, SERVING, STARTING, STOPPED, Instance
from services.deploy.domain.options import DeployOptions
from services.deploy.domain.order import WorkOrder
from services.deploy.repository import DeployRepository


class Fleet:
    def __init__(self, db: Database, store: DeployRepository) -> None:
        self.db, self._rows = db, store.instances

    # --- what the platform wishes

    def ensure(self, order: WorkOrder, purpose: str, count: int) -> list[Instance]:
        """Wants ``count`` instances of the order's digest; once more is the same. One that was to be stopped is wanted again."""
        mine = (self._rows.column("purpose") == purpose,)
        rows = self.of_order(order.id, purpose)
        if len(rows) >= count and all(row.keep_until == FOREVER for row in rows):
            return rows  # asked again and again: the usual answer costs no write
        with self.db.begin(system_context(0, order.project_space_id)) as tx:
            rows = self._rows.of_order(tx.conn, order.id, *mine)
            for row in rows:
                if row.keep_until != FOREVER:
                    self._rows.keep(tx, FOREVER, self._rows.column("id") == row.id)
                    self._rows.say(tx, row.id, {"crashes": 0, "error": {}, **({"state": STARTING} if row.state == STOPPED else {})})
            for _ in range(count - len(rows)):
                self._rows.insert(tx, self._made(order, purpose))
            return self._rows.of_order(tx.conn, order.id, *mine)

    def of_order(self, order_id: int, purpose: str) -> list[Instance]:
        with self.db.read() as conn:
            return self._rows.of_order(conn, order_id, self._rows.column("purpose") == purpose)

    def drop(self, order_id: int, space_id: int) -> bool:
        """Nothing of the order is wanted any more. Answers whether nothing of it runs any more either."""
        with self.db.begin(system_context(0, space_id)) as tx:
            self.drop_in(tx, order_id, 0)
            return not self.lives(tx.conn, order_id)

    def drop_in(self, tx: Transaction, order_id: int, until: int, *where: sa.ColumnElement[bool]) -> None:
        """Instances of the order are kept until a moment (milliseconds), at most."""
        column = self._rows.column
        self._rows.keep(tx, until, column("work_order_id") == order_id, column("keep_until") > until, *where)

    def drop_staging(self, tx: Transaction, order_id: int) -> None:
        self.drop_in(tx, order_id, 0, self._rows.column("purpose") != SERVING)

    def cool(self, tx: Transaction, slot_id: int, serving_orders: Sequence[int], until: int) -> None:
        """What served the slot before and does no longer stays warm until a moment (milliseconds)."""
        column = self._rows.column
        served = (column("slot_id") == slot_id, column("purpose") == SERVING, column("keep_until") == FOREVER)
        self._rows.keep(tx, until, *served, column("work_order_id").not_in(serving_orders))

    def lives(self, conn: sa.Connection, order_id: int) -> bool:
        """Whether anything of the order runs or is about to."""
        column = self._rows.column
        wanted = column("keep_until") > self.db.clock.now_ms()
        return bool(self._rows.of_order(conn, order_id, sa.or_(wanted, column("state") != STOPPED)))

    # --- what the node does

    def on_node(self, node: str | None = None) -> list[Instance]:
        """What should run on a node, and what should not but may. None: on any."""
        where = [] if node is None else [self._rows.column("node") == node]
        with self.db.read() as conn:
            return self._rows.alive(conn, self.db.clock.now_ms(), *where)

    def take_free(self, node: str) -> bool:
        """One instance that should run and is nobody's yet: so several nodes that look share them. Answers whether there was one."""
        return self._take(node, 1, self._rows.column("node") == "", self._rows.column("keep_until") > self.db.clock.now_ms())

    def take_from_before(self, node: str) -> bool:
        """What ran before instances named their node, to the first node that finds it."""
        column = self._rows.column
        return self._take(node, None, column("node") == "", sa.or_(column("pid") != 0, column("port") != 0))

    def take_from_gone(self, node: str, silent_ms: int) -> bool:
        """One instance of a node that has not spoken for so long."""
        column = self._rows.column
        gone = (column("node") != "", column("node") != node, column("update_time") < self.db.clock.now_ms() - silent_ms)
        return self._take(node, 1, *gone)

    def _take(self, node: str, most: int | None, *where: sa.ColumnElement[bool]) -> bool:
        with self.db.read() as conn:
            found = self._rows.alive(conn, self.db.clock.now_ms(), *where)[:most]
        if not found:
            return False
        with self.db.begin(system_context(0, 0)) as tx:
            taken = [row for row in found if self._rows.take(tx, row, node)]
        return bool(taken)

    def report(self, said: Mapping[int, dict[str, Any]], node: str | None = None) -> None:
        """Stores what the node says about several instances: facts by instance id. What is another node's by now stays as it is."""
        mine = [] if node is None else [self._rows.column("node") == node]
        if said:
            with self.db.begin(system_context(0, 0)) as tx:
                for id, facts in said.items():
                    self._rows.say(tx, id, facts, *mine)

    def _made(self, order: WorkOrder, purpose: str) -> Instance:
        return Instance(
            id=self.db.ids.next(),
            slot_id=order.slot_id,
            work_order_id=order.id,
            project_space_id=order.project_space_id,
            purpose=purpose,
            digest=order.digest,
            bundle_uri=order.bundle_uri,
            model_name=order.model_name,
            model_version_id=order.model_version_id,
            model_version_number=order.model_version_number,
            threads=DeployOptions.from_dict(order.config).threads,
            key=new_key(),
        )
