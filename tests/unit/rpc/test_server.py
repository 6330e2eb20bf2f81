"""The server: what a caller is told when something fails, what a peer may not do, and how it stops."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs
from thriftpy2.rpc import make_client
from thriftpy2.thrift import TApplicationException
from thriftpy2.transport import TFramedTransportFactory

from libs.common.errors import PlatformError, Reason
from libs.common.rpc import codec, frames
from libs.common.rpc.contract import methods_of
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.server import RpcServer
from tests.unit.rpc.peer import Handlers, Process, Wire, idl, serving, until


@pytest.fixture
def peer() -> Iterator[SimpleNamespace]:
    with serving() as found:
        yield found


def ping(address: Any) -> str:
    with Wire(address) as wire:
        wire.call("Ping", 1, idl().PingReq(text="yes"))
        return str(wire.answer("Ping")[1].text)


# -- what a caller is told


def test_a_declared_error_arrives_whole(peer: SimpleNamespace) -> None:
    with Wire(peer.address) as wire:
        wire.call("Fail", 5, idl().FailReq(how="declared"))
        number, error = wire.answer("Fail")
    assert number == 5
    assert (error.code, error.reason, error.field, error.limit) == (409, Reason.ILLEGAL_TRANSITION, "status", "a, b")
    assert error.details == {"state": "X", "ids": "[1, 2]", "text": "中文"}


def test_a_full_disk_under_a_handler_is_named(peer: SimpleNamespace) -> None:
    with Wire(peer.address) as wire:
        wire.call("Fail", 1, idl().FailReq(how="full"))
        _, error = wire.answer("Fail")
    assert (error.code, error.reason, error.retryable) == (507, Reason.DISK_FULL, True)
    assert "secret" not in str(error.details)


@pytest.mark.parametrize("how", ["undeclared", "none", "wrong_type", "wrong_field", "overflow", "code", "exit"])
def test_our_own_faults_are_500_without_internals_and_the_connection_lives(peer: SimpleNamespace, how: str) -> None:
    with capture_logs() as logs, Wire(peer.address) as wire:
        wire.call("Fail", 1, idl().FailReq(how=how, base=idl().Base(log_id="join-me")))
        _, error = wire.answer("Fail")
        assert isinstance(error, PlatformError)
        assert (error.code, error.reason) == (500, Reason.INTERNAL)
        assert "secret" not in str(error.details)
        wire.call("Ping", 2, idl().PingReq(text="still here"))
        assert wire.answer("Ping")[1].text == "still here"
    assert [line for line in logs if line["log_level"] == "error" and line["method"] == "Fail"]
    if how != "code":
        assert error.details["log_id"] == "join-me" == logs[0]["log_id"]


def test_an_error_with_text_that_has_no_utf8_form_is_answered(peer: SimpleNamespace) -> None:
    with Wire(peer.address) as wire:
        wire.call("Fail", 1, idl().FailReq(how="unencodable"))
        assert wire.answer("Fail")[1].reason == Reason.INVALID_ARGUMENT


def test_a_handler_cannot_say_that_it_did_not_start(peer: SimpleNamespace) -> None:
    with Wire(peer.address) as wire:
        wire.call("Fail", 1, idl().FailReq(how="relayed"))
        error = wire.answer("Fail")[1]
    assert (error.code, error.details) == (503, {})


def test_an_unknown_method_is_an_application_exception_and_the_connection_lives(peer: SimpleNamespace) -> None:
    with Wire(peer.address) as wire:
        later = methods_of(idl().SampleNext, 32)["Later"]
        wire.send(codec.encode_call(later, 9, idl().PingReqNext(text="t", table=[[1]]), RpcLimits()))
        frame = wire.frame()
        assert frame is not None
        kind, name, number, pos = frames.header(frame, 0, RpcLimits())
        assert (kind, name, number) == (frames.EXCEPTION, b"Later", 9)
        error = codec.decode_reply(later, kind, frame, pos, RpcLimits())
        assert (error.code, error.reason) == (501, Reason.UNKNOWN_METHOD)
        wire.call("Ping", 10, idl().PingReq(text="on"))
        assert wire.answer("Ping") == (10, idl().PingResp(text="on", calls=1))


def test_a_wrong_type_is_answered_by_name_and_the_handler_does_not_run(peer: SimpleNamespace) -> None:
    with Wire(peer.address) as wire:
        other = methods_of(idl().SampleOther, 32)["Ping"]
        wire.send(codec.encode_call(other, 1, idl().PingReqOther(text=5), RpcLimits()))
        _, error = wire.answer("Ping")
        assert (error.code, error.reason, error.field, error.limit) == (400, Reason.WRONG_TYPE, "text", "string")
        wire.call("Ping", 2, idl().PingReq(text="on"))
        assert wire.answer("Ping")[1].calls == 1


def test_text_that_is_not_utf8_is_answered_by_name(peer: SimpleNamespace) -> None:
    with Wire(peer.address) as wire:
        wire.call("Ping", 1, idl().PingReq(text=b"\xff\xfe"))
        _, error = wire.answer("Ping")
        assert (error.code, error.reason, error.field) == (400, Reason.NOT_UTF8, "text")
        wire.call("Ping", 2, idl().PingReq(text="on"))
        assert wire.answer("Ping")[1].text == "on"


def test_an_answer_too_large_for_any_client_is_our_fault_and_named() -> None:
    with serving(limits=RpcLimits(max_frame_bytes=300)) as peer, Wire(peer.address) as wire:
        wire.call("Get", 1, idl().GetReq(id=1))
        _, error = wire.answer("Get")
        assert (error.code, error.reason, error.field, error.limit) == (500, Reason.TOO_LARGE, "answer", "300 bytes")
        wire.call("Ping", 2, idl().PingReq(text="small"))
        assert wire.answer("Ping")[1].text == "small"


def test_what_was_answered_is_told(peer: SimpleNamespace) -> None:
    with Wire(peer.address) as wire:
        for number, (method, req) in enumerate(
            [("Ping", idl().PingReq()), ("DoWork", idl().WorkReq(tenant=1, nonce="n")), ("Fail", idl().FailReq(how="not_found"))]
        ):
            wire.call(method, number, req)
            wire.answer(method)
    until(lambda: len(peer.told) == 3)
    assert [(name, code) for name, _, code in peer.told] == [("Ping", 200), ("DoWork", 200), ("Fail", 404)]
    assert all(0 <= seconds < 60 for _, seconds, _ in peer.told)


# -- calls


@pytest.mark.parametrize("trans", [TFramedTransportFactory])
def test_a_stock_thriftpy2_client_works(peer: SimpleNamespace, trans: Any) -> None:
    with closing(make_client(idl().Sample, *peer.address, trans_factory=trans(), timeout=10_000)) as client:
        for _ in range(3):  # it numbers all its calls 0
            assert client.Ping(idl().PingReq(text="stock")).text == "stock"
        assert client.DoWork(idl().WorkReq(tenant=3, nonce="n", sleep_ms=0)).nonce == "n"
        with pytest.raises(idl().PlatformError) as caught:
            client.Fail(idl().FailReq(how="not_found"))
        assert caught.value.code == 404
        assert caught.value.message.startswith("There is no model 7 in this project space.")
        with closing(make_client(idl().SampleNext, *peer.address, trans_factory=trans(), timeout=10_000)) as later:
            with pytest.raises(TApplicationException) as unknown:
                later.Later(idl().PingReqNext())
            assert unknown.value.type == TApplicationException.UNKNOWN_METHOD
            assert later.Ping(idl().PingReqNext(text="next")).text == "next"


def test_pipelined_calls_are_answered_by_number_in_any_order(peer: SimpleNamespace) -> None:
    with Wire(peer.address) as wire:
        peer.handlers.gate.clear()
        for number in range(1, 21):
            wire.call("DoWork", number, idl().WorkReq(tenant=number, nonce=f"n{number}"))
        wire.call("Ping", 99, idl().PingReq(text="first"))
        assert wire.answer("Ping")[0] == 99  # overtakes the twenty that wait
        peer.handlers.gate.set()
        answers = dict(wire.answer("DoWork") for _ in range(20))
    assert {number: (resp.tenant, resp.nonce) for number, resp in answers.items()} == {n: (n, f"n{n}") for n in range(1, 21)}


def test_frames_may_arrive_in_any_pieces(peer: SimpleNamespace) -> None:
    ping_method = methods_of(idl().Sample, 32)["Ping"]
    data = b"".join(codec.encode_call(ping_method, n, idl().PingReq(text="t" * n), RpcLimits()) for n in range(1, 40))
    for size in (1, 3, 7, 50, 1000):
        with Wire(peer.address) as wire:
            for start in range(0, len(data), size):
                wire.send(data[start : start + size])
            assert [wire.answer("Ping")[0] for _ in range(1, 40)] == list(range(1, 40))


def test_one_large_message_passes(peer: SimpleNamespace) -> None:
    with Wire(peer.address) as wire:
        value = idl().Everything(raw=b"\xee" * (15 << 20), texts=["字" * 1000] * 50)
        wire.call("Echo", 1, idl().EchoReq(value=value))
        assert wire.answer("Echo")[1].value == value


def test_a_peer_that_leaves_its_answers_unread_is_not_read_any_further_and_gets_them_all_later() -> None:
    with serving(limits=RpcLimits(max_in_flight=8)) as peer, Wire(peer.address) as wire:
        big = idl().PingReq(text="x" * 100_000)
        sender = threading.Thread(target=lambda: [wire.call("Ping", n, big) for n in range(300)], daemon=True)
        sender.start()
        until(lambda: any(c.unread_since is not None for c in peer.server.connections))
        assert peer.handlers.calls["Ping"] < 300
        assert [wire.answer("Ping")[0] for _ in range(300)] == list(range(300))
        sender.join(10)


def test_calls_in_flight_per_connection_are_bounded() -> None:
    with serving(limits=RpcLimits(max_in_flight=4), threads=2) as peer, Wire(peer.address) as wire, Wire(peer.address) as other:
        peer.handlers.gate.clear()
        for number in range(40):
            wire.call("DoWork", number, idl().WorkReq(tenant=number, nonce=""))
        until(lambda: [c for c in peer.server.connections if c.in_flight == 4])
        other.call("Ping", 1, idl().PingReq(text="other"))
        assert other.answer("Ping")[1].text == "other"
        assert max(c.in_flight for c in peer.server.connections) == 4
        peer.handlers.gate.set()
        assert sorted(wire.answer("DoWork")[0] for _ in range(40)) == list(range(40))


def test_a_full_queue_is_busy_at_once() -> None:
    with serving(limits=RpcLimits(max_waiting=2), threads=1) as peer, Wire(peer.address) as wire:
        peer.handlers.gate.clear()
        for number in range(6):
            wire.call("DoWork", number, idl().WorkReq(tenant=number, nonce=""))
        refused = [wire.answer("DoWork") for _ in range(3)]  # while the first three still wait
        assert [number for number, _ in refused] == [3, 4, 5]
        assert {(error.code, error.reason, error.retryable, error.limit) for _, error in refused} == {(429, Reason.BUSY, True, "3")}
        peer.handlers.gate.set()
        assert sorted(wire.answer("DoWork")[0] for _ in range(3)) == [0, 1, 2]
        assert peer.handlers.calls["DoWork"] == 3


def test_work_whose_deadline_passed_while_it_waited_is_not_started() -> None:
    with serving(threads=1) as peer, Wire(peer.address) as wire:
        peer.handlers.gate.clear()
        wire.call("DoWork", 1, idl().WorkReq(tenant=1, nonce=""))
        until(lambda: peer.handlers.calls.get("DoWork") == 1)
        wire.call("DoWork", 2, idl().WorkReq(tenant=2, nonce="", base=idl().Base(budget_ms=20)))
        until(lambda: peer.server._pooled == 2)
        end = time.monotonic() + 0.05
        until(lambda: time.monotonic() > end)
        peer.handlers.gate.set()
        answers = dict(wire.answer("DoWork") for _ in range(2))
        assert answers[1].tenant == 1
        assert (answers[2].code, answers[2].reason, answers[2].details["started"]) == (504, Reason.DEADLINE_EXCEEDED, "no")
        assert peer.handlers.calls["DoWork"] == 1


@pytest.mark.parametrize("budget", [0, -1])
def test_a_call_without_time_left_is_not_started(peer: SimpleNamespace, budget: int) -> None:
    with Wire(peer.address) as wire:
        wire.call("Ping", 1, idl().PingReq(base=idl().Base(budget_ms=budget)))
        assert wire.answer("Ping")[1].code == 504
    assert "Ping" not in peer.handlers.calls


def test_a_handler_knows_its_call() -> None:
    seen: list[Any] = []
    table = {"Ping": lambda req, info: (seen.append((info, info.deadline.left())), idl().PingResp(text=""))[1]}
    server = RpcServer(idl().Sample, table, inline=["Ping"]).start()
    try:
        with Wire(server.address) as wire:
            wire.call("Ping", 1, idl().PingReq(base=idl().Base(log_id="L", budget_ms=5000, user_id=3)))
            wire.answer("Ping")
            wire.call("Ping", 2, idl().PingReq(base=idl().Base(budget_ms=2**31 - 1)))
            wire.answer("Ping")
            wire.call("Ping", 3, idl().PingReq())
            wire.answer("Ping")
    finally:
        server.close()
    first, longest, none = seen
    assert (first[0].method, first[0].log_id, first[0].base.user_id) == ("Ping", "L", 3)
    assert first[0].peer.startswith("127.0.0.1:")
    assert 0 < first[1] <= 5
    assert 5 < longest[1] <= RpcLimits().max_call_seconds
    assert 0 < none[1] <= RpcLimits().call_seconds
    assert none[0].log_id == ""


# -- what a peer may not do


def test_over_the_connection_cap_a_call_is_busy_and_a_silent_peer_is_closed() -> None:
    with serving(limits=RpcLimits(max_connections=3)) as peer:
        kept = [Wire(peer.address) for _ in range(3)]
        until(lambda: len(peer.server.connections) == 3)
        with Wire(peer.address) as wire:
            wire.call("Ping", 7, idl().PingReq())
            number, error = wire.answer("Ping")
            assert (number, error.code, error.reason, error.limit) == (7, 429, Reason.BUSY, "3")
            assert wire.closed()
        with Wire(peer.address) as silent:
            assert silent.closed()
        kept[0].call("Ping", 1, idl().PingReq(text="kept"))
        assert kept[0].answer("Ping")[1].text == "kept"
        kept.pop().close()
        until(lambda: len(peer.server.connections) == 2)
        assert ping(peer.address) == "yes"
        for wire in kept:
            wire.close()


def test_a_thousand_idle_connections_leave_room_for_those_already_here() -> None:
    with serving(limits=RpcLimits(max_connections=200)) as peer, Wire(peer.address) as here:
        here.call("Ping", 1, idl().PingReq())
        here.answer("Ping")
        flood = [socket.create_connection(peer.address, timeout=10) for _ in range(1000)]
        here.call("Ping", 2, idl().PingReq(text="here"))
        assert here.answer("Ping")[1].text == "here"
        until(lambda: len(peer.server.connections) <= 200)
        assert len(peer.server.connections) == 200
        for connection in flood:
            connection.close()
        until(lambda: len(peer.server.connections) == 1)
        assert ping(peer.address) == "yes"


def test_silent_connections_are_closed_and_called_ones_live_longer() -> None:
    limits = RpcLimits(idle_seconds=1.5, first_call_seconds=0.2, pool_idle_seconds=1)
    with serving(limits=limits) as peer, Wire(peer.address) as silent, Wire(peer.address) as called:
        called.call("Ping", 1, idl().PingReq())
        called.answer("Ping")
        assert silent.closed()
        called.call("Ping", 2, idl().PingReq())
        assert called.answer("Ping")[0] == 2
        assert called.closed()


def test_a_call_in_flight_is_no_idleness() -> None:
    limits = RpcLimits(idle_seconds=0.2, first_call_seconds=0.2, pool_idle_seconds=0.1)
    with serving(limits=limits) as peer, Wire(peer.address) as wire:
        wire.call("DoWork", 1, idl().WorkReq(tenant=1, nonce="", sleep_ms=900))
        assert wire.answer("DoWork")[1].tenant == 1


def test_a_dripped_frame_must_end_in_time() -> None:
    with serving(limits=RpcLimits(frame_seconds=0.3)) as peer, Wire(peer.address) as wire:
        wire.send(b"\x00\x00\x10\x00")
        with pytest.raises(OSError):  # noqa: PT012  # any of the sends may be the one that meets the closed connection
            for _ in range(10_000):
                wire.send(b"\x80")
                wire.socket.settimeout(0.02)
                try:
                    if not wire.socket.recv(1):
                        raise OSError
                except TimeoutError:
                    continue


def test_unfinished_frames_of_all_connections_together_are_bounded() -> None:
    with serving(limits=RpcLimits(max_buffered_bytes=1 << 20, max_frame_bytes=1 << 20)) as peer:
        wires = [Wire(peer.address) for _ in range(8)]
        for wire in wires:
            try:
                wire.send((900_000).to_bytes(4, "big") + b"\x00" * 400_000)
            except OSError:
                continue
        until(lambda: len(peer.server.connections) <= 2)
        assert peer.server.buffered <= 1 << 20
        assert ping(peer.address) == "yes"
        for wire in wires:
            wire.close()
        until(lambda: peer.server.buffered == 0)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\xff\xff\xff\xfb" + b"x" * 64,
        b"\x00\x00\x00\x00",
        b"\x7f\xff\xff\xff" + b"x" * 100,
        b"\x01\x00\x00\x01",
        b"\x00\x00\x00\x04abcd",
        b"\x00\x00\x00\x10\x80\x01\x00\x04\x00\x00\x00\x02no\x00\x00\x00\x01\x00\x00",  # one way: nobody would read the answer
        b"\x00\x00\x00\x10\x80\x01\x00\x02\x00\x00\x00\x02no\x00\x00\x00\x01\x00\x00",
        b"\x00\x00\x00\x10\x80\x01\x00\x01\x00\x00\x00\x02no\x00\x00\x00\x01\x00\x00",  # bytes behind the end, in an unknown method
    ],
)
def test_what_is_no_call_closes_its_connection_and_no_other(peer: SimpleNamespace, data: bytes) -> None:
    with Wire(peer.address) as other, Wire(peer.address) as wire:
        wire.send(data)
        assert wire.closed()
        other.call("Ping", 1, idl().PingReq(text="other"))
        assert other.answer("Ping")[1].text == "other"
    assert sum(peer.handlers.calls.values()) == 1


# -- life


def test_a_taken_port_is_refused() -> None:
    with serving() as peer:
        for host in ("127.0.0.1", "0.0.0.0"):
            with pytest.raises(PlatformError) as caught:
                RpcServer(idl().Sample, {}, host=host, port=peer.address.port).start()
            assert (caught.value.reason, caught.value.details["port"]) == (Reason.PORT_TAKEN, peer.address.port)


def test_a_port_whose_owner_shares_it_is_refused_too() -> None:
    with socket.socket() as stale:
        stale.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        stale.bind(("127.0.0.1", 0))
        stale.listen()
        with pytest.raises(PlatformError) as caught:
            RpcServer(idl().Sample, {}, port=stale.getsockname()[1]).start()
        assert caught.value.reason == Reason.PORT_TAKEN


def test_a_port_is_free_again_after_close() -> None:
    with serving() as peer:
        assert ping(peer.address) == "yes"
        port = peer.address.port
    with serving(port=port) as again:
        assert ping(again.address) == "yes"


@pytest.mark.parametrize(("methods", "inline"), [({"Nope": None}, []), ({}, ["Ping"])])
def test_a_handler_without_a_method_is_refused(methods: dict[str, Any], inline: list[str]) -> None:
    with pytest.raises(PlatformError) as caught:
        RpcServer(idl().Sample, methods, inline=inline)
    assert caught.value.reason == Reason.INVALID_SETTING


def test_it_runs_in_the_calling_thread_until_closed() -> None:
    server = RpcServer(idl().Sample, Handlers().table(), inline=["Ping"])
    runner = threading.Thread(target=server.run)
    runner.start()
    until(lambda: server.port and server._ready.is_set())
    assert ping(server.address) == "yes"
    server.close()
    runner.join(10)
    assert not runner.is_alive()
    assert server.wait(0)


def test_drain_lets_calls_finish_refuses_new_ones_and_closes() -> None:
    with serving(limits=RpcLimits(linger_seconds=0.5)) as peer, Wire(peer.address) as busy, Wire(peer.address) as idle:
        peer.handlers.gate.clear()
        busy.call("DoWork", 1, idl().WorkReq(tenant=1, nonce="in flight"))
        until(lambda: peer.handlers.calls.get("DoWork") == 1)
        drained: list[bool] = []
        drain = threading.Thread(target=lambda: drained.append(peer.server.drain(10)))
        drain.start()
        until(lambda: peer.server._draining)
        busy.call("DoWork", 2, idl().WorkReq(tenant=2, nonce="too late"))
        number, error = busy.answer("DoWork")
        assert (number, error.code, error.reason, error.retryable, error.details["started"]) == (2, 503, Reason.UNAVAILABLE, True, "no")
        peer.handlers.gate.set()
        assert busy.answer("DoWork")[1].nonce == "in flight"
        assert busy.closed()
        assert idle.closed()
        drain.join(10)
        assert drained == [True]
        assert peer.handlers.calls["DoWork"] == 1
        with pytest.raises(ConnectionRefusedError):
            Wire(peer.address)


def test_drain_gives_up_on_time() -> None:
    with serving() as peer, Wire(peer.address) as wire:
        peer.handlers.gate.clear()
        wire.call("DoWork", 1, idl().WorkReq(tenant=1, nonce=""))
        until(lambda: peer.handlers.calls.get("DoWork") == 1)
        assert peer.server.drain(0.2) is False
        assert wire.closed()


def test_sigterm_drains_the_process() -> None:
    process = Process(limits={"linger_seconds": 0.2})
    try:
        with Wire(process.address) as wire:
            wire.call("DoWork", 1, idl().WorkReq(tenant=1, nonce="kept", sleep_ms=600))
            wire.call("Ping", 2, idl().PingReq())
            assert wire.answer("Ping")[0] == 2  # so the call before it has arrived
            process.popen.terminate()
            assert wire.answer("DoWork")[1].nonce == "kept"
            assert wire.closed()
        assert process.popen.wait(10) == 0
    finally:
        process.stop()


def test_calls_that_wait_when_it_closes_are_not_run_afterwards() -> None:
    with serving(threads=1) as peer, Wire(peer.address) as wire:
        peer.handlers.gate.clear()
        for number in range(5):
            wire.call("DoWork", number, idl().WorkReq(tenant=number, nonce=""))
        until(lambda: peer.server._pooled == 5 and peer.handlers.calls.get("DoWork") == 1)
        peer.server.close()
        peer.handlers.gate.set()
        assert peer.server._workers.close(10)
        assert peer.handlers.calls["DoWork"] == 1
