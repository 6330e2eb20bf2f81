"""How tasks move: every pair of the table, claims, leases, epochs, sweeps, and what people may ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.work.lifecycle import RETRY_SECONDS, RETRY_SECONDS_MAX, TaskLifecycle, error_facts
from libs.common.work.task import MACHINE, OPEN, TaskReason, TaskStatus
from tests.support.evidence import record
from tests.support.outcome import at_once, outcome
from tests.support.stores import caller
from tests.support.toy import TABLE, ToyTask, create, open_toys, steps, stored

pytestmark = pytest.mark.both_stores

Toys = TaskLifecycle[ToyTask]
LEASE = 10.0
BROKEN = error_facts(PlatformError(500, Reason.INTERNAL))


def in_status(toys: Toys, status: TaskStatus) -> ToyTask:
    """A task that stands in ``status`` under a lease, whatever way led there."""
    task = create(toys)
    with toys.db.begin(caller()) as tx:
        tx.conn.execute(
            TABLE.update()
            .where(TABLE.c.id == task.id)
            .values(status=int(status), epoch=1, attempt=1, lease_until=tx.now + 10_000, worker="w")
        )
    return stored(toys, task)


def in_tx(verb: Callable[..., Any]) -> Callable[[Toys, ToyTask], Any]:
    def call(toys: Toys, task: ToyTask) -> Any:
        with toys.db.begin(caller()) as tx:
            return verb(toys, tx, task)

    return call


# Every way to ask for an event. SWEEP is LOSE from the sweep's side.
ASK: dict[str, Callable[[Toys, ToyTask], Any]] = {
    "CANCEL": in_tx(lambda toys, tx, task: toys.cancel(tx, task.id, "why")),
    "PAUSE": in_tx(lambda toys, tx, task: toys.ask_pause(tx, task.id)),
    "RESUME": in_tx(lambda toys, tx, task: toys.resume(tx, task.id)),
    "SUCCEED": lambda toys, task: toys.succeed(task, {}),
    "FAIL": lambda toys, task: toys.fail(task, TaskReason.ENGINE_ERROR, BROKEN, retry=False),
    "RETRY": lambda toys, task: toys.fail(task, TaskReason.ENGINE_ERROR, BROKEN, retry=True),
    "FREED": lambda toys, task: toys.freed(task),
    "PAUSED": lambda toys, task: toys.paused(task),
    "LOSE": lambda toys, task: toys.released(task),
    "HEARTBEAT": lambda toys, task: toys.heartbeat(task, 0, 0, ""),
}
# Where a call may be made, and the event that is written. A worker's word on a task that was cancelled meanwhile frees it.
LEGAL = {
    "CANCEL": {status: "CANCEL" for status in OPEN if status != TaskStatus.CANCELLING},
    "PAUSE": {TaskStatus.RUNNING: ""},
    "RESUME": {TaskStatus.PAUSED: "RESUME"},
    "SUCCEED": {TaskStatus.RUNNING: "SUCCEED"},
    "FAIL": {TaskStatus.RUNNING: "FAIL", TaskStatus.CANCELLING: "FREED"},
    "RETRY": {TaskStatus.RUNNING: "RETRY", TaskStatus.CANCELLING: "FREED"},
    "FREED": {TaskStatus.CANCELLING: "FREED"},
    "PAUSED": {TaskStatus.RUNNING: "PAUSE", TaskStatus.CANCELLING: "FREED"},
    "LOSE": {TaskStatus.RUNNING: "LOSE", TaskStatus.CANCELLING: "FREED"},
    "HEARTBEAT": {TaskStatus.RUNNING: "", TaskStatus.CANCELLING: ""},
}


@pytest.mark.parametrize("status", TaskStatus)
@pytest.mark.parametrize("event", [*MACHINE.events, "INVENTED"])
def test_every_pair_of_the_table(status: TaskStatus, event: str) -> None:
    if (status, event) in MACHINE.table:
        assert MACHINE.next(status, event) == MACHINE.table[status, event]
        return
    found = outcome(lambda: MACHINE.next(status, event))
    assert isinstance(found, PlatformError)
    assert (found.code, found.reason, found.limit) == (409, Reason.ILLEGAL_TRANSITION, ", ".join(MACHINE.allowed(status)) or "none")


def test_the_table_is_the_contracts() -> None:
    assert MACHINE.terminal == {TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED}
    assert set(OPEN) | MACHINE.terminal == set(TaskStatus)
    for status in OPEN:
        if status != TaskStatus.CANCELLING:
            assert MACHINE.next(status, "CANCEL") == TaskStatus.CANCELLING
    assert MACHINE.allowed(TaskStatus.CANCELLING) == ["FREED"]


@pytest.mark.parametrize("status", TaskStatus)
@pytest.mark.parametrize("call", ASK)
def test_every_call_in_every_state(toys: Toys, call: str, status: TaskStatus) -> None:
    task = in_status(toys, status)
    before = steps(toys, task)
    found = outcome(lambda: ASK[call](toys, task))
    now = stored(toys, task)
    if status in LEGAL[call]:
        assert not isinstance(found, PlatformError), found
        event = LEGAL[call][status]
        written = steps(toys, task)[len(before) :]
        assert [name for _, _, name in written][:1] == ([event] if event else [])
        for start, end, name in written:
            assert MACHINE.table[TaskStatus(start), name] == end
        assert now.status == (written[-1][1] if written else status)
    else:
        assert isinstance(found, PlatformError)
        assert (found.code, found.reason) in ((409, Reason.ILLEGAL_TRANSITION), (409, Reason.STALE_EPOCH))
        assert now == task, "a refused call changed the task"
        assert steps(toys, task) == before


@pytest.mark.parametrize("call", [name for name in ASK if name not in ("CANCEL", "PAUSE", "RESUME")])
@pytest.mark.parametrize("status", [TaskStatus.RUNNING, TaskStatus.CANCELLING])
def test_a_worker_with_an_old_epoch_changes_nothing(toys: Toys, call: str, status: TaskStatus) -> None:
    task = in_status(toys, status)
    found = outcome(lambda: ASK[call](toys, replace(task, epoch=0)))
    wrong = not isinstance(found, PlatformError) or stored(toys, task) != task
    record("I11", "calls of a worker with an old epoch", tries=1, violations=int(wrong))
    assert isinstance(found, PlatformError)
    assert (found.code, found.reason, found.field) == (409, Reason.STALE_EPOCH, "epoch")
    assert stored(toys, task) == task


# --- claim


def test_the_oldest_task_that_waits_is_claimed_under_a_lease(toys: Toys, clock: ManualClock) -> None:
    first, second = create(toys), create(toys, space=2)
    claimed = toys.claim("w1")
    assert claimed is not None
    assert (claimed.id, claimed.status, claimed.epoch, claimed.attempt, claimed.worker) == (first.id, TaskStatus.RUNNING, 1, 1, "w1")
    assert (claimed.lease_until, claimed.start_time, claimed.reason) == (clock.now_ms() + 10_000, clock.now_ms(), TaskReason.NONE)
    assert claimed == stored(toys, first)
    other = toys.claim("w2")
    assert other is not None
    assert (other.id, other.project_space_id) == (second.id, 2)
    assert toys.claim("w3") is None


def test_a_deleted_task_does_not_stand_in_the_way(toys: Toys, clock: ManualClock) -> None:
    doomed, next_one = create(toys), create(toys)
    with toys.db.begin(replace(caller(), expected_version=0)) as tx:
        toys.tasks.delete(tx, doomed)
    claimed = toys.claim("w")
    assert claimed is not None
    assert claimed.id == next_one.id
    with toys.db.begin(replace(caller(), expected_version=1)) as tx:
        toys.tasks.delete(tx, claimed)
    other = create(toys)
    assert toys.claim("w") is not None
    clock.advance(LEASE + 1)
    assert toys.sweep() == 1
    assert stored(toys, other).status == TaskStatus.PENDING


def test_eight_workers_never_claim_one_task_twice(folder: Path, address: str, toys: Toys) -> None:
    wanted = {create(toys).id for _ in range(24)}
    handles = [open_toys(folder, ManualClock(), worker=number + 1, address=address) for number in range(8)]

    def work(toys: Toys) -> list[tuple[int, int]]:
        mine = []
        while len(mine) < len(wanted):
            claimed = toys.claim("w")
            if claimed is not None:
                mine.append((claimed.id, claimed.epoch))
            elif not _waiting(toys):
                break
        return mine

    claims = [claim for found in at_once([lambda h=h: work(h) for h in handles]) for claim in found]
    assert sorted(id for id, _ in claims) == sorted(wanted)
    assert {epoch for _, epoch in claims} == {1}
    for handle in handles:
        handle.db.close()


def _waiting(toys: Toys) -> int:
    with toys.db.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).where(TABLE.c.status == 0)).scalar_one())


# --- heartbeat, sweep, retries


def test_a_heartbeat_extends_the_lease_and_tells_what_people_asked(toys: Toys, clock: ManualClock) -> None:
    create(toys)
    task = toys.claim("w")
    assert task is not None
    clock.advance(9)
    beaten = toys.heartbeat(task, 3, 9, "x" * 500)
    assert (beaten.lease_until, beaten.progress_done, beaten.progress_total) == (clock.now_ms() + 10_000, 3, 9)
    assert len(beaten.progress_message) == 200
    clock.advance(9)
    assert toys.sweep() == 0
    ASK["PAUSE"](toys, task)
    assert toys.heartbeat(task, 3, 9, "").wish == "PAUSE"
    ASK["CANCEL"](toys, task)
    assert toys.heartbeat(task, 4, 9, "").status == TaskStatus.CANCELLING


def test_a_lost_worker_gives_its_task_back_with_a_new_epoch(toys: Toys, clock: ManualClock) -> None:
    create(toys)
    task = toys.claim("w1")
    assert task is not None
    clock.advance(LEASE)
    assert toys.sweep() == 0, "the lease holds to its last millisecond"
    clock.advance(0.001)
    assert toys.sweep() == 1
    back = stored(toys, task)
    assert (back.status, back.reason, back.epoch, back.attempt, back.lease_until) == (TaskStatus.PENDING, TaskReason.WORKER_LOST, 2, 1, 0)
    late = outcome(lambda: toys.succeed(task, {"late": True}))
    assert isinstance(late, PlatformError)
    again = toys.claim("w2")
    assert again is not None
    assert (again.epoch, again.attempt, again.start_time) == (3, 2, task.start_time)
    for call in ("HEARTBEAT", "SUCCEED", "FAIL", "RETRY", "LOSE", "PAUSED", "FREED"):
        found = outcome(lambda call=call: ASK[call](toys, task))
        assert isinstance(found, PlatformError)
        assert found.reason == Reason.STALE_EPOCH
    assert toys.succeed(again, {"ok": True}).result == {"ok": True}


def test_a_worker_back_before_the_sweep_keeps_its_task(toys: Toys, clock: ManualClock) -> None:
    create(toys)
    task = toys.claim("w1")
    assert task is not None
    clock.advance(LEASE * 3)
    toys.heartbeat(task, 1, 2, "")
    assert toys.sweep() == 0
    assert stored(toys, task).epoch == task.epoch


def test_a_task_that_loses_its_worker_too_often_is_poison(toys: Toys, clock: ManualClock) -> None:
    task = create(toys, max_attempts=3)
    for attempt in (1, 2, 3):
        claimed = toys.claim("w")
        assert claimed is not None
        assert claimed.attempt == attempt
        clock.advance(LEASE + 1)
        assert toys.sweep() == 1
    ended = stored(toys, task)
    assert (ended.status, ended.reason, ended.error["reason"]) == (TaskStatus.FAILED, TaskReason.POISON, "POISON")
    assert "3" in ended.error["message"]["zh"]
    assert (toys.claim("w"), toys.sweep(), ended.finish_time) == (None, 0, clock.now_ms())


def test_retries_wait_longer_each_time_and_end(toys: Toys, clock: ManualClock) -> None:
    task, waited = create(toys, max_attempts=12), []
    for _ in range(11):
        claimed = toys.claim("w")
        assert claimed is not None
        back = toys.fail(claimed, TaskReason.ENGINE_ERROR, BROKEN, retry=True)
        assert (back.status, back.reason, back.error) == (TaskStatus.PENDING, TaskReason.WAIT_RETRY, BROKEN)
        waited.append((back.not_before - clock.now_ms()) / 1000)
        assert toys.claim("w") is None, "claimed before its time"
        clock.advance(waited[-1])
    assert waited == [min(RETRY_SECONDS * 2**n, RETRY_SECONDS_MAX) for n in range(11)]
    claimed = toys.claim("w")
    assert claimed is not None
    assert claimed.error == {}
    ended = toys.fail(claimed, TaskReason.ENGINE_ERROR, BROKEN, retry=True)
    assert (ended.status, ended.reason, ended.error) == (TaskStatus.FAILED, TaskReason.POISON, BROKEN)
    assert stored(toys, task) == ended


def test_the_last_of_a_hundred_attempts_still_has_a_date(toys: Toys) -> None:
    create(toys, max_attempts=100, attempt=98)
    claimed = toys.claim("w")
    assert claimed is not None
    assert toys.fail(claimed, TaskReason.ENGINE_ERROR, BROKEN, retry=True).not_before < 1 << 62


def test_a_failure_that_cannot_get_better_ends_at_once(toys: Toys) -> None:
    create(toys)
    claimed = toys.claim("w")
    assert claimed is not None
    ended = toys.fail(claimed, TaskReason.INVALID_INPUT, BROKEN, retry=False)
    assert (ended.status, ended.reason) == (TaskStatus.FAILED, TaskReason.INVALID_INPUT)


def test_success_keeps_what_failed(toys: Toys, clock: ManualClock) -> None:
    create(toys)
    claimed = toys.claim("w")
    assert claimed is not None
    toys.heartbeat(claimed, 7, 10, "")
    clock.advance(1)
    ended = toys.succeed(claimed, {"词": 1}, failed_items=3, size=9)
    assert (ended.failed_items, ended.result, ended.size, ended.progress_done) == (3, {"词": 1}, 9, 10)
    assert (ended.finish_time, ended.lease_until) == (clock.now_ms(), 0)


# --- what people ask for


@pytest.mark.parametrize("status", [TaskStatus.PENDING, TaskStatus.PAUSED])
def test_nobody_holds_it_so_a_cancel_ends_it_at_once(toys: Toys, status: TaskStatus) -> None:
    task = in_status(toys, status)
    cancelled = ASK["CANCEL"](toys, task)
    assert (cancelled.status, cancelled.reason) == (TaskStatus.CANCELLED, TaskReason.USER_REQUEST)
    assert [event for _, _, event in steps(toys, task)] == ["CREATE", "CANCEL", "FREED"]
    assert cancelled.finish_time == toys.db.clock.now_ms()


def test_a_held_task_is_cancelled_only_when_it_is_free(toys: Toys) -> None:
    create(toys)
    task = toys.claim("w")
    assert task is not None
    assert ASK["CANCEL"](toys, task).status == TaskStatus.CANCELLING
    assert toys.sweep() == 0
    assert isinstance(outcome(lambda: toys.succeed(task, {})), PlatformError), "a cancelled task succeeded"
    assert toys.freed(task).status == TaskStatus.CANCELLED


def test_a_dead_worker_cannot_keep_a_cancelled_task(toys: Toys, clock: ManualClock) -> None:
    create(toys)
    task = toys.claim("w")
    assert task is not None
    ASK["CANCEL"](toys, task)
    clock.advance(LEASE + 1)
    assert toys.sweep() == 1
    assert stored(toys, task).status == TaskStatus.CANCELLED


def test_a_task_whose_lease_ended_is_free_already(toys: Toys, clock: ManualClock) -> None:
    create(toys)
    task = toys.claim("w")
    assert task is not None
    clock.advance(LEASE + 1)
    assert ASK["CANCEL"](toys, task).status == TaskStatus.CANCELLED


def test_pause_and_resume(toys: Toys) -> None:
    create(toys)
    task = toys.claim("w")
    assert task is not None
    asked = ASK["PAUSE"](toys, task)
    assert (asked.status, asked.wish) == (TaskStatus.RUNNING, "PAUSE")
    paused = toys.paused(task)
    assert (paused.status, paused.wish, paused.lease_until, paused.attempt) == (TaskStatus.PAUSED, "", 0, 0), "a pause is nobody's failure"
    assert toys.claim("w") is None
    resumed = ASK["RESUME"](toys, task)
    assert (resumed.status, resumed.reason) == (TaskStatus.PENDING, TaskReason.WAIT_CAPACITY)
    again = toys.claim("w")
    assert again is not None
    assert (again.id, again.epoch, again.wish) == (task.id, 2, "")


def test_a_wish_outlives_the_worker_it_was_said_to(toys: Toys, clock: ManualClock) -> None:
    create(toys)
    task = toys.claim("w")
    assert task is not None
    ASK["PAUSE"](toys, task)
    clock.advance(LEASE + 1)
    toys.sweep()
    again = toys.claim("w2")
    assert again is not None
    assert again.wish == "PAUSE"


def test_a_stopped_worker_gives_the_attempt_back(toys: Toys) -> None:
    task = create(toys, max_attempts=1)
    for epoch in range(1, 6):
        claimed = toys.claim("w")
        assert claimed is not None
        assert (claimed.attempt, claimed.epoch) == (1, epoch)
        released = toys.released(claimed)
        assert (released.status, released.attempt, released.reason) == (TaskStatus.PENDING, 0, TaskReason.WAIT_CAPACITY)
        assert isinstance(outcome(lambda claimed=claimed: toys.heartbeat(claimed, 0, 0, "")), PlatformError)
    assert stored(toys, task).status == TaskStatus.PENDING


def test_the_end_without_success_is_told_in_its_own_transaction(folder: Path, address: str, clock: ManualClock) -> None:
    toys = open_toys(
        folder, clock, on_end=lambda tx, task: tx.publish("ended", {"id": task.id, "status": task.status.name}), address=address
    )
    fails, cancels, succeeds, lost = (create(toys, max_attempts=1) for _ in range(4))
    for task in (fails, cancels, succeeds, lost):
        claimed = toys.claim("w")
        assert claimed is not None
        assert claimed.id == task.id
        if task is fails:
            toys.fail(claimed, TaskReason.INVALID_INPUT, BROKEN, retry=False)
        elif task is succeeds:
            toys.succeed(claimed, {})
        elif task is cancels:
            ASK["CANCEL"](toys, claimed)
            toys.freed(claimed)
    clock.advance(LEASE + 1)
    toys.sweep()
    with toys.db.read() as conn:
        told = [str(payload) for payload in conn.execute(sa.select(toys.db.table("outbox").c.payload)).scalars()]
    assert sorted(told) == sorted(
        f'{{"id":{task.id},"status":"{status}"}}' for task, status in ((fails, "FAILED"), (cancels, "CANCELLED"), (lost, "FAILED"))
    )
    toys.db.close()


def test_only_finished_work_without_a_failed_item_is_answered_again(toys: Toys) -> None:
    whole, partial, other_space = create(toys, job={"a": 1}), create(toys, job={"a": 1}), create(toys, job={"a": 1}, space=2)
    assert toys.finished_twin(caller(), whole.snapshot_hash) is None
    for task, failed in ((whole, 0), (partial, 2), (other_space, 0)):
        claimed = toys.claim("w")
        assert claimed is not None
        assert claimed.id == task.id
        toys.succeed(claimed, {}, failed_items=failed)
    twin = toys.finished_twin(caller(), whole.snapshot_hash)
    assert twin is not None
    assert twin.id == whole.id
    assert toys.finished_twin(caller(), create(toys, job={"a": 2}).snapshot_hash) is None


def test_ended_tasks_of_every_space(toys: Toys) -> None:
    waiting, done = create(toys), create(toys, space=2)
    with toys.db.begin(caller(space=2)) as tx:
        toys.cancel(tx, done.id, "")
    assert toys.ended([waiting.id, done.id, 5]) == [done.id]
    assert toys.ended([]) == []
