"""Reservations: taking resources under a lease, keeping, giving back, and why somebody waits."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import invalid, not_found
from libs.common.store.database import Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.resource.domain.explanation import Explanation
from services.resource.domain.node import PlaceSecrecy, cut
from services.resource.domain.reservation import LEASE_SECONDS, Reservation, ReservationStatus, Stored, key_of, shown
from services.resource.service.admission import NEWEST
from services.resource.service.shared import Shared


@dataclass(frozen=True)
class Reserved:
    """explanation: of one that waits."""

    reservation: Reservation
    explanation: Explanation | None = None


@dataclass(frozen=True)
class Asked(Reserved):
    """bounded: whether anything is, so that who asks knows whether it may go on without an answer."""

    bounded: bool = False


class Reservations(Shared):
    @mutation
    def create_reservation(
        self,
        ctx: CallContext,
        *,
        holder: str,
        cpu_milli: int = 0,
        memory_mb: int = 0,
        accelerator_milli: int = 0,
        replicas: int = 0,
        tokens: int = 0,
        annotation_seconds: int = 0,
        room: str = "",
        vendor: str = "",
        model: str = "",
        labels: dict[str, str] | None = None,
        secrecy: PlaceSecrecy = PlaceSecrecy.PUBLIC,
        lease_seconds: int = LEASE_SECONDS,
        wait: bool = False,
        unplaced: bool = False,
        model_version: int = 0,
    ) -> Asked:
        """With ``wait`` it stands in line, and asks again before its lease ends. Raises what holds it back, NOT_FOUND for a room there is
        not, ALREADY_EXISTS for a holder who has something else."""
        amounts = (cpu_milli, memory_mb, accelerator_milli, replicas, tokens, annotation_seconds)
        place = (room, vendor, model, labels, secrecy, unplaced)

        def decide(tx: Transaction) -> Asked:
            draft = self._draft(tx.conn, ctx, holder, amounts, *place).changed(model_version_id=model_version)
            found, why = self.admission.reserve(tx, draft, lease_seconds * 1000, wait)
            return tx.done(Asked(shown(found), why, self.admission.bounded(tx.conn)))

        return self._together_with(ctx, decide)

    def explain_request(
        self,
        ctx: CallContext,
        *,
        cpu_milli: int = 0,
        memory_mb: int = 0,
        accelerator_milli: int = 0,
        replicas: int = 0,
        tokens: int = 0,
        annotation_seconds: int = 0,
        room: str = "",
        vendor: str = "",
        model: str = "",
        labels: dict[str, str] | None = None,
        secrecy: PlaceSecrecy = PlaceSecrecy.PUBLIC,
        unplaced: bool = False,
    ) -> Explanation:
        amounts = (cpu_milli, memory_mb, accelerator_milli, replicas, tokens, annotation_seconds)
        with self.db.read() as conn:
            draft = self._draft(conn, ctx, "", amounts, room, vendor, model, labels, secrecy, unplaced)
            return self._explained(conn, draft)

    @mutation
    def renew_reservation(self, ctx: CallContext, *, id: int, lease_seconds: int = LEASE_SECONDS) -> Reservation:
        def renew(tx: Transaction) -> Reservation:
            known = self.store.reservations.get(tx.conn, ctx, id)
            return tx.done(shown(self.admission.renew(tx, known, lease_seconds * 1000)))

        return self._together_with(ctx, renew)

    @mutation
    def release_reservation(self, ctx: CallContext, *, id: int, tokens_left: int = 0, annotation_seconds_left: int = 0) -> Reservation:
        """Of one that has ended it answers how: what was held came back once."""

        def release(tx: Transaction) -> Reservation:
            known = self.store.reservations.get(tx.conn, ctx, id)
            for field, left, most in (
                ("tokens_left", tokens_left, known.tokens),
                ("annotation_seconds_left", annotation_seconds_left, known.annotation),
            ):
                if left > most:
                    raise invalid(field, limit=f"at most what was reserved, {most}")
            if known.status not in (ReservationStatus.WAITING, ReservationStatus.HELD):
                return tx.done(shown(known))
            held = known.status == ReservationStatus.HELD
            status = ReservationStatus.RELEASED if held else ReservationStatus.WITHDRAWN
            return tx.done(shown(self.admission.end(tx, known, status, tokens_left, annotation_seconds_left)))

        return self._together_with(ctx, release)

    def get_reservation(self, ctx: CallContext, *, id: int) -> Reserved:
        with self.db.read() as conn:
            known = self.store.reservations.get(conn, ctx, id)
            waits = known.status == ReservationStatus.WAITING
            return Reserved(shown(known), self._explained(conn, known) if waits else None)

    def list_reservations(
        self, ctx: CallContext, *, page: PageRequest, statuses: list[ReservationStatus] | None = None, user_id: int | None = None
    ) -> Page:
        column = self.store.reservations.column
        where = [column("user_id") == user_id] if user_id is not None else []
        either = [column("status") == int(status) for status in sorted(set(statuses or ()))]
        with self.db.read() as conn:
            found = self.store.reservations.page(conn, ctx, page, *where, either=either)
        return Page([shown(each) for each in found.items], found.next_cursor)

    # --- shared steps

    def _explained(self, conn: sa.Connection, draft: Stored) -> Explanation:
        asked = self.admission.asked(conn, draft, LEASE_SECONDS * 1000)
        return self.admission.explained(conn, asked, self.db.clock.now_ms())

    def _draft(
        self,
        conn: sa.Connection,
        ctx: CallContext,
        holder: str,
        amounts: tuple[int, ...],
        room: str,
        vendor: str,
        model: str,
        labels: dict[str, str] | None,
        secrecy: PlaceSecrecy,
        unplaced: bool,
    ) -> Stored:
        """A request as it would be stored. An empty holder only asks."""
        cpu, memory, accelerator, replicas, tokens, annotation = amounts
        if not any(amounts):
            raise invalid("cpu_milli", limit="at least one resource that is asked for")
        if not cut(1000, accelerator):
            raise invalid("accelerator_milli", limit="whole accelerators, or a part of one")
        id = self.db.ids.next() if holder else NEWEST
        place = (self._room_id(conn, ctx, room), vendor, model, dict(labels or {}), secrecy, unplaced)
        key = key_of(ctx.space_id, holder)
        return Stored(
            id,
            ctx.space_id,
            ctx.user_id,
            holder,
            key,
            ReservationStatus.WAITING,
            cpu,
            memory,
            accelerator,
            replicas,
            tokens,
            annotation,
            *place,
        )

    def _room_id(self, conn: sa.Connection, ctx: CallContext, room: str) -> int:
        found = self.store.rooms.first_by(conn, ctx, name=room) if room else None
        if room and found is None:
            raise not_found("machine_room", room)
        return found.id if found else 0
