"""The blocking client: whose answer it is, where it goes next, and how long it may take."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest

from libs.common.clock import ManualClock
from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.client import RpcClient
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.server import RpcServer
from libs.common.rpc.wire_error import not_started
from tests.unit.rpc.peer import Handlers, Process, Wire, idl, read_frame, reply, scripted, serving, soon, until


def closed_address() -> Address:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return Address(*free.getsockname())


@contextmanager
def calling(*addresses: Address, **options: Any) -> Iterator[RpcClient]:
    with closing(RpcClient(idl().Sample, lambda: addresses, **options)) as client:
        yield client


def fails(client: RpcClient, method: str = "Ping", req: Any = None, deadline: Deadline | None = None, **options: Any) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        client.call(method, req if req is not None else idl().PingReq(text="q"), deadline or soon(), **options)
    return caught.value


def echoing(connection: socket.socket, _number: int) -> None:
    """A correct server, answering "mine"."""
    while frame := read_frame(connection):
        connection.sendall(reply(frame, text="mine"))


def test_a_call_is_answered_on_one_connection_and_carries_its_budget() -> None:
    with serving() as peer, calling(peer.address) as client:
        for n in range(20):
            resp = client.Ping(idl().PingReq(text=f"中{n}"), deadline=soon(5))
            assert resp.text == f"中{n}"
            assert 0 < resp.budget_ms <= 5000
        assert len(peer.server.connections) == 1


def test_a_declared_error_is_raised_and_keeps_the_connection() -> None:
    with serving() as peer, calling(peer.address) as client:
        for _ in range(3):
            error = fails(client, "Fail", idl().FailReq(how="declared"))
            assert (error.code, error.reason, error.field, error.limit) == (409, Reason.ILLEGAL_TRANSITION, "status", "a, b")
            assert error.details["text"] == "中文"
        assert len(peer.server.connections) == 1


def test_what_is_no_method_or_request_is_refused_without_asking() -> None:
    with calling(closed_address()) as client:
        assert fails(client, "Nope").reason == Reason.UNKNOWN_METHOD
        with pytest.raises(AttributeError):
            client.Nope  # noqa: B018
    with serving() as peer, calling(peer.address) as client:
        assert fails(client, "Ping", idl().FailReq()).reason == Reason.WRONG_TYPE
        assert fails(client, "Ping", idl().PingReq(text=5)).field == "text"
        assert fails(client, deadline=Deadline.after(-1)).reason == Reason.DEADLINE_EXCEEDED
        assert peer.handlers.calls == {}


# -- whose answer it is


@pytest.mark.parametrize(
    "lie",
    [
        lambda frame: reply(frame, number=0, text="other"),
        lambda frame: reply(frame, number=12345, text="other"),
        lambda frame: reply(frame, name=b"Pong", text="other"),
        lambda frame: reply(frame, text="mine") + reply(frame, text="mine"),
        lambda frame: reply(frame, text="mine") + b"\x00",
        lambda frame: b"HTTP/1.1 400 Bad Request\r\n\r\n",
        lambda frame: b"\xff\xff\xff\xff",
        lambda frame: b"\x00\x00\x00\x00",
        lambda frame: reply(frame, text="mine")[:-1],
    ],
)
def test_an_answer_that_is_not_ours_is_an_error_and_its_connection_is_gone(lie: Callable[[bytes], bytes]) -> None:
    def script(connection: socket.socket, number: int) -> None:
        if number:
            return echoing(connection, number)
        frame = read_frame(connection)
        connection.sendall(lie(frame))
        assert connection.recv(1) == b""
        return None

    with scripted(script) as address, calling(address) as client:
        error = fails(client, deadline=Deadline.after(1.0))
        assert (error.code, error.reason) in ((502, Reason.BAD_FRAME), (504, Reason.DEADLINE_EXCEEDED))
        assert client.Ping(idl().PingReq(text="q"), deadline=soon()).text == "mine"


def test_a_late_answer_is_never_the_next_calls() -> None:
    with serving() as peer, calling(peer.address) as client:
        for n in range(20):
            error = fails(client, "DoWork", idl().WorkReq(tenant=n, nonce="slow", sleep_ms=60), Deadline.after(0.02))
            assert error.reason == Reason.DEADLINE_EXCEEDED
            resp = client.DoWork(idl().WorkReq(tenant=-n, nonce=f"n{n}"), deadline=soon())
            assert (resp.tenant, resp.nonce) == (-n, f"n{n}")


def test_bytes_nobody_asked_for_cost_the_connection_not_the_call() -> None:
    def script(connection: socket.socket, number: int) -> None:
        if number:
            return echoing(connection, number)
        frame = read_frame(connection)
        connection.sendall(reply(frame, text="first"))
        assert first.wait(10)
        connection.sendall(reply(frame, text="unasked"))
        spoken.set()
        assert connection.recv(1) == b""
        return None

    first, spoken = threading.Event(), threading.Event()
    with scripted(script) as address, calling(address) as client:
        assert client.Ping(idl().PingReq(), deadline=soon()).text == "first"
        first.set()
        assert spoken.wait(10)
        assert client.Ping(idl().PingReq(), deadline=soon()).text == "mine"


def test_ctrl_c_in_the_middle_of_a_call_costs_the_connection() -> None:
    process = Process()
    try:
        with calling(process.address) as client:
            assert client.Ping(idl().PingReq(text="a"), deadline=soon()).text == "a"
            timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
            timer.start()
            with pytest.raises(KeyboardInterrupt):
                client.DoWork(idl().WorkReq(tenant=1, nonce="slow", sleep_ms=5000), deadline=soon())
            assert all(not idle for idle in client._idle.values())
            assert client.Ping(idl().PingReq(text="b"), deadline=soon()).text == "b"
    finally:
        process.stop()


# -- how long it may take


def test_a_dripping_server_is_held_to_the_deadline() -> None:
    def script(connection: socket.socket, number: int) -> None:
        data = reply(read_frame(connection), text="x" * 1000)
        for n in range(len(data)):
            connection.sendall(data[n : n + 1])
            time.sleep(0.02)  # the attack itself: 20 s in all

    with scripted(script) as address, calling(address) as client:
        began = time.monotonic()
        assert fails(client, deadline=Deadline.after(0.3)).reason == Reason.DEADLINE_EXCEEDED
        assert time.monotonic() - began < 5  # of 20


def test_a_server_that_never_reads_is_held_to_the_deadline() -> None:
    release = threading.Event()
    with scripted(lambda connection, number: bool(release.wait(20)) and None) as address, calling(address) as client:
        big = idl().EchoReq(value=idl().Everything(raw=b"x" * (12 << 20)))
        assert fails(client, "Echo", big, Deadline.after(0.3)).reason == Reason.DEADLINE_EXCEEDED
        assert fails(client, deadline=Deadline.after(0.1)).reason == Reason.DEADLINE_EXCEEDED
        release.set()


def test_waiting_for_a_connection_is_part_of_the_deadline() -> None:
    with serving() as peer, calling(peer.address, pool_size=1) as client:
        peer.handlers.gate.clear()
        holder = threading.Thread(target=client.DoWork, args=(idl().WorkReq(tenant=1, nonce=""),), kwargs={"deadline": soon()})
        holder.start()
        until(lambda: peer.handlers.calls.get("DoWork") == 1)
        error = fails(client, deadline=Deadline.after(0.1))
        assert (error.reason, error.details["what"]) == (Reason.DEADLINE_EXCEEDED, "Ping: a free connection")
        peer.handlers.gate.set()
        holder.join(10)
        assert client.Ping(idl().PingReq(text="t"), deadline=soon()).text == "t"
        assert len(peer.server.connections) == 1


# -- where it goes next


def test_an_address_that_refuses_is_passed_over() -> None:
    with serving() as peer, calling(closed_address(), peer.address, closed_address()) as client:
        for n in range(12):
            assert client.Ping(idl().PingReq(text=f"{n}"), deadline=soon()).text == f"{n}"


def test_no_address_at_all_is_unavailable() -> None:
    with calling(closed_address(), closed_address()) as client:
        error = fails(client)
        assert (error.code, error.reason, error.retryable) == (503, Reason.UNAVAILABLE, True)
    with calling() as client:
        assert fails(client).reason == Reason.UNAVAILABLE


def test_calls_go_to_all_addresses_in_turn() -> None:
    with serving() as one, serving() as two, calling(one.address, two.address) as client:
        for _ in range(10):
            client.Ping(idl().PingReq(), deadline=soon())
        assert one.handlers.calls["Ping"] == two.handlers.calls["Ping"] == 5


@pytest.mark.parametrize("idempotent", [False, True])
def test_a_lost_answer_is_an_unknown_result_and_asked_again_only_when_told(idempotent: bool) -> None:
    seen: list[int] = []

    def script(connection: socket.socket, number: int) -> None:
        seen.append(number)
        frame = read_frame(connection)
        if number:
            connection.sendall(reply(frame, text="second"))

    with scripted(script) as address, calling(address) as client:
        if idempotent:
            assert client.call("Ping", idl().PingReq(), soon(), idempotent=True).text == "second"
        else:
            error = fails(client)
            assert (error.code, error.reason, error.retryable) == (502, Reason.CONNECTION_LOST, True)
    assert len(seen) == 1 + idempotent


def test_a_connection_that_died_in_the_pool_is_replaced_unseen() -> None:
    with serving() as peer, calling(peer.address) as client:
        port = peer.address.port
        client.Ping(idl().PingReq(), deadline=soon())
        peer.server.close()
        with serving(port=port):
            assert client.Ping(idl().PingReq(text="again"), deadline=soon()).text == "again"


def test_idle_connections_are_retired_before_the_server_ends_them() -> None:
    now = [0.0]
    limits = RpcLimits(pool_idle_seconds=10)
    with serving() as peer, calling(peer.address, limits=limits, clock=lambda: now[0]) as client:
        client.Ping(idl().PingReq(), deadline=soon())
        first = next(iter(client._idle.values()))[0]
        now[0] = 9.0
        client.Ping(idl().PingReq(), deadline=soon())
        assert next(iter(client._idle.values())) == [first]
        now[0] = 19.5
        client.Ping(idl().PingReq(), deadline=soon())
        assert first not in next(iter(client._idle.values()))
        until(lambda: len(peer.server.connections) == 1)


def test_threads_share_a_client_and_each_gets_its_own_answer() -> None:
    wrong: list[Any] = []

    def ask(client: RpcClient, thread: int) -> None:
        for n in range(40):
            resp = client.DoWork(idl().WorkReq(tenant=thread, nonce=f"{thread}.{n}"), deadline=soon())
            if (resp.tenant, resp.nonce) != (thread, f"{thread}.{n}"):
                wrong.append(resp)

    with serving() as peer, calling(peer.address, pool_size=4) as client:
        threads = [threading.Thread(target=ask, args=(client, t)) for t in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert wrong == []
        assert peer.handlers.calls["DoWork"] == 12 * 40
        assert len(peer.server.connections) <= 4


def test_no_call_fails_while_one_of_two_instances_drains() -> None:
    failed: list[PlatformError] = []
    done = threading.Event()
    counts = [0] * 6

    def ask(client: RpcClient, thread: int) -> None:
        while not done.is_set():
            try:
                client.DoWork(idl().WorkReq(tenant=thread, nonce="n", sleep_ms=2), deadline=soon())
                counts[thread] += 1
            except PlatformError as error:
                failed.append(error)

    with serving() as stays, serving() as changes, calling(stays.address, changes.address, pool_size=6) as client:
        threads = [threading.Thread(target=ask, args=(client, t)) for t in range(6)]
        for thread in threads:
            thread.start()
        server, handlers = changes.server, changes.handlers
        for _ in range(5):  # five releases of the same instance, at its port
            until(lambda: handlers.calls.get("DoWork", 0) > 20)  # noqa: B023
            assert server.drain(10)
            handlers = Handlers()
            server = RpcServer(idl().Sample, handlers.table(), port=changes.address.port).start()
        done.set()
        for thread in threads:
            thread.join(30)
        server.close()
    assert failed == []
    assert all(counts)


def test_who_connects_while_the_port_is_closing_is_sent_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy event loop accepts late: calls lie in the kernel's queue when the port closes. They did not run, and their callers hear so."""
    monkeypatch.setattr("libs.common.rpc.server._LAME_DUCK_SECONDS", 0.0)
    with serving(limits=RpcLimits(linger_seconds=5)) as peer, ExitStack() as stack:
        held = threading.Event()
        stack.callback(held.set)
        peer.server._loop.call_soon_threadsafe(held.wait, 30)  # the loop stands still; the kernel shakes hands all the same
        late = [stack.enter_context(Wire(peer.address)) for _ in range(8)]
        for number, wire in enumerate(late):
            wire.call("DoWork", number, idl().WorkReq(tenant=number, nonce="n"))
        draining = asyncio.run_coroutine_threadsafe(peer.server._drain(soon(20)), peer.server._loop)
        peer.server._draining = True  # its first step, which the loop would take up to two rounds later
        held.set()
        for number, wire in enumerate(late):
            answered, error = wire.answer("DoWork")
            assert (answered, error.code, error.reason, not_started(error)) == (number, 503, Reason.UNAVAILABLE, True)
            wire.close()
        assert draining.result(30)
        assert "DoWork" not in peer.handlers.calls


def test_an_address_that_says_it_leaves_is_not_asked_again_at_once() -> None:
    clock = ManualClock()
    with serving(limits=RpcLimits(linger_seconds=5)) as leaves, serving() as stays, ThreadPoolExecutor(1) as pool:
        with calling(leaves.address, stays.address, clock=clock.monotonic) as client:
            for _ in range(4):
                client.Ping(idl().PingReq(), deadline=soon())
            known = leaves.handlers.calls["Ping"]
            draining = pool.submit(leaves.server.drain, 20)
            until(lambda: leaves.server._draining)
            for _ in range(6):
                clock.advance(RpcLimits().eject_seconds / 8)  # longer than one that refused a connection is passed over at first
                client.Ping(idl().PingReq(), deadline=soon())
            assert leaves.handlers.calls["Ping"] == known
            assert leaves.server.refusals == {503: 1}, "told once, and believed"
        assert draining.result(30)


def test_a_closed_client_leaves_no_connection() -> None:
    with serving() as peer:
        with calling(peer.address) as client:
            client.Ping(idl().PingReq(), deadline=soon())
        until(lambda: not peer.server.connections)
