"""A release past a refusing gate, with the real model service behind it: only two people get it there, and everybody sees that it is so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace as Struct
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from libs.common.clock import ManualClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from services.deploy.domain.order import WorkOrder, WorkOrderStatus, lets_pass
from services.deploy.repository import METADATA
from services.deploy.service import DeployService
from services.deploy.service.neighbours import Neighbours
from services.deploy.service.orders import context
from services.model.domain.gate import EvidenceKind
from services.model.domain.override import GateOverrideStatus
from services.model.repository import METADATA as MODEL_METADATA
from services.model.service import ModelService
from tests.support.stores import caller, open_store
from tests.unit.deploy import drive

S = WorkOrderStatus
WEIGHTS, PACKAGE = "sha256:" + "a" * 64, "sha256:" + "1" * 64
TRAFFIC = (S.CANARY, S.ONLINE)
HOUR = 3_600_000
PAGE = PageRequest(None, 500)


class Shop:
    """Both services on stores of their own; deploy asks the real gate."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.model = ModelService(open_store(folder, "model", MODEL_METADATA, self.clock))
        self.db = open_store(folder, "deploy", METADATA, self.clock, worker=1)
        self.service = DeployService(self.db, Neighbours(self, self, self), 10.0)

    def call(self, ctx: CallContext, method: str, **facts: Any) -> Any:
        return getattr(self, method)(ctx, **facts)

    def GetProject(self, ctx: CallContext, id: int) -> Any:
        return Struct(project=self.model.get_project(ctx, id=id))

    def GetVersion(self, ctx: CallContext, id: int) -> Any:
        return Struct(model_version=self.model.get_version(ctx, id=id))

    def GetConfig(self, _ctx: CallContext, id: int) -> Any:
        return Struct(
            config=Struct(model_id=self.version.project_id, dataset_version_id=1, options_json="{}", metrics=[], engine_version=1)
        )

    def CheckGate(self, ctx: CallContext, model_version_id: int, digest: str, eval_task_id: int) -> Any:
        """Of the digest: the evaluation of an order is made up here."""
        return Struct(verdict=self.model.check_gate(ctx, model_version_id=model_version_id, digest=digest))

    def open(self, score: float = 0.2) -> int:
        """A model of its own whose package was judged; its deployment config."""
        name = f"m{self.model.db.ids.next()}"
        project = self.model.create_project(caller(), name=name)
        self.version = self.model.create_version(caller(), project_id=project.id)
        self.model.start_training(caller(), id=self.version.id, train_task_id=7)
        facts: dict[str, Any] = {"train_task_id": 7, "artifact_uri": "artifact://" + WEIGHTS, "artifact_digest": WEIGHTS}
        self.model.record_trained(caller(), id=self.version.id, **facts)
        self.model.record_package(caller(), id=self.version.id, work_order_id=1, digest=PACKAGE)
        self.judged(score)
        drive.DIGESTS[self.version.id] = PACKAGE
        return drive.config(self.service, model_id=project.id)

    def judged(self, score: float) -> None:
        facts: dict[str, Any] = {"metrics": {"exact_match": score, "leak": 0.0}, "items": 100, "kind": EvidenceKind.RELEASE}
        task = self.model.db.ids.next()
        about = {"id": self.version.id, "eval_task_id": task, "digest": PACKAGE, "dataset_version_id": 5, "dataset_hash": "h"}
        self.model.record_evaluation(caller(), **about, **facts)

    def order(self, config: int, user: int = 1) -> WorkOrder:
        version = self.version.id
        return self.service.create_work_order(caller(user), deployment_config_id=config, model_version_id=version, name="o")

    def evaluated(self, id: int) -> WorkOrder:
        """As a worker leaves it once the gate was asked: offered for approval, or failed."""
        held = self.claimed(id)
        while held.status != S.EVALUATING:
            drive.advance(self.service, held)
            held = self.claimed(id)
        gate = self.service.neighbours.gate(context(held), held)
        evidence = {**drive.proof(held, S.AWAITING_APPROVAL), "gate": gate.facts}
        if (refusal := gate.refusal()) is not None:
            return self.service.orders.fail(held, refusal, evidence)
        held = self.service.orders.note(held, {}, eval_task_id=drive.EVAL_TASK_ID)
        return self.service.orders.await_approval(held, evidence)

    def claimed(self, id: int) -> WorkOrder:
        held = drive.claim(self.service, id)
        assert held is not None
        return held

    def served(self, id: int) -> WorkOrder:
        """From approval to all of the traffic, the gate asked where the worker asks it."""
        drive.advance(self.service, self.claimed(id))
        held = self.claimed(id)
        gate = self.service.neighbours.gate(context(held), held)
        assert gate.refusal() is None
        smoke = {"smoke": {"digest": held.digest, "work_order_id": str(id)}, "gate": gate.facts}
        self.service.traffic.begin(held, smoke, {})
        return self.service.traffic.finish(self.claimed(id), {})

    def overridden(self, asker: int, second: int, hours: int = 1) -> int:
        end = self.clock.now_ms() + hours * HOUR
        about = {"model_version_id": self.version.id, "digest": PACKAGE, "cause": "a fire", "end_time": end}
        override = self.model.request_override(caller(asker), **about)  # type: ignore[arg-type]
        return self.model.confirm_override(caller(second, expected=override.version), id=override.id).id


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    found = Shop(tmp_path_factory.mktemp("override"))
    yield found
    found.db.close()
    found.model.db.close()


def refused(call: Any) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        call()
    return caught.value


def test_a_refused_release_goes_on_by_two_people_and_says_so(shop: Shop) -> None:
    config = shop.open()
    first = shop.evaluated(shop.order(config).id)
    assert (first.status, first.error["reason"], first.override_id) == (S.FAILED, "GATE_NOT_PASSED", 0)
    override = shop.overridden(asker=1, second=2)
    order = shop.evaluated(shop.order(config).id)
    assert (order.status, order.override_id) == (S.AWAITING_APPROVAL, override)
    assert order.status_reason == f"by override {override} of the gate"
    assert (order.evidence["gate"]["verdict"], order.evidence["gate"]["override"]["cause"]) == ("FAIL", "a fire")
    shop.service.approve_work_order(caller(2, expected=order.version), id=order.id)
    assert shop.served(order.id).status == S.ONLINE
    [live] = shop.service.get_deploy_state(caller(), model_id=order.model_id).overridden
    assert (live.work_order_id, live.override_id, live.ended) == (order.id, override, False)
    shop.clock.advance(3600)
    [live] = shop.service.get_deploy_state(caller(), model_id=order.model_id).overridden
    assert live.ended, "it goes on serving, and asks for attention"
    again = shop.evaluated(shop.order(config).id)
    assert (again.status, again.override_id) == (S.FAILED, 0), "no new release may use it"


def test_an_override_that_ends_before_traffic_stops_the_release(shop: Shop) -> None:
    config = shop.open()
    shop.overridden(asker=1, second=2)
    order = shop.evaluated(shop.order(config).id)
    shop.clock.advance(3600)
    error = refused(lambda: shop.service.approve_work_order(caller(2, expected=order.version), id=order.id))
    assert error.reason == Reason.GATE_NOT_PASSED
    stored = shop.service.get_work_order(caller(), id=order.id)
    assert stored.status == S.AWAITING_APPROVAL
    shop.overridden(asker=3, second=4)  # the verdict is asked anew: another override serves as well
    assert shop.service.approve_work_order(caller(2, expected=stored.version), id=order.id).status == S.PROVISIONING


def test_who_confirmed_an_override_orders_nothing_by_it(shop: Shop) -> None:
    config = shop.open()
    shop.overridden(asker=1, second=2)
    order = shop.evaluated(shop.order(config, user=2).id)
    assert (order.status, order.error["reason"]) == (S.FAILED, "GATE_NOT_PASSED")
    assert "confirmed by somebody else" in order.error["limit"]


def test_once_the_gate_passes_the_order_is_free_of_it(shop: Shop) -> None:
    config = shop.open()
    shop.overridden(asker=1, second=2)
    order = shop.evaluated(shop.order(config).id)
    shop.judged(0.95)
    approved = shop.service.approve_work_order(caller(2, expected=order.version), id=order.id)
    assert (approved.override_id, approved.override_end_time, approved.evidence["gate"]["verdict"]) == (0, 0, "PASS")


@pytest.mark.parametrize(
    ("asker", "second", "requester", "passes"),
    [("1", "2", 1, True), ("1", "2", 3, True), ("1", "2", 2, False), ("2", "2", 1, False), ("1", "0", 3, False), ("0", "2", 3, False)],
)
def test_two_people_of_whom_the_second_did_not_order(asker: str, second: str, requester: int, passes: bool) -> None:
    gate = {"verdict": "FAIL", "override": {"id": "1", "user_id": asker, "confirmer_id": second}}
    assert lets_pass(gate, requester) == passes


ACTIONS = ("ask", "confirm", "withdraw", "order", "evaluate", "approve", "gate off", "gate on", "wait")


def act(shop: Shop, config: int, user: int, action: str) -> None:
    """One thing one person may try, with every right there is."""
    model_id = shop.version.project_id
    orders = shop.service.list_work_orders(caller(), page=PAGE, model_id=model_id).items
    overrides = shop.model.list_overrides(caller(), project_id=model_id, page=PAGE).items
    if action == "ask":
        end = shop.clock.now_ms() + HOUR
        about = {"model_version_id": shop.version.id, "digest": PACKAGE, "cause": "me", "end_time": end}
        shop.model.request_override(caller(user), **about)  # type: ignore[arg-type]
    elif action in ("confirm", "withdraw") and overrides:
        verb = shop.model.confirm_override if action == "confirm" else shop.model.withdraw_override
        verb(caller(user, expected=overrides[0].version), id=overrides[0].id)
    elif action == "order":
        shop.order(config, user)
    elif action == "evaluate" and orders and orders[0].status == S.PENDING:
        shop.evaluated(orders[0].id)
    elif action == "approve" and orders:
        shop.service.approve_work_order(caller(user, expected=orders[0].version), id=orders[0].id)
        shop.served(orders[0].id)
    elif action.startswith("gate"):
        gate = shop.model.get_gate(caller(), project_id=model_id)
        on = action == "gate on"
        shop.model.set_gate(caller(user, expected=gate.version), project_id=model_id, enabled=on, off_reason="" if on else "me")
    elif action == "wait":
        shop.clock.advance(1200)


def past_the_gate(shop: Shop, script: list[tuple[int, str]]) -> list[WorkOrder]:
    config = shop.open()
    for user, action in script:
        try:
            act(shop, config, user, action)
        except PlatformError as error:
            if error.code >= 500:
                raise
    return [
        each
        for each in shop.service.list_work_orders(caller(), page=PAGE, model_id=shop.version.project_id).items
        if each.status in TRAFFIC
    ]


ALONE = ["ask", "confirm", "order", "evaluate", "approve"]


@given(st.lists(st.sampled_from(ACTIONS), max_size=14))
@example(ALONE)
@example(["gate off", "order", "evaluate", "approve"])
@example(["order", "evaluate", *ALONE])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_sequence_of_one_persons_calls_gets_past_a_refused_gate(shop: Shop, actions: list[str]) -> None:
    assert past_the_gate(shop, [(7, action) for action in actions]) == []
    live = shop.model.list_overrides(caller(), project_id=shop.version.project_id, page=PAGE).items
    assert all(each.confirmer_id == 0 and each.status != GateOverrideStatus.LIVE for each in live)


def test_two_people_do(shop: Shop) -> None:
    """The same calls, or the property above would say nothing."""
    [online] = past_the_gate(shop, [(7, "ask"), (8, "confirm"), (7, "order"), (7, "evaluate"), (8, "approve")])
    assert online.override_id > 0
