"""A door that listens several times lets a burst in within few rounds of its event loop."""

from __future__ import annotations

import asyncio
import socket

import pytest
import uvloop

from libs.common.rpc.listen import ACCEPTS_PER_ROUND, listen, shared

BURST = 64


async def rounds_until_all_are_in(listeners: list[socket.socket]) -> int:
    """How often the loop came round until each of BURST connections that wait was let in."""
    loop = asyncio.get_running_loop()
    came = 0

    class Guest(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            nonlocal came
            came += 1
            transport.close()

    # They wait in the kernel's queue before the loop listens: as after a long round.
    waiting = [socket.create_connection(listeners[0].getsockname(), timeout=10) for _ in range(BURST)]
    servers = [await loop.create_server(Guest, sock=listener) for listener in listeners]
    rounds = 0
    while came < BURST:
        rounds += 1
        assert rounds < 10_000
        await asyncio.sleep(0)
    for server in servers:
        server.close()
    for connection in waiting:
        connection.close()
    return rounds


@pytest.mark.parametrize(("times", "fewest", "most"), [(1, BURST // 2, 9_999), (ACCEPTS_PER_ROUND, 1, BURST // 2)])
def test_each_listener_lets_one_in_per_round(times: int, fewest: int, most: int) -> None:
    """The first case says why it is needed; should the loop once accept more by itself, this whole file can go."""
    listener = listen("127.0.0.1", 0, 128)
    listeners = shared(listener) if times > 1 else [listener]
    assert len(listeners) == times
    assert fewest <= uvloop.run(rounds_until_all_are_in(listeners)) <= most
