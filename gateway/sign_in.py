"""``/api/v1/auth``: sign in and out, renew a session, say who one is, exchange a service account's key for what Thrift doors take.

Tokens in the body, or in cookies that scripts cannot read.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

import idl
from gateway import jsonwire
from gateway.clients import Caller, Clients, request_id, request_struct
from gateway.rest import read_body
from gateway.sessions import ACCESS_COOKIE, REFRESH_COOKIE, Sessions, check_csrf, credential, csrf_of
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.rpc.deadline import Deadline

MAX_BODY = 16_384
ONCE = ("RefreshSession", "ChooseFirstPassword")
_encode = msgspec.json.encode


class SignIn:
    """The handlers. ``seconds``: deadline of one call."""

    def __init__(self, clients: Clients, sessions: Sessions, seconds: float) -> None:
        self._clients, self._sessions, self._seconds = clients, sessions, seconds

    async def sign_in(self, request: Request) -> Response:
        """{account, password, cookie?}: with ``cookie`` the tokens travel in HttpOnly cookies and the answer holds the CSRF token."""
        facts = jsonwire.parse_body(await read_body(request, MAX_BODY), MAX_BODY)
        as_cookie = _flag(facts, "cookie")
        if "address" in facts:
            raise invalid("address", limit="absent: the connection says it")
        call = jsonwire.load(facts, request_struct("identity", "SignIn"))
        request.scope["modelyard.object"] = f"account={call.account}"  # also of a refused one
        call.address = address_of(request)
        return self.opened(request, await self.ask(request, "SignIn", call), as_cookie)

    async def first(self, request: Request) -> Response:
        """Whether the owner has still to choose a password: {open, account}."""
        answer = await self.ask(request, "GetFirstStart", request_struct("identity", "GetFirstStart")())
        headers = {"x-request-id": request_id(request), "cache-control": "no-store"}
        return Response(_encode(jsonwire.dump(answer)), 200, headers, "application/json")

    async def set_first(self, request: Request) -> Response:
        """{password, new_password}: the printed one for the chosen one; answers what a browser's sign-in does."""
        facts = jsonwire.parse_body(await read_body(request, MAX_BODY), MAX_BODY)
        if "address" in facts:
            raise invalid("address", limit="absent: the connection says it")
        call = jsonwire.load(facts, request_struct("identity", "ChooseFirstPassword"))
        call.address = address_of(request)
        return self.opened(request, await self.ask(request, "ChooseFirstPassword", call), as_cookie=True)

    async def refresh(self, request: Request) -> Response:
        """{refresh_token}, or the cookie with the CSRF token."""
        facts = jsonwire.parse_body(await read_body(request, MAX_BODY) or b"{}", MAX_BODY)
        cookie = request.cookies.get(REFRESH_COOKIE)
        as_cookie = "refresh_token" not in facts and bool(cookie)
        if as_cookie:
            check_csrf(request, request.cookies.get(ACCESS_COOKIE, ""))
            facts["refresh_token"] = cookie
        call = jsonwire.load(facts, request_struct("identity", "RefreshSession"))
        answer = await self.ask(request, "RefreshSession", call)
        return self.opened(request, answer, as_cookie)

    async def sign_out(self, request: Request) -> Response:
        token = credential(request)
        caller = await self._sessions.caller(request)
        call = request_struct("identity", "EndSession")(access_token=token)
        ended = await self.ask(request, "EndSession", call)
        self._sessions.forget(token)
        answer = Response(_encode({"ended": bool(ended.ended)}), 200, {"x-request-id": caller.log_id}, "application/json")
        for name in (ACCESS_COOKIE, REFRESH_COOKIE):
            answer.delete_cookie(name, path="/")
        return answer

    async def me(self, request: Request) -> Response:
        """Who one is: the user, the space this request is in, and all places one may go."""
        token = credential(request)
        caller = await self._sessions.caller(request)
        known = await self._sessions.known(token, caller.project_space_id)
        out: dict[str, Any] = {
            **jsonwire.dump(known.answer),
            "project_space_id": str(caller.project_space_id),
            "roles": sorted(known.roles),
        }
        if request.cookies.get(ACCESS_COOKIE) == token:
            out["csrf"] = csrf_of(token)
        return Response(_encode(out), 200, {"x-request-id": caller.log_id, "cache-control": "no-store"}, "application/json")

    async def exchange(self, request: Request) -> Response:
        """{audience, project_space_id?, for_account?} with a service account's key as the bearer token: what to send in ``Base.auth``."""
        facts = jsonwire.parse_body(await read_body(request, MAX_BODY), MAX_BODY)
        if "key" in facts:
            raise invalid("key", limit="absent: the authorization header says it")
        call = jsonwire.load(facts, request_struct("identity", "ExchangeKey"))
        call.key = credential(request)
        caller = await self._sessions.caller(request, call.project_space_id or 0)
        request.scope["modelyard.object"] = f"audience={call.audience}"
        if not caller.credential.startswith("service-key:"):
            raise PlatformError(403, Reason.FORBIDDEN, field="authorization", limit="the key of a service account")
        answer = await self.ask(request, "ExchangeKey", call)
        headers = {"x-request-id": caller.log_id, "cache-control": "no-store"}
        return Response(_encode(jsonwire.dump(answer)), 200, headers, "application/json")

    def opened(self, request: Request, answer: Any, as_cookie: bool, secure: bool = False) -> Response:
        """The answer that hands a session over. secure: the browser is known to come by https, whatever reaches us."""
        out = jsonwire.dump(answer)
        request.scope["modelyard.caller"] = Caller(answer.user.id, 0, request_id(request), None, "")
        headers = {"x-request-id": request_id(request), "cache-control": "no-store"}
        if not as_cookie:
            return Response(_encode(out), 200, headers, "application/json")
        access, refresh = out.pop("access_token"), out.pop("refresh_token")
        response = Response(_encode({**out, "csrf": csrf_of(access)}), 200, headers, "application/json")
        age = max(0, (answer.refresh_until - answer.access_until) // 1000)
        secure = secure or request.url.scheme == "https"
        for name, value in ((ACCESS_COOKIE, access), (REFRESH_COOKIE, refresh)):
            response.set_cookie(name, value, max_age=age, path="/", httponly=True, samesite="strict", secure=secure)
        return response

    async def ask(self, request: Request, method: str, call: Any) -> Any:
        """A verb for which nobody has signed in yet."""
        itself = self._sessions.itself(request_id(request))
        request.scope["modelyard.rpc"] = f"identity.{method}"
        # A repeated sign-in opens a spare session; what is good for one use is never sent twice.
        return await self._clients.send("identity", method, call, itself, Deadline.after(self._seconds), idempotent=method not in ONCE)


def address_of(request: Request) -> str:
    """Of the connection: a header would be whatever its sender likes."""
    return request.client.host[:100] if request.client else ""


def _flag(facts: dict[str, Any], name: str) -> bool:
    value = facts.pop(name, False)
    if not isinstance(value, bool):
        raise invalid(name, Reason.WRONG_TYPE, "true or false")
    return value


def paths(api: str) -> dict[str, dict[str, Any]]:
    """The OpenAPI paths of these handlers."""
    error = {"description": "Error", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    answer = {"description": "Success", "content": {"application/json": {"schema": {"type": "object"}}}}

    def post(name: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
        schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        body = {"required": bool(required), "content": {"application/json": {"schema": schema}}}
        return {"post": {"operationId": name, "tags": ["auth"], "requestBody": body, "responses": {"200": answer, "default": error}}}

    text = {"type": "string", "minLength": 1, "maxLength": 64}
    password = {"type": "string", "minLength": 1, "maxLength": 256}
    token = {"type": "string", "minLength": 1, "maxLength": 500}
    id = {"type": "string", "pattern": "^[0-9]{1,19}$"}
    exchange = {"audience": {"type": "string", "enum": list(idl.DOMAINS)}, "project_space_id": id, "for_account": text}
    steps = {"type": "object", "properties": {"open": {"type": "boolean"}, "account": {"type": "string"}}}
    first = {"description": "Success", "content": {"application/json": {"schema": steps}}}
    sign_in = post("sign_in", {"account": text, "password": password, "cookie": {"type": "boolean"}}, ["account", "password"])
    return {
        f"{api}/auth/sign-in": sign_in,
        f"{api}/auth/first": {
            "get": {"operationId": "first_start", "tags": ["auth"], "responses": {"200": first, "default": error}},
            **post(
                "choose_first_password", {"password": password, "new_password": {**password, "minLength": 12}}, ["password", "new_password"]
            ),
        },
        f"{api}/auth/refresh": post("refresh", {"refresh_token": token}, []),
        f"{api}/auth/exchange": post("exchange", exchange, ["audience"]),
        f"{api}/auth/sign-out": post("sign_out", {}, []),
        f"{api}/auth/me": {"get": {"operationId": "me", "tags": ["auth"], "responses": {"200": answer, "default": error}}},
    }
