"""One open window: who looks, what they may see, and what is still on its way to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import msgspec

from gateway.feed.cursor import Positions

WAITING = 64  # events on their way to one window; who is slower is let go, and comes back to where it was
IDENTITY = "identity"
KINDS = ("MADE", "CHANGED", "DELETED", "PROGRESS")
_encode = msgspec.json.encode


@dataclass(frozen=True)
class Viewer:
    """What decides what a person sees; two windows with the same see the same."""

    user_id: int
    space_id: int
    clearance: int
    administrator: bool

    def sees(self, service: str, change: Any) -> bool:
        """What a read of the object would show. Of people, sessions and keys: one's own; an administrator: everybody's."""
        here = change.project_space_id == self.space_id
        if service != IDENTITY:
            return bool(self.space_id and here and change.secrecy <= self.clearance)
        mine = self.user_id in (change.user_id, change.entity_id if change.entity == "user" else 0)
        return bool(mine or self.administrator or (here and self.space_id and change.entity == "membership"))


class Stream:
    """pending: where this window was in services that have not answered since the gateway started."""

    def __init__(self, viewer: Viewer, token: str, valid_until: float, pending: Positions) -> None:
        self.viewer, self.token, self.valid_until, self.pending = viewer, token, valid_until, pending
        self.open = True
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def restart(self) -> None:
        """Forgets what came before its beginning."""
        self._queue = asyncio.Queue()

    def put(self, event: bytes) -> bool:
        """False for a window that does not keep up."""
        if self._queue.qsize() >= WAITING:
            return False
        self._queue.put_nowait(event)
        return True

    def end(self, last: bytes | None = None) -> None:
        """Nothing more comes behind ``last``."""
        self.open = False
        if last is not None:
            self._queue.put_nowait(last)
        self._queue.put_nowait(None)

    async def events(self) -> AsyncIterator[bytes]:
        while (event := await self._queue.get()) is not None:
            yield event


def event(name: str, data: Any, cursor: str = "") -> bytes:
    """One server-sent event. cursor: where a reader that has it goes on."""
    place = f"id: {cursor}\n".encode() if cursor else b""
    return place + b"event: " + name.encode() + b"\ndata: " + _encode(data) + b"\n\n"


def shown(service: str, change: Any) -> dict[str, Any]:
    """A change as people and programs read it."""
    return {
        "service": service,
        "entity": change.entity,
        "id": str(change.entity_id),
        "parent_id": str(change.parent_id),
        "kind": KINDS[change.kind] if 0 <= change.kind < len(KINDS) else KINDS[1],
        "state": change.state,
        "version": change.version,
        "user_id": str(change.user_id),
        "name": change.name,
        "time": str(change.create_time),
        "done": str(change.done),
        "total": str(change.total),
    }
