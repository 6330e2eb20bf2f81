"""Connections of which a whole request has not come yet: they are bounded in number, in bytes and in time, and cost nobody else a place.

A head has ``head_seconds`` and 64 KiB; a body has ``body_seconds`` and as long as it comes at 8 KiB a second. Where too many are unfinished
at once the oldest has to go, because who means it is done within milliseconds: newcomers are always let in. The parser keeps what it has
not understood yet in one growing piece, so a head is measured before it is parsed; else one header of 40 MB would hold the event loop for
seconds. Every request that ends here is counted and logged like any other answer.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.errors import error_body
from gateway.headers import DEFAULT
from libs.common.errors import PlatformError, Reason, invalid

HEAD_BYTES = 65_536
HEADERS_MAX = 256
PIECE_BYTES = 16_384  # of what came are parsed at once
BODY_BYTES_A_SECOND = 8_192
HELD_BYTES, HELD_BY_ONE = 128 << 20, 4 << 20  # of unfinished bodies, all together and counted of one
LINGER_SECONDS = 1.0  # a caller that still writes is heard so long, or the answer would be lost in the reset of its connection
SWEEP_SECONDS = 0.25
IDLE, HEAD, BODY = range(3)
Told = Callable[[PlatformError, str, str], None]


class Reception:
    """All unfinished requests of this process. most: so many at once. told: (error, request id, address) of each that is ended here."""

    def __init__(self, head_seconds: float, body_seconds: float, most: int, told: Told) -> None:
        self.head_seconds, self.body_seconds, self.most, self.told = head_seconds, body_seconds, most, told
        self.unfinished: dict[Connection, int] = {}  # the oldest first, with the bytes of its body that are counted
        self._held = 0

    def connection(self, **uvicorn: Any) -> Connection:
        """What uvicorn makes of an accepted connection."""
        return Connection(self, **uvicorn)

    def waits(self, connection: Connection) -> None:
        """More of it has come, and not all."""
        held = min(connection.body_bytes, HELD_BY_ONE)
        self._held += held - self.unfinished.get(connection, 0)
        self.unfinished[connection] = held
        if len(self.unfinished) > self.most:
            next(iter(self.unfinished)).too_late(f"the oldest of {self.most} unfinished requests")
        while self._held > HELD_BYTES:
            next(each for each, bytes_of in self.unfinished.items() if bytes_of).too_late(f"{HELD_BYTES} bytes of unfinished bodies")

    def came(self, connection: Connection) -> None:
        """All of it has come, or nothing more will."""
        self._held -= self.unfinished.pop(connection, 0)

    async def run(self) -> None:
        """Ends what is overdue, until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = loop.time()
            for connection in [each for each in self.unfinished if now > each.until]:
                connection.overdue()


class Connection(HttpToolsProtocol):
    """uvicorn's, with bounds on what has not been read yet. until: when it must have been, on the loop's clock."""

    def __init__(self, reception: Reception, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._reception = reception
        self._stage, self._since, self._refused = HEAD, 0.0, False
        self._head_bytes = self.body_bytes = self._other_bytes = 0
        self._fault: PlatformError | None = None

    @property
    def until(self) -> float:
        if self._stage == BODY:
            return self._since + self._reception.body_seconds + self.body_bytes / BODY_BYTES_A_SECOND
        return self._since + self._reception.head_seconds

    # -- the transport's

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._enter(HEAD)
        self._reception.waits(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._reception.came(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._unset_keepalive_if_required()
        if self._stage == IDLE:
            self._enter(HEAD)
        if len(data) <= PIECE_BYTES:
            self._parse(data)
        else:
            whole = memoryview(data)
            for start in range(0, len(data), PIECE_BYTES):
                if not self._parse(whole[start : start + PIECE_BYTES]):
                    return
        if self._stage == IDLE:
            self._reception.came(self)
        elif not self._refused:
            self._reception.waits(self)

    def _parse(self, piece: bytes | memoryview) -> bool:
        """Whether more may be parsed."""
        stage, body = self._stage, self.body_bytes
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            return True  # to nothing we speak: it was answered as a plain request
        except httptools.HttpParserError:
            self._refuse(self._fault or invalid("request", limit="HTTP/1.1"))
            return False
        if self._stage == HEAD:
            # Of a head that began behind another request in this piece it is not known how much; the next pieces count.
            self._head_bytes += len(piece) if stage != BODY else 0
            if self._head_bytes > HEAD_BYTES:
                self._refuse(_head_too_large())
        elif self._stage == BODY and stage == BODY:
            self._other_bytes = self._other_bytes + len(piece) if self.body_bytes == body else 0
            if self._other_bytes > HEAD_BYTES:  # chunk sizes and trailers without end
                self._refuse(_head_too_large())
        return not self._refused

    # -- the parser's

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._enter(HEAD)

    def on_headers_complete(self) -> None:
        if self._head_bytes + PIECE_BYTES > HEAD_BYTES or len(self.headers) > HEADERS_MAX:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > HEAD_BYTES or len(self.headers) > HEADERS_MAX:
                self._fault = _head_too_large()
                raise self._fault
        self._enter(BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._stage = IDLE
        super().on_message_complete()

    def _enter(self, stage: int) -> None:
        self._stage, self._since = stage, self.loop.time()
        self._head_bytes = self.body_bytes = self._other_bytes = 0

    # -- ends

    def overdue(self) -> None:
        seconds = self._reception.head_seconds if self._stage == HEAD else self._reception.body_seconds
        if self._stage == HEAD and self.cycle is not None and not self.cycle.response_complete:
            self._since = self.loop.time()  # the request before it is still being answered
            return
        self.too_late(f"{seconds:g} seconds")

    def too_late(self, limit: str) -> None:
        self._refuse(PlatformError(408, Reason.REQUEST_UNFINISHED, field="headers" if self._stage == HEAD else "body", limit=limit))

    def _refuse(self, error: PlatformError) -> None:
        """Answers, unless an answer is under way or nothing was asked yet; nothing more of this connection is read."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._reception.came(self)
        headers: Any = self.headers  # None until the first byte of a request
        asked = headers is not None or error.code == 400
        reading: Any = self.cycle if self._stage == BODY else None
        if reading is not None:
            reading.scope["modelyard.refusal"] = error  # whoever waits for the body learns why it does not come
            given = reading.scope.setdefault("modelyard.request_id", uuid.uuid4().hex)
        else:
            given = uuid.uuid4().hex
            if asked:
                self._reception.told(error, given, self.client[0] if self.client else "")
        if not asked or self.pipeline or self._answering(reading):
            self.transport.close()
            return
        self.transport.write(_answer(error, given))
        if reading is not None:
            reading.disconnected = True
            reading.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _answering(self, reading: Any) -> bool:
        """Whether bytes of another answer are, or may be, on their way."""
        if reading is not None:
            return bool(reading.response_started)
        return self.cycle is not None and not self.cycle.response_complete


def _answer(error: PlatformError, request_id: str) -> bytes:
    body = msgspec.json.encode({"error": error_body(error, "en", request_id)})
    headers = [
        *DEFAULT,
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", request_id.encode()),
        (b"connection", b"close"),
    ]
    return b"".join([STATUS_LINE[error.code], *(b"%s: %s\r\n" % pair for pair in headers), b"\r\n", body])


def _head_too_large() -> PlatformError:
    return PlatformError(431, Reason.TOO_LARGE, field="headers", limit=f"at most {HEAD_BYTES} bytes and {HEADERS_MAX} headers")
