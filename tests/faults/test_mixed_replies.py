"""Invariant I1: an answer always belongs to its question, whatever timed out, was cancelled or was cut before.

Every call asks with a tenant and a nonce of its own and the answer must repeat both. About one call in fifty has less time than its
handler takes, so answers arrive after their callers have gone, on connections that others go on using. ``MODELYARD_MIXED_CALLS`` sets the
number of calls (100 000 here; the long run asks for 1 000 000).
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import uvloop

from libs.common.errors import PlatformError, Reason
from libs.common.rpc.aclient import AsyncRpcClient
from libs.common.rpc.client import RpcClient
from libs.common.rpc.deadline import Deadline
from tests.support.evidence import record
from tests.unit.rpc.peer import Process, idl, soon

CALLS = int(os.environ.get("MODELYARD_MIXED_CALLS", "100000"))
ONE_IN = 50
"""One call in so many is slow."""


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    found = Process(threads=32, limits={"max_waiting": 1000})
    yield found
    found.stop()


class Asker:
    """Makes one caller's questions and judges the answers."""

    def __init__(self, seed: int, tenant: int) -> None:
        self._rng = random.Random(seed * 1_000_003 + tenant)
        self._tenant = tenant
        self._count = 0
        self.seen: Counter[str] = Counter()

    def question(self) -> tuple[Any, Deadline, bool]:
        """(request, deadline, whether it is a slow one)."""
        self._count += 1
        slow = self._rng.randrange(ONE_IN) == 0
        req = idl().WorkReq(tenant=self._tenant, nonce=f"{self._tenant}/{self._count}", sleep_ms=self._rng.randint(15, 45) if slow else 0)
        return req, Deadline.after(self._rng.uniform(0.005, 0.04)) if slow else soon(30), slow

    def answered(self, req: Any, resp: Any) -> None:
        self.seen["right" if (resp.tenant, resp.nonce) == (req.tenant, req.nonce) else "wrong"] += 1

    def failed(self, slow: bool, error: PlatformError) -> None:
        self.seen["timed out" if slow and error.reason == Reason.DEADLINE_EXCEEDED else f"unexpected: {error!r}"] += 1


def judge(seed: int, askers: list[Asker], calls: int) -> None:
    seen = sum((asker.seen for asker in askers), Counter[str]())
    print(f"seed {seed}: {dict(seen)} of {calls} calls")
    record("I1", "answers after callers had gone, timed out or were cancelled", tries=calls, violations=seen["wrong"])
    assert seen["wrong"] == 0
    assert seen["right"] + seen["timed out"] + seen["cancelled"] == calls == seen.total()
    assert seen["timed out"] > calls / ONE_IN / 5


def test_the_asynchronous_client_never_mixes_answers(process: Process) -> None:
    calls, callers, seed = CALLS * 3 // 4, 100, random.SystemRandom().randrange(1 << 32)
    askers = [Asker(seed, tenant) for tenant in range(callers)]

    async def ask(client: AsyncRpcClient, asker: Asker) -> None:
        for n in range(calls // callers):
            req, deadline, slow = asker.question()
            try:
                if slow and n % 3 == 0:  # a caller that leaves instead of waiting for its deadline
                    async with asyncio.timeout(deadline.left() / 2):
                        asker.answered(req, await client.call("DoWork", req, deadline))
                else:
                    asker.answered(req, await client.call("DoWork", req, deadline))
            except TimeoutError:
                asker.seen["cancelled"] += 1
            except PlatformError as error:
                asker.failed(slow, error)

    async def run() -> None:
        client = AsyncRpcClient(idl().Sample, lambda: [process.address], connections=3)
        await asyncio.gather(*[ask(client, asker) for asker in askers])
        await client.close()

    uvloop.run(run())
    judge(seed, askers, calls // callers * callers)


def test_the_blocking_client_never_mixes_answers(process: Process) -> None:
    calls, callers, seed = CALLS // 4, 16, random.SystemRandom().randrange(1 << 32)
    askers = [Asker(seed, tenant) for tenant in range(callers)]

    def ask(client: RpcClient, asker: Asker) -> None:
        for _ in range(calls // callers):
            req, deadline, slow = asker.question()
            try:
                asker.answered(req, client.call("DoWork", req, deadline))
            except PlatformError as error:
                asker.failed(slow, error)

    with closing(RpcClient(idl().Sample, lambda: [process.address], pool_size=callers)) as client:
        threads = [threading.Thread(target=ask, args=(client, asker)) for asker in askers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(240)
    judge(seed, askers, calls // callers * callers)
