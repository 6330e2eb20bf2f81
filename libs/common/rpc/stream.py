"""A byte stream cut into frames: the part of an asyncio protocol that server and client share."""

from __future__ import annotations

import asyncio
import struct

from libs.common.errors import PlatformError
from libs.common.rpc.frames import bad_frame

_u32 = struct.Struct(">I").unpack_from


class FrameStream(asyncio.Protocol):
    """Calls ``frame`` for every complete frame and ``broken`` for a length no frame may have.

    An unfinished frame is kept in one growing buffer (a peer that sends single bytes gains nothing); ``held`` is told its size. While
    ``stalled`` nothing is delivered; ``deliver`` goes on.
    """

    def __init__(self, max_frame_bytes: int) -> None:
        self._max_frame_bytes = max_frame_bytes
        self._kept = bytearray()
        self._needed = 0
        self.stalled = False

    def frame(self, data: bytes, pos: int) -> None:
        """One message: ``data`` from ``pos`` to its end."""
        raise NotImplementedError

    def broken(self, error: PlatformError) -> None:
        """The stream cannot be read any further."""
        raise NotImplementedError

    def held(self, size: int) -> None:
        """``size`` bytes of an unfinished frame are kept."""

    def data_received(self, data: bytes) -> None:
        if self._kept:
            self._kept += data
            if len(self._kept) < self._needed or self.stalled:
                self.held(len(self._kept))
                return
            data = bytes(self._kept)
            self._kept.clear()
            self.held(0)
        if len(data) > 4 and _u32(data, 0)[0] == len(data) - 4 <= self._max_frame_bytes and not self.stalled:
            self.frame(data, 4)  # the usual case: exactly one frame, and no byte of it is copied
            return
        self._split(data)

    def deliver(self) -> None:
        """Goes on after a stall with what was kept."""
        self.stalled = False
        if self._kept:
            data = bytes(self._kept)
            self._kept.clear()
            self.held(0)
            self._split(data)

    def _split(self, data: bytes) -> None:
        pos, size, needed = 0, len(data), 4
        while size - pos >= 4 and not self.stalled:
            length = _u32(data, pos)[0]
            if length > self._max_frame_bytes:
                self.broken(bad_frame("size", limit=f"at most {self._max_frame_bytes} bytes"))
                return
            needed = 4 + length
            if size - pos < needed:
                break
            self.frame(data[pos + 4 : pos + needed], 0)
            pos, needed = pos + needed, 4
        if pos < size:
            self._kept += data[pos:]
            self._needed = needed
            self.held(len(self._kept))
