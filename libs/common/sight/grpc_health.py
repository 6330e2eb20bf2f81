"""The standard gRPC health service (``grpc.health.v1``) over the process's one ``Health``.

Service names: "" and "readiness", "liveness", "startup"; any other is NOT_FOUND. ``Check`` looks at that moment; ``Watch`` says what the
last Check found, and the drain. Probes use Check with a deadline: a stopped process leaves a Watch at its last word, SERVING. A few
threads of its own answer, so that a blocked event loop cannot keep its own liveness probe waiting.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.common.sight.health import LIVENESS, READINESS, STARTUP, Health

NAMES = {"": READINESS, READINESS: READINESS, LIVENESS: LIVENESS, STARTUP: STARTUP}
THREADS = 4


class GrpcHealth:
    """Serves a ``Health`` on ``host``:``port`` (0: a free one) until ``close``. Raises PORT_TAKEN when something listens there already."""

    def __init__(self, health: Health, host: str, port: int) -> None:
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its lines are no JSON; what matters comes back as an exception
        # Here, not above: 0.13 s and 23 MiB, which only a process that serves the probes pays.
        import grpc
        from grpc_health.v1 import health as standard
        from grpc_health.v1 import health_pb2, health_pb2_grpc

        status = health_pb2.HealthCheckResponse

        class Servicer(standard.HealthServicer):  # type: ignore[misc]
            def Check(self, request: Any, context: Any) -> Any:
                probe = NAMES.get(request.service)
                if probe is not None:
                    passes = health.answers(probe)
                    self.set(request.service, status.SERVING if passes else status.NOT_SERVING)
                return super().Check(request, context)

        self._servicer = Servicer()
        for name, probe in NAMES.items():  # without running a check: the first Check does
            self._servicer.set(name, status.SERVING if probe == LIVENESS else status.NOT_SERVING)
        self._not_serving = status.NOT_SERVING
        self._server = grpc.server(
            ThreadPoolExecutor(THREADS, thread_name_prefix="grpc-health"),
            options=(("grpc.so_reuseport", 0),),  # with it a stale process would answer part of the probes
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, self._server)
        try:
            self.port = self._server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        except RuntimeError:
            self.port = 0
        if not self.port:
            raise PlatformError(500, Reason.PORT_TAKEN, field="port", limit="a free port", host=host, port=port)
        self._server.start()

    def drain(self) -> None:
        """Tells watchers that no more work is taken; Checks see it by themselves."""
        for name in (name for name, probe in NAMES.items() if probe == READINESS):
            self._servicer.set(name, self._not_serving)

    def close(self) -> None:
        self._server.stop(None).wait(2)
