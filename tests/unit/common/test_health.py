"""Alive, ready, measured: over real HTTP on a free port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.sight.health import Health, HealthServer
from libs.common.sight.metrics import Metrics


class Part:
    """A part that works until it is told what is wrong."""

    def __init__(self) -> None:
        self.wrong: BaseException | None = None

    def check(self) -> None:
        if self.wrong is not None:
            raise self.wrong


@pytest.fixture
def part() -> Part:
    return Part()


@pytest.fixture
def health(part: Part) -> Health:
    return Health("model-serve", {"database": part.check})


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("model-serve")


@pytest.fixture
def server(health: Health, metrics: Metrics) -> Iterator[HealthServer]:
    running = HealthServer(health, metrics, "127.0.0.1", 0)
    yield running
    running.close()


def get(server: HealthServer, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{server.port}{path}", timeout=10)


def test_alive_and_ready(server: HealthServer) -> None:
    assert (get(server, "/healthz").status_code, get(server, "/healthz").json()) == (200, {"alive": True})
    assert (get(server, "/readyz").status_code, get(server, "/readyz").json()) == (
        200,
        {"ready": True, "parts": {"drain": "ok", "database": "ok"}},
    )
    assert get(server, "/else").status_code == 404


@pytest.mark.parametrize("wrong", [unavailable("database"), ValueError("第一行\nsecond line"), ValueError(), OSError(28, "full")])
def test_a_part_that_cannot_work_is_named_in_one_line(server: HealthServer, part: Part, wrong: BaseException) -> None:
    part.wrong = wrong
    answer = get(server, "/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    said = answer.json()["parts"]["database"]
    assert said.startswith(type(wrong).__name__)
    assert "\n" not in said
    assert get(server, "/healthz").status_code == 200
    assert 'modelyard_ready{process="model-serve"} 0.0' in get(server, "/metrics").text
    part.wrong = None
    assert get(server, "/readyz").status_code == 200


def test_draining_is_not_ready(server: HealthServer, health: Health) -> None:
    health.draining = True
    assert get(server, "/readyz").json()["parts"]["drain"] == "draining"
    assert get(server, "/readyz").status_code == 503


def test_metrics_carry_method_and_code(server: HealthServer, metrics: Metrics) -> None:
    metrics.on_call("GetProject", 0.004, 200)
    metrics.on_call("GetProject", 0.004, 404)
    text = get(server, "/metrics").text
    assert 'modelyard_calls_total{code="404",method="GetProject",process="model-serve"} 1.0' in text
    assert 'modelyard_call_seconds_count{method="GetProject",process="model-serve"} 2.0' in text
    assert Metrics("other").text() != metrics.text(), "registries are shared"


def test_a_taken_port_is_named(server: HealthServer, health: Health, metrics: Metrics) -> None:
    with pytest.raises(PlatformError) as caught:
        HealthServer(health, metrics, "127.0.0.1", server.port)
    assert (caught.value.reason, caught.value.details["port"]) == (Reason.PORT_TAKEN, server.port)
    assert str(server.port) in str(caught.value)


def test_probes_that_go_away_or_talk_nonsense_hurt_nobody(server: HealthServer, capfd: pytest.CaptureFixture[Any]) -> None:
    for sent in (b"", b"GET /readyz HTTP/1.1\r\n", b"\x00\xff" * 100, b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(sent)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # end with a reset
    assert get(server, "/healthz").status_code == 200
    assert "Traceback" not in capfd.readouterr().err


def test_after_close_nobody_answers(health: Health, metrics: Metrics) -> None:
    running = HealthServer(health, metrics, "127.0.0.1", 0)
    running.close()
    with pytest.raises(httpx.TransportError):
        get(running, "/healthz")
