"""Real service processes in one home without their supervisor, so that a test arms, kills and restarts each by itself.

``call`` goes over the wire under an identity signed with this home's own keys, of whoever may call the method: tests on a stage know
nothing of identity and discovery.
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
from urllib.parse import urljoin

import idl
from gateway.clients import request_struct
from libs.client.credentials import first_start
from libs.common import fault
from libs.common.coord.discovery import StaticDiscovery
from libs.common.identity.keys import KeyFolder
from libs.common.identity.signed import Signer
from libs.common.rpc.client import RpcClient
from libs.common.settings import Settings, load
from libs.ops.supervisor import Part, child_environ, parts_of
from tests.support.identity import base_for
from tests.support.ports import free_base, free_port
from tests.support.stores import caller
from tests.support.until import until

T = TypeVar("T")
START_SECONDS = 60.0


def _ports() -> dict[str, str]:
    """Of one instance of every part."""
    return {
        "MODELYARD_THRIFT_PORT_BASE": str(free_base(8)),
        "MODELYARD_HEALTH_PORT_BASE": str(free_base(17)),
        "MODELYARD_GRPC_HEALTH_PORT_BASE": str(free_base(18) + 1),
    }


class Stage:
    """names: of the parts ("model-serve", "train-work", …). ``revive`` is what a supervisor would do. twins: services with a second
    instance, the part "model-serve-2"; everybody knows both. A gateway brings the identity service along, and the first owner.
    """

    def __init__(self, home: Path, names: tuple[str, ...], twins: tuple[str, ...] = (), **settings: str) -> None:
        self.home = home
        names = (*names, "identity-serve") if "gateway" in names else names
        wanted = {
            "MODELYARD_HOME": str(home),
            **_ports(),
            "MODELYARD_GATEWAY_PORT": str(free_port()),
            "MODELYARD_LEASE_SECONDS": "1.5",
            "MODELYARD_POLL_SECONDS": "0.05",
            "MODELYARD_ENGINE_THREADS": "1",
            "MODELYARD_BELIEVED_SECONDS": "3",
            "MODELYARD_LEAVE_SECONDS": "0.1",
            **{f"MODELYARD_{key.upper()}": value for key, value in settings.items()},
        }
        second = _ports()
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
        self._clients: dict[str, RpcClient] = {}
        self._signers: dict[str, Signer] = {}

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
        if "gateway" in self.parts:
            first_start(self.settings, self.environ)
        for name in self.parts:
            self.start(name, wait=False)
        for name, part in self.parts.items():
            until(lambda part=part: self._ready(part), START_SECONDS, f"{name} did not start")  # type: ignore[misc]
            assert part.pid, self.log(name)[-2000:]

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
        for client in self._clients.values():
            client.close()
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
        if service not in self._clients:
            discovery = StaticDiscovery(self.settings)
            self._clients[service] = RpcClient(idl.service(service), lambda: discovery.addresses(service))
        ctx = caller(user, key=key)
        request = request_struct(service, method)(**facts, base=base_for(ctx, service, method, self._signer))
        keyed = hasattr(request, "idempotency_key")
        if keyed:
            request.idempotency_key = key
        if expected is not None:
            request.expected_version = expected
        return self._clients[service].call(method, request, ctx.deadline, idempotent=not keyed or key is not None)

    def _signer(self, issuer: str) -> Signer:
        if issuer not in self._signers:
            self._signers[issuer] = Signer(KeyFolder(self.settings.keys_path), issuer)
        return self._signers[issuer]

    def metrics(self, name: str) -> str:
        with urllib.request.urlopen(urljoin(self.parts[name].probe, "/metrics"), timeout=5) as answer:
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
