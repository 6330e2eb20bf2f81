"""Moves orders as a worker would, without one: claims and the same calls of the service, with evidence made up or left out."""

from __future__ import annotations

from typing import Any

from services.deploy.domain.instance import FOREVER, READY, SERVING
from services.deploy.domain.order import MACHINE, WorkOrder, WorkOrderStatus
from services.deploy.service import DeployService
from tests.support.stores import caller
from tests.unit.deploy.world import EVAL_CONFIG_ID, MODEL_ID, VERSIONS

S = WorkOrderStatus
EVAL_TASK_ID = 7
DIGESTS = {id: "sha256:" + str(index + 1) * 64 for index, id in enumerate(VERSIONS)}
EVENTS = {S.PENDING: "START", S.CONVERTING: "CONVERTED", S.VERIFYING: "VERIFIED", S.PACKAGING: "PACKAGED", S.PROVISIONING: "PROVISIONED"}


def config(service: DeployService, name: str = "c", model_id: int = MODEL_ID, **options: Any) -> int:
    settings = {"eval_config_id": EVAL_CONFIG_ID, **options}
    return service.create_config(caller(), model_id=model_id, name=name, config=settings).id


def order(service: DeployService, config_id: int, version: int = VERSIONS[0]) -> WorkOrder:
    return service.create_work_order(caller(), deployment_config_id=config_id, model_version_id=version, name="o")


def claim(service: DeployService, id: int) -> WorkOrder | None:
    """The order, held; None when it does not wait for a worker."""
    while (found := service.orders.claim("w", [status for status in S if status not in (S.AWAITING_APPROVAL, S.ONLINE)], True)) is not None:
        if found.id == id:
            return found
        service.orders.release(found, 0.001)
    return None


def proof(order: WorkOrder, status: WorkOrderStatus) -> dict[str, Any]:
    """What the stage that ends in ``status`` would have shown."""
    digest = DIGESTS[order.model_version_id]
    evaluation = {"digest": digest, "status": "SUCCEEDED", "task_id": str(EVAL_TASK_ID), "work_order_id": str(order.id)}
    shown: dict[WorkOrderStatus, dict[str, Any]] = {
        S.VERIFYING: {"export": {"digest": "x"}},
        S.PACKAGING: {"parity": {"passed": True, "max_abs_diff": 1e-6}},
        S.EVALUATING: {"package": {"digest": digest}},
        S.AWAITING_APPROVAL: {"evaluation": evaluation, "gate": {"digest": digest, "verdict": "PASS"}},
    }
    return shown.get(status, {})


def advance(service: DeployService, held: WorkOrder, shown: bool = True) -> WorkOrder:
    """One stage. shown: with its evidence."""
    event = EVENTS.get(held.status, "EVALUATED")
    status = MACHINE.next(held.status, event)
    evidence = proof(held, status) if shown else {}
    if status == S.AWAITING_APPROVAL and shown:
        held = service.orders.note(held, {}, eval_task_id=EVAL_TASK_ID)
    if status == S.EVALUATING:
        return service.orders.advance(held, event, evidence, digest=DIGESTS[held.model_version_id], bundle_uri="artifact://x")
    return service.orders.await_approval(held, evidence) if status == S.AWAITING_APPROVAL else service.orders.advance(held, event, evidence)


def to_approval(service: DeployService, id: int) -> WorkOrder:
    found = service.get_work_order(caller(), id=id)
    while found.status != S.AWAITING_APPROVAL:
        held = claim(service, id)
        assert held is not None
        found = advance(service, held)
    return found


def smoke(service: DeployService, held: WorkOrder, shown: bool = True) -> WorkOrder:
    """First traffic."""
    seen = {"smoke": {"digest": held.digest, "work_order_id": str(held.id)}} if shown else {}
    return service.traffic.begin(held, seen, {})


def online(service: DeployService, id: int, approver: int = 2) -> WorkOrder:
    """All the way, instances included."""
    version = to_approval(service, id).version
    service.approve_work_order(caller(approver, expected=version), id=id)
    held = claim(service, id)
    assert held is not None
    run_instances(service, held)
    advance(service, held)
    held = claim(service, id)
    assert held is not None
    smoke(service, held)
    held = claim(service, id)
    assert held is not None
    return service.traffic.finish(held, {})


def run_instances(service: DeployService, order: WorkOrder, count: int = 1, **said: Any) -> list[int]:
    """Instances of the order that their node reports as ready."""
    found = service.fleet.ensure(order, SERVING, count)
    for number, instance in enumerate(found):
        assert instance.keep_until == FOREVER
        facts = {"state": READY, "address": f"http://127.0.0.1:{9000 + number}", "qps": 2.0, "p99_ms": 10.0 + number, **said}
        service.fleet.report({instance.id: facts})
    return [instance.id for instance in found]


def stop_instances(service: DeployService) -> None:
    """What a node does about everything that is not wanted any more."""
    now = service.db.clock.now_ms()
    service.fleet.report({row.id: {"state": "STOPPED"} for row in service.fleet.on_node() if row.keep_until <= now})
