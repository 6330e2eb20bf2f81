"""All that a claim decides on, as it stood at one moment: one trip to a server (docs/decisions/0016)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import not_found
from libs.common.store.database import Database
from libs.common.store.statement import Row, Together
from libs.people.answering import Answering
from libs.people.desk import Changed, among, kept
from libs.people.records import Assignment, Item, Job, Member, Pool
from libs.people.rule import Rule
from libs.people.states import AssignmentStatus, Lane, WorkRole
from libs.people.tables import PeopleStore

PASSED = {Lane.RETURNED: "passed_returned", Lane.FRESH: "passed_fresh", Lane.INSPECTION: "passed_fresh", Lane.GOLD: "passed_gold"}
LANES = {WorkRole.ANNOTATOR: (Lane.RETURNED, Lane.FRESH), WorkRole.INSPECTOR: (Lane.INSPECTION,)}


@dataclass(frozen=True)
class Look:
    """held: what the person has, the first first. waiting: (id, place) of the first items of each lane that they have not passed and may
    have. lowest: the fewest items that anybody else has who works now; None also where the rule does not ask."""

    job: Job
    rule: Rule
    admitted: bool
    member: Member | None
    held: list[tuple[Assignment, Item]]
    waiting: dict[Lane, Sequence[Row]]
    lowest: int | None


class Looking(Answering):
    def __init__(self, db: Database, changed: Changed, store: PeopleStore) -> None:
        super().__init__(db, changed, store)
        self._known: dict[int, Job] = {}
        self._pools: dict[int, Pool] = {}
        self._together: dict[tuple[Any, ...], Together] = {}
        self._wide = len(store.assignments.everything().selected_columns)

    def look(self, ctx: CallContext, job_id: int, role: WorkRole, departments: Collection[int], want: int, more: int) -> Look:
        """want: items that the person wants to hold; so many are looked at in each lane, and ``more``. Raises NOT_FOUND."""
        known = self._as_known(ctx, job_id)
        rule, asked = self.rule(known), known.annotators if role == WorkRole.ANNOTATOR else known.inspectors
        lanes = LANES[role] + ((Lane.GOLD,) if role == WorkRole.ANNOTATOR and rule.gold_percent else ())
        me = {"id": job_id, "job_id": job_id, "role": int(role), "person_id": ctx.user_id, "now": self.db.clock.now_ms()}
        values = {
            **self.store.jobs.scope(ctx),
            **me,
            "most": max(0, min(want, rule.at_once)) + more,
            **{f"pool_{n}": id for n, id in enumerate(asked)},
        }
        with self.db.read() as conn:
            found = iter(self._asked(role, lanes, len(asked), rule.lead is not None).rows(conn, values))
        jobs, members, held = next(found), next(found), next(found)
        if not jobs:
            raise not_found(self.store.jobs.kind, job_id)
        return Look(
            job=self.store.jobs.load(jobs[0]),
            rule=rule,
            waiting={lane: next(found) for lane in lanes},
            admitted=self._admitted(ctx, next(found), departments) if asked else role == WorkRole.ANNOTATOR,
            lowest=next(found)[0][0] if rule.lead is not None else None,
            member=self.store.members.load(members[0]) if members else None,
            held=sorted(map(self._pair, held), key=lambda pair: (pair[0].claim_time, pair[0].id)),
        )

    def _as_known(self, ctx: CallContext, job_id: int) -> Job:
        """A job as it was once: for its rule and its pools, which never change."""
        return kept(self._known, job_id, lambda: self.job(ctx, job_id))

    def _admitted(self, ctx: CallContext, versions: Sequence[Row], departments: Collection[int]) -> bool:
        pools = [self._pool(id, version) for id, version in versions]
        return any(ctx.user_id in pool.users or set(departments) & set(pool.departments) for pool in pools)

    def _pool(self, id: int, version: int) -> Pool:
        """Of a pool only its version is asked for: it may name thousands."""
        if (known := self._pools.get(id)) and known.version != version:
            self._pools.pop(id, None)
        return kept(self._pools, id, lambda: self._read_pool(id))

    def _read_pool(self, id: int) -> Pool:
        with self.db.read() as conn:
            row = conn.execute(self.store.pools.everything().where(self.store.pools.column("id") == id)).one()
        return self.store.pools.load(row)

    def _pair(self, row: Row) -> tuple[Assignment, Item]:
        return self.store.assignments.load(row[: self._wide]), self.store.items.load(row[self._wide :])

    # --- what is asked

    def _asked(self, role: WorkRole, lanes: Sequence[Lane], pools: int, lead: bool) -> Together:
        key = (role, lanes, pools, lead)
        if key not in self._together:
            queries = [self.store.jobs.equal("id"), self.store.members.equal("job_id", "role", "person_id"), self._held_query()]
            queries += [self._waiting_query(lane, role) for lane in lanes]
            queries += [self._pools_query(pools)] if pools else []
            queries += [self._lowest_query()] if lead else []
            self._together[key] = Together(*queries)
        return self._together[key]

    def _held_query(self) -> sa.Select[Any]:
        held, item = self.store.assignments.table, self.store.items.table
        columns = [column.label(f"item_{column.name}") for column in self.store.items.everything().selected_columns]
        mine = [held.c[name] == sa.bindparam(name) for name in ("job_id", "person_id", "role")]
        now = (held.c.nth == 0, held.c.status == int(AssignmentStatus.HELD), item.c.id == held.c.item_id)
        return self.store.assignments.everything(*columns).where(*self.store.assignments.prepared_scope(), *mine, *now)

    def _waiting_query(self, lane: Lane, role: WorkRole) -> sa.Select[Any]:
        me, item, had = self.store.members.table, self.store.items.table, self.store.assignments.table
        mine = [me.c[name] == sa.bindparam(name) for name in ("job_id", "role", "person_id")]
        theirs = (had.c.item_id == item.c.id, had.c.person_id == sa.bindparam("person_id"))
        if role == WorkRole.ANNOTATOR:  # a new round is for everybody but who inspected; who inspects has never answered
            then = sa.or_(had.c.round == item.c.round, had.c.role == int(WorkRole.INSPECTOR))
        else:
            then = had.c.role == int(WorkRole.ANNOTATOR)
        return (
            sa.select(item.c.id, item.c.place)
            .where(
                *mine,
                item.c.job_id == sa.bindparam("job_id"),
                item.c.lane == int(lane),
                item.c.place > me.c[PASSED[lane]],
                item.c.author_id != sa.bindparam("person_id"),
                ~sa.exists().where(*theirs, then),
            )
            .order_by(item.c.place)
            .limit(sa.bindparam("most"))
        )

    def _pools_query(self, count: int) -> sa.Select[Any]:
        pool = self.store.pools.table
        asked = among(pool.c.id, [f"pool_{n}" for n in range(count)])
        return sa.select(pool.c.id, pool.c.version).where(asked, pool.c.project_space_id == sa.bindparam("space"))

    def _lowest_query(self) -> sa.Select[Any]:
        table = self.store.members.table
        others = [table.c[name] == sa.bindparam(name) for name in ("job_id", "role")]
        present = (table.c.present_until > sa.bindparam("now"), table.c.person_id != sa.bindparam("person_id"))
        return sa.select(sa.func.min(table.c.load + table.c.head_start)).where(*others, *present)
