"""How a figure is taken: a closed-loop load from a process of its own, rates and latencies from it, CPU time from the kernel's books."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """per_s: operations a second. p50_ms, p99_ms: latency of one operation. cpu_us: CPU time of the servers per operation, microseconds.
    failed: operations that did not answer as expected; a figure with failures is not one."""

    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    failed: int


def load(servers: Iterable[int], arguments: Sequence[str], authorization: str = "") -> Figure:
    """Runs ``python -m bench.load`` with ``arguments`` and books the CPU time of the process trees ``servers`` meanwhile.
    ``authorization``: sent with every request."""
    pids = list(servers)
    before = cpu_seconds(pids)
    environ = {**os.environ, "BENCH_AUTHORIZATION": authorization}
    done = subprocess.run([sys.executable, "-m", "bench.load", *arguments], env=environ, capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout)
    spent = cpu_seconds(pids) - before
    return Figure(seen["per_s"], seen["p50_ms"], seen["p99_ms"], spent / max(seen["count"], 1) * 1e6, seen["failed"])


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of the processes and all that live below them."""
    ticks = 0
    for pid in tree(pids):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def tree(pids: Iterable[int]) -> set[int]:
    """The processes and their descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, open_ = set(), list(pids)
    while open_:
        pid = open_.pop()
        if pid not in found:
            found.add(pid)
            open_ += children.get(pid, [])
    return found


def ratios(rounds: Sequence[Mapping[str, Figure]], ours: str, peer: str) -> dict[str, tuple[float, float, float]]:
    """figure name -> (median, least, largest) of ours / peer over the rounds."""
    found = {}
    for name in ("per_s", "p50_ms", "p99_ms", "cpu_us"):
        each = [getattr(turn[ours], name) / max(getattr(turn[peer], name), 1e-9) for turn in rounds]
        found[name] = (statistics.median(each), min(each), max(each))
    return found


def show(title: str, rounds: Sequence[Mapping[str, Figure]], ours: str, peers: Sequence[str]) -> None:
    """Prints medians of every contender and the ratios against each peer."""
    print(f"\n{title} ({len(rounds)} rounds, alternating)")
    for name in rounds[0]:
        medians = [statistics.median(getattr(turn[name], field) for turn in rounds) for field in ("per_s", "p50_ms", "p99_ms", "cpu_us")]
        failed = sum(turn[name].failed for turn in rounds)
        note = f"  FAILED {failed}" if failed else ""
        print(f"  {name:28} {medians[0]:10.0f}/s   p50 {medians[1]:8.2f} ms   p99 {medians[2]:8.2f} ms   cpu {medians[3]:8.0f} us{note}")
    for peer in peers:
        parts = [f"{name} {middle:.3g} ({low:.3g}-{high:.3g})" for name, (middle, low, high) in ratios(rounds, ours, peer).items()]
        print(f"  {ours} / {peer}: " + ", ".join(parts))
