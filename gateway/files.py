"""Files over HTTP: asked of a service piece by piece, so that one of any size needs the memory of one piece, here and there.

An address of the browser's carries no headers, so the space may be named in the query. A part may be asked for (``Range``): a download that
was cut goes on where it stopped, as long as the file is the same (``If-Range``).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway import jsonwire
from gateway.clients import Caller, Clients, request_struct
from gateway.routes import Route
from gateway.sessions import Sessions, whole
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.rpc.deadline import Deadline

PATIENCE_SECONDS = 60.0  # in which a service that went away may come back and go on
PAUSE_SECONDS = 0.5
_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")
_PLAIN = re.compile(r"[^A-Za-z0-9._-]")


class Asked(NamedTuple):
    """Bytes from first up to, but not with, end."""

    first: int
    end: int
    part: bool


def endpoint(route: Route, clients: Clients, sessions: Sessions, seconds: float) -> Callable[[Request], Awaitable[Response]]:
    """The ASGI handler of one route whose answer is a file. ``seconds``: the deadline of each piece."""
    struct = request_struct(route.domain, route.method)

    async def answer(request: Request) -> Response:
        request.scope["modelyard.rpc"] = f"{route.domain}.{route.method}"
        facts = _facts(request)
        caller = await sessions.caller(request, facts.pop("space", 0))
        request.scope["modelyard.leaves"] = route.rpc.trail and request.method == "GET"

        async def piece(offset: int) -> Any:
            call = jsonwire.load(facts, struct)
            call.offset = offset
            return await clients.send(route.domain, route.method, call, caller, Deadline.after(seconds), True)

        asked_for = _range(request)
        first = await piece(asked_for[0] if asked_for else 0)
        request.scope["modelyard.object"] = _object(facts, first.file)
        asked = _within(request, asked_for, first.file)
        if asked.first and not asked.part:  # the file is another one by now: from its beginning
            first = await piece(0)
        head = _headers(first.file, asked, caller)
        status = 206 if asked.part else 200
        if request.method == "HEAD":
            return Response(status_code=status, headers=head, media_type=first.file.media_type)
        return StreamingResponse(_pieces(piece, first, asked), status, head, first.file.media_type)

    return answer


def _facts(request: Request) -> dict[str, Any]:
    """What is asked, and by ``space`` where the caller is. Raises 400."""
    facts: dict[str, Any] = {}
    for key, value in request.query_params.multi_items():
        if key in facts:
            raise invalid(key, limit="once")
        if key == "offset":
            raise invalid(key, limit="a Range header")
        facts[key] = value
    if "space" in facts:
        if (space := whole(facts["space"])) is None:
            raise invalid("space", Reason.WRONG_TYPE, "a whole number above 0")
        facts["space"] = space
    for key, value in request.path_params.items():
        if facts.get(key, value) != value:
            raise invalid(key, limit=f"the same as in the path ({value})")
        facts[key] = value
    return facts


def _range(request: Request) -> tuple[int, int | None] | None:
    """(first byte, last byte or None for the rest). As the standard has it, one that we do not know is as if nobody had asked."""
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    return (int(match[1]), int(match[2]) if match[2] else None) if match else None


def _within(request: Request, asked: tuple[int, int | None] | None, file: Any) -> Asked:
    """Raises 416 RANGE_UNKNOWN for bytes that the file has not."""
    stale = request.headers.get("if-range", _tag(file)) != _tag(file)
    if asked is None:
        return Asked(0, file.bytes, False)
    if stale:
        return Asked(asked[0], file.bytes, False)
    first, last = asked
    if first >= file.bytes or (last is not None and last < first):
        raise PlatformError(416, Reason.INVALID_ARGUMENT, field="range", limit=f"bytes 0 to {file.bytes - 1}")
    return Asked(first, file.bytes if last is None else min(last + 1, file.bytes), True)


def _headers(file: Any, asked: Asked, caller: Caller) -> dict[str, str]:
    begins = asked.first if asked.part else 0
    plain = _PLAIN.sub("_", file.name)
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    found = {
        "content-length": str(asked.end - begins),
        "content-disposition": named,
        "accept-ranges": "bytes",
        "etag": _tag(file),
        "cache-control": "private, no-cache",
        "x-request-id": caller.log_id,
    }
    return found | ({"content-range": f"bytes {begins}-{asked.end - 1}/{file.bytes}"} if asked.part else {})


def _tag(file: Any) -> str:
    return f'"{file.sha256}"'


def _object(facts: dict[str, Any], file: Any) -> str:
    """What left, for the audit trail."""
    return " ".join([*(f"{name}={value}" for name, value in facts.items()), f"bytes={file.bytes}", f"sha256={file.sha256}"])


async def _pieces(piece: Callable[[int], Awaitable[Any]], first: Any, asked: Asked) -> AsyncIterator[bytes]:
    """The bytes that were asked for. Raises where a piece is of another file, or does not come: the connection then ends too early, and
    the caller knows by the length."""
    at, found = (asked.first if asked.part else 0), first
    while True:
        data = found.data[: asked.end - at]
        yield data
        at += len(data)
        if at >= asked.end:
            return
        found = await _patiently(piece, at)
        if found.file.sha256 != first.file.sha256 or not found.data:
            raise PlatformError(502, Reason.CHECKSUM_MISMATCH, field="file", limit=first.file.sha256, file=first.file.name)


async def _patiently(piece: Callable[[int], Awaitable[Any]], at: int) -> Any:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await piece(at)
        except PlatformError as error:
            if not error.retryable or time.monotonic() > until:
                raise
            await asyncio.sleep(PAUSE_SECONDS)
