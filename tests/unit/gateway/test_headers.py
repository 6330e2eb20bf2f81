"""Headers of requests by name, and those every answer has."""

from __future__ import annotations

from starlette.requests import Request

from gateway.headers import DEFAULT, Incoming, secured

SCOPE = {
    "type": "http",
    "method": "GET",
    "headers": [
        (b"accept-language", b"zh"),
        (b"x-twice", b"first"),
        (b"x-twice", b"second"),
        (b"cookie", b"a=1; b=2"),
        (b"x-old", b"\xe9"),
    ],
}


def test_a_request_says_of_its_headers_what_any_request_says() -> None:
    ours, usual = Incoming(dict(SCOPE)), Request(dict(SCOPE))
    for name in ("accept-language", "Accept-Language", "x-twice", "x-old", "x-none"):
        assert ours.headers.get(name) == usual.headers.get(name), name
        assert ours.headers.get(name, "else") == usual.headers.get(name, "else"), name
    assert ours.headers.get("x-twice") == "first"
    assert ours.headers["x-twice"] == "first"
    assert ours.headers.getlist("x-twice") == ["first", "second"]
    assert "x-none" not in ours.headers
    assert ours.cookies == usual.cookies == {"a": "1", "b": "2"}


def test_an_answer_keeps_the_headers_it_set() -> None:
    own = (b"cache-control", b"max-age=1")
    assert secured([own])[0] == own
    assert sorted(secured([own])) == sorted([own, *(pair for pair in DEFAULT if pair[0] != own[0])])
    assert secured([(b"x", b"y")]) == [(b"x", b"y"), *DEFAULT]
