"""Several nodes on one store: instances are shared between them, each touches only its own, and those of one that is gone move on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from libs.common.clock import ManualClock, SystemClock
from libs.common.store.storage import ArtifactStore
from services.deploy.domain.instance import READY, SERVING, STARTING, Instance
from services.deploy.domain.order import WorkOrder
from services.deploy.node import LocalNode, NodeOptions
from services.deploy.node.name import node_name
from services.deploy.repository import METADATA, DeployRepository
from services.deploy.service.fleet import Fleet
from tests.support.outcome import at_once
from tests.support.stores import open_store
from tests.support.until import alive
from tests.unit.deploy.conftest import Built
from tests.unit.deploy.stand import NODE, until

ORDER = WorkOrder(4711, "o", 1, 1, 2, 3, 4, 5, "sha256:" + "a" * 64, digest="sha256:" + "b" * 64, config={"eval_config_id": "9"})


@pytest.fixture(params=["sqlite", "mysql"])
def address(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return ""
    found: str = request.getfixturevalue("mysql_address")
    return found


@contextmanager
def store(folder: Path, address: str, clock: ManualClock | SystemClock, worker: int = 0) -> Iterator[Fleet]:
    db = open_store(folder, "deploy", METADATA, clock, worker, address)
    try:
        yield Fleet(db, DeployRepository())
    finally:
        db.close()


def by_node(fleet: Fleet) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in fleet.on_node():
        found.setdefault(row.node, []).append(row.id)
    return found


# --- whose an instance is


def test_nodes_that_look_at_once_share_what_is_nobodys(tmp_path: Path, address: str) -> None:
    with store(tmp_path, address, ManualClock()) as fleet:
        fleet.ensure(ORDER, SERVING, 8)

        def take(name: str) -> int:
            return sum(fleet.take_free(name) for _ in range(8))

        taken = at_once([lambda name=name: take(name) for name in ("a", "b", "c", "d")])
        rows = by_node(fleet)
        assert sum(taken) == 8
        assert sorted(len(ids) for ids in rows.values()) == sorted(count for count in taken if count)
        assert not fleet.take_free("e")


def test_a_node_that_speaks_keeps_its_own_and_one_that_is_gone_does_not(tmp_path: Path, address: str) -> None:
    clock = ManualClock()
    with store(tmp_path, address, clock) as fleet:
        fleet.ensure(ORDER, SERVING, 2)
        assert fleet.take_free("a")
        assert fleet.take_free("b")
        [mine], [other] = by_node(fleet)["a"], by_node(fleet)["b"]
        clock.advance(50)
        fleet.report({mine: {"state": READY}}, "a")
        clock.advance(20)
        assert not fleet.take_from_gone("c", 100_000)
        clock.advance(50)
        assert fleet.take_from_gone("c", 100_000), "b has not spoken for longer than that"
        assert not fleet.take_from_gone("c", 100_000)
        assert by_node(fleet) == {"a": [mine], "c": [other]}
        fleet.report({other: {"state": READY, "pid": 5}}, "b")  # it was only asleep
        assert next(row for row in fleet.on_node("c")).state == STARTING


def test_what_ran_before_nodes_had_names_is_taken_over(tmp_path: Path, address: str) -> None:
    with store(tmp_path, address, ManualClock()) as fleet:
        ran, new = fleet.ensure(ORDER, SERVING, 2)
        fleet.report({ran.id: {"state": READY, "pid": 5, "port": 6}})
        assert fleet.take_from_before("a")
        assert by_node(fleet) == {"a": [ran.id], "": [new.id]}


def test_a_home_names_its_node_once(tmp_path: Path) -> None:
    names = at_once([lambda: node_name(tmp_path / "home") for _ in range(8)])
    assert len(set(names)) == 1
    assert node_name(tmp_path / "home") == names[0] != node_name(tmp_path / "other")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["node"]


# --- with real processes


class Nodes:
    """Nodes of several homes, each a process of its own, on one store."""

    def __init__(self, folder: Path, artifacts: Path, address: str) -> None:
        self._folder, self._artifacts, self._address = folder, artifacts, address
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> str:
        """Answers the name instances know it by."""
        home = self._folder / name
        command = [sys.executable, "-m", "tests.unit.deploy.node_process", str(home), str(self._artifacts), str(self._folder)]
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*command, *([self._address] if self._address else [])], stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        return node_name(home)

    def kill(self, name: str) -> None:
        process = self._running.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.close()

    def send(self, name: str, number: signal.Signals) -> None:
        self._running[name].send_signal(number)

    def close(self) -> None:
        for process in self._running.values():
            process.communicate(timeout=30)  # the end of its stdin stops it


@pytest.mark.timeout(300)
def test_one_node_is_killed_and_the_others_instances_are_untouched(built: Built, tmp_path: Path, address: str) -> None:
    order = replace(built.order, id=4711)
    nodes = Nodes(tmp_path, built.home / "artifacts", address)
    with store(tmp_path, address, SystemClock()) as fleet:
        fleet.ensure(order, SERVING, 4)
        for name in ("left", "right", "left", "right"):  # as they would share them; which of two processes is up first is chance
            assert fleet.take_free(node_name(tmp_path / name))

        def ready(*names: str) -> list[Instance] | None:
            rows = [row for row in fleet.on_node() if row.node in names]
            return rows if len(rows) == count and all(row.state == READY and alive(row.pid) for row in rows) else None

        try:
            left, right = nodes.start("left"), nodes.start("right")
            count = 4
            first = until(lambda: ready(left, right), 60.0, lambda: str(fleet.on_node()))
            mine = {row.id: row.pid for row in first if row.node == left}
            others = {row.id: row.pid for row in first if row.node == right}
            assert (len(mine), len(others)) == (2, 2)
            nodes.kill("left")
            until(lambda: not any(alive(pid) for pid in mine.values()), 30.0)
            assert nodes.start("left") == left
            again = until(lambda: (rows := ready(left, right)) and all(row.pid not in mine.values() for row in rows) and rows, 60.0)
            assert {row.id: row.pid for row in again if row.node == right} == others
            assert {row.id for row in again if row.node == left} == set(mine)
            assert {row.crashes for row in again} == {0}
        finally:
            nodes.close()
    assert not any(alive(pid) for pid in (*mine.values(), *others.values()))


@pytest.mark.timeout(300)
def test_what_a_silent_node_served_moves_and_back_it_lets_go(built: Built, tmp_path: Path) -> None:
    """SIGSTOP: its instance runs on unseen; awake again it ends that one and leaves the heir's alone."""
    order = replace(built.order, id=4711)
    options = NodeOptions(look=0.02, report=0.2, drain=2.0, silent=10.0, gone=1.5)
    artifacts = ArtifactStore(built.home / "artifacts")
    with store(tmp_path, "", SystemClock()) as fleet:
        fleet.ensure(order, SERVING, 1)
        nodes = Nodes(tmp_path, built.home / "artifacts", "")
        asleep = nodes.start("asleep")
        try:
            [before] = until(lambda: [row for row in fleet.on_node(asleep) if row.state == READY], 60.0)
            nodes.send("asleep", signal.SIGSTOP)
            heir, stop = LocalNode(fleet, artifacts, tmp_path / "heir", options), threading.Event()
            thread = threading.Thread(target=heir.run, args=(stop,))
            thread.start()
            try:
                [moved] = until(lambda: [row for row in fleet.on_node(heir.name) if row.state == READY and row.pid != before.pid], 60.0)
                assert alive(before.pid)
                nodes.send("asleep", signal.SIGCONT)
                until(lambda: not alive(before.pid), 30.0)
                [now] = fleet.on_node()
                assert (now.node, now.state, now.pid, alive(now.pid)) == (heir.name, READY, moved.pid, True)
            finally:
                stop.set()
                thread.join(30)
                assert not thread.is_alive()
        finally:
            nodes.close()
    assert NODE.gone > NODE.silent + 60, "a node that restarts, or whose instance hangs, must not count as gone"
