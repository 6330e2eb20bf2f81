"""A few real processes of the platform, without a supervisor: those a test looks into, with their logs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from libs.common.settings import Settings, load
from libs.ops import supervisor
from libs.ops.supervisor import Part
from tests.support.ports import free_base, free_port
from tests.support.until import until


@dataclass
class Processes:
    settings: Settings
    environ: dict[str, str]
    home: Path
    parts: dict[str, Part]
    running: dict[str, subprocess.Popen[bytes]]
    secrets: list[str] = field(default_factory=list)

    def headers(self) -> dict[str, str]:
        """The first owner's, made now; "identity-serve" is among the processes. Call once."""
        command = [sys.executable, "-m", "services.identity", "first"]
        made = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=True, timeout=60)
        self.secrets = [value for key, value in json.loads(made.stdout.splitlines()[-1]).items() if "token" in key or key == "password"]
        return {"authorization": f"Bearer {json.loads(made.stdout.splitlines()[-1])['access_token']}"}

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text()

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Its log lines; whatever is not one JSON object is a failure."""
        return [json.loads(line) for line in self.log(name).splitlines() if line.endswith("}")]


@contextmanager
def processes(home: Path, names: Sequence[str], **settings: str) -> Iterator[Processes]:
    """``names`` as in ``modelyard status``: "model-serve", "gateway". All are ready when the block begins, all have ended after it."""
    wanted = {
        "MODELYARD_HOME": str(home / "home"),
        "MODELYARD_THRIFT_PORT_BASE": str(free_base(7)),
        "MODELYARD_HEALTH_PORT_BASE": str(free_base(17)),
        "MODELYARD_GRPC_HEALTH_PORT_BASE": str(free_base(18) + 1),
        "MODELYARD_GATEWAY_PORT": str(free_port()),
        **{f"MODELYARD_{key.upper()}": value for key, value in settings.items()},
    }
    environ = {**{key: value for key, value in supervisor.child_environ().items() if not key.startswith("MODELYARD_")}, **wanted}
    loaded = load(wanted)
    parts = {part.name: part for part in supervisor.parts_of(loaded)}
    running: dict[str, subprocess.Popen[bytes]] = {}
    found = Processes(loaded, environ, home, parts, running)
    try:
        for name in names:
            with (home / f"{name}.log").open("wb") as log:
                running[name] = subprocess.Popen(
                    [sys.executable, *parts[name].command[1:]], env=environ, stdin=subprocess.PIPE, stdout=log, stderr=log
                )
        for name in names:
            until(lambda name=name: parts[name].ready() or running[name].poll() is not None, 60, f"{name} is not ready")
            assert running[name].poll() is None, found.log(name)
        yield found
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
