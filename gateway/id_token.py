"""Is this id_token what our provider says about somebody who just signed in through us: signature, issuer, audience, times, nonce.

RS256 and ES256 with the provider's published keys, nothing else: the key decides with which algorithm it may be used, never the token.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from libs.common.errors import PlatformError, Reason

ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}  # kind of key -> all it may sign with
LEEWAY_SECONDS = 30  # the provider's clock is not ours
AGE_SECONDS = 600  # as long as somebody may take to sign in there
TOKEN_MAX = 16_384
NAME_MAX = 100
SUBJECT_MAX = 200
RSA_BITS = (2048, 8192)
_NUMBERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y")}


class UnknownKeyError(Exception):
    """None of the keys has the token's kid: the provider may have published newer ones."""


@dataclass(frozen=True)
class Wanted:
    """What the token must say. now: seconds since the epoch."""

    issuer: str
    client_id: str
    nonce: str
    now: float


@dataclass(frozen=True)
class Somebody:
    """Whom the provider vouched for."""

    subject: str
    name: str


def refused(limit: str, field: str = "id_token") -> PlatformError:
    return PlatformError(401, Reason.UNAUTHENTICATED, field=field, limit=limit)


def usable_keys(found: Any) -> list[dict[str, Any]]:
    """The public halves of a JWK set that may sign id_tokens; whatever else the set holds is not taken."""
    keys = found.get("keys") if isinstance(found, dict) else None
    return [key for each in keys if (key := _usable(each)) is not None] if isinstance(keys, list) else []


def check(token: str, keys: Iterable[Mapping[str, Any]], wanted: Wanted) -> Somebody:
    """Raises UnknownKeyError, 401 UNAUTHENTICATED saying what is wrong with it."""
    header = _header(token)
    key = _key_of(header, list(keys))
    try:
        claims = jwt.decode(token, key, algorithms=[header["alg"]]).claims
    except (JoseError, ValueError, TypeError):
        raise refused("signed by its issuer") from None
    return _vouched(claims, wanted)


def _header(token: str) -> dict[str, Any]:
    if len(token) > TOKEN_MAX or not token.isascii() or token.count(".") != 2:
        raise refused("a well-formed token")
    part = token.partition(".")[0]
    try:
        header = msgspec.json.decode(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (msgspec.MsgspecError, UnicodeDecodeError, binascii.Error, ValueError):
        raise refused("a well-formed token") from None
    if not isinstance(header, dict) or "crit" in header:
        raise refused("a header we understand")
    if header.get("alg") not in ALGORITHMS.values():
        raise refused(f"signed with {' or '.join(ALGORITHMS.values())}")
    return header


def _key_of(header: dict[str, Any], keys: list[Mapping[str, Any]]) -> RSAKey | ECKey:
    fitting = [key for key in keys if ALGORITHMS[key["kty"]] == header["alg"]]
    kid = header.get("kid")
    found = fitting if kid is None else [key for key in fitting if key.get("kid") == kid]
    if not found:
        raise UnknownKeyError
    if len(found) > 1:
        raise refused("signed with a key that its kid names")
    return RSAKey.import_key(dict(found[0])) if header["alg"] == "RS256" else ECKey.import_key(dict(found[0]))


def _vouched(claims: Mapping[str, Any], wanted: Wanted) -> Somebody:
    if claims.get("iss") != wanted.issuer:
        raise refused("of our issuer")
    audience = claims.get("aud")
    meant = [audience] if isinstance(audience, str) else audience
    if not isinstance(meant, list) or wanted.client_id not in meant:
        raise refused("meant for this client")
    party = claims.get("azp")
    if (party is not None or len(meant) > 1) and party != wanted.client_id:
        raise refused("given to this client")
    issued, until = _seconds(claims, "iat"), _seconds(claims, "exp")
    if until + LEEWAY_SECONDS <= wanted.now:
        raise refused("one that has not expired")
    if not wanted.now - AGE_SECONDS - LEEWAY_SECONDS <= issued <= wanted.now + LEEWAY_SECONDS:
        raise refused("one from now")
    if "nbf" in claims and _seconds(claims, "nbf") > wanted.now + LEEWAY_SECONDS:
        raise refused("one that is valid already")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), wanted.nonce.encode()):
        raise refused("of this sign-in")
    subject, name = claims.get("sub"), claims.get("name")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX or not subject.isprintable():
        raise refused("about somebody")
    fits = isinstance(name, str) and name.isprintable()
    return Somebody(subject, str(name)[:NAME_MAX] if fits else "")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise refused(f"with a time as {name}")
    return float(value)


def _usable(found: Any) -> dict[str, Any] | None:
    """Only the numbers of the public half, and only of a key that is meant for signatures and strong enough."""
    if not isinstance(found, dict) or found.get("kty") not in ALGORITHMS:
        return None
    kind = str(found["kty"])
    if found.get("use", "sig") != "sig" or found.get("alg", ALGORITHMS[kind]) != ALGORITHMS[kind]:
        return None
    key: dict[str, Any] = {"kty": kind, **{name: found.get(name) for name in _NUMBERS[kind]}}
    if not all(isinstance(value, str) for value in key.values()):
        return None
    try:
        made = RSAKey.import_key(key) if kind == "RSA" else ECKey.import_key(key)
        public = made.public_key
    except (JoseError, ValueError, TypeError):
        return None
    if kind == "EC" and key["crv"] != "P-256":
        return None
    if kind == "RSA" and not RSA_BITS[0] <= public.key_size <= RSA_BITS[1]:
        return None
    return {**key, "kid": found["kid"]} if isinstance(found.get("kid"), str) else key
