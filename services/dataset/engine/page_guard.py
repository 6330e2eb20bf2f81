"""Parses large pages where they can do no harm: in a process beside this one, with limits on processor time and memory.

Nesting and attribute lists make any tree-building HTML parser take time that grows with the square of the page; a page of one megabyte can
be made to take minutes, and native code cannot be interrupted from outside its process. Small pages cannot get far and are parsed in place.
The process beside serves page after page; one that is stuck ends it, and the next page gets a new one.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import weakref
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from typing import NoReturn

SMALL = 1 << 16  # characters; a page of this size takes seconds at the very worst
MEMORY = 2 << 30  # bytes that the process beside may have more than it was born with
Parse = Callable[[str], tuple[str, str]]


class PageTooHard(ValueError):
    """The page took too much time or memory, or ended the parser."""


class PageGuard:
    """``parse`` behind a guard; for one thread. seconds: processor time of a page.

    The modules that ``parse`` uses must be loaded before: the fork of a process with threads must not take their import locks.
    """

    def __init__(self, parse: Parse, seconds: float) -> None:
        self._parse, self._seconds = parse, seconds
        self._beside: _Beside | None = None

    def __call__(self, page: str) -> tuple[str, str]:
        """``parse(page)``. Raises PageTooHard."""
        if len(page) <= SMALL:
            return self._parse(page)
        if self._beside is None:
            self._beside = _Beside(self._parse, self._seconds)
        try:
            title, text = json.loads(self._beside.ask(page))
        except (EOFError, OSError):  # it is gone, as its limits make certain
            self._beside.end()
            self._beside = None
            raise PageTooHard from None
        return str(title), str(text)


class _Beside:
    """The process: forked at once, it ends with this object or with its parent."""

    def __init__(self, parse: Parse, seconds: float) -> None:
        self._pipe, theirs = Pipe()
        child = os.fork()
        if child == 0:
            self._pipe.close()
            _serve(parse, seconds, theirs)
        theirs.close()
        self.end = weakref.finalize(self, _end, child, self._pipe)

    def ask(self, page: str) -> bytes:
        self._pipe.send_bytes(page.encode("utf-8", "surrogatepass"))
        return self._pipe.recv_bytes()


def _serve(parse: Parse, seconds: float, pipe: Connection) -> NoReturn:
    """The life of the process; it never returns, whatever happens."""
    try:
        for name in (signal.SIGPROF, signal.SIGTERM, signal.SIGINT):
            signal.signal(name, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _bound_memory()
        while True:
            page = pipe.recv_bytes().decode("utf-8", "surrogatepass")
            signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends the process, in native code too
            answer = json.dumps(parse(page)).encode()
            signal.setitimer(signal.ITIMER_PROF, 0)
            pipe.send_bytes(answer)
    finally:
        os._exit(0)


def _bound_memory() -> None:
    with open("/proc/self/statm", encoding="ascii") as told:
        born_with = int(told.read().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = born_with + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _end(child: int, pipe: Connection) -> None:
    pipe.close()
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it has left by itself
    os.waitpid(child, 0)
