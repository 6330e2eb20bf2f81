"""Wiring of the gateway process, top to bottom."""

from __future__ import annotations

import socket
import sys
import threading
import time
from contextlib import nullcontext

import uvicorn

from gateway.app import build
from libs.common.clock import SystemClock
from libs.common.coord.coordination import open_coordination
from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError
from libs.common.process import settled, stop_requested
from libs.common.rpc.listen import allow_files, listen, shared
from libs.common.settings import Settings, load
from libs.common.sight import logs, tracing
from libs.common.sight.grpc_health import GrpcHealth


def serve(settings: Settings) -> None:
    """Answers HTTP until a stop signal; then turns unready, still answers for a while, and drains."""
    logs.setup("gateway", settings.log_level)
    logs.adopt("uvicorn.error")
    tracing.setup("gateway", settings)
    coordination = open_coordination(settings, "gateway", SystemClock())
    app = build(settings, coordination.discovery)
    app.gateway.trail.open()  # a home that cannot be written to is said now, not at the first change
    allow_files(settings.gateway_unfinished + 8192)
    bound = listen(settings.host, settings.gateway_port, 1024)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http=app.gateway.reception.connection,  # type: ignore[arg-type]  # uvicorn only calls it; a class is not needed
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # anybody may write X-Forwarded-For: believed, it would name another caller in the trail and the limits
            timeout_graceful_shutdown=int(settings.drain_seconds) or 1,
        )
    )
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]  # ours flip readiness before the port closes
    health, port = app.gateway.health, settings.grpc_health_port("gateway")
    probes = GrpcHealth(health, settings.host, port) if port else None
    stop = stop_requested()

    def drain() -> None:
        stop.wait()
        health.draining = True
        if probes is not None:
            probes.drain()
        coordination.discovery.unregister("gateway", address)
        time.sleep(settings.leave_seconds)  # whoever sends requests here needs a moment to see it; they are answered until then
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
