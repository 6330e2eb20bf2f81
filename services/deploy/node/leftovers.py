"""Serving processes of a worker that was killed. They drain and end by themselves when its end of their stdin closes; one that is too stuck
for that is killed here. A process number alone is never believed: it may be somebody else's by now.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from services.deploy.domain.instance import Instance
from services.deploy.node.process import MODULE


class Leftovers:
    """``add`` what the store says ran before; ``reap`` kills what still does after ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._handles: dict[int, float] = {}

    def add(self, instance: Instance, now: float) -> bool:
        """now: monotonic seconds. Answers whether the instance's process still runs."""
        handle = _handle_of(instance)
        if handle is not None:
            self._handles[handle] = now + self._seconds
        return handle is not None

    def reap(self, now: float) -> None:
        for handle, until in list(self._handles.items()):
            if now >= until:
                del self._handles[handle]
                try:
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                except ProcessLookupError:
                    pass  # it had ended as it should
                os.close(handle)

    def close(self) -> None:
        self.reap(float("inf"))


def _handle_of(instance: Instance) -> int | None:
    """A handle of the instance's process that stays its own, None when it is gone or another program's."""
    if not instance.pid or not hasattr(os, "pidfd_open"):
        return None
    try:
        handle = os.pidfd_open(instance.pid)
    except OSError:
        return None
    try:
        words = Path(f"/proc/{instance.pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        words = []
    if MODULE in words and instance.digest in words:
        return handle
    os.close(handle)
    return None
