"""The routes of the inference server.

====================================  =====================================================================================
POST /v1/chat/completions             OpenAI chat, whole or streamed (``stream``, ``stream_options.include_usage``)
POST /v1/completions                  OpenAI completions; also scoring, below
GET  /v1/models, /v1/models/{name}    the one model served here, with version, digest and limits
GET  /healthz                         200 while the decoding thread lives
GET  /readyz                          200 while new requests are wanted, 503 from the first moment of a drain
GET  /stats                           the figures of ``stats`` as JSON, with digest, version, uptime and providers
GET  /metrics                         the same for Prometheus
====================================  =====================================================================================

Scoring a given answer (for perplexity): ``POST /v1/completions {"messages": [..., {"role": "assistant", "content": answer}], "echo": true,
"max_tokens": 0, "logprobs": 0}``. ``choices[0].logprobs.token_logprobs[answer_start:]`` are the natural log-probabilities of the answer's
tokens, its end token included. With ``prompt`` (text or token ids, one or a list) instead of ``messages`` any sequence is scored.

Decided here: greedy is the default (``temperature`` 0) because these models are evaluated greedily; every answer, errors too, names the
model, its version and the digest that produced it; a client that goes away frees its row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
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
from libs.models.causal_lm.asking import Asking
from libs.models.causal_lm.session import OnnxLM
from services.deploy.engine.serving import answers, protocol
from services.deploy.engine.serving.body import ClientGone, read_json
from services.deploy.engine.serving.decoder import Generation
from services.deploy.engine.serving.front import CLIENT_GONE, Front
from services.deploy.engine.serving.inbox import Inbox
from services.deploy.engine.serving.options import ServingOptions
from services.deploy.engine.serving.running import EventStream, Running, language
from services.deploy.engine.serving.scheduler import Scheduler
from services.deploy.engine.serving.stats import Stats, metrics_text
from services.deploy.engine.serving.text import TextStream

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


@dataclass(frozen=True)
class Loaded:
    """A model in memory: the session, its tokenizer and the limits it is served under."""

    lm: OnnxLM
    tokenizer: Asking
    options: ServingOptions


class InferenceServer:
    """One loaded model behind HTTP. ``app`` is the ASGI application; ``draining`` turns readiness off.

    clock: for latencies and ``created``. new_seed: seed of a sampled request that names none. new_id: id of a request that brings none.
    key: of this instance; see ``front``.
    """

    def __init__(
        self,
        identity: Identity,
        loaded: Loaded,
        scheduler: Scheduler,
        clock: Clock,
        new_seed: Callable[[], int],
        new_id: Callable[[], str],
        key: str,
    ) -> None:
        self.draining = False
        self.stats = Stats(clock)
        self._identity, self._loaded, self._scheduler, self._clock, self._new_seed = identity, loaded, scheduler, clock, new_seed
        self._created = clock.now_ms() // 1000
        config = loaded.lm.config
        # The tokenizer may know fewer words than the model has rows for: a prompt may only name words.
        words = loaded.tokenizer.vocab_size
        self._limits = protocol.Limits((identity.model, identity.version), config.block_size, words, loaded.options.max_new_tokens)
        self.app: ASGIApp = Front(self._routes(), identity.headers(), self.stats, new_id, key)

    def _routes(self) -> Starlette:
        routes = [
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/v1/completions", self._completions, methods=["POST"]),
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

    async def _chat(self, request: Request) -> Response:
        body = await read_json(request.scope, request.receive)
        ask = protocol.chat(body, self._loaded.tokenizer, self._limits_of(request), self._new_seed)
        return await self._answer(request, ask, chat=True)

    async def _completions(self, request: Request) -> Response:
        body = await read_json(request.scope, request.receive)
        ask = protocol.completion(body, self._loaded.tokenizer, self._limits_of(request), self._new_seed)
        return await self._answer(request, ask, chat=False)

    def _limits_of(self, request: Request) -> protocol.Limits:
        return replace(self._limits, model=None) if NAME_HEADER in request.headers else self._limits

    def _name_of(self, request: Request) -> str:
        """What the model is called now: it may have another name than when this process started."""
        return unquote(request.headers.get(NAME_HEADER, ""))[:MAX_NAME] or self._identity.model

    async def _answer(self, request: Request, ask: protocol.Ask, chat: bool) -> Response:
        tokenizer = self._loaded.tokenizer
        inboxes = [Inbox() for _ in ask.jobs]
        generations = [
            Generation(job, TextStream(tokenizer.decode, job.stop), inbox.put) for job, inbox in zip(ask.jobs, inboxes, strict=True)
        ]
        self._scheduler.submit(generations)
        head = answers.Head(request.scope["request_id"], self._clock.now_ms() // 1000, self._name_of(request), self._identity.digest)
        running = Running(request.receive, ask, generations, inboxes, self._scheduler, self.stats)
        if ask.stream:
            return EventStream(running, answers.Events(head, ask, tokenizer, chat))
        done = await running.whole()
        return _json(answers.chat(head, ask, done[0]) if chat else answers.completion(head, ask, done, tokenizer))

    async def _models(self, _: Request) -> Response:
        return _json({"object": "list", "data": [self._model_card()]})

    async def _model(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in (self._identity.model, f"{self._identity.model}@{self._identity.version}"):
            raise not_found("model", name[:200])
        return _json(self._model_card())

    def _model_card(self) -> dict[str, Any]:
        return {
            "id": self._identity.model,
            "object": "model",
            "created": self._created,
            "owned_by": "modelyard",
            "version": self._identity.version,
            "digest": self._identity.digest,
            "max_model_len": self._limits.block_size,
            "max_new_tokens": self._limits.max_new_tokens,
        }

    async def _healthz(self, _: Request) -> Response:
        alive = self._scheduler.alive or self.draining
        return _json({"alive": alive}, 200 if alive else 503)

    async def _readyz(self, _: Request) -> Response:
        parts = {"drain": "draining" if self.draining else "ok", "decode": "ok" if self._scheduler.alive else "stopped"}
        ready = set(parts.values()) == {"ok"}
        return _json({"ready": ready, "parts": parts}, 200 if ready else 503)

    async def _stats(self, _: Request) -> Response:
        return _json(self._figures())

    async def _metrics(self, _: Request) -> Response:
        labels = {"model": self._identity.model, "version": str(self._identity.version), "digest": self._identity.digest}
        return Response(metrics_text(self._figures(), labels), media_type="text/plain; version=0.0.4; charset=utf-8")

    def _figures(self) -> dict[str, Any]:
        return self.stats.to_json() | {
            "model": self._identity.model,
            "version": self._identity.version,
            "digest": self._identity.digest,
            "providers": self._loaded.lm.providers,
            "rows": self._scheduler.rows,
            "waiting": self._scheduler.waiting,
            "ready": not self.draining,
        }


def _json(value: Any, status: int = 200) -> Response:
    return Response(answers.encode(value), status, media_type="application/json")


def _error(request: Request, error: PlatformError) -> Response:
    request.scope["reason"] = error.reason.name  # for the log line of this answer
    return _json(openai_error(error, language(request.scope), request.scope["request_id"]), error.code)


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
