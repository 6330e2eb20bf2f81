"""A process whose health is probed from outside: ``python -m tests.unit.common.sight_process`` prints its ports, then obeys lines on stdin.

``block``: its event loop hangs. ``hang``: its check hangs. ``hold``: its calls wait for ``release``. SIGTERM: drains, as services do.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

from libs.common.rpc.server import RpcServer
from libs.common.sight import logs
from libs.common.sight.grpc_health import GrpcHealth
from libs.common.sight.health import Health, HealthServer, Pulse
from libs.common.sight.metrics import Metrics
from libs.common.signals import on_signal
from tests.unit.rpc.peer import Handlers, idl

STALL_SECONDS = 4.0


def main() -> None:
    logs.setup("sight")
    hanging = threading.Event()

    def check() -> None:
        while hanging.is_set():
            time.sleep(0.05)

    pulse = Pulse(STALL_SECONDS)
    health = Health("sight", {"store": check}, {"rpc": pulse})
    health.starting = True
    metrics = Metrics("sight")
    http, grpc = HealthServer(health, metrics, "127.0.0.1", 0), GrpcHealth(health, "127.0.0.1", 0)
    handlers = Handlers()
    blocked = threading.Event()

    def beat() -> None:
        pulse.beat()
        while blocked.is_set():
            time.sleep(0.05)  # on the event loop

    server = RpcServer(idl().Sample, handlers.table(), inline=("Ping", "Get"), on_beat=beat).start()
    stop = threading.Event()
    on_signal(stop.set)
    print(server.port, http.port, grpc.port, flush=True)

    def obey() -> None:
        said: dict[str, Callable[[], None]] = {
            "started": lambda: setattr(health, "starting", False),
            "block": blocked.set,
            "unblock": blocked.clear,
            "hang": hanging.set,
            "unhang": hanging.clear,
            "hold": handlers.gate.clear,
            "release": handlers.gate.set,
        }
        for line in sys.stdin:
            said[line.strip()]()

    threading.Thread(target=obey, daemon=True).start()
    stop.wait()
    health.draining = True
    grpc.drain()
    server.drain(60)
    http.close()
    grpc.close()


if __name__ == "__main__":
    main()
