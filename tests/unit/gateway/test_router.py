"""The router: which route a path leads to, and what a path without one is told."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.router import Router
from idl import registry
from libs.common.errors import PlatformError


async def nothing(_request: Request) -> Response:
    return Response()


@pytest.fixture
def router() -> Router:
    made = Router()
    for verb, path in (
        ("GET", "/models"),
        ("POST", "/models"),
        ("GET", "/models/{id}"),
        ("GET", "/models/find"),
        ("GET", "/models/versions/{id}"),
        ("GET", "/models/{project_id}/versions"),
        ("DELETE", "/models/{id}"),
        ("GET", "/files/{rest:path}"),
        ("GET", "/"),
    ):
        made.add(verb, path, nothing)
    return made


@pytest.mark.parametrize(
    ("path", "route", "fields"),
    [
        ("/models", "/models", {}),
        ("/models/7", "/models/{id}", {"id": "7"}),
        ("/models/find", "/models/find", {}),
        ("/models/versions/7", "/models/versions/{id}", {"id": "7"}),
        ("/models/7/versions", "/models/{project_id}/versions", {"project_id": "7"}),
        ("/models/find/versions", "/models/{project_id}/versions", {"project_id": "find"}),
        ("/files/a/b.js", "/files/{rest:path}", {"rest": "a/b.js"}),
        ("/", "/", {}),
    ],
)
def test_a_path_leads_to_its_route(router: Router, path: str, route: str, fields: dict[str, str]) -> None:
    for verb in ("GET", "HEAD"):
        found = router.find(verb, path)
        assert (found.route.path, found.fields) == (route, fields)


@pytest.mark.parametrize("path", ["/model", "/models/7/versions/8", "/models/", "/models//versions", "/files", "//", "/models/7/"])
def test_a_path_without_a_route_is_404(router: Router, path: str) -> None:
    with pytest.raises(PlatformError) as caught:
        router.find("GET", path)
    assert caught.value.code == 404


def test_another_verb_is_405_and_told_which_there_are(router: Router) -> None:
    with pytest.raises(PlatformError) as caught:
        router.find("PUT", "/models/7")
    assert (caught.value.code, caught.value.limit) == (405, "one of DELETE, GET")


def test_a_path_is_taken_once(router: Router) -> None:
    with pytest.raises(ValueError, match=r"GET /models/\{other\} is taken by /models/\{id\}"):
        router.add("GET", "/models/{other}", nothing)


def test_every_route_of_the_contract_finds_itself() -> None:
    made = Router()
    for rpc in registry.reachable():
        assert rpc.http is not None
        made.add(rpc.http.verb, rpc.http.path, nothing)
    for rpc in registry.reachable():
        assert rpc.http is not None
        fields = dict.fromkeys(rpc.http.path_fields, "7")
        assert made.find(rpc.http.verb, rpc.http.path.format(**fields)) == ((rpc.http.path, nothing), fields)
