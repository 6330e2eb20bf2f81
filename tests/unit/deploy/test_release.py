"""From packaged bytes to live traffic and back, with real serving processes; the worker runs in this process."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from libs.common import instance_key
from libs.common.errors import PlatformError, Reason
from services.deploy.domain.order import WorkOrder, WorkOrderStatus
from services.deploy.domain.stage import VERIFY
from services.deploy.service.verbs import Route
from tests.support.evidence import record
from tests.support.stores import caller
from tests.unit.deploy.stand import Stand, path_of, serving_processes, until
from tests.unit.deploy.world import CANCELLED, FAIL, MODEL_ID, VERSIONS

S = WorkOrderStatus
STEPS = {"canary_steps": [20, 100], "canary_hold_seconds": 0.3, "canary_timeout_seconds": 20, "canary_min_requests": 3}


def ask(route: Route) -> str:
    """The digest that answered."""
    body = {"messages": [{"role": "user", "content": "What does module1.call do?"}], "max_tokens": 4}
    shown = instance_key.headers(route.key)
    answer = httpx.post(f"{route.address}/v1/chat/completions", json=body, headers=shown, timeout=10, trust_env=False)
    assert answer.status_code == 200
    return str(answer.headers["x-modelyard-digest"])


def endpoints(stand: Stand) -> dict[str, Route]:
    """digest -> where what has traffic and is ready answers."""
    try:
        return {found.digest: found for found in stand.service.resolve_routes(caller(), model_id=MODEL_ID)}
    except PlatformError as error:
        if error.reason not in (Reason.NOT_DEPLOYED, Reason.NOT_READY):
            raise
        return {}


@contextmanager
def traffic(stand: Stand) -> Iterator[None]:
    """Somebody asks every endpoint, again and again."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.02):
            for route in endpoints(stand).values():
                try:
                    ask(route)
                except httpx.HTTPError:
                    continue  # it was just taken away

    asker = threading.Thread(target=run)
    asker.start()
    try:
        yield
    finally:
        stop.set()
        asker.join()


def pids(stand: Stand, order: WorkOrder) -> list[int]:
    return [instance.pid for instance in stand.service.fleet.of_order(order.id, "SERVING") if instance.state == "READY"]


def failed(stand: Stand, order: WorkOrder) -> WorkOrder:
    """The order once it FAILED: without traffic, without a process."""
    ended = stand.until(order.id, S.FAILED)
    assert not serving_processes(stand.home)
    assert stand.weights() == {}
    assert (ended.open_slot_id, ended.status_reason.split(":")[0]) == (None, ended.error["reason"])
    return ended


def test_the_whole_life_of_a_slot(stand: Stand) -> None:
    """Release, canary with traffic, back to the warm version, back to nothing."""
    with stand.working():
        first = stand.release(stand.config("one"))
        assert path_of(first.id, stand)[-4:] == ["PROVISIONING", "SMOKE_TESTING", "CANARY", "ONLINE"]
        assert all("passed by work order" in first.evidence[stage]["skipped"] for stage in ("export", "parity", "package"))
        assert first.evidence["evaluation"]["reused"] is True
        assert [found["equal"] for found in first.evidence["smoke"]["instances"]] == [2]
        assert ask(endpoints(stand)[first.digest]) == first.digest
        warm = pids(stand, first)

        with traffic(stand):
            second = stand.release(stand.config("two", threads=2, replicas=2, **STEPS), VERSIONS[1])
        assert [(step["weight"], step["verdict"]) for step in second.evidence["canary"]["history"]] == [(20, "PASS"), (100, "PASS")]
        assert stand.weights() == {second.digest: 100}
        assert [(weight.digest, weight.weight) for weight in second.previous] == [(first.digest, 100)]
        assert len(pids(stand, second)) == 2
        assert pids(stand, first) == warm  # for a rollback
        state = until(lambda: (s := stand.service.get_deploy_state(caller(), model_id=MODEL_ID)).qps > 0 and s)
        assert state.p99_ms > 0

        stand.service.roll_back_work_order(caller(2), id=second.id, cause="wrong tone")
        back = stand.until(second.id, S.ROLLED_BACK)
        assert back.status_reason == "wrong tone"
        assert stand.weights() == {first.digest: 100}
        assert pids(stand, first) == warm
        assert ask(endpoints(stand)[first.digest]) == first.digest
        until(lambda: sorted(serving_processes(stand.home)) == sorted(warm))

        stand.service.roll_back_work_order(caller(2), id=first.id)
        stand.until(first.id, S.ROLLED_BACK)
        assert stand.weights() == {}
        assert endpoints(stand) == {}
        until(lambda: not serving_processes(stand.home))
        until(lambda: [call["serving_slots"] for call in stand.world.calls("RecordServing")] == [1, 0])
    shares = [event for event, _ in stand.events(first.slot_id, "slot")]
    assert shares == ["SET_WEIGHTS"] * 5


def test_a_canary_that_crashes_or_sees_nobody_goes_back(stand: Stand) -> None:
    with stand.working():
        first = stand.release(stand.config("one"))
        patient = stand.config("two", threads=2, **{**STEPS, "canary_hold_seconds": 20})
        second = stand.order(patient, VERSIONS[1])
        stand.until(second.id, S.AWAITING_APPROVAL)
        stand.approve(second.id)
        second = stand.until(second.id, S.CANARY)
        assert stand.weights() == {first.digest: 80, second.digest: 20}
        os.kill(pids(stand, second)[0], signal.SIGKILL)
        killed = time.monotonic()
        ended = stand.until(second.id, S.ROLLED_BACK)
        seconds, wrong = round(time.monotonic() - killed, 1), int(stand.weights() != {first.digest: 100})
        record("I10", "a canary whose process crashes goes back", tries=1, violations=wrong, to_no_traffic_s=seconds)
        assert ended.evidence["canary"]["history"][-1]["verdict"] == "FAIL"
        assert "1 crashes" in ended.error["limit"]
        assert stand.weights() == {first.digest: 100}

        silent = stand.config("three", threads=2, **{**STEPS, "canary_timeout_seconds": 0.6})
        third = stand.order(silent, VERSIONS[1])
        stand.until(third.id, S.AWAITING_APPROVAL)
        stand.approve(third.id)
        ended = stand.until(third.id, S.ROLLED_BACK)
        record("I10", "a canary nobody asks goes back", tries=1, violations=int(stand.weights() != {first.digest: 100}))
        assert [(step["weight"], step["verdict"]) for step in ended.evidence["canary"]["history"]] == [(20, "NO_DATA")]
        assert stand.weights() == {first.digest: 100}
        assert ask(endpoints(stand)[first.digest]) == first.digest
    for order in (second, third):
        assert "ONLINE" not in path_of(order.id, stand)


def test_what_fails_before_traffic_leaves_nothing(stand: Stand) -> None:
    """The gate, other answers than the evaluation stored, and other bytes than were approved: each stops at its stage."""
    config = stand.config("one")
    with stand.working():
        stand.world.set(gate=FAIL)
        ended = failed(stand, stand.order(config))
        assert (ended.error["reason"], ended.evidence["gate"]["verdict"]) == ("GATE_NOT_PASSED", "FAIL")
        assert "exact_match FAIL: 1, needs AT_LEAST 0.9" in ended.status_reason
        assert path_of(ended.id, stand)[-2:] == ["EVALUATING", "FAILED"]
        stand.world.set(gate=None)

        order = stand.until(stand.order(config).id, S.AWAITING_APPROVAL)
        with stand.world.changing() as state:
            for task in state["tasks"].values():
                task["items"][0]["output"] = "something else"
        stand.approve(order.id)
        ended = failed(stand, order)
        assert ended.error["reason"] == "SMOKE_FAILED"
        assert path_of(ended.id, stand)[-2:] == ["SMOKE_TESTING", "FAILED"]

        order = stand.until(stand.order(config).id, S.AWAITING_APPROVAL)
        model = stand.artifacts.open(order.bundle_uri) / "bundle" / "model.onnx"
        content = bytearray(model.read_bytes())
        content[len(content) // 2] ^= 1
        model.write_bytes(content)
        stand.approve(order.id)
        ended = failed(stand, order)
        record("I6", "a bundle with one flipped bit is not served", tries=1, violations=int(ended.error["reason"] != "DIGEST_MISMATCH"))
        assert ended.error["reason"] == "DIGEST_MISMATCH"
        assert path_of(ended.id, stand)[-2:] == ["PROVISIONING", "FAILED"]


def edit_trained_answers(stand: Stand, edit: Callable[[dict[str, Any]], None]) -> None:
    """Changes what is on record of the trained model's own answers, which were kept when its export was compared with it."""
    stages = stand.service.orders.store.stages.table
    with stand.db.begin(caller()) as tx:
        for id, text in tx.conn.execute(sa.select(stages.c.id, stages.c.result).where(stages.c.stage == VERIFY)).all():
            result = json.loads(text)
            edit(result)
            tx.conn.execute(stages.update().where(stages.c.id == id).values(result=json.dumps(result)))


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda result: result["answers"][0].update(answer="what the trained model said"), "1 of"),
        (lambda result: result.pop("answers"), "answers of the trained model"),
    ],
    ids=["other answers", "none on record"],
)
def test_a_process_must_answer_as_the_trained_model_did(stand: Stand, edit: Callable[[dict[str, Any]], None], said: str) -> None:
    """Also where it answers as its evaluation stored: who serves other bytes to both agrees with itself."""
    with stand.working():
        order = stand.until(stand.order(stand.config("one")).id, S.AWAITING_APPROVAL)
        edit_trained_answers(stand, edit)
        stand.approve(order.id)
        ended = failed(stand, order)
    assert (ended.error["reason"], said in str(ended.error["limit"])) == ("SMOKE_FAILED", True), ended.error
    assert path_of(ended.id, stand)[-2:] == ["SMOKE_TESTING", "FAILED"]


def test_a_release_is_measured_against_what_serves(stand: Stand) -> None:
    """Where the gate asks for a gain, an earlier evaluation stands in only if it was measured against the same."""
    with stand.working():
        first = stand.release(stand.config("one"))
        stand.world.set(rule="exact_match.gain.low")
        second = stand.until(stand.order(stand.config("two", threads=2), VERSIONS[1]).id, S.AWAITING_APPROVAL)
        assert stand.world.calls("CreateReleaseTask")[-1]["against_task_id"] == first.eval_task_id
        assert second.evidence["evaluation"]["reused"] is False
        assert second.evidence["evaluation"]["against_task_id"] == str(first.eval_task_id)
        stand.service.cancel_work_order(caller(), id=second.id)
        stand.until(second.id, S.CANCELLED)
        again = stand.until(stand.order(stand.config("three", threads=2), VERSIONS[1]).id, S.AWAITING_APPROVAL)
        assert (again.evidence["evaluation"]["reused"], again.eval_task_id) == (True, second.eval_task_id)


def test_cancel_while_it_is_evaluated(stand: Stand) -> None:
    """CANCELLED is said when the staging process is gone, and nobody goes on evaluating."""
    stand.world.forget_evaluations()
    stand.world.set(held=True)
    with stand.working():
        order = stand.order(stand.config("one"))
        until(lambda: stand.read(order.id).eval_task_id)
        assert serving_processes(stand.home)
        stand.service.cancel_work_order(caller(), id=order.id, cause="not today")
        ended = stand.until(order.id, S.CANCELLED)
        assert not serving_processes(stand.home)
        assert (ended.status_reason, ended.open_slot_id) == ("not today", None)
        until(lambda: stand.world.state()["tasks"][str(ended.eval_task_id)]["status"] == CANCELLED)


def test_a_neighbour_that_is_away_is_waited_for(stand: Stand) -> None:
    order = stand.order(stand.config("one"))
    stand.world.set(down=["eval"])
    with stand.working():
        waiting = until(lambda: (found := stand.read(order.id)).status_reason.startswith("WAIT_DEPENDENCY") and found)
        assert ("eval" in waiting.status_reason, waiting.attempt) == (True, 0)
        stand.world.set(down=[])
        stand.until(order.id, S.AWAITING_APPROVAL)


def test_lost_answers_change_nothing(stand: Stand) -> None:
    """Each call takes effect and its answer is lost: asked again under the same key, it is one effect."""
    stand.world.forget_evaluations()
    stand.world.set(lost=["RecordPackage", "CreateReleaseTask", "GetTask", "CheckGate", "ListItems", "RecordServing"])
    with stand.working():
        order = stand.release(stand.config("one"))
        until(lambda: len(stand.world.calls("RecordServing")) == 2)
    assert stand.world.state()["lost"] == []
    keys = [call["key"] for call in stand.world.calls("CreateReleaseTask")][-2:]
    assert len(set(keys)) == 1, "asked again, it is the same question"
    assert keys[0].startswith(f"work-order-{order.id}-evaluation-1-")
    assert len(stand.world.state()["tasks"]) == 1
    assert len(path_of(order.id, stand)) == 10


def test_a_damaged_earlier_bundle_does_not_come_back(stand: Stand) -> None:
    with stand.working():
        first = stand.release(stand.config("one"))
        second = stand.release(stand.config("two", threads=2, warm_seconds=0), VERSIONS[1])
        until(lambda: all(i.state == "STOPPED" for i in stand.service.fleet.of_order(first.id, "SERVING")))  # it has cooled down
        stand.service.roll_back_work_order(caller(2), id=second.id)
        stand.until(second.id, S.ROLLED_BACK)
        assert stand.weights() == {first.digest: 100}  # started anew
        assert ask(endpoints(stand)[first.digest]) == first.digest

        third = stand.release(stand.config("three", threads=2, warm_seconds=0), VERSIONS[1])
        (stand.artifacts.open(first.bundle_uri) / "bundle" / "model.onnx").write_bytes(b"damaged")
        stand.service.roll_back_work_order(caller(2), id=third.id)
        ended = stand.until(third.id, S.ROLLED_BACK)
        assert stand.weights() == {}
        assert ended.evidence["rollback"]["left_out"] == [f"{first.digest}: CHECKSUM_MISMATCH"]
