"""Delivers what a service promised to tell another one: rows written with the effect, sent after it, at least once, in order per topic.

Every message carries a key of its own (or facts that may be told twice), so that the receiver takes it once. Of several relays one at a
time has a topic's turn, a lease it keeps alive while it delivers: none delivers a later row while another still holds an earlier one.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from libs.common import fault
from libs.common.context import system_context
from libs.common.errors import PlatformError
from libs.common.sight import logs
from libs.common.store.changes import outdated
from libs.common.store.database import Database, Transaction

log = logs.get("outbox")
Deliver = Callable[[dict[str, Any]], None]
TURN_MS = 6_000  # a relay that died holds its topics up for so long; a live one renews its turn, however long a receiver takes
DELIVERED_KEPT_MS = 24 * 3600 * 1000
ANSWERS_KEPT_MS = 7 * 24 * 3600 * 1000  # a caller that repeats itself later than this does its work again
PURGE_ROWS = 500  # of each kind in one go


class Relay:
    """``topics``: topic -> how to deliver it (idempotent at the receiver).

    A 4xx answer is final and logged; anything else holds its topic back, and no other, until it succeeds.
    """

    def __init__(self, db: Database, topics: Mapping[str, Deliver]) -> None:
        self._db, self._topics = db, topics
        self._name = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def run_once(self, limit: int = 100) -> int:
        """Delivers up to ``limit`` open rows per topic, oldest first. Returns how many are done with."""
        return sum(self._relay(topic, deliver, limit) for topic, deliver in self._topics.items())

    def _relay(self, topic: str, deliver: Deliver, limit: int) -> int:
        table = self._db.table("outbox")
        open_rows = sa.select(table).where(table.c.delivered == 0, table.c.topic == topic).order_by(table.c.id).limit(limit)
        with self._db.read() as conn:  # a look without a turn, so that idle relays write nothing
            if conn.execute(open_rows.limit(1)).first() is None:
                return 0
        if not self._take_turn(topic):
            return 0
        over = threading.Event()
        keeper = threading.Thread(target=self._keep_turn, args=(topic, over), name="turn", daemon=True)
        keeper.start()
        try:
            with self._db.read() as conn:  # again: what the holder before us delivered is no longer open
                rows = conn.execute(open_rows).all()
            return self._deliver(topic, deliver, list(rows))
        finally:
            over.set()
            keeper.join()
            self._end_turn(topic)

    def _keep_turn(self, topic: str, over: threading.Event) -> None:
        while not over.wait(TURN_MS / 3000):
            try:
                self._take_turn(topic)
            except (PlatformError, sa.exc.SQLAlchemyError) as error:  # the store is away; the next beat asks again
                log.warning("outbox_turn", topic=topic, error=str(error))

    def _deliver(self, topic: str, deliver: Deliver, rows: list[sa.Row[Any]]) -> int:
        for done, row in enumerate(rows):
            if done and not self._take_turn(topic):
                return done
            try:
                deliver(msgspec.json.decode(row.payload))
            except PlatformError as error:
                if error.code >= 500 or error.retryable:
                    return done
                log.error("outbox_refused", topic=topic, id=row.id, error=str(error))
            except Exception as error:  # a mistake of ours in this delivery must not stop the others
                log.error("outbox_failed", topic=topic, id=row.id, exc_info=error)
                return done
            fault.point("outbox.after_delivery_before_mark")
            self._mark(row.id)
            fault.point("outbox.after_mark_before_next")
        return len(rows)

    def _mark(self, id: int) -> None:
        table = self._db.table("outbox")
        with self._db.begin(system_context(0, 0), turn=False) as tx:
            tx.conn.execute(table.update().where(table.c.id == id).values(delivered=1))

    def _take_turn(self, topic: str) -> bool:
        """Takes or renews the lease on a topic. One conditional UPDATE decides between relays."""
        table = self._db.table("relay_turn")
        try:
            with self._db.begin(system_context(0, 0), turn=False) as tx:
                if self._claim(tx, topic):
                    return True
                if tx.conn.execute(sa.select(table.c.topic).where(table.c.topic == topic)).first() is not None:
                    return False
                tx.conn.execute(table.insert(), {"topic": topic, "holder": self._name, "lease_until": tx.now + TURN_MS})
                return True
        except sa.exc.IntegrityError:
            return False  # another relay made the row just now

    def _claim(self, tx: Transaction, topic: str) -> bool:
        table = self._db.table("relay_turn")
        free = sa.or_(table.c.holder == self._name, table.c.lease_until < tx.now)
        taken = table.update().where(table.c.topic == topic, free).values(holder=self._name, lease_until=tx.now + TURN_MS)
        return tx.conn.execute(taken).rowcount == 1

    def _end_turn(self, topic: str) -> None:
        table = self._db.table("relay_turn")
        with self._db.begin(system_context(0, 0), turn=False) as tx:
            tx.conn.execute(table.update().where(table.c.topic == topic, table.c.holder == self._name).values(lease_until=0))


def purge(db: Database) -> int:
    """Forgets delivered messages after a day, stored answers after a week and changes after three days, some at a time. Returns how many
    rows went."""
    outbox, answers, now = db.table("outbox"), db.table("stored_answer"), db.clock.now_ms()
    told = (outbox.c.delivered == 1, outbox.c.create_time < now - DELIVERED_KEPT_MS)
    old = (answers.c.create_time < now - ANSWERS_KEPT_MS,)
    changed = sum(_forget(db, db.table("change_log"), where) for where in outdated(db))
    return _forget(db, outbox, told) + _forget(db, answers, old) + changed


def _forget(db: Database, table: sa.Table, where: tuple[sa.ColumnElement[bool], ...]) -> int:
    key = list(table.primary_key.columns)
    with db.read() as conn:
        rows = conn.execute(sa.select(*key).where(*where).limit(PURGE_ROWS)).all()
    if not rows:
        return 0
    one = sa.and_(*where, *[column == sa.bindparam(f"key_{column.name}") for column in key])
    with db.begin(system_context(0, 0), turn=False) as tx:
        tx.conn.execute(table.delete().where(one), [{f"key_{c.name}": value for c, value in zip(key, row, strict=True)} for row in rows])
    return len(rows)
