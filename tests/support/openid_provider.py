"""An OpenID provider of our own: discovery, authorize, token and keys over real HTTP, with real RSA and P-256 keys.

It is strict where a provider is: a code is good once, for its redirect address, its client and the verifier of its challenge. What a test
changes (``claims``, ``header``, ``signs``, ``answers``) makes it the bad provider of one attack.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "modelyard client", "s3cret:/with=signs"
Answer = tuple[int, dict[str, str], bytes]


def made_key(kind: str) -> Any:
    key = RSAKey.generate_key(2048) if kind == "RS256" else ECKey.generate_key("P-256")
    return type(key).import_key({**key.as_dict(private=True), "kid": secrets.token_hex(4)})


@functools.cache
def good_keys() -> dict[str, Any]:
    return {name: made_key(name) for name in ("RS256", "ES256")}


@dataclass
class Provider:
    """subject: who signs in next. answers: path -> what is answered there instead, a function of nothing. seen: requests by path."""

    address: str = ""
    algorithm: str = "RS256"
    subject: str = "somebody"
    keys: dict[str, Any] = field(default_factory=lambda: dict(good_keys()))
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    signs: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    said: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def answer(self, verb: str, target: str, headers: Any, body: bytes) -> Answer:
        path = urlsplit(target).path
        self.seen[path] += 1
        if path in self.answers:
            return self.answers[path]()
        if verb == "GET" and path == "/.well-known/openid-configuration":
            return told(
                {
                    "issuer": self.address,
                    "authorization_endpoint": self.address + "/authorize",
                    "token_endpoint": self.address + "/token",
                    "jwks_uri": self.address + "/keys",
                    **self.document,
                }
            )
        if verb == "GET" and path == "/keys":
            return told({"keys": [key.as_dict(private=False) for key in self.keys.values()]})
        if verb == "GET" and path == "/authorize":
            return self._authorize(dict(parse_qsl(urlsplit(target).query)))
        if verb == "POST" and path == "/token":
            return self._token({name: values[0] for name, values in parse_qs(body.decode()).items()}, headers.get("authorization", ""))
        return told({"error": "not_found"}, 404)

    def _authorize(self, asked: dict[str, str]) -> Answer:
        good = asked["client_id"] == CLIENT and asked["response_type"] == "code" and "openid" in asked["scope"].split()
        if not good or asked["code_challenge_method"] != "S256" or len(asked["code_challenge"]) != 43:
            return told({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "subject": self.subject}
        back = urlencode({"code": code, "state": asked["state"], "iss": self.address})
        return 302, {"location": f"{asked['redirect_uri']}?{back}"}, b""

    def _token(self, form: dict[str, str], authorization: str) -> Answer:
        self.said.append(form)
        if authorization.startswith("Basic "):
            client, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
            client, secret = unquote(client), unquote(secret)
        else:
            client, secret = form.get("client_id", ""), form.get("client_secret", "")
        if (client, secret) != (CLIENT, SECRET):
            return told({"error": "invalid_client"}, 401)
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        good = asked is not None and asked["redirect_uri"] == form.get("redirect_uri") and asked["code_challenge"] == challenge
        if asked is None or not good or form.get("grant_type") != "authorization_code":
            return told({"error": "invalid_grant"}, 400)
        return told({"access_token": "unused", "token_type": "Bearer", "id_token": self.token(asked["subject"], asked["nonce"])})

    def token(self, subject: str, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": subject, "iat": now, "exp": now + 300, "nonce": nonce, "name": "Some Body"}
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        key = self.keys.get(self.algorithm)
        header = {"alg": self.algorithm, "kid": key.kid if key else "none", **self.header}
        header = {name: value for name, value in header.items() if value is not None}
        if self.signs is not None:
            return self.signs(header, claims)
        assert key is not None
        return jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=[self.algorithm])


def told(facts: Any, status: int = 200) -> Answer:
    return status, {"content-type": "application/json"}, json.dumps(facts).encode()


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers until the end."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, verb: str) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, headers, data = provider.answer(verb, self.path, self.headers, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            try:
                self.wfile.write(data)
            except ConnectionError:  # the client had enough
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """``seen`` counts."""

    class Http(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # clients may leave early
                super().handle_error(request, client_address)

    with Http(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        provider.address = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=lambda: http.serve_forever(poll_interval=0.02), daemon=True)
        thread.start()
        yield provider
        http.shutdown()
        thread.join()
