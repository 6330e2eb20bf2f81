"""The SDK's nouns of who may do what: departments, users, service accounts, spaces, memberships, API keys, and the audit trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from libs.client.failure import Json


class Calls(Protocol):
    """What these groups need of the SDK's client."""

    def call(self, verb: str, path: str, /, *, query: Mapping[str, Any] | None = None, answers: str | None = None, **body: Any) -> Json: ...

    def pages(self, path: str, field: str, query: Mapping[str, Any] | None = None) -> Iterator[Json]: ...


class Departments:
    def __init__(self, client: Calls) -> None:
        self._client = client

    def create(self, name: str, desc: str | None = None) -> Json:
        return dict(self._client.call("POST", "/departments", answers="department", name=name, desc=desc)["department"])

    def list(self) -> Iterator[Json]:
        return self._client.pages("/departments", "departments")


class Users:
    def __init__(self, client: Calls) -> None:
        self._client = client

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
        facts: Json = {"account": account, "name": name, "department_id": department_id, "administrator": administrator}
        facts |= {"issuer": issuer, "subject": subject}
        return dict(self._client.call("POST", "/users", answers="user", **facts)["user"])

    def list(self) -> Iterator[Json]:
        return self._client.pages("/users", "users")

    def get(self, id: str) -> Json:
        return dict(self._client.call("GET", f"/users/{id}", answers="user")["user"])

    def update(
        self, id: str, expected_version: int, name: str | None = None, disabled: bool | None = None, administrator: bool | None = None
    ) -> Json:
        facts: Json = {"name": name, "disabled": disabled, "administrator": administrator, "expected_version": expected_version}
        return dict(self._client.call("PATCH", f"/users/{id}", answers="user", **facts)["user"])

    def issue_password(self, id: str) -> str:
        """A new password, shown once; the user's sessions and API keys end."""
        return str(self.reset_password(id)["password"])

    def reset_password(self, id: str) -> Json:
        """{password, ended_keys, ended_sessions}: what ``issue_password`` does, and what ended with the old password."""
        return self._client.call("POST", f"/users/{id}/password", answers="password")

    def audit(self, everywhere: bool = False) -> Iterator[Json]:
        """What was done in this space, or (administrators) anywhere; newest first."""
        return self._client.pages("/platform/audit" if everywhere else "/audit", "events")


class Spaces:
    def __init__(self, client: Calls) -> None:
        self._client = client

    def create(self, name: str, department_id: str, desc: str | None = None) -> Json:
        """The caller becomes its owner."""
        return dict(self._client.call("POST", "/spaces", answers="space", name=name, department_id=department_id, desc=desc)["space"])

    def list(self) -> Iterator[Json]:
        return self._client.pages("/spaces", "spaces")


class Memberships:
    """Of the space this client calls in."""

    def __init__(self, client: Calls) -> None:
        self._client = client

    def create(self, account: str, role: str, clearance: str | None = None, acting: bool | None = None) -> Json:
        """acting: a service account may act for members who may do what this role may."""
        facts: Json = {"account": account, "role": role, "clearance": clearance, "acting": acting}
        return dict(self._client.call("POST", "/memberships", answers="membership", **facts)["membership"])

    def list(self) -> Iterator[Json]:
        return self._client.pages("/memberships", "memberships")

    def update(self, id: str, clearance: str, expected_version: int, acting: bool | None = None) -> Json:
        facts: Json = {"clearance": clearance, "acting": acting, "expected_version": expected_version}
        return dict(self._client.call("PATCH", f"/memberships/{id}", answers="membership", **facts)["membership"])

    def delete(self, id: str, expected_version: int) -> Json:
        query = {"expected_version": expected_version}
        return dict(self._client.call("DELETE", f"/memberships/{id}", query=query, answers="membership")["membership"])


class Keys:
    """API keys in the space this client calls in: the caller's own, and for owners and administrators those of others."""

    def __init__(self, client: Calls) -> None:
        self._client = client

    def create(self, name: str, valid_days: int | None = None, roles: Sequence[str] | None = None, clearance: str | None = None) -> Json:
        """{key, secret}: the secret is shown once. roles, clearance: it may do and see no more than these; None for all the caller may."""
        facts: Json = {"name": name, "valid_days": valid_days, "roles": roles, "clearance": clearance}
        return self._client.call("POST", "/keys", answers="secret", **facts)

    def list(self) -> Iterator[Json]:
        return self._client.pages("/keys", "keys")

    def revoke(self, id: str) -> Json:
        """It ends, and so do all that were made with it."""
        return dict(self._client.call("DELETE", f"/keys/{id}", answers="key")["key"])

    def everybodys(self, user_id: str | None = None, everywhere: bool = False) -> Iterator[Json]:
        """Of all members and service accounts of this space (owners), or of the whole platform (administrators)."""
        return self._client.pages("/platform/keys" if everywhere else "/space/keys", "keys", {"user_id": user_id})

    def revoke_anybodys(self, id: str, everywhere: bool = False) -> Json:
        place = "platform" if everywhere else "space"
        return dict(self._client.call("DELETE", f"/{place}/keys/{id}", answers="key")["key"])


class ServiceAccounts:
    """Programs that call the platform: accounts of the space this client calls in, and their keys (owners)."""

    def __init__(self, client: Calls) -> None:
        self._client = client

    def create(
        self, account: str, name: str | None = None, role: str | None = None, clearance: str | None = None, acting: bool | None = None
    ) -> Json:
        """role: in this space; further ones, and other spaces, by ``memberships.create``."""
        facts: Json = {"account": account, "name": name, "role": role, "clearance": clearance, "acting": acting}
        return dict(self._client.call("POST", "/service-accounts", answers="user", **facts)["user"])

    def list(self) -> Iterator[Json]:
        return self._client.pages("/service-accounts", "users")

    def update(self, id: str, expected_version: int, name: str | None = None, disabled: bool | None = None) -> Json:
        """The keys of a disabled account end at once and for good."""
        facts: Json = {"name": name, "disabled": disabled, "expected_version": expected_version}
        return dict(self._client.call("PATCH", f"/service-accounts/{id}", answers="user", **facts)["user"])

    def issue_key(
        self,
        id: str,
        name: str,
        valid_days: int | None = None,
        roles: Sequence[str] | None = None,
        clearance: str | None = None,
    ) -> Json:
        """{key, secret}: the secret is shown once."""
        facts: Json = {"name": name, "valid_days": valid_days, "roles": roles, "clearance": clearance}
        return self._client.call("POST", f"/service-accounts/{id}/keys", answers="secret", **facts)

    def keys(self, id: str | None = None) -> Iterator[Json]:
        found = self._client.pages("/space/keys", "keys", {"user_id": id})
        return (key for key in found if key.get("kind") == "SERVICE")

    def rotate(self, key_id: str, overlap_minutes: int | None = None) -> Json:
        """{key, secret} of a key like the given one, which ends after the overlap."""
        return self._client.call("POST", f"/service-keys/{key_id}/rotate", answers="secret", overlap_minutes=overlap_minutes)

    def revoke(self, key_id: str) -> Json:
        return dict(self._client.call("DELETE", f"/space/keys/{key_id}", answers="key")["key"])

    def identity(self, audience: str, project_space_id: str | None = None, for_account: str | None = None) -> Json:
        """{auth, expire_time, …}: what goes into ``Base.auth`` of a Thrift call to the service ``audience``. Of a client whose token is a
        service account's key."""
        facts: Json = {"audience": audience, "project_space_id": project_space_id, "for_account": for_account}
        return self._client.call("POST", "/auth/exchange", answers="auth", **facts)
