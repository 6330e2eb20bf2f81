"""The task queue: eight workers claim, report and end tasks until none is left, on SQLite and on MariaDB, HELD of them under way at once.

Does the rate stay flat, and the memory? Does each task run once, and in its turn: how many that came later were taken before one?
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from libs.common.clock import SystemClock
from libs.common.errors import PlatformError
from tests.support import mariadb
from tests.support.toy import create, open_toys

TASKS = int(os.environ.get("TASKS", "20000"))
WORKERS, HELD = 8, 200
MIB = 1 << 20


def main(_environments: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", Path(folder), "")
    if not mariadb.can_start():
        print("claims on MariaDB: not measured, mariadbd is missing")
        return
    with tempfile.TemporaryDirectory() as folder, mariadb.running(Path(folder)) as server:
        _measure("MariaDB", Path(folder), server.fresh().replace("{service}", "claims"))


def _patiently(call: Callable[[], Any]) -> Any:
    """A busy store is asked again, like a worker does."""
    while True:
        try:
            return call()
        except PlatformError as error:
            if not error.retryable:
                raise


def _measure(name: str, folder: Path, address: str) -> None:
    toys = [open_toys(folder, SystemClock(), worker, 3600.0, address=address) for worker in range(WORKERS)]
    created = [create(toys[0]).id for _ in range(TASKS)]
    turn = {id: number for number, id in enumerate(sorted(created))}
    claimed: list[int] = []
    ended: list[tuple[float, int]] = []
    memory = [_resident()]

    def work(number: int) -> None:
        held: deque[Any] = deque()
        while True:
            task = _patiently(lambda: toys[number].claim(f"w{number}"))
            if task is not None:
                claimed.append(turn[task.id])
                held.append(task)
                if len(held) < HELD // WORKERS:
                    continue
            if not held:
                return
            oldest = held.popleft()
            _patiently(lambda: toys[number].heartbeat(oldest, 1, 1, ""))  # noqa: B023  # called at once
            _patiently(lambda: toys[number].succeed(oldest, {}))  # noqa: B023
            ended.append((time.monotonic(), oldest.id))
            if len(ended) == TASKS // 5:
                memory.append(_resident())

    started = time.monotonic()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    memory.append(_resident())
    moments = [started, *sorted(moment for moment, _ in ended)]
    fifth = len(ended) // 5
    first, last = moments[fifth] - moments[0], moments[-1] - moments[-1 - fifth]
    assert len({id for _, id in ended}) == len(ended) == TASKS, "a task was claimed twice, or never"
    rate, flat = len(ended) / (moments[-1] - started), first / last
    jumped = max(number - place for place, number in enumerate(claimed))
    print(
        f"claims, {name}: {len(ended)} tasks by {WORKERS} workers, {HELD} under way, {rate:.0f}/s; last fifth / first: rate {flat:.2f}, "
        f"memory {memory[-1] / memory[1]:.2f} ({memory[-1] / MIB:.0f} MiB); taken before its turn by {jumped} at most"
    )
    for one in toys:
        one.db.close()


def _resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
