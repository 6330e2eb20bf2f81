"""What becomes of an order whose stage fails: waited for, tried again, given up, or sent back; one look at a time."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.store.database import Transaction
from libs.common.store.storage import ArtifactStore
from libs.common.work.holding import Holding, Interrupted
from services.deploy.domain.order import BUILDING, RELEASING, WorkOrder, WorkOrderStatus
from services.deploy.node import LocalNode, NodeOptions
from services.deploy.service.orders import ATTEMPTS_MAX
from services.deploy.worker.build import Build
from services.deploy.worker.loop import DeployWorker
from tests.support.stores import caller
from tests.unit.deploy import drive
from tests.unit.deploy.conftest import Bare
from tests.unit.deploy.stand import until
from tests.unit.deploy.world import PASS

S = WorkOrderStatus


@pytest.fixture
def worker(bare: Bare, tmp_path: Path) -> DeployWorker:
    artifacts = ArtifactStore(tmp_path / "artifacts")
    return DeployWorker("w", bare.service, artifacts, tmp_path, 1, 0.01, LocalNode(bare.service.fleet, artifacts, tmp_path, NodeOptions()))


def look(bare: Bare, worker: DeployWorker, id: int, seconds: float = 0.0) -> WorkOrder:
    """The order after one look at it, ``seconds`` later."""
    bare.clock.advance(seconds)
    assert any(loop.once() for loop in worker.loops.values())
    return bare.service.get_work_order(caller(), id=id)


def test_a_neighbour_that_is_away_costs_no_attempt(bare: Bare, worker: DeployWorker) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    bare.world.set(down=["model"])
    for _ in range(2 * ATTEMPTS_MAX):
        found = look(bare, worker, made.id, 6)  # longer than the longest pause of an outage
        assert (found.status, found.attempt, found.status_reason.split(",")[0]) == (S.PENDING, 0, "WAIT_DEPENDENCY")
    assert not any(loop.once() for loop in worker.loops.values())  # not before its time
    bare.world.set(down=[])
    found = look(bare, worker, made.id, 6)
    assert (found.status, found.status_reason) == (S.CONVERTING, "")


def test_a_stage_that_fails_again_and_again_is_given_up(bare: Bare, worker: DeployWorker) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    bare.world.set(broken=["GetVersion"])
    seen = [look(bare, worker, made.id, 60) for _ in range(ATTEMPTS_MAX)]
    assert [found.status for found in seen] == [S.PENDING] * (ATTEMPTS_MAX - 1) + [S.FAILED]
    assert [found.attempt for found in seen[:-1]] == [1, 2, 3, 4]
    assert (seen[-1].error["reason"], seen[-1].open_slot_id) == ("INTERNAL", None)


def test_pauses_grow(bare: Bare, worker: DeployWorker) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    bare.world.set(broken=["GetVersion"])
    pauses = []
    for _ in range(ATTEMPTS_MAX - 1):
        found = look(bare, worker, made.id, 60)
        pauses.append((found.not_before - bare.clock.now_ms()) / 1000)
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_what_is_tried_for_ever_keeps_its_longest_pause(bare: Bare) -> None:
    order = bare.service.get_work_order(caller(), id=drive.order(bare.service, drive.config(bare.service)).id)
    pauses = [bare.service.orders.pause(replace(order, attempt=attempt)) for attempt in (20, 1100, 1_000_000)]
    assert pauses == [bare.service.orders.rules.longest] * 3


def test_an_order_that_kills_its_workers_is_poison(bare: Bare, worker: DeployWorker) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    for lost in range(ATTEMPTS_MAX):
        held = bare.service.orders.claim("a worker that dies", BUILDING, False)
        assert held is not None
        assert held.attempt == lost
        bare.clock.advance(11)
    found = look(bare, worker, made.id)
    assert (found.status, found.error["reason"]) == (S.FAILED, "POISON")


def test_a_refusal_fails_at_once(bare: Bare, worker: DeployWorker) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    with bare.world.changing() as state:
        state["versions"][str(made.model_version_id)]["status"] = 99
    found = look(bare, worker, made.id)
    assert (found.status, found.error["reason"], found.error["field"]) == (S.FAILED, "ILLEGAL_TRANSITION", "model_version_id")
    assert found.status_reason.startswith("ILLEGAL_TRANSITION: ")


def test_weights_that_are_gone_fail_the_order(bare: Bare, worker: DeployWorker) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    assert look(bare, worker, made.id).status == S.CONVERTING
    found = look(bare, worker, made.id)
    assert (found.status, found.error["reason"]) == (S.FAILED, "NOT_FOUND")


def evaluated(bare: Bare, worker: DeployWorker, **task: Any) -> WorkOrder:
    """An order whose evaluation has ended, after the look that sees it."""
    made = drive.order(bare.service, drive.config(bare.service))
    while bare.service.get_work_order(caller(), id=made.id).status != S.EVALUATING:
        held = drive.claim(bare.service, made.id)
        assert held is not None
        drive.advance(bare.service, held)
    held = drive.claim(bare.service, made.id)
    assert held is not None
    with bare.world.changing() as state:
        facts = {
            "id": 5,
            "status": 90,
            "digest": held.digest,
            "facts": {"work_order_id": made.id},
            "items": [],
            "error": {},
            "looks": 0,
            **task,
        }
        state["tasks"]["5"] = facts
    bare.service.orders.note(held, {"evaluation": {"number": 1}}, eval_task_id=5)
    bare.service.orders.release(held)
    return look(bare, worker, made.id)


@pytest.mark.parametrize(("gate", "reason", "verdict"), [(2, "GATE_NOT_PASSED", "FAIL"), (3, "GATE_NO_DATA", "NO_DATA")])
def test_without_the_gate_it_is_not_offered(bare: Bare, worker: DeployWorker, gate: int, reason: str, verdict: str) -> None:
    bare.world.set(gate=gate)
    found = evaluated(bare, worker)
    assert (found.status, found.error["reason"], found.evidence["gate"]["verdict"]) == (S.FAILED, reason, verdict)
    assert "exact_match" in found.status_reason


def test_a_gate_that_is_off_lets_through(bare: Bare, worker: DeployWorker) -> None:
    bare.world.set(gate=4)
    found = evaluated(bare, worker)
    assert (found.status, found.evidence["gate"]["verdict"]) == (S.AWAITING_APPROVAL, "OFF")


def test_an_evaluation_of_other_bytes_is_none(bare: Bare, worker: DeployWorker) -> None:
    found = evaluated(bare, worker, digest="sha256:" + "0" * 64)
    assert (found.status, found.error["reason"]) == (S.FAILED, "DIGEST_MISMATCH")


def test_a_failed_evaluation_fails_the_order(bare: Bare, worker: DeployWorker) -> None:
    leak = {"code": 409, "reason": "SPLIT_LEAK", "field": "x", "limit": "leaked", "details": {}, "message": {}}
    found = evaluated(bare, worker, status=91, error=leak)
    assert (found.status, found.error["reason"], found.error["limit"]) == (S.FAILED, "SPLIT_LEAK", "leaked")


def test_a_cancelled_evaluation_fails_the_order(bare: Bare, worker: DeployWorker) -> None:
    found = evaluated(bare, worker, status=92)
    assert (found.status, found.error["reason"]) == (S.FAILED, "CANCELLED")


def test_an_evaluation_that_lost_its_target_is_asked_for_again(bare: Bare, worker: DeployWorker) -> None:
    """Staging came back elsewhere: under another key, as it is another question; not for ever."""
    gone = {"code": 503, "reason": "TARGET_UNREACHABLE", "field": "target_address", "limit": None, "details": {"what": "x"}}
    found = evaluated(bare, worker, status=91, error=gone)
    assert (found.status, found.eval_task_id, found.evidence["evaluation"]["number"]) == (S.EVALUATING, 0, 2)
    held = drive.claim(bare.service, found.id)
    assert held is None  # in a moment
    bare.clock.advance(1)
    held = drive.claim(bare.service, found.id)
    assert held is not None
    bare.service.orders.note(held, {"evaluation": {"number": 3}}, eval_task_id=5)
    bare.service.orders.release(held)
    assert look(bare, worker, found.id).status == S.FAILED


def test_after_first_traffic_a_failure_goes_back(bare: Bare, worker: DeployWorker) -> None:
    """The gate is asked again before ONLINE; and a rollback that cannot finish stays, and says why."""
    bare.world.set(gate=PASS)
    config = drive.config(bare.service)
    first = drive.online(bare.service, drive.order(bare.service, config).id)
    second = drive.order(bare.service, config, 42)
    version = drive.to_approval(bare.service, second.id).version
    bare.service.approve_work_order(caller(2, expected=version), id=second.id)
    held = drive.claim(bare.service, second.id)
    assert held is not None
    drive.run_instances(bare.service, held)
    held = drive.advance(bare.service, held)
    held = drive.claim(bare.service, second.id)
    assert held is not None
    drive.smoke(bare.service, held)
    bare.world.set(gate=2)
    found = look(bare, worker, second.id)
    assert (found.status, found.error["reason"], found.open_slot_id) == (S.ROLLING_BACK, "GATE_NOT_PASSED", found.slot_id)
    slot = bare.service.get_slot(caller(), id=first.slot_id)
    assert [weight.work_order_id for weight in slot.weights] == [second.id]  # until what served before is sure to be ready
    found = look(bare, worker, second.id, 1)  # the earlier bundle is not in this store
    assert (found.status, found.evidence["rollback"]["weights"]) == (S.ROLLED_BACK, [])
    assert found.evidence["rollback"]["left_out"] == [f"{first.digest}: INVALID_ARGUMENT"]


def test_a_recalled_version_does_not_come_back(bare: Bare, worker: DeployWorker, tmp_path: Path) -> None:
    bare.world.set(gate=PASS)
    config = drive.config(bare.service)
    first = drive.online(bare.service, drive.order(bare.service, config).id)
    second = drive.online(bare.service, drive.order(bare.service, config, 42).id)
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "f").write_text("whole")
    uri, _ = ArtifactStore(tmp_path / "artifacts").publish(tmp_path / "bundle")
    with bare.service.db.begin(caller()) as tx:
        bare.service.store.orders.update(tx, first, bundle_uri=uri)
    with bare.world.changing() as state:
        state["versions"]["41"]["status"] = 99
    bare.service.roll_back_work_order(caller(2), id=second.id)
    found = look(bare, worker, second.id)
    assert (found.status, found.evidence["rollback"]["left_out"]) == (S.ROLLED_BACK, [f"{first.digest}: recalled"])
    assert bare.service.get_slot(caller(), id=second.slot_id).weights == []


def test_a_rollback_that_breaks_is_tried_for_ever(bare: Bare, worker: DeployWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    bare.world.set(gate=PASS)
    order = drive.online(bare.service, drive.order(bare.service, drive.config(bare.service)).id)
    bare.service.roll_back_work_order(caller(2), id=order.id)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no idea")

    with monkeypatch.context() as patch:
        patch.setattr(bare.service.traffic, "restore", broken)
        for _ in range(2 * ATTEMPTS_MAX):
            found = look(bare, worker, order.id, 60)
            assert (found.status, found.status_reason.split(":")[0]) == (S.ROLLING_BACK, "INTERNAL")
    assert look(bare, worker, order.id, 60).status == S.ROLLED_BACK


def test_parity_failure_keeps_its_figures(bare: Bare, tmp_path: Path) -> None:
    """The figures of the engine's refusal are evidence too."""

    class Refusing(Holding[WorkOrder]):
        def run_child(self, *_: Any, **__: Any) -> dict[str, Any]:
            raise PlatformError(422, Reason.PARITY_FAILED, limit="too far", max_abs_diff=0.5, greedy_equal_share=0.25)

    artifacts = ArtifactStore(tmp_path / "artifacts")
    part = tmp_path / "test" / "part-00000.jsonl"
    part.parent.mkdir()
    part.write_text('{"instruction": "?", "output": "x"}\n')
    uri, digest = artifacts.publish(part.parent)
    bare.world.set(test_version={"uri": uri, "content_hash": digest, "records": 1})
    with bare.world.changing() as state:
        for version in state["versions"].values():
            version.update(uri=uri, digest=digest)
    made = drive.order(bare.service, drive.config(bare.service))
    orders = bare.service.orders
    for event in ("START", "CONVERTED"):
        held = drive.claim(bare.service, made.id)
        assert held is not None
        orders.advance(held, event, {"export": {"uri": uri, "digest": digest}})
    held = drive.claim(bare.service, made.id)
    assert held is not None
    build = Build(orders, bare.service.neighbours, artifacts, tmp_path / "orders", 1)
    with pytest.raises(PlatformError) as caught:
        build.verify(held, Refusing(orders, held, threading.Event()))
    ended = orders.fail(held, caught.value)
    assert (ended.status, ended.error["reason"]) == (S.FAILED, "PARITY_FAILED")
    assert ended.evidence["parity"] == {"max_abs_diff": 0.5, "greedy_equal_share": 0.25, "passed": False}


def test_a_stopping_worker_gives_its_order_back(bare: Bare) -> None:
    """Without an attempt lost: the next worker goes on at once."""
    made = drive.order(bare.service, drive.config(bare.service))
    held = drive.claim(bare.service, made.id)
    assert held is not None
    stop = threading.Event()
    stop.set()
    with Holding(bare.service.orders, held, stop) as hold:
        with pytest.raises(Interrupted, match="STOP"):
            until(lambda: hold.check())
        bare.service.orders.release(held)
    again = drive.claim(bare.service, made.id)
    assert again is not None
    assert again.attempt == 0


def test_giving_an_order_back_is_no_lost_lease(bare: Bare, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The heartbeat that meets the step the stage has just taken says nothing: nobody lost anything."""
    orders, met = bare.service.orders, threading.Event()
    drive.order(bare.service, drive.config(bare.service))
    held = orders.claim("w", [*BUILDING, *RELEASING], True)
    assert held is not None
    real = orders.beat

    def beat(order: WorkOrder) -> WorkOrder:
        try:
            return real(order)
        except PlatformError:
            met.set()
            raise

    monkeypatch.setattr(orders, "beat", beat)
    with Holding(orders, held, threading.Event()):
        orders.advance(held, "START", {}, start_time=1)
        assert met.wait(30)
    said = capsys.readouterr()
    assert "heartbeat_failed" not in said.out + said.err


def test_an_outage_of_our_own_store_costs_an_order_no_attempt(bare: Bare, worker: DeployWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was held when the store went away is given back when it answers, before its lease ends and counts as a lost one."""
    made = drive.order(bare.service, drive.config(bare.service))
    real, away = bare.service.db.begin, threading.Event()

    def begin(*facts: Any, **named: Any) -> Any:
        if away.is_set():
            raise unavailable("database")
        return real(*facts, **named)

    def releasable(*_: Any) -> None:
        away.set()
        raise unavailable("model")

    with monkeypatch.context() as patch:
        patch.setattr(bare.service.db, "begin", begin)
        patch.setattr(bare.service.neighbours, "releasable", releasable)
        loop = worker.loops["build"]
        assert loop.once()
        assert bare.service.get_work_order(caller(), id=made.id).lease_until > 0
        loop.settle()
        assert bare.service.get_work_order(caller(), id=made.id).lease_until > 0, "it cannot be given back yet"
        away.clear()
        loop.settle()
    found = bare.service.get_work_order(caller(), id=made.id)
    assert (found.status, found.lease_until, found.attempt) == (S.PENDING, 0, 0)
    assert look(bare, worker, made.id).status == S.CONVERTING


def test_an_order_that_is_to_end_is_looked_at_now_and_then_not_all_the_time(bare: Bare) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    held = drive.claim(bare.service, made.id)
    assert held is not None
    bare.service.cancel_work_order(caller(), id=made.id)
    bare.service.orders.release(held, 5.0, "waits")  # the wish is news: somebody must look at once
    ending = drive.claim(bare.service, made.id)
    assert ending is not None
    assert (ending.wish, ending.status_reason) == ("CANCEL", "")
    bare.service.orders.release(ending, 5.0, "its instances drain")
    assert drive.claim(bare.service, made.id) is None
    bare.clock.advance(5)
    assert drive.claim(bare.service, made.id) is not None


def test_what_was_asked_before_does_not_interrupt_the_look_that_is_about_it(bare: Bare) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    held = drive.claim(bare.service, made.id)
    assert held is not None
    bare.service.cancel_work_order(caller(), id=made.id)
    bare.service.orders.release(held)
    ending = drive.claim(bare.service, made.id)
    assert ending is not None
    beats = threading.Semaphore(0)

    def beat() -> WorkOrder:
        beats.release()
        return bare.service.orders.beat(ending)

    with Holding(bare.service.orders, ending, threading.Event(), heartbeat=beat, known="CANCEL") as holding:
        assert all(beats.acquire(timeout=30) for _ in range(2))
        holding.check()
    with Holding(bare.service.orders, ending, threading.Event()) as holding, pytest.raises(Interrupted, match="CANCEL"):
        until(lambda: holding.check())


def test_a_holder_who_speaks_again_at_the_last_moment_keeps_its_order(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its heartbeat comes between the look of the next worker and its claim."""
    made, orders = drive.order(bare.service, drive.config(bare.service)), bare.service.orders
    held = drive.claim(bare.service, made.id)
    assert held is not None
    bare.clock.advance(11)
    real = orders.taken

    def taken(tx: Transaction, row: WorkOrder, lease: dict[str, Any]) -> WorkOrder | None:
        orders.write(tx, held, {"lease_until": tx.now + 1})
        return real(tx, row, lease)

    monkeypatch.setattr(orders, "taken", taken)
    assert orders.claim("heir", BUILDING, False) is None
    assert orders.beat(held).attempt == 0


def test_a_dead_workers_order_is_swept(bare: Bare) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    late = drive.claim(bare.service, made.id)
    assert late is not None
    assert bare.service.orders.sweep() == 0
    bare.clock.advance(11)
    assert (bare.service.orders.sweep(), bare.service.orders.sweep()) == (1, 0)
    found = bare.service.get_work_order(caller(), id=made.id)
    assert (found.status, found.lease_until, found.attempt, found.version) == (S.PENDING, 0, 1, made.version)
    with pytest.raises(PlatformError, match="lost its lease"):
        bare.service.orders.advance(late, "START", {})
