"""Generated from idl/*.thrift by `make contract`; not edited by hand. The SDK's calls, one per RPC that is reached over HTTP.

Ids are texts (numbers are taken too), enumerations their names, times milliseconds since the epoch (UTC). Each raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Iterator

from libs.client.failure import Json
from libs.client.group import Group, part


class IdentityCalls(Group):
    """Of the identity domain."""

    def create_department(self, name: str, *, desc: str | None = None) -> Json:
        """Creates a department. Raises INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/departments", "department", body={"name": name, "desc": desc})

    def list_departments(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the departments, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/departments", "departments", {"limit": limit})

    def create_user(self, account: str, *, name: str | None = None, department_id: str | int | None = None, administrator: bool | None = None, issuer: str | None = None, subject: str | None = None) -> Json:
        """Creates a user who cannot sign in until a password is issued or an outside provider vouches. Raises NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/users", "user", body={"account": account, "name": name, "department_id": department_id, "administrator": administrator, "issuer": issuer, "subject": subject})

    def get_user(self, id: str | int) -> Json:
        """Reads one user. Raises NOT_FOUND."""
        return self._ask("GET", f"/users/{part(id)}", "user")

    def list_users(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the users, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/users", "users", {"limit": limit})

    def update_user(self, id: str | int, expected_version: int, *, name: str | None = None, disabled: bool | None = None, administrator: bool | None = None) -> Json:
        """Changes the fields that are sent; a disabled user's sessions and keys end at once and for good. Raises NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/users/{part(id)}", "user", body={"name": name, "disabled": disabled, "administrator": administrator, "expected_version": expected_version})

    def issue_password(self, id: str | int) -> Json:
        """Makes a new password, shows it once and ends the user's sessions and API keys. Raises NOT_FOUND, INVALID_ARGUMENT."""
        return self._ask("POST", f"/users/{part(id)}/password")

    def change_password(self, password: str, new_password: str) -> Json:
        """Replaces the caller's own password and ends the caller's sessions and API keys. Raises WRONG_PASSWORD, INVALID_ARGUMENT, BUSY."""
        return self._ask("POST", "/auth/password", body={"password": password, "new_password": new_password})

    def create_space(self, department_id: str | int, name: str, *, desc: str | None = None) -> Json:
        """Creates a project space; the caller becomes its owner. Raises NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/spaces", "space", body={"department_id": department_id, "name": name, "desc": desc})

    def list_spaces(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists all project spaces, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/spaces", "spaces", {"limit": limit})

    def create_membership(self, account: str, role: str, *, clearance: str | None = None, acting: bool | None = None) -> Json:
        """Gives a user a role in the caller's space; nobody gives more clearance than they have. Raises NOT_FOUND, ALREADY_EXISTS, FORBIDDEN, INVALID_ARGUMENT."""
        return self._ask("POST", "/memberships", "membership", body={"account": account, "role": role, "clearance": clearance, "acting": acting})

    def update_membership(self, id: str | int, clearance: str, expected_version: int, *, acting: bool | None = None) -> Json:
        """Changes the clearance of a membership of the caller's space, and whether a service account may act for members. Raises NOT_FOUND, FORBIDDEN, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/memberships/{part(id)}", "membership", body={"clearance": clearance, "acting": acting, "expected_version": expected_version})

    def delete_membership(self, id: str | int, expected_version: int) -> Json:
        """Takes a role away; the last owner of a space stays, and with the last role of a person their keys for the space end. Raises NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION."""
        return self._ask("DELETE", f"/memberships/{part(id)}", "membership", query={"expected_version": expected_version})

    def list_memberships(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the memberships of the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/memberships", "memberships", {"limit": limit})

    def issue_key(self, name: str, *, valid_days: int | None = None, roles: list[str] | None = None, clearance: str | None = None) -> Json:
        """Makes an API key that acts as the caller in the caller's space, and shows it once; one that is made with a key may do no more, lasts no longer and ends with it. Raises INVALID_ARGUMENT, FORBIDDEN, CREDENTIAL_ENDED."""
        return self._ask("POST", "/keys", body={"name": name, "valid_days": valid_days, "roles": roles, "clearance": clearance})

    def list_keys(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the caller's keys of the caller's space, newest first; to a key itself and what was made with it. Raises INVALID_ARGUMENT."""
        return self._pages("/keys", "keys", {"limit": limit})

    def revoke_key(self, id: str | int) -> Json:
        """Ends a key of the caller and all that were made with it. Raises NOT_FOUND."""
        return self._ask("DELETE", f"/keys/{part(id)}", "key")

    def list_space_keys(self, *, user_id: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists everybody's keys of the caller's space, newest first, or those of one user. Raises INVALID_ARGUMENT."""
        return self._pages("/space/keys", "keys", {"user_id": user_id, "limit": limit})

    def revoke_space_key(self, id: str | int) -> Json:
        """Ends anybody's key of the caller's space and all that were made with it. Raises NOT_FOUND."""
        return self._ask("DELETE", f"/space/keys/{part(id)}", "key")

    def list_platform_keys(self, *, user_id: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the keys of the whole platform, newest first, or those of one user. Raises INVALID_ARGUMENT."""
        return self._pages("/platform/keys", "keys", {"user_id": user_id, "limit": limit})

    def revoke_platform_key(self, id: str | int) -> Json:
        """Ends any key and all that were made with it. Raises NOT_FOUND."""
        return self._ask("DELETE", f"/platform/keys/{part(id)}", "key")

    def create_service_account(self, account: str, *, name: str | None = None, role: str | None = None, clearance: str | None = None, acting: bool | None = None) -> Json:
        """Creates a service account that belongs to the caller's space, with a role there when one is named. Raises INVALID_ARGUMENT, ALREADY_EXISTS, FORBIDDEN."""
        return self._ask("POST", "/service-accounts", "user", body={"account": account, "name": name, "role": role, "clearance": clearance, "acting": acting})

    def list_service_accounts(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the service accounts that belong to the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/service-accounts", "users", {"limit": limit})

    def update_service_account(self, id: str | int, expected_version: int, *, name: str | None = None, disabled: bool | None = None) -> Json:
        """Changes the fields that are sent; the keys of a disabled account end at once and for good. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/service-accounts/{part(id)}", "user", body={"name": name, "disabled": disabled, "expected_version": expected_version})

    def issue_service_key(self, id: str | int, name: str, *, valid_days: int | None = None, roles: list[str] | None = None, clearance: str | None = None) -> Json:
        """Makes a key of a service account of the caller's space, and shows it once; it sees no more than the caller may. Raises NOT_FOUND, INVALID_ARGUMENT, FORBIDDEN."""
        return self._ask("POST", f"/service-accounts/{part(id)}/keys", body={"name": name, "valid_days": valid_days, "roles": roles, "clearance": clearance})

    def rotate_service_key(self, id: str | int, *, overlap_minutes: int | None = None) -> Json:
        """Makes a key like a given one of a service account, shows it once and ends the given one after an overlap. Raises NOT_FOUND, INVALID_ARGUMENT, FORBIDDEN."""
        return self._ask("POST", f"/service-keys/{part(id)}/rotate", body={"overlap_minutes": overlap_minutes})

    def list_sessions(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the caller's sessions, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/sessions", "sessions", {"limit": limit})

    def revoke_session(self, id: str | int) -> Json:
        """Ends a session of the caller. Raises NOT_FOUND."""
        return self._ask("DELETE", f"/sessions/{part(id)}", "session")

    def list_audit(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists what was done in the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/audit", "events", {"limit": limit})

    def list_platform_audit(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists what was done anywhere on the platform, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/platform/audit", "events", {"limit": limit})
