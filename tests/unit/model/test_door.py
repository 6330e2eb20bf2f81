"""Any request the contract allows, through the real door into the real service: an answer or a refusal with a name, never anything else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thriftpy2.protocol.binary import TBinaryProtocolFactory
from thriftpy2.utils import deserialize, serialize

import idl
from libs.common.errors import PlatformError, Reason
from libs.common.process import _PlatformVerbs
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.door import doors, verbs
from libs.common.rpc.wire import BOOL, DOUBLE, LIST, MAP, STRING, STRUCT, element, required_fields, spec_fields
from libs.common.sight.health import Health
from libs.common.store.repository import encode_cursor
from services.model.service import ModelService
from tests.support.identity import base_for, guard
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.model.chain import PACKAGE, WEIGHTS, S, version_in

METHODS = idl.methods("model")


class Info:
    deadline = Deadline.after(3600)


@pytest.fixture
def ids(service: ModelService) -> list[int]:
    """Of a version in every state, of their projects, and of nothing."""
    versions = [version_in(service, state) for state in S]
    return [id for version in versions for id in (version.id, version.project_id)] + [1, (1 << 63) - 1]


@pytest.fixture
def open_doors(service: ModelService) -> dict[str, Any]:
    platform = _PlatformVerbs("model", Health("model", {"database": service.db.check}), service.db, service.db.clock)  # type: ignore[arg-type]
    opened = doors("model", verbs("model", service, platform), guard("model"))

    def signed(method: str) -> Any:
        def call(request: Any, info: Any) -> Any:
            request.base = base_for(caller(), "model", method)
            return opened[method](request, info)

        return call

    return {method: signed(method) for method in opened}


def values(name: str, kind: int, extra: Any, ids: list[int]) -> st.SearchStrategy[Any]:
    if kind == STRUCT:
        return requests(extra, ids)
    if kind == LIST:
        return st.lists(values(name.removesuffix("s"), *element(extra), ids), max_size=3)
    if kind == MAP:
        keys = st.sampled_from(["exact_match", "词"])
        return st.dictionaries(keys, values(name.removesuffix("s"), *element(extra[1]), ids), max_size=2)
    if hasattr(extra, "_VALUES_TO_NAMES"):
        return st.sampled_from(sorted(extra._VALUES_TO_NAMES))
    if kind == BOOL:
        return st.booleans()
    if kind == DOUBLE:
        return st.floats(-2, 2)
    if kind == STRING:
        known = {
            "digest": [WEIGHTS, PACKAGE],
            "artifact_digest": [WEIGHTS, PACKAGE],
            "cursor": [encode_cursor(5), encode_cursor((1 << 63) - 1), "x"],
        }
        if name in known:
            return st.sampled_from(known[name])
        return st.sampled_from(
            ["{}", '{"loss": 0.5, "词": [null]}', ""] if name.endswith("_json") else ["a", "好" * 20, "%_'\";--", "12345678"]
        )
    if name in ("id", "project_id", "model_version_id", "base_version_id", "entity_id"):
        return st.sampled_from(ids)
    if name in ("expected_version", "train_task_id", "eval_task_id", "serving_slots"):
        return st.sampled_from([1, 2, 3, 77, 78])
    return st.sampled_from([1, 2, 20, 100])


def requests(struct: Any, ids: list[int]) -> st.SearchStrategy[Any]:
    needed = set(required_fields(struct))
    parts = {
        name: values(name, kind, extra, ids) if name in needed else st.none() | values(name, kind, extra, ids)
        for name, kind, extra in spec_fields(struct)
        if name not in ("base", "budget_ms")
    }
    return st.fixed_dictionaries(parts).map(lambda facts: struct(**facts))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_an_answer_or_a_refusal_with_a_name(open_doors: dict[str, Any], ids: list[int], data: st.DataObject) -> None:
    method = data.draw(st.sampled_from(METHODS))
    struct = getattr(idl.service("model"), f"{method}_args").thrift_spec[1][2]
    request = data.draw(requests(struct, ids))
    found = outcome(lambda: open_doors[method](request, Info))
    if isinstance(found, PlatformError):
        assert 400 <= found.code < 500, found
        assert "?" not in str(found)
        return
    factory = TBinaryProtocolFactory()
    assert deserialize(type(found)(), serialize(found, factory), factory) == found, "the answer is not what goes over the wire"
    assert found.base_resp.log_id


def test_a_metric_that_is_no_number_is_refused_before_it_is_stored(service: ModelService, open_doors: dict[str, Any]) -> None:
    """Stored, it could never be read again; infinite, it would pass any lower bound."""
    version = version_in(service, S.EVALUATING)
    model = idl.load("model")
    for value in (float("nan"), float("inf")):
        request = model.RecordEvaluationReq(
            id=version.id,
            eval_task_id=4,
            digest=WEIGHTS,
            dataset_version_id=1,
            dataset_hash="h",
            metrics={"exact_match": value},
            items=50,
        )
        error = outcome(lambda request=request: open_doors["RecordEvaluation"](request, Info))
        assert isinstance(error, PlatformError)
        assert (error.code, error.reason, error.field) == (400, Reason.INVALID_ARGUMENT, "metrics[exact_match]")
    assert service.list_evidence(caller(), model_version_id=version.id, page=_all()).items == []


def _all() -> Any:
    from libs.common.store.repository import PageRequest

    return PageRequest()


def test_the_platforms_own_verbs(service: ModelService, open_doors: dict[str, Any]) -> None:
    base = idl.load("base")
    pong = open_doors["Ping"](base.PingReq(text="词"), Info)
    assert (pong.text, pong.service_name, pong.server_time) == ("词", "model", service.db.clock.now_ms())
    healthy = open_doors["CheckHealth"](base.CheckHealthReq(), Info)
    assert (healthy.ready, healthy.parts) == (True, {"drain": "ok", "database": "ok"})
    version = version_in(service, S.QUALIFIED)
    listed = open_doors["ListStateEvents"](base.ListStateEventsReq(entity="model_version", entity_id=version.id), Info)
    assert [event.event for event in listed.events][-1] == "GATE_PASSED"
