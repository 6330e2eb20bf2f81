"""Items whose answer is known, hidden among the others: who misses one did what came before it carelessly, perhaps.

An answer to one is looked at when its person has answered the next item, so that a slip can still be undone. One that is missed opens again
exactly the items the person answered since the last one they met; what an inspector has or has decided stays.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from libs.common.context import CallContext
from libs.common.store.database import Transaction
from libs.people.aggregate import agrees
from libs.people.records import Assignment, Job, Member
from libs.people.settling import Settling
from libs.people.states import AssignmentStatus, Lane, WorkRole

MET, MISSED = 1, 2  # of Assignment.verdict


class Gold(Settling):
    def known(self, tx: Transaction, job: Job, member: Member, done: Assignment) -> None:
        """What an answer that has just been given says about known answers: itself one, or the next after one."""
        waiting = member.waiting_gold
        if done.gold and not done.verdict and done.id not in waiting:
            waiting = [*waiting, done.id]
        if waiting:
            self._write(tx, done, self.judge(tx, job, replace(member, waiting_gold=waiting), but=done.id))

    def judge_all(self, ctx: CallContext, job: Job) -> None:
        """The last answers of everybody, after which nobody has answered anything."""
        column = self.store.members.column
        with self.db.begin(ctx) as tx:
            some = (column("job_id") == job.id, column("waiting_gold") != "[]")
            for row in tx.conn.execute(self.store.members.everything().where(*some)).all():
                member = self.store.members.load(row)
                last = self.store.assignments.get(tx.conn, ctx, member.waiting_gold[-1])
                self._write(tx, last, self.judge(tx, job, member))

    def _write(self, tx: Transaction, said: Assignment, member: Member) -> None:
        met = {"gold_met": member.gold_met, "gold_missed": member.gold_missed, "gold_mark": member.gold_mark}
        self.count(tx, said, member.person_id, {**met, "waiting_gold": msgspec.json.encode(member.waiting_gold).decode()})

    def judge(self, tx: Transaction, job: Job, member: Member, but: int = 0) -> Member:
        """Looks at the answers of a member that wait for it. but: the assignment that has just been submitted."""
        waiting = []
        for id in member.waiting_gold:
            answer = self.store.assignments.get(tx.conn, tx.ctx, id)
            if id == but or answer.status != AssignmentStatus.DONE:  # undone, and not answered again yet
                waiting.append(id)
            else:
                member = self._judge(tx, job, member, answer)
        return replace(member, waiting_gold=waiting)

    def _judge(self, tx: Transaction, job: Job, member: Member, said: Assignment) -> Member:
        known = self.store.items.get(tx.conn, tx.ctx, said.item_id).gold_answer
        met = agrees(self.template(job), said.answer, known, self.rule(job).gold_similarity / 100)
        self.store.assignments.update(tx, said, verdict=MET if met else MISSED)
        if met:
            return replace(member, gold_met=member.gold_met + 1, gold_mark=max(member.gold_mark, said.nth))
        self._do_again(tx, job, member)
        return replace(member, gold_missed=member.gold_missed + 1)

    def _do_again(self, tx: Transaction, job: Job, member: Member) -> None:
        for answer in self._since(tx, member):
            item = self.store.items.get(tx.conn, tx.ctx, answer.item_id)
            if item.round != answer.round:
                continue
            opened = self.reopen(tx, job, item)
            if opened is None:
                continue
            self.move(tx, self.store.assignments.get(tx.conn, tx.ctx, answer.id), "VOID", reason="gold")
            self.count(tx, answer, member.person_id, answered=-1)
            self.store.items.update(tx, opened, answered=opened.answered - 1)
            self.waits_again(tx, job, opened.id, Lane.RETURNED)

    def _since(self, tx: Transaction, member: Member) -> list[Assignment]:
        """What a member answered since the last known answer they met."""
        column = self.store.assignments.column
        mine = (column("job_id") == member.job_id, column("person_id") == member.person_id, column("nth") > member.gold_mark)
        kind = (column("role") == int(WorkRole.ANNOTATOR), column("status") == int(AssignmentStatus.DONE), column("gold") == 0)
        query = self.store.assignments.everything().where(*mine, *kind).order_by(column("nth"))
        return [self.store.assignments.load(row) for row in tx.conn.execute(query)]
