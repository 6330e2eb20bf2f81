"""One reader of one service's change log, however many windows are open. It keeps the newest changes for who comes back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from libs.common.errors import PlatformError
from libs.common.sight import logs

POLL_SECONDS = 0.5
RING = 1000  # changes kept for who comes back; progress is not kept
MOST = 500
PROGRESS = 3  # base.ChangeKind
Ask = Callable[[str, int | None], Awaitable[Any]]
log = logs.get("feed")


class Listener(Protocol):
    """Who is told: the hub."""

    def arrived(self, service: str, changes: list[Any]) -> None:
        """New changes, in order."""

    def found(self, service: str, lost: bool) -> None:
        """The service answers and the ring is filled. lost: what lay between is not known any more."""

    def silent(self, service: str) -> None:
        """It gives no answer; said once."""


class Follower:
    """``position``: of the last change that was read; None until the service has answered. ``floor``: all behind it is in the ring.

    ask: (service, after) -> the answer of ``FollowChanges``.
    """

    def __init__(self, service: str, ask: Ask, listener: Listener) -> None:
        self.service, self._ask, self._listener = service, ask, listener
        self.position: int | None = None
        self.floor = 0
        self.answers = False
        self.tried = asyncio.Event()
        self._ring: deque[Any] = deque()
        self._known_before = False

    def forget(self) -> None:
        """Nobody has listened for a while: the ring is filled anew at the next read."""
        self.position, self._known_before, self.answers = None, False, False
        self.tried.clear()

    def since(self, position: int) -> list[Any] | None:
        """What came behind a position; None when that is not known (any more)."""
        if self.position is None or not self.floor <= position <= self.position:
            return None
        return [change for change in self._ring if change.position > position]

    async def read(self) -> bool:
        """One question. Says whether there may be more at once."""
        try:
            answer = await self._ask(self.service, self.position)
        except PlatformError as error:
            self._failed(error)
            return False
        first = self.position is None
        if not first and (answer.floor > self.position or answer.newest < self.position):
            log.warning("feed_gap", service=self.service, position=self.position, floor=answer.floor, newest=answer.newest)
            self.position = None
            return True
        changes = answer.changes or []
        self._keep(changes, answer, first)
        self.tried.set()
        if first or not self.answers:
            self.answers = True
            self._listener.found(self.service, lost=first and self._known_before)
            self._known_before = True
        if changes and not first:
            self._listener.arrived(self.service, changes)
        return not first and len(changes) == MOST

    def _keep(self, changes: list[Any], answer: Any, first: bool) -> None:
        if first:
            self._ring.clear()
            self.floor, self.position = answer.floor, answer.newest
        elif changes:
            self.position = changes[-1].position
        self._ring.extend(change for change in changes if change.kind != PROGRESS)
        while len(self._ring) > RING:
            self.floor = self._ring.popleft().position

    def _failed(self, error: PlatformError) -> None:
        self.tried.set()
        if self.answers:
            self.answers = False
            log.info("feed_silent", service=self.service, error=str(error))
            self._listener.silent(self.service)
