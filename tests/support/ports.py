"""Free port ranges for a platform under test."""

from __future__ import annotations

import os
import random
import socket
from collections import deque

_recent: deque[int] = deque(maxlen=20)
"""Bases given out last: their ports are taken in a moment, or freed a moment ago."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_base(width: int = 20) -> int:
    """A base such that base + 1 … base + width are free now, below the range the kernel hands out by itself."""
    for _ in range(200):
        base = random.randrange(11_000 + 50 * _worker(), 31_000, 50 * _workers())
        if base not in _recent and all(_free(base + offset) for offset in range(1, width + 1)):
            _recent.append(base)
            return base
    raise RuntimeError("no free range of ports")


def _worker() -> int:
    """Which of the processes that share the tests this is: each has ranges of its own."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def _workers() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
