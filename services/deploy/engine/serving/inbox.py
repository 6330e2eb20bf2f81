"""Where the event loop's side of a request meets the decoding thread: pieces arrive here and wake one coroutine."""

from __future__ import annotations

import asyncio
from collections import deque

from services.deploy.engine.serving.decoder import Delivery, Piece


class Inbox:
    """The pieces of one request, all used on the event loop's thread. Several that arrive before the reader wakes are read at once."""

    def __init__(self) -> None:
        self._pieces: deque[Piece] = deque()
        self._waiter: asyncio.Future[None] | None = None

    def put(self, piece: Piece) -> None:
        self._pieces.append(piece)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> list[Piece]:
        """Everything that is there, at least one piece."""
        if not self._pieces:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        pieces = list(self._pieces)
        self._pieces.clear()
        return pieces


def to_loop(loop: asyncio.AbstractEventLoop, deliveries: list[Delivery]) -> None:
    """Hand one turn's deliveries to the loop's thread with a single wake-up."""
    try:
        loop.call_soon_threadsafe(hand_out, deliveries)
    except RuntimeError:
        return  # the loop is closed: the process is ending and nobody reads any more


def hand_out(deliveries: list[Delivery]) -> None:
    """Give each receiver its piece, here and now."""
    for generation, piece in deliveries:
        generation.receive(piece)
