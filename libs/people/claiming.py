"""Claim next: who asks gets the item that waits longest and that is theirs to have.

A claim looks without any lock (``looking``), takes what of that is still free and in nobody else's hands at the moment, and writes under
conditions: the member as it was read, the items as long as they are free, and an assignment each, of which the store admits one per item,
round and person. Nothing it looks at grows with the number of items: a person passes every place of a lane once (``Member.passed_*``), and
an item that comes back gets a new place.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, NamedTuple

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Contended, Database, Transaction
from libs.people.desk import Changed, among, listed
from libs.people.looking import LANES, PASSED, Look, Looking
from libs.people.records import Assignment, Item, Member, Work
from libs.people.rule import Rule, gold_is_due
from libs.people.rush import Rush
from libs.people.states import ClaimBound, JobStatus, Lane, WorkRole
from libs.people.tables import PeopleStore

TRIES = 12
PATIENT = 2  # times somebody finds others at all of them before they wait for these


@dataclass(frozen=True)
class Claimed:
    """All that the person holds now. why: why it is less than was asked for."""

    work: list[Work]
    why: ClaimBound = ClaimBound.NOTHING


class Reach(NamedTuple):
    """more: items beside those it needs, among which a claim takes what nobody else is taking. patient: it waits for whoever is."""

    more: int
    patient: bool


class Wanted(NamedTuple):
    """What a claim reaches for. ids: of items that wait, in their order, of which it takes ``needed``. known: of known answers."""

    ids: Sequence[int] = ()
    needed: int = 0
    known: Sequence[int] = ()
    patient: bool = False

    @property
    def many(self) -> int:
        return self.needed + len(self.known)


class _Lost(Exception):
    """Somebody else was faster: nothing of this claim was written."""


class Claiming(Looking):
    def __init__(self, db: Database, changed: Changed, store: PeopleStore) -> None:
        super().__init__(db, changed, store)
        self._rush = Rush()

    def claim(
        self, ctx: CallContext, *, job_id: int, role: WorkRole = WorkRole.ANNOTATOR, want: int = 1, departments: Sequence[int] = ()
    ) -> Claimed:
        """So many items that the person holds ``want``; those they hold already come first. departments: of the person. Raises FORBIDDEN
        for somebody outside the pools."""
        more = self._rush.around(job_id)
        for lost in range(TRIES):
            try:
                claimed = self._claim(ctx, job_id, role, want, departments, Reach(more, patient=lost >= PATIENT))
            except (_Lost, sa.exc.IntegrityError):  # the store's own key: the same person in another window
                more = self._rush.lost(job_id, more)
                continue
            if claimed is not None:
                return claimed
        raise Contended("claims of one job")

    def _claim(self, ctx: CallContext, job_id: int, role: WorkRole, want: int, departments: Sequence[int], reach: Reach) -> Claimed | None:
        """None: try again."""
        look = self.look(ctx, job_id, role, departments, want, reach.more)
        if look.job.status != JobStatus.OPEN:
            return Claimed([], ClaimBound.NOT_OPEN)
        if not look.admitted:
            raise PlatformError(403, Reason.FORBIDDEN, field="task_id", limit="people of the pools of this work")
        if look.member is None:
            self._join(ctx, look, role)
            return None
        if self.expire(ctx, [each for each, _ in look.held if each.lease_until < self.db.clock.now_ms()]):
            return None
        room, why = self._room(look, look.member, want)
        wanted = _wanted(look, look.member, room, reach)
        if wanted.many:
            return self._take(ctx, look, look.member, wanted, ClaimBound.NONE_LEFT if wanted.many < room else why)
        if room > 0:
            self._leave(ctx, look.rule, look.member)
        with self.db.read() as conn:
            return Claimed(self.all_seen(conn, look.job, look.held), ClaimBound.NONE_LEFT if room > 0 else why)

    # --- how many

    def _join(self, ctx: CallContext, look: Look, role: WorkRole) -> None:
        with self.db.begin(ctx, turn=False) as tx:
            made = Member(self.db.ids.next(), look.job.id, ctx.space_id, ctx.user_id, role, look.job.skill)
            self.store.members.insert(tx, replace(made, head_start=_start(look, made, tx.now)))

    def _room(self, look: Look, member: Member, want: int) -> tuple[int, ClaimBound]:
        rule, lowest = look.rule, look.lowest
        room, why = min(want, rule.at_once) - len(look.held), ClaimBound.ENOUGH_HELD if want > rule.at_once else ClaimBound.NOTHING
        if room <= 0:
            return 0, why
        bounds = [(room, why)]
        if member.role == WorkRole.ANNOTATOR:
            if rule.gold_misses is not None and member.gold_missed >= rule.gold_misses:
                return 0, ClaimBound.BARRED
            if rule.cap is not None:
                bounds.append((rule.cap - member.load, ClaimBound.CAP))
            if rule.lead is not None and lowest is not None:
                ahead = member.load + _start(look, member, self.db.clock.now_ms())
                bounds.append((rule.lead + lowest - ahead, ClaimBound.AHEAD))
        return min(bounds, key=lambda bound: bound[0])

    # --- taking

    def _take(self, ctx: CallContext, look: Look, member: Member, wanted: Wanted, why: ClaimBound) -> Claimed | None:
        with self.db.begin(ctx, turn=False) as tx:
            items = self._free(tx, look, wanted) if wanted.needed else []
            known = list(self.items_by_id(tx.conn, wanted.known).values()) if wanted.known else []
            if not self._counted(tx, look, member, items, known):
                return None
            self._items_taken(tx, items)
            made = [(self._assignment(tx, look.rule, member, item), item) for item in _mixed(items, known)]
            self.store.assignments.insert_all(tx, [each for each, _ in made])
            return tx.done(Claimed(self.all_seen(tx.conn, look.job, [*look.held, *made]), why))

    def _free(self, tx: Transaction, look: Look, wanted: Wanted) -> list[Item]:
        """Items that were seen waiting and still do, which nobody else takes before the end of this transaction."""
        names, values = listed(wanted.ids)
        query = self.store.items.prepared(("free", len(names), wanted.patient), lambda: self._free_query(names, wanted.patient))
        found = {item.id: item for item in map(self.store.items.load, query.rows(tx.conn, {**values, "most": wanted.needed}))}
        seen = {id: (lane, place) for lane, rows in look.waiting.items() for id, place in rows}
        items = [found[id] for id in wanted.ids if id in found and seen[id] == (found[id].lane, found[id].place)]
        if len(items) < wanted.needed:
            raise _Lost
        return items

    def _free_query(self, names: Sequence[str], patient: bool) -> sa.Select[Any]:
        table = self.store.items.table
        free = (among(table.c.id, names), table.c.free > 0)
        return self.store.items.everything().where(*free).limit(sa.bindparam("most")).with_for_update(skip_locked=not patient)

    def _counted(self, tx: Transaction, look: Look, member: Member, items: Sequence[Item], known: Sequence[Item]) -> bool:
        """Writes what the claim means for its person; False when they changed since, as in another window."""
        many = len(items) + len(known)
        to = {
            "claims": member.claims + many,
            "load": member.load + len(items),
            "held": member.held + many,
            "head_start": _start(look, member, tx.now),
            "present_until": tx.now + look.rule.lease_seconds * 1000,
            "version": member.version + 1,
            "update_time": tx.now,
            **_passed(look, member, {item.id for item in (*items, *known)}),
        }
        change = self.store.members.changing("counted", lambda: self._counted_update(list(to)))
        values = {f"to_{name}": value for name, value in to.items()}
        return change.run(tx.conn, {"member": member.id, "as_read": member.version, **values}) == 1

    def _counted_update(self, names: Sequence[str]) -> sa.Update:
        table = self.store.members.table
        as_read = (table.c.id == sa.bindparam("member"), table.c.version == sa.bindparam("as_read"))
        return table.update().where(*as_read).values({name: sa.bindparam(f"to_{name}") for name in names})

    def _items_taken(self, tx: Transaction, items: Sequence[Item]) -> None:
        if not items:
            return
        names, values = listed([item.id for item in items])
        if self.store.items.changing(("taken", len(names)), lambda: self._taken_update(names)).run(tx.conn, values) != len(items):
            raise _Lost

    def _taken_update(self, names: Sequence[str]) -> sa.Update:
        table = self.store.items.table
        still = (among(table.c.id, names), table.c.free > 0)
        # In this order: a server takes what it has just written for the next column.
        last = sa.case((table.c.free == 1, int(Lane.NONE)), else_=table.c.lane)
        return table.update().where(*still).ordered_values((table.c.lane, last), (table.c.free, table.c.free - 1))

    def items_by_id(self, conn: sa.Connection, ids: Sequence[int]) -> dict[int, Item]:
        query = self.store.items.everything().where(self.store.items.column("id").in_(ids))
        return {item.id: item for item in map(self.store.items.load, conn.execute(query))}

    def _assignment(self, tx: Transaction, rule: Rule, member: Member, item: Item) -> Assignment:
        return Assignment(
            id=self.db.ids.next(),
            job_id=member.job_id,
            item_id=item.id,
            project_space_id=member.project_space_id,
            person_id=member.person_id,
            role=member.role,
            round=item.round,
            gold=item.gold,
            lease_until=tx.now + rule.lease_seconds * 1000,
            claim_time=tx.now,
        )

    def _leave(self, ctx: CallContext, rule: Rule, member: Member) -> None:
        """Nothing is left for somebody: the others need not wait for them."""
        if rule.lead is None or not member.present_until:
            return
        table = self.store.members.table
        with self.db.begin(ctx, turn=False) as tx:
            tx.conn.execute(table.update().where(table.c.id == member.id, table.c.version == member.version).values(present_until=0))


def _start(look: Look, member: Member, now: int) -> int:
    """The head start of a member; who comes, or comes back, begins where the others are and is next."""
    if look.rule.lead is None or look.lowest is None or member.present_until > now:
        return member.head_start
    return max(member.head_start, look.lowest - look.rule.lead - member.load)


def _wanted(look: Look, member: Member, room: int, reach: Reach) -> Wanted:
    ids = [id for lane in LANES[member.role] for id, _ in look.waiting[lane]]
    if room <= 0 or not ids:  # known answers alone would say that they are known
        return Wanted()
    due = 0
    if member.role == WorkRole.ANNOTATOR:
        due = sum(gold_is_due(look.job.seed, member.person_id, member.claims + n, look.rule.gold_percent) for n in range(room))
    known = [id for id, _ in look.waiting.get(Lane.GOLD, ())[:due]]
    needed = min(room - len(known), len(ids))
    return Wanted(ids[: needed + reach.more], needed, known, reach.patient)


def _passed(look: Look, member: Member, taken: set[int]) -> dict[str, int]:
    """The places the person has passed. What was left lies before the new mark, and is seen again."""
    passed = {name: getattr(member, name) for name in PASSED.values()}
    for lane, seen in look.waiting.items():
        for _, place in takewhile(lambda row: row[0] in taken, seen):
            passed[PASSED[lane]] = place
    return passed


def _mixed(items: Sequence[Item], known: Sequence[Item]) -> list[Item]:
    """In the order in which they get their ids: neither may say which answers are known."""
    mixed = list(items)
    for item in known:
        mixed.insert(random.randint(0, len(mixed)), item)
    return mixed
