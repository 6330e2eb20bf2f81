"""What the SDK's generated calls stand on: one call, one field of its answer, a list walked page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from libs.client.download import Download
from libs.client.failure import Json


class Client(Protocol):
    """The part of ``Modelyard`` that calls need."""

    language: str

    def call(
        self,
        verb: str,
        path: str,
        /,
        *,
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
        answers: str | None = None,
        raw: bytes | None = None,
        **body: Any,
    ) -> Json: ...

    def pages(self, path: str, field: str, query: Mapping[str, Any] | None = None) -> Iterator[Json]: ...

    def download(self, path: str, query: Mapping[str, Any], start: int = 0) -> Download: ...


class Group:
    """Calls of one domain."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def _ask(
        self,
        verb: str,
        path: str,
        field: str = "",
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        raw: bytes | None = None,
    ) -> Any:
        """The answer, or its one ``field``. Raises ApiError, also when an answer lacks the field."""
        found = self._client.call(verb, path, query=query, answers=field or None, raw=raw, **(body or {}))
        return found[field] if field else found

    def _pages(self, path: str, field: str, query: Mapping[str, Any]) -> Iterator[Json]:
        """Every item of a list, page by page."""
        return self._client.pages(path, field, query)

    def _file(self, path: str, query: Mapping[str, Any], start: int) -> Download:
        """A file from byte ``start`` on. Raises ApiError."""
        return self._client.download(path, query, start)


def part(id: object) -> str:
    """An id as one part of a path, whatever somebody typed."""
    return quote(str(id), safe="")
