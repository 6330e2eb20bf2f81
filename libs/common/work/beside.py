"""Several loops of one worker process, each in a thread of its own: what one waits for keeps none of the others from its work."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Protocol

from libs.common.sight.health import Pulse
from libs.common.sight.metrics import Metrics


class Loop(Protocol):
    name: str
    stop: threading.Event

    def watched(self, metrics: Metrics, stall_seconds: float) -> Mapping[str, Pulse]: ...

    def run(self) -> None: ...


class SideBySide:
    """``run`` works until ``stop`` is set, then stops all of them and waits for each. loops: by a word for their heartbeat; the first one's
    name is that of the process."""

    def __init__(self, loops: Mapping[str, Loop]) -> None:
        self._loops = dict(loops)
        self.name = next(iter(self._loops.values())).name
        self.stop = threading.Event()

    def watched(self, metrics: Metrics, stall_seconds: float) -> Mapping[str, Pulse]:
        return {
            f"{word}.{name}": pulse for word, loop in self._loops.items() for name, pulse in loop.watched(metrics, stall_seconds).items()
        }

    def run(self) -> None:
        threads = [threading.Thread(target=loop.run, name=word) for word, loop in self._loops.items()]
        for thread in threads:
            thread.start()
        self.stop.wait()
        for loop in self._loops.values():
            loop.stop.set()
        for thread in threads:
            thread.join()
