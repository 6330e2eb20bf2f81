"""What every inference server is, whatever its model is asked for: who it is, its model card, health, figures, and refusals in words.

====================================  =====================================================================================
GET  /v1/models, /v1/models/{name}    the one model served here, with version, digest, what it is asked for, and limits
GET  /healthz                         200 while the thread that works lives
GET  /readyz                          200 while new requests are wanted, 503 from the first moment of a drain
GET  /stats                           the figures of ``stats`` as JSON, with digest, version, uptime and providers
GET  /metrics                         the same for Prometheus
====================================  =====================================================================================

Decided here: every answer, errors too, names the model, its version and the digest that produced it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from libs.common.clock import Clock
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.openai_errors import openai_error
from services.deploy.engine.serving import answers
from services.deploy.engine.serving.body import ClientGone
from services.deploy.engine.serving.front import CLIENT_GONE, Front
from services.deploy.engine.serving.running import language
from services.deploy.engine.serving.stats import Stats, metrics_text

NAME_HEADER = "x-modelyard-name"
"""From the gateway: it has found this process for the name that was asked, and this is what the model is called, percent-encoded."""
MAX_NAME = 100


@dataclass(frozen=True)
class Identity:
    """What is served. model: name. version: of the model. digest: of the bundle."""

    model: str
    version: int
    digest: str

    def headers(self) -> list[tuple[bytes, bytes]]:
        """On every response. A name outside ASCII is percent-encoded, as headers carry no other text."""
        values = {"model": quote(self.model), "model-version": str(self.version), "digest": self.digest}
        return [(f"x-modelyard-{name}".encode(), value.encode()) for name, value in values.items()]


class Working(Protocol):
    """The thread that works, with what waits for it. rows: what it works on now."""

    @property
    def alive(self) -> bool: ...
    @property
    def rows(self) -> int: ...
    @property
    def waiting(self) -> int: ...

    def close(self, timeout_s: float) -> bool:
        """Accept nothing more and wait for what was accepted. Returns: whether all of it ended in time."""

    def abandon(self, timeout_s: float) -> None:
        """Fail whatever is still open, and end the thread."""


class ModelServer:
    """One loaded model behind HTTP. ``app`` is the ASGI application; ``draining`` turns readiness off.

    card: what the model card says of what it is asked for. clock: for latencies and ``created``. new_id: id of a request that brings none.
    key: of this instance; see ``front``.
    """

    def __init__(
        self,
        identity: Identity,
        work: Working,
        providers: Sequence[str],
        card: Mapping[str, Any],
        clock: Clock,
        new_id: Callable[[], str],
        key: str,
    ) -> None:
        self.draining = False
        self.stats = Stats(clock)
        self.card = card
        self._identity, self._work, self._providers, self._clock = identity, work, list(providers), clock
        self._created = clock.now_ms() // 1000
        self.app: ASGIApp = Front(self._routed(), identity.headers(), self.stats, new_id, key)

    def asked(self) -> list[Route]:
        """The routes of what the model is asked for."""
        raise NotImplementedError

    def name_of(self, request: Request) -> str:
        """What the model is called now: it may have another name than when this process started."""
        return unquote(request.headers.get(NAME_HEADER, ""))[:MAX_NAME] or self._identity.model

    def head_of(self, request: Request) -> answers.Head:
        return answers.Head(request.scope["request_id"], self._clock.now_ms() // 1000, self.name_of(request), self._identity.digest)

    def _routed(self) -> Starlette:
        routes = [
            *self.asked(),
            Route("/v1/models", self._models),
            Route("/v1/models/{name:path}", self._model),
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/stats", self._stats),
            Route("/metrics", self._metrics),
        ]
        return Starlette(
            routes=routes,
            exception_handlers={PlatformError: _on_platform_error, HTTPException: _on_http_error, ClientGone: _on_gone, Exception: _on_bug},
        )

    async def _models(self, _: Request) -> Response:
        return answer_json({"object": "list", "data": [self._model_card()]})

    async def _model(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in (self._identity.model, f"{self._identity.model}@{self._identity.version}"):
            raise not_found("model", name[:200])
        return answer_json(self._model_card())

    def _model_card(self) -> dict[str, Any]:
        return {
            "id": self._identity.model,
            "object": "model",
            "created": self._created,
            "owned_by": "modelyard",
            "version": self._identity.version,
            "digest": self._identity.digest,
            **self.card,
        }

    async def _healthz(self, _: Request) -> Response:
        alive = self._work.alive or self.draining
        return answer_json({"alive": alive}, 200 if alive else 503)

    async def _readyz(self, _: Request) -> Response:
        parts = {"drain": "draining" if self.draining else "ok", "decode": "ok" if self._work.alive else "stopped"}
        ready = set(parts.values()) == {"ok"}
        return answer_json({"ready": ready, "parts": parts}, 200 if ready else 503)

    async def _stats(self, _: Request) -> Response:
        return answer_json(self._figures())

    async def _metrics(self, _: Request) -> Response:
        labels = {"model": self._identity.model, "version": str(self._identity.version), "digest": self._identity.digest}
        return Response(metrics_text(self._figures(), labels), media_type="text/plain; version=0.0.4; charset=utf-8")

    def _figures(self) -> dict[str, Any]:
        return self.stats.to_json() | {
            "model": self._identity.model,
            "version": self._identity.version,
            "digest": self._identity.digest,
            "providers": self._providers,
            "rows": self._work.rows,
            "waiting": self._work.waiting,
            "ready": not self.draining,
        }


def answer_json(value: Any, status: int = 200) -> Response:
    return Response(answers.encode(value), status, media_type="application/json")


def _error(request: Request, error: PlatformError) -> Response:
    request.scope["reason"] = error.reason.name  # for the log line of this answer
    return answer_json(openai_error(error, language(request.scope), request.scope["request_id"]), error.code)


async def _on_platform_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, PlatformError)
    response = _error(request, error)
    if error.retryable:
        response.headers["retry-after"] = "1"
    return response


async def _on_http_error(request: Request, error: Exception) -> Response:
    """404 and 405 of the router."""
    assert isinstance(error, HTTPException)
    what = f"{request.method} {request.url.path[:200]}"
    return _error(request, PlatformError(error.status_code, Reason.ROUTE_NOT_FOUND, what=what))


async def _on_gone(request: Request, _: Exception) -> Response:
    request.scope["outcome"].add("cancelled")
    return Response(status_code=CLIENT_GONE)  # nobody reads it; the server drops it


async def _on_bug(request: Request, _: Exception) -> Response:
    """The error itself goes to the log by the layer that re-raises it; nothing of it leaves the process."""
    return _error(request, PlatformError(500, Reason.INTERNAL))
