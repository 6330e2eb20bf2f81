"""The outermost layer of every request: who may ask, its id, the headers that name what answered, its span, the count and the clock, and
one log line for every answer that is a refusal or a failure.

Nobody without the instance's key gets an answer, or learns what is served here. Only whether the process lives and is ready is open, as
probes of orchestrators carry no secret.

Written as plain ASGI: a stream passes through here once per chunk, so a chunk costs one dictionary look-up and nothing else.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.common import instance_key
from libs.common.bucket import Bucket
from libs.common.errors import PlatformError, Reason
from libs.common.openai_errors import openai_error
from libs.common.sight import logs, tracing
from libs.models.tasks import CHAT_PATH, CLASSIFY_PATH, COMPLETIONS_PATH
from services.deploy.engine.serving import answers
from services.deploy.engine.serving.running import language
from services.deploy.engine.serving.stats import Stats

COUNTED = frozenset({CHAT_PATH, COMPLETIONS_PATH, CLASSIFY_PATH})
"""Paths whose requests are traffic. Probes and metrics are not: they would make a silent server look busy."""

OPEN = frozenset({"/healthz", "/readyz"})
CLIENT_GONE = 499
STRANGERS_A_SECOND, STRANGERS_AT_ONCE = 20, 1000  # lines about requests without the key
log = logs.get("serving")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


class Front:
    """ASGI middleware around the routes.

    key: of this instance. It adds to the scope: ``request_id``, and ``outcome``, a set the routes add "cancelled" (the client left) or
    "failed" (mid-stream) to.
    """

    def __init__(self, app: ASGIApp, headers: Sequence[tuple[bytes, bytes]], stats: Stats, new_id: Callable[[], str], key: str) -> None:
        self._app, self._headers, self._stats, self._new_id, self._key = app, list(headers), stats, new_id, key
        self._strangers = Bucket(STRANGERS_A_SECOND, STRANGERS_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        admitted = self._admitted(scope)
        headers = [(b"x-request-id", request_id.encode()), *([] if admitted is None else [*self._headers, *admitted])]
        if admitted is None and scope["path"] not in OPEN:
            scope.update(request_id=request_id, outcome=set(), reason=Reason.UNAUTHENTICATED.name)
            await _refused(scope, headers)(scope, receive, send)
            if self._strangers.take():  # whoever has no key may not fill the log
                _tell(scope, 401, 0.0)
            return
        outcome: set[str] = set()
        scope["request_id"], scope["outcome"] = request_id, outcome
        status = CLIENT_GONE

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        began = time.perf_counter()
        try:
            if scope["path"] in COUNTED:
                await self._count(scope, receive, send_named, lambda: status)
            else:
                await self._app(scope, receive, send_named)
        finally:
            if status >= 400 or "failed" in outcome:
                _tell(scope, status, round((time.perf_counter() - began) * 1000, 1))

    async def _count(self, scope: Scope, receive: Receive, send: Send, status: Callable[[], int]) -> None:
        """A request that is traffic: in the figures, and a span below the gateway's."""
        outcome: set[str] = scope["outcome"]
        started = self._stats.begin()
        try:
            if not tracing.enabled:
                return await self._app(scope, receive, send)
            given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), "")
            with tracing.incoming(f"POST {scope['path']}", {tracing.TRACEPARENT: given}, **{"modelyard.log_id": scope["request_id"]}):
                try:
                    return await self._app(scope, receive, send)
                finally:
                    scope["trace"] = tracing.ids()
                    tracing.rename(f"{scope['method']} {scope['path']}", **{"http.response.status_code": status()})
        finally:
            self._stats.end(started, 500 if "failed" in outcome else status(), "cancelled" in outcome)

    def _admitted(self, scope: Scope) -> list[tuple[bytes, bytes]] | None:
        """The headers that prove to the caller who answers, [] for one that showed the key itself; None for one without."""
        ticket, authorization = (_header(scope, name) for name in (instance_key.TICKET, "authorization"))
        proof = instance_key.proof(self._key, ticket)
        if proof is not None:
            return [(instance_key.PROOF.encode(), proof.encode())]
        return [] if instance_key.is_key(self._key, authorization) else None

    def _request_id(self, scope: Scope) -> str:
        """The caller's id when it is one that may stand in a header and a log line, else a new one."""
        given: Any = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        return str(given.decode()) if _REQUEST_ID.fullmatch(given) else self._new_id()


def _tell(scope: Scope, status: int, ms: float) -> None:
    """The one line of an answer that is no success: whoever has its request id finds it, with the reason and the span."""
    trace = scope.get("trace")
    failed = "failed" in scope["outcome"] or status >= 500
    write = log.warning if failed else log.info
    write(
        "failed" if failed else "refused",
        log_id=scope["request_id"],
        method=scope["method"],
        route=scope["path"] if scope["path"] in COUNTED else "other",
        code=status,
        reason=scope.get("reason", "CLIENT_GONE" if status == CLIENT_GONE else "INTERNAL" if failed else "ANSWERED_SO"),
        ms=ms,
        **({"trace_id": trace[0], "span_id": trace[1]} if trace else {}),
    )


def _header(scope: Scope, name: str) -> str:
    found: bytes = next((value for key, value in scope["headers"] if key == name.encode()), b"")
    return found.decode("latin-1")


def _refused(scope: Scope, headers: Sequence[tuple[bytes, bytes]]) -> Response:
    error = PlatformError(401, Reason.UNAUTHENTICATED, field="authorization", limit="the key of this instance")
    response = Response(
        answers.encode(openai_error(error, language(scope), scope["request_id"])), error.code, media_type="application/json"
    )
    response.raw_headers += [*headers, (b"www-authenticate", b"Bearer")]
    return response
