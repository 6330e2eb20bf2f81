"""The composed status with one domain dead or hung: how late it is, measured against its own deadline.

The promise: p99 stays within the deadline + 10 %, whichever domain hangs, and an answer does not wait at all for one that is dead. Real
processes; dead is kill -9 without a restart, hung is SIGSTOP, which only the deadline can tell.
"""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from tests.support.platform import Platform
from tests.support.stage import Stage
from tests.support.until import until

PARTS = ("model", "train", "eval", "deploy")
ROUNDS = 100


def main(_environments: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder) / "home", (*(f"{part}-serve" for part in PARTS), "gateway"))
        try:
            stage.start_all()
            _measure(stage)
        finally:
            stage.close()


def _measure(stage: Stage) -> None:
    platform = Platform(stage.settings, stage.environ)
    with platform.client() as client:
        path = f"/api/v1/models/{client.models.create('hung')['id']}/status"
    deadline = stage.settings.status_seconds * 1000
    print(f"composed status one after the other, {ROUNDS} each, deadline {deadline:.0f} ms")
    with httpx.Client(base_url=stage.settings.gateway_address, headers=platform.headers(), trust_env=False) as http:
        until(lambda: http.get(path).json()["missing"] == [], 30)
        _show("all well", http, path, [], deadline)
        for part in PARTS:
            process = stage.parts[f"{part}-serve"].process
            assert process is not None
            os.kill(process.pid, signal.SIGSTOP)
            _show(f"{part} hung", http, path, [part], deadline)
            os.kill(process.pid, signal.SIGCONT)
            until(lambda: http.get(path).json()["missing"] == [], 30)
            stage.kill(f"{part}-serve")
            _show(f"{part} dead", http, path, [part], deadline)
            stage.start(f"{part}-serve")
            until(lambda: http.get(path).json()["missing"] == [], 30)


def _show(what: str, http: httpx.Client, path: str, missing: list[str], deadline: float) -> None:
    times, wrong = [], 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = http.get(path)
        times.append((time.perf_counter() - began) * 1000)
        wrong += answer.status_code != 200 or answer.json()["missing"] != missing
    times.sort()
    p99 = times[round(len(times) * 0.99) - 1]
    late = "" if p99 <= deadline * 1.1 else "  LATE"
    print(
        f"{what:12} p50 {statistics.median(times):7.1f} ms  p99 {p99:7.1f} ms  {p99 / deadline:6.1%} of the deadline  wrong {wrong}{late}"
    )


if __name__ == "__main__":
    main(Path())
