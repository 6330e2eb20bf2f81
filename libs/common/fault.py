"""Named fault points between two side effects: ``fault.point("deploy.after_export_before_advance")``.

A point does nothing until the environment arms it: ``MODELYARD_FAULT=name=kind[@nth]`` makes the nth passage (default: the first) of this
process fail once, as ``crash`` (kill -9 of ourselves), ``raise`` (an exception nobody declared), ``sleep:ms``, ``disk_full`` (ENOSPC) or
``drop_reply`` (the answer is thrown away where there is one). Names are literals and unique, so that a scan of the source finds them all
and a sweep can arm each once. Off, a point costs one comparison.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from dataclasses import dataclass, field

from libs.common.errors import PlatformError, Reason

VARIABLE = "MODELYARD_FAULT"
KINDS = ("crash", "raise", "sleep", "disk_full", "drop_reply")


class InjectedFault(Exception):
    """What an armed point raises: on purpose no PlatformError, as a mistake of ours would not be one either."""


class ReplyDropped(InjectedFault):
    """``drop_reply``: whoever holds an answer throws it away with its connection; elsewhere it is any other failure."""


@dataclass
class Armed:
    """name: of the point. kind: what happens. ms: of a sleep. nth: which passage, counted from 1 over all threads of the process."""

    name: str
    kind: str
    ms: int = 0
    nth: int = 1
    passed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hit(self) -> None:
        with self._lock:
            self.passed += 1
            if self.passed != self.nth:
                return
        # Said before it happens, past every buffer: a test must see that the point was reached, and nothing else speaks after a crash.
        os.write(2, f"fault {self.name} {self.kind}\n".encode())
        if self.kind == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.kind == "sleep":
            time.sleep(self.ms / 1000)
        elif self.kind == "disk_full":
            raise OSError(errno.ENOSPC, f"injected: {self.name}")
        elif self.kind == "drop_reply":
            raise ReplyDropped(self.name)
        else:
            raise InjectedFault(self.name)


def parse(text: str) -> Armed:
    """``name=kind[:ms][@nth]``. Raises INVALID_SETTING naming the variable."""
    name, _, rest = text.partition("=")
    what, _, nth = rest.partition("@")
    kind, _, ms = what.partition(":")
    whole = all(number.isascii() and number.isdecimal() for number in (nth or "1", ms or "0"))
    if not name or kind not in KINDS or not whole or (kind == "sleep") != bool(ms) or (nth and int(nth) < 1):
        raise PlatformError(500, Reason.INVALID_SETTING, field=VARIABLE, limit=f"name=({'|'.join(KINDS)})[:ms][@nth]", value=text[:200])
    return Armed(name, kind, int(ms or 0), int(nth or 1))


def arm(armed: Armed | None) -> None:
    """For this process, in place of what its environment said. None disarms."""
    global _armed
    _armed = armed


def point(name: str) -> None:
    """A place at which this process may be made to fail. ``name``: a literal, used once in the source: ``<owner>.<where>``."""
    if _armed is not None and _armed.name == name:
        _armed.hit()


_armed: Armed | None = parse(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None
