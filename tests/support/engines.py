"""Engines for tests of child and worker: ``run(job, work, report) -> result`` in every good and bad manner."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from libs.common.errors import Reason, invalid, unavailable


def finish(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    report.progress(1, 2, "半")
    report.metric(1, {"loss": 0.5, "nothing": float("nan")})
    report.metric(2, {"loss": 0.25})
    (work / "out").mkdir(exist_ok=True)
    (work / "out" / "result.txt").write_text("done")
    report.progress(2, 2, "end")
    return {"answer": 42, "job": job}


def refuse(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    raise invalid("config.top_k", Reason.TOO_LARGE, "at most 5", value=9)


def peer_away(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    raise unavailable("peer")


def trip(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    raise ValueError("词")


def swell(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    raise MemoryError


def leave(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    os._exit(int(job.get("code", 0)))


def leave_politely(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    sys.exit(0)


def answer_nothing(job: dict[str, Any], work: Path, report: Any) -> Any:
    return None


def answer_no_json(job: dict[str, Any], work: Path, report: Any) -> Any:
    return {"path": work}


def answer_no_number(job: dict[str, Any], work: Path, report: Any) -> Any:
    return {"loss": float("nan")}


def be_killed(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def shout(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    """Talks on stdout and stderr as if it were the pipe, in text and in bytes."""
    print(json.dumps({"done": {"forged": True}}))
    print(json.dumps({"error": {"code": 1, "reason": "X", "retryable": False}}), file=sys.stderr)
    os.write(1, b"\xff\x00\xfe" * 10_000)
    os.write(2, b"x" * 200_000)
    return finish(job, work, report)


def leak(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    """Prints what it was given, and a bar of progress."""
    print(json.dumps(job))
    print("10%\r50%\r100%", file=sys.stderr)
    return finish(job, work, report)


def garble(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    """Writes nonsense into the pipe itself."""
    for line in (
        b"\xff\xfe\n",
        b"[]\n",
        b"{\n",
        b"7\n",
        b"null\n",
        b'{"progress": 5}\n',
        b'{"progress": [1, 2]}\n',
        b'{"progress": [-1, 2, "x"]}\n',
        b'{"progress": [1, 99999999999999999999, "x"]}\n',
        b'{"progress": ["1", 2, "x"]}\n',
        b'{"metric": [1, []]}\n',
        b'{"metric": [1, {"a": "b"}]}\n',
        b'{"metric": [1, {"a": NaN}]}\n',
        b'{"done": 5}\n',
        b'{"error": {}}\n',
        b'{"else": 1}\n',
        b"[" * 100_000 + b"\n",
    ):
        os.write(report._out.fileno(), line)
    os.write(report._out.fileno(), b"z" * 300_000 + b"\n")
    return finish(job, work, report)


def stay(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    """Runs until it is killed, with a grandchild beside it; ``pids`` names both."""
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    note(work / "pids", os.getpid(), grandchild.pid)
    report.progress(1, 3, "staying")
    while True:
        time.sleep(0.05)


def leave_a_child(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    """Ends while a forked child, which holds the pipe too, runs on: in our group, or escaped from it."""
    finish(job, work, report)
    child = os.fork()
    if child == 0:
        if job["escaped"]:
            os.setsid()
        time.sleep(600)
        os._exit(0)
    note(work / "pids", os.getpid(), child)
    if job["killed"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"answer": 42}


def count(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    """Counts to ``steps``, one durable step at a time, and goes on where it was: its output shows every step once."""
    (work / "out").mkdir(exist_ok=True)
    note(work / "pids", os.getpid())
    ledger = work / "ledger"
    done = ledger.read_text().split() if ledger.exists() else []
    for step in range(len(done) + 1, job["steps"] + 1):
        with ledger.open("a") as handle:
            handle.write(f"{step}\n")
            handle.flush()
            os.fsync(handle.fileno())
        report.progress(step, job["steps"], "counting")
        report.metric(step, {"square": step * step})
        while (work.parent.parent / f"halt-{step}").exists():
            time.sleep(0.005)
    os.replace(ledger, work / "out" / "ledger") if ledger.exists() else None
    return {"steps": job["steps"]}


def hold(job: dict[str, Any], work: Path, report: Any) -> dict[str, Any]:
    """Says that it began, and ends when it is let go."""
    note(work / f"began-{job['name']}", os.getpid())
    while not (work / f"go-{job['name']}").exists():
        time.sleep(0.005)
    return finish(job, work, report)


def note(path: Path, *numbers: int) -> None:
    """Numbers in a file that is whole as soon as it is there."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(" ".join(map(str, numbers)))
    beside.replace(path)


def noted(path: Path) -> list[int]:
    return [int(number) for number in path.read_text().split()] if path.exists() else []
