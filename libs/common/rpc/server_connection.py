"""One accepted connection: what it may send, how long it may take, and when it has to wait."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from libs.common.errors import PlatformError
from libs.common.rpc.dispatch import Call
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.stream import FrameStream

_UNREAD_BYTES = 1 << 20
"""Answers a peer may leave unread before nothing more is read from it."""


_GATHERED_BYTES = 1 << 18
"""Answers that wait for the ones after them."""


class Host(Protocol):
    """The server as its connections see it. buffered: bytes of unfinished frames of all connections."""

    buffered: int

    def joined(self, connection: ServerConnection) -> None: ...

    def left(self, connection: ServerConnection) -> None: ...

    def serve(self, connection: ServerConnection, data: bytes, pos: int) -> None: ...

    def closed_for(self, error: PlatformError) -> None: ...

    def now(self) -> float: ...


class ServerConnection(FrameStream):
    """Calls are answered by sequence number, in any order.

    in_flight: calls in threads. refused: over the cap, only told so. called: has sent a frame. Monotonic seconds: quiet_since the last
    sign of life, frame_since when the unfinished frame began, unread_since since when the peer does not take its answers.
    """

    def __init__(self, server: Host, limits: RpcLimits) -> None:
        super().__init__(limits.max_frame_bytes)
        self._server, self._limits = server, limits
        self.in_flight = 0
        self.refused = False
        self.called = False
        self.touched = True
        self.quiet_since = 0.0
        self.frame_since: float | None = None
        self.unread_since: float | None = None
        self._held = 0
        self._gathered: list[bytes] | None = None
        self._gathered_bytes = 0
        self.peer = ""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one by shape only
        self.transport.set_write_buffer_limits(high=_UNREAD_BYTES)
        name = transport.get_extra_info("peername")
        self.peer = f"{name[0]}:{name[1]}" if name else ""
        self._server.joined(self)

    def connection_lost(self, _cause: Exception | None) -> None:
        self.stalled = True
        self._kept.clear()
        self.held(0)
        self._server.left(self)

    def frame(self, data: bytes, pos: int) -> None:
        self.touched = self.called = True
        self._server.serve(self, data, pos)
        if self.in_flight >= self._limits.max_in_flight and not self.stalled:
            self._stall()

    def _split(self, data: bytes) -> None:
        """What is answered while frames that came together are read goes out together: a write each would cost as much as the answers."""
        self._gathered = []
        try:
            super()._split(data)
        finally:
            self._send_gathered()
            self._gathered = None

    def _send_gathered(self) -> None:
        if self._gathered and not self.transport.is_closing():
            self.transport.write(b"".join(self._gathered))
            self._gathered.clear()
        self._gathered_bytes = 0

    def broken(self, error: PlatformError) -> None:
        self._send_gathered()
        self._server.closed_for(error)
        self.abort()

    def abort(self) -> None:
        self.stalled = True
        self.transport.abort()

    def answer(self, call: Call) -> None:
        """Sends the answer; dropped when the peer has gone."""
        assert call.answer is not None
        if self._gathered is not None:
            self._gathered.append(call.answer)
            self._gathered_bytes += len(call.answer)
            if self._gathered_bytes > _GATHERED_BYTES:
                self._send_gathered()
        elif not self.transport.is_closing():
            self.transport.write(call.answer)

    def finished(self, call: Call) -> None:
        """A call that ran in a thread is done."""
        self.in_flight -= 1
        self.touched = True
        self.answer(call)
        if self.stalled:
            self._unstall()

    def held(self, size: int) -> None:
        self._server.buffered += size - self._held
        self._held = size
        if size == 0 or self.stalled:
            self.frame_since = None
        elif self.frame_since is None:
            self.frame_since = self._server.now()
        if size and self._server.buffered > self._limits.max_buffered_bytes:
            self.abort()

    def pause_writing(self) -> None:
        self.unread_since = self._server.now()
        self._stall()

    def resume_writing(self) -> None:
        self.unread_since = None
        self._unstall()

    def _stall(self) -> None:
        self.stalled = True
        self.frame_since = None
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def _unstall(self) -> None:
        if self.unread_since is None and self.in_flight < self._limits.max_in_flight and not self.transport.is_closing():
            self.transport.resume_reading()
            self.deliver()

    def overdue(self, now: float) -> bool:
        """Whether the peer has used up one of its times."""
        if self.touched:
            self.touched, self.quiet_since = False, now
        limits = self._limits
        quiet = limits.idle_seconds if self.called else limits.first_call_seconds
        return (
            (self.frame_since is not None and now - self.frame_since > limits.frame_seconds)
            or (self.unread_since is not None and now - self.unread_since > limits.unread_seconds)
            or (not self.in_flight and now - self.quiet_since > quiet)
        )
