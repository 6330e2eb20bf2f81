"""A closed-loop load generator in a process of its own: ``python -m bench.load http HOST PORT CONNECTIONS SECONDS PATH…``, or with
``post`` for ``http`` and ``PATH BODY`` behind it.

Each connection asks the paths one after another, again and again, keep-alive; all of them together are one operation. It does as little as
possible per answer, because it shares the machine with what it measures.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

import uvloop


class Asker(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: list[bytes], end: float, done: asyncio.Future[None]) -> None:
        self._requests, self._end, self._done = requests, end, done
        self._next = 0
        self._buffer = b""
        self.times: list[float] = []
        self.failed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        if self._next == 0:
            self._started = time.perf_counter()
        self._transport.write(self._requests[self._next])  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer[:head].lower().find(b"content-length:")
        if at < 0:
            if not self._buffer.endswith(b"\r\n0\r\n\r\n"):
                return
        elif len(self._buffer) < head + 4 + int(self._buffer[at + 15 : self._buffer.index(b"\r\n", at)]):
            return
        if not self._buffer.startswith(b"HTTP/1.1 200"):
            self.failed += 1
        self._buffer = b""
        self._next = (self._next + 1) % len(self._requests)
        if self._next == 0:
            now = time.perf_counter()
            self.times.append(now - self._started)
            if now >= self._end:
                self._transport.close()
                return
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None or self._next:
            self.failed += 1
        if not self._done.done():
            self._done.set_result(None)


async def run(kind: str, host: str, port: int, connections: int, seconds: float, paths: list[str]) -> None:
    # Through the environment: a command line can be read by everybody on the machine.
    header = f"Authorization: {os.environ['BENCH_AUTHORIZATION']}\r\n" if os.environ.get("BENCH_AUTHORIZATION") else ""
    if kind == "post":
        path, body = paths
        header += f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n"
        requests = [f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{header}\r\n{body}".encode()]
    else:
        requests = [f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: */*\r\n{header}\r\n".encode() for path in paths]
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    askers, waits = [], []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        _, asker = await loop.create_connection(lambda d=done: Asker(requests, started + seconds, d), host, port)  # type: ignore[misc]
        askers.append(asker)
        waits.append(done)
    await asyncio.gather(*waits)
    spent = time.perf_counter() - started
    times = sorted(t for asker in askers for t in asker.times)
    print(
        json.dumps(
            {
                "count": len(times),
                "per_s": len(times) / spent,
                "p50_ms": times[len(times) // 2] * 1000,
                "p99_ms": times[min(len(times) - 1, int(len(times) * 0.99))] * 1000,
                "failed": sum(asker.failed for asker in askers),
            }
        )
    )


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), sys.argv[6:]))
