"""The routes of a language model.

====================================  =====================================================================================
POST /v1/chat/completions             OpenAI chat, whole or streamed (``stream``, ``stream_options.include_usage``)
POST /v1/completions                  OpenAI completions; also scoring, below
====================================  =====================================================================================

Scoring a given answer (for perplexity): ``POST /v1/completions {"messages": [..., {"role": "assistant", "content": answer}], "echo": true,
"max_tokens": 0, "logprobs": 0}``. ``choices[0].logprobs.token_logprobs[answer_start:]`` are the natural log-probabilities of the answer's
tokens, its end token included. With ``prompt`` (text or token ids, one or a list) instead of ``messages`` any sequence is scored.

Decided here: greedy is the default (``temperature`` 0) because these models are evaluated greedily; a client that goes away frees its row.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.common.clock import Clock
from libs.models.causal_lm import artifact
from libs.models.causal_lm.asking import Asking
from libs.models.causal_lm.session import OnnxLM
from libs.models.tasks import CHAT, CHAT_PATH, COMPLETIONS_PATH
from services.deploy.engine.serving import answers, protocol
from services.deploy.engine.serving.body import read_json
from services.deploy.engine.serving.decoder import Decoder, Generation
from services.deploy.engine.serving.inbox import Inbox, to_loop
from services.deploy.engine.serving.options import ServingOptions
from services.deploy.engine.serving.running import EventStream, Running
from services.deploy.engine.serving.scheduler import Scheduler
from services.deploy.engine.serving.server import NAME_HEADER, Identity, ModelServer, answer_json
from services.deploy.engine.serving.text import TextStream


@dataclass(frozen=True)
class Loaded:
    """A model in memory: the session, its tokenizer and the limits it is served under."""

    lm: OnnxLM
    tokenizer: Asking
    options: ServingOptions

    @classmethod
    def open(cls, folder: Path, options: ServingOptions, threads: int) -> Loaded:
        """Raises: PlatformError when a part cannot be read."""
        return cls(OnnxLM.open(folder, threads), artifact.read_tokenizer(folder), options)

    def begin(self, loop: asyncio.AbstractEventLoop) -> Scheduler:
        """The thread that decodes, at work."""
        scheduler = Scheduler(Decoder(self.lm, self.tokenizer.stops, self.options.max_rows), self.options, partial(to_loop, loop))
        scheduler.start()
        return scheduler

    def server(self, identity: Identity, work: Any, clock: Clock, new_id: Callable[[], str], key: str) -> InferenceServer:
        return InferenceServer(identity, self, work, clock, lambda: secrets.randbits(63), new_id, key)


class InferenceServer(ModelServer):
    """A language model behind HTTP. new_seed: seed of a sampled request that names none. Else as ``ModelServer``."""

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
        self._loaded, self._scheduler, self._new_seed = loaded, scheduler, new_seed
        config = loaded.lm.config
        # The tokenizer may know fewer words than the model has rows for: a prompt may only name words.
        words = loaded.tokenizer.vocab_size
        self._limits = protocol.Limits((identity.model, identity.version), config.block_size, words, loaded.options.max_new_tokens)
        card = {"task": CHAT.name, "max_model_len": config.block_size, "max_new_tokens": loaded.options.max_new_tokens}
        super().__init__(identity, scheduler, loaded.lm.providers, card, clock, new_id, key)

    def asked(self) -> list[Route]:
        return [
            Route(CHAT_PATH, self._chat, methods=["POST"]),
            Route(COMPLETIONS_PATH, self._completions, methods=["POST"]),
        ]

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

    async def _answer(self, request: Request, ask: protocol.Ask, chat: bool) -> Response:
        tokenizer = self._loaded.tokenizer
        inboxes = [Inbox() for _ in ask.jobs]
        generations = [
            Generation(job, TextStream(tokenizer.decode, job.stop), inbox.put) for job, inbox in zip(ask.jobs, inboxes, strict=True)
        ]
        self._scheduler.submit(generations)
        head = self.head_of(request)
        running = Running(request.receive, ask, generations, inboxes, self._scheduler, self.stats)
        if ask.stream:
            return EventStream(running, answers.Events(head, ask, tokenizer, chat))
        done = await running.whole()
        return answer_json(answers.chat(head, ask, done[0]) if chat else answers.completion(head, ask, done, tokenizer))
