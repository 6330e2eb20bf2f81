"""A listening socket that is the only one on its address.

SO_REUSEPORT is never set: with it a stale process of the same service would silently answer part of the calls.
"""

from __future__ import annotations

import resource
import socket

from libs.common.errors import PlatformError, Reason

ACCEPTS_PER_ROUND = 16


def listen(host: str, port: int, backlog: int) -> socket.socket:
    """A non-blocking listener; ``port`` 0 picks a free one. Raises PlatformError PORT_TAKEN when it is bound or anything answers on it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if port and _answers(family, host, port):
        raise _taken(host, port)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart must not wait for old connections to be forgotten
        listener.bind((host, port))
        listener.listen(backlog)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise _taken(host, port, cause=error.strerror) from error
    return listener


def shared(listener: socket.socket) -> list[socket.socket]:
    """``listener`` ACCEPTS_PER_ROUND times, for a door of people: the event loop accepts one connection of each listener per round; a round
    of a busy server takes tens of milliseconds, and callers it has no time for are to hear so at once, not after seconds in the kernel's
    queue. A service keeps to one: its callers are few and stay, and strangers who come one by one hold less of its memory at a time."""
    return [listener, *[listener.dup() for _ in range(ACCEPTS_PER_ROUND - 1)]]


def not_accepted(listener: socket.socket) -> list[socket.socket]:
    """Those who have connected and wait in the kernel's queue; closes ``listener``, after which nobody else can."""
    found: list[socket.socket] = []
    with listener:
        while True:
            try:
                found.append(listener.accept()[0])
            except OSError:  # nobody is left, or one of them has gone already
                return found


def _answers(family: int, host: str, port: int) -> bool:
    """Also finds a listener on another address of this host that would shadow, or be shadowed by, this one."""
    target = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # looked for, not bound
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        try:
            probe.connect((target, port))
        except OSError:
            return False
        return bool(probe.getsockname() != probe.getpeername())  # a probe can happen to connect to itself


def _taken(host: str, port: int, cause: str | None = None) -> PlatformError:
    cause = cause or "something answers there"
    return PlatformError(500, Reason.PORT_TAKEN, field="port", limit="a free port", host=host, port=port, cause=cause)


def allow_files(count: int) -> None:
    """Raises this process's soft limit of open files to ``count``, as far as the hard limit goes: 1024 is below a server's cap."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
