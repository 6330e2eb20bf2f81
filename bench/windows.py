"""Open model pages in a process of their own: ``python -m bench.windows poll|feed HOST PORT COUNT SECONDS MODEL…``.

``poll``: each page asks as it did before there was a change feed: the status every 3 s, the events every 6 s. ``feed``: each page has
one stream, and asks both when a change is about its model. Page n looks at model n modulo the number of models.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections import Counter

import uvloop

STATUS_SECONDS, EVENTS_SECONDS = 3.0, 6.0
seen: Counter[str] = Counter()


class Page:
    """One window. model: the id of what it shows."""

    def __init__(self, host: str, port: int, model: str) -> None:
        self._at, self._model = (host, port), model
        self._paths = [f"/api/v1/models/{model}/status", f"/api/v1/models/events?entity=model_project&entity_id={model}&limit=500"]
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str) -> None:
        self._connection = self._connection or await asyncio.open_connection(*self._at)
        reader, writer = self._connection
        writer.write(_request(path))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(size)
        seen["asked" if head.startswith(b"http/1.1 200") else "failed"] += 1

    async def poll(self, end: float) -> None:
        await asyncio.sleep(random.uniform(0, STATUS_SECONDS))
        turn = 0
        while time.monotonic() < end:
            await self.ask(self._paths[0])
            if turn % (EVENTS_SECONDS // STATUS_SECONDS) == 0:
                await self.ask(self._paths[1])
            turn += 1
            await asyncio.sleep(STATUS_SECONDS)

    async def feed(self, end: float) -> None:
        reader, writer = await asyncio.open_connection(*self._at)
        writer.write(_request("/api/v1/changes"))
        await reader.readuntil(b"\r\n\r\n")
        seen["open"] += 1
        try:
            async with asyncio.timeout(max(end - time.monotonic(), 0)):
                while line := await reader.readline():
                    if line.startswith(b"data: ["):
                        await self._heard(json.loads(line[6:]))
        except TimeoutError:
            pass
        writer.close()

    async def _heard(self, changes: list[dict[str, str]]) -> None:
        seen["heard"] += len(changes)
        if any(self._model in (change["id"], change["parent_id"]) for change in changes):
            for path in self._paths:
                await self.ask(path)


def _request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: {os.environ['BENCH_AUTHORIZATION']}\r\n\r\n".encode()


async def main(kind: str, host: str, port: int, count: int, seconds: float, models: list[str]) -> None:
    pages = [Page(host, port, models[n % len(models)]) for n in range(count)]
    end = time.monotonic() + seconds
    await asyncio.gather(*(page.poll(end) if kind == "poll" else page.feed(end) for page in pages))
    print(json.dumps(seen))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), sys.argv[6:]))
