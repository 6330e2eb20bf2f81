"""A real serving process on a free port, for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

MODEL, VERSION = "文档问答", 7
KEY = "0123456789abcdef" * 4
SHOWN = {"authorization": f"Bearer {KEY}"}
_START_S = 30.0
_STOP_S = 15.0


def command(folder: Path, digest: str, *more: str) -> list[str]:
    bundle = ["--bundle", str(folder), "--expect-digest", digest]
    return [sys.executable, "-m", "services.deploy.engine.serving", *bundle, "--model", MODEL, "--model-version", str(VERSION), *more]


def environment() -> dict[str, str]:
    root = Path(__file__).parents[3]
    return os.environ | {"PYTHONPATH": str(root), "MODELYARD_SERVING_KEY": KEY}


class ServerProcess:
    """Started on entry, gone on exit whatever happened."""

    def __init__(self, folder: Path, digest: str, *more: str, **settings: str) -> None:
        self._command = command(folder, digest, *more)
        self._environ = environment() | {f"MODELYARD_{key.upper()}": value for key, value in settings.items()}
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed on exit; a pipe nobody reads would fill)
        self.digest = digest

    def __enter__(self) -> ServerProcess:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=self._stderr, env=self._environ)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log()
        self.ready: dict[str, Any] = json.loads(line)
        self.address = f"http://127.0.0.1:{self.ready['port']}"
        self.client = httpx.Client(base_url=self.address, timeout=_START_S, trust_env=False, headers=SHOWN)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self._stderr):
            assert stream is not None
            if not stream.closed:
                stream.close()

    def log(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode()

    def wait(self) -> int:
        """The exit code of a process that was asked to stop."""
        return self.process.wait(_STOP_S)

    def chat(self, question: str, **more: Any) -> httpx.Response:
        return self.client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": question}], **more})

    def answer(self, question: str, **more: Any) -> str:
        response = self.chat(question, **more)
        assert response.status_code == 200, response.text
        return str(response.json()["choices"][0]["message"]["content"])

    def stats(self) -> dict[str, Any]:
        values: dict[str, Any] = self.client.get("/stats").json()
        return values


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Poll until ``condition`` holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.005)
