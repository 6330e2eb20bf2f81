"""How many requests are worked on at once: one more is refused at once with 429 BUSY and ``Retry-After``, not queued without end.

A request counts while it is worked on: not while its body has yet to come (``gateway.reception`` bounds those), nor once its answer begins,
so that a stream that stays open takes no place. Probes and metrics are always let in: a gateway that is busy is not ill. The refusal is
made before routing, out of bytes that are ready, because it must cost far less than an answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import error_bytes, is_openai
from gateway.headers import secured
from libs.common.errors import PlatformError, busy

ALWAYS = frozenset({"/healthz", "/readyz", "/readyz/self", "/metrics"})
RETRY_AFTER_SECONDS = 1
_MARK = "0" * 32


Told = Callable[[Scope, PlatformError, str], None]


class Admission:
    """limit: requests worked on at once. told: (scope, error, request id) of each that is turned away. refused: how many were."""

    def __init__(self, app: ASGIApp, limit: int, told: Told) -> None:
        self._app, self._limit, self._told = app, limit, told
        self._inside = 0
        self.refused = 0
        error = busy("requests", str(limit))
        self._bodies = {(shape, lang): error_bytes(shape, error, lang, _MARK) for shape in ("/v1", "/api") for lang in ("zh", "en")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in ALWAYS:
            return await self._app(scope, receive, send)
        if self._inside >= self._limit:
            self.refused += 1
            return await self._refuse(scope, send)
        visit = _Visit(self, receive, send)
        self._inside += 1
        try:
            await self._app(scope, visit.hear, visit.say)
        finally:
            visit.leave()
        return None

    def enter(self) -> None:
        """Raises 429 BUSY."""
        if self._inside >= self._limit:
            self.refused += 1
            raise busy("requests", str(self._limit))
        self._inside += 1

    def leave(self) -> None:
        self._inside -= 1

    async def _refuse(self, scope: Scope, send: Send) -> None:
        chinese = any(name == b"accept-language" and value.lower().startswith(b"zh") for name, value in scope["headers"])
        given = uuid.uuid4().hex
        shape = "/v1" if is_openai(scope["path"]) else "/api"
        body = self._bodies[shape, "zh" if chinese else "en"].replace(_MARK.encode(), given.encode())
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"retry-after", str(RETRY_AFTER_SECONDS).encode()),
            (b"x-request-id", given.encode()),
        ]
        self._told(scope, busy("requests", str(self._limit)), given)
        await send({"type": "http.response.start", "status": 429, "headers": secured(headers)})
        await send({"type": "http.response.body", "body": body})


class _Visit:
    """The place of one request: given back while its body is on its way, and for good when its answer begins."""

    def __init__(self, admission: Admission, receive: Receive, send: Send) -> None:
        self._admission, self._receive, self._send = admission, receive, send
        self._inside, self._whole, self._begun = True, False, False

    async def hear(self) -> Any:
        """Raises 429 BUSY when the body is whole and nobody else may be worked on."""
        if self._whole or self._begun:
            return await self._receive()
        self.leave()
        message = await self._receive()
        if not message.get("more_body", False) and not self._begun:
            self._whole = True
            if message["type"] == "http.request":
                self._admission.enter()
                self._inside = True
        return message

    async def say(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._begun = True
            self.leave()
        await self._send(message)

    def leave(self) -> None:
        if self._inside:
            self._inside = False
            self._admission.leave()
