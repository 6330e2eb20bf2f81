"""Tables of money: prices, the ledger of what was used, and since when a node has had what it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from idl.enums import CostGroup
from libs.common.store.database import Transaction, platform_tables, seed_columns
from libs.common.store.repository import Repository
from libs.common.store.statement import Statement
from services.resource.domain.price import Price, Tariff
from services.resource.domain.usage import Entry, NodeSpan, Sum

METADATA = sa.MetaData()
platform_tables(METADATA)


def whole(name: str, kind: Any = sa.BigInteger, default: int = 0) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default=str(default))


def text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


_price = sa.Table(
    "price",
    METADATA,
    *seed_columns(),
    whole("priced", sa.Integer),
    whole("micros"),
    whole("room_id"),
    text("vendor", 100),
    text("model", 100),
    whole("valid_from"),
    whole("user_id"),
    sa.UniqueConstraint("priced", "room_id", "vendor", "model", "valid_from", name="price_of"),
)
_usage = sa.Table(
    "resource_usage",
    METADATA,
    *seed_columns(),
    whole("reservation_id"),
    text("holder", 100),
    text("kind", 100),
    *[whole(name) for name in ("project_space_id", "user_id", "model_version_id", "node_id", "room_id")],
    text("vendor", 100),
    text("model", 100),
    *[whole(name) for name in ("day", "begin_time", "end_time", "cpu", "memory", "accelerator", "micros")],
    sa.UniqueConstraint("reservation_id", "begin_time", name="usage_piece"),
    sa.Index("usage_space", "project_space_id", "id"),
    sa.Index("usage_space_day", "project_space_id", "day"),
    sa.Index("usage_day", "day"),
)
_span = sa.Table(
    "node_span",
    METADATA,
    *seed_columns(),
    *[whole(name) for name in ("node_id", "room_id")],
    text("vendor", 100),
    text("model", 100),
    *[whole(name) for name in ("begin_time", "end_time", "cpu", "memory", "accelerator")],
    sa.Index("span_node", "node_id", "end_time"),
)
_GROUPS = {
    CostGroup.PERSON: _usage.c.user_id,
    CostGroup.SPACE: _usage.c.project_space_id,
    CostGroup.MODEL_VERSION: _usage.c.model_version_id,
    CostGroup.DAY: _usage.c.day,
    CostGroup.KIND: _usage.c.kind,
    CostGroup.NODE: _usage.c.node_id,
}


class Ledger:
    def __init__(self) -> None:
        self.prices = Repository("price", _price, Price)
        self.entries = Repository("usage", _usage, Entry, told=False)
        self.spans = Repository("node_span", _span, NodeSpan, told=False)
        self._all_prices = Statement(self.prices.everything().where(_price.c.mark_delete == 0))

    def tariff(self, conn: sa.Connection) -> Tariff:
        return Tariff([self.prices.load(row) for row in self._all_prices.rows(conn, {})])

    def sums(self, conn: sa.Connection, group: CostGroup, first_day: int, end_day: int, space_id: int | None) -> Iterator[tuple[Any, Sum]]:
        """subject -> what was used and what it cost, in days from the first up to the end."""
        column, lasted = _GROUPS[group], _usage.c.end_time - _usage.c.begin_time
        amounts = [sa.func.sum(_usage.c[name] * lasted) for name in ("cpu", "memory", "accelerator")]
        days = (_usage.c.day >= first_day, _usage.c.day < end_day)
        mine = [] if space_id is None else [_usage.c.project_space_id == space_id]
        query = sa.select(column, sa.func.sum(_usage.c.micros), *amounts).where(*days, *mine).group_by(column)
        for row in conn.execute(query):
            yield row[0], Sum(*map(int, row[1:]))

    def time(self, from_time: int | None, to_time: int | None) -> Sequence[sa.ColumnElement[bool]]:
        """Conditions of entries that lie between two moments."""
        after = [] if from_time is None else [_usage.c.begin_time >= from_time]
        return [*after, *([] if to_time is None else [_usage.c.begin_time < to_time])]

    def last_end(self, conn: sa.Connection) -> int:
        """The last moment that is in the ledger."""
        return conn.execute(sa.select(sa.func.max(_usage.c.end_time))).scalar() or 0

    def spans_between(self, conn: sa.Connection, begin: int, end: int) -> list[NodeSpan]:
        meets = (_span.c.begin_time < end, sa.or_(_span.c.end_time == 0, _span.c.end_time > begin))
        return [self.spans.load(tuple(row)) for row in conn.execute(self.spans.everything().where(*meets))]

    def end_span(self, tx: Transaction, node_id: int) -> None:
        """What the node had so far ends now; never before it began, whatever the clock says."""
        now = sa.case((_span.c.begin_time > tx.now, _span.c.begin_time), else_=tx.now)
        tx.conn.execute(_span.update().where(_span.c.node_id == node_id, _span.c.end_time == 0).values(end_time=now))
