"""How one service calls another: by domain name, under its own signed identity for the caller's user and space, with key and deadline."""

from __future__ import annotations

from typing import Any, Protocol

import idl
from libs.common.context import CallContext
from libs.common.coord.discovery import Discovery
from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.identity.signed import Signer
from libs.common.rpc.door import base_of
from libs.common.sight import tracing
from libs.common.sight.metrics import Metrics
from libs.common.store.repository import PageRequest


class Peer(Protocol):
    def call(self, ctx: CallContext, method: str, **facts: Any) -> Any:
        """The response struct of ``method``; a fact ``page`` is a ``PageRequest``.

        Raises PlatformError: the peer's own, or UNAVAILABLE, DEADLINE_EXCEEDED, CONNECTION_LOST.
        """


class RpcPeer:
    """The real one: a pooled RPC client to ``service``, found through discovery. metrics: where failures are counted."""

    def __init__(self, service: str, discovery: Discovery, caller: str, signer: Signer, metrics: Metrics | None = None) -> None:
        from libs.common.rpc.client import RpcClient

        self._name, self._service, self._caller, self._signer = service, idl.service(service), caller, signer
        self._metrics = metrics
        self._client = RpcClient(self._service, lambda: discovery.addresses(service))

    def call(self, ctx: CallContext, method: str, **facts: Any) -> Any:
        with tracing.span(f"{self._name}.{method}", tracing.CLIENT):
            try:
                return self._call(ctx, method, facts)
            except PlatformError as error:
                if self._metrics is not None and (error.code >= 500 or error.code == 429):
                    self._metrics.of("modelyard_peer_failures_total", self._name, str(error.code)).inc()
                raise

    def _call(self, ctx: CallContext, method: str, facts: dict[str, Any]) -> Any:
        if isinstance(facts.get("page"), PageRequest):
            facts["page"] = idl.load("base").PageReq(cursor=facts["page"].cursor, limit=facts["page"].limit)
        auth = self._signer.service(self._name, ctx.user_id, ctx.space_id, ctx.clearance)
        request = getattr(self._service, f"{method}_args").thrift_spec[1][2](**facts, base=base_of(ctx, self._caller, auth))
        keyed = hasattr(request, "idempotency_key")
        if keyed:
            request.idempotency_key = ctx.idempotency_key
        # A repeated read is harmless; a repeated write is when it carries a key.
        try:
            return self._client.call(method, request, ctx.deadline, idempotent=not keyed or ctx.idempotency_key is not None)
        except PlatformError as error:
            if error.reason != Reason.UNAUTHENTICATED:
                raise
            # Our own identity, not the caller's: a key that is not everywhere yet, or a clock. Nothing may be dropped for it.
            raise unavailable(self._name, cause=f"refuses our identity: {error.limit}") from None

    def close(self) -> None:
        self._client.close()
