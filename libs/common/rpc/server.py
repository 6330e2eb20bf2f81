"""The Thrift door of a service: framed binary over TCP, one event loop for the bytes, a bounded set of threads for the handlers.

What it decides: who may connect, what is refused before it costs anything, where a handler runs, and how the process stops without losing a
call. What a call means is ``dispatch``, what bytes mean is ``codec``.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any

import uvloop

from libs.common import fault
from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError, Reason, busy, unavailable
from libs.common.rpc.contract import methods_of
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.dispatch import Call, CallInfo, Dispatcher, Handler
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.listen import allow_files, listen, not_accepted
from libs.common.rpc.server_connection import ServerConnection
from libs.common.rpc.workers import Workers
from libs.common.sight import logs
from libs.common.signals import on_signal

_Job = tuple[ServerConnection, Call]
__all__ = ["CallInfo", "Handler", "RpcServer", "stop_on_signals"]

_REFUSED_AT_ONCE = 64
_REFUSED_SECONDS = 0.25
"""Connections over the cap, and how long each is kept to answer its first call with BUSY; further ones are reset at once."""

_BACKLOG = 1024
"""Connections the kernel completes before they are accepted; a shorter queue makes a burst of clients wait a second for their retry."""

_LAME_DUCK_SECONDS = 0.1
"""A draining server still accepts for so long, to send newcomers elsewhere: closing the listener resets whoever waits to be accepted."""


_QUICK_THREADS, _QUICK_AT_ONCE = 3, 8
"""Threads of one interpreter that all have something to do mostly wait for each other, and every answer that goes out by itself wakes its
caller by itself: with three threads that take up to eight calls each, a service under load answered a quarter faster than with eight."""

_TOGETHER_SECONDS = 0.02
"""How long an answer may wait for those that are worked on after it by the same thread."""


def _ignore_call(_name: str, _seconds: float, _code: int) -> None:
    """The default ``on_call``."""


def _ignore_beat() -> None:
    """The default ``on_beat``."""


class RpcServer:
    """Serves ``methods`` (name -> handler(req, CallInfo) -> resp, plain functions) of a thriftpy2 service class.

    threads: handlers that run at once; up to ``limits.max_waiting`` more calls wait for one, then callers get 429 BUSY. inline: methods
    that run on the event loop, for reads of microseconds that never block. quick: methods that wait for a server for about a millisecond;
    they have few threads of their own, which take several at once. on_call: told (method, seconds, code) after each answer, on
    the loop. on_beat: called on the loop at least once a second, for as long as it comes round.
    ``start`` runs it in a thread of its own, ``run`` in the calling thread; use one of them, once.
    """

    def __init__(
        self,
        service: Any,
        methods: Mapping[str, Handler],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: RpcLimits | None = None,
        threads: int = 8,
        inline: Collection[str] = (),
        quick: Collection[str] = (),
        on_call: Callable[[str, float, int], None] = _ignore_call,
        on_beat: Callable[[], None] = _ignore_beat,
    ) -> None:
        self.limits = limits or RpcLimits()
        self.host, self.port = host, port
        self.connections: set[ServerConnection] = set()
        self.buffered = 0
        self._dispatcher = Dispatcher(methods_of(service, self.limits.max_depth), methods, inline, self.limits)
        self._quick = frozenset(quick)
        self._workers: Workers[_Job] = Workers(threads, f"rpc-{service.__name__}", self._work)
        self._quick_workers: Workers[_Job] = Workers(_QUICK_THREADS, f"rpc-{service.__name__}-quick", self._work, _QUICK_AT_ONCE)
        self._most_pooled = threads + self.limits.max_waiting
        self._pooled = 0
        self._done: deque[_Job] = deque()
        self._waking = False
        self._draining = False
        self._on_call, self._on_beat = on_call, on_beat
        self._refused = 0
        self._bad_frames = 0
        self._bad_frames_logged = 0
        self._last_bad_frame: PlatformError | None = None
        self._log = logs.get("rpc")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._listener: asyncio.Server | None = None
        self._socket: socket.socket | None = None
        self._ready = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    # -- figures

    @property
    def in_flight(self) -> int:
        """Calls that run in a thread or wait for one."""
        return self._pooled

    @property
    def bad_frames(self) -> int:
        """Connections closed for bytes that are no call."""
        return self._bad_frames

    @property
    def refusals(self) -> dict[int, int]:
        """code -> calls refused before they ran."""
        return dict(self._dispatcher.refused)

    # -- life

    @property
    def address(self) -> Address:
        """Where it listens; the port is known once ``start`` returned."""
        return Address(self.host, self.port)

    def start(self) -> RpcServer:
        """Serves in a background thread; returns once connections are accepted. Raises PlatformError PORT_TAKEN."""
        listener = self._listen()
        self._thread = threading.Thread(target=self._run, args=(listener,), name="rpc-loop", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._closed.is_set():
            raise unavailable("server", cause="its loop ended at start")
        return self

    def run(self) -> None:
        """Serves in the calling thread until ``close`` is called elsewhere. Raises PlatformError PORT_TAKEN."""
        self._run(self._listen())

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the server has closed; False when ``timeout`` seconds passed first."""
        return self._closed.wait(timeout)

    def drain(self, timeout: float) -> bool:
        """Stops: no new work, calls in flight finish, callers are sent elsewhere, connections close. Call from any thread but the loop's.

        New calls on open connections get 503 UNAVAILABLE, marked as not started, for ``limits.linger_seconds`` or until all clients left.
        Returns whether every call in flight finished within ``timeout`` seconds. The process may end afterwards.
        """
        self._ready.wait()
        finished = True
        if self._loop is not None and not self._closed.is_set():
            try:
                finished = asyncio.run_coroutine_threadsafe(self._drain(Deadline.after(timeout)), self._loop).result()
            except CancelledError:  # closed meanwhile
                finished = False
        self.close()
        return finished

    def close(self) -> None:
        """Ends at once: connections are cut, running handlers keep their thread until they return."""
        if self._loop is not None and self._stop is not None and not self._closed.is_set():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._closed.wait()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _listen(self) -> Any:
        allow_files(self.limits.max_connections + 256)
        listener = listen(self.host, self.port, _BACKLOG)
        self.port = listener.getsockname()[1]
        return listener

    def _run(self, listener: Any) -> None:
        self._workers.start()
        self._quick_workers.start()
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._main(listener))
        finally:
            self._workers.close(timeout=0)
            self._quick_workers.close(timeout=0)
            self._ready.set()
            self._closed.set()

    async def _main(self, listener: Any) -> None:
        loop = asyncio.get_running_loop()
        self._loop, self._stop = loop, asyncio.Event()
        self._socket = listener
        self._listener = await loop.create_server(lambda: ServerConnection(self, self.limits), sock=listener, backlog=_BACKLOG)
        self._sweep(loop)
        self._ready.set()
        await self._stop.wait()
        self._listener.close()
        for connection in list(self.connections):
            connection.abort()
        await asyncio.sleep(0)

    async def _drain(self, deadline: Deadline) -> bool:
        self._draining = True
        await asyncio.sleep(min(_LAME_DUCK_SECONDS, deadline.left()))
        await self._stop_accepting()
        await self._until(lambda: not self._pooled, deadline)
        finished = not self._pooled
        await self._until(lambda: not self.connections, deadline.within(self.limits.linger_seconds))
        for connection in list(self.connections):
            connection.transport.close()  # answers still in its buffer go out first
        await self._until(lambda: not self.connections, deadline.within(1.0))
        return finished

    async def _stop_accepting(self) -> None:
        """Closes the port. Who has connected and was not accepted yet is let in, to be sent elsewhere: a closed port would cut them off
        after they had sent their call, and whether it ran would be unknown to them."""
        assert self._listener is not None
        assert self._socket is not None
        waiting = self._socket.dup()  # keeps the queue of the port while the loop gives it up
        self._listener.close()
        for connected in not_accepted(waiting):
            await asyncio.get_running_loop().connect_accepted_socket(lambda: ServerConnection(self, self.limits), connected)

    async def _until(self, reached: Callable[[], bool], deadline: Deadline) -> None:
        while not reached() and not deadline.expired:
            await asyncio.sleep(0.005)

    # -- connections (on the loop)

    def now(self) -> float:
        return time.monotonic()

    def joined(self, connection: ServerConnection) -> None:
        if len(self.connections) - self._refused >= self.limits.max_connections:
            if self._refused >= _REFUSED_AT_ONCE:
                connection.refused = False
                connection.abort()
                return
            connection.refused = True
            self._refused += 1
            assert self._loop is not None
            self._loop.call_later(_REFUSED_SECONDS, connection.abort)
        connection.quiet_since = self.now()
        self.connections.add(connection)

    def left(self, connection: ServerConnection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
            self._refused -= connection.refused

    def closed_for(self, error: PlatformError) -> None:
        self._bad_frames += 1
        self._last_bad_frame = error

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        self._on_beat()
        limits = self.limits
        now = self.now()
        for connection in [c for c in self.connections if c.overdue(now)]:
            connection.abort()
        if self._bad_frames > self._bad_frames_logged:  # counted, not logged one by one: a port probe must not fill the log
            new, last = self._bad_frames - self._bad_frames_logged, self._last_bad_frame
            self._log.warning("connections closed", reason=Reason.BAD_FRAME.name, count=new, last=last.details if last else None)
            self._bad_frames_logged = self._bad_frames
        period = min(limits.idle_seconds, limits.first_call_seconds, limits.frame_seconds) / 4
        loop.call_later(min(max(period, 0.05), 1.0), self._sweep, loop)

    # -- calls (on the loop, but for ``_work``)

    def serve(self, connection: ServerConnection, data: bytes, pos: int) -> None:
        """Answers the message, or hands it to a thread; closes the connection when it is none."""
        refusal = self._refusal(connection) if self._draining or connection.refused else None
        try:
            call = self._dispatcher.open(data, pos, connection.peer, refusal)
        except PlatformError as error:
            connection.broken(error)
            return
        if call.answer is None:
            if not call.inline:
                if self._pooled < self._most_pooled:
                    self._pooled += 1
                    connection.in_flight += 1
                    workers = self._quick_workers if call.name in self._quick else self._workers
                    workers.submit((connection, call))
                    return
                self._dispatcher.refuse(call, busy("calls waiting for a thread", str(self._most_pooled)))
            else:
                self._dispatcher.run(call)
        connection.answer(call)
        self._tell(call)
        if connection.refused:
            connection.transport.close()

    def _refusal(self, connection: ServerConnection) -> PlatformError:
        if connection.refused:
            return busy("connections", str(self.limits.max_connections))
        return unavailable("server", state="draining")

    def _work(self, jobs: Iterable[_Job]) -> None:
        started = time.monotonic()
        for connection, call in jobs:
            self._dispatcher.run(call)
            self._done.append((connection, call))
            if time.monotonic() - started > _TOGETHER_SECONDS:
                self._wake()
        self._wake()

    def _wake(self) -> None:
        """One wake-up of the loop for all answers that are ready by then."""
        if self._waking or not self._done:
            return
        self._waking = True
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop has ended: nobody is left to answer
            self._loop.call_soon_threadsafe(self._flush)

    def _flush(self) -> None:
        self._waking = False
        while self._done:
            connection, call = self._done.popleft()
            self._pooled -= 1
            try:
                fault.point("rpc.after_handler_before_reply")
            except fault.InjectedFault:
                connection.abort()  # its caller learns nothing, as after a cut
            connection.finished(call)
            self._tell(call)

    def _tell(self, call: Call) -> None:
        try:
            self._on_call(call.name, time.monotonic() - call.received, call.code)
        except Exception as error:  # measuring must not cost an answer
            self._log.error("on_call failed", method=call.name, exc_info=error)


def stop_on_signals(
    server: RpcServer,
    drain_seconds: float,
    before_drain: Callable[[], None] = lambda: None,
    signals: Collection[signal.Signals] = (signal.SIGTERM, signal.SIGINT),
) -> None:
    """Makes the first signal drain ``server`` and the second one close it at once. Call from the main thread, before ``run``.

    before_drain: runs first, for turning health to "not ready" before the port closes.
    """
    heard = 0

    def drain() -> None:
        try:
            before_drain()
        finally:
            server.drain(drain_seconds)

    def stop() -> None:
        nonlocal heard
        heard += 1
        threading.Thread(target=drain if heard == 1 else server.close, name="rpc-stop").start()

    on_signal(stop, signals)
