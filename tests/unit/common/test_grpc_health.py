"""The standard health service, asked by a real gRPC client: what a probe sees of a process that starts, hangs, blocks, drains, is gone."""

from __future__ import annotations

import itertools
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.client import RpcClient
from libs.common.sight.grpc_health import NAMES, GrpcHealth
from libs.common.sight.health import Health
from tests.support.until import until
from tests.unit.rpc.peer import idl, soon

ROOT = Path(__file__).parents[3]
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
DEADLINE = 5.0


class Probed:
    """The process, and what its probes say: a status, or the gRPC code of a failure."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.unit.common.sight_process"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        self.rpc, self.http, self.grpc = map(int, self.process.stdout.readline().split())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.grpc}")
        self.stub = health_pb2_grpc.HealthStub(self.channel)

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def check(self, service: str = "", seconds: float = DEADLINE) -> Any:
        try:
            return self.stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=seconds).status
        except grpc.RpcError as error:
            return error.code()

    def get(self, path: str) -> int:
        return httpx.get(f"http://127.0.0.1:{self.http}{path}", timeout=10, trust_env=False).status_code

    def close(self) -> None:
        self.channel.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def probed() -> Iterator[Probed]:
    found = Probed()
    try:
        yield found
    finally:
        found.close()


def test_startup_comes_first_and_unknown_names_are_not_found(probed: Probed) -> None:
    assert [probed.check(name) for name in ("", "readiness", "startup", "liveness")] == [NOT_SERVING, NOT_SERVING, NOT_SERVING, SERVING]
    assert probed.get("/readyz") == 503
    probed.tell("started")
    until(lambda: probed.check("startup") == SERVING)
    assert [probed.check(name) for name in NAMES] == [SERVING] * 4
    assert probed.check("model.ModelService") == grpc.StatusCode.NOT_FOUND
    assert probed.get("/readyz") == 200


def test_a_blocked_event_loop_is_not_alive_and_comes_back(probed: Probed) -> None:
    probed.tell("started")
    until(lambda: probed.check("liveness") == SERVING)
    probed.tell("block")
    until(lambda: probed.check("liveness") == NOT_SERVING)
    answer = httpx.get(f"http://127.0.0.1:{probed.http}/healthz", timeout=10, trust_env=False)
    assert (answer.status_code, list(answer.json()["stuck"])) == (503, ["rpc"])
    assert probed.check() == NOT_SERVING
    assert probed.get("/readyz") == 503
    assert "modelyard_alive" in httpx.get(f"http://127.0.0.1:{probed.http}/metrics", timeout=10, trust_env=False).text
    probed.tell("unblock")
    until(lambda: probed.check("liveness") == SERVING and probed.check() == SERVING)


def test_a_check_that_hangs_takes_readiness_and_leaves_liveness(probed: Probed) -> None:
    """What the store does must not have the process restarted, however many probes ask meanwhile."""
    probed.tell("started")
    until(lambda: probed.check() == SERVING)
    probed.tell("hang")
    until(lambda: probed.check() != SERVING)
    shown = httpx.get(f"http://127.0.0.1:{probed.http}/metrics", timeout=30, trust_env=False).text
    assert 'modelyard_ready{process="sight"} 0.0' in shown, "a scrape waited for what hangs"
    assert 'modelyard_alive{process="sight"} 1.0' in shown
    asking = [threading.Thread(target=probed.check, args=("readiness", 5.0)) for _ in range(8)]
    for thread in asking:
        thread.start()
    until(lambda: probed.check("liveness", 5.0) == SERVING)
    for thread in asking:
        thread.join()
    assert probed.check("", 5.0) in (NOT_SERVING, grpc.StatusCode.DEADLINE_EXCEEDED)
    probed.tell("unhang")
    until(lambda: probed.check() == SERVING)


def test_a_stopped_process_is_seen_by_the_deadline_only(probed: Probed) -> None:
    probed.tell("started")
    until(lambda: probed.check() == SERVING)
    words: queue.Queue[Any] = queue.Queue()

    def watch() -> None:
        try:
            for answer in probed.stub.Watch(health_pb2.HealthCheckRequest(service="")):
                words.put(answer.status)
        except grpc.RpcError as error:
            words.put(error.code())

    threading.Thread(target=watch, daemon=True).start()
    assert words.get(timeout=10) == SERVING
    os.kill(probed.process.pid, signal.SIGSTOP)
    try:
        # A busy machine stops its threads a moment after the signal.
        until(lambda: probed.check("liveness", 0.5) == grpc.StatusCode.DEADLINE_EXCEEDED)
        assert words.empty(), "Watch noticed: the documented reason for Check is gone"
    finally:
        os.kill(probed.process.pid, signal.SIGCONT)
    until(lambda: probed.check("liveness") == SERVING)


def test_a_killed_process_is_unavailable(probed: Probed) -> None:
    probed.process.kill()
    probed.process.wait()
    assert until(lambda: probed.check()) == grpc.StatusCode.UNAVAILABLE


def test_readiness_flips_before_the_call_under_way_ends(probed: Probed) -> None:
    probed.tell("started")
    until(lambda: probed.check() == SERVING)
    client = RpcClient(idl().Sample, lambda: [Address("127.0.0.1", probed.rpc)])
    answers: list[Any] = []
    probed.tell("hold")
    calling = threading.Thread(target=lambda: answers.append(client.call("DoWork", idl().WorkReq(), soon(60))))
    calling.start()
    pings = itertools.count(1)
    until(lambda: client.call("Ping", idl().PingReq(), soon()).calls > next(pings))  # one more: the long call runs
    probed.process.send_signal(signal.SIGTERM)
    seen = until(lambda: (status := probed.check()) != SERVING and (status, bool(answers)))
    assert seen == (NOT_SERVING, False), "the port closed, or the call ended, before readiness flipped"
    until(lambda: probed.check("liveness") == SERVING)
    probed.tell("release")
    calling.join()
    assert answers
    assert probed.process.wait(20) == 0
    assert probed.check() == grpc.StatusCode.UNAVAILABLE
    client.close()


def test_a_taken_port_is_named() -> None:
    health = Health("one", {})
    first = GrpcHealth(health, "127.0.0.1", 0)
    try:
        with pytest.raises(PlatformError) as caught:
            GrpcHealth(health, "127.0.0.1", first.port)
        assert caught.value.reason == Reason.PORT_TAKEN
    finally:
        first.close()


def test_what_a_process_without_grpc_health_pays() -> None:
    code = "import sys, libs.common.sight.grpc_health; print('grpc' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"
