"""Invariant I12: no bytes of a stranger crash, freeze or swell a service.

A server process of its own is attacked; throughout, its process id stays, a parallel well-formed ping is answered before the process has
worked for a second, and its memory stays bounded. The attacks are those measured on other servers: lists of elements without bytes,
bombs of depth and of count, lengths that lie, drips, bytes of other protocols, and seeded mutation of real frames.
"""

from __future__ import annotations

import os
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from libs.common.rpc import codec
from libs.common.rpc.contract import methods_of
from libs.common.rpc.limits import RpcLimits
from tests.support.evidence import record
from tests.support.until import worked
from tests.unit.rpc import peer
from tests.unit.rpc.peer import Process, Wire, idl, until

MIB = 1 << 20
MUTATION_SECONDS = float(os.environ.get("MODELYARD_FUZZ_SECONDS", "8"))
"""How long frames are mutated; the nightly run asks for 600."""

METHODS = methods_of(idl().Sample, 32)
HEAD = struct.pack(">IIII", 0x80010001, 4, int.from_bytes(b"Echo", "big"), 1)


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def message(fields: bytes) -> bytes:
    """A whole Echo call whose request holds ``fields``."""
    return framed(HEAD + b"\x0c\x00\x01" + fields + b"\x00\x00")


def field(kind: int, number: int, value: bytes) -> bytes:
    return struct.pack(">bh", kind, number) + value


class Pinger:
    """Pings over one connection without pause; an answer that takes ten seconds is a failure.

    ``worst`` is the longest answer in seconds, ``held`` the most the process worked during one: that does not depend on what else the
    machine does. ``failed`` says what went wrong.
    """

    def __init__(self, process: Process) -> None:
        self.worst, self.held, self.count, self.failed = 0.0, 0.0, 0, ""
        self._pid = process.pid
        self._wire = Wire(process.address)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(0.002):
            try:
                began, before = time.monotonic(), worked(self._pid)
                self._wire.call("Ping", self.count, idl().PingReq(text="alive?"))
                number, answer = self._wire.answer("Ping")
                assert (number, answer.text) == (self.count, "alive?")
            except Exception as error:
                self.failed = repr(error)
                return
            self.worst = max(self.worst, time.monotonic() - began)
            self.held = max(self.held, worked(self._pid) - before)
            self.count += 1

    def end(self) -> None:
        self._ended.set()
        self._thread.join(15)
        self._wire.close()


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    found = Process(threads=4, limits={"frame_seconds": 1.0, "unread_seconds": 1.0, "max_connections": 300})
    yield found
    found.stop()


@pytest.fixture
def attacked(process: Process) -> Iterator[Process]:
    """The process, watched: alive, answering pings throughout, and at most 64 MiB larger than before at its peak."""
    with Wire(process.address) as wire:  # what the first large message leaves in the allocator is no growth
        wire.call("Echo", 1, idl().EchoReq(value=idl().Everything(raw=b"x" * (8 * MIB))))
        wire.answer("Echo")
    before, pid = process.resident_bytes(), process.pid
    largest = [before]
    pinger = Pinger(process)
    watching = threading.Event()

    def watch() -> None:
        while not watching.wait(0.01):
            with suppress(OSError):
                largest[0] = max(largest[0], process.resident_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield process
    enough = pinger.count + 3
    until(lambda: pinger.count > enough or pinger.failed)
    pinger.end()
    watching.set()
    watcher.join(5)
    grown = (largest[0] - before) / MIB
    lived = process.alive() and process.pid == pid and not pinger.failed
    figures = {"worst_ping_ms": round(pinger.worst * 1000), "held_ms": round(pinger.held * 1000), "grown_mib": round(grown)}
    record("I12", "hostile frames, half frames, drips, storms", tries=1, violations=int(not lived), **figures)
    assert process.alive()
    assert process.pid == pid
    assert pinger.failed == ""
    assert pinger.held < 1.0
    assert grown < 64, f"grew by {grown:.0f} MiB"


def refuses(process: Process, data: bytes) -> None:
    """The server closes the connection that sent ``data``."""
    with Wire(process.address) as wire:
        with suppress(OSError):
            wire.send(data)
        assert wire.closed(8.0)


ATTACKS = {
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "tls": bytes.fromhex("1603010200010001fc0303") + b"\x00" * 500,
    "negative frame": b"\xff\xff\xff\xfb" + b"x" * 64,
    "empty frames": b"\x00\x00\x00\x00" * 50,
    "frame of 2 GiB": b"\x7f\xff\xff\xff" + b"x" * 100,
    "frame of 1 GiB": b"\x40\x00\x00\x00" + b"x" * 65536,
    "frame above the cap": (16 * MIB + 1).to_bytes(4, "big") + b"x" * 100,
    "name of 2 GiB": framed(b"\x80\x01\x00\x01\x7f\xff\xff\xffabc"),
    "negative name": framed(b"\x80\x01\x00\x01\xff\xff\xff\xf9abc"),
    "string of 1 GiB": message(field(11, 9, b"\x40\x00\x00\x00xyz")),
    "string of 2 GiB in a known field": message(field(12, 1, field(11, 7, b"\x7f\xff\xff\xff") + b"\x00")),
    "negative string": message(field(12, 1, field(11, 7, b"\xff\xff\xff\xff") + b"\x00")),
    "list of 2^31-1 void": message(field(15, 9, b"\x01\x7f\xff\xff\xff")),
    "list of 2^31-1 void in a known field": message(field(12, 1, field(15, 11, b"\x01\x7f\xff\xff\xff") + b"\x00")),
    "map of 2^31-1 void": message(field(13, 9, b"\x01\x01\x7f\xff\xff\xff")),
    "many lists of void": message(field(15, 9, b"\x01\x7f\xff\xff\xff") * 1000),
    "list of 2^31-1 bool": message(field(15, 9, b"\x02\x7f\xff\xff\xff")),
    "list of 2^31-1 of the right type": message(field(12, 1, field(15, 11, b"\x0a\x7f\xff\xff\xff") + b"\x00")),
    "negative count": message(field(12, 1, field(15, 11, b"\x0a\x80\x00\x00\x00") + b"\x00")),
    "a million empty structs": message(field(15, 9, b"\x0c\x00\x0f\x42\x40" + b"\x00" * 1_000_000)),
    "a million empty points": message(field(12, 1, field(15, 13, b"\x0c\x00\x0f\x42\x40" + b"\x00" * 1_000_000) + b"\x00")),
    "a million empty lists": message(field(15, 9, b"\x0f\x00\x0f\x42\x40" + b"\x08\x00\x00\x00\x00" * 1_000_000)),
    "two million fields": message(b"\x02\x00\x63\x01" * 2_000_000),
    "structs 130 000 deep": message(b"\x0c\x00\x09" * 131_718),
    "structs 5 million deep": message(b"\x0c\x00\x09" * 5_000_000),
    "lists 300 000 deep": message(b"\x0f\x00\x09" + b"\x0f\x00\x00\x00\x01" * 300_000),
    "maps 100 000 deep": message(b"\x0d\x00\x09" + b"\x08\x0d\x00\x00\x00\x01\x00\x00\x00\x01" * 100_000),
    "types that do not exist": message(field(77, 9, b"\x00" * 32)),
    "types of later protocols": message(field(16, 9, b"\x00" * 16)),
    "bytes behind the end": framed(HEAD + b"\x00" + b"\x00" * 100),
    "an answer instead of a call": framed(b"\x80\x01\x00\x02" + HEAD[4:] + b"\x00"),
    "one way": framed(b"\x80\x01\x00\x04" + HEAD[4:] + b"\x00"),
    "without version": framed(b"\x00\x00\x00\x04Echo\x01\x00\x00\x00\x01\x00"),
    "compact protocol": framed(b"\x82\x21\x01\x04Echo\x1c\x00\x00"),
    "json protocol": framed(b'[1,"Echo",1,1,{}]'),
}


@pytest.mark.parametrize("attack", list(ATTACKS))
def test_an_attack_costs_its_sender_the_connection_and_nobody_anything(attacked: Process, attack: str) -> None:
    for _ in range(3):
        refuses(attacked, ATTACKS[attack])


def test_all_attacks_at_once_from_many_connections(attacked: Process) -> None:
    def attack(data: bytes) -> None:
        refuses(attacked, data)

    threads = [threading.Thread(target=attack, args=(data,)) for data in ATTACKS.values() for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_random_bytes(attacked: Process) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    for _ in range(200):
        with Wire(attacked.address) as wire, suppress(OSError):
            wire.send(rng.randbytes(rng.randrange(1, 2000)))


def test_a_truncation_at_every_offset_closes_only_its_connection(attacked: Process) -> None:
    frame = codec.encode_call(METHODS["Echo"], 7, idl().EchoReq(value=sample(), base=idl().Base(log_id="l", extra={"a": "b"})), RpcLimits())
    for end in range(len(frame) - 4):  # the length is honest, the message is not
        with Wire(attacked.address) as wire:
            wire.send(framed(frame[4 : 4 + end]))
            assert wire.closed(8.0), end
    with Wire(attacked.address) as wire:
        wire.send(frame)
        assert wire.answer("Echo")[1].value == sample()


def test_half_frames_are_not_kept_for_ever(attacked: Process) -> None:
    frame = codec.encode_call(METHODS["Ping"], 7, idl().PingReq(text="x" * 100), RpcLimits())
    wires = [Wire(attacked.address) for _ in range(50)]
    for n, wire in enumerate(wires):
        wire.send(frame[: 1 + n * 2])
    for wire in wires:
        assert wire.closed(8.0)
        wire.close()


def test_a_dripping_peer_is_cut_off(attacked: Process) -> None:
    wires = [Wire(attacked.address) for _ in range(20)]
    for wire in wires:
        wire.send((1 * MIB).to_bytes(4, "big"))
        wire.socket.setblocking(False)
    open_wires = set(wires)
    end = time.monotonic() + 15
    while open_wires:
        assert time.monotonic() < end, "a dripping peer was kept"
        for wire in list(open_wires):
            try:
                wire.socket.send(b"\x80")
                if wire.socket.recv(1) == b"":
                    open_wires.discard(wire)
            except BlockingIOError:
                continue
            except OSError:
                open_wires.discard(wire)
        time.sleep(0.02)  # the attack's own pace
    for wire in wires:
        wire.close()


def test_a_storm_of_connections(attacked: Process) -> None:
    for _ in range(4):
        storm = []
        for _ in range(500):
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex(attacked.address)
            storm.append(connection)
        for connection in storm:
            connection.close()


def test_a_peer_that_reads_no_answers(attacked: Process) -> None:
    wires = [Wire(attacked.address) for _ in range(4)]
    frame = codec.encode_call(METHODS["Ping"], 7, idl().PingReq(text="x" * 200_000), RpcLimits())
    for wire in wires:
        wire.socket.settimeout(0.2)
        with suppress(OSError):
            for _ in range(200):
                wire.send(frame)
    for wire in wires:
        wire.close()


def sample() -> Any:
    point = idl().Point(x=1.5, y=-2.0, label="点")
    return idl().Everything(
        yes=True, tiny=1, small=2, middle=3, large=4, real=5.5, text="文字", raw=b"\x00\xff", color=1, point=point, numbers=[1, 2],
        texts=["a", "乙"], points=[point], bag=[1], names={"k": "v"}, weights={1: 2.0}, places={"p": point}, groups={"g": [1]},
        grid=[[point], []], blobs=[b"\xff"], colors=[1, 2], deep=[{"d": [1, 2]}], words=["w"], flags=[True],
    )  # fmt: skip


def mutate(rng: random.Random, frame: bytes) -> bytes:
    data = bytearray(frame[4:])
    for _ in range(rng.randint(1, 6)):
        kind, at = rng.randrange(5), rng.randrange(len(data))
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            data[at] = rng.choice((0, 1, 2, 3, 8, 10, 11, 12, 13, 14, 15, 16, 127, 128, 255))
        elif kind == 2:
            data[at : at + 4] = rng.choice((b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x00\x03\x0d\x40", b"\x00\x00\x00\x00"))
        elif kind == 3:
            del data[at : at + rng.randrange(1, 8)]
        else:
            data[at:at] = data[rng.randrange(len(data)) :][: rng.randrange(1, 40)]
        if not data:
            data = bytearray(b"\x00")
    return framed(bytes(data))


def test_mutated_frames(attacked: Process) -> None:
    seed = int(os.environ.get("MODELYARD_FUZZ_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}")
    rng = random.Random(seed)
    limits = RpcLimits()
    base = idl().Base(log_id="log", caller="fuzz", extra={"k": "v"}, budget_ms=1000)
    origins = [
        codec.encode_call(METHODS["Echo"], 1, idl().EchoReq(value=sample(), base=base), limits),
        codec.encode_call(METHODS["Ping"], 2, idl().PingReq(text="text", base=base), limits),
        codec.encode_call(METHODS["DoWork"], 3, idl().WorkReq(tenant=1, nonce="n", sleep_ms=0, base=base), limits),
        codec.encode_call(METHODS["Get"], 4, idl().GetReq(id=1, base=base), limits),
        codec.encode_reply(METHODS["Get"], 5, idl().GetResp(record=peer.record()), limits),
    ]
    sent, closed, end = 0, 0, time.monotonic() + MUTATION_SECONDS
    wire = Wire(attacked.address)
    wire.socket.settimeout(0.05)
    while time.monotonic() < end:
        try:
            wire.send(b"".join(mutate(rng, rng.choice(origins)) for _ in range(8)))
            sent += 8
            with suppress(TimeoutError):
                if wire.socket.recv(1 << 20) == b"":
                    raise ConnectionError
        except OSError:
            closed += 1
            wire.close()
            wire = Wire(attacked.address)
            wire.socket.settimeout(0.05)
    wire.close()
    print(f"{sent} frames sent, {closed} connections closed")
    record("I12", "mutated frames", tries=sent, violations=int(not attacked.alive()))
    assert sent > 1000
