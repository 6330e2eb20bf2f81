"""One running platform per test run: every real process, on free ports, in a temporary home."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from libs.client.credentials import Credentials
from libs.client.sdk import Modelyard
from libs.common.identity.keys import KeyFolder
from libs.common.identity.signed import Signer
from libs.common.settings import Settings, load
from libs.ops import supervisor
from tests.support.identity import base_for
from tests.support.people import People
from tests.support.ports import free_base, free_port
from tests.support.stores import caller

START_SECONDS = 90


@dataclass
class Platform:
    """settings: of this platform. environ: what a command line needs to talk to it."""

    settings: Settings
    environ: dict[str, str]
    people: People = field(default_factory=People)

    def client(self, user: int = 1, space: int = 1, language: str = "en") -> Modelyard:
        """User 1 is the first owner, others are owners they made; space 1 is the first, others are made when first asked for."""
        return Modelyard(self.settings.gateway_address, token=self.token(user, space), space=self.space(space), language=language)

    def owner(self) -> Modelyard:
        return Modelyard(self.settings.gateway_address, token=Credentials(self.settings.home_path).token(self.settings.gateway_address))

    def token(self, user: int = 1, space: int = 1) -> str:
        """An access token of a user who is an owner in the space."""
        with self.owner() as owner:
            return self.people.token(owner, user, self.space(space))

    def space(self, number: int) -> int:
        """The id of a test's space."""
        with self.owner() as owner:
            return self.people.space(owner, number)

    def headers(self, user: int = 1, space: int = 1) -> dict[str, str]:
        """What a plain HTTP client sends."""
        return {"authorization": f"Bearer {self.token(user, space)}", "x-modelyard-space": str(self.space(space))}

    def base(self, service: str, method: str, user: int = 1, space: int = 1) -> Any:
        """The ``Base`` of a Thrift caller who may call ``method``, signed with this platform's own keys."""
        keys = KeyFolder(self.settings.keys_path)
        return base_for(caller(user, space), service, method, lambda issuer: Signer(keys, issuer))

    def part(self, name: str) -> dict[str, Any]:
        """The supervisor's view of one process: name, pid, address, probe, restarts."""
        state = supervisor.read_state(self.settings)
        assert state is not None, "the supervisor is gone"
        return next(part for part in state["parts"] if part["name"] == name)

    def kill(self, name: str) -> int:
        """kill -9 of one process. Returns its pid."""
        pid = int(self.part(name)["pid"])
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_ready(self, name: str, other_than: int = 0, seconds: float = 30) -> None:
        """Until the process runs under another pid and says ready."""
        parts = {part.name: part for part in supervisor.parts_of(self.settings)}
        end = time.monotonic() + seconds
        while not (self.part(name)["pid"] not in (0, other_than) and parts[name].ready()):
            assert time.monotonic() < end, f"{name} did not come back"
            time.sleep(0.05)

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One ``modelyard`` command."""
        done = subprocess.run(
            [sys.executable, "-m", "libs.client.cli", *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done


@contextmanager
def running(home: Path, **settings: str) -> Iterator[Platform]:
    """A platform that is up; nothing of it is left afterwards."""
    wanted = {
        "MODELYARD_HOME": str(home),
        "MODELYARD_THRIFT_PORT_BASE": str(free_base(8)),
        "MODELYARD_HEALTH_PORT_BASE": str(free_base(17)),
        "MODELYARD_GRPC_HEALTH_PORT_BASE": str(free_base(18) + 1),
        "MODELYARD_GATEWAY_PORT": str(free_port()),
        "MODELYARD_LEASE_SECONDS": "2",
        "MODELYARD_POLL_SECONDS": "0.25",  # at 0.1 a platform that does nothing costs 15 % of a core, like this 8 %
        "MODELYARD_ENGINE_THREADS": "1",
        "MODELYARD_RESTART_SECONDS": "0.2",
        "MODELYARD_BELIEVED_SECONDS": "3",
        "MODELYARD_LEAVE_SECONDS": "0.1",
        **{f"MODELYARD_{key.upper()}": value for key, value in settings.items()},
    }
    environ = {**{key: value for key, value in supervisor.child_environ().items() if not key.startswith("MODELYARD_")}, **wanted}
    home.mkdir(parents=True, exist_ok=True)
    with (home / "up.log").open("wb") as log:
        up = subprocess.Popen(
            [sys.executable, "-m", "libs.client.cli", "up"],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        platform = Platform(load(wanted), environ)
        end = time.monotonic() + START_SECONDS
        while supervisor.read_state(platform.settings) is None:
            alive = up.poll() is None
            assert alive, (home / "up.log").read_text()
            assert time.monotonic() < end, "the platform did not become ready"
            time.sleep(0.05)
        yield platform
    finally:
        up.terminate()
        up.wait(120)
