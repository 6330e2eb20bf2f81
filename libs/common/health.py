"""Is the process alive, can it work: ``/healthz`` ``/readyz`` ``/metrics`` over HTTP on loopback, in a thread of its own.

Alive means that this thread answers; ready means that every named check passes now, and it flips before a drain begins.
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
from libs.common.metrics import Metrics

Check = Callable[[], None]  # raises when the part cannot work


class Health:
    """Named checks of one process, and whether it is draining."""

    def __init__(self, process: str, checks: Mapping[str, Check]) -> None:
        self.process, self._checks = process, dict(checks)
        self._started = time.monotonic()
        self.draining = False

    def parts(self) -> dict[str, str]:
        """part -> "ok" or what is wrong, in one line."""
        found: dict[str, str] = {"drain": "draining" if self.draining else "ok"}
        for name, check in self._checks.items():
            try:
                check()
                found[name] = "ok"
            except Exception as error:
                found[name] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no detail'}"
        return found

    def ready(self) -> bool:
        return all(state == "ok" for state in self.parts().values())

    def uptime_ms(self) -> int:
        return int((time.monotonic() - self._started) * 1000)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Without the look-up of the host's name, which waits for a name server where there is none."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A probe that went away is not worth a traceback among the logs."""


class HealthServer:
    """Serves a ``Health`` until ``close``. Raises PORT_TAKEN when something listens there already."""

    def __init__(self, health: Health, metrics: Metrics, host: str, port: int) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                if self.path == "/healthz":
                    self._send(200, "application/json", b'{"alive":true}')
                elif self.path == "/readyz":
                    parts = health.parts()
                    ready = all(state == "ok" for state in parts.values())
                    self._send(
                        200 if ready else 503, "application/json", json.dumps({"ready": ready, "parts": parts}, ensure_ascii=False).encode()
                    )
                elif self.path == "/metrics":
                    metrics.ready.labels(health.process).set(int(health.ready()))
                    self._send(200, "text/plain; version=0.0.4", metrics.text())
                else:
                    self._send(404, "text/plain", b"/healthz /readyz /metrics\n")

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
