"""Is the process alive, can it work: one ``Health`` behind the Thrift verb, gRPC health and HTTP ``/healthz`` ``/readyz`` ``/metrics``.

Alive means that every loop of the process has come round lately: each beats a ``Pulse``, and the probes' own threads look at the stamps,
so a loop that is stuck is seen although the process still answers. Ready means that every named check passes now; it flips before a
drain begins. A check that hangs never takes the other probes with it: what stands still is not what has to be restarted.
"""

from __future__ import annotations

import errno
import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.common.sight.metrics import Metrics

CHECK_SECONDS = 1.0  # a probe waits so long for the checks of another one, then says that they hang
LIVENESS, READINESS, STARTUP = "liveness", "readiness", "startup"
SCRAPE_SECONDS = 0.5  # a scrape waits so long for them

Check = Callable[[], None]  # raises when the part cannot work


class Pulse:
    """The heartbeat of one loop, on the monotonic clock: silent for more than ``limit`` seconds, the loop is stuck."""

    def __init__(self, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit, self._clock = limit, clock
        self._at = clock()

    def beat(self) -> None:
        self._at = self._clock()

    @property
    def silent(self) -> float:
        """Seconds since the last beat."""
        return self._clock() - self._at

    @property
    def stuck(self) -> bool:
        return self.silent > self.limit


class Health:
    """Named checks of one process, the pulses of its loops, and whether it still starts or already drains."""

    def __init__(self, process: str, checks: Mapping[str, Check], pulses: Mapping[str, Pulse] | None = None) -> None:
        self.process, self._checks, self.pulses = process, dict(checks), dict(pulses or {})
        self._started = time.monotonic()
        self._turn = threading.Lock()
        self.starting = False
        self.draining = False

    def stuck(self) -> dict[str, float]:
        """loop -> seconds it has been silent, for those silent too long. Empty: the process is alive."""
        return {name: round(pulse.silent, 1) for name, pulse in self.pulses.items() if pulse.stuck}

    def alive(self) -> bool:
        return not self.stuck()

    def parts(self) -> dict[str, str]:
        """part -> "ok" or what is wrong, in one line. One caller at a time runs the checks."""
        found: dict[str, str] = {"drain": "draining" if self.draining else "ok"}
        if self.starting:
            found["start"] = "starting"
        found.update({f"loop {name}": f"silent for {seconds} s" for name, seconds in self.stuck().items()})
        if not self._turn.acquire(timeout=CHECK_SECONDS):
            return {**found, "checks": f"no answer within {CHECK_SECONDS} s"}
        try:
            for name, check in self._checks.items():
                found[name] = _said(check)
        finally:
            self._turn.release()
        return found

    def ready(self) -> bool:
        if self.starting or self.draining or not self.alive():
            return False
        return all(state == "ok" for state in self.parts().values())

    def ready_within(self, seconds: float) -> bool:
        """``ready`` for who cannot wait: a check that has not answered by then counts as failed."""
        found: list[bool] = []
        asking = threading.Thread(target=lambda: found.append(self.ready()), name="ready", daemon=True)
        asking.start()
        asking.join(seconds)
        return found == [True]

    def answers(self, probe: str) -> bool:
        """Whether ``probe`` (liveness, readiness, startup) passes."""
        if probe == STARTUP:
            return not self.starting
        return self.alive() if probe == LIVENESS else self.ready()

    def uptime_ms(self) -> int:
        return int((time.monotonic() - self._started) * 1000)


def _said(check: Check) -> str:
    try:
        check()
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no detail'}"
    return "ok"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Without the look-up of the host's name, which waits for a name server where there is none."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A probe that went away is not worth a traceback among the logs."""


class HealthServer:
    """Serves a ``Health`` over HTTP until ``close``. Raises PORT_TAKEN when something listens there already."""

    def __init__(self, health: Health, metrics: Metrics, host: str, port: int) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                if self.path == "/healthz":
                    self._send_json(*liveness(health))
                elif self.path == "/readyz":
                    self._send_json(*readiness(health))
                elif self.path == "/metrics":
                    metrics.state(health.ready_within(SCRAPE_SECONDS), health.alive())
                    self._send(200, "text/plain; version=0.0.4", metrics.text())
                else:
                    self._send(404, "text/plain", b"/healthz /readyz /metrics\n")

            def _send_json(self, code: int, body: Mapping[str, Any]) -> None:
                self._send(code, "application/json", json.dumps(body, ensure_ascii=False).encode())

            def _send(self, code: int, kind: str, body: bytes) -> None:
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Probes come every few seconds: not worth a line."""

        try:
            self._server = _Server((host, port), Handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PlatformError(500, Reason.PORT_TAKEN, field="port", limit="a free port", host=host, port=port) from None
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def liveness(health: Health) -> tuple[int, dict[str, Any]]:
    """Status and body of ``/healthz``."""
    stuck = health.stuck()
    return (503, {"alive": False, "stuck": stuck}) if stuck else (200, {"alive": True})


def readiness(health: Health) -> tuple[int, dict[str, Any]]:
    """Status and body of ``/readyz``."""
    parts = health.parts()
    ready = all(state == "ok" for state in parts.values())
    return 200 if ready else 503, {"ready": ready, "parts": parts}
