"""Bad input on every method of every running service, over Thrift and over HTTP: a clear refusal with code, field and limit; never a 500,
never a cut connection, and the service lives."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

import httpx
import pytest

import idl
from gateway import jsonwire, routes
from gateway.clients import request_struct
from gateway.routes import Route
from idl.rights import OPEN
from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.client import RpcClient
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.wire import required_fields, spec_fields
from tests.faults.test_hostile_frames import ATTACKS
from tests.support.outcome import outcome
from tests.support.platform import Platform
from tests.support.requests import example, leaves, put
from tests.unit.common.test_validation import broken

ABSENT_ID = 0x0DEA_D0DE_AD0D_EAD0
HOSTILE = (
    "list of 2^31-1 void",
    "many lists of void",
    "structs 130 000 deep",
    "lists 300 000 deep",
    "a million empty structs",
    "name of 2 GiB",
    "string of 2 GiB in a known field",
    "frame of 2 GiB",
    "http",
    "negative frame",
)


def client(platform: Platform, service: str) -> RpcClient:
    address = Address(platform.settings.host, platform.settings.thrift_port(service))
    return RpcClient(idl.service(service), lambda: [address])


def sendable(value: Any, wire_type: int) -> bool:
    """Whether a client can put the value on the wire at all: text with lone surrogates and numbers beyond the type cannot."""
    if isinstance(value, str):
        return not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return -(1 << 63) <= value < 1 << 63 if wire_type == 10 else -(1 << 31) <= value < 1 << 31
    return True


@pytest.mark.parametrize("service", idl.DOMAINS)
def test_every_method_refuses_every_broken_field(platform: Platform, service: str) -> None:
    peer, pid = client(platform, service), platform.part(f"{service}-serve")["pid"]
    tried = 0
    for method in idl.methods(service):
        struct = request_struct(service, method)
        signed = platform.base(service, method).auth
        for leaf in leaves(struct):
            for value, reason in broken(struct, leaf):
                if not sendable(value, leaf.kind) or leaf.name == "budget_ms":  # the client fills the budget in itself
                    continue
                request = example(struct)
                request.base.auth = signed
                request = put(request, leaf.path, value)
                found = outcome(lambda m=method, r=request: peer.call(m, r, Deadline.after(10)))  # type: ignore[misc]
                assert isinstance(found, PlatformError), (method, leaf, value)
                if leaf.dotted == "base.auth" and reason != Reason.NOT_UTF8 and method not in OPEN:  # nothing else is looked at
                    assert (found.code, found.reason) == (401, Reason.UNAUTHENTICATED)
                    continue
                # Before decoding a map's entry has a place in the message, not yet a key.
                named = leaf.dotted.replace("[k]", "[0]") if reason == Reason.NOT_UTF8 else leaf.dotted
                assert (found.code, found.reason, found.field) == (400, reason, named), (method, leaf, value, str(found))
                assert found.limit
                tried += 1
    assert tried > 100
    assert platform.part(f"{service}-serve")["pid"] == pid
    peer.close()


@pytest.mark.parametrize("service", idl.DOMAINS)
def test_foreign_ids_are_not_found_and_never_a_500(platform: Platform, service: str) -> None:
    """Complete and valid but for ids that nobody has: refused by name, or an empty answer where a list is asked for."""
    peer = client(platform, service)
    for method in idl.methods(service):
        request = example(request_struct(service, method))
        for name, kind, _ in spec_fields(request):
            if kind == 10 and (name == "id" or name.endswith("_id")):
                setattr(request, name, ABSENT_ID)
        request.base = platform.base(service, method)
        if hasattr(request, "idempotency_key"):
            request.idempotency_key = f"foreign-{service}-{method}"
        found = outcome(lambda m=method, r=request: peer.call(m, r, Deadline.after(10)))  # type: ignore[misc]
        if isinstance(found, PlatformError):
            assert 400 <= found.code < 500, (method, found.code, found.reason, str(found))
    peer.close()


@pytest.mark.parametrize("service", idl.DOMAINS)
def test_hostile_frames_on_every_port(platform: Platform, service: str) -> None:
    address = (platform.settings.host, platform.settings.thrift_port(service))
    pid = platform.part(f"{service}-serve")["pid"]
    peer = client(platform, service)
    ping = idl.load("base").PingReq
    for name in HOSTILE:
        with socket.create_connection(address, timeout=10) as wire:
            with suppress(OSError):
                wire.sendall(ATTACKS[name])
            assert peer.call("Ping", ping(text=name), Deadline.after(1)).text == name
            with suppress(ConnectionError):
                assert wire.recv(1) == b"", f"{name}: answered"
    assert platform.part(f"{service}-serve")["pid"] == pid
    peer.close()


def wrong_json(route: Route) -> list[tuple[str, Any]]:
    """(field, value of a type it cannot have) for every field of the request that travels in a body."""
    found = []
    for name, spec in jsonwire.schema(request_struct(route.domain, route.method), incoming=True, skip=frozenset(route.path_fields))[
        "properties"
    ].items():
        wrong: Any = 7 if spec["type"] in ("string", "array", "object") and "pattern" not in spec else {"a": 1}
        found.append((name, wrong))
    return found


def valid_query(route: Route) -> dict[str, str]:
    """What a reading route needs in its query."""
    struct = request_struct(route.domain, route.method)
    request = example(struct)
    return {name: str(getattr(request, name)) for name in required_fields(struct) if name not in route.path_fields}


@pytest.mark.parametrize("route", routes.ALL, ids=lambda r: f"{r.verb} {r.path}")
def test_http_answers_bad_requests_with_the_field_and_its_limit(platform: Platform, route: Route) -> None:
    path = "/api/v1" + route.path
    for field in route.path_fields:
        path = path.replace("{" + field + "}", str(ABSENT_ID))
    with httpx.Client(base_url=platform.settings.gateway_address, headers=platform.headers(), trust_env=False) as http:
        tries: list[tuple[str | None, httpx.Response]] = []
        if route.verb in ("GET", "DELETE"):
            tries.append(("surprise", http.request(route.verb, path, params={"surprise": "1"})))
            if "page" in [name for name, _, _ in spec_fields(request_struct(route.domain, route.method))]:
                whole = valid_query(route)
                tries += [
                    ("page.limit", http.request(route.verb, path, params={**whole, "limit": limit})) for limit in ("0", "501", "x", "-1")
                ]
        elif route.raw:  # any bytes are right as a body
            http.headers["content-type"] = "application/octet-stream"
            tries.append(("surprise", http.request(route.verb, path, params={"surprise": "1"}, content=b"bytes")))
            tries.append(("data", http.request(route.verb, path)))
        else:
            tries.append(("surprise", http.request(route.verb, path, json={"surprise": 1})))
            tries += [(field, http.request(route.verb, path, json={field: value})) for field, value in wrong_json(route)]
            tries += [
                ("body", http.request(route.verb, path, content=content))
                for content in (b"nonsense", b"[]", b'{"a":NaN}', b"\xff\xfe", b"[" * 100_000)
            ]
        for verb_path in [path.replace(str(ABSENT_ID), bad) for bad in ("0", "-1", "x", str(1 << 63), "1e3") if str(ABSENT_ID) in path]:
            body = {} if route.verb in ("GET", "DELETE") else {"content": b"bytes"} if route.raw else {"json": {}}
            tries.append((None, http.request(route.verb, verb_path, **body)))
        for field, answer in tries:
            assert answer.status_code in (400, 404), (field, answer.status_code, answer.text)
            error = answer.json()["error"]
            assert error["message"]
            assert error["request_id"] == answer.headers["x-request-id"]
            assert error["reason"] in Reason.__members__
            if field is not None:
                assert error["field"] == field, (field, error)
                assert error["limit"]


def test_errors_speak_the_callers_language(platform: Platform) -> None:
    with httpx.Client(base_url=platform.settings.gateway_address, headers=platform.headers(), trust_env=False) as http:
        english = http.post("/api/v1/models", json={}).json()["error"]
        chinese = http.post("/api/v1/models", json={}, headers={"accept-language": "zh-CN,zh;q=0.9"}).json()["error"]
    assert (english["reason"], english["field"]) == (chinese["reason"], chinese["field"]) == ("MISSING_FIELD", "name")
    assert english["message"].isascii()
    assert not chinese["message"].isascii()
