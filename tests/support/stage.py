"""Real service processes in one home without their supervisor, so that a test arms, kills and restarts each by itself.

``call`` goes over the wire as one service calls another. Identity and discovery live here and in ``tests.support.stores.caller``: tests on
a stage know nothing of them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from libs.client.supervisor import Part, child_environ, parts_of
from libs.common import fault
from libs.common.discovery import StaticDiscovery
from libs.common.peer import RpcPeer
from libs.common.settings import Settings, load
from tests.support.ports import free_base, free_port
from tests.support.stores import caller
from tests.support.until import until

T = TypeVar("T")
START_SECONDS = 60.0


class Stage:
    """names: of the parts ("model-serve", "train-work", …). ``revive`` is what a supervisor would do. twins: services with a second
    instance, the part "model-serve-2"; everybody knows both.
    """

    def __init__(self, home: Path, names: tuple[str, ...], twins: tuple[str, ...] = (), **settings: str) -> None:
        self.home = home
        wanted = {
            "MODELYARD_HOME": str(home),
            "MODELYARD_THRIFT_PORT_BASE": str(free_base(6)),
            "MODELYARD_HEALTH_PORT_BASE": str(free_base(16)),
            "MODELYARD_GATEWAY_PORT": str(free_port()),
            "MODELYARD_LEASE_SECONDS": "1.5",
            "MODELYARD_POLL_SECONDS": "0.05",
            "MODELYARD_ENGINE_THREADS": "1",
            **{f"MODELYARD_{key.upper()}": value for key, value in settings.items()},
        }
        second = {"MODELYARD_THRIFT_PORT_BASE": str(free_base(6)), "MODELYARD_HEALTH_PORT_BASE": str(free_base(16))}
        if twins:
            both = [(service, load({**wanted, **ports}).thrift_port(service)) for ports in ({}, second) for service in twins]
            wanted["MODELYARD_PEERS"] = ",".join(f"{service}=127.0.0.1:{port}" for service, port in both)
        self.environ = {**{key: value for key, value in child_environ().items() if not key.startswith("MODELYARD_")}, **wanted}
        self.settings: Settings = load(wanted)
        home.mkdir(parents=True, exist_ok=True)
        self.parts: dict[str, Part] = {part.name: part for part in parts_of(self.settings) if part.name in names}
        twin = {part.name: part for part in parts_of(load({**wanted, **second})) if part.name in [f"{service}-serve" for service in twins]}
        self.parts |= {f"{name}-2": part for name, part in twin.items()}
        self._second = second
        self._peers: dict[str, RpcPeer] = {}

    # --- processes

    def log(self, name: str) -> str:
        path = self.home / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self, name: str, armed: str = "", wait: bool = True) -> None:
        part = self.parts[name]
        own = self._second if name.endswith("-2") else {}
        environ = {**self.environ, **own, **({fault.VARIABLE: armed} if armed else {})}
        with (self.home / f"{name}.log").open("ab") as log:
            part.process = subprocess.Popen(
                part.command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, env=environ
            )
        if wait:
            until(lambda: self._ready(part), START_SECONDS, f"{name} did not start")

    def start_all(self) -> None:
        for name in self.parts:
            self.start(name, wait=False)
        for name, part in self.parts.items():
            until(lambda part=part: self._ready(part), START_SECONDS, f"{name} did not start")  # type: ignore[misc]

    def _ready(self, part: Part) -> bool:
        assert part.process is not None
        return part.process.poll() is not None or part.ready()

    def kill(self, name: str) -> None:
        part = self.parts[name]
        if part.process is not None and part.process.poll() is None:
            part.process.kill()
        self._reap(part)

    def terminate(self, name: str) -> int:
        """SIGTERM; its exit status once it has drained."""
        part = self.parts[name]
        assert part.process is not None
        part.process.terminate()
        return part.process.wait(60)

    def restart(self, name: str, armed: str = "") -> None:
        self.kill(name)
        self.start(name, armed)

    def revive(self) -> list[str]:
        """Starts what has ended, not armed. Returns the names."""
        gone = [name for name, part in self.parts.items() if part.process is not None and part.process.poll() is not None]
        for name in gone:
            self._reap(self.parts[name])
            self.start(name, wait=False)
        return gone

    def _reap(self, part: Part) -> None:
        if part.process is not None:
            part.process.wait(30)
            if part.process.stdin is not None:
                part.process.stdin.close()

    def close(self) -> None:
        for peer in self._peers.values():
            peer.close()
        for part in self.parts.values():
            if part.process is not None and part.process.poll() is None:
                part.process.send_signal(signal.SIGTERM)
        for part in self.parts.values():
            if part.process is not None:
                try:
                    part.process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(part.process.pid, signal.SIGKILL)
                self._reap(part)

    # --- calls

    def call(self, service: str, method: str, key: str | None = None, user: int = 1, expected: int | None = None, **facts: Any) -> Any:
        """The response. A call with a key may be repeated."""
        if service not in self._peers:
            self._peers[service] = RpcPeer(service, StaticDiscovery(self.settings), "test")
        extra = {} if expected is None else {"expected_version": expected}
        return self._peers[service].call(caller(user, key=key), method, **facts, **extra)

    def metrics(self, name: str) -> str:
        with urllib.request.urlopen(self.parts[name].probe.replace("/readyz", "/metrics"), timeout=5) as answer:
            return str(answer.read().decode())

    def until(self, condition: Callable[[], T], seconds: float = 60.0, what: str = "") -> T:
        """Polls while ended processes come back, as they would under a supervisor."""

        def look() -> T:
            self.revive()
            return condition()

        return until(look, seconds, what)


@contextmanager
def stage(home: Path, *names: str, **settings: str) -> Iterator[Stage]:
    """A stage whose processes run and are ready; nothing of it is left afterwards."""
    made = Stage(home, names, **settings)
    try:
        made.start_all()
        yield made
    finally:
        made.close()
