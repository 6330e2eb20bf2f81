"""What the gateway serves to browsers: the one page for every address, files kept for ever, and a policy without an exception."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from gateway.app import build
from gateway.console import FOR_EVER, MARK, Console
from libs.common.coord.discovery import StaticDiscovery
from libs.common.settings import load

HTML = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[TestClient]:
    """A gateway without services, whose console was built: an HTML file and one hashed script; a secret lies beside them."""
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_bytes(b"<!doctype html><title>the console</title>" + MARK)
    (static / "assets" / "index-abc123.js").write_text("1")
    (static / "secret.txt").write_text("secret")
    settings = load({"MODELYARD_HOME": str(tmp_path / "home")})
    app = build(settings, StaticDiscovery(settings))
    app.gateway.console._folder = static
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def console_headers(answer: httpx.Response) -> None:
    policy = {part.split()[0]: part.split()[1:] for part in answer.headers["content-security-policy"].split("; ")}
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/models", "/models/7?tab=gate", "/training/7", "/no/such/page"])
def test_every_address_of_a_page_answers_the_page(browser: TestClient, path: str) -> None:
    answer = browser.get(path, headers=HTML)
    assert (answer.status_code, "the console" in answer.text) == (200, True)
    assert answer.headers["cache-control"] == "no-cache"
    console_headers(answer)


def test_a_hashed_file_is_kept_for_ever(browser: TestClient) -> None:
    answer = browser.get("/assets/index-abc123.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.headers["content-type"].startswith("text/javascript")
    console_headers(answer)


@pytest.mark.parametrize("path", ["/assets/gone.js", "/assets/..%2fsecret.txt", "/assets/%2e%2e/secret.txt", "/static/secret.txt"])
def test_nothing_beside_the_files_is_reached(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.txt", "")


@pytest.mark.parametrize(("verb", "path"), [("GET", "/api/v1/nowhere"), ("GET", "/v1/nowhere"), ("POST", "/models")])
def test_a_program_hears_of_a_wrong_address_in_json(browser: TestClient, verb: str, path: str) -> None:
    answer = browser.request(verb, path, headers=HTML)
    assert answer.status_code == 404
    assert answer.json()["error"]["reason"] == "ROUTE_NOT_FOUND"


def test_a_path_with_another_verb_stays_refused(browser: TestClient) -> None:
    assert browser.get("/api/v1/auth/sign-in", headers=HTML).status_code == 405


def test_where_it_was_not_built_the_gateway_says_so(browser: TestClient, tmp_path: Path) -> None:
    (tmp_path / "static" / "index.html").unlink()
    answer = browser.get("/", headers=HTML)
    assert answer.status_code == 200
    assert "make console" in answer.text
    assert browser.get("/healthz").status_code == 200


@pytest.mark.parametrize(("openid", "expected"), [(True, b'content="yes"'), (False, b'content=""')])
def test_the_page_knows_of_an_outside_provider(tmp_path: Path, openid: bool, expected: bytes) -> None:
    (tmp_path / "index.html").write_bytes(MARK)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "server": ("x", 80), "scheme": "http"}
    answer = asyncio.run(Console(openid, tmp_path).page(Request(scope)))
    assert expected in bytes(answer.body)
