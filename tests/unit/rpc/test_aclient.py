"""The asynchronous client: many calls on few connections, each with its own answer and its own end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.aclient import AsyncRpcClient
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.server import RpcServer
from tests.unit.rpc.peer import Handlers, Process, idl, read_frame, reply, scripted, serving, soon
from tests.unit.rpc.test_client import closed_address, echoing


@asynccontextmanager
async def calling(*addresses: Address, **options: Any) -> AsyncIterator[AsyncRpcClient]:
    client = AsyncRpcClient(idl().Sample, lambda: addresses, **options)
    try:
        yield client
    finally:
        await client.close()


def run(test: Awaitable[Any]) -> Any:
    return uvloop.run(test)  # type: ignore[arg-type]


async def fails(call: Awaitable[Any]) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        await call
    return caught.value


async def until(reached: Callable[[], Any], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not reached():
            await asyncio.sleep(0.005)


def test_many_calls_share_few_connections_and_each_gets_its_own_answer() -> None:
    async def body() -> None:
        with serving() as peer:
            async with calling(peer.address, connections=2) as client:
                for _ in range(3):
                    asks = [client.call("DoWork", idl().WorkReq(tenant=n, nonce=f"n{n}", sleep_ms=n % 7), soon()) for n in range(120)]
                    answers = await asyncio.gather(*asks, client.Ping(idl().PingReq(text="中"), deadline=soon(5)))
                    assert [(a.tenant, a.nonce) for a in answers[:-1]] == [(n, f"n{n}") for n in range(120)]
                    assert answers[-1].text == "中"
                    assert 0 < answers[-1].budget_ms <= 5000
                assert len(peer.server.connections) == 2

    run(body())


def test_calls_of_one_round_share_a_connection_and_a_burst_is_spread() -> None:
    async def body() -> None:
        with serving() as peer:
            async with calling(peer.address, connections=2) as client:
                while len(peer.server.connections) < 2 or not all(each.called for each in peer.server.connections):
                    await client.Ping(idl().PingReq(text="both are open"), deadline=soon())
                for calls, shares in ((6, [0, 6]), (12, [4, 8])):
                    asked = [client.ask("DoWork", idl().WorkReq(tenant=n, nonce="x", sleep_ms=200), soon()) for n in range(calls)]
                    await until(lambda calls=calls: sum(each.in_flight for each in peer.server.connections) == calls)
                    assert sorted(each.in_flight for each in peer.server.connections) == shares
                    assert [(await each).tenant for each in asked] == list(range(calls))  # type: ignore[misc]

    run(body())


def test_it_works_on_the_standard_loop_too() -> None:
    async def body() -> str:
        with serving() as peer:
            async with calling(peer.address) as client:
                return str((await client.call("Ping", idl().PingReq(text="std"), soon())).text)

    assert asyncio.run(body()) == "std"


def test_the_first_half_of_a_call_gives_what_came_as_a_value() -> None:
    async def body() -> None:
        with serving() as peer:
            async with calling(peer.address, limits=RpcLimits(max_in_flight=2), connections=1) as client:
                assert client.ask("Ping", idl().PingReq(text="early"), soon()) is None  # nobody has connected yet
                await client.Ping(idl().PingReq(text="first"), deadline=soon())
                answer = await client.ask("Ping", idl().PingReq(text="now"), soon())  # type: ignore[misc]
                assert answer.text == "now"
                error = await client.ask("Fail", idl().FailReq(how="declared"), soon())  # type: ignore[misc]
                assert (error.code, error.field) == (409, "status")
                slow = [client.ask("DoWork", idl().WorkReq(tenant=n, nonce="x", sleep_ms=50), soon()) for n in range(2)]
                refused = await client.ask("Ping", idl().PingReq(text="over"), soon())  # type: ignore[misc]
                assert refused.reason == Reason.BUSY
                assert [(await each).tenant for each in slow] == [0, 1]  # type: ignore[misc]

    run(body())


def test_errors_arrive_as_they_were_declared() -> None:
    async def body() -> None:
        with serving() as peer:
            async with calling(peer.address) as client:
                error = await fails(client.call("Fail", idl().FailReq(how="declared"), soon()))
                assert (error.code, error.field, error.limit) == (409, "status", "a, b")
                assert (await fails(client.call("Nope", idl().PingReq(), soon()))).reason == Reason.UNKNOWN_METHOD
                assert (await fails(client.call("Ping", idl().PingReq(text=5), soon()))).field == "text"
                assert (await fails(client.call("Ping", idl().PingReq(), Deadline.after(-1)))).reason == Reason.DEADLINE_EXCEEDED
                with pytest.raises(AttributeError):
                    client.Nope  # noqa: B018

    run(body())


def test_a_late_answer_is_dropped_and_the_connection_goes_on() -> None:
    async def body() -> None:
        with serving() as peer:
            async with calling(peer.address, connections=1) as client:
                for n in range(10):
                    slow = client.call("DoWork", idl().WorkReq(tenant=n, nonce="slow", sleep_ms=60), Deadline.after(0.02))
                    quick = client.call("DoWork", idl().WorkReq(tenant=-n, nonce=f"n{n}"), soon())
                    late, answer = await asyncio.gather(fails(slow), quick)
                    assert late.reason == Reason.DEADLINE_EXCEEDED
                    assert (answer.tenant, answer.nonce) == (-n, f"n{n}")
                assert len(peer.server.connections) == 1

    run(body())


def test_each_call_ends_at_its_own_deadline() -> None:
    async def body() -> None:
        with serving(threads=4) as peer:
            async with calling(peer.address) as client:
                await client.call("Ping", idl().PingReq(), soon())
                peer.handlers.gate.clear()
                ended: list[float] = []

                async def ask(seconds: float) -> None:
                    await fails(client.call("DoWork", idl().WorkReq(tenant=1, nonce=""), Deadline.after(seconds)))
                    ended.append(seconds)

                await asyncio.gather(*[ask(seconds) for seconds in (0.6, 0.2, 0.4, 0.05, 0.8)])
                assert ended == [0.05, 0.2, 0.4, 0.6, 0.8]

    run(body())


def test_a_caller_that_left_disturbs_nobody() -> None:
    async def body() -> None:
        with serving() as peer:
            async with calling(peer.address, connections=1) as client:
                gone = asyncio.ensure_future(client.call("DoWork", idl().WorkReq(tenant=1, nonce="", sleep_ms=50), soon()))
                await until(lambda: peer.handlers.calls.get("DoWork") == 1)
                gone.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await gone
                for n in range(20):
                    assert (await client.call("DoWork", idl().WorkReq(tenant=n, nonce="", sleep_ms=5), soon())).tenant == n
                await until(lambda: not client._ring[0].waiting)

    run(body())


@pytest.mark.parametrize(
    "lie",
    [
        lambda frame: reply(frame, number=0, text="other"),
        lambda frame: reply(frame, number=12345, text="other"),
        lambda frame: reply(frame, name=b"Pong", text="other"),
        lambda frame: b"HTTP/1.1 400 Bad Request\r\n\r\n",
        lambda frame: b"\x00\x00\x00\x00",
        lambda frame: b"\x00\x00\x00\x0e\x80\x01\x00\x02\x00\x00\x00\x04Ping\x00\x00",
    ],
)
def test_a_peer_that_breaks_the_protocol_loses_its_connection(lie: Callable[[bytes], bytes]) -> None:
    def script(connection: socket.socket, number: int) -> None:
        if number:
            return echoing(connection, number)
        frame = read_frame(connection)
        connection.sendall(lie(frame))
        assert connection.recv(1) == b""
        return None

    async def body() -> None:
        with scripted(script) as address:
            async with calling(address, connections=1) as client:
                error = await fails(client.call("Ping", idl().PingReq(), Deadline.after(1)))
                assert error.reason in (Reason.CONNECTION_LOST, Reason.BAD_FRAME, Reason.DEADLINE_EXCEEDED)
                assert error.code in (502, 504)
                await until(lambda: not client._ring)
                assert (await client.call("Ping", idl().PingReq(), soon())).text == "mine"

    run(body())


def test_a_dripping_server_is_held_to_the_deadline() -> None:
    def script(connection: socket.socket, number: int) -> None:
        data = reply(read_frame(connection), text="x" * 1000)
        for n in range(len(data)):
            connection.sendall(data[n : n + 1])
            time.sleep(0.02)  # the attack itself: 20 s in all

    async def body() -> None:
        with scripted(script) as address:
            async with calling(address) as client:
                began = time.monotonic()
                error = await fails(client.call("Ping", idl().PingReq(), Deadline.after(0.3)))
                assert error.reason == Reason.DEADLINE_EXCEEDED
                assert time.monotonic() - began < 5  # of 20

    run(body())


def test_too_many_calls_in_flight_are_busy_at_once() -> None:
    async def body() -> None:
        with serving(limits=RpcLimits(max_in_flight=50)) as peer:
            async with calling(peer.address, connections=1, limits=RpcLimits(max_in_flight=5)) as client:
                await client.call("Ping", idl().PingReq(), soon())
                peer.handlers.gate.clear()
                held = [asyncio.ensure_future(client.call("DoWork", idl().WorkReq(tenant=n, nonce=""), soon())) for n in range(5)]
                await until(lambda: len(client._ring[0].waiting) == 5)
                error = await fails(client.call("Ping", idl().PingReq(), soon()))
                assert (error.code, error.reason) == (429, Reason.BUSY)
                peer.handlers.gate.set()
                assert [answer.tenant for answer in await asyncio.gather(*held)] == list(range(5))

    run(body())


# -- where it goes next


def test_an_address_that_refuses_is_passed_over() -> None:
    async def body() -> None:
        with serving() as peer:
            async with calling(closed_address(), peer.address) as client:
                for n in range(20):
                    assert (await client.call("Ping", idl().PingReq(text=f"{n}"), soon())).text == f"{n}"

    run(body())


def test_no_address_that_answers_fails_at_once_and_again_and_recovers() -> None:
    async def body() -> None:
        address = closed_address()
        async with calling(address) as client:
            for _ in range(200):
                error = await fails(client.call("Ping", idl().PingReq(), soon()))
                assert (error.code, error.reason, error.retryable) == (503, Reason.UNAVAILABLE, True)
            refusals: set[Reason] = set()
            with serving(port=address.port) as peer:

                async def answered() -> bool:
                    try:
                        return bool((await client.call("Ping", idl().PingReq(text="up"), soon())).text == "up")
                    except PlatformError as error:
                        refusals.add(error.reason)
                        return False

                async with asyncio.timeout(10):
                    while not await answered():
                        await asyncio.sleep(0.01)
                assert refusals <= {Reason.UNAVAILABLE}
                assert peer.handlers.calls["Ping"] == 1
        async with calling() as client:
            assert (await fails(client.call("Ping", idl().PingReq(), soon()))).reason == Reason.UNAVAILABLE

    run(body())


@pytest.mark.parametrize("idempotent", [False, True])
def test_a_lost_answer_is_asked_again_only_when_told(idempotent: bool) -> None:
    def script(connection: socket.socket, number: int) -> None:
        frame = read_frame(connection)
        if number:
            connection.sendall(reply(frame, text="second"))
            read_frame(connection)

    async def body() -> None:
        with scripted(script) as address:
            async with calling(address, connections=1) as client:
                call = client.call("Ping", idl().PingReq(), soon(), idempotent=idempotent)
                if idempotent:
                    assert (await call).text == "second"
                else:
                    assert (await fails(call)).reason == Reason.CONNECTION_LOST

    run(body())


def test_addresses_come_and_go() -> None:
    async def body() -> None:
        with serving() as one, serving() as two:
            known = [one.address]
            client = AsyncRpcClient(idl().Sample, lambda: list(known))
            for _ in range(6):
                await client.call("Ping", idl().PingReq(), soon())
            assert "Ping" not in two.handlers.calls
            known.append(two.address)

            async def seen() -> bool:
                await client.call("Ping", idl().PingReq(), soon())
                return two.handlers.calls.get("Ping", 0) > 3

            async with asyncio.timeout(10):
                while not await seen():
                    await asyncio.sleep(0)
            known.remove(one.address)
            await client.call("Ping", idl().PingReq(), soon())
            before = one.handlers.calls["Ping"]
            for _ in range(6):
                await client.call("Ping", idl().PingReq(), soon())
            assert one.handlers.calls["Ping"] == before
            await until(lambda: not one.server.connections)
            await client.close()

    run(body())


def test_no_call_fails_while_one_of_two_instances_drains() -> None:
    async def body() -> None:
        failed: list[PlatformError] = []
        answered = [0]

        async def ask(client: AsyncRpcClient, done: asyncio.Event) -> None:
            while not done.is_set():
                try:
                    await client.call("DoWork", idl().WorkReq(tenant=1, nonce="n", sleep_ms=1), soon())
                    answered[0] += 1
                except PlatformError as error:
                    failed.append(error)

        with serving(threads=16) as stays, serving() as changes:
            async with calling(stays.address, changes.address) as client:
                done = asyncio.Event()
                asks = [asyncio.create_task(ask(client, done)) for _ in range(16)]
                server, handlers = changes.server, changes.handlers
                for _ in range(5):
                    await until(lambda: handlers.calls.get("DoWork", 0) > 50)  # noqa: B023
                    assert await asyncio.to_thread(server.drain, 10)
                    handlers = Handlers()
                    server = RpcServer(idl().Sample, handlers.table(), port=changes.address.port).start()
                done.set()
                await asyncio.gather(*asks)
                await asyncio.to_thread(server.close)
        assert failed == []
        assert answered[0] > 500

    run(body())


def test_of_two_instances_that_both_refused_just_now_one_may_be_back() -> None:
    """The second of two is restarted while the first, just restarted itself, is still passed over: no call fails."""

    async def body() -> None:
        with serving() as first, serving() as second:
            async with calling(first.address, second.address) as client:
                for address in (first.address, second.address):
                    for _ in range(9):  # passed over for as long as an address ever is
                        client._routes.refused(address)
                assert (await client.Ping(idl().PingReq(text="back"), deadline=soon())).text == "back"

    run(body())


def test_a_hung_server_is_given_up_and_found_again() -> None:
    process = Process()

    async def body() -> None:
        async with calling(process.address, limits=RpcLimits(eject_seconds=0.2, silent_seconds=0.2)) as client:
            await client.call("Ping", idl().PingReq(), soon())
            os.kill(process.pid, signal.SIGSTOP)
            await until(lambda: " T " in Path(f"/proc/{process.pid}/stat").read_text())
            reasons = set()
            for _ in range(30):
                reasons.add((await fails(client.call("Ping", idl().PingReq(), Deadline.after(0.03)))).reason)
            assert reasons == {Reason.DEADLINE_EXCEEDED, Reason.UNAVAILABLE}  # waits first, then no longer
            os.kill(process.pid, signal.SIGCONT)

            async def answered() -> bool:
                try:
                    return bool((await client.call("Ping", idl().PingReq(text="up"), Deadline.after(0.5))).text == "up")
                except PlatformError:
                    return False

            async with asyncio.timeout(10):
                while not await answered():
                    await asyncio.sleep(0.01)

    try:
        run(body())
    finally:
        process.stop()


def test_idle_channels_are_retired_before_the_server_ends_them() -> None:
    limits = RpcLimits(idle_seconds=0.4, first_call_seconds=0.4, pool_idle_seconds=0.2)

    async def body() -> None:
        with serving(limits=limits) as peer:
            async with calling(peer.address, limits=limits) as client:
                for n in range(4):
                    assert (await client.call("Ping", idl().PingReq(text=f"{n}"), soon())).text == f"{n}"
                    end = time.monotonic() + 0.3
                    await until(lambda: time.monotonic() > end)  # noqa: B023

    run(body())


def test_closing_ends_the_calls_in_flight() -> None:
    async def body() -> None:
        with serving() as peer:
            client = AsyncRpcClient(idl().Sample, peer.resolve)
            peer.handlers.gate.clear()
            call = asyncio.ensure_future(fails(client.call("DoWork", idl().WorkReq(tenant=1, nonce=""), soon())))
            await until(lambda: peer.handlers.calls.get("DoWork") == 1)
            await client.close()
            assert (await call).reason == Reason.CONNECTION_LOST
            await until(lambda: not peer.server.connections)

    run(body())
