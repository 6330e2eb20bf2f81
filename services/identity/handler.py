"""The Thrift door of the identity domain: which verb answers which RPC."""

from __future__ import annotations

from libs.common.rpc.door import Verb, answers
from services.identity.service import IdentityService

# Reads by key, short enough for the event loop on the embedded store. Signing in is not: a password takes long on purpose.
INLINE = frozenset({"GetUser"})


def verbs(s: IdentityService) -> dict[str, Verb]:
    return {
        "SignIn": answers(s.sign_in),
        "SignInOutside": answers(s.sign_in_outside),
        "RefreshSession": answers(s.refresh_session),
        "EndSession": answers(s.end_session, "ended"),
        "ResolveCredential": answers(s.resolve_credential),
        "CreateDepartment": answers(s.create_department, "department"),
        "ListDepartments": answers(s.list_departments, "departments"),
        "CreateUser": answers(s.create_user, "user"),
        "GetUser": answers(s.get_user, "user"),
        "ListUsers": answers(s.list_users, "users"),
        "UpdateUser": answers(s.update_user, "user"),
        "IssuePassword": answers(s.issue_password, "password"),
        "ChangePassword": answers(s.change_password, "changed"),
        "CreateSpace": answers(s.create_space, "space"),
        "ListSpaces": answers(s.list_spaces, "spaces"),
        "CreateMembership": answers(s.create_membership, "membership"),
        "UpdateMembership": answers(s.update_membership, "membership"),
        "DeleteMembership": answers(s.delete_membership, "membership"),
        "ListMemberships": answers(s.list_memberships, "memberships"),
        "IssueKey": answers(s.issue_key, "key", "secret"),
        "ListKeys": answers(s.list_keys, "keys"),
        "RevokeKey": answers(s.revoke_key, "key"),
        "ListSessions": answers(s.list_sessions, "sessions"),
        "RevokeSession": answers(s.revoke_session, "session"),
        "RecordAudit": answers(s.record_audit, "recorded"),
        "ListAudit": answers(s.list_audit, "events"),
        "ListPlatformAudit": answers(s.list_platform_audit, "events"),
    }
