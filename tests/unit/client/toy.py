"""A toy part for the supervisor: answers /readyz, ends when its stdin ends or at SIGTERM; light, so that tests start many.

``python toy.py PORT [stubborn|never|child|while FILE]``: stubborn ignores SIGTERM and leaves a grandchild in its group, whose number goes
into FILE; never is not ready; while is ready as long as FILE is there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


def main(port: int, mode: str = "", file: str = "") -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if mode == "never" or (mode == "while" and not Path(file).exists()) else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Probes are many."""

    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdin=subprocess.DEVNULL)
        Path(file).write_text(str(grandchild.pid))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print("toy says hello", flush=True)
    HTTPServer(("127.0.0.1", port), Handler).serve_forever(poll_interval=0.05)


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
