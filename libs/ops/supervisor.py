"""``modelyard up``: starts every process, restarts what dies, and stops all of them in order; nothing outlives it.

Each child has a pipe as stdin that ends with this process, so even kill -9 of the supervisor leaves nothing behind. One supervisor per
home, held by a lock on ``run/up.lock``. Its state is in ``run/up.json`` for ``status`` and ``down``; that file itself is locked by whoever
wrote it, so a leftover of a crash is never taken for a running platform, nor its process numbers for ours.
"""

from __future__ import annotations

import errno
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from idl import manifest
from libs.common.errors import PlatformError, Reason, disk_full
from libs.common.settings import Settings

START_SECONDS = 60.0
LOOK_SECONDS = 2.0  # between two looks at who is ready
LOCK_SECONDS = 1.0  # a look at the lock by `status` or `down` is no supervisor
GRACE_SECONDS = 5.0  # beyond its own drain; then a process that does not stop is killed
LOG_BYTES = 16 << 20  # a log this large is set aside (.1) when its process starts again
BACKOFF_SECONDS = (0.2, 10.0)  # first and longest pause before a restart
STATE_SECONDS = 1.0  # between two tries to write a state the disk has no room for
STEADY_SECONDS = 30.0  # alive for so long: the next restart is quick again


@dataclass
class Part:
    """One process: how it is started, where it answers, how it does."""

    name: str
    command: list[str]
    probe: str  # its /readyz
    address: str
    health: str = ""  # its gRPC health; "" = none
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    pause: float = 0.0  # seconds waited before the last restart
    next_start: float = 0.0  # 0 = no restart is due

    @property
    def pid(self) -> int:
        return self.process.pid if self.process and self.process.poll() is None else 0

    def ready(self) -> bool:
        return _probe(self.probe)


def parts_of(settings: Settings) -> list[Part]:
    """Every process in start order: what others call starts first."""
    found = []
    host = settings.host
    for service, role in manifest.processes():
        probe = f"http://{host}:{settings.health_port(service, role)}/readyz"
        address = f"thrift://{host}:{settings.thrift_port(service)}" if role == "serve" else probe.removesuffix("/readyz")
        health = _grpc_address(settings, service, role)
        found.append(Part(f"{service}-{role}", [sys.executable, "-m", f"services.{service}", role], probe, address, health))
    gateway = f"http://{host}:{settings.gateway_port}"
    health = _grpc_address(settings, "gateway", "serve")
    found.append(Part("gateway", [sys.executable, "-m", "gateway"], gateway + "/readyz/self", gateway, health))
    return found


def _grpc_address(settings: Settings, service: str, role: str) -> str:
    port = settings.grpc_health_port(service, role)
    return f"grpc://{settings.host}:{port}" if port else ""


class AlreadyUpError(Exception):
    """Another supervisor holds this home."""


class Supervisor:
    """``start`` … ``watch`` until ``stop`` is set … ``close``. ``parts``: in start order; default: the whole platform."""

    def __init__(self, settings: Settings, parts: Sequence[Part] | None = None) -> None:
        """Raises AlreadyUpError when another one holds this home, DISK_FULL where there is no room to begin."""
        self.settings, self.home = settings, settings.home_path
        self.parts = list(parts_of(settings) if parts is None else parts)
        self.stop = threading.Event()
        self._state: IO[bytes] | None = None
        self._ready = False
        self._write_at = 0.0  # when to try again to write a state, on the monotonic clock; 0 = it is written
        try:
            for folder in (self.home, self.home / "run", self.home / "logs"):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _take(self.home / "run" / "up.lock")
        except OSError as error:
            raise disk_full(error, "MODELYARD_HOME") or error from error
        try:
            self._put_state()
        except OSError as error:
            self._lock.close()
            raise disk_full(error, "MODELYARD_HOME") or error from error

    def start(self, on_ready: Callable[[Part], None] = lambda _: None) -> None:
        """Starts all and waits until each is ready. Raises PlatformError PORT_TAKEN before anything started, RuntimeError with the end of
        the log of a process that does not come up."""
        for part in self.parts:
            _refuse_taken(part)
        try:
            for part in self.parts:
                self._start(part)
        except OSError as error:
            raise disk_full(error, "MODELYARD_HOME") or error from error
        self._write_state()
        waiting, end = list(self.parts), time.monotonic() + START_SECONDS
        told: set[str] = set()
        while waiting and not self.stop.is_set():
            for part in list(waiting):
                if part.pid == 0 or time.monotonic() > end:
                    raise RuntimeError(f"{part.name} did not start. The end of {self.log_path(part)}:\n{self._log_end(part)}")
                if part.ready():
                    waiting.remove(part)
                    if part.name not in told:
                        told.add(part.name)
                        on_ready(part)
            self.stop.wait(0.05)
            if not waiting:  # all of them at once: the first may no longer be
                waiting = [part for part in self.parts if not part.ready()]
        self._ready = not waiting
        self._write_state()

    def watch(self, on_change: Callable[[Part, bool], None] = lambda _part, _ready: None) -> None:
        """Restarts what dies, with growing pauses, until ``stop`` is set. on_change: told who is no longer ready, or again."""
        threading.Thread(target=self._look, args=(on_change,), name="look", daemon=True).start()
        while not self.stop.wait(0.1):
            if self._write_at and time.monotonic() >= self._write_at:
                self._write_state()
            for part in self.parts:
                if part.pid == 0:
                    self._revive(part)

    def _look(self, on_change: Callable[[Part, bool], None]) -> None:
        """Beside the restarts, because a probe of something that hangs takes seconds."""
        unready: set[str] = set()
        while not self.stop.wait(LOOK_SECONDS):
            for part in self.parts:
                if (ready := part.ready()) == (part.name in unready) and not self.stop.is_set():
                    unready.symmetric_difference_update({part.name})
                    on_change(part, ready)

    def close(self) -> None:
        """Doors first, then workers, then services from left to right; whoever does not drain in time is killed."""
        kinds = {"work": 1, "serve": 2}
        for kind in (0, 1, 2):
            group = [part for part in reversed(self.parts) if kinds.get(part.name.rpartition("-")[2], 0) == kind]
            for part in group:
                _end(part)
            until = time.monotonic() + self.settings.leave_seconds + self.settings.drain_seconds + GRACE_SECONDS
            for part in group:
                _wait(part, until)
        (self.home / "run" / "up.json").unlink(missing_ok=True)
        if self._state is not None:
            self._state.close()
        self._lock.close()

    def log_path(self, part: Part) -> Path:
        return self.home / "logs" / f"{part.name}.log"

    def _start(self, part: Part) -> None:
        path = self.log_path(part)
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        part.started = time.monotonic()
        with path.open("ab") as log:
            # A session of its own: Ctrl-C reaches the supervisor only, which then stops everybody in order.
            part.process = subprocess.Popen(
                part.command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, env=child_environ()
            )

    def _revive(self, part: Part) -> None:
        now = time.monotonic()
        if not part.next_start:
            first, longest = BACKOFF_SECONDS[0], min(BACKOFF_SECONDS[1], self.settings.restart_seconds)
            part.pause = first if now - part.started > STEADY_SECONDS else min(max(first, part.pause * 2), longest)
            part.next_start = now + part.pause
            self._write_state()
        elif now >= part.next_start:
            part.next_start = 0.0
            part.restarts += 1
            _close_stdin(part)
            try:
                self._start(part)
            except OSError:
                part.process = None  # no memory or no process number left just now: the next pause is longer
            self._write_state()

    def _log_end(self, part: Part) -> str:
        with self.log_path(part).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 8192))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-10:])

    def _write_state(self) -> None:
        """A full disk is no end of the platform: the state there is stays, still locked by us, and ``watch`` tries again."""
        try:
            self._put_state()
            self._write_at = 0.0
        except OSError:
            self._write_at = time.monotonic() + STATE_SECONDS

    def _put_state(self) -> None:
        """Beside, locked, then renamed: who reads it sees a whole state and can tell whether its writer lives. No power cut matters."""
        state = {
            "pid": os.getpid(),
            "ready": self._ready,
            "parts": [{"name": p.name, "pid": p.pid, "address": p.address, "probe": p.probe, "restarts": p.restarts} for p in self.parts],
        }
        path = self.home / "run" / "up.json"
        beside = path.with_suffix(".new").open("wb", buffering=0)
        try:
            fcntl.flock(beside, fcntl.LOCK_EX)
            text = json.dumps(state).encode()
            if beside.write(text) != len(text):  # the disk took a part of it
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), beside.name)
            os.replace(beside.name, path)
        except BaseException:
            beside.close()
            raise
        if self._state is not None:
            self._state.close()
        self._state = beside


def child_environ() -> dict[str, str]:
    """Children find the code where this process found it, wherever it was started from."""
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONUNBUFFERED": "1"}


def read_state(settings: Settings, starting: bool = False) -> dict[str, Any] | None:
    """The state of the supervisor that runs here: pid, ready, parts. None when none runs or, unless ``starting``, while it still starts."""
    path = settings.home_path / "run" / "up.json"
    try:
        while True:
            with path.open() as file:
                state: dict[str, Any] = json.load(file)
                if _locked_by_other(file):
                    return state if state["ready"] or starting else None
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    return None
            # It was replaced while it was read, and its writer let go of the old one: the new one says who lives.
    except (OSError, ValueError):
        return None


def stop_seconds(settings: Settings) -> float:
    """The longest a supervisor takes to stop: doors, workers and services one after the other, each with its drain."""
    return (settings.leave_seconds + settings.drain_seconds + GRACE_SECONDS) * 3 + 10


def wait_down(settings: Settings, seconds: float) -> bool:
    """Whether the supervisor let go of its lock within ``seconds``."""
    end = time.monotonic() + seconds
    while _held(settings.home_path / "run" / "up.lock"):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _take(path: Path) -> IO[str]:
    lock = path.open("a+")
    end = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > end:
                lock.close()
                raise AlreadyUpError(str(path.parents[1])) from None
            time.sleep(0.02)


def _held(path: Path) -> bool:
    try:
        with path.open() as lock:
            return _locked_by_other(lock)
    except OSError:
        return False


def _locked_by_other(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who look do not take each other for a supervisor
    except BlockingIOError:
        return True
    return False


def _refuse_taken(part: Part) -> None:
    """A foreign process on a part's port would answer in its name."""
    for url in dict.fromkeys(filter(None, (part.address, part.probe, part.health))):
        where = urlsplit(url)
        try:
            socket.create_connection((where.hostname or "", where.port or 0), timeout=1).close()
        except OSError:
            continue
        limit = f"a free port: set {_setting_of(part, url)}"
        raise PlatformError(500, Reason.PORT_TAKEN, field=part.name, limit=limit, port=where.port)


def _setting_of(part: Part, url: str) -> str:
    """The setting that decides on the port of one of a part's addresses."""
    if url == part.health:
        return "MODELYARD_GRPC_HEALTH_PORT_BASE"
    if url.startswith("thrift://"):
        return "MODELYARD_THRIFT_PORT_BASE"
    return "MODELYARD_GATEWAY_PORT" if part.name == "gateway" else "MODELYARD_HEALTH_PORT_BASE"


def _probe(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, http.client.HTTPException):
        return False


def _end(part: Part) -> None:
    if part.pid and part.process is not None:
        part.process.terminate()


def _wait(part: Part, until: float) -> None:
    """until: on the monotonic clock; after it the part and all it started are killed."""
    if part.process is None:
        return
    try:
        part.process.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        os.killpg(part.process.pid, signal.SIGKILL)
        part.process.wait()
    _close_stdin(part)


def _close_stdin(part: Part) -> None:
    if part.process is not None and part.process.stdin is not None:
        part.process.stdin.close()
