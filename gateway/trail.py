"""The audit trail's writer: everything people change over HTTP, and every refusal, goes to the identity service within a moment.

The gateway alone signs identities of people, so what a person does passes here. Rows wait in memory, are sent in batches under a key (once,
also when an answer is lost) and flushed when the process drains. While too many wait, nothing may be changed: rather no write than
one nobody can account for.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from typing import Any

import idl
from gateway.clients import Clients, request_struct
from gateway.sessions import Sessions
from libs.common.errors import PlatformError, unavailable
from libs.common.rpc.deadline import Deadline
from libs.common.sight import logs

FLUSH_SECONDS = 0.2
BATCH = 200
WAITING_MAX = 10_000
OUTSIDE = "identity.SignInOutside"
log = logs.get("gateway")


class Trail:
    """``note`` … ``run`` in the background … ``flush`` at the end."""

    def __init__(self, clients: Clients, sessions: Sessions, seconds: float) -> None:
        self._clients, self._sessions, self._seconds = clients, sessions, seconds
        self._waiting: deque[Any] = deque()
        self._batch: tuple[str, list[Any]] | None = None  # under way: sent again under the same key until it was taken
        self._event = idl.load("identity").AuditEvent

    def check_room(self) -> None:
        """Raises 503 UNAVAILABLE when nothing more can be kept."""
        if len(self._waiting) >= WAITING_MAX:
            raise unavailable("audit trail")

    def note(self, scope: Any, code: int, request_id: str) -> None:
        """One row about a request that was answered with ``code``."""
        if not _worth_a_row(scope, code) or len(self._waiting) >= WAITING_MAX:
            return
        caller = scope.get("modelyard.caller")
        client = scope.get("client")
        self._waiting.append(
            self._event(
                user_id=caller.user_id or None if caller else None,
                project_space_id=caller.project_space_id or None if caller else None,
                credential=caller.credential if caller else "",
                method=scope.get("modelyard.rpc") or f"{scope['method']} {getattr(scope.get('route'), 'path', '-')}"[:200],
                object=(scope.get("modelyard.object") or _named(scope.get("path_params") or {}))[:400],
                outcome=code,
                address=client[0][:100] if client else "",
                request_id=request_id[:64],
                event_time=time.time_ns() // 1_000_000,
            )
        )

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
            except PlatformError as error:
                log.warning("audit_waits", waiting=len(self._waiting), reason=error.reason.name)
                await asyncio.sleep(1)

    async def flush(self) -> None:
        """Sends all that waits. Raises PlatformError when the identity service does not take it."""
        while self._batch or self._waiting:
            if self._batch is None:
                rows = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                self._batch = f"audit-{uuid.uuid4().hex}", rows
            key, rows = self._batch
            call = request_struct("identity", "RecordAudit")(events=rows, idempotency_key=key)
            await self._clients.send("identity", "RecordAudit", call, self._sessions.itself(key), Deadline.after(self._seconds))
            self._batch = None


def _worth_a_row(scope: Any, code: int) -> bool:
    """Changes, and refusals of somebody known; a stranger's 401 is a row only where signing in was tried."""
    api = scope["path"].startswith("/api/")
    if code == 403 or scope.get("modelyard.rpc") == OUTSIDE:  # the one change that comes by GET: a browser is sent here
        return True
    return bool(api and scope["method"] not in ("GET", "HEAD", "OPTIONS") and (code != 401 or scope["path"].endswith("/auth/sign-in")))


def _named(params: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in params.items())
