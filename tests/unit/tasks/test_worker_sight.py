"""What a worker shows of itself: counts, the heartbeat of its loop, and what its children printed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from libs.common.sight.health import Health, Pulse
from libs.common.sight.metrics import Metrics
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.task import TaskStatus
from tests.support.stores import caller
from tests.support.toy import TABLE, ToyTask, create, stored, toy_worker
from tests.support.until import until

Toys = TaskLifecycle[ToyTask]


@contextmanager
def watched(toys: Toys, folder: Path, stall_seconds: float = 60, **chores: object) -> Iterator[tuple[Metrics, Pulse]]:
    worker, metrics = toy_worker(toys, folder, **chores), Metrics("toy-work")  # type: ignore[arg-type]
    pulses = worker.watched(metrics, stall_seconds)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield metrics, pulses["work"]
    finally:
        worker.stop.set()
        thread.join(30)
        assert not thread.is_alive(), "the worker did not stop"


def value(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, {"process": "toy-work", **labels}) or 0.0


def test_claims_and_attempts_are_counted_by_outcome(live: Toys, folder: Path) -> None:
    good, bad = create(live, "finish"), create(live, "refuse")
    with watched(live, folder) as (metrics, _):
        until(lambda: value(metrics, "modelyard_task_attempt_seconds_count") == 2)
    assert (stored(live, good).status, stored(live, bad).status) == (TaskStatus.SUCCEEDED, TaskStatus.FAILED)
    assert value(metrics, "modelyard_task_claims_total") == 2
    assert value(metrics, "modelyard_task_attempts_total", outcome="SUCCEEDED") == 1
    assert value(metrics, "modelyard_task_attempts_total", outcome="FAILED") == 1
    assert value(metrics, "modelyard_task_lease_losses_total") == 0


def test_a_lost_lease_is_counted(live: Toys, folder: Path) -> None:
    task = create(live, "stay")
    with watched(live, folder) as (metrics, _):
        until(lambda: stored(live, task).status == TaskStatus.RUNNING)
        with live.db.begin(caller()) as tx:  # somebody took it over
            tx.conn.execute(TABLE.update().where(TABLE.c.id == task.id).values(epoch=99))
        until(lambda: value(metrics, "modelyard_task_lease_losses_total") == 1)


def test_a_chore_that_hangs_makes_the_worker_not_alive(live: Toys, folder: Path) -> None:
    gate = threading.Event()
    with watched(live, folder, 0.3, hang=lambda: gate.wait(30)) as (_, pulse):
        health = Health("toy-work", {}, {"work": pulse})
        try:
            until(lambda: not health.alive())
            assert "work" in health.stuck()
        finally:
            gate.set()
        until(health.alive)


def test_the_loop_comes_round_while_a_task_runs(live: Toys, folder: Path) -> None:
    beats: list[TaskStatus] = []
    task = create(live, "stay")
    with watched(live, folder) as (_, pulse):
        own = pulse.beat

        def beat() -> None:
            beats.append(stored(live, task).status)
            own()

        pulse.beat = beat  # type: ignore[method-assign]
        until(lambda: beats.count(TaskStatus.RUNNING) >= 6)


@pytest.mark.parametrize(("function", "said"), [("trip", "ValueError"), ("be_killed", None)])
def test_what_a_failed_child_printed_is_logged_with_its_task(live: Toys, folder: Path, function: str, said: str | None) -> None:
    task = create(live, function, max_attempts=1)
    with capture_logs() as lines, watched(live, folder):
        until(lambda: stored(live, task).status == TaskStatus.FAILED)
    printed = [line for line in lines if line["event"] == "engine_output"]
    assert [line["task"] for line in printed] == ([task.id] if said else [])
    if said:
        assert said in printed[0]["output"]
        assert len(printed[0]["output"]) <= 4096
