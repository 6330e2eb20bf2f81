"""What a claim costs does not grow with the tasks that have ended, whichever index the store prefers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from libs.common.clock import ManualClock
from libs.common.work.lifecycle import TaskLifecycle
from tests.support.stores import caller
from tests.support.toy import ToyTask, create, open_toys

STEPS = 10  # instructions of the store's machine between two counts


def steps_of_a_claim(toys: TaskLifecycle[ToyTask]) -> int:
    """Hundreds or thousands of steps the writing connection makes while one task is claimed; the task ends."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    with toys.db.begin(caller()) as tx:  # nobody else writes: the claim is given this connection again
        driver: Any = tx.conn.connection.driver_connection
    driver.set_progress_handler(count, STEPS)
    task = toys.claim("w")
    driver.set_progress_handler(None, STEPS)
    assert task is not None
    toys.succeed(task, {})
    return counted


@pytest.mark.parametrize("missing", ["toy_task_status", "toy_task_space", None])
def test_ended_tasks_cost_a_claim_nothing(tmp_path: Path, missing: str | None) -> None:
    toys = open_toys(tmp_path, ManualClock())
    with toys.db.begin(caller()) as tx:
        if missing is not None:
            tx.conn.exec_driver_sql(f"DROP INDEX {missing}")
        for table in ("state_event", "toy_task"):
            assert tx.conn.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar_one() == 0
    for _ in range(330):
        create(toys)
    at_first = [steps_of_a_claim(toys) for _ in range(10)]
    for _ in range(300):
        steps_of_a_claim(toys)
    at_last = [steps_of_a_claim(toys) for _ in range(10)]
    assert min(at_first) > 0
    assert max(at_last) <= max(at_first) * 1.5
    toys.db.close()
