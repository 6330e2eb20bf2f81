"""A small gateway of our own for tests: a real HTTP server in a thread that knows the real routes and fields.

A request that no route of the gateway takes, or with a field the contract lacks, is answered as the gateway would and kept in ``wrong``.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import idl
from gateway import jsonwire, routes
from gateway.clients import request_struct, response_struct
from gateway.routes import Route
from libs.common.errors import PlatformError
from libs.common.rpc.wire import spec_fields
from libs.common.words.messages import sentence
from tests.unit.client.shapes import as_json, full

API = "/api/v1"
LISTS = ("names", "statuses")  # of a query: said once for each of them
AUTH = {("POST", "/auth/sign-in"), ("POST", "/auth/refresh"), ("POST", "/auth/sign-out"), ("GET", "/auth/me")}  # gateway/sign_in.py
EXCHANGE = Route("POST", "/auth/exchange", "identity", "ExchangeKey")  # the same, with the key in a header
Custom = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Seen:
    """One request as it arrived."""

    verb: str
    path: str
    query: dict[str, Any]
    headers: dict[str, str]
    body: Any


@dataclass
class Door:
    """``on`` says what a path answers, one answer after the other, the last again and again; the rest answers empty structs."""

    address: str = ""
    seen: list[Seen] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _answers: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def on(self, verb: str, path: str, *answers: Any) -> None:
        """answers: a dict (200), (status, dict), or a function of the request handler."""
        self._answers[verb, path] = list(answers)

    def requests(self, verb: str, path: str) -> list[Seen]:
        return [seen for seen in self.seen if (seen.verb, seen.path) == (verb, path)]

    def answer(self, handler: BaseHTTPRequestHandler, verb: str) -> None:
        parts = urlsplit(handler.path)
        size = int(handler.headers.get("content-length", 0))
        sent = handler.rfile.read(size) if size else b""
        raw = handler.headers.get("content-type") == "application/octet-stream"
        body = None if raw or not sent else json.loads(sent)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query: dict[str, Any] = {key: value for key, value in pairs if key not in LISTS}
        query |= {name: [value for key, value in pairs if key == name] for name in LISTS if any(key == name for key, _ in pairs)}
        seen = Seen(verb, unquote(parts.path).removeprefix(API), query, {k.lower(): v for k, v in handler.headers.items()}, body)
        self.seen.append(seen)
        queue = self._answers.get((verb, seen.path))
        found = (queue.pop(0) if len(queue) > 1 else queue[0]) if queue else None
        if callable(found):
            found(handler)
            return
        status, default = self._routed(seen) if parts.path.startswith(API) else (200, {})
        if found is None or status >= 400:
            send(handler, status, default)
        else:
            send(handler, *(found if isinstance(found, tuple) else (200, found)))

    def _routed(self, seen: Seen) -> tuple[int, dict[str, Any]]:
        """What the gateway would answer, were every record empty."""
        if (seen.verb, seen.path) in AUTH:
            return 200, {}
        if (seen.verb, seen.path) == ("GET", "/my-work"):
            return 200, {"tasks": [], "missing": {}}
        if re.fullmatch(r"/models/\d+/status", seen.path) and seen.verb == "GET":
            return 200, {}
        for route in sorted([*routes.ALL, EXCHANGE], key=lambda route: route.path.count("{")):  # a fixed part wins
            found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path), seen.path)
            if found and route.verb == seen.verb:
                return self._checked(route, seen, found.groupdict())
        self.wrong.append(f"no route {seen.verb} {seen.path}")
        return 404, {"error": {"code": 404, "reason": "ROUTE_NOT_FOUND", "message": "no route", "request_id": "r"}}

    def _checked(self, route: Any, seen: Seen, in_path: dict[str, str]) -> tuple[int, dict[str, Any]]:
        struct = request_struct(route.domain, route.method)
        names = {name for name, _, _ in spec_fields(struct)}
        page = {key: seen.query[key] for key in ("cursor", "limit") if key in seen.query and "page" in names}
        query = {
            key: {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value for key, value in seen.query.items()
        }
        facts = {key: value for key, value in query.items() if key not in page} if seen.body is None else seen.body
        try:
            jsonwire.load({**facts, **in_path}, struct)
            jsonwire.load(page, idl.load("base").PageReq)
        except PlatformError as error:
            self.wrong.append(f"{seen.verb} {seen.path}: {error}")
            body = {"code": error.code, "reason": error.reason.name, "field": error.field, "limit": error.limit}
            return error.code, {"error": {**body, "message": sentence(error, "en"), "retryable": False, "request_id": "r"}}
        out = as_json(full(response_struct(route.domain, route.method)))
        return route.status, {**out, **({"next_cursor": None} if "page" in names else {})}


def send(handler: BaseHTTPRequestHandler, status: int, body: Any, kind: str = "application/json") -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("content-type", kind)
    handler.send_header("content-length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def refusal(code: int, reason: str, **facts: Any) -> tuple[int, dict[str, Any]]:
    """A failure as the gateway writes it."""
    body = {"code": code, "reason": reason, "message": f"{reason} happened", "field": None, "limit": None, "details": {}}
    return code, {"error": {**body, "retryable": code in (429, 503), "request_id": "request-1", **facts}}


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Cuts the connection instead of answering."""
    handler.close_connection = True
    handler.connection.shutdown(2)


class Server:
    """A ``Door`` that is open from ``with`` to its end."""

    def __init__(self) -> None:
        door = self.door = Door()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                door.answer(self, "GET")

            def do_POST(self) -> None:
                door.answer(self, "POST")

            def do_PUT(self) -> None:
                door.answer(self, "PUT")

            def do_PATCH(self) -> None:
                door.answer(self, "PATCH")

            def do_DELETE(self) -> None:
                door.answer(self, "DELETE")

            def log_message(self, *_: object) -> None:
                """The tests look at ``seen``."""

        class Http(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                error = sys.exception()
                if not isinstance(error, ConnectionError):  # clients may leave early
                    door.wrong.append(repr(error))

        self._http = Http(("127.0.0.1", 0), Handler)
        door.address = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=lambda: self._http.serve_forever(poll_interval=0.02), daemon=True)

    def __enter__(self) -> Door:
        self._thread.start()
        return self.door

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
