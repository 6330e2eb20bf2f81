"""The peer of the composed status: MLflow's server with one registered model, one version and one run, on SQLite, one worker.

It lives in an environment of its own, made at the first run. One worker is its fastest set-up on two cores; its job runner
is off. Both favour it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VERSION = "3.17.2"
API = "/api/2.0/mlflow/"


def python(folder: Path) -> Path:
    """The interpreter of MLflow's environment under ``folder``, installed when it is not there yet."""
    found = folder / "bin" / "python"
    ready = folder / ".ready-with-pymysql"
    if not ready.exists():
        print(f"installing mlflow {VERSION} into an environment of its own …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(found), "-m", "pip", "install", "--quiet", f"mlflow=={VERSION}", "pymysql"], check=True)
        ready.touch()
    return found


@contextmanager
def serving(environment: Path, scratch: Path, port: int, store: str = "") -> Iterator[tuple[int, list[str]]]:
    """A running server: (its pid, the three paths whose answers together say what our composed status says). store: its address; empty:
    SQLite."""
    store = store or f"sqlite:///{scratch / 'mlflow.db'}"
    command = [str(python(environment)), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", store, "--artifacts-destination", str(scratch / "artifacts")]
    environ = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (scratch / "mlflow.log").open("wb") as log:
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=scratch, start_new_session=True)
    try:
        _wait(port, server, scratch / "mlflow.log")
        yield server.pid, _fill(port)
    finally:
        server.terminate()
        server.wait()


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 180
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                return
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.2)


def _fill(port: int) -> list[str]:
    def post(path: str, **body: Any) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{API}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    name, now = "领域模型", 1_700_000_000_000
    experiment = post("experiments/create", name=name)["experiment_id"]
    run = post("runs/create", experiment_id=experiment, start_time=now, run_name="train")["run"]["info"]["run_id"]
    metrics = [{"key": f"metric_{n:02}", "value": n * 0.5, "timestamp": now, "step": 1} for n in range(20)]
    params = [{"key": f"param_{n:02}", "value": str(n)} for n in range(10)]
    post("runs/log-batch", run_id=run, metrics=metrics, params=params)
    post("registered-models/create", name=name, description="a model")
    post("model-versions/create", name=name, source=f"mlflow-artifacts:/{experiment}/{run}/artifacts/model", run_id=run)
    quoted = urllib.parse.quote(name)
    search = urllib.parse.quote(f"name='{name}'")
    return [
        f"{API}registered-models/get?name={quoted}",
        f"{API}model-versions/search?filter={search}",
        f"{API}runs/get?run_id={run}",
    ]
