"""Threads for handlers: their order, what one thread takes at once, and that short reads have threads of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any

import pytest

from libs.common.rpc import server as server_module
from libs.common.rpc.server import CallInfo
from libs.common.rpc.workers import Workers
from tests.support.until import until
from tests.unit.rpc.peer import Handlers, Wire, idl, serving


class Recorder:
    """Runs jobs, the first of which waits for ``gate``; ``took``: what each look into the queue brought."""

    def __init__(self, threads: int, at_once: int) -> None:
        self.took: list[list[int]] = []
        self.gate = threading.Event()
        self.workers: Workers[int] = Workers(threads, "test", self.run, at_once)

    def run(self, jobs: Iterable[int]) -> None:
        taken: list[int] = []
        self.took.append(taken)
        for job in jobs:
            taken.append(job)
            if job == 0:
                self.gate.wait(10)


@pytest.mark.parametrize(
    ("at_once", "took"), [(1, [[n] for n in range(10)]), (4, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]), (99, [list(range(10))])]
)
def test_a_thread_takes_its_part_of_what_waits(at_once: int, took: list[list[int]]) -> None:
    recorder = Recorder(1, at_once)
    recorder.workers.start()
    recorder.workers.submit(0)
    until(lambda: recorder.took == [[0]])
    for job in range(1, 10):
        recorder.workers.submit(job)
    recorder.gate.set()
    until(lambda: sum(map(len, recorder.took)) == 10)
    assert recorder.workers.close(10)
    assert recorder.took == took


def test_one_of_several_threads_leaves_the_others_their_part() -> None:
    recorder = Recorder(3, 99)
    for job in range(1, 10):
        recorder.workers.submit(job)
    recorder.workers.start()
    until(lambda: sum(map(len, recorder.took)) == 9)
    assert recorder.workers.close(10)
    assert max(map(len, recorder.took)) <= 1 + 9 // 3


def test_jobs_that_wait_at_the_end_are_dropped_and_every_thread_ends() -> None:
    recorder = Recorder(2, 8)
    recorder.workers.start()
    recorder.workers.submit(0)
    until(lambda: recorder.took == [[0]])
    threading.Timer(0.05, recorder.gate.set).start()
    assert recorder.workers.close(10)
    assert sum(map(len, recorder.took)) == 1


def test_short_reads_do_not_wait_behind_work_that_takes_long() -> None:
    with serving(threads=1, inline=(), quick=("Ping",)) as peer, Wire(peer.address) as wire:
        peer.handlers.gate.clear()
        for number in range(3):
            wire.call("DoWork", number, idl().WorkReq(tenant=number, nonce=""))
        for number in range(10, 60):
            wire.call("Ping", number, idl().PingReq(text=str(number)))
        answers = dict(wire.answer("Ping") for _ in range(50))
        assert {number: answer.text for number, answer in answers.items()} == {n: str(n) for n in range(10, 60)}
        peer.handlers.gate.set()
        assert sorted(wire.answer("DoWork")[0] for _ in range(3)) == [0, 1, 2]


class Sleepers(Handlers):
    """``nonce`` "gated" waits for the gate."""

    def work(self, req: Any, info: CallInfo) -> Any:
        self._count("DoWork")
        time.sleep((req.sleep_ms or 0) / 1000)
        if req.nonce == "gated":
            self.gate.wait(30)
        return idl().WorkResp(tenant=req.tenant, nonce=req.nonce, server_id=0)


def test_an_answer_does_not_wait_for_all_that_its_thread_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_QUICK_THREADS", 1)
    with serving(Sleepers(), inline=(), quick=("DoWork",)) as peer, Wire(peer.address) as wire:
        peer.handlers.gate.clear()
        wire.call("DoWork", 1, idl().WorkReq(tenant=1, nonce="", sleep_ms=100))
        until(lambda: peer.handlers.calls.get("DoWork") == 1)
        wire.call("DoWork", 2, idl().WorkReq(tenant=2, nonce="", sleep_ms=40))
        wire.call("DoWork", 3, idl().WorkReq(tenant=3, nonce="gated"))
        until(lambda: peer.server._pooled == 3)
        assert [wire.answer("DoWork")[0] for _ in range(2)] == [1, 2]
        assert peer.server._pooled == 1
        peer.handlers.gate.set()
        assert wire.answer("DoWork")[0] == 3
