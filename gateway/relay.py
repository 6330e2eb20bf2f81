"""One question to a serving process, and its answer passed on as it comes.

A question that may have been taken is never sent twice. Who asked and left ends the work there; who reads slowly is not read for; an answer
that is not whole is not passed off as one: its connection is cut.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from libs.common.errors import PlatformError, Reason, deadline_exceeded

CONNECT_SECONDS = 2.0  # a place among the connections, and the connection itself
SILENT_SECONDS = 300.0  # before an answer and between its pieces
IDLE_SECONDS = 60.0  # less than the 75 after which a serving process ends an idle connection: no question meets that end
CONNECTIONS = 200  # to one serving process
ANSWER_BYTES = 64 << 20
_SENT_WHOLE = 1 << 20  # a larger question is written piece by piece
_NO_HEADERS_OF_ITS_OWN = ("User-Agent", "Accept", "Accept-Encoding")
PASSED = frozenset(
    (
        b"content-type",
        b"content-length",
        b"retry-after",
        b"x-modelyard-model",
        b"x-modelyard-model-version",
        b"x-modelyard-digest",
        b"x-request-id",
    )
)


Begun = aiohttp.ClientResponse
"""An answer whose body waits."""


class NotTakenError(Exception):
    """Nothing was sent: another process may be asked."""


class Upstream:
    """The connections to all serving processes. Made before there is an event loop, opened by the first question."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, address: str, path: str, body: bytes, headers: Mapping[str, str], what: str) -> Begun:
        """The answer as soon as it begins; whoever gets it closes it. Raises NotTakenError, or for a question that may have been taken
        PlatformError 502 CONNECTION_LOST, 504 DEADLINE_EXCEEDED."""
        question = body if len(body) < _SENT_WHOLE else io.BytesIO(body)
        try:
            answer = await self._opened().post(address + path, data=question, headers=headers, allow_redirects=False)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotTakenError from error
        except TimeoutError:
            raise deadline_exceeded(what) from None
        except aiohttp.ClientError:
            raise _lost(what) from None
        _end_with_its_connection(answer)
        return answer

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, limit_per_host=CONNECTIONS, keepalive_timeout=IDLE_SECONDS),
                timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=_NO_HEADERS_OF_ITS_OWN,
            )
        return self._session


class Relayed(Response):
    """The answer of a serving process. It is asked for here, so that one look-out for a caller who leaves covers all of it.

    asked: begins the answer. what: whose it is, for people.
    """

    def __init__(self, asked: Callable[[], Awaitable[Begun]], what: str) -> None:
        self._asked, self._what = asked, what
        self.background = None

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        async with WhileHeard(receive):
            answer = await self._asked()
            try:
                headers = [(name, value) for key, value in answer.raw_headers if (name := key.lower()) in PASSED]
                await send({"type": "http.response.start", "status": answer.status, "headers": headers})
                await self._pass(answer.content, send)
            finally:
                answer.close()  # one that was read to its end has given its connection back already

    async def _pass(self, content: aiohttp.StreamReader, send: Send) -> None:
        """Raises PlatformError 502, 504: what was sent is not the whole answer."""
        size, more = 0, True
        while more:
            try:
                piece = await content.readany()
            except TimeoutError:
                raise deadline_exceeded(self._what) from None
            except aiohttp.ClientError:
                raise _lost(self._what) from None
            size += len(piece)
            if size > ANSWER_BYTES:
                raise PlatformError(502, Reason.TOO_LARGE, field="answer", limit=f"at most {ANSWER_BYTES} bytes")
            more = not content.at_eof()
            await send({"type": "http.response.body", "body": piece, "more_body": more})


class WhileHeard:
    """Ends what runs inside when the caller leaves: raises ClientDisconnect. The request's body must have been read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = False

    async def __aenter__(self) -> None:
        self._inside: Any = asyncio.current_task()
        self._watch = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left = True
        self._inside.cancel()

    async def __aexit__(self, _kind: Any, error: BaseException | None, _where: Any) -> None:
        self._watch.cancel()
        if not self._left:
            return
        if not isinstance(error, asyncio.CancelledError):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0)  # it was cancelled in the moment it ended
        if self._inside.uncancel() == 0:
            raise ClientDisconnect from None


def _end_with_its_connection(answer: Begun) -> None:
    """aiohttp closes the connection of an answer whose framing is false, and tells whoever waits for its next piece nothing."""
    content = answer.content
    if answer.connection is None or answer.connection.protocol is None:
        return  # it has been read to its end

    def ended(_: object = None) -> None:
        if not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError("false framing"))

    closed = answer.connection.protocol.closed
    if closed is None:  # meanwhile
        ended()
        return
    closed.remove_done_callback(_looked_at)  # added by the connection's answer before this one
    closed.add_done_callback(_looked_at)
    closed.add_done_callback(ended)

    def whole() -> None:
        closed.remove_done_callback(ended)

    content.on_eof(whole)


def _looked_at(closed: asyncio.Future[None]) -> None:
    """Why an idle connection ended matters to nobody."""
    if not closed.cancelled():
        closed.exception()


def _lost(what: str) -> PlatformError:
    return PlatformError(502, Reason.CONNECTION_LOST, retryable=True, what=what)
