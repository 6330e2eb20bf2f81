"""``modelyard up``: starts every process, restarts what dies, and stops all of them in order; nothing outlives it.

Each child has a pipe as stdin that ends with this process, so even kill -9 of the supervisor leaves nothing behind. One supervisor per home,
held by a file lock; its state is in ``run/up.json`` for ``status`` and ``down``.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from libs.common.settings import Settings

START_SECONDS = 60.0
BACKOFF_SECONDS = (0.2, 10.0)  # first and longest pause before a restart
STEADY_SECONDS = 30.0  # alive for so long: the next restart is quick again


@dataclass
class Part:
    """One process: how it is started, where it answers, how it does."""

    name: str
    command: list[str]
    probe: str  # its /readyz
    address: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    pause: float = BACKOFF_SECONDS[0]
    next_start: float = field(default=0.0)

    @property
    def pid(self) -> int:
        return self.process.pid if self.process and self.process.poll() is None else 0

    def ready(self) -> bool:
        return _probe(self.probe)


def parts_of(settings: Settings) -> list[Part]:
    """Every process in start order: what others call starts first."""
    found = []
    host = settings.host
    for service in ("model", "dataset", "train", "eval", "deploy"):
        roles = ("serve",) if service == "model" else ("serve", "work")
        for role in roles:
            probe = f"http://{host}:{settings.health_port(service, role)}/readyz"
            address = f"thrift://{host}:{settings.thrift_port(service)}" if role == "serve" else probe.removesuffix("/readyz")
            found.append(Part(f"{service}-{role}", [sys.executable, "-m", f"services.{service}", role], probe, address))
    gateway = f"http://{host}:{settings.gateway_port}"
    found.append(Part("gateway", [sys.executable, "-m", "gateway"], gateway + "/readyz", gateway))
    return found


class AlreadyUpError(Exception):
    """Another supervisor holds this home."""


class Supervisor:
    """``start`` … ``watch`` until ``stop`` is set … ``close``."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.home = settings, settings.home_path
        self.parts = parts_of(settings)
        self.stop = threading.Event()
        for folder in (self.home, self.home / "run", self.home / "logs"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (self.home / "run" / "up.lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyUpError(str(self.home)) from None

    def start(self, on_ready: Callable[[Part], None]) -> None:
        """Starts all and waits until each is ready. Raises RuntimeError with the end of the log of a process that does not come up."""
        for part in self.parts:
            self._start(part)
        waiting, end = list(self.parts), time.monotonic() + START_SECONDS
        while waiting and not self.stop.is_set():
            for part in list(waiting):
                if part.ready():
                    waiting.remove(part)
                    on_ready(part)
                elif part.pid == 0 or time.monotonic() > end:
                    raise RuntimeError(f"{part.name} did not start. The end of {self.log_path(part)}:\n{self._log_end(part)}")
            self.stop.wait(0.05)
        self._write_state()

    def watch(self) -> None:
        """Restarts what dies, with growing pauses, until ``stop`` is set."""
        while not self.stop.wait(0.1):
            for part in self.parts:
                if part.pid == 0:
                    self._revive(part)

    def close(self) -> None:
        """Doors first, then workers, then services from left to right; whoever does not drain in time is killed."""
        workers = [part for part in self.parts if part.name.endswith("-work")]
        services = [part for part in reversed(self.parts) if part.name.endswith("-serve")]
        for group in ([self.parts[-1]], workers, services):
            for part in group:
                _end(part)
            for part in group:
                _wait(part, self.settings.drain_seconds + 5)
        (self.home / "run" / "up.json").unlink(missing_ok=True)
        self._lock.close()

    def log_path(self, part: Part) -> Path:
        return self.home / "logs" / f"{part.name}.log"

    def _start(self, part: Part) -> None:
        with self.log_path(part).open("ab") as log:
            # A session of its own: Ctrl-C reaches the supervisor only, which then stops everybody in order.
            part.process = subprocess.Popen(part.command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, env=child_environ())
        part.started = time.monotonic()

    def _revive(self, part: Part) -> None:
        now = time.monotonic()
        if not part.next_start:
            part.pause = BACKOFF_SECONDS[0] if now - part.started > STEADY_SECONDS else min(part.pause * 2, BACKOFF_SECONDS[1])
            part.next_start = now + part.pause
        elif now >= part.next_start:
            part.next_start = 0.0
            part.restarts += 1
            self._start(part)
            self._write_state()

    def _log_end(self, part: Part) -> str:
        return "\n".join(self.log_path(part).read_text(errors="replace").splitlines()[-10:])

    def _write_state(self) -> None:
        state = {
            "pid": os.getpid(),
            "parts": [{"name": p.name, "pid": p.pid, "address": p.address, "probe": p.probe, "restarts": p.restarts} for p in self.parts],
        }
        path = self.home / "run" / "up.json"
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(state))
        beside.rename(path)


def child_environ() -> dict[str, str]:
    """Children find the code where this process found it, wherever it was started from."""
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONUNBUFFERED": "1"}


def read_state(settings: Settings) -> dict[str, Any] | None:
    """The running supervisor's state; None when none runs."""
    path = settings.home_path / "run" / "up.json"
    try:
        state: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return state if _held(settings) else None


def _held(settings: Settings) -> bool:
    """Whether a supervisor holds the lock: a state file alone may be the leftover of a crash."""
    try:
        with (settings.home_path / "run" / "up.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def wait_down(settings: Settings, seconds: float) -> bool:
    """Whether the supervisor let go of its lock within ``seconds``."""
    end = time.monotonic() + seconds
    while _held(settings):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _probe(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _end(part: Part) -> None:
    if part.pid and part.process is not None:
        part.process.terminate()


def _wait(part: Part, seconds: float) -> None:
    if part.process is None:
        return
    try:
        part.process.wait(seconds)
    except subprocess.TimeoutExpired:
        part.process.kill()
        part.process.wait()
    if part.process.stdin is not None:
        part.process.stdin.close()
