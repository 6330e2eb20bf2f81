"""The headers every answer has, one table, and those of a request.

A route that needs another value sets the header itself; it is then left alone. What only a document obeys (cross-origin-opener-policy)
is not here: the console's pages set it, and answers of the API are no documents.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from starlette.datastructures import Headers as Asked
from starlette.requests import Request
from starlette.types import Scope

Headers = list[tuple[bytes, bytes]]

DEFAULT: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_NAMES = frozenset(name for name, _ in DEFAULT)


def secured(headers: Headers) -> Headers:
    """``headers``, and of the table those that are not among them. Names are lower case, as ASGI has them."""
    own = {name for name, _ in headers}
    if own.isdisjoint(_NAMES):
        return [*headers, *DEFAULT]
    return [*headers, *(pair for pair in DEFAULT if pair[0] not in own)]


class Incoming(Request):
    """A request whose headers are found by name: its own would walk through all of them for each of the six that every answer looks at."""

    @cached_property
    def headers(self) -> Asked:
        return _ByName(self.scope)


class _ByName(Asked):
    """Where a name comes twice the first counts, as in ``Asked``."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._first = dict(reversed(self._list))

    def get(self, key: str, default: Any = None) -> Any:
        value = self._first.get(key.lower().encode("latin-1"))
        return default if value is None else value.decode("latin-1")
