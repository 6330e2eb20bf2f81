"""Fetches what lies at an http(s) address into a file: resumed where it was cut, bounded in bytes and time, and written down.

Every address on the way, redirects included, goes through the one guard (``libs.common.outside``) and is asked where the guard looked.
What was received before a cut, or a kill, counts only while the other side says with its own mark (a strong ETag, or a date) that it is
still the same file; else it is fetched anew. Names and types that the other side gives are never believed.
"""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

from libs.common import durable
from libs.common.errors import PlatformError, Reason, disk_full, invalid, unavailable
from libs.common.outside import Outside
from libs.common.work.engine import Reporter

LONGEST = 2000  # characters of an address
REDIRECTS = 5
SILENT_SECONDS = 30.0
PATIENCE = 5  # tries in a row that bring nothing
CHUNK = 1 << 20
PORTS = {"http": 80, "https": 443}
_MOVED = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429, 500, 502, 503, 504)
_BROKEN = (OSError, http.client.HTTPException, ssl.SSLError)


@dataclass(frozen=True, slots=True)
class Bounds:
    """bytes: of the file. seconds: for all of it."""

    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is written down of a link. at: where the redirects ended."""

    url: str
    at: str
    bytes: int
    seconds: float
    sha256: str
    etag: str
    modified: str

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def checked(url: Any, field: str) -> SplitResult:
    """The parts of an address. Raises INVALID_ARGUMENT for one that is none, or says who asks: what is stored is shown to others."""
    if not isinstance(url, str) or len(url) > LONGEST or any(ord(sign) < 33 or ord(sign) > 126 for sign in url):
        raise invalid(field, limit=f"an http(s) address of at most {LONGEST} printable ASCII characters")
    try:
        parts = urlsplit(url)
        sound = parts.scheme in PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound:
        raise invalid(field, limit="an http(s) address with a host")
    if parts.username is not None or parts.password is not None:
        raise invalid(field, limit="an address without a user or password")
    return parts


def fetch(url: str, target: Path, guard: Outside, bounds: Bounds, report: Reporter, field: str) -> Fetched:
    """What was written down of the file, which lies durably under its name until somebody moves it. Raises ADDRESS_REFUSED, FILE_TOO_LARGE,
    FILE_MISSING, UNAVAILABLE."""
    known = durable.read_json(_facts(target))
    if known is not None:
        return Fetched(**known)
    return _Link(url, target, guard, bounds, report, field).fetched()


class _Link:
    def __init__(self, url: str, target: Path, guard: Outside, bounds: Bounds, report: Reporter, field: str) -> None:
        self._url, self._target, self._guard, self._bounds, self._report, self._field = url, target, guard, bounds, report, field
        self._part, self._note = target.with_name(f".{target.name}.part"), target.with_name(f".{target.name}.note.json")
        self._at, self._total = url, 0

    def fetched(self) -> Fetched:
        begun, idle = time.monotonic(), 0
        self._target.parent.mkdir(parents=True, exist_ok=True)
        while True:
            before = self._received()
            if self._once(begun):
                break
            idle = idle + 1 if self._received() <= before else 0
            if idle >= PATIENCE:
                raise self._unreachable("it does not answer, or is cut again and again")
            time.sleep(0.2 * 2**idle)
        return self._kept(time.monotonic() - begun)

    def _once(self, begun: float) -> bool:
        """One request. Whether all of it is there now."""
        try:
            answer = self._asked()
            with self._opened(answer) as out:
                self._take(answer, out, begun)
        except _BROKEN as error:
            if (full := disk_full(error, "the folder of the task")) is not None:
                raise full from error
            return False
        return self._received() == self._total if self._total else True

    def _asked(self) -> http.client.HTTPResponse:
        """The answer behind all redirects."""
        at = self._url
        for _ in range(REDIRECTS + 1):
            answer = self._request(at)
            if answer.status not in _MOVED:
                self._at = at
                return self._judged(answer)
            before, at = at, urljoin(at, answer.headers.get("Location", ""))
            if before.startswith("https:") and not at.startswith("https:"):
                raise PlatformError(422, Reason.ADDRESS_REFUSED, field=self._field, limit="redirects that stay with https")
        raise self._unreachable(f"more than {REDIRECTS} redirects")

    def _request(self, at: str) -> http.client.HTTPResponse:
        parts = checked(at, self._field)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        self._guard.check(host, self._field)
        connection = _Pinned(host, port, self._guard.pin(host, port, self._field).strip("[]"), parts.scheme == "https")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Host": parts.netloc, "User-Agent": "modelyard", "Connection": "close", **self._range()})
        return connection.getresponse()

    def _range(self) -> dict[str, str]:
        """What is there already need not come again, where it can be told that it is the same file."""
        have, note = self._received(), durable.read_json(self._note) or {}
        if not have or not note.get("mark"):
            return {"Accept-Encoding": "identity"}
        return {"Accept-Encoding": "identity", "Range": f"bytes={have}-", "If-Range": note["mark"]}

    def _judged(self, answer: http.client.HTTPResponse) -> http.client.HTTPResponse:
        if answer.status in _LATER:
            raise http.client.HTTPException(str(answer.status))
        if answer.status == 416:  # what is there is not a beginning of what is there now
            self._part.unlink(missing_ok=True)
            raise http.client.HTTPException("416")
        if answer.status not in (200, 206):
            limit = f"an address that gives a file, not HTTP {answer.status}"
            raise PlatformError(422, Reason.FILE_MISSING, field=self._field, limit=limit, file=self._url)
        return answer

    def _opened(self, answer: http.client.HTTPResponse) -> BinaryIO:
        """Where the answer goes: behind what is there, or to a new file."""
        start, total = _place(answer)
        goes_on = answer.status == 206 and start == self._received() > 0
        if answer.status == 206 and not goes_on:
            self._part.unlink(missing_ok=True)
            raise http.client.HTTPException("another range than the one that was asked for")
        self._total = total
        self._refuse_large(total)
        if not goes_on:
            self._part.unlink(missing_ok=True)
            durable.write_json(self._note, {"mark": _mark(answer.headers), **_said(answer.headers)})
        return self._part.open("ab")

    def _take(self, answer: http.client.HTTPResponse, out: BinaryIO, begun: float) -> None:
        size = self._received()
        while chunk := answer.read(CHUNK):
            out.write(chunk)
            size += len(chunk)
            self._refuse_large(size)
            if time.monotonic() - begun > self._bounds.seconds:
                raise self._unreachable(f"it takes longer than {self._bounds.seconds:g} s")
            self._report.progress(size, max(size, self._total), "fetch")

    def _refuse_large(self, size: int) -> None:
        if size > self._bounds.bytes:
            limit = f"at most {self._bounds.bytes} bytes"
            raise PlatformError(422, Reason.FILE_TOO_LARGE, field=self._field, limit=limit, file=self._url, row=1, why=f"{size} bytes")

    def _kept(self, seconds: float) -> Fetched:
        note = durable.read_json(self._note) or {}
        with self._part.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
            size = handle.tell()
        made = Fetched(self._url, self._at, size, round(seconds, 3), digest, note.get("etag", ""), note.get("modified", ""))
        durable.sync(self._part)
        self._part.rename(self._target)
        durable.write_json(_facts(self._target), made.to_json())  # the file lies there before this says so
        return made

    def _received(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _unreachable(self, why: str) -> PlatformError:
        return unavailable(self._url[:200], field=self._field, why=why)


class _Pinned(http.client.HTTPConnection):
    """A connection to one address that was looked at, under the name it was asked for."""

    def __init__(self, host: str, port: int, address: str, secure: bool) -> None:
        super().__init__(host, port, timeout=SILENT_SECONDS)
        self._address, self._secure = address, secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), SILENT_SECONDS)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _facts(target: Path) -> Path:
    return target.with_name(f".{target.name}.json")


def _place(answer: http.client.HTTPResponse) -> tuple[int, int]:
    """(where the answer begins, how long the whole file is; 0 where nobody says)."""
    if answer.status == 206:
        unit, _, rest = answer.headers.get("Content-Range", "").partition(" ")
        first, total = rest.partition("-")[0], rest.rpartition("/")[2]
        return (int(first) if unit == "bytes" and first.isdecimal() else -1, int(total) if total.isdecimal() else 0)
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else 0


def _mark(headers: Message) -> str:
    """By what a later answer can be told to be of the same file, "" for nothing."""
    etag = headers.get("ETag", "")
    return etag if etag.startswith('"') else headers.get("Last-Modified", "")


def _said(headers: Message) -> dict[str, str]:
    return {"etag": headers.get("ETag", "")[:200], "modified": headers.get("Last-Modified", "")[:100]}
