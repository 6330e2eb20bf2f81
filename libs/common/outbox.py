"""Delivers what a service promised to tell another one: rows written with the effect, sent after it, at least once, in order per topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from libs.common import logs
from libs.common.context import system_context
from libs.common.database import Database
from libs.common.errors import PlatformError

log = logs.get("outbox")
Deliver = Callable[[dict[str, Any]], None]


class Relay:
    """``topics``: topic -> how to deliver it (idempotent at the receiver). A 4xx answer is final and logged; anything else is tried again."""

    def __init__(self, db: Database, topics: Mapping[str, Deliver]) -> None:
        self._db, self._topics = db, topics

    def run_once(self, limit: int = 100) -> int:
        """Delivers open rows, oldest first; stops a topic at its first failure. Returns how many were delivered."""
        table = self._db.table("outbox")
        with self._db.read() as conn:
            rows = conn.execute(sa.select(table).where(table.c.delivered == 0).order_by(table.c.id).limit(limit)).all()
        delivered, stuck = 0, set()
        for row in rows:
            if row.topic in stuck:
                continue
            try:
                self._topics[row.topic](msgspec.json.decode(row.payload))
            except PlatformError as error:
                if error.code >= 500 or error.retryable:
                    stuck.add(row.topic)
                    continue
                log.error("outbox_refused", topic=row.topic, id=row.id, error=str(error))
            self._mark(row.id)
            delivered += 1
        return delivered

    def _mark(self, id: int) -> None:
        table = self._db.table("outbox")
        with self._db.begin(system_context(0, 0)) as tx:
            tx.conn.execute(table.update().where(table.c.id == id).values(delivered=1))
