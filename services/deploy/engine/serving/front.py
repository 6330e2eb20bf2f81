"""The outermost layer of every request: its id, the headers that name what answered, the count and the clock, and the last net for errors.

Written as plain ASGI: a stream passes through here once per chunk, so a chunk costs one dictionary look-up and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.deploy.engine.serving.stats import Stats

COUNTED = frozenset({"/v1/chat/completions", "/v1/completions"})
"""Paths whose requests are traffic. Probes and metrics are not: they would make a silent server look busy."""

CLIENT_GONE = 499
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


class Front:
    """ASGI middleware around the routes.

    It adds to the scope: ``request_id``, and ``outcome``, a set the routes add "cancelled" (the client left) or "failed" (mid-stream) to.
    """

    def __init__(self, app: ASGIApp, headers: Sequence[tuple[bytes, bytes]], stats: Stats, new_id: Callable[[], str]) -> None:
        self._app, self._headers, self._stats, self._new_id = app, list(headers), stats, new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        headers = [*self._headers, (b"x-request-id", request_id.encode())]
        outcome: set[str] = set()
        scope["request_id"], scope["outcome"] = request_id, outcome
        status = CLIENT_GONE

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        if scope["path"] not in COUNTED:
            await self._app(scope, receive, send_named)
            return
        started = self._stats.begin()
        try:
            await self._app(scope, receive, send_named)
        finally:
            self._stats.end(started, 500 if "failed" in outcome else status, "cancelled" in outcome)

    def _request_id(self, scope: Scope) -> str:
        """The caller's id when it is one that may stand in a header and a log line, else a new one."""
        given: Any = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        return str(given.decode()) if _REQUEST_ID.fullmatch(given) else self._new_id()
