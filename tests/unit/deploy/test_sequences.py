"""Whatever people and workers do in whatever order: traffic needs every proof, and the shares of a slot are whole."""

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
from libs.common.store.audit import Books, Patience, Report
from libs.common.store.repository import PageRequest
from services.deploy import audit
from services.deploy.domain.order import MACHINE, OPEN, WorkOrder, WorkOrderStatus, lacking
from services.deploy.domain.slot import check_weights
from services.deploy.repository import METADATA
from services.deploy.service import DeployService
from services.deploy.service.neighbours import Neighbours
from tests.support.evidence import record
from tests.support.stores import caller, open_store
from tests.unit.deploy import drive
from tests.unit.deploy.world import EVAL_CONFIG_ID, FAIL, NO_DATA, OFF, PASS, VERSIONS

S = WorkOrderStatus
ACTIONS = ("create", "stage", "stage", "stage", "stage", "stage", "approve", "smoke", "promote", "finish", "finish")
ENDS = ("cancel", "reject", "fail", "roll back", "restore", "gate", "end", "lose")


class Memory:
    """Model and eval in memory: fast, and any model exists."""

    def __init__(self) -> None:
        self.gate = PASS
        self.model_id = 0

    def call(self, ctx: CallContext, method: str, **facts: Any) -> Any:
        return getattr(self, method)(**facts)

    def GetProject(self, id: int) -> Any:
        return Struct(project=Struct(name="m"))

    def GetConfig(self, id: int) -> Any:
        return Struct(config=Struct(model_id=self.model_id, dataset_version_id=1, options_json="{}", metrics=[], engine_version=1))

    def GetVersion(self, id: int) -> Any:
        digest = "sha256:" + "a" * 64
        version = Struct(project_id=self.model_id, number=id, status=20, artifact_uri="artifact://" + digest, artifact_digest=digest)
        return Struct(model_version=version)

    def CheckGate(self, model_version_id: int, digest: str, eval_task_id: int) -> Any:
        return Struct(verdict=Struct(verdict=self.gate, digest=digest, gate_version=1, results=[], check_time=0, gate_override=None))


class Shop:
    """One service; every example gets a model, hence a slot, of its own."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.memory = ManualClock(), Memory()
        self.reached: set[S] = set()
        self.db = open_store(folder, "deploy", METADATA, self.clock)
        self.service = DeployService(self.db, Neighbours(self.memory, self.memory, self.memory), 10.0)

    def open(self) -> list[int]:
        self.memory.model_id, self.memory.gate = self.db.ids.next(), PASS
        made = []
        for name, steps in (("all at once", []), ("in steps", [10, 50, 100])):
            options = {"eval_config_id": EVAL_CONFIG_ID, "canary_steps": steps}
            made.append(self.service.create_config(caller(), model_id=self.memory.model_id, name=name, config=options).id)
        return made


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    found = Shop(tmp_path_factory.mktemp("shop"))
    yield found
    found.db.close()


def orders(shop: Shop) -> list[WorkOrder]:
    return list(shop.service.list_work_orders(caller(), page=PageRequest(), model_id=shop.memory.model_id).items)


def act(shop: Shop, configs: list[int], action: str, pick: int, flag: bool) -> None:
    """One thing somebody may try. flag: the honest way."""
    service = shop.service
    if action == "create":
        drive.order(service, configs[pick % 2], VERSIONS[pick // 2 % 2])
        return
    if action == "gate":
        shop.memory.gate = (PASS, FAIL, NO_DATA, OFF)[pick % 4]
        return
    known = orders(shop)
    if not known:
        return
    open_ones = [order for order in known if order.status in OPEN]
    order = open_ones[0] if flag and open_ones else known[pick % len(known)]
    if action == "approve":
        service.approve_work_order(caller(2 if flag else pick % 3 + 1, expected=order.version), id=order.id)
    elif action == "reject":
        service.reject_work_order(caller(2, expected=order.version), id=order.id, comment="no")
    elif action == "cancel":
        service.cancel_work_order(caller(), id=order.id)
    elif action == "roll back":
        service.roll_back_work_order(caller(), id=order.id)
    else:
        held = drive.claim(service, order.id)
        if held is None:
            return
        try:
            work(service, held, action, flag)
        finally:
            if action != "lose":
                service.orders.release(held)
            else:
                shop.clock.advance(11)


def work(service: DeployService, held: WorkOrder, action: str, flag: bool) -> None:
    """What a worker tries with an order it holds, at the right moment or not."""
    if action == "stage":
        drive.advance(service, held, shown=flag)
    elif action == "smoke":
        drive.smoke(service, held, shown=flag)
    elif action == "promote":
        canary = held.evidence.get("canary", {"steps": [100], "index": 0})
        service.traffic.promote(held, {**canary, "index": min(canary["index"] + 1, len(canary["steps"]) - 1)})
    elif action == "finish":
        service.traffic.finish(held, {})
    elif action == "fail":
        service.orders.fail(held, PlatformError(422, Reason.SMOKE_FAILED))
    elif action == "restore":
        service.traffic.restore(held, held.previous if flag else [], {})
    elif action == "end" and held.wish:
        service.orders.end(held)


def check(shop: Shop) -> set[S]:
    """The promises. Answers which states there are."""
    known = orders(shop)
    slots = shop.service.list_slots(caller(), page=PageRequest(), model_id=shop.memory.model_id).items
    weights = [weight for slot in slots for weight in slot.weights]
    check_weights(weights)
    assert sum(weight.weight for weight in weights) in (0, 100)
    by_id = {order.id: order for order in known}
    for order in known:
        if order.status in (S.CANARY, S.ONLINE):
            assert lacking(order) == []
            assert order.approver_id not in (0, order.user_id)
        if order.status == S.CANARY:
            assert any(weight.work_order_id == order.id for weight in weights)
    for weight in weights:
        assert by_id[weight.work_order_id].status in (S.CANARY, S.ONLINE, S.ROLLING_BACK)
        assert by_id[weight.work_order_id].digest == weight.digest
    open_ones = [order for order in known if order.status in OPEN]
    assert len(open_ones) <= 1
    assert [order.open_slot_id is not None for order in known] == [order.status in OPEN for order in known]
    return {order.status for order in known}


steps = st.tuples(st.sampled_from(ACTIONS + ENDS), st.integers(0, 11), st.sampled_from([True, True, True, False]))
WAY = [("create", 0), *[("stage", 0)] * 5, ("approve", 0), ("stage", 0), ("smoke", 0), ("finish", 0)]


BACK = [("roll back", 0, True), ("restore", 0, True)]
STEPPED = [("create", 2, True), *[("stage", 0, True)] * 5, ("approve", 0, True), ("stage", 0, True), ("smoke", 0, True)]


@given(st.integers(0, 1), st.booleans(), st.integers(0, len(WAY)), st.integers(-len(WAY), len(WAY) - 1), st.lists(steps, max_size=14))
@example(0, False, len(WAY), 3, [])  # no parity
@example(0, False, len(WAY), 4, [])  # no package
@example(0, False, len(WAY), 5, [])  # no evaluation
@example(0, False, len(WAY), 8, [])  # no smoke test
@example(0, False, len(WAY), -1, BACK)
@example(0, False, len(WAY), -1, [*STEPPED, ("promote", 0, True), ("finish", 0, True), *BACK, *BACK])
@example(0, False, len(WAY), -1, [("create", 3, True), *STEPPED[1:], ("finish", 0, True), ("fail", 0, True), ("restore", 0, True)])
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_random_sequences_keep_the_promises(
    shop: Shop, version: int, stepped: bool, prefix: int, skipped: int, tail: list[tuple[str, int, bool]]
) -> None:
    """A prefix of a release, honest but for the step ``skipped``, then anything: most of the interesting states lie deep."""
    configs = shop.open()
    script = [(action, version * 2 + stepped, index != skipped) for index, (action, _) in enumerate(WAY[:prefix])] + tail
    for action, pick, flag in script:
        try:
            act(shop, configs, action, pick, flag)
        except PlatformError as error:
            if error.code >= 500:
                raise
        except ValueError as error:  # a worker that skips canary steps: our own mistake, and refused as one
            if "without all of the traffic" not in str(error):
                raise
        shop.reached |= check(shop)


def test_the_sequences_went_everywhere(shop: Shop) -> None:
    """A property that never saw traffic would say nothing. Runs after the one above."""
    assert shop.reached >= {S.AWAITING_APPROVAL, S.PROVISIONING, S.SMOKE_TESTING, S.CANARY, S.ONLINE, S.ROLLING_BACK}


def test_the_machine_is_what_history_shows(shop: Shop) -> None:
    """Every step any example stored is a row of the table."""
    legal = {(int(start), event, int(end)) for (start, event), end in MACHINE.table.items()} | {(0, "CREATE", 0)}
    table = shop.db.table("state_event")
    with shop.db.read() as conn:
        rows = conn.execute(table.select().where(table.c.entity == "work_order")).all()
    assert len(rows) > 100
    assert {(row.from_status, row.event, row.to_status) for row in rows} <= legal


def test_the_auditor_agrees(shop: Shop) -> None:
    """Over everything the examples left: histories, leases and shares. No node runs here, so instances are not asked about."""
    books, report = Books("deploy", shop.db.url, METADATA), Report()
    audit.check(books, report, Patience(shop.clock.now_ms(), lease=10_000, delivery=1 << 60))
    books.close()
    for invariant, what, at_least in (("I3", "orders", 10), ("I5", "transitions", 50), ("I10", "slots", 0)):  # examples are random
        found = [violation for violation in report.violations if violation.invariant == invariant]
        record(invariant, f"random sequences of releases: {what} audited", tries=report.looked[invariant, what], violations=len(found))
        assert found == []
        assert report.looked[invariant, what] > at_least
