"""What becomes of an item when somebody has answered, skipped or given it back: it waits on, goes to an inspector, or has its result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa

from libs.common.store.database import Transaction
from libs.people.aggregate import Joined, agrees, join
from libs.people.desk import Desk, among, listed
from libs.people.records import Assignment, Item, Job
from libs.people.rule import Rule
from libs.people.states import AssignmentStatus, ItemStatus, Lane, WorkRole

YES, NO = 1, 2  # of Assignment.agreed


class Settling(Desk):
    # --- an item that waits

    def waits_again(self, tx: Transaction, job: Job, item_id: int, lane: Lane = Lane.RETURNED) -> None:
        """Somebody who had an item does not answer it: somebody else may."""
        item = self.store.items.get(tx.conn, tx.ctx, item_id)
        if lane == Lane.RETURNED and item.skips >= self.rule(job).skips:
            self.settle(tx, job, item)
            return
        table = self.store.items.table
        values = {"lane": int(lane), "place": self.next_place(tx, job.id), "free": table.c.free + 1, "update_time": tx.now}
        tx.conn.execute(table.update().where(table.c.id == item_id).values(values))

    def settle(self, tx: Transaction, job: Job, item: Item, **changes: Any) -> None:
        """All have answered, or so many have skipped that nobody else is asked and whoever still had it is done. changes: of the item,
        written with what becomes of it."""
        rule, now = self.rule(job), replace(item, **changes)
        if now.answered >= rule.people:
            self._complete(tx, job, rule, item, changes)
            return
        if changes:
            item = self.store.items.update(tx, item, **changes)
        if now.skips >= rule.skips:
            self._off_the_lanes(tx, item, Lane.RETURNED, Lane.FRESH)
            if not self.answers(tx.conn, item, AssignmentStatus.HELD):
                self._unanswered(tx, job, item)

    def _off_the_lanes(self, tx: Transaction, item: Item, *lanes: Lane) -> bool:
        """Takes an item out of the lanes it may wait in; False where somebody has just taken it from there."""
        table = self.store.items.table
        there = (table.c.id == item.id, table.c.lane.in_([int(lane) for lane in lanes]))
        return tx.conn.execute(table.update().where(*there).values(lane=int(Lane.NONE), free=0)).rowcount == 1

    # --- an item all have answered

    def _complete(self, tx: Transaction, job: Job, rule: Rule, item: Item, changes: dict[str, Any]) -> None:
        said = self.answers(tx.conn, item, AssignmentStatus.DONE)
        joined = join(self.template(job), [each.answer for each in said])
        shared = {**changes, "share": joined.share}
        result = {**shared, "result": joined.answer}
        if _needs_inspector(job, rule, item, joined):
            self._to_inspector(tx, job, item, "tied" if joined.tied else "", **result)
        elif joined.tied:
            self.finish(tx, job, item, "SET_ASIDE", "tied", **shared)
        else:
            self.finish(tx, job, item, "COMPLETE", said=said, **result)

    def _unanswered(self, tx: Transaction, job: Job, item: Item) -> None:
        if job.inspectors:
            self._to_inspector(tx, job, item, "skipped")
        else:
            self.finish(tx, job, item, "SET_ASIDE", "skipped")

    def _to_inspector(self, tx: Transaction, job: Job, item: Item, why: str, **said: Any) -> None:
        place = {"lane": Lane.INSPECTION, "place": self.next_place(tx, job.id), "free": 1}
        self.move_item(tx, item, "INSPECT", why, **place, **said)

    def finish(
        self, tx: Transaction, job: Job, item: Item, event: str, why: str = "", said: Sequence[Assignment] | None = None, **changes: Any
    ) -> None:
        """An item's end: its result stands beside what each said. said: what that is, where it has just been read."""
        done = self.move_item(tx, item, event, why, **changes)
        if done.status == ItemStatus.DONE:
            self._compare(tx, job, done, self.answers(tx.conn, done, AssignmentStatus.DONE) if said is None else said)
        self.count_done(tx, job.id, 1)

    def _compare(self, tx: Transaction, job: Job, item: Item, said: Sequence[Assignment]) -> None:
        if len(said) < 2 and not item.inspector_id:
            return
        looked = int(item.inspector_id > 0)
        for same, those in self._by_agreement(job, item, said).items():
            names, ids = listed([each.id for each in those])
            change = self.store.assignments.changing(("agreed", len(names)), partial(self._agreed_update, names))
            change.run(tx.conn, {**ids, "to_agreed": YES if same else NO, "now": tx.now})
            people = [each.person_id or 0 for each in those]
            self.count_all(tx, those[0], people, compared=1, agreed=int(same), inspected=looked, upheld=looked * same)

    def _agreed_update(self, names: Sequence[str]) -> sa.Update:
        table = self.store.assignments.table
        values = {"agreed": sa.bindparam("to_agreed"), "version": table.c.version + 1, "update_time": sa.bindparam("now")}
        return table.update().where(among(table.c.id, names)).values(values)

    def _by_agreement(self, job: Job, item: Item, said: Sequence[Assignment]) -> dict[bool, list[Assignment]]:
        found: dict[bool, list[Assignment]] = {}
        for each in said:
            found.setdefault(agrees(self.template(job), each.answer, item.result), []).append(each)
        return found

    # --- an item that is opened again

    def reopen(self, tx: Transaction, job: Job, item: Item) -> Item | None:
        """The item without its result, for one answer to change. None where an inspector has it or has decided: their word stands."""
        if item.status == ItemStatus.OPEN:
            return item
        if item.inspector_id:
            return None
        if item.status == ItemStatus.INSPECTING:
            if not self._off_the_lanes(tx, item, Lane.INSPECTION):
                return None
        else:
            self.count_done(tx, job.id, -1)
            self._forget_comparison(tx, self.answers(tx.conn, item, AssignmentStatus.DONE))
        return self.move_item(tx, item, "REOPEN", result={}, share=0.0, lane=Lane.NONE, free=0)

    def _forget_comparison(self, tx: Transaction, said: Iterable[Assignment]) -> None:
        for each in said:
            if each.agreed:
                self.store.assignments.update(tx, each, agreed=0)
                self.count(tx, each, each.person_id or 0, compared=-1, agreed=-(each.agreed == YES))

    def give_back(self, tx: Transaction, job: Job, assignment: Assignment, event: str, reason: str = "") -> Assignment:
        """An assignment that its person does not have any more, and may be given again."""
        person = assignment.person_id or 0
        gone: dict[str, Any] = {"person_id": None, "left_by": person, "lease_until": 0, "answer": {}, "note": "", "reason": reason}
        returned = self.move(tx, assignment, event, **gone)
        self.count(tx, assignment, person, held=-1, load=-(not assignment.gold), lapsed=event == "EXPIRE")
        if not assignment.gold:
            lane = Lane.INSPECTION if assignment.role == WorkRole.INSPECTOR else Lane.RETURNED
            self.waits_again(tx, job, assignment.item_id, lane)
        return returned

    def in_hand(self, conn: sa.Connection, item: Item) -> bool:
        """Whether anybody has the item now."""
        return bool(self.answers(conn, item, AssignmentStatus.HELD))


def _needs_inspector(job: Job, rule: Rule, item: Item, joined: Joined) -> bool:
    if not job.inspectors:
        return False
    return item.inspect or joined.tied or joined.share * 100 < rule.agree_percent
