"""The task queue: eight workers claim and end tasks until none is left, on SQLite and on MariaDB. Does the rate stay flat?"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from libs.common.clock import SystemClock
from libs.common.errors import PlatformError
from tests.support import mariadb
from tests.support.toy import create, open_toys

TASKS = int(os.environ.get("TASKS", "20000"))
WORKERS = 8


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
    for _ in range(TASKS):
        create(toys[0])
    ended: list[tuple[float, int]] = []

    def work(number: int) -> None:
        while True:
            task = _patiently(lambda: toys[number].claim(f"w{number}"))
            if task is None:
                return
            _patiently(lambda held=task: toys[number].succeed(held, {}))
            ended.append((time.monotonic(), task.id))

    started = time.monotonic()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    moments = [started, *sorted(moment for moment, _ in ended)]
    fifth = len(ended) // 5
    first, last = moments[fifth] - moments[0], moments[-1] - moments[-1 - fifth]
    assert len({id for _, id in ended}) == len(ended) == TASKS, "a task was claimed twice, or never"
    rate, flat = len(ended) / (moments[-1] - started), first / last
    print(f"claims, {name}: {len(ended)} tasks by {WORKERS} workers, {rate:.0f}/s; rate of the last fifth / the first {flat:.2f}")
    for one in toys:
        one.db.close()
