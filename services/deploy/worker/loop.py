"""The worker process: one thread builds, one releases, one is the node. Threads and processes meet only in the store.

Builds are long children, releases are short looks; so that a release never waits for a build they are claimed apart. Several workers may
run beside each other: leases decide about orders, a file lock about who is the node.
"""

from __future__ import annotations

import random
import re
import shutil
import threading
from collections.abc import Callable, Collection, Mapping
from enum import IntEnum
from pathlib import Path

from libs.common import fault
from libs.common.coord.fencing import Leadership, only_leader
from libs.common.errors import PlatformError
from libs.common.sight import logs
from libs.common.sight.health import Check, Pulse
from libs.common.sight.metrics import Metrics
from libs.common.store.notice import deliveries
from libs.common.store.outbox import Relay
from libs.common.store.storage import ArtifactStore
from libs.common.work.executor import LocalExecutor
from libs.common.work.loop import WorkLoop, worker_name
from libs.common.work.outage import Backoff
from libs.common.work.staged import StagedWork, Step
from services.deploy.domain.order import BUILDING, RELEASING, WorkOrder, WorkOrderStatus
from services.deploy.node import Node
from services.deploy.service import DeployService
from services.deploy.worker.build import Build
from services.deploy.worker.release import Release

log = logs.get("deploy-worker")
WAIT_SECONDS = (0.5, 5.0)  # first and longest pause for a neighbour that is away: a release has somebody waiting for it
ENTRIES = re.compile(r"services\.deploy\.(engine\.(export|parity)|worker\.packing):run")
_S = WorkOrderStatus


class DeployWorker:
    """``run`` works until ``stop`` is set. home: of the platform. threads: CPU threads of a child. poll_seconds: of an idle loop.

    leadership: of the relay, which one worker runs for all; None: it is alone.
    """

    def __init__(
        self,
        name: str,
        service: DeployService,
        artifacts: ArtifactStore,
        home: Path,
        threads: int,
        poll_seconds: float,
        node: Node,
        leadership: Leadership | None = None,
    ) -> None:
        self.name, self.stop = worker_name(name), threading.Event()
        self._orders, self._folder = service.orders, home / "work" / "deploy" / "orders"
        self._node = node
        self._work = self._staged(service, artifacts, threads)
        relay = Relay(service.db, deliveries(service.neighbours.told()))
        led = {"sweep": self._orders.sweep, "relay": relay.run_once}
        chores = {name: only_leader(leadership, chore) for name, chore in led.items()}
        self.loops = {
            "build": self._loop(BUILDING, False, poll_seconds, {"tidy": self.tidy}),
            "release": self._loop(RELEASING, True, poll_seconds, chores),
        }

    def _staged(self, service: DeployService, artifacts: ArtifactStore, threads: int) -> StagedWork[WorkOrder]:
        build = Build(service.orders, service.neighbours, artifacts, self._folder, threads)
        release = Release(service, artifacts)
        steps: Mapping[IntEnum, Step[WorkOrder]] = {
            _S.PENDING: build.start,
            _S.CONVERTING: build.convert,
            _S.VERIFYING: build.verify,
            _S.PACKAGING: build.package,
            _S.EVALUATING: release.evaluate,
            _S.PROVISIONING: release.provision,
            _S.SMOKE_TESTING: release.smoke,
            _S.CANARY: release.canary,
            _S.ROLLING_BACK: release.roll_back,
        }
        outage = Backoff(service.db.clock.monotonic, random.Random(), *WAIT_SECONDS)
        executor = LocalExecutor(ENTRIES)
        return StagedWork(service.orders, steps, release.end, outage, self.stop, (_S.ROLLING_BACK,), executor)

    def _loop(
        self, statuses: Collection[WorkOrderStatus], endings: bool, poll_seconds: float, chores: Mapping[str, Callable[[], object]]
    ) -> WorkLoop[WorkOrder]:
        return WorkLoop(
            claim=lambda: self._orders.claim(self.name, statuses, endings),
            work=self._look,
            give_back=self._work.give_back,
            chores=chores,
            poll_seconds=poll_seconds,
            stop=self.stop,
        )

    def _look(self, order: WorkOrder) -> PlatformError | None:
        fault.point("deploy.after_claim_before_step")
        return self._work.look(order)

    @property
    def checks(self) -> dict[str, Check]:
        """Health of what runs here beside the store."""
        return {"node": self._node.check}

    def watched(self, metrics: Metrics, stall_seconds: float) -> Mapping[str, Pulse]:
        """What ``process.work`` asks of a loop. The node has a check of its own."""
        return {name: loop.watched(metrics, stall_seconds) for name, loop in self.loops.items()}

    def run(self) -> None:
        """Until ``stop``: then children are ended, their orders given back, and the serving processes drained."""
        try:
            self._node.take_over()  # before any order is looked at: what the store says of instances is stale until then
        except PlatformError as error:
            log.warning("take_over_failed", error=str(error))  # the node tries again by itself
        node_stop = threading.Event()
        node = threading.Thread(target=self._node.run, args=(node_stop,), name="node")
        build = threading.Thread(target=self.loops["build"].run, name="build")
        node.start()
        build.start()
        try:
            self.loops["release"].run()
        finally:
            self.stop.set()
            build.join()
            node_stop.set()  # last: an order that was given back leaves its instances to the next worker
            node.join()

    def tidy(self) -> None:
        """Removes what building left of orders that are past it."""
        if self._folder.is_dir():
            ids = [int(path.name) for path in self._folder.iterdir() if path.name.isdecimal()]
            for id in set(ids) - self._orders.building(ids, BUILDING):
                shutil.rmtree(self._folder / str(id), ignore_errors=True)
