"""What open windows cost: 500 on the change feed against 50 that poll, while one of a hundred models changes every second. CPU time of the
gateway and all services, from the kernel's books."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from bench.measure import cpu_seconds
from libs.client.sdk import Modelyard
from libs.ops import supervisor
from tests.support.platform import Platform, running

ROUNDS, SECONDS, MODELS = 2, 20.0, 100
POLLING, LISTENING = 50, 500


def main(_environments: Path) -> None:
    rounds: list[dict[str, float]] = []
    settings = {"feed_streams": "1000", "believed_seconds": "60"}
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home", **settings) as platform, platform.client() as client:
        models = [client.models.create(f"window {n}")["id"] for n in range(MODELS)]
        for _ in range(ROUNDS):
            none, _ = measure(platform, client, models, "poll", 0)
            before, asked = measure(platform, client, models, "poll", POLLING)
            now, heard = measure(platform, client, models, "feed", LISTENING)
            rounds.append({"none": none, "poll": before, "feed": now})
            print(f"  nobody {none:.1f} %   {POLLING} polling {before:.1f} % {asked}   {LISTENING} on the feed {now:.1f} % {heard}")
    ratio = [each["feed"] / each["poll"] for each in rounds]
    print(f"\nopen windows, CPU of gateway and services ({ROUNDS} rounds): {LISTENING} on the feed / {POLLING} polling", end=" ")
    print(f"{statistics.median(ratio):.2f} ({min(ratio):.2f}-{max(ratio):.2f})")


def measure(platform: Platform, client: Modelyard, models: list[str], kind: str, count: int) -> tuple[float, dict[str, int]]:
    """(percent of one core, what the windows did), while a model changes every second."""
    state = supervisor.read_state(platform.settings)
    assert state is not None
    pids = [part["pid"] for part in state["parts"] if part["name"] == "gateway" or part["name"].endswith("-serve")]
    address = ["127.0.0.1", str(platform.settings.gateway_port)]
    environ = {**os.environ, "BENCH_AUTHORIZATION": platform.headers()["authorization"]}
    stop = threading.Event()
    changing = threading.Thread(target=_change, args=(client, models, stop))
    before = cpu_seconds(pids)
    changing.start()
    command = [sys.executable, "-m", "bench.windows", kind, *address, str(count), str(SECONDS), *models]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    if not count:
        stop.wait(SECONDS)
    spent = cpu_seconds(pids) - before
    stop.set()
    changing.join()
    return spent / SECONDS * 100, json.loads(done.stdout)


def _change(client: Modelyard, models: list[str], stop: threading.Event) -> None:
    number = 0
    while not stop.wait(1):
        model = client.models.get(models[number % len(models)])
        client.models.update(model["id"], int(model["version"]), desc=f"change {number}")
        number += 1
