"""The SDK's nouns of who may do what: departments, users, service accounts, spaces, memberships, API keys, and the audit trail.

Short names for the generated calls of the identity domain; ``identity`` alone asks the gateway for what is no RPC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from libs.client.failure import Json
from libs.client.group import Client
from libs.client.groups.identity import IdentityCalls


class Noun:
    """Not a kind of ``IdentityCalls``: all of its calls would be calls of every noun."""

    def __init__(self, client: Client) -> None:
        self._client, self._calls = client, IdentityCalls(client)


class Departments(Noun):
    def create(self, name: str, desc: str | None = None) -> Json:
        return self._calls.create_department(name, desc=desc)

    def list(self) -> Iterator[Json]:
        return self._calls.list_departments()


class Users(Noun):
    def create(
        self,
        account: str,
        name: str | None = None,
        department_id: str | None = None,
        administrator: bool | None = None,
        issuer: str | None = None,
        subject: str | None = None,
    ) -> Json:
        """A user who can sign in once ``issue_password`` was called, or whom an OpenID provider vouches for as ``subject``."""
        return self._calls.create_user(
            account, name=name, department_id=department_id, administrator=administrator, issuer=issuer, subject=subject
        )

    def list(self) -> Iterator[Json]:
        return self._calls.list_users()

    def get(self, id: str) -> Json:
        return self._calls.get_user(id)

    def update(
        self, id: str, expected_version: int, name: str | None = None, disabled: bool | None = None, administrator: bool | None = None
    ) -> Json:
        return self._calls.update_user(id, expected_version, name=name, disabled=disabled, administrator=administrator)

    def issue_password(self, id: str) -> str:
        """A new password, shown once; the user's sessions and API keys end."""
        return str(self.reset_password(id)["password"])

    def reset_password(self, id: str) -> Json:
        """{password, ended_keys, ended_sessions}: what ``issue_password`` does, and what ended with the old password."""
        return self._calls.issue_password(id)

    def audit(self, everywhere: bool = False) -> Iterator[Json]:
        """What was done in this space, or (administrators) anywhere; newest first."""
        return self._calls.list_platform_audit() if everywhere else self._calls.list_audit()


class Spaces(Noun):
    def create(self, name: str, department_id: str, desc: str | None = None) -> Json:
        """The caller becomes its owner."""
        return self._calls.create_space(department_id, name, desc=desc)

    def list(self) -> Iterator[Json]:
        return self._calls.list_spaces()


class Memberships(Noun):
    """Of the space this client calls in."""

    def create(self, account: str, role: str, clearance: str | None = None, acting: bool | None = None) -> Json:
        """acting: a service account may act for members who may do what this role may."""
        return self._calls.create_membership(account, role, clearance=clearance, acting=acting)

    def list(self) -> Iterator[Json]:
        return self._calls.list_memberships()

    def update(self, id: str, clearance: str, expected_version: int, acting: bool | None = None) -> Json:
        return self._calls.update_membership(id, clearance, expected_version, acting=acting)

    def delete(self, id: str, expected_version: int) -> Json:
        return self._calls.delete_membership(id, expected_version)


class Keys(Noun):
    """API keys in the space this client calls in: the caller's own, and for owners and administrators those of others."""

    def create(self, name: str, valid_days: int | None = None, roles: Sequence[str] | None = None, clearance: str | None = None) -> Json:
        """{key, secret}: the secret is shown once. roles, clearance: it may do and see no more than these; None for all the caller may."""
        return self._calls.issue_key(name, valid_days=valid_days, roles=_listed(roles), clearance=clearance)

    def list(self) -> Iterator[Json]:
        return self._calls.list_keys()

    def revoke(self, id: str) -> Json:
        """It ends, and so do all that were made with it."""
        return self._calls.revoke_key(id)

    def everybodys(self, user_id: str | None = None, everywhere: bool = False) -> Iterator[Json]:
        """Of all members and service accounts of this space (owners), or of the whole platform (administrators)."""
        return (self._calls.list_platform_keys if everywhere else self._calls.list_space_keys)(user_id=user_id)

    def revoke_anybodys(self, id: str, everywhere: bool = False) -> Json:
        return (self._calls.revoke_platform_key if everywhere else self._calls.revoke_space_key)(id)


class ServiceAccounts(Noun):
    """Programs that call the platform: accounts of the space this client calls in, and their keys (owners)."""

    def create(
        self, account: str, name: str | None = None, role: str | None = None, clearance: str | None = None, acting: bool | None = None
    ) -> Json:
        """role: in this space; further ones, and other spaces, by ``memberships.create``."""
        return self._calls.create_service_account(account, name=name, role=role, clearance=clearance, acting=acting)

    def list(self) -> Iterator[Json]:
        return self._calls.list_service_accounts()

    def update(self, id: str, expected_version: int, name: str | None = None, disabled: bool | None = None) -> Json:
        """The keys of a disabled account end at once and for good."""
        return self._calls.update_service_account(id, expected_version, name=name, disabled=disabled)

    def issue_key(
        self,
        id: str,
        name: str,
        valid_days: int | None = None,
        roles: Sequence[str] | None = None,
        clearance: str | None = None,
    ) -> Json:
        """{key, secret}: the secret is shown once."""
        return self._calls.issue_service_key(id, name, valid_days=valid_days, roles=_listed(roles), clearance=clearance)

    def keys(self, id: str | None = None) -> Iterator[Json]:
        return (key for key in self._calls.list_space_keys(user_id=id) if key.get("kind") == "SERVICE")

    def rotate(self, key_id: str, overlap_minutes: int | None = None) -> Json:
        """{key, secret} of a key like the given one, which ends after the overlap."""
        return self._calls.rotate_service_key(key_id, overlap_minutes=overlap_minutes)

    def revoke(self, key_id: str) -> Json:
        return self._calls.revoke_space_key(key_id)

    def identity(self, audience: str, project_space_id: str | None = None, for_account: str | None = None) -> Json:
        """{auth, expire_time, …}: what goes into ``Base.auth`` of a Thrift call to the service ``audience``. Of a client whose token is a
        service account's key."""
        facts: Json = {"audience": audience, "project_space_id": project_space_id, "for_account": for_account}
        return self._client.call("POST", "/auth/exchange", answers="auth", **facts)


def _listed(roles: Sequence[str] | None) -> list[str] | None:
    return None if roles is None else list(roles)
