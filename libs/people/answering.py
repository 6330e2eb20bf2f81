"""What somebody does with an item they hold: answer it, keep a draft, skip it, give it back, and take an answer back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason, invalid, missing
from libs.common.store.database import Transaction
from libs.people.desk import Hand
from libs.people.gold import Gold
from libs.people.records import Assignment, Item, Job, Work
from libs.people.states import ASSIGNMENTS, AssignmentStatus, ItemStatus, WorkRole

NOTE_MAX, REASON_MAX = 2000, 1000
AT_ONCE = 500  # leases that ended, taken back in one transaction


class Answering(Gold):
    def submit(self, ctx: CallContext, *, id: int, answer: dict[str, Any], note: str = "") -> Work:
        """Raises ILLEGAL_TRANSITION for what is submitted twice or gone, LEASE_OVER when it is too late, and what is wrong with it."""
        with self.db.begin(ctx) as tx:
            held, job, item, member = self.to_answer(tx, id, "SUBMIT")
            taken = self.template(job).check(answer)
            facts = {"answer": taken, "note": short(note, "note", NOTE_MAX), "reason": ""}
            done = self.move(tx, held, "SUBMIT", **facts, nth=member.nth + 1, submit_time=tx.now, lease_until=0)
            by = {"held": -1, "nth": 1, "answered": int(not done.gold)}
            self.count(tx, done, ctx.user_id, {"present_until": self.lease(tx, job)}, **by)
            if not done.gold:
                self.settle(tx, job, item, answered=item.answered + 1)
            self.known(tx, job, member, done)
            return tx.done(self.seen(tx.conn, job, done, item))

    def skip(self, ctx: CallContext, *, id: int, reason: str) -> Work:
        """Somebody else gets the item; after ``Rule.skips`` people nobody does."""
        if not reason.strip():
            raise missing("reason")
        with self.db.begin(ctx) as tx:
            held, job, item, member = self.to_answer(tx, id, "SKIP")
            facts = {"reason": short(reason, "reason", REASON_MAX), "nth": member.nth + 1, "submit_time": tx.now, "lease_until": 0}
            skipped = self.move(tx, held, "SKIP", **facts, answer={})
            self.count(tx, held, ctx.user_id, held=-1, nth=1, skipped=1, load=-(not held.gold))
            if not held.gold:
                self.store.items.update(tx, item, skips=item.skips + 1)
                self.waits_again(tx, job, held.item_id)
            return tx.done(self.seen(tx.conn, job, skipped, item))

    def release(self, ctx: CallContext, *, id: int) -> Work:
        """Gives an item back, to be given to anybody again."""
        with self.db.begin(ctx) as tx:
            held, job, item, _ = self.held_by_me(tx, id, "RELEASE", late=True)
            return tx.done(self.seen(tx.conn, job, self.give_back(tx, job, held, "RELEASE"), item))

    def undo(self, ctx: CallContext, *, id: int) -> Work:
        """Takes an answer back, to be changed, until an inspector has the item. Raises ILLEGAL_TRANSITION after that."""
        with self.db.begin(ctx) as tx:
            done, job, item, _ = self.mine(tx, id)
            if done.role == WorkRole.INSPECTOR:
                raise PlatformError(409, Reason.ILLEGAL_TRANSITION, field="status", limit="none", state="DECIDED", event="UNDO")
            ASSIGNMENTS.next(done.status, "UNDO")
            if not done.gold:
                self._taken_back(tx, job, item)
            current = self.store.assignments.get(tx.conn, ctx, id)
            held = self.move(tx, current, "UNDO", nth=0, submit_time=0, agreed=0, lease_until=self.lease(tx, job))
            self.count(tx, done, ctx.user_id, held=1, answered=-(not done.gold))
            return tx.done(self.seen(tx.conn, job, held, item))

    def _taken_back(self, tx: Transaction, job: Job, item: Item) -> None:
        opened = self.reopen(tx, job, item)
        if opened is None:
            raise PlatformError(
                409, Reason.ILLEGAL_TRANSITION, field="status", limit="none", state=ItemStatus.INSPECTING.name, event="UNDO"
            )
        self.store.items.update(tx, opened, answered=opened.answered - 1)

    def keep(self, ctx: CallContext, *, id: int, draft: dict[str, Any]) -> Work:
        """Keeps a draft as it is, unchecked, and the item for another while."""
        with self.db.begin(ctx) as tx:
            held, job, item, _ = self.held_by_me(tx, id, "SUBMIT")
            kept = self.store.assignments.update(tx, held, answer=draft, lease_until=self.lease(tx, job))
            return tx.done(self.seen(tx.conn, job, kept, item))

    # --- leases that end

    def sweep(self) -> int:
        """Takes back what people left, of all spaces. Returns how much."""
        table, now = self.store.assignments.table, self.db.clock.now_ms()
        over = (table.c.status == int(AssignmentStatus.HELD), table.c.lease_until < now)
        query = sa.select(table.c.project_space_id, table.c.id).where(*over).limit(AT_ONCE)
        with self.db.read() as conn:
            found = conn.execute(query).all()
        return sum(self._expire(system_context(0, space), [id for of, id in found if of == space]) for space in {row[0] for row in found})

    def expire(self, ctx: CallContext, held: Sequence[Assignment]) -> int:
        """The same for what one person held too long."""
        return self._expire(ctx, [each.id for each in held]) if held else 0

    def _expire(self, ctx: CallContext, ids: list[int]) -> int:
        taken = 0
        with self.db.begin(ctx) as tx:
            for id in ids:
                held = self.store.assignments.get(tx.conn, tx.ctx, id)
                if held.status == AssignmentStatus.HELD and held.lease_until < tx.now:
                    self.give_back(tx, self.store.jobs.get(tx.conn, tx.ctx, held.job_id), held, "EXPIRE")
                    taken += 1
        return taken

    # --- shared steps

    def held_by_me(self, tx: Transaction, id: int, event: str, late: bool = False) -> Hand:
        """late: whether it may be too late for it."""
        mine = self.mine(tx, id)
        ASSIGNMENTS.next(mine.has.status, event)
        if mine.has.lease_until < tx.now and not late:
            raise PlatformError(409, Reason.LEASE_OVER, field="id", limit=f"{self.rule(mine.job).lease_seconds} seconds", id=str(id))
        return mine

    def to_answer(self, tx: Transaction, id: int, event: str) -> Hand:
        mine = self.held_by_me(tx, id, event)
        if mine.has.role == WorkRole.INSPECTOR:
            raise invalid("id", limit="an item to answer, not one to inspect")
        return mine

    def lease(self, tx: Transaction, job: Job) -> int:
        return tx.now + self.rule(job).lease_seconds * 1000


def short(text: str, field: str, most: int) -> str:
    if len(text) > most:
        raise invalid(field, Reason.TOO_LARGE, f"at most {most} characters")
    return text.strip()
