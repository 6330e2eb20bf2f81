"""An accepted request while it is answered: its pieces as they come, its client that may go away, its bytes on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from libs.common.errors import PlatformError
from services.deploy.engine.serving import answers
from services.deploy.engine.serving.body import ClientGone
from services.deploy.engine.serving.decoder import Generation, Piece
from services.deploy.engine.serving.inbox import Inbox
from services.deploy.engine.serving.protocol import Ask
from services.deploy.engine.serving.scheduler import Scheduler
from services.deploy.engine.serving.stats import Stats


class Running:
    """An accepted request while it is answered: reads its inboxes, watches whether its client is still there, counts its tokens."""

    def __init__(
        self,
        receive: Receive,
        ask: Ask,
        generations: Sequence[Generation],
        inboxes: Sequence[Inbox],
        scheduler: Scheduler,
        stats: Stats,
    ) -> None:
        self._receive, self._generations, self._inboxes = receive, generations, inboxes
        self._scheduler, self._stats = scheduler, stats
        self.ask = ask
        self.answers = [answers.Answer() for _ in generations]

    async def whole(self) -> list[answers.Answer]:
        """All answers, complete. Raises: ClientGone, or the PlatformError that ended one of them."""
        await self.watched(self._collect)
        return self.answers

    async def _collect(self) -> None:
        for index in range(len(self._inboxes)):
            while self.answers[index].finish is None:
                await self.more(index)

    async def more(self, index: int = 0) -> list[Piece]:
        """The next pieces of one answer, already added to it."""
        pieces = await self._inboxes[index].get()
        for piece in pieces:
            if piece.finish == "cancelled":
                raise ClientGone
            self.answers[index].add(piece)
        return pieces

    async def watched(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do ``work`` while watching the connection; whatever happens, no row stays taken afterwards."""
        watcher = asyncio.create_task(self._watch())
        try:
            await work()
        finally:
            watcher.cancel()
            if not all(answer.finish for answer in self.answers):
                self._cancel()
            self._stats.prompt_tokens += sum(len(job.prompt) for job in self.ask.jobs)
            self._stats.completion_tokens += sum(answer.tokens for answer in self.answers)

    async def _watch(self) -> None:
        """The body is read, so the only message left is the disconnect."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._cancel()

    def _cancel(self) -> None:
        for generation in self._generations:
            self._scheduler.cancel(generation)


class EventStream(Response):
    """Server-sent events of one answer. The status is sent with the first token, so that a request that fails at once is a plain error."""

    def __init__(self, running: Running, events: answers.Events) -> None:
        super().__init__(media_type="text/event-stream", headers={"cache-control": "no-cache"})
        del self.headers["content-length"]
        self._running, self._events = running, events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI; ``running`` reads it)
        started = False

        async def stream() -> None:
            nonlocal started
            while self._running.answers[0].finish is None:
                pieces = await self._running.more()
                chunk = b"".join(map(self._events.piece, pieces))
                if not started:
                    started = True
                    await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                    chunk = self._events.begin() + chunk
                await send({"type": "http.response.body", "body": chunk, "more_body": True})

        end = b""
        try:
            await self._running.watched(stream)
            end = self._events.end(self._running.answers[0])
        except ClientGone:
            if not started:
                raise
            scope["outcome"].add("cancelled")
        except PlatformError as error:
            if not started:
                raise
            scope["outcome"].add("failed")
            end = answers.error_event(error, language(scope))
        await send({"type": "http.response.body", "body": end, "more_body": False})


def language(scope: Scope) -> str:
    """The language of error messages: "zh" when the caller's first language is Chinese, else "en"."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    return "zh" if accepted.lower().startswith(b"zh") else "en"
