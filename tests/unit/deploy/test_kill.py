"""kill -9 of the real worker process in stage after stage: the order goes on by itself, and no process is ever left over."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from libs.common import instance_key
from libs.common.errors import PlatformError
from services.deploy.domain.order import WorkOrderStatus
from tests.support.stores import caller
from tests.unit.deploy.stand import LEASE_SECONDS, Stand, kill, path_of, serving_processes, until, worker_process
from tests.unit.deploy.world import MODEL_ID

S = WorkOrderStatus
RANDOM_KILLS = 4


class Workers:
    """One worker process at a time."""

    def __init__(self, home: Path, log: Path) -> None:
        self._home, self._log = home, log
        self._stack = ExitStack()
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        self.process = self._stack.enter_context(worker_process(self._home, self._log))

    def kill(self) -> None:
        """And start another one at once, as the supervisor does."""
        kill(self.process)
        self.start()

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def workers(stand: Stand, tmp_path: Path) -> Iterator[Workers]:
    found = Workers(stand.home, tmp_path / "worker.log")
    found.start()
    yield found
    found.close()


def answering(stand: Stand) -> str | None:
    """The digest that answers at the resolved address, None while nobody does."""
    try:
        route = stand.service.resolve_routes(caller(), model_id=MODEL_ID)[0]
        answer = httpx.get(f"{route.address}/v1/models", headers=instance_key.headers(route.key), timeout=5, trust_env=False)
        return str(answer.headers["x-modelyard-digest"])
    except (PlatformError, httpx.HTTPError):
        return None


def test_killed_in_every_stage_it_still_goes_online(stand: Stand, workers: Workers) -> None:
    stand.world.forget_evaluations()
    stand.world.set(held=True)
    order = stand.order(stand.config("one"))
    until(lambda: stand.read(order.id).eval_task_id)  # an evaluation asks the staging process
    workers.kill()
    stand.world.set(held=False)
    order = stand.until(order.id, S.AWAITING_APPROVAL)
    tasks = stand.world.state()["tasks"].values()
    assert [(task["digest"], task["status"]) for task in tasks] == [(order.digest, 90)]  # the one evaluation went on at the same address

    stand.approve(order.id)
    workers.kill()  # PROVISIONING
    until(lambda: stand.service.fleet.of_order(order.id, "SERVING"))
    workers.kill()
    stand.until(order.id, S.SMOKE_TESTING, S.CANARY, S.ONLINE)
    workers.kill()
    order = stand.until(order.id, S.ONLINE)
    assert path_of(order.id, stand)[-6:] == ["EVALUATING", "AWAITING_APPROVAL", "PROVISIONING", "SMOKE_TESTING", "CANARY", "ONLINE"]
    assert len(path_of(order.id, stand)) == 10  # each stage once
    until(lambda: answering(stand) == order.digest)

    workers.kill()  # ONLINE: the new worker's node starts what has the traffic
    until(lambda: answering(stand) == order.digest)
    until(lambda: len(serving_processes(stand.home)) == 1)

    stand.service.roll_back_work_order(caller(2), id=order.id)
    workers.kill()  # ROLLING_BACK
    stand.until(order.id, S.ROLLED_BACK)
    until(lambda: not serving_processes(stand.home))
    workers.close()
    assert not serving_processes(stand.home)


def test_killed_at_random_moments_it_still_goes_online(stand: Stand, workers: Workers) -> None:
    chance = random.Random(20_260_729)
    order = stand.order(stand.config("one"))
    kills = 0
    while (status := stand.read(order.id).status) != S.ONLINE:
        assert status not in (S.FAILED, S.CANCELLED), stand.read(order.id).error
        if status == S.AWAITING_APPROVAL:
            stand.approve(order.id)
        time.sleep(chance.uniform(0.05, LEASE_SECONDS / 2))  # the moment itself is what is random
        if kills < RANDOM_KILLS:
            workers.kill()
            kills += 1
    assert kills >= 2
    assert len(path_of(order.id, stand)) == 10
    digest = stand.read(order.id).digest
    until(lambda: answering(stand) == digest)
    kill(workers.process)  # for good: the serving processes see their stdin end, and end
    until(lambda: not serving_processes(stand.home))
