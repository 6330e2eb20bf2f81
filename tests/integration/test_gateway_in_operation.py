"""The gateway as operators and browsers meet it: what its log says of a refusal, its headers, its readiness, how it leaves."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.sessions import csrf_of
from tests.support.processes import Processes, processes
from tests.support.rawhttp import connect, head, heard
from tests.support.until import until

NAMES = ("identity-serve", "model-serve", "gateway")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with processes(tmp_path_factory.mktemp("door"), NAMES, leave_seconds="3", believed_seconds="60") as found:
        yield found


@pytest.fixture(scope="module")
def http(up: Processes) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=up.settings.gateway_address, headers=up.headers(), trust_env=False, timeout=30) as client:
        yield client


def line_of(up: Processes, process: str, request_id: str) -> dict[str, Any]:
    """The one line that says how this request ended."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        found[:] = [line for line in up.lines(process) if line.get("log_id") == request_id and line["event"] in ("refused", "failed")]
        return bool(found)

    until(look, 10, f"{request_id} is not in the log of {process}")
    assert len(found) == 1
    return found[0]


REFUSED = [
    ("GET", "/nowhere%1b%5b2J", {}, b"", 404, "ROUTE_NOT_FOUND", "unmatched"),
    ("DELETE", "/api/v1/models", {}, b"", 405, "ROUTE_NOT_FOUND", "unmatched"),
    ("GET", "/api/v1/models", {"authorization": "Bearer nobody"}, b"", 401, "CREDENTIAL_ENDED", "/api/v1/models"),
    ("GET", "/api/v1/models", {"x-modelyard-space": "7"}, b"", 404, "NOT_FOUND", "/api/v1/models"),
    *[
        ("GET", "/api/v1/models", {"x-modelyard-space": odd}, b"", 400, "WRONG_TYPE", "/api/v1/models")
        for odd in ("0" * 19, "0" * 19 + "9", "0", "-7", "7.0", "0x7", "+7", "7,7", "\u0667".encode())
    ],
    ("GET", "/api/v1/models", {"x-modelyard-space": "9" * 5000}, b"", 400, "WRONG_TYPE", "/api/v1/models"),
    ("POST", "/api/v1/models", {}, b"{", 400, "INVALID_ARGUMENT", "/api/v1/models"),
    ("POST", "/api/v1/models", {}, b"{" + b" " * (5 << 20), 413, "TOO_LARGE", "/api/v1/models"),
    ("POST", "/v1/chat/completions", {}, b'{"model": "' + b"9" * 90 + b'"}', 404, "NOT_FOUND", "/v1/chat/completions"),
    ("POST", "/api/v1/auth/refresh", {"cookie": "modelyard_refresh=x"}, b"", 403, "FORBIDDEN", "/api/v1/auth/refresh"),
    # What anybody can compute: the CSRF token of no cookie at all.
    (
        *("POST", "/api/v1/auth/refresh", {"cookie": "modelyard_refresh=x", "x-modelyard-csrf": csrf_of("")}),
        *(b"", 403, "FORBIDDEN", "/api/v1/auth/refresh"),
    ),
]


@pytest.mark.parametrize(("verb", "path", "headers", "body", "code", "reason", "route"), REFUSED)
def test_every_refusal_is_one_line_that_its_request_id_finds(
    up: Processes, http: httpx.Client, verb: str, path: str, headers: dict[str, str], body: bytes, code: int, reason: str, route: str
) -> None:
    answer = http.request(verb, path, headers=headers, content=body)
    assert answer.status_code == code, answer.text
    assert answer.json()["error"]["reason"] == reason
    line = line_of(up, "gateway", answer.headers["x-request-id"])
    assert (line["code"], line["reason"], line["route"], line["method"]) == (code, reason, route, verb)
    assert "\x1b" not in line["path"]
    assert line["level"] == "info"


def test_what_a_service_refuses_or_fails_is_a_line_in_its_own_log_too(up: Processes, http: httpx.Client) -> None:
    answer = http.get("/api/v1/models/7")
    assert answer.status_code == 404
    line = line_of(up, "model-serve", answer.headers["x-request-id"])
    assert (line["method"], line["code"], line["reason"]) == ("GetProject", 404, "NOT_FOUND")
    assert line_of(up, "gateway", answer.headers["x-request-id"])["route"] == "/api/v1/models/{id}"


def test_a_client_that_leaves_is_no_error(up: Processes, http: httpx.Client) -> None:
    before = len(up.log("gateway"))
    token = http.headers["authorization"]
    with connect(up.settings.gateway_address) as connection:
        connection.sendall(head("POST", "/api/v1/models", 500, authorization=token, x_request_id="left-in-the-middle") + b"{")
    line = line_of(up, "gateway", "left-in-the-middle")
    assert (line["code"], line["reason"], line["level"]) == (499, "CLIENT_GONE", "info")
    assert "Traceback" not in up.log("gateway")[before:]


HEADERS = ("x-content-type-options", "x-frame-options", "content-security-policy", "referrer-policy", "cache-control")


@pytest.mark.parametrize(
    "path",
    ["/api/v1/models", "/nowhere", "/api/v1/auth/me", "/v1/models", "/healthz", "/metrics", "/api/openapi.json", "/api/v1/models/7/status"],
)
def test_every_answer_has_the_headers_of_the_table_once(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert {name: len(answer.headers.get_list(name)) for name in HEADERS} == dict.fromkeys(HEADERS, 1)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_bytes_that_are_no_request_have_them_too(up: Processes) -> None:
    with connect(up.settings.gateway_address) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        found = heard(connection)
    assert found.startswith(b"HTTP/1.1 400")
    assert b"x-content-type-options: nosniff" in found
    given = re.search(rb"x-request-id: (\w+)", found)
    assert given
    assert line_of(up, "gateway", given[1].decode())["route"] == "unread"


def test_readiness_is_that_of_every_service(up: Processes, http: httpx.Client) -> None:
    """Of a whole platform it is 200: tests/integration/test_sign_in.py asks one."""

    def parts() -> dict[str, str]:
        answer = http.get("/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        return dict(answer.json()["parts"])

    until(lambda: parts()["model"] == "ok")
    assert (parts()["identity"], parts()["eval"]) == ("ok", "UNAVAILABLE")
    incoming = up.settings.home_path / "artifacts" / "incoming"
    shutil.rmtree(incoming)
    try:
        until(lambda: parts()["model"] == "not ready: artifacts")
        assert str(incoming) not in str(parts()), "a stranger may ask"
        assert http.get("/readyz/self").status_code == 200
    finally:
        incoming.mkdir()
    until(lambda: parts()["model"] == "ok")


def test_a_stop_is_told_and_requests_are_still_answered(up: Processes, http: httpx.Client) -> None:
    """The last of this module: it stops the gateway."""
    process = up.running["gateway"]
    body = b'{"name": "made while it leaves"}'
    address = up.settings.gateway_address
    with connect(address) as connection:
        connection.sendall(head("POST", "/api/v1/models", len(body), authorization=http.headers["authorization"], connection="close"))
        process.terminate()
        until(lambda: httpx.get(f"{address}/readyz/self", trust_env=False).status_code == 503)
        new = httpx.get(f"{address}/api/v1/models", headers=dict(http.headers), trust_env=False)
        assert (new.status_code, new.headers["connection"]) == (200, "close")
        threading.Thread(target=connection.sendall, args=(body,)).start()
        assert heard(connection).startswith(b"HTTP/1.1 201")
    assert process.wait(30) == 0
