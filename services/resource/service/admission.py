"""Who gets what: the decision about one request, its lease, its end, and the place of who waits. Inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from libs.common import fault
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Contended, Database, Transaction
from libs.common.work.asking import lacking
from services.resource.domain.allowance import Allowance, QuotaKind
from services.resource.domain.amounts import Want
from services.resource.domain.explanation import Candidate, ConstraintKind, Explanation, explain
from services.resource.domain.node import NodeHealth
from services.resource.domain.reservation import PATIENCE_MS, ReservationStatus, Stored
from services.resource.repository import ResourceRepository
from services.resource.service.bookkeeping import Bookkeeper

SWEPT = 200
"""So many ended leases are cleared away in one transaction."""
BELIEVED_SECONDS = 2.0
NEWEST = (1 << 63) - 1
"""The ticket of who only asks: everybody who waits comes first."""


@dataclass(frozen=True)
class Path:
    """The allowances of one caller, from the space up; all of them bound it."""

    rows: tuple[Allowance, ...]

    def id(self, kind: QuotaKind) -> int:
        return next((row.id for row in self.rows if row.kind == kind), 0)

    @property
    def ids(self) -> tuple[int, ...]:
        """platform, department, person, space."""
        return tuple(self.id(kind) for kind in QuotaKind)


@dataclass(frozen=True)
class Asked:
    """A request and what it meets. nodes: None where none is needed. chosen: a node that has room for it."""

    draft: Stored
    want: Want
    path: Path
    chosen: Candidate | None
    nodes: list[Candidate] | None
    free: bool


class Admission:
    """grace_seconds: holders cannot renew while this service is away, so from its start they have so long."""

    def __init__(self, db: Database, store: ResourceRepository, ledger: Bookkeeper, grace_seconds: float) -> None:
        self._db, self._store, self.ledger = db, store, ledger
        self._paths: dict[tuple[int, int], tuple[int, ...]] = {}
        self._bounded, self._looked = False, -BELIEVED_SECONDS
        self._grace_until = db.clock.monotonic() + grace_seconds

    # --- reserve

    def reserve(self, tx: Transaction, draft: Stored, lease_ms: int, wait: bool) -> tuple[Stored, Explanation | None]:
        """What the holder has already, or what it gets now, or its place among those who wait. Raises what holds it back otherwise."""
        known = self._living(tx, draft)
        if known is not None and known.status == ReservationStatus.HELD:
            return known, None
        if known is not None:
            draft = replace(draft, id=known.id)
        asked = self._look(tx, draft, lease_ms)
        if not asked.free and self.sweep(tx):
            asked = self._look(tx, draft, lease_ms)
        if asked.free:
            return self._hold(tx, asked, known, lease_ms), None
        found = self.explained(tx.conn, asked, tx.now)
        if not wait or found.hopeless:
            raise lacking(found)
        return self._wait(tx, asked, known, found, lease_ms), found

    def _living(self, tx: Transaction, draft: Stored) -> Stored | None:
        """The holder's reservation, when its lease goes on. Raises ALREADY_EXISTS for one that asked for something else."""
        known = self._store.of_key(tx.conn, draft.open_key)
        if known is None:
            return None
        if known.lease_until <= tx.now:
            self.end(tx, known, ReservationStatus.LAPSED)
            return None
        if known.want() != draft.want() or known.placement != draft.placement:
            raise PlatformError(409, Reason.ALREADY_EXISTS, field="holder", limit="one live reservation per holder", kind="reservation")
        return known

    def _look(self, tx: Transaction, draft: Stored, lease_ms: int) -> Asked:
        want, path = draft.want(lease_ms), self.path(tx, draft.user_id, draft.project_space_id)
        fits = all(not row.lacks(want, tx.now) and row.passable(draft.id) for row in path.rows)
        if draft.unplaced or not want.placed or not self._store.has_nodes(tx.conn):
            return Asked(draft, want, path, None, None, fits)
        chosen = self._choose(tx, draft, want) if fits else None
        return Asked(draft, want, path, chosen, [], fits and chosen is not None)

    def _choose(self, tx: Transaction, draft: Stored, want: Want) -> Candidate | None:
        place = draft.placement
        for node, row in self._store.candidates(tx.conn, want, place, draft.id):
            if node.health(tx.now) == NodeHealth.UP and not place.barred(node, want.accelerator):
                return node, row
        return None

    def _hold(self, tx: Transaction, asked: Asked, known: Stored | None, lease_ms: int) -> Stored:
        node, row = asked.chosen or (None, None)
        platform, department, person, space = asked.path.ids
        rows = (platform, department, person, space, row.id if row else 0)
        if not self._store.take(tx, asked.want, rows, department, asked.draft.id):
            raise Contended("allowance")  # somebody else was faster between the look and the write
        fault.point("resource.after_take_before_reservation")
        held: dict[str, Any] = {
            "status": ReservationStatus.HELD,
            "platform_row": platform,
            "department_row": department,
            "person_row": person,
            "space_row": space,
            "node_row": row.id if row else 0,
            "node_id": node.id if node else 0,
            "lease_until": tx.now + lease_ms,
            "paid_time": tx.now,
            "hold_time": tx.now,
            "waits_for": 0,
        }
        if known is None:
            return self._insert(tx, asked.draft.changed(**held, create_time=tx.now, update_time=tx.now))
        self._store.let_pass(tx, known.id)
        return self._moved(tx, known, **held)

    def _wait(self, tx: Transaction, asked: Asked, known: Stored | None, found: Explanation, lease_ms: int) -> Stored:
        waits: dict[str, Any] = {"waits_for": found.row, "lease_until": tx.now + lease_ms}
        if known is None:
            return self._insert(tx, asked.draft.changed(**waits, create_time=tx.now, update_time=tx.now))
        if tx.now - known.create_time >= PATIENCE_MS and found.constraint in (ConstraintKind.QUOTA, ConstraintKind.CAPACITY):
            self._claim_turn(tx, known, found)
        return self._moved(tx, known, **waits)

    def _claim_turn(self, tx: Transaction, known: Stored, found: Explanation) -> None:
        """At every quota that binds, and at one node: that one empties until it fits."""
        if found.constraint == ConstraintKind.CAPACITY:
            if all(row.turn != known.id for _, row in self._store.all_nodes(tx.conn)):
                self._store.claim_turn(tx, known.id, found.row)
            return
        for row in self.path(tx, known.user_id, known.project_space_id).rows:
            if row.lacks(known.want(), tx.now):
                self._store.claim_turn(tx, known.id, row.id)

    def _insert(self, tx: Transaction, made: Stored) -> Stored:
        try:
            self._store.reservations.insert_all(tx, [made])  # prepared: many wait for it
        except sa.exc.IntegrityError as error:
            raise Contended("reservation") from error  # the same holder, at the same moment
        return made

    def _moved(self, tx: Transaction, known: Stored, **changes: object) -> Stored:
        try:
            return self._store.reservations.update(tx, known, **changes)
        except PlatformError as error:
            raise Contended("reservation") from error

    # --- the life of one

    def renew(self, tx: Transaction, known: Stored, lease_ms: int) -> Stored:
        """Raises RESERVATION_OVER once it is, BUDGET_SPENT when its accelerators cannot be paid for that long."""
        if known.status != ReservationStatus.HELD or (known.lease_until <= tx.now and not self._in_grace()):
            raise PlatformError(409, Reason.RESERVATION_OVER, what=known.holder)
        until = max(known.lease_until, tx.now + lease_ms)
        pay = known.accelerator * (until - known.lease_until)
        if pay:
            self._pay(tx, known, Want(pay=pay))
        return self._moved(tx, known, lease_until=until, paid_time=tx.now if pay else known.paid_time)

    def _pay(self, tx: Transaction, known: Stored, want: Want) -> None:
        rows = self._store.by_ids(tx.conn, known.quota_rows)
        found = explain(want, _from_the_space(rows), None, known.placement, 0, tx.now)
        if found.constraint != ConstraintKind.NONE:
            raise lacking(found.at(0))
        parent = next((row.parent_id for row in rows if row.kind == QuotaKind.PERSON), 0)
        if not self._store.take(tx, want, known.quota_rows, parent, 0):
            raise Contended("allowance")

    def end(self, tx: Transaction, known: Stored, status: ReservationStatus, tokens_left: int = 0, annotation_left: int = 0) -> Stored:
        """Gives back what it holds; of accelerator time what was paid and is not over, unless its lease ended."""
        waited = known.status == ReservationStatus.WAITING
        ended = self._moved(tx, known, status=status, open_key=str(known.id), end_time=tx.now, waits_for=0)
        if waited:
            self._store.let_pass(tx, known.id)
            return ended
        fault.point("resource.after_end_before_giving_back")
        self.ledger.enter(tx, known, min(tx.now, known.lease_until))
        left = max(0, known.lease_until - max(tx.now, known.paid_time)) if status == ReservationStatus.RELEASED else 0
        back = replace(known.want(left), tokens=tokens_left, annotation=annotation_left)
        self._store.give_back(tx, back, (*known.quota_rows, known.node_row), known.paid_time)
        return ended

    def sweep(self, tx: Transaction) -> int:
        """Ends what nobody renewed. Returns how many there were."""
        if self._in_grace():
            return 0
        over = self._store.lapsed(tx.conn, tx.now, SWEPT)
        for known in over:
            self.end(tx, known, ReservationStatus.LAPSED)
        return len(over)

    def _in_grace(self) -> bool:
        return self._db.clock.monotonic() < self._grace_until

    # --- reads

    def bounded(self, conn: sa.Connection) -> bool:
        """Whether anything is: some limit is set, or a node is registered. Looked up now and then."""
        now = self._db.clock.monotonic()
        if now - self._looked >= BELIEVED_SECONDS:
            self._bounded, self._looked = self._store.is_bounded(conn), now
        return self._bounded

    def path(self, tx: Transaction, user_id: int, space_id: int) -> Path:
        """The rows that bound a caller, made where there are none yet."""
        ids = self._paths.get((user_id, space_id))
        rows = self._store.by_ids(tx.conn, ids) if ids else []
        if not rows or not _whole(rows):
            rows = self._made_path(tx, user_id, space_id)
            if len(self._paths) >= 10_000:
                self._paths.clear()
            self._paths[user_id, space_id] = tuple(row.id for row in rows)
        return Path(tuple(_from_the_space(rows)))

    def _made_path(self, tx: Transaction, user_id: int, space_id: int) -> list[Allowance]:
        rows = [self._store.made_allowance(tx, kind, subject) for kind, subject in _subjects(user_id, space_id)]
        return rows + self._store.by_ids(tx.conn, [row.parent_id for row in rows if row.parent_id])

    def known_path(self, conn: sa.Connection, user_id: int, space_id: int) -> Path:
        """The same for a read: what there is, and blank rows for what nobody set."""
        rows = [self._store.allowance(conn, kind, subject) or Allowance(0, kind, subject) for kind, subject in _subjects(user_id, space_id)]
        rows += self._store.by_ids(conn, [row.parent_id for row in rows if row.parent_id])
        return Path(tuple(_from_the_space(rows)))

    def explained(self, conn: sa.Connection, asked: Asked, now: int) -> Explanation:
        """What binds, with the place in its queue."""
        nodes = None if asked.nodes is None else self._store.all_nodes(conn)
        found = explain(asked.want, asked.path.rows, nodes, asked.draft.placement, asked.draft.id, now)
        fits = found.constraint == ConstraintKind.NONE
        return found.at(0 if fits else self._store.ahead(conn, found.row, asked.draft.id) + 1)

    def asked(self, conn: sa.Connection, draft: Stored, lease_ms: int) -> Asked:
        """A request as a read sees it."""
        want = draft.want(lease_ms)
        nodes: list[Candidate] | None = [] if want.placed and not draft.unplaced and self._store.has_nodes(conn) else None
        return Asked(draft, want, self.known_path(conn, draft.user_id, draft.project_space_id), None, nodes, False)


def _subjects(user_id: int, space_id: int) -> tuple[tuple[QuotaKind, int], ...]:
    return (QuotaKind.PLATFORM, 0), (QuotaKind.PERSON, user_id), (QuotaKind.SPACE, space_id)


def _whole(rows: list[Allowance]) -> bool:
    """Whether the person's department is among them, and no other."""
    parents = {row.parent_id for row in rows if row.parent_id}
    return parents == {row.id for row in rows if row.kind == QuotaKind.DEPARTMENT}


def _from_the_space(rows: list[Allowance]) -> list[Allowance]:
    return sorted(rows, key=lambda row: -row.kind)
