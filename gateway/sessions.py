"""Who asks over HTTP: a bearer token, an API key or a session cookie becomes a ``Caller`` with a signed identity for the services.

What a credential is worth is asked of the identity service and believed for ``believed`` seconds: so long a revoked one may still work.
After half of that it is asked again beside the requests, so that none waits for it. A space is one of the caller's own, or 404.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request

from gateway.clients import Caller, Clients, request_id
from libs.common.errors import PlatformError, Reason, invalid, not_found
from libs.common.identity.signed import PLATFORM, Signer
from libs.common.rpc.deadline import Deadline

ACCESS_COOKIE, REFRESH_COOKIE = "modelyard_session", "modelyard_refresh"
CSRF_HEADER, SPACE_HEADER = "x-modelyard-csrf", "x-modelyard-space"
KNOWN_MAX = 10_000
SAFE = ("GET", "HEAD", "OPTIONS")
TOKEN_MAX = 500
ROLES = {1: "owner", 2: "developer", 3: "annotator", 4: "rater", 5: "inspector", 6: "agent", 7: "viewer", 8: "operator"}


@dataclass(frozen=True)
class Known:
    """What a credential is worth in one space. asked: monotonic. answer: the identity service's."""

    asked: float
    valid_until: float  # wall clock, seconds
    user_id: int
    space_id: int
    roles: frozenset[str]
    clearance: int
    answer: Any


class Sessions:
    """``seconds``: the deadline of a question to the identity service. ``believed``: how long its answer is."""

    def __init__(self, clients: Clients, signer: Signer, seconds: float, believed: float) -> None:
        self._clients, self._signer, self._seconds, self._believed = clients, signer, seconds, believed
        self._known: dict[tuple[str, int], Known] = {}
        self._asking: dict[tuple[str, int], asyncio.Task[Known]] = {}

    async def caller(self, request: Request, space: int = 0) -> Caller:
        """space: where a request names it in its body; else the header does. Raises 401 UNAUTHENTICATED without a credential,
        CREDENTIAL_ENDED without a valid one, 403 for a cookie without its CSRF token, 404 for a space of others."""
        token = credential(request)
        known = await self.known(token, space or _space(request))
        shown = known.answer.credential or ""
        by_key = "" if shown.startswith("session:") else shown  # a session says nothing more: one identity serves all of a person's
        administrator = bool(known.answer.user.administrator)
        auth = self._signer.user(known.user_id, known.space_id, known.roles, known.clearance, administrator, by_key)
        caller = Caller(known.user_id, known.space_id, request_id(request), request.headers.get("idempotency-key"), auth, shown)
        request.scope["modelyard.caller"] = caller
        return caller

    async def known(self, token: str, space: int) -> Known:
        """space: 0 for the caller's first."""
        key, now = (token, space), time.monotonic()
        found = self._known.get(key)
        if found is None or now - found.asked > self._believed or time.time() >= found.valid_until:
            return await asyncio.shield(self._ask(key))
        if now - found.asked > self._believed / 2:
            self._ask(key)
        return found

    def forget(self, token: str) -> None:
        """At once, here; other gateways believe it for what is left of that time."""
        for key in [key for key in self._known if key[0] == token]:
            del self._known[key]

    def itself(self, log_id: str) -> Caller:
        """The gateway as a caller of the identity service: before anybody has signed in."""
        return Caller(0, 0, log_id, None, self._signer.service("identity", 0, 0, 0))

    def for_service(self, caller: Caller, service: str) -> Caller:
        """The gateway itself, asking on behalf of a member of the space for what no person is told."""
        return replace(caller, auth=self._signer.service(service, caller.user_id, caller.project_space_id, 0))

    def _ask(self, key: tuple[str, int]) -> asyncio.Task[Known]:
        """The question under way for this credential; many who ask at once ask once."""
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._resolve(*key))
            task.add_done_callback(lambda done: self._asked(key, done))
        return task

    def _asked(self, key: tuple[str, int], task: asyncio.Task[Known]) -> None:
        self._asking.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None and isinstance(error, PlatformError) and error.code < 500:
            self._known.pop(key, None)  # asked beside a request: the next one hears it

    async def _resolve(self, token: str, space: int) -> Known:
        asked = time.monotonic()
        answer = await self._clients.call(
            "identity", "ResolveCredential", self.itself(request_id_of(token)), Deadline.after(self._seconds), token=token
        )
        places = answer.places or []
        place = next((each for each in places if space in (0, each.project_space_id)), None)
        if place is None and space:
            raise not_found("project_space", space)
        found = Known(
            asked,
            answer.valid_until / 1000,
            answer.user.id,
            place.project_space_id if place else 0,
            frozenset(ROLES[role] for role in place.roles or [] if role in ROLES) if place else frozenset(),
            place.clearance or 0 if place else 0,
            answer,
        )
        while len(self._known) >= KNOWN_MAX:
            self._known.pop(next(iter(self._known)), None)
        self._known[token, space] = found
        return found


def credential(request: Request) -> str:
    """The bearer token, or the cookie's when its CSRF token comes along. Raises 401, 403."""
    header = request.headers.get("authorization", "")
    if header:
        kind, _, token = header.partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or not 0 < len(token) <= TOKEN_MAX or not token.isascii() or not token.isprintable():
            raise unauthenticated()
        return token
    cookie = request.cookies.get(ACCESS_COOKIE, "")
    if not 0 < len(cookie) <= TOKEN_MAX or not cookie.isascii() or not cookie.isprintable():
        raise unauthenticated()
    if request.method not in SAFE:
        check_csrf(request, cookie)
    return cookie


def check_csrf(request: Request, cookie: str) -> None:
    """A foreign page can send our cookie along, but cannot read what this header must hold. Of no cookie anybody knows it."""
    if not cookie or not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), csrf_of(cookie).encode()):
        raise PlatformError(403, Reason.FORBIDDEN, field=CSRF_HEADER, limit="the csrf of sign-in or /auth/me")


def csrf_of(token: str) -> str:
    """Made from the session's token, which only its holder knows."""
    return hmac.new(token.encode(), b"modelyard csrf", hashlib.sha256).hexdigest()


def unauthenticated() -> PlatformError:
    return PlatformError(401, Reason.UNAUTHENTICATED, field="authorization", limit="Bearer and a token, or a session cookie")


def request_id_of(token: str) -> str:
    """Joins the logs of one credential's questions without showing it."""
    return "credential-" + hashlib.sha256(f"{PLATFORM}{token}".encode()).hexdigest()[:12]


def _space(request: Request) -> int:
    text = request.headers.get(SPACE_HEADER)
    if text is None:
        return 0
    number = whole(text)
    if number is None:
        raise invalid(SPACE_HEADER, Reason.WRONG_TYPE, "a whole number above 0")
    return number


def whole(text: str) -> int | None:
    """An id as people write it, in at most 19 digits; None for anything else. A longer text is never made a number: that takes long."""
    if not (0 < len(text) < 20 and text.isdecimal() and text.isascii()):
        return None
    number = int(text)
    return number if 0 < number < 1 << 63 else None
