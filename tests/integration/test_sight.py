"""One call seen across processes: one trace with the right parents, one log id in every log, one request id in every answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.support.collector import Collector, Span, collecting
from tests.support.processes import Processes, processes
from tests.support.until import until

TRACE, ABOVE = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PASSWORD = "Pa55-w0rd-of-the-collector"
SERVER, CLIENT = 2, 3


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture(scope="module")
def up(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    otlp = collector.address.replace("http://", f"http://modelyard:{PASSWORD}@")
    with processes(
        tmp_path_factory.mktemp("sight"), ("identity-serve", "model-serve", "train-serve", "gateway"), otlp=otlp, log_level="DEBUG"
    ) as found:
        yield found


@pytest.fixture(scope="module")
def http(up: Processes) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=up.settings.gateway_address, headers=up.headers(), trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def model_id(http: httpx.Client) -> str:
    return str(http.post("/api/v1/models", json={"name": "seen"}).json()["project"]["id"])


def create_config(http: httpx.Client, model_id: str, name: str, **headers: str) -> httpx.Response:
    """A call that goes gateway → train → model, and writes."""
    answer = http.post("/api/v1/train/configs", json={"name": name, "model_id": model_id}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer


def by_name(spans: list[Span], process: str, name: str) -> Span:
    found = [span for span in spans if (span.process, span.name) == (process, name)]
    assert len(found) == 1, (process, name, [(span.process, span.name) for span in spans])
    return found[0]


def until_seen(collector: Collector, trace: str, *names: str) -> list[Span]:
    """The spans of a trace, once all of these arrived."""
    until(lambda: {span.name for span in collector.of_trace(trace)} >= set(names), what=str(collector.of_trace(trace)))
    return collector.of_trace(trace)


def test_one_call_is_one_trace_across_three_processes(http: httpx.Client, collector: Collector, model_id: str) -> None:
    create_config(http, model_id, "traced", traceparent=f"00-{TRACE}-{ABOVE}-01")
    spans = until_seen(
        collector, TRACE, "POST /api/v1/train/configs", "CreateConfig", "model.GetProject", "GetProject", "store.transaction"
    )
    door = by_name(spans, "gateway", "POST /api/v1/train/configs")
    asked = by_name(spans, "gateway", "train.CreateConfig")
    answered = by_name(spans, "train-serve", "CreateConfig")
    onward = by_name(spans, "train-serve", "model.GetProject")
    read = by_name(spans, "model-serve", "GetProject")
    written = by_name(spans, "train-serve", "store.transaction")
    assert door.parent == ABOVE, "the caller's traceparent is not honoured"
    assert (asked.parent, answered.parent, onward.parent, read.parent) == (door.id, asked.id, answered.id, onward.id)
    assert written.parent == answered.id
    assert [span.kind for span in (door, asked, answered, onward, read)] == [SERVER, CLIENT, SERVER, CLIENT, SERVER]
    assert door.facts["http.response.status_code"] == 201


def test_without_a_traceparent_the_request_id_is_the_trace(http: httpx.Client, collector: Collector, model_id: str) -> None:
    trace = create_config(http, model_id, "root").headers["x-request-id"]
    spans = until_seen(collector, trace, "POST /api/v1/train/configs", "CreateConfig", "GetProject")
    root = by_name(spans, "gateway", "POST /api/v1/train/configs")
    assert root.parent == ""


def test_a_composed_status_names_in_its_trace_who_is_away(http: httpx.Client, collector: Collector, model_id: str) -> None:
    answer = http.get(f"/api/v1/models/{model_id}/status")
    assert sorted(answer.json()["missing"]) == ["deploy", "eval"]
    trace = answer.headers["x-request-id"]
    spans = until_seen(collector, trace, "GetModelStatus", "GetTrainState", "GET /api/v1/models/{id}/status")
    door = by_name(spans, "gateway", "GET /api/v1/models/{id}/status")
    for name in ("model.GetModelStatus", "train.GetTrainState", "eval.GetEvalState", "deploy.GetDeployState"):
        assert by_name(spans, "gateway", name).parent == door.id
    away = by_name(spans, "gateway", "eval.GetEvalState")
    assert away.failed
    assert away.facts["modelyard.reason"] == "UNAVAILABLE"


@pytest.mark.parametrize("broken", ["", "garbage", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "00-xyz", "é" * 50])
def test_a_broken_traceparent_begins_a_trace_of_its_own(http: httpx.Client, broken: str) -> None:
    answer = http.get("/api/v1/models", headers={"traceparent": broken.encode()})
    assert answer.status_code == 200
    assert len(answer.headers["x-request-id"]) == 32


def test_the_request_id_of_an_answer_is_in_the_log_of_every_service(http: httpx.Client, up: Processes, model_id: str) -> None:
    answer = create_config(http, model_id, "logged", **{"x-request-id": "find-me-everywhere"})
    assert answer.headers["x-request-id"] == "find-me-everywhere"

    names = [name for name in up.running if name != "identity-serve"]  # the gateway had asked it before

    def lines(process: str) -> list[dict[str, object]]:
        return [line for line in up.lines(process) if line.get("log_id") == "find-me-everywhere"]

    until(lambda: all(lines(name) for name in names))
    traces = {line["trace_id"] for name in names for line in lines(name)}
    assert len(traces) == 1
    assert [line["method"] for line in lines("model-serve")] == ["GetProject"]
    for name in names:
        assert all(line["process"] == name and line["span_id"] and line["timestamp"] for line in lines(name))


@pytest.mark.parametrize(
    ("verb", "path", "code"),
    [
        ("GET", "/api/v1/models", 200),
        ("GET", "/api/v1/models/1/status", 404),
        ("GET", "/nowhere", 404),
        ("DELETE", "/api/v1/models", 405),
        ("POST", "/api/v1/models", 400),
        ("GET", "/v1/models", 200),
        ("GET", "/healthz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/api/openapi.json", 200),
    ],
)
def test_every_answer_has_the_request_id_it_was_given(http: httpx.Client, verb: str, path: str, code: int) -> None:
    answer = http.request(verb, path, headers={"x-request-id": "mine"}, content=b"{}" if verb == "POST" else None)
    if (verb, path) != ("GET", "/v1/models"):  # it needs the deploy service, which is not here
        assert answer.status_code == code
    assert answer.headers.get_list("x-request-id") == ["mine"]
    if "error" in answer.text[:10]:
        assert answer.json()["error"]["request_id"] == "mine"


def test_no_secret_in_any_log_and_every_line_is_json(up: Processes, http: httpx.Client) -> None:
    http.post("/api/v1/auth/sign-in", json={"account": "owner", "password": PASSWORD})
    assert len(up.secrets) >= 2
    for name in up.running:
        text = up.log(name)
        assert not [secret for secret in (PASSWORD, *up.secrets) if secret in text]
        for line in text.splitlines():
            json.loads(line)


def test_every_process_answers_grpc_probes(up: Processes) -> None:
    for name in up.running:
        part = up.parts[name]
        with grpc.insecure_channel(part.health.removeprefix("grpc://")) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            for service in ("", "liveness", "readiness", "startup"):
                answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=30)
                assert answer.status == health_pb2.HealthCheckResponse.SERVING, (name, service)


def test_what_was_done_shows_in_the_metrics(up: Processes, http: httpx.Client, model_id: str) -> None:
    create_config(http, model_id, "counted")
    gateway = http.get("/metrics").text
    assert 'modelyard_http_requests_total{code="201",process="gateway",route="/api/v1/train/configs"}' in gateway
    assert 'modelyard_peer_failures_total{code="503",peer="eval",process="gateway"}' in gateway
    train = httpx.get(up.parts["train-serve"].probe.replace("readyz", "metrics"), trust_env=False).text
    assert 'modelyard_calls_total{code="200",method="CreateConfig",process="train-serve"}' in train
    assert 'modelyard_store_write_seconds_count{process="train-serve"}' in train
    assert model_id not in gateway + train, "an id became a label"


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = """
import sys
sys.modules["opentelemetry"] = None
from libs.common.sight import tracing
from libs.common.errors import PlatformError
from libs.common.settings import Settings
tracing.setup("p", Settings())
try:
    tracing.setup("p", Settings(otlp="http://127.0.0.1:1"))
except PlatformError as error:
    print(error.reason.name, error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.startswith("MISSING_EXTRA")
    assert "otel" in done.stdout
