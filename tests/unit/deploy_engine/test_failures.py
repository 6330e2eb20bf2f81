"""When inference itself fails: a plain 500 before the first token, an error event after it, and the server goes on."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from libs.common.clock import SystemClock
from libs.lm.tokenizer import ChatTokenizer
from libs.models.causal_lm.session import OnnxLM
from services.deploy.engine.serving.app import Identity, InferenceServer, Loaded
from services.deploy.engine.serving.decoder import Decoder
from services.deploy.engine.serving.inbox import to_loop
from services.deploy.engine.serving.options import ServingOptions
from services.deploy.engine.serving.scheduler import Scheduler
from tests.unit.deploy_engine.failing import Failing
from tests.unit.deploy_engine.model import PAIRS
from tests.unit.deploy_engine.process import KEY, SHOWN

Use = Callable[[httpx.AsyncClient, InferenceServer], Awaitable[None]]
BODY = {"messages": [{"role": "user", "content": PAIRS[0][0]}]}
CHAT = "/v1/chat/completions"


@pytest.fixture
def failing(lm: OnnxLM) -> Failing:
    return Failing(lm)


def serve(failing: Failing, tokenizer: ChatTokenizer, use: Use, sent: threading.Event | None = None) -> None:
    """Run ``use`` against the application in this process, so that the model in it can be told to fail. sent: set by the first body."""

    async def run() -> None:
        options = ServingOptions()
        scheduler = Scheduler(Decoder(failing, tokenizer.stops, 4), options, functools.partial(to_loop, asyncio.get_running_loop()))
        scheduler.start()
        loaded = Loaded(failing, tokenizer, options)
        server = InferenceServer(Identity("m", 1, "sha256:0"), loaded, scheduler, SystemClock(), lambda: 0, lambda: "req-1", KEY)

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            async def noting(message: Message) -> None:
                await send(message)
                if sent and message["type"] == "http.response.body":
                    sent.set()

            await server.app(scope, receive, noting)

        transport = httpx.ASGITransport(watched, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=SHOWN) as client:
            await use(client, server)
        assert await asyncio.to_thread(scheduler.close, 10)

    asyncio.run(run())


def check_500(response: httpx.Response) -> None:
    assert response.status_code == 500
    error = response.json()["error"]
    assert (error["type"], error["code"], error["param"]) == ("server_error", "internal", None)
    assert "out of memory" not in response.text  # what went wrong inside stays inside
    assert response.headers["x-modelyard-digest"] == "sha256:0"
    assert response.headers["x-request-id"] == "req-1"


@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_before_the_first_token_is_a_plain_500(failing: Failing, tokenizer: ChatTokenizer, stream: bool) -> None:
    async def use(client: httpx.AsyncClient, server: InferenceServer) -> None:
        failing.fail_prompts = True
        check_500(await client.post(CHAT, json=BODY | {"stream": stream}))
        assert (server.stats.errors, server.stats.in_flight) == (1, 0)
        failing.fail_prompts = False
        answer = await client.post(CHAT, json=BODY)
        assert answer.json()["choices"][0]["message"]["content"] == PAIRS[0][1]

    serve(failing, tokenizer, use)


def test_a_failure_in_the_middle_ends_the_stream_with_an_error_event(failing: Failing, tokenizer: ChatTokenizer) -> None:
    async def use(client: httpx.AsyncClient, server: InferenceServer) -> None:
        failing.steps_left = 5
        failing.before_failure = lambda: sent.wait(10)  # otherwise all may fail before the first token was on its way
        response = await client.post(CHAT, json=BODY | {"stream": True})
        assert response.status_code == 200
        events = [line[6:] for line in response.text.splitlines() if line]
        assert len(events) >= 3
        assert json.loads(events[-1])["error"]["code"] == "internal"
        assert "[DONE]" not in response.text
        assert (server.stats.errors, server.stats.in_flight) == (1, 0)
        failing.steps_left = 5
        check_500(await client.post(CHAT, json=BODY))

    sent = threading.Event()
    serve(failing, tokenizer, use, sent)


def test_a_failed_scoring_is_a_500(failing: Failing, tokenizer: ChatTokenizer) -> None:
    async def use(client: httpx.AsyncClient, server: InferenceServer) -> None:
        failing.fail_prompts = True
        check_500(await client.post("/v1/completions", json={"prompt": "some text", "echo": True, "max_tokens": 0, "logprobs": 0}))

    serve(failing, tokenizer, use)


def test_a_dead_decoding_thread_is_seen_by_health(failing: Failing, tokenizer: ChatTokenizer) -> None:
    async def use(client: httpx.AsyncClient, server: InferenceServer) -> None:
        assert (await client.get("/healthz")).status_code == 200
        assert await asyncio.to_thread(server._scheduler.close, 10)
        assert (await client.get("/healthz")).status_code == 503
        assert (await client.get("/readyz")).json()["parts"]["decode"] == "stopped"
        assert (await client.post(CHAT, json=BODY)).status_code == 503

    serve(failing, tokenizer, use)
