"""Reads the append-only history of one object and replays it to any moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.database import Database
from libs.common.store.repository import Page, PageRequest, Repository


@dataclass(frozen=True)
class StateEvent:
    """One step of a state machine: who, from, to, why, when."""

    id: int
    entity: str
    entity_id: int
    project_space_id: int
    from_status: int
    to_status: int
    event: str
    reason: str
    user_id: int
    request_id: str
    create_time: int


class History:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._events = Repository("state_event", db.table("state_event"), StateEvent)

    def list(self, ctx: CallContext, entity: str, entity_id: int, page: PageRequest) -> Page:
        """Oldest first."""
        with self._db.read() as conn:
            return self._events.page(conn, ctx, page, *self._of(entity, entity_id), newest=False)

    def as_of(self, ctx: CallContext, entity: str, entity_id: int, when_ms: int) -> int | None:
        """The status number at the end of millisecond ``when_ms``; None when the object did not exist yet."""
        with self._db.read() as conn:
            last = self._events.first(conn, ctx, *self._of(entity, entity_id), self._events.column("create_time") <= when_ms)
        return None if last is None else last.to_status

    def last(self, conn: sa.Connection, ctx: CallContext, entity: str, ids: Sequence[int], when_ms: int) -> dict[int, StateEvent]:
        """The last step of each object at the end of millisecond ``when_ms``, by its id; what was not there yet is left out."""
        if not ids:
            return {}
        column = self._events.column
        mine = (column("entity") == entity, column("entity_id").in_(ids), column("project_space_id") == ctx.space_id)
        newest = sa.select(sa.func.max(column("id"))).where(*mine, column("create_time") <= when_ms).group_by(column("entity_id"))
        rows = conn.execute(self._events.everything().where(column("id").in_(list(conn.execute(newest).scalars()))))
        return {event.entity_id: event for event in map(self._events.load, rows)}

    def _of(self, entity: str, entity_id: int) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
        return self._events.column("entity") == entity, self._events.column("entity_id") == entity_id
