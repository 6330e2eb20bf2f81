"""Who may ask a serving process: whoever has its key, in either of two ways, and nobody else on any route."""

from __future__ import annotations

import asyncio
import subprocess
from typing import Any

import httpx
import pytest

from libs.common import instance_key
from libs.common.clock import SystemClock
from services.deploy.engine.serving import front
from services.deploy.engine.serving.stats import Stats
from tests.unit.deploy_engine.conftest import Bundle
from tests.unit.deploy_engine.process import KEY, ServerProcess, command, environment

ROUTES = [("GET", "/v1/models"), ("GET", "/stats"), ("GET", "/metrics"), ("GET", "/nowhere"), ("POST", "/v1/chat/completions")]
WRONG: list[dict[str, str]] = [
    {},
    {"authorization": "Bearer none"},
    {"authorization": f"Basic {KEY}"},
    {instance_key.TICKET: instance_key.ticket("another key")},
    {instance_key.TICKET: KEY},
]


@pytest.mark.parametrize("headers", WRONG)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_without_the_key_is_answered(server: ServerProcess, method: str, path: str, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=server.address, trust_env=False) as stranger:
        before = server.stats()["requests"]
        answer = stranger.request(method, path, headers=headers, content=b"{}" if method == "POST" else None)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert not [name for name in answer.headers if name.startswith("x-modelyard")], "nor told what is served here"
    assert server.stats()["requests"] == before


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_key_and_learn_no_name(server: ServerProcess, path: str) -> None:
    answer = httpx.get(server.address + path, trust_env=False)
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("x-modelyard")]


def test_a_ticket_is_answered_with_the_proof_for_it(server: ServerProcess) -> None:
    sent = instance_key.headers(KEY)
    answer = httpx.get(f"{server.address}/v1/models", headers=sent, trust_env=False)
    assert (answer.status_code, answer.headers["x-modelyard-digest"]) == (200, server.digest)
    assert instance_key.proves(KEY, sent[instance_key.TICKET], answer.headers[instance_key.PROOF])


def test_the_key_is_in_no_command_line(server: ServerProcess) -> None:
    words = subprocess.run(["ps", "-o", "args=", "-p", str(server.process.pid)], capture_output=True, text=True, check=False).stdout
    assert KEY not in words


@pytest.mark.parametrize("key", ["", "short"])
def test_it_does_not_start_without_a_key(packed: Bundle, key: str) -> None:
    environ = environment() | {"MODELYARD_SERVING_KEY": key}
    ended = subprocess.run(
        command(packed.folder, packed.digest),
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "MODELYARD_SERVING_KEY" in ended.stderr


def test_whoever_has_no_key_cannot_fill_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(front, "_tell", lambda scope, status, _ms: told.append(f"{scope['reason']} {status}"))
    monkeypatch.setattr(front, "STRANGERS_A_SECOND", 0)
    monkeypatch.setattr(front, "STRANGERS_AT_ONCE", 3)

    async def never(*_: object) -> None:
        raise AssertionError("nobody is let in")

    async def ask() -> list[int]:
        statuses: list[int] = []

        async def send(message: Any) -> None:
            statuses.extend([message["status"]] if message["type"] == "http.response.start" else [])

        outermost = front.Front(never, [], Stats(SystemClock()), lambda: "id", KEY)
        for _ in range(10):
            scope = {"type": "http", "path": "/v1/models", "method": "GET", "headers": [], "query_string": b""}
            await outermost(scope, never, send)  # type: ignore[arg-type]
        return statuses

    assert asyncio.run(ask()) == [401] * 10
    assert told == ["UNAUTHENTICATED 401"] * 3
