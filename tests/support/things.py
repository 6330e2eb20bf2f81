"""A small noun with every kind of column, to test the chassis without a domain: renamed, enum, flag, list, dict, space, version."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.common.clock import Clock, ManualClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.ids import IdGenerator
from libs.common.store import mysql
from libs.common.store.database import Database, open_engine, platform_tables, seed_columns
from libs.common.store.mutation import mutation
from libs.common.store.repository import Repository


class Colour(IntEnum):
    RED = 1
    BLUE = 2


@dataclass(frozen=True)
class Thing:
    id: int
    name: str
    project_space_id: int
    colour: Colour = Colour.RED
    shiny: bool = False
    tags: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    create_time: int = 0
    update_time: int = 0
    version: int = 0


METADATA = sa.MetaData()
platform_tables(METADATA)
TABLE = sa.Table(
    "thing",
    METADATA,
    *seed_columns(),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("project_space_id", sa.BigInteger, nullable=False),
    sa.Column("Colour_of_it", sa.Integer, nullable=False),
    sa.Column("shiny", sa.SmallInteger, nullable=False),
    sa.Column("tags", sa.Text(16_000_000), nullable=False),
    sa.Column("facts", sa.Text(16_000_000), nullable=False),
)


def open_things(folder: Path, clock: Clock | None = None, worker: int = 0, address: str = "") -> Database:
    """A store with the table of things, in ``folder`` or at ``address``; opening it twice gives two handles to the same records."""
    url = address or f"sqlite:///{folder / 'things.db'}"
    if address:
        mysql.create_database(address)
    engine = open_engine(url, reads=False)
    METADATA.create_all(engine)
    engine.dispose()
    clock = clock or ManualClock()
    return Database(url, METADATA, clock, IdGenerator(worker, clock))


class ThingService:
    """One verb of each kind. ``ran``: how often the body of a verb began."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.things = Repository("thing", TABLE, Thing, {"colour": "Colour_of_it"})
        self.ran = 0

    @mutation
    def create_thing(self, ctx: CallContext, *, name: str, tags: list[str] | None = None) -> Thing:
        """Refuses a name that is taken."""
        self.ran += 1
        with self.db.begin(ctx) as tx:
            if self.things.first(tx.conn, ctx, self.things.column("name") == name) is not None:
                raise PlatformError(409, Reason.ALREADY_EXISTS, field="name", limit="unique", kind="thing")
            return tx.done(self.things.insert(tx, Thing(self.db.ids.next(), name, ctx.space_id, tags=tags or [])))

    @mutation
    def rename_thing(self, ctx: CallContext, *, id: int, name: str) -> Thing:
        self.ran += 1
        with self.db.begin(ctx) as tx:
            return tx.done(self.things.update_expected(tx, self.things.get(tx.conn, ctx, id), name=name))

    @mutation
    def delete_thing(self, ctx: CallContext, *, id: int) -> Thing:
        with self.db.begin(ctx) as tx:
            return tx.done(self.things.delete(tx, self.things.get(tx.conn, ctx, id)))
