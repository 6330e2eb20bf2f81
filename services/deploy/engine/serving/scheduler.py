"""The thread that decodes, and the bounded queue in front of it.

Requests come from any thread; every step runs on one. What is due after a turn is handed over in one call, so that the waking of the
other side costs once per step and not once per token.

Decided here: a request that finds all rows and all waiting places taken is refused at once with BUSY (429) instead of waiting without
end, and several prompts of one request are accepted together or not at all.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

from libs.common.errors import PlatformError, Reason, busy, unavailable
from services.deploy.engine.serving.decoder import Decoder, Delivery, Generation, Piece
from services.deploy.engine.serving.options import ServingOptions

Post = Callable[[list[Delivery]], None]


class Scheduler:
    """Continuous batching as a service. post: called on the decoding thread with what is due; it must not block."""

    def __init__(self, decoder: Decoder, options: ServingOptions, post: Post) -> None:
        self._decoder = decoder
        self._capacity = options.max_rows + options.max_queue
        self._post = post
        self._waiting: deque[Generation] = deque()
        self._open = 0  # accepted, last piece not yet delivered
        self._closing = self._abandoning = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="decode", daemon=True)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def open_requests(self) -> int:
        """Requests accepted and not yet finished: those that decode and those that wait."""
        return self._open

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def rows(self) -> int:
        return self._decoder.size

    def start(self) -> None:
        self._thread.start()

    def submit(self, generations: Sequence[Generation]) -> None:
        """Accept all of ``generations`` or none. Raises: PlatformError 429 BUSY when too few places are free, 503 when closing."""
        with self._changed:
            if self._closing:
                raise unavailable("the server")
            if self._open + len(generations) > self._capacity:
                raise busy("inference", limit=f"{self._capacity} requests at a time")
            self._open += len(generations)
            self._waiting.extend(generations)
            self._changed.notify()

    def cancel(self, generation: Generation) -> None:
        """Free the request's row or place. Its last piece says "cancelled"; cancelling a finished request does nothing."""
        with self._changed:
            generation.cancelled = True
            if generation not in self._waiting:
                return  # its row leaves at the next turn
            self._waiting.remove(generation)
            self._open -= 1
        self._post([(generation, Piece(finish="cancelled"))])

    def close(self, timeout_s: float) -> bool:
        """Accept nothing more and wait for the accepted requests. Returns: whether all of them ended in time."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def abandon(self, timeout_s: float) -> None:
        """Fail whatever is still open, after the step that runs now, and end the thread.

        A thread that is inside the runtime while the interpreter ends aborts the whole process, so it has to end first.
        """
        with self._changed:
            self._closing = self._abandoning = True
            self._changed.notify()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while self._wait_for_work():
            if self._abandoning:
                self._give_up(unavailable("the server"))
                return
            try:
                deliveries = self._decoder.turn(self._take)
            except Exception as error:
                self._give_up(PlatformError(500, Reason.INTERNAL, what=f"the decoding thread ended: {type(error).__name__}"))
                raise
            with self._changed:
                self._open -= sum(piece.finish is not None for _, piece in deliveries)
            if deliveries:
                self._post(deliveries)

    def _wait_for_work(self) -> bool:
        with self._changed:
            while not (self._waiting or self._decoder.size):
                if self._closing:
                    return False
                self._changed.wait()
            return True

    def _take(self, free_rows: int) -> list[Generation]:
        with self._changed:
            return [self._waiting.popleft() for _ in range(min(free_rows, len(self._waiting)))]

    def _give_up(self, error: PlatformError) -> None:
        """Nobody may wait for ever on a thread that ends. After a bug in a turn, health reports it and the supervisor restarts us."""
        with self._changed:
            self._closing = True
            rows = [*self._decoder.abandon(), *self._waiting]
            self._waiting.clear()
            self._open = 0
        self._post([(row, Piece(finish="error", error=error)) for row in rows])
