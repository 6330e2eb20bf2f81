"""The signed identity in ``Base.auth``: who calls, in which project space, with which roles and clearance; short-lived, checked everywhere.

The gateway signs for people, each service for itself (kind "service": it acts for the user and space of a task), the identity service for
service accounts that call Thrift doors themselves (kind "account": for one service, by one key). ``Verifier`` pins the algorithm, takes
exactly the header and the claims that ``Signer`` writes, and remembers what it has verified until it expires, so that the hot path costs a
look into a dict.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError

from libs.common.errors import PlatformError, Reason
from libs.common.identity.keys import KeyFolder

ALGORITHM = "Ed25519"
PLATFORM = "modelyard"  # audience of an identity of a person: every service
GATEWAY = "gateway"  # the only issuer of identities of people
ACCOUNTS = "identity"  # the only issuer of identities of service accounts
SECONDS = 90  # how long an identity is good for
ACCOUNT_SECONDS = 300  # of a service account, which asks for the next one itself
REUSED_SECONDS = 30  # how long one is handed out again: what is handed out is good for a minute at least
LEEWAY_SECONDS = 5  # clocks of two machines
CLEARANCE_MAX = 30  # SecrecyLevel.SECRET
REMEMBERED = 4096
TOKEN_MAX = 8192
_BY_KEY = re.compile(r"(key|service-key):[1-9][0-9]{0,18}")

Clock = Callable[[], float]


@dataclass(frozen=True)
class Identity:
    """kind: "user", "service" or "account". issuer: who signed; for a service its name. clearance: the highest secrecy level it may see.
    credential: the key it was made of (key:7, service-key:7), "" for a session and a service."""

    kind: str
    issuer: str
    user_id: int
    space_id: int
    roles: frozenset[str]
    clearance: int
    administrator: bool = False
    credential: str = ""


class _Claims(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly what a token holds; every claim but the last is required, of this type and no other. cred: absent where no key was shown."""

    iss: str
    aud: str
    sub: str
    iat: int
    exp: int
    kind: str
    space: int
    roles: list[str]
    clearance: int
    adm: bool
    cred: str = ""


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    alg: str
    kid: str
    typ: str


class Signer:
    """Signs as ``issuer``. Tokens for the same facts are signed once and handed out again for REUSED_SECONDS."""

    def __init__(self, keys: KeyFolder, issuer: str, now: Clock = time.time) -> None:
        self.issuer, self._key, self._now = issuer, keys.private(issuer), now
        self._made: dict[tuple[Any, ...], tuple[float, str]] = {}

    def user(
        self, user_id: int, space_id: int, roles: frozenset[str], clearance: int, administrator: bool = False, credential: str = ""
    ) -> str:
        """For a person, or for a program that came by HTTP; believed only when the gateway signed it."""
        return self._signed(("user", PLATFORM, user_id, space_id, tuple(sorted(roles)), clearance, administrator, credential))

    def service(self, audience: str, user_id: int, space_id: int, clearance: int) -> str:
        """For this service itself when it calls ``audience``, acting for a user and a space."""
        return self._signed(("service", audience, user_id, space_id, (), clearance, False, ""))

    def account(
        self, audience: str, user_id: int, space_id: int, roles: frozenset[str], clearance: int, credential: str
    ) -> tuple[str, int]:
        """For a service account that calls ``audience`` itself, and when it ends (seconds since the epoch); believed only when the
        identity service signed it. Never handed out twice: each exchange is one in the trail."""
        facts = ("account", audience, user_id, space_id, tuple(sorted(roles)), clearance, False, credential)
        return self._sign(facts, ACCOUNT_SECONDS), int(self._now()) + ACCOUNT_SECONDS

    def _signed(self, facts: tuple[Any, ...]) -> str:
        now = self._now()
        until, token = self._made.get(facts, (0.0, ""))
        if until > now:
            return token
        token = self._sign(facts, SECONDS)
        if len(self._made) >= REMEMBERED:
            self._made.clear()
        self._made[facts] = now + REUSED_SECONDS, token
        return token

    def _sign(self, facts: tuple[Any, ...], seconds: int) -> str:
        now = int(self._now())
        kind, audience, user_id, space_id, roles, clearance, administrator, credential = facts
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "sub": str(user_id),
            "iat": now,
            "exp": now + seconds,
            "kind": kind,
            "space": space_id,
            "roles": list(roles),
            "clearance": clearance,
            "adm": administrator,
            **({"cred": credential} if credential else {}),
        }
        return jwt.encode({"alg": ALGORITHM, "kid": str(self._key.kid), "typ": "JWT"}, claims, self._key, algorithms=[ALGORITHM])


class Verifier:
    """Decides for one service whom it believes."""

    def __init__(self, keys: KeyFolder, service: str, now: Clock = time.time) -> None:
        self._keys, self._audiences, self._now = keys, (PLATFORM, service), now
        self._verified: dict[str, tuple[int, Identity]] = {}

    def verify(self, token: str | None) -> Identity:
        """Raises 401 UNAUTHENTICATED saying what is wrong with it; never says what would be right."""
        if not token:
            raise refused("a signed identity in base.auth")
        found = self._verified.get(token)
        if found is None:
            found = self._check(token)
            if len(self._verified) >= REMEMBERED:
                self._verified.clear()
            self._verified[token] = found
        if found[0] + LEEWAY_SECONDS <= self._now():
            self._verified.pop(token, None)
            raise refused("one that has not expired")
        return found[1]

    def _check(self, token: str) -> tuple[int, Identity]:
        if len(token) > TOKEN_MAX or not token.isascii():
            raise refused("a well-formed token")
        try:
            header = msgspec.json.decode(_part(token.split(".")[0]), type=_Header)
        except (msgspec.MsgspecError, UnicodeDecodeError, binascii.Error, ValueError):
            raise refused("a well-formed token") from None
        if header.alg != ALGORITHM or header.typ != "JWT":
            raise refused(f"signed with {ALGORITHM}")
        issuer = header.kid.partition(".")[0]
        key = self._keys.public(issuer, header.kid)
        if key is None:
            raise refused("signed with a known key")
        try:
            claims = msgspec.convert(jwt.decode(token, key, algorithms=[ALGORITHM]).claims, type=_Claims)
        except (JoseError, msgspec.MsgspecError, ValueError, TypeError):
            raise refused("signed by its issuer and complete") from None
        self._check_claims(claims, issuer)
        identity = Identity(
            claims.kind, issuer, int(claims.sub), claims.space, frozenset(claims.roles), claims.clearance, claims.adm, claims.cred
        )
        return claims.exp, identity

    def _check_claims(self, claims: _Claims, issuer: str) -> None:
        now = self._now()
        if claims.iss != issuer:
            raise refused("signed by its issuer and complete")
        wanted = PLATFORM if claims.kind == "user" else self._audiences[1]
        if claims.aud != wanted:
            raise refused("meant for this service")
        if not _may_sign(claims, issuer):
            raise refused("of a kind its issuer may sign")
        seconds = ACCOUNT_SECONDS if claims.kind == "account" else SECONDS
        if claims.iat > now + LEEWAY_SECONDS or claims.exp - claims.iat > seconds:
            raise refused("a short-lived one from now")
        if not (claims.sub.isdecimal() and claims.sub.isascii() and len(claims.sub) < 20) or not 0 <= claims.space < 1 << 63:
            raise refused("about a user and a space")


def _may_sign(claims: _Claims, issuer: str) -> bool:
    """Whether such an identity is this issuer's to sign."""
    by_key = bool(_BY_KEY.fullmatch(claims.cred))
    if claims.kind == "user":
        return issuer == GATEWAY and claims.aud == PLATFORM and (by_key or not claims.cred)
    if claims.kind == "account":
        return issuer == ACCOUNTS and by_key and not claims.adm
    return claims.kind == "service" and not (issuer == GATEWAY and claims.aud == PLATFORM) and not claims.cred


def refused(limit: str) -> PlatformError:
    return PlatformError(401, Reason.UNAUTHENTICATED, field="base.auth", limit=limit)


def _part(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
