"""The door between a request and a verb: what is handed in and out, and that tables which do not fit the contract do not start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import idl
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.door import Verb, answers, base_of, doors
from libs.common.store.repository import PAGE_LIMIT, Page, PageRequest, encode_cursor
from services.model.domain.gate import GateComparator, GateRule, GateVerdictKind
from services.model.domain.project import ModelProject, ModelProjectStatus
from tests.support.identity import base_for, guard

MODEL, BASE = idl.load("model"), idl.load("base")


class Info:
    deadline = Deadline.after(9)


def never(ctx: CallContext, **_: Any) -> None:
    raise AssertionError("not asked for")


def door(method: str, verb: Verb) -> Any:
    verbs = {name: Verb(never, ("x",)) for name in idl.methods("model")}
    opened = doors("model", {**verbs, method: verb}, guard("model"))[method]

    def signed(request: Any, info: Any) -> Any:
        """As somebody who may, unless the test says who."""
        if request.base is None or request.base.auth is None:
            given = request.base
            request.base = base_for(CallContext(5, 6, Info.deadline), "model", method)
            request.base.log_id = given.log_id if given is not None else None
            if given is not None and given.project_space_id is not None:
                request.base.project_space_id = given.project_space_id
        return opened(request, info)

    return signed


def test_the_context_comes_from_the_base() -> None:
    seen: list[CallContext] = []

    def update(ctx: CallContext, *, id: int, name: str | None = None) -> ModelProject:
        seen.append(ctx)
        return ModelProject(id, name or "", ctx.space_id, ctx.user_id)

    opened = door("UpdateProject", answers(update, "project"))
    base = BASE.Base(log_id="l", user_id=5, project_space_id=6)
    answer = opened(MODEL.UpdateProjectReq(id=3, name="n", expected_version=2, idempotency_key="12345678", base=base), Info)
    ctx = seen[0]
    assert (ctx.user_id, ctx.space_id, ctx.log_id, ctx.expected_version, ctx.idempotency_key) == (5, 6, "l", 2, "12345678")
    assert ctx.deadline is Info.deadline
    assert (answer.project.id, answer.project.name, answer.base_resp.log_id) == (3, "n", "l")
    opened(MODEL.UpdateProjectReq(id=3), Info)
    assert (seen[1].user_id, seen[1].space_id, seen[1].expected_version, seen[1].idempotency_key) == (5, 6, None, None)
    assert seen[1].log_id != ""


def test_absent_fields_are_not_handed_on_and_json_is_parsed() -> None:
    seen: list[dict[str, Any]] = []

    def record(
        ctx: CallContext, *, id: int, train_task_id: int, artifact_uri: str, artifact_digest: str, metrics: dict[str, Any] | None = None
    ) -> None:
        seen.append({"metrics": metrics})

    opened = door("RecordTrained", answers(record, "model_version"))
    facts = {"id": 1, "train_task_id": 2, "artifact_uri": "u", "artifact_digest": "d" * 71}
    for text, expected in ((None, None), ("", {}), ('{"损": 0.5}', {"损": 0.5})):
        opened(MODEL.RecordTrainedReq(**facts, metrics_json=text), Info)
        assert seen[-1] == {"metrics": expected}
    with pytest.raises(PlatformError) as caught:
        opened(MODEL.RecordTrainedReq(**facts, metrics_json='{"a": 1e999}'), Info)
    assert (caught.value.code, caught.value.field) == (400, "metrics_json")
    assert len(seen) == 3


def test_structs_and_enums_become_the_domains() -> None:
    seen: list[Any] = []

    def set_gate(ctx: CallContext, *, project_id: int, enabled: bool, rules: list[GateRule] | None = None, off_reason: str = "") -> None:
        seen.append((enabled, rules))

    opened = door("SetGate", answers(set_gate, "gate"))
    opened(MODEL.SetGateReq(project_id=1, enabled=False, rules=[MODEL.GateRule(metric="m", comparator=2, bound=0.5)]), Info)
    opened(MODEL.SetGateReq(project_id=1, enabled=True), Info)
    assert seen == [(False, [GateRule("m", GateComparator.AT_MOST, 0.5, 1, 1.0)]), (True, None)]
    assert type(seen[0][1][0].comparator) is GateComparator


def test_pages_in_and_out() -> None:
    seen: list[PageRequest] = []

    def listing(ctx: CallContext, *, page: PageRequest, name_prefix: str = "") -> Page:
        seen.append(page)
        return Page([ModelProject(1, "a", 1, 1, status=ModelProjectStatus.ONLINE)], encode_cursor(1))

    opened = door("ListProjects", answers(listing, "projects"))
    answer = opened(MODEL.ListProjectsReq(), Info)
    assert [(project.id, project.status) for project in answer.projects] == [(1, 50)]
    assert answer.page.next_cursor == encode_cursor(1)
    opened(MODEL.ListProjectsReq(page=BASE.PageReq(cursor="abc", limit=7)), Info)
    assert seen == [PageRequest(None, PAGE_LIMIT), PageRequest("abc", 7)]


def test_an_answer_of_several_fields() -> None:
    @dataclass(frozen=True)
    class Evaluated:
        evidence: None
        verdict: Any
        model_version: Any

    def record(ctx: CallContext, *, id: int) -> Evaluated:
        return Evaluated(None, MODEL.GateVerdict(verdict=int(GateVerdictKind.PASS)), MODEL.ModelVersion(id=4))

    request = MODEL.RecordEvaluationReq(id=1, eval_task_id=1, digest="d" * 71, dataset_version_id=1, dataset_hash="h", metrics={}, items=1)
    answer = door("RecordEvaluation", answers(lambda ctx, **_: record(ctx, id=1)))(request, Info)
    assert (answer.evidence, answer.verdict.verdict, answer.model_version.id) == (None, 1, 4)


def test_a_broken_request_never_reaches_the_verb() -> None:
    opened = door("GetProject", Verb(never, ("project",)))
    for request, reason in ((MODEL.GetProjectReq(), Reason.MISSING_FIELD), (MODEL.GetProjectReq(id=-1), Reason.TOO_SMALL)):
        with pytest.raises(PlatformError) as caught:
            opened(request, Info)
        assert (caught.value.reason, caught.value.field) == (reason, "id")
    with pytest.raises(PlatformError) as caught:
        opened(MODEL.GetProjectReq(id=1, base=BASE.Base(project_space_id=0)), Info)
    assert caught.value.field == "base.project_space_id"


def test_a_table_that_does_not_fit_the_contract_does_not_start() -> None:
    verbs = {name: Verb(never) for name in idl.methods("model")}
    with pytest.raises(ValueError, match="GetGate"):
        doors("model", {name: verb for name, verb in verbs.items() if name != "GetGate"}, guard("model"))
    with pytest.raises(ValueError, match="Invented"):
        doors("model", {**verbs, "Invented": Verb(never)}, guard("model"))


def test_an_outgoing_call_speaks_for_its_caller() -> None:
    ctx = CallContext(7, 8, Deadline.after(1), log_id="l")
    base = base_of(ctx, "train-work", "signed")
    assert (base.log_id, base.caller, base.user_id, base.project_space_id, base.budget_ms) == ("l", "train-work", 7, 8, None)
    assert base.auth == "signed"
