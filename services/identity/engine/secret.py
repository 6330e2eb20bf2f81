"""Passwords and tokens. Passwords are guessed, so they are hashed slowly (argon2id); tokens are 256 random bits, so a fast hash does.

The first letters of a token say what it is, so that a leaked one is recognised: ``mys_`` access, ``myr_`` refresh, ``my_`` API key,
``mysv_`` a service account's key.
"""

from __future__ import annotations

import hashlib
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

ACCESS, REFRESH, KEY, SERVICE_KEY = "mys_", "myr_", "my_", "mysv_"
PREFIX_LETTERS = 8
PASSWORD_LOW, PASSWORD_HIGH = 12, 256
HASHERS = 2  # at once: each takes 64 MiB for a moment

_hasher = PasswordHasher()  # argon2id, RFC 9106's second recommendation: 3 passes, 64 MiB, 4 lanes
_turn = threading.BoundedSemaphore(HASHERS)
_NOBODY = _hasher.hash(secrets.token_urlsafe(32))  # an unknown account costs what a known one costs


def hash_password(password: str) -> str:
    with _turn:
        return _hasher.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """Whether ``password`` is the one behind ``stored``. Takes as long when there is none."""
    with _turn:
        try:
            return _hasher.verify(stored or _NOBODY, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def new_password() -> str:
    return secrets.token_urlsafe(18)


def new_token(kind: str) -> str:
    return kind + secrets.token_urlsafe(32)


def new_key(kind: str = KEY) -> tuple[str, str]:
    """(the key, the prefix that is shown of it)."""
    prefix = kind + secrets.token_hex(PREFIX_LETTERS // 2)
    return f"{prefix}_{secrets.token_urlsafe(32)}", prefix


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
