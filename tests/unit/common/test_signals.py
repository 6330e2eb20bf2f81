"""Stop signals, wherever in the main thread they land."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

WAITER = """
import signal, sys, threading
from libs.common.signals import on_signal
stop, heard = threading.Event(), [0]
def hear():
    heard[0] += 1
    stop.set()
on_signal(hear, (signal.SIGTERM,))
signal.signal(signal.SIGINT, signal.SIG_DFL)
print("ready", flush=True)
while True:  # in and out of the event's lock as often as can be
    stop.clear()
    stop.wait(0.00002)
    if heard[0] >= 300:
        print("heard", flush=True)
        heard[0] = -1 << 62
"""
SECONDS = 60


def test_a_signal_that_lands_inside_the_wait_for_it_does_not_block_for_ever() -> None:
    """``Event.set`` in the handler did: the supervisor kept the demo waiting, once in some hundred stops."""
    with subprocess.Popen([sys.executable, "-c", WAITER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        end = time.monotonic() + SECONDS
        heard = []
        reader = threading.Thread(target=lambda: heard.append(process.stdout.readline()), daemon=True)
        reader.start()
        while reader.is_alive() and time.monotonic() < end:
            process.send_signal(signal.SIGTERM)
            reader.join(0.0005)
        process.kill()
        assert heard == ["heard\n"]
