"""Stop signals as an event, safe wherever they land.

A signal handler runs in the main thread between any two of its instructions. ``Event.set`` takes a lock which that very thread may hold at
that moment, inside its own ``wait``: the handler would wait for ever for the thread it has interrupted. So the handler only writes a
byte, and a thread that holds nothing reads it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Collection

STOP = (signal.SIGTERM, signal.SIGINT)


def on_signal(heard: Callable[[], None], numbers: Collection[signal.Signals] = STOP) -> None:
    """Calls ``heard`` in a thread, once for each signal that arrives. Call from the main thread."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)  # a full pipe holds enough to be heard already

    def note(*_: object) -> None:
        try:
            os.write(writing, b"!")
        except BlockingIOError:
            pass

    def listen() -> None:
        while os.read(reading, 1):
            heard()

    threading.Thread(target=listen, name="signals", daemon=True).start()
    for number in numbers:
        signal.signal(number, note)
