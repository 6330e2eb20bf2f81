"""A deploy domain under test: a real store, real artifacts, real serving processes, and the worker in this process or in one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from libs.common.clock import SystemClock
from libs.common.store.repository import PageRequest
from libs.common.store.storage import ArtifactStore
from services.deploy.domain.order import WorkOrder, WorkOrderStatus
from services.deploy.node import LocalNode, NodeOptions
from services.deploy.repository import METADATA
from services.deploy.service import DeployService
from services.deploy.service.neighbours import Neighbours
from services.deploy.worker.loop import DeployWorker
from tests.support.stores import caller, open_store
from tests.unit.deploy.world import EVAL_CONFIG_ID, MODEL_ID, VERSIONS, World

REQUESTER, APPROVER = 1, 2
LEASE_SECONDS = 1.0
NODE = NodeOptions(look=0.02, report=0.2, drain=2.0, silent=10.0)
_S = WorkOrderStatus
ENDED = frozenset({_S.ONLINE, _S.FAILED, _S.CANCELLED, _S.REJECTED, _S.ROLLED_BACK})
T = TypeVar("T")


class Stand:
    """home: of the platform. worker: number of the id generator, one per process of a test."""

    def __init__(self, home: Path, worker: int = 0) -> None:
        self.home = home
        self.world = World(home / "world")
        self.db = open_store(home, "deploy", METADATA, SystemClock(), worker)
        self.artifacts = ArtifactStore(home / "artifacts")
        self.service = DeployService(self.db, Neighbours(self.world.model, self.world.eval, self.world.dataset), LEASE_SECONDS)

    def close(self) -> None:
        self.db.close()

    def new_worker(self, node: NodeOptions = NODE) -> DeployWorker:
        supervisor = LocalNode(self.service.fleet, self.artifacts, self.home, node)
        return DeployWorker("test", self.service, self.artifacts, self.home, 1, 0.02, supervisor)

    @contextmanager
    def working(self, node: NodeOptions = NODE) -> Iterator[DeployWorker]:
        """The worker runs in this process; nothing of it is left afterwards."""
        worker = self.new_worker(node)
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            yield worker
        finally:
            worker.stop.set()
            thread.join(30)
            assert not thread.is_alive()

    # --- what people do

    def config(self, name: str = "c", **options: Any) -> int:
        settings = {"eval_config_id": str(EVAL_CONFIG_ID), "max_new_tokens": 12, "parity_items": 6, "smoke_probes": 2, **options}
        return self.service.create_config(caller(), model_id=MODEL_ID, name=name, config=settings).id

    def order(self, config_id: int, version: int = VERSIONS[0], name: str = "release") -> WorkOrder:
        return self.service.create_work_order(caller(REQUESTER), deployment_config_id=config_id, model_version_id=version, name=name)

    def read(self, id: int) -> WorkOrder:
        return self.service.get_work_order(caller(), id=id)

    def approve(self, id: int, user: int = APPROVER) -> WorkOrder:
        return self.service.approve_work_order(caller(user, expected=self.read(id).version), id=id, comment="looks right")

    def until(self, id: int, *wanted: WorkOrderStatus, seconds: float = 60.0) -> WorkOrder:
        """The order once it is in one of ``wanted``; fails when it ends elsewhere."""

        def reached() -> WorkOrder | None:
            order = self.read(id)
            assert order.status in wanted or order.status not in ENDED, (order.status.name, order.status_reason, order.error)
            return order if order.status in wanted else None

        return until(reached, seconds, lambda: str(self.read(id)))

    def release(self, config_id: int, version: int = VERSIONS[0]) -> WorkOrder:
        """A whole release by a running worker."""
        order = self.order(config_id, version)
        self.until(order.id, _S.AWAITING_APPROVAL)
        self.approve(order.id)
        return self.until(order.id, _S.ONLINE)

    def events(self, id: int, entity: str = "work_order") -> list[tuple[str, int]]:
        """(event, state after it) of an object, oldest first."""
        table = self.db.table("state_event")
        query = table.select().where(table.c.entity == entity, table.c.entity_id == id).order_by(table.c.id)
        with self.db.read() as conn:
            return [(row.event, row.to_status) for row in conn.execute(query)]

    def weights(self) -> dict[str, int]:
        """Of the only slot."""
        slots = self.service.list_slots(caller(), page=PageRequest()).items
        return {weight.digest: weight.weight for weight in slots[0].weights} if slots else {}


@contextmanager
def worker_process(home: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of its own, killed at the latest at the end."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.deploy.worker_process", str(home)],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd=Path(__file__).parents[3],
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()


def serving_processes(home: Path) -> list[int]:
    """Process numbers of all serving processes whose bundle lies in this home."""
    return _processes("services.deploy.engine.serving", home)


def _processes(module: str, home: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if module in words and any(word.startswith(str(home)) for word in words):
                found.append(int(entry.name))
    return found


def until(condition: Callable[[], T | None], seconds: float = 20.0, told: Callable[[], str] = str) -> T:
    """Polls until ``condition`` gives something; fails with what is ``told`` when it does not in time."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"it did not come true in time: {told()}"
        time.sleep(0.01)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def path_of(id: int, stand: Stand) -> list[str]:
    """The states the order went through."""
    return [_S(status).name for _, status in stand.events(id)]


def engine_children(home: Path) -> list[int]:
    """Process numbers of engine children that work in this home."""
    return _processes("libs.common.work.child", home)
