"""Wiring of the gateway process, top to bottom."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import nullcontext

import uvicorn

from gateway.app import build
from libs.common.clock import SystemClock
from libs.common.coord.coordination import open_coordination
from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError
from libs.common.process import settled, stop_requested
from libs.common.rpc.listen import listen, shared
from libs.common.settings import Settings, load
from libs.common.sight import logs, tracing
from libs.common.sight.grpc_health import GrpcHealth


def serve(settings: Settings) -> None:
    """Answers HTTP until a stop signal, then drains."""
    logs.setup("gateway", settings.log_level)
    tracing.setup("gateway", settings)
    coordination = open_coordination(settings, "gateway", SystemClock())
    app = build(settings, coordination.discovery)
    bound = listen(settings.host, settings.gateway_port, 1024)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=int(settings.drain_seconds) or 1,
            h11_max_incomplete_event_size=65536,
        )
    )
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]  # ours flip readiness before the port closes
    health, port = app.state.gateway.health, settings.grpc_health_port("gateway")
    probes = GrpcHealth(health, settings.host, port) if port else None
    stop = stop_requested()

    def drain() -> None:
        stop.wait()
        health.draining = True
        if probes is not None:
            probes.drain()
        coordination.discovery.unregister("gateway", address)
        server.should_exit = True

    address = Address(settings.advertised_host, settings.gateway_port)
    coordination.discovery.register("gateway", address)
    threading.Thread(target=drain, daemon=True).start()
    logs.get("gateway").info("ready", host=settings.host, port=settings.gateway_port)
    settled()
    server.run(sockets=shared(bound))
    if probes is not None:
        probes.close()
    coordination.close()
    tracing.shutdown()


def main() -> int:
    try:
        serve(load())
    except PlatformError as error:
        print(f"gateway: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
