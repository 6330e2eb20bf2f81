"""Loops side by side: all of them work, and one word stops all."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from libs.common.sight.health import Pulse
from libs.common.sight.metrics import Metrics
from libs.common.work.beside import SideBySide


class Turning:
    """A loop that counts its rounds until it is stopped."""

    def __init__(self, name: str, meets: threading.Barrier) -> None:
        self.name, self.stop, self._meets = name, threading.Event(), meets
        self.rounds = 0

    def watched(self, _metrics: Metrics, stall_seconds: float) -> Mapping[str, Pulse]:
        return {"work": Pulse(stall_seconds)}

    def run(self) -> None:
        self._meets.wait(10)  # only if the other works at the same time
        while not self.stop.wait(0.001):
            self.rounds += 1


def test_all_work_at_once_and_all_stop() -> None:
    meets = threading.Barrier(3)
    one, other = Turning("engines@here", meets), Turning("people@here", meets)
    both = SideBySide({"engines": one, "people": other})
    assert both.name == "engines@here"
    assert set(both.watched(Metrics("t"), 5.0)) == {"engines.work", "people.work"}
    thread = threading.Thread(target=both.run)
    thread.start()
    meets.wait(10)
    while not (one.rounds and other.rounds):
        pass
    both.stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert one.stop.is_set()
    assert other.stop.is_set()
