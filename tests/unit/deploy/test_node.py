"""The node with real serving processes: what should run runs, what dies comes back where it was, what is not wanted ends."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from libs.common import instance_key
from libs.common.errors import PlatformError
from services.deploy.domain.instance import FOREVER, READY, SERVING, STARTING, STOPPED, Instance
from services.deploy.domain.order import WorkOrder
from services.deploy.node import LocalNode, NodeOptions
from services.deploy.node import process as node_process
from services.deploy.node.process import KEY, command
from tests.support.stores import caller
from tests.unit.deploy.conftest import Built
from tests.unit.deploy.stand import NODE, Stand, serving_processes, until


@pytest.fixture
def order(stand: Stand, built: Built) -> WorkOrder:
    """An order whose bundle may run; nobody works on it."""
    return replace(stand.read(built.order.id), id=4711)


@contextmanager
def node(stand: Stand, options: NodeOptions = NODE) -> Iterator[LocalNode]:
    made = LocalNode(stand.service.fleet, stand.artifacts, stand.home, options)
    made.take_over()
    stop = threading.Event()
    thread = threading.Thread(target=made.run, args=(stop,))
    thread.start()
    try:
        yield made
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def read(stand: Stand, order: WorkOrder) -> Instance:
    return stand.service.fleet.of_order(order.id, SERVING)[0]


def ready(stand: Stand, order: WorkOrder, other_than: int = 0) -> Instance:
    """The order's instance once it is ready under another process number."""

    def found() -> Instance | None:
        row = read(stand, order)
        return row if row.state == READY and row.pid != other_than else None

    return until(found, 30.0, lambda: str(read(stand, order)))


def test_an_instance_from_start_to_stop(stand: Stand, order: WorkOrder) -> None:
    with node(stand) as running:
        stand.service.fleet.ensure(order, SERVING, 1)
        row = ready(stand, order)
        assert serving_processes(stand.home) == [row.pid]
        card = httpx.get(f"{row.address}/v1/models", headers=instance_key.headers(row.key), trust_env=False).json()["data"][0]
        assert (card["id"], card["version"], card["digest"]) == (order.model_name, order.model_version_number, order.digest)
        assert (row.qps, row.p99_ms) == (0.0, -1.0)  # silence is no speed
        for _ in range(3):
            body = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 2}
            shown = instance_key.headers(row.key)
            httpx.post(f"{row.address}/v1/chat/completions", json=body, headers=shown, trust_env=False).raise_for_status()
        seen = until(lambda: (found := read(stand, order)).requests == 3 and found)
        assert (seen.errors, seen.qps > 0, seen.p99_ms > 0) == (0, True, True)
        running.check()
        assert stand.service.fleet.drop(order.id, 1) is False
        until(lambda: read(stand, order).state == STOPPED)
        assert not serving_processes(stand.home)
        assert read(stand, order).pid == 0
        assert stand.service.fleet.ensure(order, SERVING, 1)[0].keep_until == FOREVER
        assert ready(stand, order).port == row.port


def test_warm_ones_end_when_their_time_is_over(stand: Stand, order: WorkOrder) -> None:
    with node(stand):
        stand.service.fleet.ensure(order, SERVING, 1)
        ready(stand, order)
        with stand.db.begin(caller()) as tx:
            stand.service.fleet.drop_in(tx, order.id, tx.now + 700)
        assert serving_processes(stand.home)
        until(lambda: read(stand, order).state == STOPPED)


def test_a_crash_comes_back_at_the_same_port(stand: Stand, order: WorkOrder) -> None:
    with node(stand):
        stand.service.fleet.ensure(order, SERVING, 1)
        before = ready(stand, order)
        os.kill(before.pid, signal.SIGKILL)
        after = ready(stand, order, before.pid)
        assert (after.address, after.crashes, after.error) == (before.address, 1, {})


def test_a_silent_one_is_ended_and_comes_back(stand: Stand, order: WorkOrder) -> None:
    with node(stand, replace(NODE, silent=1.5)):
        stand.service.fleet.ensure(order, SERVING, 1)
        before = ready(stand, order)
        os.kill(before.pid, signal.SIGSTOP)
        after = ready(stand, order, before.pid)
        assert after.crashes == 1
        assert before.pid not in serving_processes(stand.home)


def test_other_bytes_are_never_ready(stand: Stand, order: WorkOrder) -> None:
    with node(stand):
        wrong = replace(order, digest="sha256:" + "f" * 64)
        stand.service.fleet.ensure(wrong, SERVING, 1)
        row = until(lambda: (found := read(stand, wrong)).error and found)
        assert (row.state, row.error["reason"], row.given_up, row.crashes) == (STARTING, "DIGEST_MISMATCH", True, 0)
        assert not serving_processes(stand.home)


@pytest.mark.parametrize("when", ["at once", "later"])
def test_a_process_that_serves_something_else_is_refused(
    stand: Stand, order: WorkOrder, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_process, "MODULE", "tests.unit.deploy.liar")
    monkeypatch.setenv("LIAR", when)
    with node(stand):
        stand.service.fleet.ensure(order, SERVING, 1)
        row = until(lambda: (found := read(stand, order)).error and found)
        assert (row.state, row.error["reason"], row.given_up) == (STARTING, "DIGEST_MISMATCH", True)
        until(lambda: read(stand, order).pid == 0)
        with pytest.raises(httpx.ConnectError):
            until(lambda: not httpx.get(row.address or "http://127.0.0.1:1", trust_env=False))


def test_one_that_never_starts_is_given_up_but_not_forgotten(stand: Stand, order: WorkOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_process, "MODULE", "services.no_such_module")
    with node(stand, replace(NODE, backoff=(0.01, 0.05))):
        stand.service.fleet.ensure(order, SERVING, 1)
        row = until(lambda: (found := read(stand, order)).given_up and found)
        assert (row.error["reason"], row.crashes >= 3) == ("WORKER_LOST", True)
        assert "no_such_module" in row.error["details"]["cause"]
        monkeypatch.setattr(node_process, "MODULE", "services.deploy.engine.serving")
        assert ready(stand, order).error == {}


def test_one_node_per_home(stand: Stand, order: WorkOrder) -> None:
    stand.service.fleet.ensure(order, SERVING, 1)
    with node(stand):
        row = ready(stand, order)
        second = LocalNode(stand.service.fleet, stand.artifacts, stand.home, NODE)
        assert second.take_over() is False
        assert read(stand, order).pid == row.pid
    assert (read(stand, order).state, read(stand, order).keep_until) == (STARTING, FOREVER)
    assert not serving_processes(stand.home)
    with node(stand):
        assert ready(stand, order).port == row.port


def test_a_stuck_leftover_is_killed(stand: Stand, order: WorkOrder) -> None:
    """Its worker was killed, and it is too stuck to notice that its stdin ended."""
    row = stand.service.fleet.ensure(order, SERVING, 1)[0]
    bundle = stand.artifacts.open(order.bundle_uri) / "bundle"
    leftover = subprocess.Popen(
        command(row, bundle, "127.0.0.1", 0, 1.0),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, KEY: row.key},
    )
    try:
        assert leftover.stdout is not None
        assert leftover.stdout.readline()
        os.kill(leftover.pid, signal.SIGSTOP)
        stand.service.fleet.report({row.id: {"state": READY, "pid": leftover.pid}})
        with node(stand, replace(NODE, drain=0.2)):
            assert leftover.wait(20) == -signal.SIGKILL
            ready(stand, order)
    finally:
        leftover.kill()
        leftover.communicate()


def test_a_number_of_somebody_else_is_left_alone(stand: Stand, order: WorkOrder) -> None:
    row = stand.service.fleet.ensure(order, SERVING, 1)[0]
    with subprocess.Popen(["sleep", "60"]) as other:
        stand.service.fleet.report({row.id: {"pid": other.pid}})
        with node(stand, replace(NODE, drain=0.1)):
            ready(stand, order)
        assert other.poll() is None
        other.kill()


def test_a_node_that_does_not_look_is_not_healthy(stand: Stand) -> None:
    idle = LocalNode(stand.service.fleet, stand.artifacts, stand.home, replace(NODE, stuck=-1.0))
    with pytest.raises(PlatformError):
        idle.check()
