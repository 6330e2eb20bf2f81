"""Waiting in tests: poll with a deadline, never a bare sleep."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float = 20.0, what: str = "") -> T:
    """The first true value of ``condition``. Raises AssertionError when it stays false for ``seconds``."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, what or "it never became true"
        time.sleep(0.01)
    return value


def alive(pid: int) -> bool:
    """Whether the process runs: neither gone nor a zombie."""
    return state_of(pid) not in ("", "Z")


def state_of(pid: int) -> str:
    """The kernel's letter for a process (R, S, T for stopped, Z, …), "" for one that is gone."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # the second when it goes between the two
        return ""


def worked(pid: int) -> float:
    """Seconds of processor time that the process has had: how long it held others up, whatever else the machine does."""
    with open(f"/proc/{pid}/stat") as stat:
        user, system = stat.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
