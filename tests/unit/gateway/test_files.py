"""A file over HTTP from a service that hands out pieces: whole, in part, through a pause of the service, and never another one's bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from gateway import files, routes
from gateway.clients import Caller
from libs.common.errors import PlatformError, unavailable

FILE = next(route for route in routes.ALL if route.method == "FetchExport")
ADDRESS = FILE.path.replace("{dataset_version_id}", "7")
BYTES = bytes(range(256)) * 10
PIECE = 700


class Service:
    """Hands out BYTES, or what ``next`` says for a piece."""

    def __init__(self) -> None:
        self.bytes, self.asked, self.spaces = BYTES, [], []
        self.next: list[Callable[[], None]] = []

    async def send(self, _domain: str, _method: str, request: Any, *_: Any) -> Any:
        self.asked.append(request.offset)
        if self.next:
            self.next.pop(0)()
        sha256 = hashlib.sha256(self.bytes).hexdigest()
        file = SimpleNamespace(name="文书 v3.csv", media_type="text/csv", bytes=len(self.bytes), sha256=sha256)
        return SimpleNamespace(file=file, data=self.bytes[request.offset : request.offset + PIECE])

    async def caller(self, request: Any, space: int = 0) -> Caller:
        self.spaces.append(space)
        request.scope["modelyard.caller"] = made = Caller(1, space, "r1", None, "auth")
        return made


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setattr(files, "PAUSE_SECONDS", 0.0)
    return Service()


def asked(service: Service, query: str = "?format=csv", verb: str = "GET", **headers: str) -> httpx.Response:
    """The answer of the real handler; a refusal as its code alone."""
    handler = files.endpoint(FILE, service, service, 5.0)  # type: ignore[arg-type]

    async def refused(_request: Any, error: Exception) -> Any:
        from starlette.responses import JSONResponse

        assert isinstance(error, PlatformError)
        return JSONResponse({"field": error.field}, error.code)

    app = Starlette(routes=[Route(FILE.path, handler)], exception_handlers={PlatformError: refused})
    with TestClient(app) as http:
        return http.request(verb, ADDRESS + query, headers=headers)


def test_a_file_comes_whole_under_its_name(service: Service) -> None:
    found = asked(service)
    assert (found.status_code, found.content) == (200, BYTES)
    assert service.asked == [0, 700, 1400, 2100]
    assert found.headers["content-length"] == str(len(BYTES))
    assert found.headers["content-disposition"] == "attachment; filename=\"___v3.csv\"; filename*=UTF-8''%E6%96%87%E4%B9%A6%20v3.csv"
    assert found.headers["etag"] == f'"{hashlib.sha256(BYTES).hexdigest()}"'


@pytest.mark.parametrize(
    ("range", "part"),
    [("bytes=1000-", BYTES[1000:]), ("bytes=0-0", BYTES[:1]), ("bytes=699-1400", BYTES[699:1401]), ("bytes=2500-9999", BYTES[2500:])],
)
def test_a_part(service: Service, range: str, part: bytes) -> None:
    found = asked(service, range=range)
    assert (found.status_code, found.content) == (206, part)
    first = int(range[6:].partition("-")[0])
    assert found.headers["content-range"] == f"bytes {first}-{first + len(part) - 1}/{len(BYTES)}"
    assert found.headers["content-length"] == str(len(part))


@pytest.mark.parametrize("range", ["bytes=-5", "bytes=a-b", "lines=1-2", "bytes=1-2,4-5", ""])
def test_a_range_that_is_not_known_is_none(service: Service, range: str) -> None:
    assert asked(service, range=range).content == BYTES


@pytest.mark.parametrize("range", [f"bytes={len(BYTES)}-", "bytes=5-4"])
def test_bytes_that_are_not_there(service: Service, range: str) -> None:
    assert asked(service, range=range).status_code == 416


def test_a_part_of_what_is_another_file_by_now_is_the_whole_new_one(service: Service) -> None:
    assert asked(service, range="bytes=1000-", **{"if-range": '"other"'}).content == BYTES
    tag = f'"{hashlib.sha256(BYTES).hexdigest()}"'
    assert asked(service, range="bytes=1000-", **{"if-range": tag}).content == BYTES[1000:]


def test_a_service_that_was_away_for_a_moment_goes_on(service: Service) -> None:
    def away() -> None:
        raise unavailable("dataset")

    service.next = [lambda: None, away, away]
    assert asked(service).content == BYTES


def test_two_files_are_never_mixed(service: Service) -> None:
    service.next = [lambda: None, lambda: setattr(service, "bytes", BYTES[::-1])]
    with pytest.raises(RuntimeError) as caught:  # of the test's framework: the answer had begun
        asked(service)
    assert isinstance(caught.value.__cause__, PlatformError)


def test_the_head_alone_reads_one_piece(service: Service) -> None:
    found = asked(service, verb="HEAD")
    assert (found.status_code, found.content, found.headers["content-length"]) == (200, b"", str(len(BYTES)))
    assert service.asked == [0]


def test_an_address_without_headers_names_its_space(service: Service) -> None:
    asked(service, "?format=csv&space=9")
    assert service.spaces == [9]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?format=csv&space=x", "space"),
        ("?format=csv&offset=3", "offset"),
        ("?format=csv&format=csv", "format"),
        ("?surprise=1", "surprise"),
    ],
)
def test_a_question_that_makes_no_sense(service: Service, query: str, field: str) -> None:
    found = asked(service, query)
    assert (found.status_code, found.json()["field"]) == (400, field)
