"""The real processes under their probes: what a stop, a hang and a kill look like, in order."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from libs.ops.supervisor import Part
from tests.support.processes import Processes, processes
from tests.support.until import state_of, until

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
NAMES = ("model-serve", "train-work", "gateway")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with processes(tmp_path_factory.mktemp("probes"), NAMES, drain_seconds="5") as found:
        yield found


@contextmanager
def probing(part: Part) -> Iterator[Any]:
    """check(service, seconds): a status, or the code of the failure."""
    with grpc.insecure_channel(part.health.removeprefix("grpc://")) as channel:
        stub = health_pb2_grpc.HealthStub(channel)

        def check(service: str = "", seconds: float = 5.0) -> Any:
            try:
                return stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=seconds).status
            except grpc.RpcError as error:
                return error.code()

        check.stub = stub  # type: ignore[attr-defined]
        yield check


@pytest.mark.parametrize("name", NAMES)
def test_a_stopped_process_misses_the_deadline_and_comes_back(up: Processes, name: str) -> None:
    with probing(up.parts[name]) as check:
        until(lambda: [check(service) for service in ("", "liveness", "readiness", "startup")] == [SERVING] * 4)
        assert check("ModelService") == grpc.StatusCode.NOT_FOUND
        os.kill(up.running[name].pid, signal.SIGSTOP)
        until(lambda: state_of(up.running[name].pid) == "T")
        try:
            assert check("liveness", 0.5) == grpc.StatusCode.DEADLINE_EXCEEDED
        finally:
            os.kill(up.running[name].pid, signal.SIGCONT)
        until(lambda: check("liveness") == SERVING, 60)


@pytest.mark.parametrize("name", ["model-serve", "train-work", "gateway"])
def test_a_stop_is_told_before_the_port_closes(up: Processes, name: str) -> None:
    """The last of this module: it stops them."""
    words: queue.Queue[Any] = queue.Queue()
    part, process = up.parts[name], up.running[name]
    with probing(part) as check:
        until(lambda: check() == SERVING)

        def watch() -> None:
            try:
                for answer in check.stub.Watch(health_pb2.HealthCheckRequest(service="")):
                    words.put(answer.status)
            except grpc.RpcError as error:
                words.put(error.code())

        threading.Thread(target=watch, daemon=True).start()
        assert words.get(timeout=30) == SERVING
        process.terminate()
        told = [words.get(timeout=30), words.get(timeout=30)]
        assert process.wait(30) == 0
        assert told[0] == NOT_SERVING, "the port closed before readiness flipped"
        assert told[1] in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
        assert check() == grpc.StatusCode.UNAVAILABLE


def test_a_killed_process_is_unavailable_at_once(tmp_path: Path) -> None:
    with processes(tmp_path, ("gateway",)) as up, probing(up.parts["gateway"]) as check:
        until(lambda: check() == SERVING)
        up.running["gateway"].kill()
        up.running["gateway"].wait()
        assert until(check) == grpc.StatusCode.UNAVAILABLE


def test_without_a_port_there_is_no_grpc_health(tmp_path: Path) -> None:
    with processes(tmp_path, ("gateway",), grpc_health_port_base="0") as up:
        assert up.parts["gateway"].health == ""
        assert httpx.get(up.parts["gateway"].probe, trust_env=False).json()["ready"]
        loaded = Path(f"/proc/{up.running['gateway'].pid}/maps")
        assert not loaded.exists() or "cygrpc" not in loaded.read_text()
