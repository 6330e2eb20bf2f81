"""Everything under ``/v1`` refuses in OpenAI's shape, also what no service was asked about. No service stands behind this gateway."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from starlette.testclient import TestClient

from gateway.app import build
from libs.common.coord.discovery import StaticDiscovery
from libs.common.errors import PlatformError, Reason, busy, invalid, not_found, unavailable
from libs.common.openai_errors import openai_error
from libs.common.settings import Settings


@pytest.fixture(scope="module")
def door() -> Iterator[TestClient]:
    settings = Settings()
    with TestClient(build(settings, StaticDiscovery(settings)), raise_server_exceptions=False) as client:
        yield client


def refusal(answer: httpx.Response) -> tuple[int, str, str, str | None]:
    error = answer.json()["error"]
    assert {"message", "type", "code", "param"} <= set(error)
    assert error["request_id"] == answer.headers["x-request-id"]
    assert isinstance(error["message"], str)
    return answer.status_code, error["code"], error["type"], error["param"]


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/v1/models"),
        ("GET", "/v1/models/a/b"),
        ("POST", "/v1/chat/completions"),
        ("POST", "/v1/completions"),
        ("POST", "/v1/classify"),
    ],
)
def test_who_does_not_say_who_they_are(door: TestClient, verb: str, path: str) -> None:
    assert refusal(door.request(verb, path)) == (401, "invalid_api_key", "authentication_error", "authorization")


@pytest.mark.parametrize(("verb", "path", "code"), [("GET", "/v1/nope", 404), ("GET", "/v1", 404), ("DELETE", "/v1/models", 405)])
def test_what_no_route_takes(door: TestClient, verb: str, path: str, code: int) -> None:
    assert refusal(door.request(verb, path))[:2] == (code, "unknown_url")


def test_the_rest_of_the_gateway_keeps_its_own_shape(door: TestClient) -> None:
    for path in ("/api/v1/models", "/v10/models", "/nope"):
        assert isinstance(door.get(path).json()["error"]["code"], int)


def test_the_message_is_in_the_callers_language(door: TestClient) -> None:
    chinese = door.get("/v1/models", headers={"accept-language": "zh-CN"}).json()["error"]["message"]
    assert not chinese.isascii()


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (not_found("model", "x"), "model_not_found", "not_found_error"),
        (not_found("project_space", 7), "not_found", "not_found_error"),
        (PlatformError(404, Reason.NOT_DEPLOYED, id="x", limit="none"), "model_not_found", "not_found_error"),
        (PlatformError(503, Reason.NOT_READY, id="x", retryable=True), "not_ready", "server_error"),
        (PlatformError(403, Reason.FORBIDDEN, limit="a member"), "permission_denied", "permission_error"),
        (busy("requests", "9"), "rate_limit_exceeded", "rate_limit_error"),
        (unavailable("deploy"), "unavailable", "server_error"),
        (invalid("messages", Reason.TOO_LARGE, "at most 9 tokens", tokens=10), "context_length_exceeded", "invalid_request_error"),
        (invalid("messages", Reason.TOO_LARGE, "at most 9 characters", characters=10), "context_length_exceeded", "invalid_request_error"),
        (invalid("n", Reason.TOO_LARGE, "at most 1"), "too_large", "invalid_request_error"),
    ],
    ids=str,
)
def test_codes_that_clients_act_on(error: PlatformError, code: str, kind: str) -> None:
    shown = openai_error(error)["error"]
    assert (shown["code"], shown["type"], shown["reason"]) == (code, kind, error.reason.name)


def test_the_document_describes_the_door(door: TestClient) -> None:
    document = door.get("/api/openapi.json").json()
    assert {"/v1/models", "/v1/models/{model}", "/v1/chat/completions", "/v1/completions", "/v1/classify"} <= set(document["paths"])
    assert "OpenAIError" in document["components"]["schemas"]
