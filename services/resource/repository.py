"""Tables of the resource domain, and the two writes everything rests on: taking from several allowances at once, and giving back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from libs.common.store.database import Contended, Transaction, seed_columns
from libs.common.store.repository import Repository
from libs.common.store.statement import Change, Statement
from services.resource.domain.allowance import NODE, Allowance, QuotaKind
from services.resource.domain.amounts import HELD, SPENT, UNLIMITED, Want
from services.resource.domain.explanation import Candidate
from services.resource.domain.node import MachineRoom, Node, Placement
from services.resource.domain.reservation import ReservationStatus, Stored
from services.resource.domain.window import QuotaWindow, window_of
from services.resource.ledger import METADATA as METADATA
from services.resource.ledger import Ledger, text, whole

CANDIDATES = 50
"""So many nodes with room are looked at for labels and health."""


_room = sa.Table(
    "machine_room",
    METADATA,
    *seed_columns(),
    sa.Column("name", sa.String(40), nullable=False, unique=True),
    sa.Column("desc", sa.String(1000)),
    whole("secrecy", sa.Integer),
)
_node = sa.Table(
    "compute_node",
    METADATA,
    *seed_columns(),
    sa.Column("name", sa.String(100), nullable=False),
    whole("room_id"),
    text("vendor", 100),
    text("model", 100),
    whole("accelerator_memory_mb"),
    whole("share", sa.Integer, 1),
    sa.Column("labels", sa.Text(16_000_000), nullable=False),
    whole("secrecy", sa.Integer),
    whole("draining", sa.SmallInteger),
    whole("heartbeat_seconds", sa.Integer),
    whole("heartbeat_time"),
    whole("clock_off_ms"),
    sa.Index("compute_node_name", "name"),
)
_allowance = sa.Table(
    "allowance",
    METADATA,
    *seed_columns(),
    whole("kind", sa.Integer),
    whole("subject_id"),
    whole("parent_id"),
    *[whole(f"cap_{name}", default=UNLIMITED) for name in HELD + SPENT],
    *[whole(f"held_{name}") for name in HELD],
    *[whole(f"spent_{name}") for name in SPENT],
    whole("window", sa.Integer),
    whole("window_start"),
    whole("window_end"),
    whole("turn"),
    sa.UniqueConstraint("kind", "subject_id", name="allowance_subject"),
    sa.Index("allowance_turn", "turn"),
)
_reservation = sa.Table(
    "reservation",
    METADATA,
    *seed_columns(),
    whole("project_space_id"),
    whole("user_id"),
    text("holder", 100),
    sa.Column("open_key", sa.String(140), nullable=False, unique=True),
    whole("status", sa.Integer),
    *[whole(name) for name in ("cpu", "memory", "accelerator", "replicas", "tokens", "annotation", "room_id")],
    text("vendor", 100),
    text("model", 100),
    sa.Column("labels", sa.Text(16_000_000), nullable=False),
    whole("secrecy", sa.Integer),
    whole("unplaced", sa.SmallInteger),
    *[whole(name) for name in ("platform_row", "department_row", "person_row", "space_row", "node_row", "node_id")],
    *[whole(name) for name in ("lease_until", "paid_time", "hold_time", "end_time", "waits_for")],
    whole("model_version_id"),
    sa.Index("reservation_space", "project_space_id", "id"),
    sa.Index("reservation_lease", "status", "lease_until"),
    sa.Index("reservation_queue", "waits_for", "status", "id"),
    sa.Index("reservation_node", "node_id", "status"),
)


class ResourceRepository:
    def __init__(self) -> None:
        self.rooms = Repository("machine_room", _room, MachineRoom)
        self.nodes = Repository("compute_node", _node, Node)
        self.allowances = Repository("quota", _allowance, Allowance, told=False)
        self.reservations = Repository("reservation", _reservation, Stored, told=False)
        self._by_ids = Statement(self.allowances.everything().where(_among()))
        subject = (_allowance.c.kind == sa.bindparam("kind"), _allowance.c.subject_id == sa.bindparam("subject_id"))
        self._by_subject = Statement(self.allowances.everything().where(*subject))
        self._by_key = Statement(self.reservations.everything().where(_reservation.c.open_key == sa.bindparam("key")))
        self._taking = {spends: Change(_take(spends)) for spends in (False, True)}
        self._giving = Change(_give())
        self.ledger = Ledger()

    # --- allowances

    def allowance(self, conn: sa.Connection, kind: int, subject_id: int) -> Allowance | None:
        row = self._by_subject.row(conn, {"kind": int(kind), "subject_id": subject_id})
        return None if row is None else self.allowances.load(row)

    def made_allowance(self, tx: Transaction, kind: int, subject_id: int) -> Allowance:
        """That of a subject, made without limits where nobody set any: what is held before a quota is set counts in it."""
        found = self.allowance(tx.conn, kind, subject_id)
        if found is not None:
            return found
        try:
            return self.allowances.insert(tx, Allowance(tx.database.ids.next(), kind, subject_id))
        except sa.exc.IntegrityError as error:
            raise Contended("quota") from error  # somebody else's first, at the same moment

    def by_ids(self, conn: sa.Connection, ids: Sequence[int]) -> list[Allowance]:
        rows = self._by_ids.rows(conn, _ids(ids))
        return [self.allowances.load(row) for row in rows]

    def take(self, tx: Transaction, want: Want, rows: Sequence[int], department_row: int, ticket: int) -> bool:
        """The one conditional write: takes from all of ``rows`` when each has it and nobody comes first. False: it did not find them all
        so, and the transaction must be given up."""
        values = {**_ids(rows), **_values(want), "department": department_row, "ticket": ticket}
        if want.spends:
            values |= _windows(tx.now)
        return self._taking[want.spends].run(tx.conn, values) == len([id for id in rows if id])

    def give_back(self, tx: Transaction, want: Want, rows: Sequence[int], paid_time: int) -> None:
        """Of what is spent, only where the window it was paid in still goes on."""
        self._giving.run(tx.conn, {**_ids(rows), **_values(want), "paid_time": paid_time, "now": tx.now})

    def set_limits(self, tx: Transaction, row: Allowance, values: Mapping[str, Any]) -> Allowance:
        """Writes these columns and nothing else: what is held moves beside it."""
        changed = {**values, "update_time": tx.now}
        tx.conn.execute(_allowance.update().where(_allowance.c.id == row.id).values(version=_allowance.c.version + 1, **changed))
        return self.by_ids(tx.conn, [row.id])[0]

    def move(self, tx: Transaction, row: Allowance, parent_id: int) -> bool:
        """Puts a person's row below another department; False while it holds something."""
        nothing = [_allowance.c[f"held_{name}"] == 0 for name in HELD]
        return tx.conn.execute(_allowance.update().where(_allowance.c.id == row.id, *nothing).values(parent_id=parent_id)).rowcount == 1

    def close(self, tx: Transaction, row: Allowance) -> bool:
        """Gives nothing more of a row, for ever; False while something of it is held."""
        nothing = [_allowance.c[f"held_{name}"] == 0 for name in HELD]
        closed = {f"cap_{name}": 0 for name in HELD}
        return tx.conn.execute(_allowance.update().where(_allowance.c.id == row.id, *nothing).values(**closed)).rowcount == 1

    def let_pass(self, tx: Transaction, ticket: int) -> None:
        """Nobody waits for ``ticket`` any more."""
        tx.conn.execute(_allowance.update().where(_allowance.c.turn == ticket).values(turn=0))

    def claim_turn(self, tx: Transaction, ticket: int, row: int) -> None:
        """Nobody younger than ``ticket`` passes it at ``row``."""
        free = sa.or_(_allowance.c.turn == 0, _allowance.c.turn > ticket)
        tx.conn.execute(_allowance.update().where(_allowance.c.id == row, free).values(turn=ticket))

    # --- nodes

    def candidates(self, conn: sa.Connection, want: Want, placement: Placement, ticket: int) -> list[Candidate]:
        """Nodes that have room and may hold it, those with the least left first, so that large requests find whole nodes."""
        return [self._candidate(row) for row in self._fitting.rows(conn, {**_values(want), **_place(placement), "ticket": ticket})]

    def of_nodes(self, conn: sa.Connection, ids: Sequence[int]) -> dict[int, Allowance]:
        """node id -> its allowance."""
        mine = self.allowances.everything().where(_allowance.c.kind == NODE, _allowance.c.subject_id.in_(ids))
        return {row.subject_id: row for row in map(self.allowances.load, conn.execute(mine))}

    def room_names(self, conn: sa.Connection) -> dict[int, str]:
        return dict(conn.execute(sa.select(_room.c.id, _room.c.name)).all())

    def all_nodes(self, conn: sa.Connection) -> list[Candidate]:
        return [self._candidate(tuple(row)) for row in conn.execute(self._nodes)]

    def is_bounded(self, conn: sa.Connection) -> bool:
        """Whether some limit is set or a node is registered."""
        limited = sa.or_(*[_allowance.c[f"cap_{name}"] < UNLIMITED for name in HELD + SPENT])
        quotas = sa.select(_allowance.c.id).where(limited, _allowance.c.kind != NODE).limit(1)
        return conn.execute(quotas).first() is not None or self.has_nodes(conn)

    def has_nodes(self, conn: sa.Connection) -> bool:
        return self._any_node.row(conn, {}) is not None

    @cached_property
    def _nodes(self) -> sa.Select[Any]:
        mine = sa.and_(_allowance.c.kind == NODE, _allowance.c.subject_id == _node.c.id)
        columns = [_allowance.c[name] for name in self._allowance_columns]
        return self.nodes.everything(*columns).join_from(_node, _allowance, mine).where(_node.c.mark_delete == 0)

    @cached_property
    def _allowance_columns(self) -> list[str]:
        return [column.name for column in self.allowances.everything().selected_columns]

    @cached_property
    def _fitting(self) -> Statement:
        room: sa.BindParameter[int] = sa.bindparam("room", type_=sa.BigInteger)
        vendor, model = (sa.bindparam(name, type_=sa.String) for name in ("vendor", "model"))
        where = (
            sa.or_(room == 0, _node.c.room_id == room),
            sa.or_(vendor == "", _node.c.vendor == vendor),
            sa.or_(model == "", _node.c.model == model),
            _node.c.secrecy >= sa.bindparam("secrecy"),
            _node.c.draining == 0,
            *[
                _allowance.c[f"held_{name}"] + sa.bindparam(name) <= _allowance.c[f"cap_{name}"]
                for name in ("cpu", "memory", "accelerator")
            ],
            sa.or_(_allowance.c.turn == 0, _allowance.c.turn >= sa.bindparam("ticket")),
        )
        left = [_allowance.c[f"cap_{name}"] - _allowance.c[f"held_{name}"] for name in ("accelerator", "cpu", "memory")]
        return Statement(self._nodes.where(*where).order_by(*left, _node.c.id).limit(CANDIDATES))

    @cached_property
    def _any_node(self) -> Statement:
        return Statement(sa.select(_node.c.id).where(_node.c.mark_delete == 0).limit(1))

    def _candidate(self, row: tuple[Any, ...]) -> Candidate:
        width = len(row) - len(self._allowance_columns)
        return self.nodes.load(row[:width]), self.allowances.load(row[width:])

    # --- reservations

    def of_key(self, conn: sa.Connection, key: str) -> Stored | None:
        row = self._by_key.row(conn, {"key": key})
        return None if row is None else self.reservations.load(row)

    def ahead(self, conn: sa.Connection, row: int, ticket: int) -> int:
        """How many who came earlier wait for the same."""
        waiting = (_reservation.c.waits_for == row, _reservation.c.status == int(ReservationStatus.WAITING), _reservation.c.id < ticket)
        return int(conn.execute(sa.select(sa.func.count()).where(*waiting)).scalar_one())

    def lapsed(self, conn: sa.Connection, now: int, most: int) -> list[Stored]:
        """Whose lease ended, the longest ago first."""
        query = self.reservations.everything().where(_reservation.c.lease_until <= now)
        found: list[Stored] = []
        for status in (ReservationStatus.HELD, ReservationStatus.WAITING):
            chosen = query.where(_reservation.c.status == int(status)).order_by(_reservation.c.lease_until).limit(most - len(found))
            found += [self.reservations.load(row) for row in conn.execute(chosen)]
        return found

    def held_by_node(self, conn: sa.Connection) -> dict[int, int]:
        """node id -> reservations it holds."""
        held = sa.select(_reservation.c.node_id, sa.func.count()).where(_reservation.c.status == int(ReservationStatus.HELD))
        return {id: count for id, count in conn.execute(held.group_by(_reservation.c.node_id)) if id}

    def held(self, conn: sa.Connection) -> list[Stored]:
        """All that is held now."""
        mine = _reservation.c.status == int(ReservationStatus.HELD)
        return [self.reservations.load(tuple(row)) for row in conn.execute(self.reservations.everything().where(mine))]

    def by_status(self, conn: sa.Connection) -> dict[int, int]:
        """Live status -> how many."""
        column = _reservation.c.status
        live = column.in_([int(ReservationStatus.WAITING), int(ReservationStatus.HELD)])
        return dict(conn.execute(sa.select(column, sa.func.count()).where(live).group_by(column)).all())


_SLOTS = ("row0", "row1", "row2", "row3", "row4")


def _among() -> sa.ColumnElement[bool]:
    return _allowance.c.id.in_([sa.bindparam(name, type_=sa.BigInteger) for name in _SLOTS])


def _ids(rows: Sequence[int]) -> dict[str, int]:
    return dict(zip(_SLOTS, (*rows, 0, 0, 0, 0, 0), strict=False))


def _values(want: Want) -> dict[str, int]:
    return {name: getattr(want, name) for name in HELD + SPENT}


def _place(placement: Placement) -> dict[str, Any]:
    return {"room": placement.room_id, "vendor": placement.vendor, "model": placement.model, "secrecy": int(placement.secrecy)}


def _windows(now: int) -> dict[str, int]:
    found = {"now": now}
    for kind in QuotaWindow:
        found[f"start{int(kind)}"], found[f"end{int(kind)}"] = window_of(kind, now)
    return found


def _spent(name: str) -> sa.ColumnElement[int]:
    """What is spent of it in the window that goes on."""
    return sa.case((_allowance.c.window_end > sa.bindparam("now"), _allowance.c[f"spent_{name}"]), else_=0)


def _bound_of_window(name: str) -> sa.ColumnElement[int]:
    begun = sa.case(*[(_allowance.c.window == int(kind), sa.bindparam(f"{name}{int(kind)}")) for kind in QuotaWindow], else_=0)
    return sa.case((_allowance.c.window_end > sa.bindparam("now"), _allowance.c[f"window_{name}"]), else_=begun)


def _fits(name: str, used: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """What is not asked for always fits: a limit may be lowered below what is held."""
    return sa.or_(sa.bindparam(name) == 0, used + sa.bindparam(name) <= _allowance.c[f"cap_{name}"])


def _take(spends: bool) -> sa.Update:
    """A node bounds no spending: it has no limits of that. A person's row must still be below the department that is asked."""
    held = [(_allowance.c[f"held_{name}"], _allowance.c[f"held_{name}"] + sa.bindparam(name)) for name in HELD]
    fits = [_fits(name, _allowance.c[f"held_{name}"]) for name in HELD]
    if spends:
        held += [(_allowance.c[f"spent_{name}"], _spent(name) + sa.bindparam(name)) for name in SPENT]
        # Last, and the end after the start: MySQL computes each from what those before it left.
        held += [(_allowance.c[f"window_{name}"], _bound_of_window(name)) for name in ("start", "end")]
        fits += [_fits(name, _spent(name)) for name in SPENT]
    placed = sa.or_(_allowance.c.kind != int(QuotaKind.PERSON), _allowance.c.parent_id == sa.bindparam("department"))
    turn = sa.or_(_allowance.c.turn == 0, _allowance.c.turn >= sa.bindparam("ticket"))
    return _allowance.update().where(_among(), placed, *fits, turn).ordered_values(*held)


def _give() -> sa.Update:
    held = [(_allowance.c[f"held_{name}"], _allowance.c[f"held_{name}"] - sa.bindparam(name)) for name in HELD]
    goes_on = sa.and_(_allowance.c.window_start <= sa.bindparam("paid_time"), _allowance.c.window_end > sa.bindparam("now"))
    back = [
        (_allowance.c[f"spent_{name}"], _allowance.c[f"spent_{name}"] - sa.case((goes_on, sa.bindparam(name)), else_=0)) for name in SPENT
    ]
    return _allowance.update().where(_among()).ordered_values(*held, *back)
