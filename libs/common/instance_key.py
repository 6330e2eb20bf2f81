"""What a serving process shares with those who may ask it: one key per instance, made by the platform, never sent as such between its
parts.

Who asks sends a ticket, a number used once with a signature over it; who answers returns the proof for that very ticket. So a process that
took over a port learns nothing it could use, and no answer of it passes for the instance's. The key itself is taken as a bearer token too:
for a serving container that people run by themselves and ask with an OpenAI client.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

TICKET, PROOF = "x-modelyard-ticket", "x-modelyard-proof"
_NONCE = 32  # hex digits


def new_key() -> str:
    return secrets.token_hex(32)


def ticket(key: str) -> str:
    """For one request to the instance that has ``key``."""
    nonce = secrets.token_hex(_NONCE // 2)
    return f"{nonce}.{_signed(key, 'ask', nonce)}"


def headers(key: str) -> dict[str, str]:
    """What a request carries; nothing for a server of others, which has no key."""
    return {TICKET: ticket(key)} if key else {}


def proof(key: str, ticket: str) -> str | None:
    """What the holder of ``key`` answers to a ticket; None to one that was not made with it."""
    nonce, _, signature = ticket.partition(".")
    made = _signed(key, "ask", nonce)
    return _signed(key, "answer", nonce) if len(nonce) == _NONCE and _same(signature, made) else None


def proves(key: str, ticket: str, found: str) -> bool:
    """Whether ``found`` answers this very ticket."""
    return _same(found, _signed(key, "answer", ticket.partition(".")[0]))


def is_key(key: str, authorization: str) -> bool:
    """Whether an ``Authorization`` header carries the key."""
    scheme, _, given = authorization.partition(" ")
    return scheme.lower() == "bearer" and _same(given.strip(), key)


def _signed(key: str, what: str, nonce: str) -> str:
    return hmac.new(key.encode(), f"{what} {nonce}".encode(), hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode())
