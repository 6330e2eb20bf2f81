"""What a person shows to be known: sessions and API keys. Only hashes are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from libs.common.identity.rights import held
from services.identity.domain.people import UserKind
from services.identity.domain.space import Clearance, Place, Role

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
    """Acts as its user: a person's in one space, a service account's wherever that one has a role. prefix: shown to tell keys apart.

    roles: it may do no more than these, empty for all that its user may; clearance: it sees no more. parent_id: the key it was made with,
    which it neither outlives nor exceeds; 0 when a person who had signed in made it.
    """

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
    account: str = ""
    kind: UserKind = UserKind.PERSON
    parent_id: int = 0
    roles: list[Role] = field(default_factory=list)
    clearance: Clearance = Clearance.SECRET

    @property
    def credential(self) -> str:
        """As it stands in the trail, in identities and in what is answered about it."""
        return f"{'service-key' if self.kind == UserKind.SERVICE else 'key'}:{self.id}"

    def valid(self, now: int) -> bool:
        return not self.revoke_time and self.expire_time > now

    def within(self, place: Place) -> Place:
        """What is left of its user's place for who shows this key."""
        roles = common(place.roles, self.roles) if self.roles else place.roles
        return replace(place, roles=roles, clearance=min(place.clearance, self.clearance))


def common(some: Iterable[Role], others: Iterable[Role]) -> list[Role]:
    """The roles implied by both."""
    return sorted(Role[name] for name in held(_names(some)) & held(_names(others)))


def exceeds(wanted: Iterable[Role], allowed: Iterable[Role]) -> bool:
    """Whether some wanted role is none that ``allowed`` implies."""
    return not held(_names(wanted)) <= held(_names(allowed))


def key_of(credential: str) -> int:
    """The key's id of a credential as ``ApiKey.credential`` shows it; 0 for a session and for nothing."""
    kind, _, id = credential.partition(":")
    return int(id) if kind in ("key", "service-key") else 0


def session_of(credential: str) -> int:
    """The session's id of a credential; 0 for a key and for nothing."""
    kind, _, id = credential.partition(":")
    return int(id) if kind == "session" else 0


def _names(roles: Iterable[Role]) -> frozenset[str]:
    return frozenset(role.name for role in roles)
