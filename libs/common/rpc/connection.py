"""One blocking connection of a client, used by one call at a time, under an absolute deadline.

The deadline is looked at before every read and write, so a peer that drips bytes gains nothing. Whoever uses a connection destroys it
after any failure: what was left unread on it would be the next call's answer.
"""

from __future__ import annotations

import select
import socket
import struct

from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError, Reason, deadline_exceeded
from libs.common.rpc.deadline import Deadline

_CHUNK = 65536
_u32 = struct.Struct(">I").unpack_from


class NotSentError(Exception):
    """The peer cannot have seen the whole call, so it did not run."""


def connection_lost(method: str, address: Address) -> PlatformError:
    """502: the call was sent and no answer came. Whether it took effect is unknown; retry with the same idempotency key."""
    return PlatformError(502, Reason.CONNECTION_LOST, retryable=True, what=f"{address.host}:{address.port}", method=method)


class Connection:
    """Connects on creation. Raises NotSentError when the address does not accept within ``seconds``."""

    def __init__(self, address: Address, seconds: float) -> None:
        self.address = address
        self.used_at = 0.0
        try:
            self._socket = socket.create_connection(address, timeout=max(seconds, 0.001))
        except OSError as error:
            raise NotSentError(str(error)) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(self._socket, select.POLLIN)
        self._writable.register(self._socket, select.POLLOUT)

    def close(self) -> None:
        self._socket.close()

    def usable(self) -> bool:
        """Whether the idle connection is open and silent. Bytes nobody asked for make it unusable: they would answer the wrong call."""
        return not self._readable.poll(0)

    def send(self, frame: bytes, deadline: Deadline, method: str) -> None:
        """Hands the whole frame over. Raises NotSentError, or 504 DEADLINE_EXCEEDED."""
        rest: bytes | memoryview = frame
        while True:
            try:
                sent = self._socket.send(rest)
            except BlockingIOError:
                self._wait(self._writable, deadline, method)
                continue
            except OSError as error:
                raise NotSentError(str(error)) from error
            if sent == len(rest):
                return
            rest = memoryview(rest)[sent:]

    def receive(self, max_frame_bytes: int, deadline: Deadline, method: str) -> bytes:
        """The one frame that is due, with its 4 length bytes. Raises CONNECTION_LOST, DEADLINE_EXCEEDED, or 502 BAD_FRAME."""
        data = self._read(_CHUNK, deadline, method)
        while len(data) < 4:
            data += self._read(_CHUNK, deadline, method)
        size = 4 + _u32(data, 0)[0]
        if size - 4 > max_frame_bytes:
            raise PlatformError(502, Reason.BAD_FRAME, limit=f"at most {max_frame_bytes} bytes", what="size")
        if len(data) < size:
            whole = bytearray(data)
            while len(whole) < size:
                whole += self._read(min(size - len(whole), 1 << 20), deadline, method)
            data = bytes(whole)
        if len(data) > size:
            raise PlatformError(502, Reason.BAD_FRAME, limit="one answer", what="more bytes than one answer")
        return data

    def _read(self, size: int, deadline: Deadline, method: str) -> bytes:
        while True:
            self._wait(self._readable, deadline, method)
            try:
                data = self._socket.recv(size)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                raise connection_lost(method, self.address)
            return data

    def _wait(self, poll: select.poll, deadline: Deadline, method: str) -> None:
        while True:
            left = deadline.left()
            if left <= 0.0:
                raise deadline_exceeded(method)
            if poll.poll(left * 1000):
                return
