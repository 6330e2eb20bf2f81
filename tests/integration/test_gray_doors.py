"""Doors of another version beside a running platform, as the gray overlay puts them: the same people and records through either one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from libs.client.sdk import Modelyard
from tests.support.platform import Platform
from tests.support.ports import free_base, free_port
from tests.support.until import until


@contextmanager
def beside(platform: Platform, log: Path, ready: str, *words: str, **settings: str) -> Iterator[None]:
    """One more process of this platform; ``ready``: its /readyz."""
    environ = {**platform.environ, "MODELYARD_GRPC_HEALTH_PORT_BASE": "0", **settings}
    with log.open("wb") as out, subprocess.Popen([sys.executable, "-m", *words], env=environ, stdout=out, stderr=out) as process:
        try:
            until(lambda: _ready(ready), 60, f"not ready: {log.read_text(errors='replace')[-2000:]}")
            yield
        finally:
            process.terminate()
            process.wait(60)


def _ready(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_either_door_is_the_same_platform(platform: Platform, tmp_path: Path) -> None:
    port, thrift, health = free_port(), free_base(7), free_base(17)
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        if platform.settings.zookeeper:  # found there; on one machine discovery is a static list
            ports = {"MODELYARD_THRIFT_PORT_BASE": str(thrift), "MODELYARD_HEALTH_PORT_BASE": str(health)}
            ready = f"http://127.0.0.1:{health + 1}/readyz"
            stack.enter_context(beside(platform, tmp_path / "model.log", ready, "services.model", "serve", **ports))
        stack.enter_context(beside(platform, tmp_path / "door.log", f"{address}/readyz", "gateway", MODELYARD_GATEWAY_PORT=str(port)))
        token, space = platform.token(), platform.space(1)
        with platform.client() as stable, Modelyard(address, token=token, space=space) as gray:
            made = gray.models.create("through the gray door")
            assert stable.models.get(made["id"]) == gray.models.get(made["id"])
            data = stable.datasets.create("through the stable door")
            assert gray.datasets.get(data["id"]) == data
            if platform.settings.zookeeper:  # old doors call new services too: its share of the calls is that of its replicas
                metrics = f"http://127.0.0.1:{health + 1}/metrics"
                until(
                    lambda: stable.models.get(made["id"]) and 'method="GetProject"' in httpx.get(metrics, trust_env=False).text,
                    30,
                    "no call came",
                )
    with platform.client() as stable:  # and when it is gone, all is as before
        until(lambda: stable.models.get(made["id"])["name"] == "through the gray door", 30, "not served after the gray doors went")
