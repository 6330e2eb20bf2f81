"""How many requests are worked on at once: one more is refused at once with 429 BUSY and ``Retry-After``, not queued without end.

A request counts until its answer begins, so that a stream that stays open takes no place. Probes and metrics are always let in: a gateway
that is busy is not ill. The refusal is made before routing, out of bytes that are ready, because it must cost far less than an answer.
"""

from __future__ import annotations

import uuid
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import error_bytes, is_openai
from libs.common.errors import busy

ALWAYS = frozenset({"/healthz", "/readyz", "/metrics"})
RETRY_AFTER_SECONDS = 1
_MARK = "0" * 32


class Admission:
    """limit: requests worked on at once. refused: how many were turned away."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit
        self._inside = 0
        self.refused = 0
        error = busy("requests", str(limit))
        self._bodies = {(shape, lang): error_bytes(shape, error, lang, _MARK) for shape in ("/v1", "/api") for lang in ("zh", "en")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            return await self._app(scope, receive, send)
        if self._inside >= self._limit:
            self.refused += 1
            return await self._refuse(scope, send)
        self._inside += 1
        inside = True

        async def watch(message: Any) -> None:
            nonlocal inside
            if inside and message["type"] == "http.response.start":
                inside = False
                self._inside -= 1
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            if inside:
                self._inside -= 1
        return None

    async def _refuse(self, scope: Scope, send: Send) -> None:
        chinese = any(name == b"accept-language" and value.lower().startswith(b"zh") for name, value in scope["headers"])
        given = uuid.uuid4().hex.encode()
        shape = "/v1" if is_openai(scope["path"]) else "/api"
        body = self._bodies[shape, "zh" if chinese else "en"].replace(_MARK.encode(), given)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"retry-after", str(RETRY_AFTER_SECONDS).encode()),
            (b"x-request-id", given),
        ]
        await send({"type": "http.response.start", "status": 429, "headers": headers})
        await send({"type": "http.response.body", "body": body})
