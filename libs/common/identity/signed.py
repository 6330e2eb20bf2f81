"""The signed identity in ``Base.auth``: who calls, in which project space, with which roles and clearance; short-lived, checked everywhere.

The gateway signs for people, each service for itself (kind "service": it acts for the user and space of a task). ``Verifier`` pins the
algorithm, takes exactly the header and the claims that ``Signer`` writes, and remembers what it has verified until it expires, so that the
hot path costs a look into a dict.
"""

from __future__ import annotations

import base64
import binascii
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
SECONDS = 90  # how long an identity is good for
REUSED_SECONDS = 30  # how long one is handed out again: what is handed out is good for a minute at least
LEEWAY_SECONDS = 5  # clocks of two machines
CLEARANCE_MAX = 30  # SecrecyLevel.SECRET
REMEMBERED = 4096
TOKEN_MAX = 8192

Clock = Callable[[], float]


@dataclass(frozen=True)
class Identity:
    """kind: "user" or "service". issuer: who signed; for a service its name. clearance: the highest secrecy level it may see."""

    kind: str
    issuer: str
    user_id: int
    space_id: int
    roles: frozenset[str]
    clearance: int
    administrator: bool = False


class _Claims(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly what a token holds; every claim is required, of this type and no other."""

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


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    alg: str
    kid: str
    typ: str


class Signer:
    """Signs as ``issuer``. Tokens for the same facts are signed once and handed out again for REUSED_SECONDS."""

    def __init__(self, keys: KeyFolder, issuer: str, now: Clock = time.time) -> None:
        self.issuer, self._key, self._now = issuer, keys.private(issuer), now
        self._made: dict[tuple[Any, ...], tuple[float, str]] = {}

    def user(self, user_id: int, space_id: int, roles: frozenset[str], clearance: int, administrator: bool = False) -> str:
        """For a person; believed only when the gateway signed it."""
        return self._signed(("user", PLATFORM, user_id, space_id, tuple(sorted(roles)), clearance, administrator))

    def service(self, audience: str, user_id: int, space_id: int, clearance: int) -> str:
        """For this service itself when it calls ``audience``, acting for a user and a space."""
        return self._signed(("service", audience, user_id, space_id, (), clearance, False))

    def _signed(self, facts: tuple[Any, ...]) -> str:
        now = self._now()
        until, token = self._made.get(facts, (0.0, ""))
        if until > now:
            return token
        kind, audience, user_id, space_id, roles, clearance, administrator = facts
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "sub": str(user_id),
            "iat": int(now),
            "exp": int(now) + SECONDS,
            "kind": kind,
            "space": space_id,
            "roles": list(roles),
            "clearance": clearance,
            "adm": administrator,
        }
        token = jwt.encode({"alg": ALGORITHM, "kid": str(self._key.kid), "typ": "JWT"}, claims, self._key, algorithms=[ALGORITHM])
        if len(self._made) >= REMEMBERED:
            self._made.clear()
        self._made[facts] = now + REUSED_SECONDS, token
        return token


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
            claims.kind, issuer, int(claims.sub), claims.space, frozenset(claims.roles), claims.clearance, administrator=claims.adm
        )
        return claims.exp, identity

    def _check_claims(self, claims: _Claims, issuer: str) -> None:
        now = self._now()
        if claims.iss != issuer:
            raise refused("signed by its issuer and complete")
        wanted = PLATFORM if claims.kind == "user" else self._audiences[1]
        if claims.aud != wanted:
            raise refused("meant for this service")
        if claims.kind not in ("user", "service") or (claims.kind == "user") != (issuer == GATEWAY and claims.aud == PLATFORM):
            raise refused("of a kind its issuer may sign")
        if claims.iat > now + LEEWAY_SECONDS or claims.exp - claims.iat > SECONDS:
            raise refused("a short-lived one from now")
        if not (claims.sub.isdecimal() and claims.sub.isascii() and len(claims.sub) < 20) or not 0 <= claims.space < 1 << 63:
            raise refused("about a user and a space")


def refused(limit: str) -> PlatformError:
    return PlatformError(401, Reason.UNAUTHENTICATED, field="base.auth", limit=limit)


def _part(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
