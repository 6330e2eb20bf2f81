"""What a person shows to be known: sessions and API keys. Only hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass

ACCESS_MS = 3_600_000  # an access token, 1 h
REFRESH_MS = 14 * 86_400_000  # a session nobody uses ends
KEY_DAYS = 90  # an API key when nothing else was asked for


@dataclass(frozen=True)
class Session:
    """access_hash, refresh_hash: of the tokens that count now; used_hash: of the refresh token before, whose second use betrays a theft."""

    id: int
    user_id: int
    address: str
    access_hash: str
    refresh_hash: str
    used_hash: str
    access_until: int
    refresh_until: int
    revoke_time: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class ApiKey:
    """Acts as its user in one space. prefix: what is shown to tell keys apart."""

    id: int
    user_id: int
    project_space_id: int
    name: str
    prefix: str
    secret_hash: str
    expire_time: int
    revoke_time: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0
