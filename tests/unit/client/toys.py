"""Toy parts, and looking at real processes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from libs.ops.supervisor import Part

TOY = str(Path(__file__).parent / "toy.py")


def toy(name: str, port: int, *mode: str) -> Part:
    address = f"http://127.0.0.1:{port}"
    return Part(name, [sys.executable, "-S", TOY, str(port), *filter(None, mode)], address + "/readyz", address)


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        pass
    if Path("/proc/self/stat").exists():
        return False
    try:  # systems without /proc
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.01)
