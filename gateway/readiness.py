"""Whether the whole platform can work, asked through this gateway: ``/readyz``. What this process alone can do is ``/readyz/self``.

A balancer and Kubernetes ask the second: a domain that is away is named in each answer and must not take the gateway away with it. People
and ``modelyard up`` ask the first. Anybody may ask, so it says which part of a service is not ready and never why: that is in its log.
"""

from __future__ import annotations

import asyncio
import time
import uuid

from gateway.clients import Caller, Clients, request_struct
from libs.common.errors import PlatformError
from libs.common.rpc.deadline import Deadline

ASK_SECONDS = 2.0
BELIEVED_SECONDS = 1.0
OK = "ok"


class Services:
    """The services as they say they are; many who ask at once ask once."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._found: tuple[float, dict[str, str]] = (-BELIEVED_SECONDS, {})
        self._asking: asyncio.Task[dict[str, str]] | None = None

    async def parts(self) -> dict[str, str]:
        """service -> "ok", the parts of it that are not, or that it gives no answer."""
        at, found = self._found
        if time.monotonic() - at < BELIEVED_SECONDS:
            return found
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all())
            self._asking.add_done_callback(self._asked)
        return await asyncio.shield(self._asking)

    def _asked(self, _: asyncio.Task[dict[str, str]]) -> None:
        self._asking = None

    async def _ask_all(self) -> dict[str, str]:
        names = self._clients.domains
        found = dict(zip(names, await asyncio.gather(*(self._ask(name) for name in names)), strict=True))
        self._found = time.monotonic(), found
        return found

    async def _ask(self, name: str) -> str:
        nobody = Caller(0, 0, f"readyz-{uuid.uuid4().hex}", None, "")
        request = request_struct(name, "CheckHealth")()
        try:
            answer = await self._clients.send(name, "CheckHealth", request, nobody, Deadline.after(ASK_SECONDS))
        except PlatformError as error:
            return error.reason.name
        return OK if answer.ready else "not ready: " + ", ".join(sorted(part for part, state in answer.parts.items() if state != OK))
