"""The SDK's nouns of who may do what: departments, users, spaces, memberships, API keys, and the audit trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        """A new password, shown once; the user's sessions end."""
        return str(self._client.call("POST", f"/users/{id}/password", answers="password")["password"])

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

    def create(self, account: str, role: str, clearance: str | None = None) -> Json:
        facts: Json = {"account": account, "role": role, "clearance": clearance}
        return dict(self._client.call("POST", "/memberships", answers="membership", **facts)["membership"])

    def list(self) -> Iterator[Json]:
        return self._client.pages("/memberships", "memberships")

    def update(self, id: str, clearance: str, expected_version: int) -> Json:
        facts: Json = {"clearance": clearance, "expected_version": expected_version}
        return dict(self._client.call("PATCH", f"/memberships/{id}", answers="membership", **facts)["membership"])

    def delete(self, id: str, expected_version: int) -> Json:
        query = {"expected_version": expected_version}
        return dict(self._client.call("DELETE", f"/memberships/{id}", query=query, answers="membership")["membership"])


class Keys:
    """The caller's own API keys in the space this client calls in."""

    def __init__(self, client: Calls) -> None:
        self._client = client

    def create(self, name: str, valid_days: int | None = None) -> Json:
        """{key, secret}: the secret is shown once."""
        return self._client.call("POST", "/keys", answers="secret", name=name, valid_days=valid_days)

    def list(self) -> Iterator[Json]:
        return self._client.pages("/keys", "keys")

    def revoke(self, id: str) -> Json:
        return dict(self._client.call("DELETE", f"/keys/{id}", answers="key")["key"])
