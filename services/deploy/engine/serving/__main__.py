"""The serving process: ``python -m services.deploy.engine.serving --bundle DIR --expect-digest sha256:… --model NAME --model-version N``.

From top to bottom: verify the bundle byte by byte, load it, take the port, say so, serve, drain.

- stdout carries exactly one line, when requests are welcome: ``{"port": …, "pid": …, "digest": …}``. Everything else goes to stderr.
- SIGTERM, SIGINT and the end of stdin start a drain: readiness turns off, for ``--linger-s`` requests are still taken (a router needs a
  moment to see it), then new ones are refused with 503 while the accepted ones finish, for at most ``--drain-s``.
- The end of stdin counts because a supervisor holds the other end: a server never outlives the process that started it. ``--detached``
  turns that off for containers, whose stdin is empty from the start.

The key without which nobody is answered comes in the environment as ``MODELYARD_SERVING_KEY``: words of a command line are seen by
everybody.

Exit codes: 0 drained, 1 drained but not everybody finished in time, 2 wrong usage, 3 the bundle is not the expected one, 4 the port is
taken, 5 the model cannot be loaded.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn
import uvloop

from libs.common import settings
from libs.common.clock import SystemClock
from libs.common.errors import PlatformError
from libs.common.sight import logs, tracing
from libs.models.families import family_of
from libs.models.tasks import CHAT, CLASSIFY
from services.deploy.engine import bundle
from services.deploy.engine.serving.app import Loaded
from services.deploy.engine.serving.classes import LoadedClassifier
from services.deploy.engine.serving.options import ServingOptions
from services.deploy.engine.serving.server import Identity, ModelServer, Working

KEY = "MODELYARD_SERVING_KEY"
KEY_MIN = 32  # characters
EXIT_UNFINISHED, EXIT_USAGE, EXIT_BUNDLE, EXIT_PORT, EXIT_MODEL = 1, 2, 3, 4, 5
_POLL_S = 0.01
_ABANDON_S = 10.0  # one step is milliseconds; a prompt that fills a large block may take seconds
_KEEP_ALIVE_S = 75
_BACKLOG = 1024


@dataclass(frozen=True)
class Patience:
    """How a drain goes. linger_s: seconds requests are still taken after readiness turned off. drain_s: most seconds for accepted ones."""

    linger_s: float
    drain_s: float


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    key = os.environ.pop(KEY, "")
    try:
        watched()
    except PlatformError as error:
        return _refuse(EXIT_USAGE, str(error))
    try:
        digest = bundle.verify(arguments.bundle, arguments.expect_digest)
    except PlatformError as error:
        return _refuse(EXIT_BUNDLE, f"{error} {json.dumps(error.details, ensure_ascii=False)}")
    except OSError as error:
        return _refuse(EXIT_BUNDLE, f"cannot read the bundle: {error.strerror}")
    try:
        loaded = load(arguments.bundle, arguments.threads)
    except PlatformError as error:
        return _refuse(EXIT_MODEL, f"{error} {json.dumps(error.details, ensure_ascii=False)}")
    if len(key) < KEY_MIN:
        return _refuse(EXIT_USAGE, f"{KEY} must hold the key callers show, at least {KEY_MIN} characters")
    try:
        listener = listen(arguments.host, arguments.port)
    except OSError as error:
        return _refuse(EXIT_PORT, f"cannot listen on {arguments.host}:{arguments.port}: {error.strerror}")
    identity = Identity(arguments.model, arguments.model_version, digest)
    patience = Patience(arguments.linger_s, arguments.drain_s)
    try:
        return uvloop.run(serve(identity, loaded, listener, patience, key, watch_stdin=not arguments.detached))
    finally:
        tracing.shutdown()


def watched() -> None:
    """Logs and spans like those of every other process, by the same settings. Raises: PlatformError for a setting that is not valid."""
    found = settings.load()
    logs.setup("serving", found.log_level)
    logs.adopt("uvicorn.error")
    tracing.setup("serving", found)


WAYS: Mapping[str, type[Loaded] | type[LoadedClassifier]] = {CHAT.name: Loaded, CLASSIFY.name: LoadedClassifier}
"""How what is asked for is served."""


def load(folder: Path, threads: int | None) -> Loaded | LoadedClassifier:
    """The model of a verified bundle. threads: None takes the bundle's own number. Raises: PlatformError when a part cannot be read."""
    options = ServingOptions.from_json(json.loads((folder / bundle.SERVING).read_bytes()))
    return WAYS[family_of(folder).serves.name].open(folder, options, options.threads if threads is None else threads)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket nobody else shares. port: 0 for any free one. Raises: OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # Lets a restart take a port whose old connections still linger; a port somebody listens on is refused all the same.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


async def serve(
    identity: Identity, loaded: Loaded | LoadedClassifier, listener: socket.socket, patience: Patience, key: str, watch_stdin: bool
) -> int:
    """Serve until a drain is asked for and done. Returns: the exit code."""
    loop = asyncio.get_running_loop()
    work = loaded.begin(loop)
    server = loaded.server(identity, work, SystemClock(), new_request_id, key)
    front = Listener(server, lambda: _announce(listener, identity.digest))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if watch_stdin:
        threading.Thread(target=_wait_for_end_of_stdin, args=(loop, stop), name="stdin", daemon=True).start()
    serving = asyncio.create_task(front.serve(sockets=[listener]))
    await stop.wait()
    finished = await drain(server, work, patience)
    front.should_exit = True
    await serving
    return 0 if finished else EXIT_UNFINISHED


def new_request_id() -> str:
    return f"req-{secrets.token_hex(12)}"


async def drain(server: ModelServer, work: Working, patience: Patience) -> bool:
    """Stop taking requests and let the accepted ones finish. Returns: whether they did, in time."""
    server.draining = True
    await asyncio.sleep(patience.linger_s)
    finished = await asyncio.to_thread(work.close, patience.drain_s)
    if not finished:
        await asyncio.to_thread(work.abandon, _ABANDON_S)
    deadline = asyncio.get_running_loop().time() + patience.drain_s
    while server.stats.in_flight and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(_POLL_S)  # the last bytes are still on their way out
    return finished and not server.stats.in_flight


class Listener(uvicorn.Server):
    """uvicorn without its own idea of signals, that tells when it is ready."""

    def __init__(self, server: ModelServer, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                server.app,
                http="httptools",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                date_header=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=1,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _announce(listener: socket.socket, digest: str) -> None:
    print(json.dumps({"port": listener.getsockname()[1], "pid": os.getpid(), "digest": digest}), flush=True)


def _wait_for_end_of_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    with contextlib.suppress(OSError):  # a closed stdin has ended too
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):  # the loop has ended before its parent
        loop.call_soon_threadsafe(stop.set)


def _refuse(code: int, line: str) -> int:
    print(line, file=sys.stderr, flush=True)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.deploy.engine.serving", description="Serve one packaged bundle.")
    parser.add_argument("--bundle", type=Path, required=True, help="folder of the packaged bundle")
    parser.add_argument("--expect-digest", required=True, help="digest the bundle must have (sha256:…)")
    parser.add_argument("--model", required=True, help="name under which the model is served")
    parser.add_argument("--model-version", type=int, required=True, help="version of the model")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on, 0 for any free one")
    parser.add_argument("--threads", type=int, help="threads of one inference step; the bundle's own number when left out")
    parser.add_argument("--linger-s", type=float, default=0.25, help="seconds requests are still taken once a drain began")
    parser.add_argument("--drain-s", type=float, default=30.0, help="most seconds a drain waits for accepted requests")
    parser.add_argument("--detached", action="store_true", help="do not stop when stdin ends")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
