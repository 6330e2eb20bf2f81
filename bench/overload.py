"""Goodput of the gateway when ten times as many ask as it holds: what it still answers, and how the rest is refused.

Each asker is a connection that asks again as soon as it is answered; one that is refused waits as long as the answer says (Retry-After), as
clients do. First the held rate at ``HELD`` askers, then ``TIMES`` as many, then the held rate again.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import uvloop

HELD, TIMES, SECONDS, ROUNDS = 32, 10, 4.0, 3


class Asker(asyncio.Protocol):
    """Counts answers by status and keeps the times of both kinds."""

    def __init__(self, request: bytes, end: float, seen: Counter[str], times: dict[str, list[float]]) -> None:
        self._request, self._end, self._seen, self._times = request, end, seen, times
        self._buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        if self._transport.is_closing():
            return
        self._started = time.perf_counter()
        self._transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer.lower().find(b"content-length:", 0, head)
        size = int(self._buffer[at + 15 : self._buffer.index(b"\r\n", at)])
        if len(self._buffer) < head + 4 + size:
            return
        code, body = self._buffer[9:12].decode(), self._buffer[head + 4 :]
        whole = code == "200" and json.loads(body)["missing"] == []
        typed = code == "429" and b"retry-after: 1" in self._buffer[:head].lower() and json.loads(body)["error"]["reason"] == "BUSY"
        kind = "good" if whole else "refused" if typed else f"other {code}"
        now = time.perf_counter()
        self._seen[kind] += 1
        self._times.setdefault(kind, []).append(now - self._started)
        self._buffer = b""
        if now >= self._end:
            self._transport.close()
        elif typed:
            asyncio.get_running_loop().call_later(1.0, self._ask)
        else:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._seen["cut"] += 1
        if not self.done.done():
            self.done.set_result(None)


async def run(host: str, port: int, path: str, askers: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    # Through the environment: a command line can be read by everybody on the machine.
    signed = f"Authorization: {os.environ['BENCH_AUTHORIZATION']}\r\n"
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: */*\r\n{signed}\r\n".encode()
    seen: Counter[str] = Counter()
    times: dict[str, list[float]] = {}
    started = time.perf_counter()
    made = []
    for _ in range(askers):
        _, asker = await loop.create_connection(lambda: Asker(request, started + seconds, seen, times), host, port)
        made.append(asker)
    await asyncio.sleep(max(0.0, started + seconds - time.perf_counter()))
    for asker in made:
        asker._transport.close()
    await asyncio.gather(*[asker.done for asker in made])
    spent = time.perf_counter() - started

    def p99(kind: str) -> float:
        found = sorted(times.get(kind, [0.0]))
        return found[min(len(found) - 1, int(len(found) * 0.99))] * 1000

    figures = {"good_per_s": seen["good"] / spent, "refused_per_s": seen["refused"] / spent}
    shown = {**figures, "good_p99_ms": p99("good"), "refused_p99_ms": p99("refused")}
    print(json.dumps({**shown, "other": sum(count for kind, count in seen.items() if kind not in ("good", "refused"))}))


def measure(host: str, port: int, path: str, askers: int, authorization: str) -> dict[str, float]:
    words = [sys.executable, "-m", "bench.overload", host, str(port), path, str(askers), str(SECONDS)]
    environ = {**os.environ, "BENCH_AUTHORIZATION": authorization}
    found: dict[str, float] = json.loads(subprocess.run(words, env=environ, capture_output=True, text=True, check=True).stdout)
    return found


def main(_environments: Path) -> None:
    """Held, ten times as many, held again; the ratio of goodput, by rounds on one running platform."""
    from tests.support.platform import running

    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home", call_seconds="10") as platform:
        with platform.client() as client:
            path = f"/api/v1/models/{client.models.create('overload')['id']}/status"
        where = platform.settings.host, platform.settings.gateway_port, path
        signed = platform.headers()["authorization"]
        measure(*where, HELD, signed)
        rounds = [(measure(*where, HELD, signed), measure(*where, HELD * TIMES, signed)) for _ in range(ROUNDS)]
        after = measure(*where, HELD, signed)
    ratios = [over["good_per_s"] / held["good_per_s"] for held, over in rounds]
    print(f"\noverload: {HELD * TIMES} askers instead of {HELD}, {ROUNDS} rounds of {SECONDS:.0f} s")
    for held, over in rounds:
        print(f"  held {held['good_per_s']:6.0f}/s p99 {held['good_p99_ms']:6.1f} ms   over {_shown(over)}")
    print(f"  after {_shown(after)}")
    print(f"  goodput over / held: {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})")


def _shown(found: dict[str, float]) -> str:
    return (
        f"{found['good_per_s']:6.0f}/s p99 {found['good_p99_ms']:6.1f} ms, refused {found['refused_per_s']:6.0f}/s"
        f" p99 {found['refused_p99_ms']:6.1f} ms, other {found['other']:.0f}"
    )


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5])))
