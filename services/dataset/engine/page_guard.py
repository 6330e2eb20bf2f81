"""Parses a page where it can do no harm: in a fork with a limit on processor time.

Nesting and attribute lists make any tree-building HTML parser take time that grows with the square of the page; a page of one megabyte can
be made to take minutes, and native code cannot be interrupted from outside its process. Small pages cannot get far and are parsed in place.
"""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Callable

SMALL = 1 << 16  # characters; a page of this size takes seconds at the very worst


class PageTooHard(ValueError):
    """The page took too much time, or ended the parser."""


def guarded(parse: Callable[[str], tuple[str, str]], page: str, seconds: int) -> tuple[str, str]:
    """``parse(page)``, in a fork when the page is not small. seconds: processor time. Raises PageTooHard.

    The modules that ``parse`` uses must be loaded before: the fork of a process with threads must not take their import locks.
    """
    if len(page) <= SMALL:
        return parse(page)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        _parse_and_leave(parse, page, seconds, write_end)
    os.close(write_end)
    try:
        with os.fdopen(read_end, "rb") as pipe:
            data = pipe.read()  # ends when the fork does, which its limit makes certain
    finally:
        _end(child)
    if not data.endswith(b"]"):
        raise PageTooHard
    title, text = json.loads(data)
    return str(title), str(text)


def _parse_and_leave(parse: Callable[[str], tuple[str, str]], page: str, seconds: int, write_end: int) -> None:
    """The life of the fork; never returns, whatever happens."""
    try:
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(json.dumps(parse(page)).encode())
    finally:
        os._exit(0)


def _end(child: int) -> None:
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it has left by itself
    os.waitpid(child, 0)
