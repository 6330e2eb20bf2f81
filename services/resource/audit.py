"""What the auditor knows of the resource domain: what is held is what live reservations hold, to the unit, no limit was passed, every
reservation names what exists, and none outlives its lease.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Reference, Report, Subject, batches, check_common, check_once
from services.resource.domain.allowance import NODE
from services.resource.domain.amounts import HELD, SPENT, UNLIMITED
from services.resource.domain.price import Tariff
from services.resource.domain.reservation import ReservationStatus
from services.resource.domain.usage import Entry
from services.resource.ledger import Ledger
from services.resource.repository import METADATA

_room, _node, _allowance, _reservation = (METADATA.tables[name] for name in ("machine_room", "compute_node", "allowance", "reservation"))
SUBJECTS: tuple[Subject, ...] = ()
"""A reservation's row says itself when it began and ended; what people set stands in the trail."""
_ROWS = ("platform_row", "department_row", "person_row", "space_row", "node_row")
_HELD = _reservation.c.status == int(ReservationStatus.HELD)


def check(books: Books, report: Report, patience: Patience) -> None:
    check_common(books, SUBJECTS, report, patience)
    check_once(books, report, _allowance, "kind", "subject_id")
    check_once(books, report, _node, "name")
    _check_sums(books, report)
    _check_leases(books, report, patience)
    _check_places(books, report)
    _check_ledger(books, report)


def artifacts(_books: Books) -> Iterator[Reference]:
    return iter(())


def held_for(books: Books) -> dict[str, dict[tuple[int, int], int]]:
    """kind -> (task, epoch) -> when the reservation it holds was last kept up."""
    found: dict[str, dict[tuple[int, int], int]] = {}
    for row in books.rows(sa.select(_reservation.c.holder, _reservation.c.update_time).where(_HELD)):
        kind, _, claim = row.holder.partition("/")
        id, _, epoch = claim.partition("/")
        if id.isdecimal() and epoch.isdecimal():
            found.setdefault(kind, {})[int(id), int(epoch)] = row.update_time
    return found


def is_bounded(books: Books) -> bool:
    """Whether a limit is set or a node is there."""
    limited = sa.or_(*[_allowance.c[f"cap_{name}"] < UNLIMITED for name in HELD + SPENT])
    either = (sa.select(_allowance.c.id).where(limited, _allowance.c.kind != NODE), sa.select(_node.c.id).where(_node.c.mark_delete == 0))
    return any(True for query in either for _ in books.rows(query.limit(1)))


def _check_sums(books: Books, report: Report) -> None:
    """I7: what an allowance says is held is the sum of what is."""
    held = _sums(books)
    columns = [_allowance.c[f"held_{name}"] for name in HELD]
    for row in books.rows(sa.select(_allowance.c.id, *columns)):
        report.saw("I7", "allowances")
        found = tuple(row[1:])
        if found != held.get(row.id, (0, 0, 0, 0)):
            report.wrong("I7", books.service, "quota", row.id, f"it says {found} is held, live reservations hold {held.get(row.id)}")


def _sums(books: Books) -> dict[int, tuple[int, ...]]:
    """allowance -> what live reservations hold of it."""
    found: dict[int, tuple[int, ...]] = {}
    sums = [sa.func.sum(_reservation.c[name]) for name in HELD]
    for name in _ROWS:
        column = _reservation.c[name]
        for row in books.rows(sa.select(column, *sums).where(_HELD, column != 0).group_by(column)):
            found[row[0]] = tuple(int(value) for value in row[1:])
    return found


def _check_ledger(books: Books, report: Report) -> None:
    """I7: what was held and ended is in the ledger from its beginning to its end, every moment once, at the prices of then."""
    ledger = Ledger()
    tariff = Tariff([ledger.prices.load(tuple(row)) for row in books.rows(ledger.prices.everything())])
    over = sa.select(_reservation.c.id, _reservation.c.hold_time, _reservation.c.end_time, _reservation.c.lease_until)
    over = over.where(_reservation.c.hold_time > 0, _reservation.c.end_time > 0).order_by(_reservation.c.id)
    for batch in batches(books.rows(over)):
        found: dict[int, list[Entry]] = {row.id: [] for row in batch}
        entries = ledger.entries.everything().where(ledger.entries.column("reservation_id").in_(list(found)))
        for row in books.rows(entries.order_by(ledger.entries.column("begin_time"))):
            entry = ledger.entries.load(tuple(row))
            found[entry.reservation_id].append(entry)
        for row in batch:
            report.saw("I7", "reservations in the ledger")
            if wrong := _misbooked(found[row.id], row.hold_time, max(row.hold_time, min(row.end_time, row.lease_until)), tariff):
                report.wrong("I7", books.service, "reservation", row.id, wrong)


def _misbooked(entries: list[Entry], begin: int, end: int, tariff: Tariff) -> str:
    at = begin
    for entry in entries:
        if entry.begin_time != at or entry.end_time <= at:
            return f"the ledger has {entry.begin_time} to {entry.end_time} where {at} comes next"
        if entry.micros != tariff.cost(entry.use, entry.begin_time, entry.end_time):
            return f"the ledger says {entry.micros} for {entry.begin_time} to {entry.end_time}, which is not the price of then"
        at = entry.end_time
    return "" if at == end else f"the ledger ends at {at}, it was held until {end}"


def _check_leases(books: Books, report: Report, patience: Patience) -> None:
    """I3: nothing is held, or waited for, without a lease that goes on."""
    live = _reservation.c.status.in_([int(ReservationStatus.HELD), int(ReservationStatus.WAITING)])
    for row in books.rows(sa.select(_reservation.c.id, _reservation.c.holder, _reservation.c.lease_until).where(live)):
        report.saw("I3", "reservations")
        if row.lease_until < patience.now - patience.lease:
            late = patience.now - row.lease_until
            report.wrong("I3", books.service, "reservation", row.id, f"held by {row.holder}, whose lease ended {late} ms ago")
    waiting = sa.select(_reservation.c.id).where(live)
    for row in books.rows(sa.select(_allowance.c.id, _allowance.c.turn).where(_allowance.c.turn != 0, _allowance.c.turn.not_in(waiting))):
        report.wrong("I3", books.service, "quota", row.id, f"it is kept for reservation {row.turn}, which does not wait")


def _check_places(books: Books, report: Report) -> None:
    """A node is in a room and has a capacity; what is held on a node is held on one that is there."""
    lost = sa.select(_node.c.id).where(_node.c.room_id.not_in(sa.select(_room.c.id)))
    for row in books.rows(lost):
        report.wrong("LINEAGE", books.service, "compute_node", row.id, "its room does not exist")
    counted = sa.select(_allowance.c.subject_id).where(_allowance.c.kind == NODE)
    for row in books.rows(sa.select(_node.c.id).where(_node.c.id.not_in(counted))):
        report.wrong("LINEAGE", books.service, "compute_node", row.id, "it has no capacity")
    living = sa.select(_node.c.id).where(_node.c.mark_delete == 0)
    placed = sa.select(_reservation.c.id, _reservation.c.node_id, _reservation.c.node_id.in_(living)).where(_HELD)
    for row in books.rows(placed.where(_reservation.c.node_id != 0)):
        report.saw("LINEAGE", "reservations on nodes")
        if not row[2]:
            report.wrong("LINEAGE", books.service, "reservation", row.id, f"node {row.node_id} is not there")
