"""From packaged bytes to live traffic and back: EVALUATING, PROVISIONING, SMOKE_TESTING, CANARY, ROLLING_BACK, and the end of an order.

Nothing here waits: each look asks whether it is time for the next step, and otherwise gives the order back for a moment. Between two looks
this process may die; the next look finds everything in the store.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from libs.common import fault
from libs.common.errors import PlatformError, Reason
from libs.common.store.storage import ArtifactStore
from libs.common.work.holding import Holding, from_facts
from services.deploy.domain.canary import FAIL, NO_DATA, judge
from services.deploy.domain.instance import SERVING, STAGING, Instance
from services.deploy.domain.options import DeployOptions
from services.deploy.domain.order import WorkOrder
from services.deploy.domain.slot import SlotWeight
from services.deploy.domain.stage import EVALUATE, VERIFY
from services.deploy.service import DeployService
from services.deploy.service.neighbours import Evaluation
from services.deploy.service.orders import Passed, context
from services.deploy.worker.build import bundle_of, hash_of
from services.deploy.worker.figures import counters, crashed, grown

LOOK_SECONDS = 0.2
EVALUATION_SECONDS = 0.5  # between two looks at an evaluation
CANARY_SECONDS = 0.5
EVALUATIONS_MAX = 3  # tasks for one order, should staging have moved to another address meanwhile


class Release:
    def __init__(self, service: DeployService, artifacts: ArtifactStore) -> None:
        self._service, self._artifacts = service, artifacts
        self._orders, self._fleet, self._traffic = service.orders, service.fleet, service.traffic
        self._neighbours = service.neighbours

    def evaluate(self, order: WorkOrder, _hold: Holding[WorkOrder]) -> None:
        """The packaged digest, running as it will serve, judged by the eval domain; the evidence lands in the model domain by itself."""
        if order.eval_task_id:
            return self._follow(order, self._neighbours.evaluation(order))
        noted = order.evidence.get("evaluation", {})
        asked: dict[str, Any] = {"number": int(noted.get("number", 1)), "input_hash": self._evaluated(order)}
        if (earlier := self._earlier(order, asked)) is not None:
            return self._follow(*earlier)
        staging = self._ready(order, STAGING, 1)
        if staging is None:
            return None
        # Written down first: asked again after a crash, it is the same question under the same key.
        asked["against"] = noted.get("against") or str(self._traffic.judged_by(order))
        order = self._orders.note(order, {"evaluation": asked})
        fault.point("deploy.after_question_noted_before_asked")
        task_id = self._neighbours.start_evaluation(order, staging[0], asked["number"], int(asked["against"]))
        fault.point("deploy.after_asked_before_noted")
        order = self._orders.note(order, {"evaluation": {**asked, "task_id": str(task_id), "reused": False}}, eval_task_id=task_id)
        return self._follow(order, self._neighbours.evaluation(order))

    def provision(self, order: WorkOrder, _hold: Holding[WorkOrder]) -> None:
        ready = self._ready(order, SERVING, DeployOptions.from_dict(order.config).replicas)
        if ready is not None:
            fault.point("deploy.after_instances_before_provisioned")
            self._orders.advance(order, "PROVISIONED", {"provision": {"instances": [_shown(instance) for instance in ready]}})

    def smoke(self, order: WorkOrder, hold: Holding[WorkOrder]) -> None:
        """Every instance must repeat stored answers of its own digest; then the gate once more; then first traffic."""
        ready = self._ready(order, SERVING, DeployOptions.from_dict(order.config).replicas)
        if ready is None:
            return
        results = self._ask(order, ready, hold)
        gate = self._neighbours.gate(context(order), order)
        if (refusal := gate.refusal()) is not None:
            self._orders.fail(order, refusal, {"gate": gate.facts})
            return
        smoke = {"digest": order.digest, "work_order_id": str(order.id), "instances": results}
        fault.point("deploy.after_smoke_before_traffic")
        self._traffic.begin(order, {"smoke": smoke, "gate": gate.facts}, counters(ready))

    def canary(self, order: WorkOrder, hold: Holding[WorkOrder]) -> None:
        """Judges the present weight step: up, hold on, or back. All of the traffic without steps before it is not held."""
        options, canary = DeployOptions.from_dict(order.config), order.evidence["canary"]
        if len(canary["steps"]) > 1:
            judged = self._judge(order, options, canary, hold)
            if judged is None:
                return
            canary = judged
        if canary["index"] + 1 < len(canary["steps"]):
            fault.point("deploy.after_step_judged_before_weight")
            self._traffic.promote(order, {**canary, "index": canary["index"] + 1})
            return
        gate = self._neighbours.gate(context(order), order)
        if (refusal := gate.refusal()) is not None:
            self._orders.fail(order, refusal, {"gate": gate.facts})
            return
        fault.point("deploy.after_gate_before_online")
        self._traffic.finish(order, {"gate": gate.facts, "canary": canary})

    def roll_back(self, order: WorkOrder, _hold: Holding[WorkOrder]) -> None:
        """What served before serves again, started anew where it has cooled down; the slot is empty where nothing of it may."""
        targets, left_out = self._restorable(order)
        for target in targets:
            count = DeployOptions.from_dict(target.config).replicas
            instances = self._fleet.ensure(target, SERVING, count)
            fault.point("deploy.after_restart_before_restored")
            now = self._orders.db.clock.now_ms()
            if any(instance.answers(now) for instance in instances):
                continue
            if all(instance.given_up for instance in instances):
                left_out.append(f"work order {target.id}: its instances do not start")
            else:
                return self._orders.release(order, LOOK_SECONDS)
        weights: list[SlotWeight] = [] if left_out else order.previous
        note = {"weights": [{"digest": weight.digest, "weight": weight.weight} for weight in weights], "left_out": left_out}
        self._traffic.restore(order, weights, note)
        return None

    def end(self, order: WorkOrder, _hold: Holding[WorkOrder]) -> None:
        """FAILED or CANCELLED, once nothing of it runs."""
        if self._fleet.drop(order.id, order.project_space_id):
            fault.point("deploy.after_drop_before_end")
            self._orders.end(order)
        else:
            self._orders.release(order, LOOK_SECONDS)

    # --- parts

    def _evaluated(self, order: WorkOrder) -> str:
        """What an evaluation of this order's digest is an evaluation of."""
        judge = self._neighbours.judge(context(order), int(order.config["eval_config_id"]))
        return hash_of({"digest": order.digest, "model_version_id": str(order.model_version_id), "judge": judge.facts})

    def _earlier(self, order: WorkOrder, asked: dict[str, Any]) -> tuple[WorkOrder, Evaluation] | None:
        """The order with the evaluation an earlier order of ours had made of the very same, if it is still there."""
        passed = self._orders.passed(order, EVALUATE, asked["input_hash"])
        if passed is None:
            return None
        task_id = int(passed.result["eval_task_id"])
        try:
            found = self._neighbours.evaluation(replace(order, eval_task_id=task_id))
        except PlatformError as error:
            if error.reason != Reason.NOT_FOUND:
                raise
            return None
        ours = found.facts["work_order_id"] == str(passed.work_order_id)
        if not ours or found.status != "SUCCEEDED" or found.digest != order.digest:
            return None
        gate = self._neighbours.gate(context(order), replace(order, eval_task_id=task_id))
        if gate.expired or (gate.compares and found.facts["against_task_id"] != str(self._traffic.judged_by(order))):
            return None
        evaluation = {**asked, "task_id": str(task_id), "reused": True}
        return self._orders.note(order, {"evaluation": evaluation}, eval_task_id=task_id), found

    def _follow(self, order: WorkOrder, found: Evaluation) -> None:
        """Goes on with a finished evaluation of this digest whose gate is passed; asks again where staging had moved away from it."""
        if not found.ended:
            self._ready(order, STAGING, 1, wait=False)
            return self._orders.release(order, EVALUATION_SECONDS, f"evaluation {found.id}: {found.status}")
        evidence = {"evaluation": {**order.evidence.get("evaluation", {}), **found.facts}}
        if found.status != "SUCCEEDED":
            return self._evaluation_failed(order, found, evidence)
        if found.digest != order.digest:
            raise PlatformError(409, Reason.DIGEST_MISMATCH, field="digest", limit=order.digest, found=found.digest)
        gate = self._neighbours.gate(context(order), order)
        evidence["gate"] = gate.facts
        refusal = gate.refusal()
        if refusal is not None:
            self._orders.fail(order, refusal, evidence)
        else:
            whole, hashed = found.facts["failed_items"] == 0, evidence["evaluation"].get("input_hash")
            passed = Passed(EVALUATE, hashed, {"eval_task_id": str(found.id)}) if whole and hashed else None
            self._orders.await_approval(order, evidence, passed)
        return None

    def _evaluation_failed(self, order: WorkOrder, found: Evaluation, evidence: dict[str, Any]) -> None:
        number = int(evidence["evaluation"].get("number", 1))
        if found.error.get("reason") == Reason.TARGET_UNREACHABLE.name and number < EVALUATIONS_MAX:
            asked = {"number": number + 1}
            self._orders.note(order, {"evaluation": asked}, eval_task_id=0)
            return self._orders.release(order, LOOK_SECONDS, "staging did not answer the evaluation; asked again")
        error = from_facts(found.error) if found.error else PlatformError(409, Reason.CANCELLED, field="eval_task_id", what=str(found.id))
        self._orders.fail(order, error, evidence)
        return None

    def _ready(self, order: WorkOrder, purpose: str, count: int, wait: bool = True) -> list[Instance] | None:
        """The order's instances once all of them answer; None when the order was given back to wait for them. Raises what keeps one from
        running.
        """
        instances = self._fleet.ensure(order, purpose, count)
        now = self._orders.db.clock.now_ms()
        for instance in instances:
            if instance.given_up:
                raise from_facts({**instance.error, "code": 422, "retryable": False})
        if all(instance.answers(now) for instance in instances):
            return instances
        if wait:
            self._orders.release(order, LOOK_SECONDS, "instances start")
        return None

    def _ask(self, order: WorkOrder, instances: list[Instance], hold: Holding[WorkOrder]) -> list[dict[str, Any]]:
        """Smoke results per instance. Raises SMOKE_FAILED, DIGEST_MISMATCH."""
        from services.deploy.engine import smoke

        options = DeployOptions.from_dict(order.config)
        trained = self._trained_answers(order)
        probes = self._neighbours.stored_answers(order, options.smoke_probes)
        if not probes:
            raise PlatformError(422, Reason.SMOKE_FAILED, limit=f"evaluation {order.eval_task_id} stored no answer")
        asked = self._neighbours.judge(context(order), options.eval_config_id).max_new_tokens
        longest = min(asked or options.max_new_tokens, options.max_new_tokens)
        results = []
        for instance in instances:
            hold.check()
            try:
                smoke.check(instance.address, instance.key, order.digest, trained)
                found = smoke.check(instance.address, instance.key, order.digest, probes, max_tokens=longest)
            except PlatformError as error:
                # Other answers are a verdict. No answer is one only when it stays so: the process may just have been started anew.
                if error.reason == Reason.SMOKE_FAILED and "unequal" not in error.details:
                    error.retryable = True
                raise
            results.append({**_shown(instance), **found, "trained": len(trained)})
        return results

    def _trained_answers(self, order: WorkOrder) -> list[dict[str, str]]:
        """What the trained model itself answered when the export was compared with it."""
        passed = self._orders.passed(order, VERIFY, order.evidence.get("parity", {}).get("input_hash", ""))
        answers = passed.result.get("answers") if passed is not None else None
        if not answers:
            raise PlatformError(422, Reason.SMOKE_FAILED, limit="answers of the trained model to compare with; release it anew")
        return list(answers)

    def _judge(self, order: WorkOrder, options: DeployOptions, canary: dict[str, Any], hold: Holding[WorkOrder]) -> dict[str, Any] | None:
        """The canary's evidence with this step's verdict; None when the order was given back, or sent back."""
        instances = self._fleet.of_order(order.id, SERVING)
        seen = crashed(instances, canary["counters"])
        if not seen.crashes:  # one that crashed cannot be asked, and need not be
            ready = self._ready(order, SERVING, options.replicas)
            if ready is None:
                return None
            seen = grown(counters(ready), canary["counters"])
        held = (self._orders.db.clock.now_ms() - int(canary["since"])) / 1000
        verdict = judge(seen, held, options)
        if verdict is None:
            share = canary["steps"][canary["index"]]
            self._orders.release(order, CANARY_SECONDS, f"{share} %: {seen.requests} requests, {seen.errors} errors")
            return None
        step = {"weight": canary["steps"][canary["index"]], "verdict": verdict, "requests": seen.requests, "errors": seen.errors}
        canary = {**canary, "history": [*canary["history"], {**step, "crashes": seen.crashes}]}
        if verdict in (FAIL, NO_DATA):
            limit = f"canary at {step['weight']} %: {verdict}, {seen.requests} requests, {seen.errors} errors, {seen.crashes} crashes"
            self._orders.fail(order, PlatformError(422, Reason.CANARY_FAILED, limit=limit, verdict=verdict), {"canary": canary})
            return None
        self._ask(order, instances, hold)
        return {**canary, "counters": counters(instances)}  # asked before it is counted: our own questions are no traffic

    def _restorable(self, order: WorkOrder) -> tuple[list[WorkOrder], list[str]]:
        """(orders that served before, why some of them may not serve again)."""
        targets: list[WorkOrder] = []
        left_out: list[str] = []
        for weight in order.previous:
            target = self._service.get_work_order(context(order), id=weight.work_order_id)
            try:
                bundle_of(self._artifacts, target.bundle_uri, verify=True)
            except PlatformError as error:
                left_out.append(f"{weight.digest}: {error.reason.name}")
                continue
            if self._neighbours.recalled(target.project_space_id, target.user_id, target.model_version_id):
                left_out.append(f"{weight.digest}: recalled")
                continue
            targets.append(target)
        return targets, left_out


def _shown(instance: Instance) -> dict[str, Any]:
    return {"id": str(instance.id), "digest": instance.digest}
