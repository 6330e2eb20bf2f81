"""HTTP by hand, for requests no client library would send: half ones, too many at once, too large ones."""

from __future__ import annotations

import json
import re
import socket
import time
from typing import Any
from urllib.parse import urlsplit


def connect(address: str, seconds: float = 30.0) -> socket.socket:
    where = urlsplit(address)
    return socket.create_connection((where.hostname or "", where.port or 0), timeout=seconds)


def head(verb: str, path: str, length: int = 0, **headers: str) -> bytes:
    lines = [f"{verb} {path} HTTP/1.1", "host: door", f"content-length: {length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def heard(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; a reset ends it too."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def answers(connection: socket.socket, count: int) -> list[int]:
    """The status of ``count`` answers that come one after the other."""
    found: list[int] = []
    rest = b""
    while len(found) < count:
        part = connection.recv(65536)
        assert part, f"closed after {len(found)} of {count} answers"
        rest += part
        while (end := rest.find(b"\r\n\r\n")) >= 0:
            length = int(re.search(rb"content-length: (\d+)", rest[:end], re.IGNORECASE)[1])  # type: ignore[index]
            if len(rest) < end + 4 + length:
                break
            found.append(int(rest[9:12]))
            rest = rest[end + 4 + length :]
    return found


def error_of(answer: bytes) -> tuple[int, dict[str, Any]]:
    """Status and error body of one answer."""
    top, _, body = answer.partition(b"\r\n\r\n")
    return int(top[9:12]), json.loads(body)["error"]


def flood(address: str, request: bytes, count: int, at_once: int = 50) -> list[int]:
    """The same request ``count`` times, ``at_once`` on their way at a time. Returns the statuses."""
    found: list[int] = []
    with connect(address) as connection:
        while len(found) < count:
            now = min(at_once, count - len(found))
            connection.sendall(request * now)
            found += answers(connection, now)
    return found


def timed(call: Any) -> tuple[float, Any]:
    """Seconds, and what ``call`` gave."""
    started = time.perf_counter()
    given = call()
    return time.perf_counter() - started, given
