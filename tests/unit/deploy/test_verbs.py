"""The verbs: what they store, what they refuse and how, and who wins when many ask at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from libs.common.clock import SystemClock
from libs.common.coord.discovery import StaticDiscovery
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.door import doors, inline
from libs.common.rpc.peer import RpcPeer
from libs.common.settings import load
from libs.common.store.notice import deliveries
from libs.common.store.outbox import Relay
from libs.common.store.repository import PageRequest
from services.deploy.domain.order import WorkOrderStatus
from services.deploy.repository import METADATA
from services.deploy.service import DeployService
from services.deploy.service.neighbours import Neighbours
from services.deploy.service.notices import EVALUATION_UNWANTED
from tests.support.identity import base, guard, signer
from tests.support.stores import caller, open_store
from tests.support.verbs import with_platform
from tests.unit.deploy import drive
from tests.unit.deploy.conftest import Bare
from tests.unit.deploy.world import EVAL_CONFIG_ID, FAIL, MODEL_ID, NO_DATA, OFF, PASS, VERSIONS, World

S = WorkOrderStatus


def refused(call: Callable[[], Any]) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        call()
    return caught.value


def approvable(bare: Bare) -> int:
    bare.world.set(gate=PASS)
    return drive.to_approval(bare.service, drive.order(bare.service, drive.config(bare.service)).id).id


# --- configs


def test_config_is_stored_complete(bare: Bare) -> None:
    made = bare.service.create_config(caller(), model_id=MODEL_ID, name="c", config={"eval_config_id": str(EVAL_CONFIG_ID)})
    assert (made.environment, made.room, made.config["replicas"], made.config["approval"]) == ("prod", "local", 1, "required")
    assert made.config["eval_config_id"] == str(EVAL_CONFIG_ID)
    assert bare.service.get_config(caller(), id=made.id) == made
    assert bare.service.list_configs(caller(), model_id=MODEL_ID, page=PageRequest()).items == [made]


def test_config_is_refused(bare: Bare) -> None:
    def make(**facts: Any) -> Callable[[], Any]:
        return lambda: bare.service.create_config(
            caller(), **{"model_id": MODEL_ID, "name": "c", "config": {"eval_config_id": EVAL_CONFIG_ID}, **facts}
        )

    assert refused(make(config={"eval_config_id": EVAL_CONFIG_ID, "gpu": 1})).field == "config.gpu"
    assert refused(make(config={"eval_config_id": 999})).reason == Reason.NOT_FOUND
    assert refused(make(model_id=999)).reason == Reason.NOT_FOUND
    make()()
    assert refused(make()).reason == Reason.ALREADY_EXISTS


def test_nothing_of_another_space_is_seen(bare: Bare) -> None:
    id = approvable(bare)
    other = caller(2, space=2, expected=1)
    for call in (
        lambda: bare.service.get_work_order(other, id=id),
        lambda: bare.service.approve_work_order(other, id=id),
        lambda: bare.service.reject_work_order(other, id=id, comment="no"),
        lambda: bare.service.cancel_work_order(other, id=id),
        lambda: bare.service.roll_back_work_order(other, id=id),
        lambda: bare.service.get_slot(other, id=bare.service.get_work_order(caller(), id=id).slot_id),
    ):
        assert refused(call).reason == Reason.NOT_FOUND
    assert bare.service.get_deploy_state(other, model_id=MODEL_ID).latest_order is None


# --- creating


def test_order_keeps_a_copy_of_its_config(bare: Bare) -> None:
    config = drive.config(bare.service, replicas=2)
    made = drive.order(bare.service, config)
    assert made.config == bare.service.get_config(caller(), id=config).config
    assert (made.status, made.user_id, made.model_id, made.artifact_digest) == (S.PENDING, 1, MODEL_ID, "sha256:" + "a" * 64)
    assert bare.service.list_work_orders(caller(), page=PageRequest(), model_id=MODEL_ID).items == [made]
    assert bare.service.list_work_orders(caller(), page=PageRequest(), model_id=5).items == []


def test_second_order_for_a_slot_is_busy(bare: Bare) -> None:
    config = drive.config(bare.service)
    first = drive.order(bare.service, config)
    error = refused(lambda: drive.order(bare.service, config, VERSIONS[1]))
    assert (error.code, error.reason, error.details["work_order_id"]) == (409, Reason.SLOT_BUSY, str(first.id))
    elsewhere = bare.service.create_config(
        caller(), model_id=MODEL_ID, name="other room", room="b", config={"eval_config_id": EVAL_CONFIG_ID}
    )
    assert drive.order(bare.service, elsewhere.id).slot_id != first.slot_id
    bare.service.cancel_work_order(caller(), id=first.id)
    assert drive.order(bare.service, config).slot_id == first.slot_id


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"status": 99}, Reason.ILLEGAL_TRANSITION),
        ({"status": 90}, Reason.ILLEGAL_TRANSITION),
        ({"status": 10, "digest": ""}, Reason.ILLEGAL_TRANSITION),
        ({"project_id": 12}, Reason.INVALID_ARGUMENT),
    ],
)
def test_version_that_cannot_be_released(bare: Bare, facts: dict[str, Any], reason: Reason) -> None:
    config = drive.config(bare.service)
    with bare.world.changing() as state:
        state["versions"][str(VERSIONS[0])].update(facts)
    error = refused(lambda: drive.order(bare.service, config))
    assert (error.reason, error.field) == (reason, "model_version_id")
    assert refused(lambda: drive.order(bare.service, config, 999)).reason == Reason.NOT_FOUND


def test_repeated_call_is_one_order(bare: Bare) -> None:
    config = drive.config(bare.service)

    def ask(key: str) -> int:
        ctx = caller(key=key)
        return bare.service.create_work_order(ctx, deployment_config_id=config, model_version_id=VERSIONS[0], name="o").id

    assert ask("key-0001") == ask("key-0001")
    assert refused(lambda: ask("key-0002")).reason == Reason.SLOT_BUSY


# --- deciding


def test_approval_needs_somebody_else_and_the_version_that_was_read(bare: Bare) -> None:
    id = approvable(bare)
    version = bare.service.get_work_order(caller(), id=id).version
    codes = [
        refused(lambda: bare.service.approve_work_order(caller(2), id=id)),
        refused(lambda: bare.service.approve_work_order(caller(2, expected=version - 1), id=id)),
        refused(lambda: bare.service.approve_work_order(caller(1, expected=version), id=id)),
    ]
    assert [(error.code, error.reason) for error in codes] == [
        (428, Reason.MISSING_VERSION),
        (412, Reason.STALE_VERSION),
        (403, Reason.FORBIDDEN),
    ]
    approved = bare.service.approve_work_order(caller(2, expected=version), id=id, comment="yes")
    assert (approved.status, approved.approver_id, approved.approval_comment) == (S.PROVISIONING, 2, "yes")
    assert approved.evidence["approval"]["digest"] == approved.digest


@pytest.mark.parametrize(("gate", "reason"), [(FAIL, Reason.GATE_NOT_PASSED), (NO_DATA, Reason.GATE_NO_DATA)])
def test_approval_asks_the_gate_again(bare: Bare, gate: int, reason: Reason) -> None:
    id = approvable(bare)
    bare.world.set(gate=gate)
    order = bare.service.get_work_order(caller(), id=id)
    error = refused(lambda: bare.service.approve_work_order(caller(2, expected=order.version), id=id))
    assert error.reason == reason
    assert "exact_match" in str(error)
    assert bare.service.get_work_order(caller(), id=id) == order
    bare.world.set(gate=OFF)
    approved = bare.service.approve_work_order(caller(2, expected=order.version), id=id)
    assert approved.evidence["gate"]["verdict"] == "OFF"


def test_a_recalled_version_is_not_approved(bare: Bare) -> None:
    id = approvable(bare)
    with bare.world.changing() as state:
        state["versions"][str(VERSIONS[0])]["status"] = 99
    version = bare.service.get_work_order(caller(), id=id).version
    assert refused(lambda: bare.service.approve_work_order(caller(2, expected=version), id=id)).reason == Reason.ILLEGAL_TRANSITION


def test_rejection(bare: Bare) -> None:
    id = approvable(bare)
    assert refused(lambda: bare.service.reject_work_order(caller(2), id=id, comment="no")).code == 428
    version = bare.service.get_work_order(caller(), id=id).version
    ended = bare.service.reject_work_order(caller(2, expected=version), id=id, comment="too risky")
    assert (ended.status, ended.approver_id, ended.status_reason, ended.open_slot_id) == (S.REJECTED, 2, "too risky", None)
    assert ended.finish_time


def test_sixteen_approvals_have_one_winner(tmp_path: Path, bare: Bare) -> None:
    id = approvable(bare)
    version = bare.service.get_work_order(caller(), id=id).version
    world = World(tmp_path / "world")
    doors_ = [open_store(tmp_path, "deploy", METADATA, SystemClock(), number + 1) for number in range(2)]
    services = [DeployService(db, Neighbours(world.model, world.eval, world.dataset), 10.0) for db in doors_]
    outcomes: Counter[str] = Counter()
    start = threading.Barrier(16)

    def approve(number: int) -> None:
        start.wait()
        try:
            services[number % 2].approve_work_order(caller(2 + number, expected=version), id=id)
            outcomes["approved"] += 1
        except PlatformError as error:
            outcomes[f"{error.code} {error.reason.name}"] += 1

    threads = [threading.Thread(target=approve, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for db in doors_:
        db.close()
    assert outcomes == {"approved": 1, "412 STALE_VERSION": 15}
    order = bare.service.get_work_order(caller(), id=id)
    assert order.version == version + 1
    assert order.evidence["approval"]["user_id"] == str(order.approver_id)


def test_two_orders_at_once_have_one_winner(tmp_path: Path, bare: Bare) -> None:
    config = drive.config(bare.service)
    outcomes: Counter[str] = Counter()
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        try:
            drive.order(bare.service, config)
            outcomes["made"] += 1
        except PlatformError as error:
            outcomes[error.reason.name] += 1

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {"made": 1, "SLOT_BUSY": 7}


# --- ending


def test_cancel_at_once_where_nothing_runs(bare: Bare) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    ended = bare.service.cancel_work_order(caller(), id=made.id, cause="changed my mind")
    assert (ended.status, ended.status_reason, ended.open_slot_id) == (S.CANCELLED, "changed my mind", None)
    assert refused(lambda: bare.service.cancel_work_order(caller(), id=made.id)).reason == Reason.ILLEGAL_TRANSITION


def test_cancel_waits_for_who_holds_it(bare: Bare) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    held = drive.claim(bare.service, made.id)
    assert held is not None
    asked = bare.service.cancel_work_order(caller(), id=made.id)
    assert (asked.status, asked.wish) == (S.PENDING, "CANCEL")
    assert bare.service.orders.beat(held).wish == "CANCEL"
    assert refused(lambda: drive.advance(bare.service, held)).reason == Reason.CANCELLED
    bare.service.orders.release(held)
    ending = drive.claim(bare.service, made.id)
    assert ending is not None
    assert bare.service.orders.end(ending).status == S.CANCELLED


def test_cancel_waits_for_what_runs_and_tells_the_evaluation(bare: Bare) -> None:
    id = approvable(bare)
    order = bare.service.approve_work_order(caller(2, expected=bare.service.get_work_order(caller(), id=id).version), id=id)
    held = drive.claim(bare.service, id)
    assert held is not None
    bare.service.orders.note(held, {"evaluation": {"number": 1}}, eval_task_id=77)
    drive.run_instances(bare.service, order)
    bare.service.orders.release(held)
    assert bare.service.cancel_work_order(caller(), id=id).status == S.PROVISIONING
    assert bare.service.fleet.drop(id, 1) is False
    drive.stop_instances(bare.service)
    assert bare.service.fleet.drop(id, 1) is True
    ending = drive.claim(bare.service, id)
    assert ending is not None
    assert bare.service.orders.end(ending).status == S.CANCELLED
    told: list[dict[str, Any]] = []
    Relay(bare.service.db, {EVALUATION_UNWANTED.topic: told.append}).run_once()
    assert [payload["facts"]["id"] for payload in told] == [77]


def test_a_late_worker_is_refused(bare: Bare) -> None:
    made = drive.order(bare.service, drive.config(bare.service))
    late = drive.claim(bare.service, made.id)
    assert late is not None
    bare.clock.advance(11)
    held = drive.claim(bare.service, made.id)
    assert held is not None
    assert (held.epoch, held.attempt) == (late.epoch + 1, 1)
    orders = bare.service.orders
    for call in (
        lambda: orders.beat(late),
        lambda: orders.advance(late, "START", {}),
        lambda: orders.note(late, {"x": {}}),
        lambda: orders.fail(late, PlatformError(500, Reason.INTERNAL)),
        lambda: orders.end(late),
    ):
        assert refused(call).reason == Reason.STALE_EPOCH
    orders.release(late, 5.0, "late")
    assert bare.service.get_work_order(caller(), id=made.id).lease_until == held.lease_until
    assert orders.advance(held, "START", {}).status == S.CONVERTING


# --- traffic


def test_a_release_tells_the_model_domain(bare: Bare) -> None:
    bare.world.set(gate=PASS)
    first = drive.order(bare.service, drive.config(bare.service))
    done = drive.online(bare.service, first.id)
    assert (done.status, done.open_slot_id, done.previous) == (S.ONLINE, None, [])
    relay = Relay(bare.service.db, deliveries(bare.service.neighbours.told()))
    assert relay.run_once() == 1
    assert [call["serving_slots"] for call in bare.world.calls("RecordServing")] == [1]
    back = bare.service.roll_back_work_order(caller(2), id=first.id, cause="wrong answers")
    assert (back.status, back.status_reason, back.open_slot_id) == (S.ROLLING_BACK, "wrong answers", back.slot_id)
    held = drive.claim(bare.service, first.id)
    assert held is not None
    ended = bare.service.traffic.restore(held, [], {})
    assert (ended.status, ended.status_reason, ended.open_slot_id) == (S.ROLLED_BACK, "wrong answers", None)
    relay.run_once()
    assert [call["serving_slots"] for call in bare.world.calls("RecordServing")] == [1, 0]


def test_only_who_has_the_traffic_is_rolled_back(bare: Bare) -> None:
    bare.world.set(gate=PASS)
    config = drive.config(bare.service)
    first = drive.online(bare.service, drive.order(bare.service, config).id)
    second = drive.online(bare.service, drive.order(bare.service, config, VERSIONS[1]).id)
    assert [weight.work_order_id for weight in second.previous] == [first.id]
    assert refused(lambda: bare.service.roll_back_work_order(caller(), id=first.id)).reason == Reason.ILLEGAL_TRANSITION
    third = drive.order(bare.service, config)
    assert refused(lambda: bare.service.roll_back_work_order(caller(), id=second.id)).reason == Reason.SLOT_BUSY
    bare.service.cancel_work_order(caller(), id=third.id)
    assert bare.service.roll_back_work_order(caller(), id=second.id).status == S.ROLLING_BACK
    held = drive.claim(bare.service, second.id)
    assert held is not None
    bare.service.traffic.restore(held, second.previous, {})
    slot = bare.service.get_slot(caller(), id=first.slot_id)
    assert [(weight.work_order_id, weight.weight) for weight in slot.weights] == [(first.id, 100)]
    assert bare.service.roll_back_work_order(caller(), id=first.id).status == S.ROLLING_BACK


def test_nobody_goes_online_with_less_than_everything(bare: Bare) -> None:
    bare.world.set(gate=PASS)
    plain, stepped = drive.config(bare.service), drive.config(bare.service, "stepped", canary_steps=[10, 100])
    drive.online(bare.service, drive.order(bare.service, plain).id)
    made = drive.order(bare.service, stepped, VERSIONS[1])
    with pytest.raises(ValueError, match="without all"):
        drive.online(bare.service, made.id)
    order = bare.service.get_work_order(caller(), id=made.id)
    weights = {weight.digest: weight.weight for weight in bare.service.get_slot(caller(), id=made.slot_id).weights}
    assert (order.status, weights) == (S.CANARY, {drive.DIGESTS[VERSIONS[0]]: 90, drive.DIGESTS[VERSIONS[1]]: 10})


# --- reads


def test_endpoints_are_ready_ones_with_their_share(bare: Bare) -> None:
    bare.world.set(gate=PASS)
    error = refused(lambda: bare.service.resolve_model(caller(), model_id=MODEL_ID))
    assert (error.code, error.reason, error.retryable) == (404, Reason.NOT_DEPLOYED, False)
    made = drive.order(bare.service, drive.config(bare.service))
    drive.to_approval(bare.service, made.id)
    running = drive.run_instances(bare.service, bare.service.get_work_order(caller(), id=made.id), 3)
    assert refused(lambda: bare.service.resolve_model(caller(), model_id=MODEL_ID)).reason == Reason.NOT_DEPLOYED
    bare.service.fleet.drop(made.id, 1)
    drive.stop_instances(bare.service)
    order = drive.online(bare.service, made.id)
    for id in running:
        bare.service.fleet.report({id: {"state": "READY"}})
    found = bare.service.resolve_model(caller(), model_id=MODEL_ID)
    assert sorted(endpoint.weight for endpoint in found) == [33, 33, 34]
    assert {endpoint.digest for endpoint in found} == {order.digest}
    assert bare.service.resolve_model(caller(), model_id=MODEL_ID, model_version_number=1) == found
    other = refused(lambda: bare.service.resolve_model(caller(), model_id=MODEL_ID, model_version_number=2))
    assert (other.code, other.reason, other.limit) == (404, Reason.NOT_DEPLOYED, "online now: 1")
    bare.service.fleet.report({running[0]: {"state": "STARTING"}})
    assert sorted(endpoint.weight for endpoint in bare.service.resolve_model(caller(), model_id=MODEL_ID)) == [50, 50]
    bare.clock.advance(16)
    silent = refused(lambda: bare.service.resolve_model(caller(), model_id=MODEL_ID))
    assert (silent.code, silent.reason, silent.retryable) == (503, Reason.NOT_READY, True)
    assert refused(lambda: bare.service.resolve_model(caller(), model_id=MODEL_ID, environment="test")).retryable is False


def test_state_of_a_model(bare: Bare) -> None:
    bare.world.set(gate=PASS)
    nothing = bare.service.get_deploy_state(caller(), model_id=MODEL_ID)
    assert (nothing.latest_order, nothing.slots, nothing.qps, nothing.p99_ms) == (None, [], 0.0, -1.0)
    made = drive.order(bare.service, drive.config(bare.service, replicas=2))
    drive.online(bare.service, made.id)
    drive.run_instances(bare.service, bare.service.get_work_order(caller(), id=made.id), 2)
    state = bare.service.get_deploy_state(caller(), model_id=MODEL_ID)
    assert state.latest_order is not None
    assert (state.latest_order.id, state.latest_order.status) == (made.id, S.ONLINE)
    assert (state.qps, state.p99_ms, len(state.slots[0].instances)) == (4.0, 11.0, 2)
    bare.clock.advance(60)  # nobody has heard of them for a minute
    assert bare.service.get_deploy_state(caller(), model_id=MODEL_ID).p99_ms == -1.0


def test_stored_answers_are_read_page_by_page(bare: Bare) -> None:
    order = drive.order(bare.service, drive.config(bare.service))
    items = [{"input": f"q{n}", "output": f"a{n}", "error": "TIMEOUT" if n % 50 == 0 else ""} for n in range(250)]
    with bare.world.changing() as state:
        state["tasks"]["5"] = {"items": items}
    asked = replace(order, eval_task_id=5)
    assert bare.service.neighbours.stored_answers(asked, 2) == [{"question": f"q{n}", "answer": f"a{n}"} for n in (1, 2)]
    found = bare.service.neighbours.stored_answers(asked, 1000)
    assert (len(found), found[-1]["answer"]) == (245, "a249")
    assert len(bare.world.calls("ListItems")) == 1 + 3


def test_a_page_travels_as_the_contract_says() -> None:
    class Recorder:
        def call(self, method: str, request: Any, deadline: Any, idempotent: bool) -> Any:
            return request

    peer = RpcPeer("eval", StaticDiscovery(load({})), "test", signer("deploy"))
    peer._client = Recorder()  # type: ignore[assignment]
    request = peer.call(caller(), "ListItems", task_id=5, page=PageRequest("abc", 7))
    assert (request.task_id, request.page.cursor, request.page.limit) == (5, "abc", 7)


def test_every_method_has_a_verb_that_takes_its_fields(bare: Bare) -> None:
    table = doors("deploy", with_platform("deploy", bare.service), guard("deploy"))
    assert set(table) >= inline("deploy")


def test_wire_answers_are_complete(bare: Bare) -> None:
    """The composed status over the wire structs: heads without their large JSON, slots with instances."""
    import idl

    bare.world.set(gate=PASS)
    made = drive.order(bare.service, drive.config(bare.service))
    drive.online(bare.service, made.id)
    table = doors("deploy", with_platform("deploy", bare.service), guard("deploy"))
    module = idl.load("deploy")

    class Info:
        deadline = caller().deadline

    answer = table["GetDeployState"](module.GetDeployStateReq(model_id=MODEL_ID, base=base()), Info)
    assert (answer.latest_order.id, answer.latest_order.evidence_json, answer.slots[0].weights[0].weight) == (made.id, None, 100)
    assert answer.slots[0].instances[0].state == "READY"
    whole = table["GetWorkOrder"](module.GetWorkOrderReq(id=made.id, base=base()), Info).work_order
    assert '"max_abs_diff":1e-6' in whole.evidence_json
    endpoint = table["ResolveModel"](module.ResolveModelReq(model_id=MODEL_ID, base=base()), Info).endpoints[0]
    assert (endpoint.weight, endpoint.address) == (100, None)
    gateway = idl.load("base").Base(auth=signer("gateway").service("deploy", 1, 1, 0))
    route = table["ResolveRoutes"](module.ResolveRoutesReq(model_id=MODEL_ID, base=gateway), Info).routes[0]
    assert (route.address, len(route.key)) == ("http://127.0.0.1:9000", 64)
    slots = table["ListSlots"](module.ListSlotsReq(base=base()), Info).slots
    for shown in (answer, whole, slots, endpoint):
        said = repr(shown)
        assert "127.0.0.1" not in said, "where an instance answers is nobody's business but the gateway's"
        assert route.key not in said


def test_histories_replay(bare: Bare) -> None:
    bare.world.set(gate=PASS)
    made = drive.order(bare.service, drive.config(bare.service))
    done = drive.online(bare.service, made.id)
    table = bare.service.db.table("state_event")
    with bare.service.db.read() as conn:
        rows = conn.execute(table.select().where(table.c.entity == "work_order", table.c.entity_id == made.id).order_by(table.c.id)).all()
    assert [row.from_status for row in rows[1:]] == [row.to_status for row in rows[:-1]]
    assert S(rows[-1].to_status) == done.status
    assert len(rows) == 10
