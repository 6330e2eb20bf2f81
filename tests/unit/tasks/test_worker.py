"""Real workers with real children: every way a task can leave a worker, and every way to kill one."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.errors import PlatformError, unavailable
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.outage import Backoff
from libs.common.work.task import MACHINE, TaskReason, TaskStatus
from libs.common.work.worker import Attempt
from tests.support.engines import noted
from tests.support.stores import caller
from tests.support.toy import EXECUTOR, TABLE, ToyTask, ToyWork, create, steps, stored, toy_worker
from tests.support.until import alive, until

Toys = TaskLifecycle[ToyTask]
Spawn = Callable[[], subprocess.Popen[bytes]]


@contextmanager
def working(
    toys: Toys, folder: Path, before: Callable[[str, ToyTask], None] = lambda _step, _task: None, **more: Any
) -> Iterator[threading.Event]:
    """A worker of this process at work; yields what stops it."""
    worker = toy_worker(toys, folder, before, **more)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker.stop
    finally:
        worker.stop.set()
        thread.join(30)
        assert not thread.is_alive(), "the worker did not stop"


def until_status(toys: Toys, task: ToyTask, *wanted: TaskStatus) -> ToyTask:
    return until(lambda: ((now := stored(toys, task)).status in wanted and now) or None, what=f"{stored(toys, task)}")


def until_ended(toys: Toys, task: ToyTask) -> ToyTask:
    return until_status(toys, task, *MACHINE.terminal)


def until_left(toys: Toys, task: ToyTask) -> ToyTask:
    """Until no worker holds it and it is no longer as new."""
    return until(lambda: ((now := stored(toys, task)).epoch > 0 and now.lease_until == 0 and now) or None)


def ask(toys: Toys, verb: str, task: ToyTask, *facts: str) -> ToyTask:
    with toys.db.begin(caller()) as tx:
        found: ToyTask = getattr(toys, verb)(tx, task.id, *facts)
        return found


def work_folder(folder: Path, task: ToyTask) -> Path:
    return folder / "work" / str(task.id)


def test_finished_work_is_published_measured_and_tidied(live: Toys, folder: Path) -> None:
    task = create(live, "finish", {"词": "好"})
    with working(live, folder):
        done = until_ended(live, task)
        until(lambda: not work_folder(folder, task).exists())
    assert (done.status, done.result, done.size) == (TaskStatus.SUCCEEDED, {"answer": 42, "job": {"词": "好"}}, 4)
    assert (folder / "published" / str(task.id) / "result.txt").read_text() == "done"
    with live.db.read() as conn:
        points = conn.execute(sa.select(live.db.table("toy_metric")).order_by(sa.text("step"))).all()
    assert [tuple(point) for point in points] == [(task.id, 1, "loss", 0.5), (task.id, 2, "loss", 0.25)]
    assert [event for _, _, event in steps(live, task)] == ["CREATE", "CLAIM", "SUCCEED"]


@pytest.mark.parametrize(
    ("function", "status", "reason", "why"),
    [
        ("refuse", TaskStatus.FAILED, TaskReason.INVALID_INPUT, "TOO_LARGE"),
        ("swell", TaskStatus.FAILED, TaskReason.OUT_OF_MEMORY, "OUT_OF_MEMORY"),
        ("trip", TaskStatus.PENDING, TaskReason.WAIT_RETRY, "INTERNAL"),
        ("leave", TaskStatus.PENDING, TaskReason.WAIT_RETRY, "WORKER_LOST"),
        ("be_killed", TaskStatus.PENDING, TaskReason.WAIT_RETRY, "WORKER_LOST"),
        ("answer_nothing", TaskStatus.PENDING, TaskReason.WAIT_RETRY, "INTERNAL"),
    ],
)
def test_how_an_engine_fails_decides_what_becomes_of_its_task(
    live: Toys, folder: Path, function: str, status: TaskStatus, reason: TaskReason, why: str
) -> None:
    again, last = create(live, function), create(live, function, max_attempts=1)
    with working(live, folder):
        left, ended = until_left(live, again), until_ended(live, last)
    assert (left.status, left.reason, left.error["reason"]) == (status, reason, why)
    assert (left.not_before > 0) == (status == TaskStatus.PENDING)
    lost = why == "WORKER_LOST"
    assert (ended.status, ended.error["reason"]) == (TaskStatus.FAILED, "POISON" if lost else why)
    assert (ended.reason == TaskReason.POISON) == lost, "POISON is a task whose process dies, nothing else"
    assert set(ended.error["message"]) == {"en", "zh"}


@pytest.mark.parametrize("kept", [True, False])
def test_what_a_failed_task_leaves_is_kept_and_never_in_the_way_of_its_end(live: Toys, folder: Path, kept: bool) -> None:
    def before(step: str, _task: ToyTask) -> None:
        if step == "leavings" and not kept:
            raise unavailable("artifacts")

    refused, tried_again = create(live, "refuse"), create(live, "trip")
    with working(live, folder, before):
        ended, left = until_ended(live, refused), until_left(live, tried_again)
    assert (ended.status, ended.error["reason"]) == (TaskStatus.FAILED, "TOO_LARGE")
    assert ended.result == ({"left": ["engine.lock", "engine.log"]} if kept else {})
    assert (left.status, left.result) == (TaskStatus.PENDING, {}), "who is tried again has not ended"


# --- outages


def test_a_neighbours_outage_fails_nothing_and_its_end_wakes_the_queue(live: Toys, folder: Path) -> None:
    """Twenty tasks, a neighbour that is away: few are tried, none loses its attempt, and all are done soon after it answers."""
    tasks = [create(live, "finish", max_attempts=1) for _ in range(20)]
    away, looks, tried = threading.Event(), threading.Semaphore(0), []
    away.set()

    def reach() -> None:
        looks.release()
        if away.is_set():
            raise unavailable("neighbour")

    def before(step: str, mine: ToyTask) -> None:
        if step == "prepare" and away.is_set():
            tried.append(mine.id)
            raise unavailable("neighbour")

    backoff = Backoff(time.monotonic, random.Random(1), first=60, longest=60, look=0.01)
    with working(live, folder, before, reach=reach, backoff=backoff):
        assert looks.acquire(timeout=30)
        assert looks.acquire(timeout=30)
        waits = stored(live, tasks[0])
        assert (waits.status, waits.reason, waits.attempt, waits.error["reason"]) == (
            TaskStatus.PENDING,
            TaskReason.WAIT_DEPENDENCY,
            0,
            "UNAVAILABLE",
        )
        assert len(tried) == 1, "it went on claiming against a neighbour that is away"
        away.clear()
        assert all(until_ended(live, task).status == TaskStatus.SUCCEEDED for task in tasks)
    assert all(stored(live, task).attempt == 1 for task in tasks)


def test_an_outage_an_engine_meets_is_waited_out_too(live: Toys, folder: Path) -> None:
    task = create(live, "peer_away", max_attempts=1)
    with working(live, folder):
        left = until_left(live, task)
    assert (left.status, left.reason, left.attempt) == (TaskStatus.PENDING, TaskReason.WAIT_DEPENDENCY, 0)


@pytest.mark.parametrize("kind", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_under_the_work_is_waited_out(live: Toys, folder: Path, kind: int) -> None:
    full = [True]

    def before(step: str, _: ToyTask) -> None:
        if step == "publish" and full:
            full.clear()
            raise OSError(kind, os.strerror(kind))

    task = create(live, "finish", max_attempts=1)
    backoff = Backoff(time.monotonic, random.Random(1), first=0.01, longest=0.01)
    with working(live, folder, before, backoff=backoff):
        done = until_ended(live, task)
    assert (done.status, done.attempt) == (TaskStatus.SUCCEEDED, 1)
    assert [event for _, _, event in steps(live, task)] == ["CREATE", "CLAIM", "AWAIT", "CLAIM", "SUCCEED"]


def test_an_outage_of_our_own_store_costs_no_attempt(live: Toys, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was held when the store went away is given back when it answers, before a sweep counts it as a lost worker."""
    task, away, rounds = create(live, "finish", max_attempts=1), threading.Event(), []
    once, real = [away.set], live.db.begin

    def begin(*facts: Any, **named: Any) -> Any:
        if away.is_set():
            raise unavailable("database")
        return real(*facts, **named)

    def before(step: str, _: ToyTask) -> None:
        if step == "publish" and once:
            once.pop()()

    def count() -> None:
        if away.is_set():
            rounds.append(1)
            if len(rounds) == 3:
                away.clear()

    monkeypatch.setattr(live.db, "begin", begin)
    with working(live, folder, before, count=count):
        done = until_ended(live, task)
    assert (done.status, done.attempt) == (TaskStatus.SUCCEEDED, 1)
    assert [event for _, _, event in steps(live, task)] == ["CREATE", "CLAIM", "AWAIT", "CLAIM", "SUCCEED"]


def test_leaving_a_task_is_no_lost_lease(live: Toys, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The heartbeat that comes just after the end was written says nothing: nobody lost anything."""
    task = create(live, "finish")
    claimed = live.claim("w")
    assert claimed is not None

    class Lingering(ToyWork):
        def publish(self, task: ToyTask, folder: Path, result: dict[str, Any]) -> None:
            super().publish(task, folder, result)
            until(lambda: not any(thread.name == "lease" for thread in threading.enumerate()), what="the keeper did not notice the end")

    work = Lingering(live, folder / "published")
    assert Attempt(claimed, live, work, work_folder(folder, task), threading.Event(), EXECUTOR).run() == "SUCCEEDED"
    said = capsys.readouterr()
    assert "heartbeat_failed" not in said.out + said.err


def test_workers_share_the_tasks(live: Toys, folder: Path) -> None:
    tasks = [create(live, "finish") for _ in range(6)]
    with working(live, folder), working(live, folder):
        for task in tasks:
            assert until_ended(live, task).status == TaskStatus.SUCCEEDED
    assert all([event for _, _, event in steps(live, task)] == ["CREATE", "CLAIM", "SUCCEED"] for task in tasks)


# --- kill -9


@pytest.fixture
def spawn(folder: Path) -> Iterator[Spawn]:
    """Starts worker processes; whatever the test does, none is left."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.support.toy", str(folder)]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_killed_worker_takes_its_child_along_and_another_one_finishes(live: Toys, folder: Path, spawn: Spawn) -> None:
    task = create(live, "count", {"steps": 30})
    (folder / "halt-10").touch()
    ledger = work_folder(folder, task) / "ledger"
    worker = spawn()
    until(lambda: ledger.exists() and ledger.read_text().endswith("10\n"))
    child = noted(work_folder(folder, task) / "pids")[0]
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    until(lambda: not alive(child), what="the child outlived its worker")
    assert stored(live, task).status == TaskStatus.RUNNING
    (folder / "halt-10").unlink()
    with working(live, folder):
        done = until_ended(live, task)
    assert (done.status, done.attempt, done.result) == (TaskStatus.SUCCEEDED, 2, {"steps": 30})
    assert (folder / "published" / str(task.id) / "ledger").read_text() == "".join(f"{step}\n" for step in range(1, 31))
    assert [event for _, _, event in steps(live, task)] == ["CREATE", "CLAIM", "LOSE", "CLAIM", "SUCCEED"]


def test_a_frozen_worker_loses_its_task_and_cannot_disturb_its_heir(live: Toys, folder: Path, spawn: Spawn) -> None:
    """SIGSTOP: its child runs on beside the heir's, which must wait for the folder; thawed, the old worker notices and withdraws."""
    task = create(live, "count", {"steps": 20})
    (folder / "halt-5").touch()
    worker = spawn()
    ledger = work_folder(folder, task) / "ledger"
    until(lambda: ledger.exists() and ledger.read_text().endswith("5\n"))
    child = noted(work_folder(folder, task) / "pids")[0]
    worker.send_signal(signal.SIGSTOP)
    with working(live, folder):
        heir = until(lambda: ((now := stored(live, task)).attempt == 2 and now) or None)
        assert alive(child)
        worker.send_signal(signal.SIGCONT)
        until(lambda: not alive(child), what="the old child goes on")
        (folder / "halt-5").unlink()
        done = until_ended(live, task)
    assert (done.status, done.epoch) == (TaskStatus.SUCCEEDED, heir.epoch)
    assert (folder / "published" / str(task.id) / "ledger").read_text() == "".join(f"{step}\n" for step in range(1, 21))


def test_a_task_that_kills_every_worker_is_stopped(live: Toys, folder: Path, spawn: Spawn) -> None:
    task = create(live, "stay", max_attempts=2)
    for attempt in (1, 2):
        worker = spawn()
        until(lambda: stored(live, task).attempt == attempt)  # noqa: B023
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        until(lambda: live.sweep(), what="the lease never ended")
    ended = stored(live, task)
    assert (ended.status, ended.reason, ended.error["details"]) == (TaskStatus.FAILED, TaskReason.POISON, {"attempts": 2})


def test_chores_go_on_beside_a_long_task(live: Toys, folder: Path) -> None:
    task, rounds = create(live, "stay"), threading.Semaphore(0)
    worker = toy_worker(live, folder, count=rounds.release)
    running = threading.Thread(target=worker.run)
    running.start()
    until_status(live, task, TaskStatus.RUNNING)
    while rounds.acquire(blocking=False):
        pass
    assert all(rounds.acquire(timeout=20) for _ in range(2)), "no chore was done while the task ran"
    assert stored(live, task).status == TaskStatus.RUNNING
    worker.stop.set()
    running.join(20)
    assert not running.is_alive()


# --- what people ask for


def test_cancelled_means_that_everything_is_free(live: Toys, folder: Path) -> None:
    task = create(live, "stay")
    with working(live, folder):
        pids = until(lambda: noted(work_folder(folder, task) / "pids"))
        assert all(alive(pid) for pid in pids)
        assert ask(live, "cancel", task, "enough").status == TaskStatus.CANCELLING
        until_status(live, task, TaskStatus.CANCELLED)
        assert not any(alive(pid) for pid in pids), "it said CANCELLED while something of it ran"
        until(lambda: not work_folder(folder, task).exists())


def test_pause_frees_the_worker_and_resume_goes_on(live: Toys, folder: Path) -> None:
    task, other = create(live, "count", {"steps": 12}), create(live, "finish")
    (folder / "halt-6").touch()
    with working(live, folder):
        until(lambda: stored(live, task).progress_done == 6)
        child = noted(work_folder(folder, task) / "pids")[0]
        ask(live, "ask_pause", task)
        paused = until_status(live, task, TaskStatus.PAUSED)
        assert not alive(child)
        assert (paused.wish, paused.progress_done) == ("", 6)
        assert until_ended(live, other).status == TaskStatus.SUCCEEDED
        (folder / "halt-6").unlink()
        ask(live, "resume", task)
        assert until_ended(live, task).status == TaskStatus.SUCCEEDED
    assert (folder / "published" / str(task.id) / "ledger").read_text() == "".join(f"{step}\n" for step in range(1, 13))
    assert [event for _, _, event in steps(live, task)] == ["CREATE", "CLAIM", "PAUSE", "RESUME", "CLAIM", "SUCCEED"]


def test_a_stopping_worker_gives_its_task_back_at_once(live: Toys, folder: Path) -> None:
    task = create(live, "stay", max_attempts=1)
    with working(live, folder) as stop:
        pids = until(lambda: noted(work_folder(folder, task) / "pids"))
        stop.set()
    back = stored(live, task)
    assert (back.status, back.attempt, back.lease_until, back.reason) == (TaskStatus.PENDING, 0, 0, TaskReason.WAIT_CAPACITY)
    assert not any(alive(pid) for pid in pids)
    assert work_folder(folder, task).exists(), "the next attempt needs its checkpoint"


@pytest.mark.parametrize(
    ("asked", "status"), [("cancel", TaskStatus.CANCELLED), ("pause", TaskStatus.PAUSED), ("stop", TaskStatus.PENDING)]
)
def test_what_is_asked_while_inputs_are_fetched_starts_no_child(live: Toys, folder: Path, asked: str, status: TaskStatus) -> None:
    task, fetching, go_on = create(live, "stay"), threading.Event(), threading.Event()

    def before(step: str, _: ToyTask) -> None:
        if step == "prepare":
            fetching.set()
            assert go_on.wait(30)

    with working(live, folder, before) as stop:
        assert fetching.wait(30)
        lease = stored(live, task).lease_until
        if asked == "cancel":
            ask(live, "cancel", task, "")
        elif asked == "pause":
            ask(live, "ask_pause", task)
        else:
            stop.set()
        # The keeper hears it at its next beat and beats no more.
        until(lambda: asked == "stop" or stored(live, task).lease_until > lease)
        until(lambda: not any(thread.name == "lease" for thread in threading.enumerate()))
        go_on.set()
        assert until_status(live, task, status).lease_until == 0
    assert not (work_folder(folder, task) / "pids").exists(), "a child ran, and nobody would have renewed its lease"


@pytest.mark.parametrize("noticed", [True, False])
def test_a_cancel_while_the_result_is_published_wins(live: Toys, folder: Path, noticed: bool) -> None:
    task = create(live, "finish")

    def before(step: str, mine: ToyTask) -> None:
        if step == "publish":
            ask(live, "cancel", mine, "")
            if noticed:
                until(lambda: not any(thread.name == "lease" for thread in threading.enumerate()))

    with working(live, folder, before):
        assert until_ended(live, task).status == TaskStatus.CANCELLED
    assert [event for _, _, event in steps(live, task)] == ["CREATE", "CLAIM", "CANCEL", "FREED"]


@pytest.mark.parametrize("function", ["refuse", "trip"])
def test_a_cancel_wins_over_a_failure(live: Toys, folder: Path, function: str) -> None:
    """The engine failed while nobody had told its worker yet."""
    task = create(live, function)

    def before(step: str, mine: ToyTask) -> None:
        if step == "prepare":
            ask(live, "cancel", mine, "")

    with working(live, folder, before):
        assert until_ended(live, task).status == TaskStatus.CANCELLED


def test_long_publishing_keeps_its_lease_and_is_not_repeated_for_a_stop(live: Toys, folder: Path) -> None:
    task, published = create(live, "finish"), threading.Event()
    live.lease_ms = 1000

    def before(step: str, mine: ToyTask) -> None:
        if step == "publish":
            first = stored(live, mine).lease_until
            stop.set()
            ask(live, "ask_pause", mine)
            until(lambda: stored(live, mine).lease_until > first + 2 * live.lease_ms)
            assert live.sweep() == 0
            published.set()

    with working(live, folder, before) as stop:
        assert until_ended(live, task).status == TaskStatus.SUCCEEDED
    assert published.is_set()
    assert stored(live, task).attempt == 1


# --- what goes wrong around a task


def test_a_stolen_task_is_let_go(live: Toys, folder: Path) -> None:
    task = create(live, "stay")
    with working(live, folder) as stop:
        pids = until(lambda: noted(work_folder(folder, task) / "pids"))
        with live.db.begin(caller()) as tx:
            tx.conn.execute(TABLE.update().where(TABLE.c.id == task.id).values(epoch=7, worker="thief", lease_until=tx.now + 3_600_000))
        until(lambda: not any(alive(pid) for pid in pids))
        other = create(live, "finish")
        assert until_ended(live, other).status == TaskStatus.SUCCEEDED
        stop.set()
    now = stored(live, task)
    assert (now.status, now.epoch, now.worker) == (TaskStatus.RUNNING, 7, "thief")
    assert work_folder(folder, task).exists()


@pytest.mark.parametrize("step", ["prepare", "publish"])
@pytest.mark.parametrize("mistake", [KeyError("bug"), OSError(5, "disk")])
def test_a_mistake_beside_the_engine_costs_an_attempt_and_not_the_worker(live: Toys, folder: Path, step: str, mistake: Exception) -> None:
    task, hurt = create(live, "finish"), []

    def before(now: str, mine: ToyTask) -> None:
        if now == step and mine.id == task.id and not hurt:
            hurt.append(now)
            raise mistake

    with working(live, folder, before):
        left = until_left(live, task)
        assert (left.status, left.reason) == (TaskStatus.PENDING, TaskReason.WAIT_RETRY)
        assert until_ended(live, create(live, "finish")).status == TaskStatus.SUCCEEDED
        with live.db.begin(caller()) as tx:
            tx.conn.execute(TABLE.update().where(TABLE.c.id == task.id).values(not_before=0))
        done = until_ended(live, task)
    assert (done.status, done.attempt) == (TaskStatus.SUCCEEDED, 2)


def test_a_crash_between_publishing_and_the_end_is_repaired(live: Toys, folder: Path) -> None:
    task = create(live, "finish")
    succeed, died = live.succeed, []

    def dies_once(*facts: Any, **changes: Any) -> ToyTask:
        if not died:
            died.append(1)
            raise unavailable("database")
        return succeed(*facts, **changes)

    live.succeed = dies_once  # type: ignore[method-assign]
    with working(live, folder):
        until_left(live, task)
        assert (folder / "published" / str(task.id)).exists()
        with live.db.begin(caller()) as tx:
            tx.conn.execute(TABLE.update().where(TABLE.c.id == task.id).values(not_before=0))
        assert until_ended(live, task).status == TaskStatus.SUCCEEDED


@pytest.mark.parametrize("mistake", [unavailable("database"), KeyError("bug")])
def test_metrics_that_cannot_be_stored_wait_and_do_not_cost_the_lease(live: Toys, folder: Path, mistake: Exception) -> None:
    task, refused = create(live, "count", {"steps": 4}), []
    (folder / "halt-3").touch()

    def before(step: str, mine: ToyTask) -> None:
        if step == "metrics" and (folder / "halt-3").exists():
            refused.append(mine.lease_until)
            raise mistake

    with working(live, folder, before):
        until(lambda: len(refused) >= 2)
        first = stored(live, task).lease_until
        until(lambda: stored(live, task).lease_until > first)
        (folder / "halt-3").unlink()
        assert until_ended(live, task).status == TaskStatus.SUCCEEDED
    with live.db.read() as conn:
        values = conn.execute(sa.select(sa.text("value FROM toy_metric ORDER BY step"))).scalars().all()
    assert values == [1, 4, 9, 16]


def test_chores_run_and_a_broken_one_stops_nobody(live: Toys, folder: Path) -> None:
    ran: list[str] = []

    def broken() -> None:
        ran.append("broken")
        raise KeyError("bug")

    def refused() -> None:
        ran.append("refused")
        raise PlatformError(503, unavailable("x").reason, what="x")

    task = create(live, "finish")
    with working(live, folder, broken=broken, refused=refused, good=lambda: ran.append("good")):
        assert until_ended(live, task).status == TaskStatus.SUCCEEDED
        until(lambda: ran.count("good") >= 2)
    assert ran[:3] == ["broken", "refused", "good"]


def test_folders_nobody_will_come_back_to_are_removed(live: Toys, folder: Path) -> None:
    """A paused task that is cancelled has no worker to clean up after it; neither has one whose worker died after the end."""
    ended, paused = create(live, "stay"), create(live, "stay")
    ask(live, "cancel", ended, "")
    with live.db.begin(caller()) as tx:
        tx.conn.execute(TABLE.update().where(TABLE.c.id == paused.id).values(status=int(TaskStatus.PAUSED)))
    for name in (str(ended.id), str(paused.id), "12345", "notes"):
        (folder / "work" / name).mkdir(parents=True)
        (folder / "work" / name / "checkpoint").write_bytes(b"x")
    with working(live, folder):
        until(lambda: not work_folder(folder, ended).exists())
    assert sorted(os.listdir(folder / "work")) == sorted([str(paused.id), "12345", "notes"])
