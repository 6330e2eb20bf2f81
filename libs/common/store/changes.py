"""What changed in one store, in the order in which it became visible: the source of the change feed (docs/decisions/0025).

One row per object and transaction, written in the transaction of the change. A row's place is given when the row can already be seen, never
when it is written: an id is drawn before the commit, so a reader that follows ids would pass by a row that is committed late. On SQLite one
transaction writes at a time, so it counts on by itself; elsewhere the reader numbers what it finds, and one does so at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from idl.enums import ChangeKind
from libs.common.context import CallContext, system_context

if TYPE_CHECKING:
    from libs.common.store.database import Database, Transaction

MOST = 500  # changes in one answer
NUMBER_AT_ONCE = 1000
KEPT_MS = 3 * 24 * 3600 * 1000
PROGRESS_KEPT_MS = 10 * 60 * 1000  # the next step of a task says more than the last one
NAME_MAX, STATE_MAX = 200, 40


class Change(NamedTuple):
    """One object as a transaction left it. position: its place in the feed of this store. parent_id: of the object it belongs to (the model
    of a task), 0 where it belongs to none. secrecy: who may hear of it. name, state: "" where it has none. done, total: of its work."""

    position: int
    entity: str
    entity_id: int
    parent_id: int
    project_space_id: int
    kind: ChangeKind
    state: str
    version: int
    secrecy: int
    user_id: int
    name: str
    create_time: int
    done: int
    total: int


@dataclass(frozen=True)
class Followed:
    """floor: everything that happened behind this place is still known. newest: the last place there is."""

    changes: list[Change]
    floor: int
    newest: int


def changes_table(metadata: sa.MetaData) -> sa.Table:
    """position: NULL until it is numbered; no place is given twice."""
    return sa.Table(
        "change_log",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger, nullable=False),
        sa.Column("parent_id", sa.BigInteger, nullable=False),
        sa.Column("project_space_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("state", sa.String(STATE_MAX), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("secrecy", sa.Integer, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(NAME_MAX), nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("total", sa.BigInteger, nullable=False, server_default="0"),
        sa.UniqueConstraint("position", name="change_log_position"),
        sa.Index("change_log_age", "kind", "create_time"),
    )


def facts_of(record: Any, parent: str = "") -> dict[str, Any]:
    """What the feed tells of a record. parent: its field with the id of what it belongs to."""
    state = getattr(record, "status", getattr(record, "state", ""))
    return {
        "entity_id": record.id,
        "parent_id": getattr(record, parent) if parent else 0,
        "state": (state.name if isinstance(state, IntEnum) else str(state))[:STATE_MAX],
        "version": getattr(record, "version", 0),
        "user_id": getattr(record, "user_id", 0),
        "name": getattr(record, "name", "")[:NAME_MAX],
        "done": getattr(record, "progress_done", 0),
        "total": getattr(record, "progress_total", 0),
    }


def merge(told: dict[tuple[str, int], dict[str, Any]], entity: str, kind: ChangeKind, facts: Mapping[str, Any]) -> None:
    """Keeps the last that a transaction says of an object. What it made stays made, and what it deleted deleted."""
    key = (entity, facts["entity_id"])
    before = told.get(key, {}).get("kind", kind)
    strongest = kind if kind == ChangeKind.DELETED or before in (kind, ChangeKind.PROGRESS) else before
    told[key] = {"entity": entity, **facts, "kind": strongest}


def write(tx: Transaction, told: Mapping[Any, dict[str, Any]], count: bool) -> None:
    """The last thing a transaction does. count: give the places too, as the only writer of this store."""
    if not told:
        return
    table, ids = tx.database.table("change_log"), tx.database.ids
    last = _last(tx.conn, table) if count else 0
    rows = [
        {**facts, "id": ids.next(), "position": last + n if count else None, "kind": int(facts["kind"]), "create_time": tx.now}
        for n, facts in enumerate(told.values(), 1)
    ]
    tx.conn.execute(table.insert(), rows)


class ChangeLog:
    """The changes of one store. counted: its writers give the places."""

    def __init__(self, db: Database, counted: bool) -> None:
        self._db, self._counted = db, counted

    def follow(self, ctx: CallContext, after: int | None, most: int = MOST) -> Followed:
        """Up to ``most`` changes behind the place ``after``, in order; None: the newest ones that are more than progress."""
        if not self._counted:
            self._number(ctx)
        table = self._db.table("change_log")
        place = table.c.position
        rows = sa.select(*[table.c[name] for name in Change._fields]).limit(most)
        with self._db.read() as conn:
            first, newest = conn.execute(sa.select(sa.func.min(place), sa.func.max(place))).one()
            floor, newest = (first or 1) - 1, newest or 0
            if after is not None:
                found = conn.execute(rows.where(place > after, place <= newest).order_by(place)).all()
            else:
                more = table.c.kind != int(ChangeKind.PROGRESS)
                found = conn.execute(rows.where(place <= newest, more).order_by(place.desc())).all()[::-1]
                floor = found[0].position - 1 if len(found) == most else floor
        return Followed([Change(*row)._replace(kind=ChangeKind(row.kind)) for row in found], floor, newest)

    def _number(self, ctx: CallContext) -> None:
        """Gives a place to all that can be seen and has none. Under the lock of space 0, so that who numbers next sees these."""
        table = self._db.table("change_log")
        waiting = sa.select(table.c.id).where(table.c.position.is_(None))
        with self._db.read() as conn:  # a look without the lock: an idle store is not written to
            if conn.execute(waiting.limit(1)).first() is None:
                return
        with self._db.begin(system_context(0, 0, ctx.deadline.left())) as tx:
            found = tx.conn.execute(waiting.order_by(table.c.id).limit(NUMBER_AT_ONCE)).scalars().all()
            if found:
                last = _last(tx.conn, table)
                give = table.update().where(table.c.id == sa.bindparam("row")).values(position=sa.bindparam("place"))
                tx.conn.execute(give, [{"row": id, "place": last + n} for n, id in enumerate(found, 1)])


def outdated(db: Database) -> list[tuple[sa.ColumnElement[bool], ...]]:
    """What may be forgotten, as conditions on the table. The last place always stays: the next one is counted from it."""
    table, now = db.table("change_log"), db.clock.now_ms()
    with db.read() as conn:
        last = _last(conn, table)
    progress = table.c.kind == int(ChangeKind.PROGRESS)
    return [
        (progress, table.c.create_time < now - PROGRESS_KEPT_MS, table.c.position < last),
        (~progress, table.c.create_time < now - KEPT_MS, table.c.position < last),
    ]


def _last(conn: sa.Connection, table: sa.Table) -> int:
    return int(conn.execute(sa.select(sa.func.max(table.c.position))).scalar() or 0)
