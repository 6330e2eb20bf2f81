"""One home in which a real order was built by a real worker process that was killed twice on the way: what all other tests start from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from libs.common.clock import ManualClock
from services.deploy.domain.order import WorkOrder, WorkOrderStatus
from services.deploy.repository import METADATA
from services.deploy.service import DeployService, traffic
from services.deploy.service.neighbours import Neighbours
from tests.support.stores import caller, open_store
from tests.unit.deploy.material import furnish
from tests.unit.deploy.stand import Stand, engine_children, kill, serving_processes, until, worker_process
from tests.unit.deploy.world import VERSIONS, World

_S = WorkOrderStatus
BUILD_SECONDS = 200.0  # the exporter's imports alone take long on a busy machine


@dataclass(frozen=True)
class Built:
    """home: its orders are over, but what they built and how it was judged is there, for one and two threads. order: the first one, as it
    waited for approval. killed: states in which its worker was killed.
    """

    home: Path
    order: WorkOrder
    killed: list[str]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    home, killed = folder / "home", []
    stand = Stand(home)
    furnish(stand.world, stand.artifacts, folder / "material")
    order = stand.order(stand.config("built"))
    for status in (_S.CONVERTING, _S.VERIFYING):
        with worker_process(home, folder / "worker.log") as process:
            stand.until(order.id, status, seconds=BUILD_SECONDS)
            until(lambda: engine_children(home), 20.0)
            kill(process)
            killed.append(stand.read(order.id).status.name)
        until(lambda: not engine_children(home))
    with worker_process(home, folder / "worker.log") as process:
        order = stand.until(order.id, _S.AWAITING_APPROVAL, seconds=BUILD_SECONDS)
        until(lambda: not serving_processes(home))
        stand.service.cancel_work_order(caller(), id=order.id)
        stand.until(order.id, _S.CANCELLED)
        other = stand.order(stand.config("built for two threads", threads=2))
        stand.until(other.id, _S.AWAITING_APPROVAL, seconds=BUILD_SECONDS)
        stand.service.cancel_work_order(caller(), id=other.id)
        stand.until(other.id, _S.CANCELLED)
        process.terminate()
        assert process.wait(20) == 0, (folder / "worker.log").read_text()[-2000:]
    assert not serving_processes(home)
    stand.close()
    return Built(home, order, killed)


@pytest.fixture
def stand(built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    """A copy of the built home: an order with one or two threads finds every build stage passed. Nothing serves from it afterwards."""
    monkeypatch.setattr(traffic, "GRACE_MS", 200)  # no gateway remembers these endpoints
    home = tmp_path / "home"
    shutil.copytree(built.home, home)
    found = Stand(home)
    yield found
    found.close()
    until(lambda: not serving_processes(home))


@dataclass
class Bare:
    """The verbs over an empty store with a clock of our own; neighbours know two versions that no worker ever touches."""

    service: DeployService
    world: World
    clock: ManualClock


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store; copied, it need not be migrated again."""
    folder = tmp_path_factory.mktemp("migrated")
    open_store(folder, "deploy", METADATA).close()
    return folder


@pytest.fixture
def bare(migrated: Path, tmp_path: Path) -> Iterator[Bare]:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    clock = ManualClock()
    world = World(tmp_path / "world")
    uri = "artifact://sha256:" + "a" * 64
    versions = {str(id): {"status": 20, "uri": uri, "digest": "sha256:" + "a" * 64} for id in VERSIONS}
    world.set(versions=versions, test_version={"uri": uri, "content_hash": "sha256:" + "b" * 64, "records": 3}, questions=["?"])
    db = open_store(tmp_path, "deploy", METADATA, clock)
    yield Bare(DeployService(db, Neighbours(world.model, world.eval, world.dataset), 10.0), world, clock)
    db.close()


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Serving processes and children of these tests share two cores with everything else."""
    os.environ["OMP_NUM_THREADS"] = "1"
