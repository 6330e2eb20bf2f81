"""The worker process: one thread builds, one releases, one is the node. Threads and processes meet only in the store.

Builds are long children, releases are short looks; so that a release never waits for a build they are claimed apart. Several workers may
run beside each other: leases decide about orders, a file lock about who is the node.
"""

from __future__ import annotations

import math
import os
import shutil
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from libs.common import fault
from libs.common.coord.fencing import Leadership, only_leader
from libs.common.errors import PlatformError, Reason
from libs.common.sight import logs
from libs.common.sight.health import Check, Pulse
from libs.common.sight.metrics import Metrics
from libs.common.store.outbox import Relay
from libs.common.store.storage import ArtifactStore
from services.deploy.domain.order import BUILDING, RELEASING, WorkOrder, WorkOrderStatus
from services.deploy.node import Node, NodeOptions
from services.deploy.service import DeployService
from services.deploy.service.orders import EVALUATION_UNWANTED
from services.deploy.service.traffic import SERVING_CHANGED
from services.deploy.worker.build import Build
from services.deploy.worker.hold import LOST, Hold, InterruptedStage, facts_of
from services.deploy.worker.release import Release

log = logs.get("deploy-worker")
ATTEMPTS_MAX = 5
RETRY_SECONDS = (0.5, 30.0)  # before the second attempt, doubled before each further one, up to
WAIT_SECONDS = 0.5  # for a neighbour that is away
WAITING = (Reason.UNAVAILABLE, Reason.DEADLINE_EXCEEDED, Reason.CONNECTION_LOST, Reason.BUSY, Reason.DISK_FULL)
"""Failures that pass by themselves and are nobody's fault: waited out, however long it takes."""

Step = Callable[[WorkOrder, Hold], object]
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
        node: NodeOptions,
        leadership: Leadership | None = None,
    ) -> None:
        self.name = f"{name}@{socket.gethostname()}:{os.getpid()}"
        self.stop = threading.Event()
        self._service, self._orders, self._poll = service, service.orders, poll_seconds
        self._folder = home / "work" / "deploy" / "orders"
        self._node = Node(service.fleet, artifacts, home, node)
        build = Build(service.orders, service.neighbours, artifacts, self._folder, threads)
        release = Release(service, artifacts)
        self._ending: Step = release.end
        self._steps: Mapping[WorkOrderStatus, Step] = {
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
        topics = {SERVING_CHANGED: service.neighbours.record_serving, EVALUATION_UNWANTED: service.neighbours.cancel_evaluation}
        self._relay = only_leader(leadership, Relay(service.db, topics).run_once)
        self._metrics, self._pulses = Metrics(name), {"build": Pulse(math.inf), "release": Pulse(math.inf)}

    @property
    def checks(self) -> dict[str, Check]:
        """Health of what runs here beside the store."""
        return {"node": self._node.check}

    def watched(self, metrics: Metrics, stall_seconds: float) -> Mapping[str, Pulse]:
        """What ``process.work`` asks of a loop. The node has a check of its own."""
        self._metrics, self._pulses = metrics, {name: Pulse(stall_seconds) for name in self._pulses}
        return self._pulses

    def run(self) -> None:
        """Until ``stop``: then children are ended, their orders given back, and the serving processes drained."""
        try:
            self._node.take_over()  # before any order is looked at: what the store says of instances is stale until then
        except PlatformError as error:
            log.warning("take_over_failed", error=str(error))  # the node tries again by itself
        node_stop = threading.Event()
        node = threading.Thread(target=self._node.run, args=(node_stop,), name="node")
        build = threading.Thread(target=self._loop, args=("build", BUILDING, False, {"tidy": self.tidy}), name="build")
        node.start()
        build.start()
        try:
            self._loop("release", RELEASING, True, {"relay": self._relay})
        finally:
            self.stop.set()
            build.join()
            node_stop.set()  # last: an order that was given back leaves its instances to the next worker
            node.join()

    def _loop(self, name: str, statuses: Collection[WorkOrderStatus], endings: bool, chores: Mapping[str, Callable[[], object]]) -> None:
        beat = self._pulses[name].beat
        while not self.stop.is_set():
            beat()
            for chore_name, chore in chores.items():
                try:
                    chore()
                except PlatformError as error:
                    log.warning("chore_failed", chore=chore_name, error=str(error))
                except Exception as error:  # one broken chore must not stop the work
                    log.error("chore_broke", chore=chore_name, exc_info=error)
            if not self.step_once(statuses, endings, beat):
                self.stop.wait(self._poll)

    def step_once(self, statuses: Collection[WorkOrderStatus], endings: bool, beat: Callable[[], None] = lambda: None) -> bool:
        """One look at one order. Answers whether there was any."""
        try:
            order = self._orders.claim(self.name, statuses, endings)
        except PlatformError as error:
            log.warning("claim_failed", error=str(error))
            return False
        if order is None:
            return False
        self._metrics.of("modelyard_task_claims_total").inc()
        try:
            self._do(order, beat)
        except Exception as error:  # the lease is lost or the store is away: the order comes back by its lease
            log.warning("order_abandoned", order=order.id, error=f"{type(error).__name__}: {error}")
        return True

    def _do(self, order: WorkOrder, beat: Callable[[], None]) -> None:
        fault.point("deploy.after_claim_before_step")
        step = self._ending if order.wish else self._steps[order.status]
        with Hold(order, self._orders, self.stop, beat) as hold:
            try:
                if order.attempt >= ATTEMPTS_MAX and order.status != _S.ROLLING_BACK and not order.wish:
                    raise PlatformError(500, Reason.POISON, attempts=order.attempt)
                step(order, hold)
                log.debug("order_looked_at", order=order.id, status=order.status.name)
            except InterruptedStage as interrupted:
                if interrupted.why != LOST:
                    self._orders.release(order)
            except Exception as error:
                self._failed(order, error)

    def _failed(self, order: WorkOrder, cause: Exception) -> None:
        """What becomes of an order whose stage raised."""
        error = facts_of(cause)
        if error.reason == Reason.STALE_EPOCH:
            raise error
        if error.reason == Reason.STALE_VERSION or (error.reason == Reason.CANCELLED and order.status != _S.ROLLING_BACK):
            return self._orders.release(order)  # somebody changed it, or wants it to end: the next look sees that
        if error.reason == Reason.INTERNAL:
            log.error("stage_broke", order=order.id, status=order.status.name, exc_info=cause)
        first, longest = RETRY_SECONDS
        why = f"{error.reason.name}: {error}"
        if error.reason in WAITING:
            return self._orders.release(order, WAIT_SECONDS, f"WAIT_DEPENDENCY, {why}")
        pause = min(first * 2**order.attempt, longest)
        if order.status == _S.ROLLING_BACK or order.wish:
            # No way out but through: it is tried again for ever, and says why it is still there. A person is called.
            log.error("order_stuck", order=order.id, status=order.status.name, error=str(error))
            return self._orders.release(order, pause, why, min(order.attempt + 1, ATTEMPTS_MAX))
        if (error.retryable or error.code >= 500) and order.attempt + 1 < ATTEMPTS_MAX and error.reason != Reason.POISON:
            log.warning("stage_failed", order=order.id, status=order.status.name, attempt=order.attempt + 1, error=str(error))
            return self._orders.release(order, pause, why, order.attempt + 1)
        log.warning("order_failed", order=order.id, status=order.status.name, error=str(error))
        self._orders.fail(order, error)
        return None

    def tidy(self) -> None:
        """Removes what building left of orders that are past it."""
        if self._folder.is_dir():
            ids = [int(path.name) for path in self._folder.iterdir() if path.name.isdecimal()]
            for id in set(ids) - self._orders.building(ids, BUILDING):
                shutil.rmtree(self._folder / str(id), ignore_errors=True)
