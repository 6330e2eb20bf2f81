"""What changes, as it changes: the change feed as a generator that comes back by itself after a cut and misses nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx

from libs.client.failure import ApiError, Json
from libs.common.lines import lines

BEAT_SECONDS = 45.0  # the gateway says something at least every 15 s
PAUSE_SECONDS = 1.0
Open = Callable[[dict[str, str]], httpx.Response]


class Watch:
    """Iterate over it. Each item is a change: service, entity, id, parent_id, kind (MADE, CHANGED, DELETED, PROGRESS), state, version,
    user_id, name, time, done and total (of its work).
    Other kinds are about the feed: RESET (something may have been missed: read anew what you rely on), SILENT and
    ANSWERS (a service went away or came back).

    open: (headers) -> the answer of the gateway, not read yet; raises ApiError. silent_seconds: how long it goes on while nothing
    answers any more; where nothing answers the first time it ends at once, so that nobody waits for a platform that was never up.
    ``cursor``: where it is; a later watch that begins there misses nothing.
    """

    def __init__(self, open: Open, after: str, silent_seconds: float) -> None:
        self.cursor = after
        self._open, self._silent_seconds = open, silent_seconds

    def __iter__(self) -> Iterator[Json]:
        """Ends only by an ApiError, such as that of a session that has ended."""
        heard: float | None = None
        while True:
            try:
                answer = self._open({"last-event-id": self.cursor} if self.cursor else {})
                heard = time.monotonic()
                try:
                    for item in self._changes(answer):
                        heard = time.monotonic()
                        yield item
                    heard = time.monotonic()
                finally:
                    answer.close()
            except httpx.RequestError:
                pass  # cut: asked again, from where we are
            except ApiError as error:
                if not error.retryable or heard is None or time.monotonic() - heard > self._silent_seconds:
                    raise
            time.sleep(PAUSE_SECONDS)

    def _changes(self, answer: httpx.Response) -> Iterator[Json]:
        for name, data, place in _events(lines(answer.iter_bytes())):
            if name == "changes":
                yield from data
            elif name == "reset":
                yield {"kind": "RESET"}
            elif name == "service":
                yield _service(data["service"], data["answers"])
            elif name == "hello":
                yield from (_service(service, answers=False) for service in data["silent"])
            self.cursor = place or self.cursor  # once all of it was taken


def _service(name: str, answers: bool) -> Json:
    return {"kind": "ANSWERS" if answers else "SILENT", "service": name}


def _events(found: Iterable[str]) -> Iterator[tuple[str, Any, str]]:
    """(name, data, id) of each whole event."""
    facts: dict[str, str] = {}
    for line in found:
        if line:
            key, _, value = line.partition(":")
            facts[key] = value.removeprefix(" ")
        elif facts:
            if "data" in facts:
                yield facts.get("event", "message"), json.loads(facts["data"]), facts.get("id", "")
            facts = {}
