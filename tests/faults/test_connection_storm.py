"""Invariant I12 on every port of a running platform: thousands of connections that say half a thing or nothing, and nobody notices.

Each port gets ``CONNECTS`` of them in bursts: silent ones, half requests of its protocol, and bytes of another one. Meanwhile and after it
every process is the same one, is ready, and the composed status is whole. Those who connect too much may be refused; others may not.
"""

from __future__ import annotations

import os
import resource
import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from libs.ops import supervisor
from tests.faults.sweep import whole
from tests.support.evidence import Evidence
from tests.support.platform import Platform
from tests.support.until import until

CONNECTS = 10_000 if whole() else 600
BURST = 300
WORDS = (b"", b"\x00\x00\x01\x00\x80\x01\x00\x01", b"GET /readyz HTTP/1.1\r\nHost:", b"\xff" * 40)
"""Said by one connection after the other: nothing, half a frame, half a request, nonsense."""


def ports(platform: Platform) -> dict[str, int]:
    """Every port that listens, by what answers there."""
    found = {}
    for part in supervisor.parts_of(platform.settings):
        for url in (part.address, part.probe):
            where = urlsplit(url)
            assert where.port is not None
            found[f"{part.name} {where.scheme}"] = where.port
    return found


def storm(host: str, port: int, count: int) -> None:
    """``count`` connections, ``BURST`` at a time; all of a burst are open together."""
    for start in range(0, count, BURST):
        burst = []
        for number in range(start, min(start + BURST, count)):
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex((host, port))
            burst.append((connection, WORDS[number % len(WORDS)]))
        for connection, words in burst:
            with suppress(OSError):
                connection.send(words)
        for connection, _ in burst:
            connection.close()


@pytest.mark.timeout(900)
def test_connections_without_end_on_every_port(platform: Platform, evidence: Evidence) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < BURST + 200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, BURST + 200), hard))
    parts = {part.name: part for part in supervisor.parts_of(platform.settings)}
    before = {name: platform.part(name)["pid"] for name in parts}
    with platform.client() as client:
        model_id = str(client.models.create(f"storm-{os.getpid()}")["id"])
        until(lambda: client.models.status(model_id)["missing"] == [])
        for what, port in ports(platform).items():
            storm(platform.settings.host, port, CONNECTS)
            began = time.monotonic()
            until(lambda: client.models.status(model_id)["missing"] == [], 30, f"the status is not whole after {what}")
            seconds = round(time.monotonic() - began, 2)
            dead = [name for name, pid in before.items() if platform.part(name)["pid"] != pid]
            evidence("I12", "connections without end on every port", tries=CONNECTS, violations=len(dead), worst_recovery_s=seconds)
            assert dead == []
    for part in parts.values():
        until(part.ready, 30, f"{part.name} is not ready")
