"""Claim next: who asks gets the item that waits longest and that is theirs to have.

A claim looks without any lock, then writes under conditions: the member as it was read, the items as long as they are free, and a new
assignment each, of which the store admits one per item, round and person. Nothing it looks at grows with the number of items: a person
passes every place of a lane once (``Member.passed_*``), and an item that comes back gets a new place.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Contended, Transaction
from libs.common.store.mutation import mutation
from libs.people.answering import Answering
from libs.people.records import Assignment, Item, Job, Member, Work
from libs.people.rule import Rule, gold_is_due
from libs.people.states import AssignmentStatus, JobStatus, Lane, Why, WorkRole

TRIES = 12
SPREAD = 16  # items among which is chosen once several people reached for the same
PASSED = {Lane.RETURNED: "passed_returned", Lane.FRESH: "passed_fresh", Lane.INSPECTION: "passed_fresh", Lane.GOLD: "passed_gold"}
LANES = {WorkRole.ANNOTATOR: (Lane.RETURNED, Lane.FRESH), WorkRole.INSPECTOR: (Lane.INSPECTION,)}


@dataclass(frozen=True)
class Claimed:
    """All that the person holds now. why: why it is less than was asked for."""

    work: list[Work]
    why: Why = Why.NOTHING


class Pick(NamedTuple):
    item_id: int
    lane: Lane
    place: int


@dataclass
class Picks:
    """Items to be taken, and the places the person has passed then."""

    found: list[Pick] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)

    def take(self, lane: Lane, seen: Sequence[tuple[int, int]], chosen: set[int]) -> None:
        """seen: (id, place) of what waits in a lane, in its order. What was left lies before the new mark, and is seen again."""
        self.found += [Pick(id, lane, place) for id, place in seen if id in chosen]
        for id, place in seen:
            if id not in chosen:
                break
            self.passed[PASSED[lane]] = place

    def mixed(self) -> list[Pick]:
        """In the order in which they get their ids: neither may say which answers are known."""
        mixed = [pick for pick in self.found if pick.lane != Lane.GOLD]
        for pick in self.found:
            if pick.lane == Lane.GOLD:
                mixed.insert(random.randint(0, len(mixed)), pick)
        return mixed


class _Lost(Exception):
    """Somebody else was faster: nothing of this claim was written."""


class Claiming(Answering):
    @mutation
    def claim(
        self, ctx: CallContext, *, job_id: int, role: WorkRole = WorkRole.ANNOTATOR, want: int = 1, departments: Sequence[int] = ()
    ) -> Claimed:
        """So many items that the person holds ``want``; those they hold already come first. departments: of the person. Raises FORBIDDEN
        for somebody outside the pools."""
        spread = 0
        for _ in range(TRIES):
            job = self.job(ctx, job_id)
            if job.status != JobStatus.OPEN:
                return Claimed([], Why.NOT_OPEN)
            try:
                claimed = self._claim(ctx, job, role, want, departments, spread)
            except (_Lost, sa.exc.IntegrityError):  # the store's own key: the same person in another window
                spread = SPREAD
                continue
            if claimed is not None:
                return claimed
        raise Contended("claims of one job")

    def _claim(self, ctx: CallContext, job: Job, role: WorkRole, want: int, departments: Sequence[int], spread: int) -> Claimed | None:
        """None: try again."""
        rule = self.rule(job)
        with self.db.read() as conn:
            self._admit(conn, ctx, job, role, departments)
            member = self.member(conn, ctx, job.id, role, ctx.user_id)
            held = self._held(conn, ctx, member) if member else []
        if member is None:
            self._join(ctx, job, role, rule)
            return None
        if self.expire(ctx, [each for each in held if each.lease_until < self.db.clock.now_ms()]):
            return None
        with self.db.read() as conn:
            room, why = self._room(conn, rule, member, held, want)
            picks = self._pick(conn, job, rule, member, room, spread)
            if not picks.found:
                items = self.items_by_id(conn, [each.item_id for each in held])
                mine = [self.seen(conn, job, each, items[each.item_id]) for each in held]
        if picks.found:
            return self._take(ctx, job, rule, member, held, picks, why)
        if room > 0:
            self._leave(ctx, rule, member)
        return Claimed(mine, Why.NONE_LEFT if room > 0 else why)

    # --- who may, and how many

    def _admit(self, conn: sa.Connection, ctx: CallContext, job: Job, role: WorkRole, departments: Sequence[int]) -> None:
        asked = job.annotators if role == WorkRole.ANNOTATOR else job.inspectors
        if role == WorkRole.ANNOTATOR and not asked:
            return
        column = self.store.pools.column
        for row in conn.execute(self.store.pools.everything().where(column("id").in_(asked), column("project_space_id") == ctx.space_id)):
            pool = self.store.pools.load(row)
            if ctx.user_id in pool.users or set(departments) & set(pool.departments):
                return
        raise PlatformError(403, Reason.FORBIDDEN, field="job_id", limit="people of the pools of this work")

    def _join(self, ctx: CallContext, job: Job, role: WorkRole, rule: Rule) -> None:
        with self.db.begin(ctx) as tx:
            if self.member(tx.conn, ctx, job.id, role, ctx.user_id) is None:
                made = Member(self.db.ids.next(), job.id, ctx.space_id, ctx.user_id, role, job.skill)
                start = self._start(rule, made, self._lowest(tx.conn, job.id, role, tx.now, ctx.user_id), tx.now)
                self.store.members.insert(tx, replace(made, head_start=start))

    def _held(self, conn: sa.Connection, ctx: CallContext, member: Member) -> list[Assignment]:
        facts = {"job_id": member.job_id, "person_id": ctx.user_id, "nth": 0, "status": int(AssignmentStatus.HELD)}
        found = self.store.assignments.all_by(conn, ctx, 1000, **facts)
        return sorted((each for each in found if each.role == member.role), key=lambda each: (each.claim_time, each.id))

    def _room(self, conn: sa.Connection, rule: Rule, member: Member, held: list[Assignment], want: int) -> tuple[int, Why]:
        room = min(want, rule.at_once) - len(held)
        if room <= 0:
            return 0, Why.ENOUGH_HELD if want > rule.at_once else Why.NOTHING
        bounds = [(room, Why.ENOUGH_HELD if want > rule.at_once else Why.NOTHING)]
        if member.role == WorkRole.ANNOTATOR:
            if rule.gold_misses is not None and member.gold_missed >= rule.gold_misses:
                return 0, Why.BARRED
            if rule.cap is not None:
                bounds.append((rule.cap - member.load, Why.CAP))
            if rule.lead is not None:
                now = self.db.clock.now_ms()
                lowest = self._lowest(conn, member.job_id, member.role, now, member.person_id)
                ahead = member.load + self._start(rule, member, lowest, now)
                bounds.append((rule.lead + lowest - ahead if lowest is not None else room, Why.AHEAD))
        return min(bounds, key=lambda bound: bound[0])

    def _lowest(self, conn: sa.Connection, job_id: int, role: WorkRole, now: int, but: int) -> int | None:
        """The fewest items that anybody else has who works now."""
        table = self.store.members.table
        others = (table.c.job_id == job_id, table.c.role == int(role), table.c.present_until > now, table.c.person_id != but)
        found: int | None = conn.execute(sa.select(sa.func.min(table.c.load + table.c.head_start)).where(*others)).scalar()
        return found

    def _start(self, rule: Rule, member: Member, lowest: int | None, now: int) -> int:
        """The head start of a member; who comes, or comes back, begins where the others are and is next."""
        if rule.lead is None or lowest is None or member.present_until > now:
            return member.head_start
        return max(member.head_start, lowest - rule.lead - member.load)

    # --- which

    def _pick(self, conn: sa.Connection, job: Job, rule: Rule, member: Member, room: int, spread: int) -> Picks:
        picks = Picks()
        if room <= 0:
            return picks
        due = 0
        if member.role == WorkRole.ANNOTATOR:
            due = sum(gold_is_due(job.seed, member.person_id, member.claims + n, rule.gold_percent) for n in range(room))
        known = self._waiting(conn, member, Lane.GOLD, due) if due else []
        needed = max(1, room - len(known))
        for lane in LANES[member.role]:
            seen = self._waiting(conn, member, lane, needed + spread)
            chosen = random.sample(seen, min(needed, len(seen))) if spread else seen
            picks.take(lane, seen, {id for id, _ in chosen})
            needed -= len(chosen)
            if needed <= 0:
                break
        if not picks.found:  # known answers alone would say that they are known
            return picks
        if len(known) == room:
            picks = Picks()
        picks.take(Lane.GOLD, known, {id for id, _ in known})
        return picks

    def _waiting(self, conn: sa.Connection, member: Member, lane: Lane, most: int) -> list[tuple[int, int]]:
        """(id, place) of the first items of a lane that the person has not passed and may have."""
        query = self.store.items.prepared(("waiting", member.role), lambda: self._waiting_query(member.role))
        facts = {"job": member.job_id, "lane": int(lane), "passed": getattr(member, PASSED[lane]), "person": member.person_id}
        return [(row[0], row[1]) for row in query.rows(conn, {**facts, "most": most})]

    def _waiting_query(self, role: WorkRole) -> sa.Select[Any]:
        item, had = self.store.items.table, self.store.assignments.table
        theirs = (had.c.item_id == item.c.id, had.c.person_id == sa.bindparam("person"))
        if role == WorkRole.ANNOTATOR:  # a new round is for everybody but who inspected; who inspects has never answered
            then = sa.or_(had.c.round == item.c.round, had.c.role == int(WorkRole.INSPECTOR))
        else:
            then = had.c.role == int(WorkRole.ANNOTATOR)
        return (
            sa.select(item.c.id, item.c.place)
            .where(
                item.c.job_id == sa.bindparam("job"),
                item.c.lane == sa.bindparam("lane"),
                item.c.place > sa.bindparam("passed"),
                item.c.author_id != sa.bindparam("person"),
                ~sa.exists().where(*theirs, then),
            )
            .order_by(item.c.place)
            .limit(sa.bindparam("most"))
        )

    # --- taking

    def _take(
        self, ctx: CallContext, job: Job, rule: Rule, member: Member, held: list[Assignment], picks: Picks, why: Why
    ) -> Claimed | None:
        with self.db.begin(ctx, turn=False) as tx:
            if not self._counted(tx, rule, member, picks):
                return None
            self._items_taken(tx, picks)
            items = self.items_by_id(tx.conn, [pick.item_id for pick in picks.found] + [each.item_id for each in held])
            made = [self._assignment(tx, rule, member, items[pick.item_id]) for pick in picks.mixed()]
            self.store.assignments.insert_all(tx, made)
            work = [self.seen(tx.conn, job, each, items[each.item_id]) for each in (*held, *made)]
            return tx.done(Claimed(work, why))

    def _counted(self, tx: Transaction, rule: Rule, member: Member, picks: Picks) -> bool:
        """Writes what the claim means for its person; False when they changed since, as in another window."""
        table = self.store.members.table
        values: dict[str, Any] = {
            "claims": member.claims + len(picks.found),
            "load": member.load + sum(pick.lane != Lane.GOLD for pick in picks.found),
            "held": member.held + len(picks.found),
            "present_until": tx.now + rule.lease_seconds * 1000,
            "version": member.version + 1,
            "update_time": tx.now,
            **picks.passed,
        }
        if rule.lead is not None:
            lowest = self._lowest(tx.conn, member.job_id, member.role, tx.now, member.person_id)
            values["head_start"] = self._start(rule, member, lowest, tx.now)
        as_read = (table.c.id == member.id, table.c.version == member.version)
        return tx.conn.execute(table.update().where(*as_read).values(values)).rowcount == 1

    def _items_taken(self, tx: Transaction, picks: Picks) -> None:
        table = self.store.items.table
        ids = [pick.item_id for pick in picks.found if pick.lane != Lane.GOLD]
        if not ids:
            return
        lanes = [int(lane) for lane in {pick.lane for pick in picks.found}]
        still = (table.c.id.in_(ids), table.c.lane.in_(lanes), table.c.free > 0)
        # In this order: a server takes what it has just written for the next column.
        last = sa.case((table.c.free == 1, int(Lane.NONE)), else_=table.c.lane)
        if tx.conn.execute(
            table.update().where(*still).ordered_values((table.c.lane, last), (table.c.free, table.c.free - 1))
        ).rowcount != len(ids):
            raise _Lost

    def items_by_id(self, conn: sa.Connection, ids: list[int]) -> dict[int, Item]:
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
