"""The gateway's connections to the services: one multiplexing client per domain, and the context of a call."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

import idl
from libs.common.coord.discovery import Discovery
from libs.common.errors import PlatformError
from libs.common.rpc.aclient import AsyncRpcClient
from libs.common.rpc.deadline import Deadline
from libs.common.sight import tracing
from libs.common.sight.metrics import Metrics


@dataclass(frozen=True)
class Caller:
    """Who asks: user, project space, request id, idempotency key, the signed identity for the services, and what it was made of."""

    user_id: int
    project_space_id: int
    log_id: str
    idempotency_key: str | None
    auth: str
    credential: str = ""


def request_id(request: Request) -> str:
    """The same for the whole request: what the caller gave, else the trace's id, else a new one."""
    known: str = request.scope.get("modelyard.request_id", "")
    if not known:
        given = request.headers.get("x-request-id", "")
        fits = 0 < len(given) <= 64 and given.isascii() and given.isprintable()
        known = given if fits else (tracing.ids() or (os.urandom(16).hex(),))[0]
        request.scope["modelyard.request_id"] = known
    return known


class Clients:
    """``call(domain, method, caller, deadline, **facts)`` and the faster ``send`` with a request that is already made."""

    def __init__(self, discovery: Discovery, metrics: Metrics) -> None:
        self._metrics = metrics
        self._clients = {name: AsyncRpcClient(idl.service(name), self._resolver(discovery, name)) for name in idl.DOMAINS}
        self._base = idl.load("base").Base
        self._last: tuple[Caller | None, Any] = (None, None)

    @property
    def domains(self) -> tuple[str, ...]:
        """Whom it can call."""
        return tuple(self._clients)

    @staticmethod
    def _resolver(discovery: Discovery, name: str) -> Any:
        return lambda: discovery.addresses(name)

    async def send(self, domain: str, method: str, request: Any, caller: Caller, deadline: Deadline, idempotent: bool = True) -> Any:
        """The response struct. ``idempotent``: may be sent again when a connection breaks. Raises PlatformError: the service's own, or
        UNAVAILABLE, DEADLINE_EXCEEDED, CONNECTION_LOST."""
        if not tracing.enabled:
            return await self._send(domain, method, request, caller, deadline, idempotent)
        with tracing.span(f"{domain}.{method}", tracing.CLIENT):
            return await self._send(domain, method, request, caller, deadline, idempotent)

    async def _send(self, domain: str, method: str, request: Any, caller: Caller, deadline: Deadline, idempotent: bool) -> Any:
        request.base = self.base_of(caller)
        try:
            return await self._clients[domain].call(method, request, deadline, idempotent=idempotent)
        except PlatformError as error:
            self.failed(domain, error)
            raise

    def failed(self, domain: str, error: PlatformError) -> None:
        """Counts a failure that is the service's, not the request's."""
        if error.code >= 500 or error.code == 429:
            self._metrics.of("modelyard_peer_failures_total", domain, str(error.code)).inc()

    def ask(self, domain: str, method: str, request: Any, caller: Caller, deadline: Deadline) -> asyncio.Future[Any] | None:
        """A read that many wait for, as ``AsyncRpcClient.ask``. None also while traces are on: each call is to have a span of its own."""
        if tracing.enabled:
            return None
        request.base = self.base_of(caller)
        return self._clients[domain].ask(method, request, deadline)

    def base_of(self, caller: Caller) -> Any:
        """Who asks, for a service. The calls of one request share it: sending copies it, nobody changes it."""
        known, base = self._last
        if known is not caller or tracing.enabled:
            base = self._made_base(caller)
            self._last = (caller, base)
        return base

    def _made_base(self, caller: Caller) -> Any:
        return self._base(
            log_id=caller.log_id,
            caller="gateway",
            user_id=caller.user_id or None,
            project_space_id=caller.project_space_id or None,
            extra=tracing.carrier() if tracing.enabled else None,
            auth=caller.auth,
        )

    async def call(self, domain: str, method: str, caller: Caller, deadline: Deadline, **facts: Any) -> Any:
        """A read by its facts."""
        return await self.send(domain, method, request_struct(domain, method)(**facts), caller, deadline)

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()


def request_struct(domain: str, method: str) -> Any:
    return getattr(idl.service(domain), f"{method}_args").thrift_spec[1][2]


def response_struct(domain: str, method: str) -> Any:
    return getattr(idl.service(domain), f"{method}_result").thrift_spec[0][2]
