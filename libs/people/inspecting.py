"""What an inspector does with an item that others have answered: accept it, correct it, reject it, or set it aside."""

from __future__ import annotations

from typing import Any

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid, missing
from libs.common.store.database import Transaction
from libs.people.answering import REASON_MAX, short
from libs.people.claiming import Claiming
from libs.people.records import Assignment, Item, Job, Work
from libs.people.states import AssignmentStatus, InspectionVerdict, Lane, WorkRole


class Inspecting(Claiming):
    def decide(
        self, ctx: CallContext, *, id: int, verdict: InspectionVerdict, answer: dict[str, Any] | None = None, reason: str = ""
    ) -> Work:
        """CORRECT takes an answer, REJECT and SET_ASIDE a reason. A rejected item, and no other, is begun anew; who answers it reads the
        reason. Raises what ``submit`` raises."""
        reason = short(reason, "reason", REASON_MAX)
        if verdict in (InspectionVerdict.REJECT, InspectionVerdict.SET_ASIDE) and not reason:
            raise missing("reason")
        with self.db.begin(ctx) as tx:
            held, job, item, member = self.held_by_me(tx, id, "SUBMIT")
            if held.role != WorkRole.INSPECTOR:
                raise PlatformError(403, Reason.FORBIDDEN, field="id", limit="an item that was given to you to inspect")
            said = self._decided(tx, job, item, verdict, answer, reason)
            done = self.move(tx, held, "SUBMIT", answer=said, reason=reason, nth=member.nth + 1, submit_time=tx.now, lease_until=0)
            self.count(tx, held, ctx.user_id, held=-1, nth=1, answered=1)
            return tx.done(self.seen(tx.conn, job, done, self.store.items.get(tx.conn, ctx, held.item_id)))

    def _decided(self, tx: Transaction, job: Job, item: Item, verdict: InspectionVerdict, answer: Any, reason: str) -> dict[str, Any]:
        """What the item's result is from now on."""
        mine: dict[str, Any] = {"inspector_id": tx.ctx.user_id, "note": reason}
        if verdict == InspectionVerdict.ACCEPT:
            if not item.result:
                raise invalid("verdict", limit="CORRECT, REJECT or SET_ASIDE where there is nothing to accept")
            self.finish(tx, job, item, "ACCEPT", reason, **mine)
            return item.result
        if verdict == InspectionVerdict.CORRECT:
            right = self.template(job).check(answer)
            self.finish(tx, job, item, "CORRECT", reason, result=right, **mine)
            return right
        if verdict == InspectionVerdict.SET_ASIDE:
            self.finish(tx, job, item, "SET_ASIDE", reason, result={}, **mine)
        else:
            self._rejected(tx, job, item, reason)
        return {}

    def _rejected(self, tx: Transaction, job: Job, item: Item, reason: str) -> None:
        for each in self.answers(tx.conn, item, AssignmentStatus.DONE):
            self._no_longer(tx, each, reason)
        anew = {"round": item.round + 1, "answered": 0, "skips": 0, "result": {}, "share": 0.0, "note": reason}
        waits = {"lane": Lane.RETURNED, "place": self.next_place(tx, job.id), "free": self.rule(job).people}
        self.move_item(tx, item, "REJECT", reason, **anew, **waits)

    def _no_longer(self, tx: Transaction, answer: Assignment, reason: str) -> None:
        self.move(tx, answer, "VOID", reason=reason)
        self.count(tx, answer, answer.person_id or 0, answered=-1, inspected=1)
