"""Prices, what something would cost, what was used, and what it cost: by person, space, model version, day, kind of work and node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from idl.enums import CostGroup
from libs.common.context import CallContext, system_context
from libs.common.errors import invalid, not_found
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.resource.domain.price import SOON_MS, Price, PricedResource, Use
from services.resource.domain.reservation import Stored
from services.resource.domain.usage import CostRow, Sum, day_text, row_of, sum_of, usage_of, use_of
from services.resource.domain.window import DAY_MS, QuotaWindow, window_of
from services.resource.service.shared import Shared

_SUBJECTS: dict[CostGroup, Callable[[Stored], Any]] = {
    CostGroup.PERSON: lambda held: held.user_id,
    CostGroup.SPACE: lambda held: held.project_space_id,
    CostGroup.MODEL_VERSION: lambda held: held.model_version_id,
    CostGroup.KIND: lambda held: held.kind,
    CostGroup.NODE: lambda held: held.node_id,
}


@dataclass(frozen=True)
class Quoted:
    micros: int
    priced: bool


@dataclass(frozen=True)
class Board:
    """micros: of all rows."""

    cost_rows: list[CostRow]
    micros: int


class Costs(Shared):
    @mutation
    def create_price(
        self,
        ctx: CallContext,
        *,
        priced: PricedResource,
        micros: int,
        room: str = "",
        vendor: str = "",
        model: str = "",
        valid_from: int | None = None,
    ) -> Price:
        """Never for what is past: what was used by then was used at the price of then."""
        if (vendor or model) and priced != PricedResource.ACCELERATOR:
            raise invalid("vendor" if vendor else "model", limit="sent for accelerators alone")
        with self.db.begin(ctx) as tx:
            soonest = max(tx.now + SOON_MS, self.store.ledger.last_end(tx.conn))  # the clock may have gone back
            begins = soonest if valid_from is None else valid_from
            if begins < soonest:
                raise invalid("valid_from", limit=f"at least {soonest}: a second from now, and after all that is in the ledger")
            place = self._priced_room(tx.conn, ctx, room)
            same = {"priced": int(priced), "room_id": place, "vendor": vendor, "model": model}
            self.store.ledger.prices.refuse_twin(tx, "the platform", valid_from=begins, **same)
            made = Price(self.db.ids.next(), priced, micros, place, vendor, model, begins, ctx.user_id)
            return tx.done(self.store.ledger.prices.insert(tx, made))

    def list_prices(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.ledger.prices.page(conn, ctx, page)

    def get_quote(
        self,
        ctx: CallContext,
        *,
        cpu_milli: int = 0,
        memory_mb: int = 0,
        accelerator_milli: int = 0,
        room: str = "",
        vendor: str = "",
        model: str = "",
        seconds: int = 3600,
    ) -> Quoted:
        now = self.db.clock.now_ms()
        with self.db.read() as conn:
            use = Use(cpu_milli, memory_mb, accelerator_milli, self._priced_room(conn, ctx, room), vendor, model)
            tariff = self.store.ledger.tariff(conn)
        return Quoted(tariff.cost(use, now, now + seconds * 1000), tariff.knows(use, now))

    def list_usage(self, ctx: CallContext, *, page: PageRequest, from_time: int | None = None, to_time: int | None = None) -> Page:
        with self.db.read() as conn:
            found = self.store.ledger.entries.page(conn, ctx, page, *self.store.ledger.time(from_time, to_time))
        return Page([usage_of(entry) for entry in found.items], found.next_cursor)

    def get_cost(
        self, ctx: CallContext, *, group: CostGroup = CostGroup.PERSON, from_time: int | None = None, to_time: int | None = None
    ) -> Board:
        return self._board(ctx, group, from_time, to_time, ctx.space_id)

    def get_platform_cost(
        self, ctx: CallContext, *, group: CostGroup = CostGroup.SPACE, from_time: int | None = None, to_time: int | None = None
    ) -> Board:
        return self._board(ctx, group, from_time, to_time, None)

    # --- shared steps

    def _priced_room(self, conn: sa.Connection, ctx: CallContext, room: str) -> int:
        found = self.store.rooms.first_by(conn, ctx, name=room) if room else None
        if room and found is None:
            raise not_found("machine_room", room)
        return found.id if found else 0

    def _board(self, ctx: CallContext, group: CostGroup, from_time: int | None, to_time: int | None, space_id: int | None) -> Board:
        ctx.deadline.check("database")  # it may be long
        first, end = _days(from_time, to_time, self.db.clock.now_ms())
        with self.db.read() as conn:
            sums = defaultdict[Any, Sum](Sum, self.store.ledger.sums(conn, group, first, end, space_id))
            self._add_running(conn, sums, group, first * DAY_MS, end * DAY_MS, space_id)
            owned = self._owned(conn, first * DAY_MS, end * DAY_MS) if group == CostGroup.NODE and space_id is None else {}
        rows = [_row(group, subject, sums[subject], owned) for subject in sorted({*sums, *owned}, key=str)]
        rows.sort(key=lambda row: row.subject if group == CostGroup.DAY else -row.micros)
        return Board(rows, sum(row.micros for row in rows))

    def _add_running(self, conn: sa.Connection, sums: dict[Any, Sum], group: CostGroup, begin: int, end: int, space_id: int | None) -> None:
        """What is still held, up to now: as if it ended."""
        now, tariff = self.db.clock.now_ms(), self.store.ledger.tariff(conn)
        for held in self.store.held(conn):
            if space_id not in (None, held.project_space_id):
                continue
            node = self.store.nodes.find(conn, system_context(0, 0), held.node_id) if held.node_id else None
            use = use_of(held, node)
            for piece in tariff.pieces(use, held.hold_time, min(now, held.lease_until)):
                subject = piece.day if group == CostGroup.DAY else _SUBJECTS[group](held)
                if begin <= piece.begin < end:
                    sums[subject].add(sum_of(use, iter((piece,)), begin, end))

    def _owned(self, conn: sa.Connection, begin: int, end: int) -> dict[int, int]:
        """node -> what all it had would have cost in that time, up to now."""
        now, tariff = self.db.clock.now_ms(), self.store.ledger.tariff(conn)
        found: dict[int, int] = defaultdict(int)
        for span in self.store.ledger.spans_between(conn, begin, end):
            pieces = tariff.pieces(span.use, max(begin, span.begin_time), min(end, span.end_time or now))
            found[span.node_id] += sum(piece.micros for piece in pieces)
        return found


def _row(group: CostGroup, subject: Any, found: Sum, owned: dict[int, int]) -> CostRow:
    idle = owned[subject] - found.micros if subject in owned else 0
    return row_of(day_text(subject) if group == CostGroup.DAY else str(subject), found, idle)


def _days(from_time: int | None, to_time: int | None, now: int) -> tuple[int, int]:
    """(first day, the one after the last), since the epoch; this month where nothing is said."""
    first = (window_of(QuotaWindow.MONTH, now)[0] if from_time is None else from_time) // DAY_MS
    last = (now if to_time is None else to_time) // DAY_MS
    if last < first:
        raise invalid("to_time", limit="not before from_time")
    return first, last + 1
