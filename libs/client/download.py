"""A file on its way from the platform, and saving one: it appears under its name whole and checked, or not at all."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote

import httpx

from libs.client.failure import ApiError, other_bytes

Told = Callable[[int, int], None]
"""Called with the bytes that have arrived and those of the whole file."""
PAUSE_SECONDS = 0.3  # before a part that was cut is asked for again


class Download:
    """Iterate once for its bytes, or close it. name: to save it under. start: the first byte that comes; 0 where the file is another one by
    now. total: bytes of the whole file."""

    def __init__(self, response: httpx.Response, broken: Callable[[Exception], ApiError]) -> None:
        self._response, self._broken = response, broken
        self.name = unquote(response.headers.get("content-disposition", "").rpartition("''")[2])
        self.sha256 = response.headers.get("etag", "").strip('"')
        first, _, whole = response.headers.get("content-range", "").removeprefix("bytes ").partition("/")
        self.start = int(first.partition("-")[0] or 0)
        self.total = int(whole or response.headers.get("content-length", 0))

    def __iter__(self) -> Iterator[bytes]:
        """Raises ApiError where it is cut."""
        try:
            yield from self._response.iter_bytes()
        except httpx.RequestError as error:
            raise self._broken(error) from None
        finally:
            self.close()

    def close(self) -> None:
        self._response.close()

    def __enter__(self) -> Download:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def save(begin: Callable[[int], Download], path: Path, told: Told, patience: float, language: str) -> Path:
    """begin: the download from a byte on. What is cut goes on where it stopped. patience: seconds without a byte after which it gives up.

    Raises ApiError, also where the bytes are not those that were promised; OSError.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as out:
            if promised := _received(begin, out.write, told, patience):
                raise other_bytes(path.name, promised, language)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _received(begin: Callable[[int], Download], write: Callable[[bytes], int], told: Told, patience: float) -> str:
    """ "" once all bytes are there and are those that were promised, else what was promised."""
    at, moved, digest = 0, time.monotonic(), hashlib.sha256()
    promised = ""
    while True:
        try:
            download = begin(at)
            if at and (download.start != at or download.sha256 != promised):
                download.close()
                return promised
            promised, total = download.sha256, download.total
            for data in download:
                write(data)
                digest.update(data)
                at, moved = at + len(data), time.monotonic()
                told(at, total)
            if at == total:
                return "" if digest.hexdigest() == promised else promised
        except ApiError as error:
            if not error.retryable or time.monotonic() - moved > patience:
                raise
        time.sleep(PAUSE_SECONDS)
