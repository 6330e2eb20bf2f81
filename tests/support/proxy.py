"""A TCP proxy of our own between a caller and a service: it delays, cuts, drips, swallows, refuses and doubles what passes.

``proxy.way`` may be changed at any moment; it holds for connections and bytes from then on.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Way:
    """How bytes are treated. delay: seconds before each piece of an answer. cut_after: bytes of answers on one connection, then both ends
    are cut; 0 loses the reply of a call that was made. drip: one byte of an answer per so many seconds. black_hole: everything is taken
    and nothing comes. refuse: connections are closed as soon as they are there. double: each piece of a request arrives twice.
    """

    delay: float = 0.0
    cut_after: int | None = None
    drip: float = 0.0
    black_hole: bool = False
    refuse: bool = False
    double: bool = False


STRAIGHT = Way()


class Proxy:
    """``port``: where it listens on this host. target: port of the service, may be set later. cut: connections it has cut."""

    def __init__(self, target: int = 0) -> None:
        self.target, self.way, self.cut, self.accepted = target, STRAIGHT, 0, 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = int(self._listener.getsockname()[1])
        self._closed = threading.Event()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def cut_all(self) -> None:
        """Ends every connection that is open now."""
        self._shut(*list(self._open))

    def close(self) -> None:
        self._closed.set()
        self._shut(self._listener)
        self.cut_all()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self.way.refuse:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                near.close()
                continue
            for end in (near, far):
                end.settimeout(None)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open |= {near, far}
            threading.Thread(target=self._requests, args=(near, far), daemon=True).start()
            threading.Thread(target=self._answers, args=(far, near), daemon=True).start()

    def _requests(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(_CHUNK):
                if self.way.black_hole:
                    continue
                far.sendall(data * 2 if self.way.double else data)
        self._shut(near, far)

    def _answers(self, far: socket.socket, near: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while data := far.recv(_CHUNK):
                way = self.way
                if way.delay:
                    self._closed.wait(way.delay)
                if way.black_hole:
                    continue
                if way.cut_after is not None and passed + len(data) > way.cut_after:
                    near.sendall(data[: max(0, way.cut_after - passed)])
                    self.cut += 1
                    break
                passed += len(data)
                while self.way.drip and len(data) > 1:
                    near.sendall(data[:1])
                    data = data[1:]
                    self._closed.wait(self.way.drip)
                near.sendall(data)
        self._shut(near, far)

    def _shut(self, *ends: socket.socket) -> None:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                end.close()
            self._open.discard(end)
