"""What the deploy domain asks of model, eval and dataset, in its own words. Foreign structs and foreign numbers end here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from idl.enums import GateComparator, GateLack, GateVerdictKind, ModelVersionStatus, TaskStatus, name_of
from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.rpc.peers import DatasetPeer, EvalPeer, ModelPeer
from libs.common.store.notice import Call, Notice
from libs.common.store.repository import PageRequest
from libs.metrics import GAINS
from services.deploy.domain.instance import Instance
from services.deploy.domain.order import WorkOrder, lets_pass
from services.deploy.service.notices import EVALUATION_UNWANTED, SERVING_CHANGED

CALL_SECONDS = 30.0
_PAGE = 100
LEAK = "leak"  # the share of the test that repeats training data, as eval measures and the gate bounds it


@dataclass(frozen=True)
class Version:
    """A trained model version. uri, digest: of its weights."""

    number: int
    uri: str
    digest: str


@dataclass(frozen=True)
class Judge:
    """An eval config. max_new_tokens: length of the answers it asks for. facts: all that decides what an evaluation with it measures."""

    model_id: int
    dataset_version_id: int
    max_new_tokens: int
    facts: dict[str, Any]


@dataclass(frozen=True)
class TestVersion:
    __test__ = False  # pytest takes classes called Test… for its own

    uri: str
    content_hash: str
    records: int


@dataclass(frozen=True)
class Gate:
    """facts: the verdict as evidence, with the live override where it refuses. passes: whether the order asked for may go on. wrong: rules
    that are not met, for people."""

    verdict: str
    facts: dict[str, Any]
    wrong: str
    passes: bool

    def refusal(self) -> PlatformError | None:
        """None when the release may go on."""
        if self.passes:
            return None
        reason = Reason.GATE_NO_DATA if self.verdict == "NO_DATA" else Reason.GATE_NOT_PASSED
        if self.facts.get("override"):
            limit = "an override confirmed by somebody else than who asked for this release"
            return PlatformError(409, Reason.GATE_NOT_PASSED, field="digest", limit=limit, digest=self.facts["digest"])
        return PlatformError(409, reason, field="digest", limit=self.wrong or self.verdict, digest=self.facts["digest"])

    @property
    def compares(self) -> bool:
        """Whether a rule asks how much better it is than what serves."""
        return any(rule["metric"] in GAINS for rule in self.facts["rules"])

    @property
    def expired(self) -> bool:
        """Whether it was judged by what was measured too long ago."""
        return any(rule["lack"] == GateLack.EXPIRED.name for rule in self.facts["rules"])


@dataclass(frozen=True)
class Evaluation:
    """An eval task as the deploy domain sees it. status: its name. facts: the result as evidence. error: why it failed."""

    id: int
    status: str
    digest: str
    facts: dict[str, Any]
    error: dict[str, Any]

    @property
    def ended(self) -> bool:
        return self.status in ("SUCCEEDED", "FAILED", "CANCELLED")


class Neighbours:
    """Every call is made outside a transaction; every mutating one under a key made of the order, so that it happens once."""

    def __init__(self, model: ModelPeer, eval: EvalPeer, dataset: DatasetPeer) -> None:
        self._model, self._eval, self._dataset = model, eval, dataset

    def told(self) -> Mapping[Notice, Call]:
        """What is promised to whom."""
        return {SERVING_CHANGED: self._model.call, EVALUATION_UNWANTED: self._eval.call}

    # --- model

    def project_name(self, ctx: CallContext, model_id: int) -> str:
        return str(self._model.call(ctx, "GetProject", id=model_id).project.name)

    def releasable(self, ctx: CallContext, model_version_id: int, model_id: int) -> Version:
        """A version of the model that has weights and is in use. Raises NOT_FOUND, INVALID_ARGUMENT, ILLEGAL_TRANSITION."""
        version = self._model.call(ctx, "GetVersion", id=model_version_id).model_version
        if version.project_id != model_id:
            raise invalid("model_version_id", limit=f"a version of model {model_id}")
        state = name_of(ModelVersionStatus, version.status)
        if state in ("RETIRED", "QUARANTINED") or not version.artifact_digest:
            limit = "none" if version.artifact_digest else "train it first, it has no artifact"
            raise PlatformError(
                409, Reason.ILLEGAL_TRANSITION, field="model_version_id", limit=limit, machine="model_version", state=state, event="RELEASE"
            )
        return Version(version.number, version.artifact_uri, version.artifact_digest)

    def recalled(self, order_space: int, user_id: int, model_version_id: int) -> bool:
        """Whether nothing of a version may serve any more. A model service that does not answer recalls nothing."""
        try:
            version = self._model.call(system_context(user_id, order_space, CALL_SECONDS), "GetVersion", id=model_version_id).model_version
        except PlatformError as error:
            return error.reason == Reason.NOT_FOUND
        return name_of(ModelVersionStatus, version.status) == "QUARANTINED"

    def record_package(self, order: WorkOrder, digest: str) -> None:
        self._model.call(_told(order, "package"), "RecordPackage", id=order.model_version_id, work_order_id=order.id, digest=digest)

    def gate(self, ctx: CallContext, order: WorkOrder) -> Gate:
        """The release gate's word on the order's digest, now, by the evaluation of this order and no other."""
        version, task = order.model_version_id, order.eval_task_id
        found = self._model.call(ctx, "CheckGate", model_version_id=version, digest=order.digest, eval_task_id=task).verdict
        verdict = name_of(GateVerdictKind, found.verdict)
        rules = [_rule(result) for result in found.results or []]
        wrong = "; ".join(_wrong(rule) for rule in rules if rule["verdict"] != "PASS")
        facts = {
            "verdict": verdict,
            "digest": found.digest,
            "gate_version": found.gate_version,
            "check_time": str(found.check_time),
            "rules": rules,
            **({"override": _override(found.gate_override)} if found.gate_override else {}),
        }
        if found.digest != order.digest:
            raise PlatformError(409, Reason.DIGEST_MISMATCH, field="digest", limit=order.digest, found=found.digest)
        return Gate(verdict, facts, wrong, lets_pass(facts, order.user_id))

    # --- eval

    def judge(self, ctx: CallContext, eval_config_id: int) -> Judge:
        config = self._eval.call(ctx, "GetConfig", id=eval_config_id).config
        options = msgspec.json.decode(config.options_json or "{}")
        facts = {
            "engine": config.engine_version or 0,
            "dataset_version_id": config.dataset_version_id,
            "metrics": list(config.metrics or []),
            "options": options,
        }
        return Judge(config.model_id, config.dataset_version_id, int(options.get("max_new_tokens", 0)), facts)

    def start_evaluation(self, order: WorkOrder, staging: Instance, number: int, against_task_id: int) -> int:
        """The task's id. number: rises when it must be asked anew. against_task_id: of what serves now, 0 = nothing does."""
        place = hashlib.sha256(f"{staging.address} {staging.key} {against_task_id}".encode()).hexdigest()[
            :16
        ]  # another place is another question
        answer = self._eval.call(
            _told(order, f"evaluation-{number}-{place}"),
            "CreateReleaseTask",
            eval_config_id=int(order.config["eval_config_id"]),
            model_version_id=order.model_version_id,
            target_digest=order.digest,
            target_address=staging.address,
            target_key=staging.key,
            work_order_id=order.id,
            name=f"release {order.id}",
            against_task_id=against_task_id or None,
        )
        return int(answer.eval_task.id)

    def evaluation(self, order: WorkOrder) -> Evaluation:
        task = self._eval.call(_context(order), "GetTask", id=order.eval_task_id).eval_task
        status = name_of(TaskStatus, task.status)
        facts = {
            "task_id": str(task.id),
            "status": status,
            "digest": task.target_digest,
            "dataset_version_id": str(task.dataset_version_id),
            "metrics": dict(task.metrics or {}),
            "items": task.items or 0,
            "failed_items": task.failed_items or 0,
            "verdict": task.verdict or "",
            "work_order_id": str(task.work_order_id or 0),
            "against_task_id": str(task.against_task_id or 0),
            "overlap": msgspec.json.decode(task.overlap_json or "{}"),
        }
        error = msgspec.json.decode(task.error_json or "{}")
        return Evaluation(task.id, status, task.target_digest, facts, error)

    def stored_answers(self, order: WorkOrder, count: int) -> list[dict[str, str]]:
        """Up to ``count`` questions with the answers this digest gave when it was evaluated, in order."""
        probes: list[dict[str, str]] = []
        cursor: str | None = None
        while True:
            answer = self._eval.call(_context(order), "ListItems", task_id=order.eval_task_id, page=PageRequest(cursor, _PAGE))
            probes += [{"question": item.input, "answer": item.output} for item in answer.items or [] if not item.error]
            cursor = answer.page.next_cursor if answer.page is not None else None
            if len(probes) >= count or cursor is None:
                return probes[:count]

    # --- dataset

    def test_version(self, order: WorkOrder, dataset_version_id: int) -> TestVersion:
        version = self._dataset.call(_context(order), "GetVersion", id=dataset_version_id).dataset_version
        return TestVersion(version.uri, version.content_hash, version.records)


def _context(order: WorkOrder) -> CallContext:
    return system_context(order.user_id, order.project_space_id, CALL_SECONDS)


def _told(order: WorkOrder, what: str) -> CallContext:
    return _context(order).keyed(f"work-order-{order.id}-{what}")


def _rule(result: Any) -> dict[str, Any]:
    return {
        "metric": result.rule.metric,
        "comparator": name_of(GateComparator, result.rule.comparator),
        "bound": result.rule.bound,
        "value": result.value or 0.0,
        "verdict": name_of(GateVerdictKind, result.verdict),
        "evidence_id": str(result.evidence_id or 0),
        "lack": name_of(GateLack, result.lack or 0),
    }


def _override(found: Any) -> dict[str, Any]:
    """By whom, why and until when; ids as text, as in all evidence."""
    return {
        "id": str(found.id),
        "user_id": str(found.user_id),
        "confirmer_id": str(found.confirmer_id or 0),
        "cause": found.cause,
        "end_time": str(found.end_time),
    }


def _wrong(rule: Mapping[str, Any]) -> str:
    """A rule that is not met, for people."""
    found = f"{rule['value']:.1%} of the test repeats what it was trained on" if rule["metric"] == LEAK else f"{rule['value']:g}"
    return f"{rule['metric']} {rule['verdict']}: {found}, needs {rule['comparator']} {rule['bound']:g}"
