"""An HTTP application in this process behind a real port, as ``gateway.__main__`` serves it, until the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import uvicorn

from libs.common.rpc.listen import listen
from tests.support.until import until


@contextmanager
def served(app: Any, port: int) -> Iterator[None]:
    config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False, server_header=False)
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    thread = threading.Thread(target=lambda: server.run(sockets=[listen("127.0.0.1", port, 128)]), daemon=True)
    thread.start()
    until(lambda: server.started, seconds=20)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(20)
