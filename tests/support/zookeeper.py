"""Real ZooKeeper servers for tests: plain java processes on free ports, in a folder of their own; one alone, or three that vote."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import needs
from tests.support.ports import free_base
from tests.support.until import until

TICK_MS = 500  # sessions of 1 s and more
START_SECONDS = 60.0


def needed() -> None:
    """Skips the test where servers cannot be started, with the reason; in CI that is a failure."""
    lacks = needs.zookeeper()
    if lacks:
        (pytest.fail if needs.in_ci() else pytest.skip)(f"needs {lacks}")


class Server:
    """One server. ``start``, ``kill`` (-9), ``freeze``, ``thaw``; its data stays."""

    def __init__(self, folder: Path, port: int, members: dict[int, str], number: int) -> None:
        self.port, self._folder = port, folder
        self._process: subprocess.Popen[bytes] | None = None
        data = folder / "data"
        data.mkdir(parents=True)
        (data / "myid").write_text(str(number))
        settings = {
            "tickTime": TICK_MS,
            "dataDir": data,
            "clientPort": port,
            "clientPortAddress": "127.0.0.1",
            "admin.enableServer": "false",
            "4lw.commands.whitelist": "srvr",
            "maxClientCnxns": 0,
            **({"initLimit": 20, "syncLimit": 4} if len(members) > 1 else {}),
            **({f"server.{other}": where for other, where in members.items()} if len(members) > 1 else {}),
        }
        (folder / "zoo.cfg").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        options = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dzookeeper.forceSync=no"]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "java",
                    *options,
                    "-cp",
                    str(needs.ZOOKEEPER_JAR),
                    "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                    str(self._folder / "zoo.cfg"),
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def mode(self) -> str:
        """ "standalone", "leader", "follower"; empty while it does not serve."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as conn:
                conn.settimeout(1)
                conn.sendall(b"srvr")
                text = b""
                while chunk := conn.recv(4096):
                    text += chunk
        except OSError:
            return ""
        return next((line.split()[1] for line in text.decode().splitlines() if line.startswith("Mode:")), "")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


class Servers:
    """One or three servers. ``address``: the setting of their clients."""

    def __init__(self, folder: Path, count: int) -> None:
        base = free_base(3 * count)
        members = {n: f"127.0.0.1:{base + count + n}:{base + 2 * count + n}" for n in range(1, count + 1)}
        self.servers = [Server(folder / f"server-{n}", base + n, members, n) for n in members]

    @property
    def address(self) -> str:
        return ",".join(server.address for server in self.servers)

    def start(self) -> None:
        for server in self.servers:
            server.start()
        self.wait()

    def wait(self) -> None:
        until(lambda: all(server.mode() for server in self.servers), START_SECONDS, "the ensemble did not come up")

    def kill(self) -> None:
        for server in self.servers:
            server.kill()


@contextmanager
def ensemble(folder: Path, count: int = 1) -> Iterator[Servers]:
    """Up when the block begins; nothing of it is left afterwards."""
    needed()
    servers = Servers(folder, count)
    try:
        servers.start()
        yield servers
    finally:
        servers.kill()
