"""The gateway's admission: at most so many requests at once, the next one refused at once, typed, in the caller's language."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from gateway.admission import Admission
from libs.common.errors import PlatformError

TOLD: list[tuple[Any, ...]] = []
"""Who was turned away: scope, error, request id."""


class App:
    """An application whose requests stay inside until they are let go; a stream begins its answer and stays open."""

    def __init__(self) -> None:
        self.go, self.inside = asyncio.Event(), 0

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        self.inside += 1
        if scope["path"] == "/breaks":
            self.inside -= 1
            raise ValueError("broken")
        if scope["path"] == "/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.go.wait()
        if scope["path"] != "/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
        self.inside -= 1


async def ask(app: Any, path: str = "/x", language: bytes = b"en") -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body)."""
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    await app({"type": "http", "path": path, "headers": [(b"accept-language", language)]}, None, send)
    return said[0]["status"], {name.decode(): value.decode() for name, value in said[0]["headers"]}, said[1]["body"]


def test_one_more_than_the_limit_is_refused_at_once_and_let_in_later() -> None:
    async def body() -> None:
        app = App()
        admission = Admission(app, 2, lambda *facts: TOLD.append(facts))
        first = [asyncio.create_task(ask(admission)) for _ in range(2)]
        await asyncio.sleep(0)
        status, headers, content = await ask(admission)
        error = json.loads(content)["error"]
        assert (TOLD[-1][1].code, TOLD[-1][2]) == (429, headers["x-request-id"])
        assert headers["x-content-type-options"] == "nosniff"
        assert (status, headers["retry-after"], int(headers["content-length"])) == (429, "1", len(content))
        assert (error["reason"], error["limit"], error["retryable"], error["request_id"]) == ("BUSY", "2", True, headers["x-request-id"])
        assert not json.loads((await ask(admission, language=b"zh-CN"))[2])["error"]["message"].isascii()
        assert (app.inside, admission.refused) == (2, 2)
        assert json.loads((await ask(admission, "/v1/models"))[2])["error"]["code"] == "rate_limit_exceeded"
        probe = asyncio.create_task(ask(admission, "/readyz"))  # never refused
        await asyncio.sleep(0)
        assert app.inside == 3
        app.go.set()
        assert [answer[0] for answer in await asyncio.gather(*first, probe)] == [200] * 3
        assert (await ask(admission))[0] == 200

    asyncio.run(body())


def test_a_stream_takes_a_place_only_until_it_begins() -> None:
    async def body() -> None:
        app = App()
        admission = Admission(app, 1, lambda *facts: TOLD.append(facts))
        streams = [asyncio.create_task(ask(admission, "/stream")) for _ in range(3)]
        for _ in range(3):
            await asyncio.sleep(0)
        assert (app.inside, admission.refused) == (3, 0)
        app.go.set()
        await asyncio.gather(*streams)

    asyncio.run(body())


def test_a_request_that_breaks_gives_its_place_back() -> None:
    async def body() -> None:
        app = App()
        admission = Admission(app, 1, lambda *facts: TOLD.append(facts))
        app.go.set()
        for _ in range(3):
            with pytest.raises(ValueError, match="broken"):
                await ask(admission, "/breaks")
        assert (await ask(admission))[0] == 200

    asyncio.run(body())


def test_a_request_whose_body_is_on_its_way_takes_no_place_and_finds_one_when_it_is_there() -> None:
    async def body() -> None:
        parts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        outcome: list[Any] = []

        async def reads(scope: Any, receive: Any, send: Any) -> None:
            if scope["path"] != "/reads":
                return await busy(scope, receive, send)
            while (await receive()).get("more_body"):
                pass
            return await send({"type": "http.response.start", "status": 200, "headers": []})

        async def upload() -> None:
            try:
                await admission({"type": "http", "path": "/reads", "headers": []}, parts.get, sent)
                outcome.append(200)
            except PlatformError as error:
                outcome.append(error.code)

        async def sent(_message: Any) -> None:
            """Nobody looks."""

        busy = App()
        admission = Admission(reads, 1, lambda *facts: TOLD.append(facts))
        uploads = [asyncio.create_task(upload()) for _ in range(2)]
        await asyncio.sleep(0)
        other = asyncio.create_task(ask(admission))
        await asyncio.sleep(0)
        assert (busy.inside, admission.refused) == (1, 0)
        parts.put_nowait({"type": "http.request", "body": b"{", "more_body": True})
        parts.put_nowait({"type": "http.request", "body": b"}", "more_body": False})
        await asyncio.wait(uploads, return_when=asyncio.FIRST_COMPLETED)
        assert outcome == [429], "it is whole, and the only place is taken"
        busy.go.set()
        assert (await other)[0] == 200
        parts.put_nowait({"type": "http.request", "body": b"}", "more_body": False})
        await asyncio.gather(*uploads)
        assert outcome == [429, 200]

    asyncio.run(body())
