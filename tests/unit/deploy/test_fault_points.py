"""Every fault point of the deploy domain armed once with a crash and once with an exception in a real worker process: the order still ends
where it should, and the auditor finds nothing. Those of all other domains: tests/faults/test_fault_points.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from libs.common import fault
from libs.common.clock import SystemClock
from libs.common.settings import Settings
from libs.common.store.audit import Patience
from libs.ops.audit import audit
from services.deploy.domain.order import WorkOrder, WorkOrderStatus
from tests.faults.sweep import pairs
from tests.support.evidence import Evidence
from tests.support.stores import caller
from tests.unit.deploy.stand import Stand, serving_processes, until
from tests.unit.deploy.test_kill import Workers
from tests.unit.deploy.test_release import STEPS, ask, endpoints
from tests.unit.deploy.world import VERSIONS

S = WorkOrderStatus
Scene = Callable[[Stand], WorkOrder]


def released(stand: Stand) -> WorkOrder:
    """From nothing to ONLINE; a release whose digest nobody evaluated yet."""
    stand.world.forget_evaluations()
    return stand.release(stand.config(f"c{stand.db.ids.next()}"))


@contextmanager
def asking(stand: Stand) -> Iterator[None]:
    """Somebody asks every endpoint again and again, and does not mind one that dies or drains."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.02):
            for route in endpoints(stand).values():
                with suppress(httpx.HTTPError, AssertionError):
                    ask(route)

    asker = threading.Thread(target=run)
    asker.start()
    try:
        yield
    finally:
        stop.set()
        asker.join()


def stepped(stand: Stand) -> WorkOrder:
    """A second release that takes over the traffic step by step."""
    released(stand)
    with asking(stand):
        return stand.release(stand.config("steps", threads=2, **STEPS), VERSIONS[1])


def cancelled(stand: Stand) -> WorkOrder:
    """An order cancelled while its staging instance runs."""
    stand.world.forget_evaluations()
    stand.world.set(held=True)
    order = stand.order(stand.config("c"))
    until(lambda: stand.read(order.id).eval_task_id or None, 60)
    stand.service.cancel_work_order(caller(), id=order.id)
    ended = stand.until(order.id, S.CANCELLED)
    stand.world.set(held=False)
    return ended


def rolled_back(stand: Stand) -> WorkOrder:
    """Back to what served before."""
    released(stand)
    second = stand.release(stand.config("two", threads=2), VERSIONS[1])
    stand.service.roll_back_work_order(caller(2), id=second.id)
    return stand.until(second.id, S.ROLLED_BACK)


POINTS: dict[str, Scene] = {
    **dict.fromkeys(
        (
            "deploy.after_claim_before_step",
            "deploy.after_export_before_advance",
            "deploy.after_parity_before_advance",
            "deploy.after_bundle_before_told",
            "deploy.after_told_before_packaged",
            "deploy.after_question_noted_before_asked",
            "deploy.after_asked_before_noted",
            "deploy.after_instances_before_provisioned",
            "deploy.after_smoke_before_traffic",
            "deploy.after_gate_before_online",
            "node.after_start_before_row",
            "node.after_stop_before_row",
        ),
        released,
    ),
    "deploy.after_step_judged_before_weight": stepped,
    "deploy.after_drop_before_end": cancelled,
    "deploy.after_restart_before_restored": rolled_back,
}


def patience() -> Patience:
    return Patience(SystemClock().now_ms(), lease=3_000, delivery=5_000)


class Watched(Workers):
    """A worker that is started again when it ends, as the supervisor does."""

    def revive(self) -> None:
        if self.process.poll() is not None:
            self.start()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("point", "kind"), pairs(POINTS))
def test_a_fault_between_two_side_effects(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, kind: str, evidence: Evidence
) -> None:
    log = tmp_path / "worker.log"
    with closing(Watched(stand.home, log)) as workers:
        monkeypatch.setenv(fault.VARIABLE, f"{point}={kind}")
        workers.start()
        monkeypatch.delenv(fault.VARIABLE)
        read = stand.read

        def reviving(id: int) -> WorkOrder:
            workers.revive()
            return read(id)

        monkeypatch.setattr(stand, "read", reviving)
        began = time.monotonic()
        POINTS[point](stand)
        seconds = time.monotonic() - began
        until(lambda: workers.revive() or f"fault {point} {kind}\n" in log.read_text(), 30, lambda: "the point was not passed")
        until(lambda: workers.revive() or set(serving_processes(stand.home)) <= _pids(stand), 30, lambda: "a process nobody knows")
        report = audit(Settings(home=str(stand.home)), patience, 1.0)
    for invariant in ("I3", "I5", "I6", "I9", "I10"):
        found = [violation for violation in report.violations if violation.invariant == invariant]
        done = f"fault points: {kind}, then audit"
        evidence(invariant, done, tries=1, violations=len(found), recovered_s=round(seconds, 1))
    assert report.violations == []


def _pids(stand: Stand) -> set[int]:
    return {row.pid for row in stand.service.fleet.on_node()}
