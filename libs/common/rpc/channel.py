"""One multiplexed connection of the asynchronous client: calls in flight by sequence number, one timer for all their deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError, Reason, deadline_exceeded, unavailable
from libs.common.rpc import codec, frames
from libs.common.rpc.connection import connection_lost
from libs.common.rpc.contract import Method
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.stream import FrameStream
from libs.common.rpc.wire_error import NOT_STARTED

_LAST_NUMBER = 0x7FFFFFFF
_TOGETHER_BYTES = 1 << 16  # a call this large does not wait for others
_NEVER = float("inf")
_SILENT_TIMEOUTS = 3
"""Calls in a row that timed out without a byte from the peer, after ``silent_seconds`` of which the connection counts as dead."""


class Channel(FrameStream):
    """``waiting``: sequence number -> (future, method, deadline). A future always ends with a result: the response struct, or a
    PlatformError as a value, so that a caller who left early leaves nothing behind.

    on_down: told once, when the channel takes no more calls; ``dead`` says whether the peer had fallen silent. on_alive: told at the
    first answer.
    """

    def __init__(
        self, address: Address, limits: RpcLimits, on_down: Callable[[Channel], None], on_alive: Callable[[Address], None]
    ) -> None:
        super().__init__(limits.max_frame_bytes)
        self.address = address
        self.waiting: dict[int, tuple[asyncio.Future[Any], Method, Deadline]] = {}
        self.used_at = 0.0
        self._limits, self._on_down, self._on_alive = limits, on_down, on_alive
        self._number = 0
        self.unsent: list[bytes] = []
        self._wrapped = False
        self._congested = self._down = self._alive = False
        self._silent = 0
        self._asked_at = _NEVER  # the first call since the peer was last heard
        self._wakes_at = _NEVER
        self._timer: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport
        self._loop: asyncio.AbstractEventLoop

    @property
    def dead(self) -> bool:
        return self._silent >= _SILENT_TIMEOUTS and self._loop.time() - self._asked_at >= self._limits.silent_seconds

    @property
    def full(self) -> bool:
        return self._congested or len(self.waiting) >= self._limits.max_in_flight

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one by shape only
        self._loop = asyncio.get_running_loop()
        self.used_at = self._loop.time()

    def ask(self, method: Method, req: Any, deadline: Deadline) -> asyncio.Future[Any]:
        """Sends the call; the future ends with its answer or with what went wrong. Raises WRONG_TYPE or TOO_LARGE for ``req``."""
        loop = self._loop
        future = loop.create_future()
        left = deadline.left()
        if left <= 0.0:
            future.set_result(deadline_exceeded(method.name))
            return future
        if self.transport.is_closing():
            error = unavailable(f"{self.address.host}:{self.address.port}", method=method.name)
            error.details[NOT_STARTED] = "no"
            future.set_result(error)
            return future
        number = self._number % _LAST_NUMBER + 1
        self._write(codec.encode_call(method, number, method.budgeted(req, left), self._limits))
        self._number = number
        self._wrapped = self._wrapped or number == _LAST_NUMBER
        self.waiting[number] = (future, method, deadline)
        self.used_at = now = loop.time()
        if self._asked_at > now:
            self._asked_at = now
        if deadline.at < self._wakes_at:
            self._wake(deadline.at, left)
        return future

    def _write(self, frame: bytes) -> None:
        """Calls made in one round of the event loop go out together: a write each would cost as much as making them."""
        self.unsent.append(frame)
        if len(frame) > _TOGETHER_BYTES:
            self._send()
        elif len(self.unsent) == 1:
            self._loop.call_soon(self._send)

    def _send(self) -> None:
        frames_, self.unsent = self.unsent, []
        if frames_ and not self.transport.is_closing():  # otherwise all that wait are told that the connection is lost
            self.transport.write(frames_[0] if len(frames_) == 1 else b"".join(frames_))

    def retire(self) -> None:
        """Takes no more calls; closes once the last answer came."""
        self._go_down()
        if not self.waiting:
            self.transport.close()

    # -- what the peer sends

    def data_received(self, data: bytes) -> None:
        self._silent, self._asked_at = 0, _NEVER
        super().data_received(data)

    def frame(self, data: bytes, pos: int) -> None:
        entry = None
        try:
            kind, name, number, pos = frames.header(data, pos, self._limits)
            entry = self.waiting.pop(number, None)
            if entry is None:
                if number < 1 or (number > self._number and not self._wrapped):
                    raise frames.bad_frame("answer to no call")
                return  # its caller stopped waiting
            if name != entry[1].key:
                raise frames.bad_frame("answer to another call")
            answer = codec.decode_reply(entry[1], kind, data, pos, self._limits)
        except PlatformError as error:
            error.code = 502
            answer = error
            if error.reason == Reason.BAD_FRAME:
                self.broken(error)
        if not self._alive:
            self._alive = True
            self._on_alive(self.address)
        if entry is not None and not entry[0].done():
            entry[0].set_result(answer)
        if self._down and not self.waiting:
            self.transport.close()

    def broken(self, _error: PlatformError) -> None:
        self.stalled = True
        self._go_down()
        self.transport.abort()

    def connection_lost(self, _cause: Exception | None) -> None:
        self._go_down()
        if self._timer is not None:
            self._timer.cancel()
        for future, method, _ in self.waiting.values():
            if not future.done():
                future.set_result(connection_lost(method.name, self.address))
        self.waiting.clear()

    def pause_writing(self) -> None:
        self._congested = True

    def resume_writing(self) -> None:
        self._congested = False

    def _go_down(self) -> None:
        if not self._down:
            self._down = True
            self._on_down(self)

    # -- deadlines

    def _wake(self, at: float, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = at
        self._timer = self._loop.call_later(max(seconds, 0.001), self._expire)

    def _expire(self) -> None:
        self._timer, self._wakes_at = None, _NEVER
        for number, (future, method, deadline) in list(self.waiting.items()):
            if future.done():  # its caller was cancelled
                del self.waiting[number]
            elif deadline.left() <= 0.0:
                del self.waiting[number]
                self._silent += 1
                future.set_result(deadline_exceeded(method.name))
        if self.waiting:
            soonest = min((deadline for _, _, deadline in self.waiting.values()), key=lambda deadline: deadline.at)
            self._wake(soonest.at, soonest.left())
        if self.dead or (self._down and not self.waiting):
            self.retire()
