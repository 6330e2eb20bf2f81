"""Delivers what a service promised to tell another one: rows written with the effect, sent after it, at least once, in order per topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from libs.common import fault, logs
from libs.common.context import system_context
from libs.common.database import Database
from libs.common.errors import PlatformError

log = logs.get("outbox")
Deliver = Callable[[dict[str, Any]], None]


class Relay:
    """``topics``: topic -> how to deliver it (idempotent at the receiver).

    A 4xx answer is final and logged; anything else holds its topic back, and no other, until it succeeds.
    """

    def __init__(self, db: Database, topics: Mapping[str, Deliver]) -> None:
        self._db, self._topics = db, topics

    def run_once(self, limit: int = 100) -> int:
        """Delivers up to ``limit`` open rows per topic, oldest first. Returns how many are done with."""
        return sum(self._relay(topic, deliver, limit) for topic, deliver in self._topics.items())

    def _relay(self, topic: str, deliver: Deliver, limit: int) -> int:
        table = self._db.table("outbox")
        open_rows = sa.select(table).where(table.c.delivered == 0, table.c.topic == topic).order_by(table.c.id).limit(limit)
        with self._db.read() as conn:
            rows = conn.execute(open_rows).all()
        for done, row in enumerate(rows):
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
        with self._db.begin(system_context(0, 0)) as tx:
            tx.conn.execute(table.update().where(table.c.id == id).values(delivered=1))
