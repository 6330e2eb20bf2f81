"""Reading a request body: bounded in bytes and in time, then JSON."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from starlette.types import Receive, Scope

from libs.common.errors import PlatformError, Reason

MAX_BYTES = 1 << 20
MAX_DISCARDED_BYTES = 16 << 20
"""A body over the limit is still read up to here: a client that is busy writing does not see an answer that is sent into its writing."""
SECONDS = 10.0


class ClientGone(Exception):
    """The client closed its connection; there is nobody to answer."""


async def read_json(scope: Scope, receive: Receive) -> Any:
    """The body's JSON value.

    Raises: PlatformError 413 (over ``MAX_BYTES``), 408 (not there after ``SECONDS``), 400 BODY_INVALID; ClientGone.
    """
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if int(declared) > MAX_DISCARDED_BYTES:
        raise _too_large()
    try:
        async with asyncio.timeout(SECONDS):
            body = await _read(receive)
    except TimeoutError:
        raise PlatformError(408, Reason.DEADLINE_EXCEEDED, field="body", limit=f"{SECONDS:g} seconds", what="the request body") from None
    try:
        return msgspec.json.decode(body)
    except RecursionError:
        raise _broken("nested less deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _broken(f"JSON in UTF-8 ({error})") from None


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_DISCARDED_BYTES:
            raise _too_large()
        if size <= MAX_BYTES:
            parts.append(part)
        if not message.get("more_body", False):
            break
    if size > MAX_BYTES:
        raise _too_large()
    return b"".join(parts)


def _too_large() -> PlatformError:
    return PlatformError(413, Reason.TOO_LARGE, field="body", limit=f"at most {MAX_BYTES} bytes")


def _broken(limit: str) -> PlatformError:
    return PlatformError(400, Reason.BODY_INVALID, field="body", limit=limit)
