# Generated from idl/identity.thrift by `make contract`; not edited by hand.
from typing import Protocol
from idl.stubs import base as _base

class Role:
    owner: int = 1
    developer: int = 2
    annotator: int = 3
    rater: int = 4
    inspector: int = 5
    agent: int = 6
    viewer: int = 7
    operator: int = 8

class Clearance:
    PUBLIC: int = 0
    INTERNAL: int = 10
    CONFIDENTIAL: int = 20
    SECRET: int = 30

class UserKind:
    PERSON: int = 0
    SERVICE: int = 1

class Department:
    id: int
    name: str
    desc: str
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class User:
    id: int
    account: str
    name: str
    department_id: int
    administrator: bool
    disabled: bool
    issuer: str
    create_time: int
    update_time: int
    version: int
    kind: int
    home_space_id: int
    def __init__(self, id: int | None = ..., account: str | None = ..., name: str | None = ..., department_id: int | None = ..., administrator: bool | None = ..., disabled: bool | None = ..., issuer: str | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ..., kind: int | None = ..., home_space_id: int | None = ...) -> None: ...

class ProjectSpace:
    id: int
    department_id: int
    name: str
    desc: str
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., department_id: int | None = ..., name: str | None = ..., desc: str | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class Membership:
    id: int
    user_id: int
    account: str
    project_space_id: int
    role: int
    clearance: int
    create_time: int
    update_time: int
    version: int
    acting: bool
    kind: int
    def __init__(self, id: int | None = ..., user_id: int | None = ..., account: str | None = ..., project_space_id: int | None = ..., role: int | None = ..., clearance: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ..., acting: bool | None = ..., kind: int | None = ...) -> None: ...

class ApiKey:
    id: int
    user_id: int
    project_space_id: int
    name: str
    prefix: str
    expire_time: int
    revoke_time: int
    create_time: int
    account: str
    kind: int
    parent_id: int
    roles: list[int]
    clearance: int
    def __init__(self, id: int | None = ..., user_id: int | None = ..., project_space_id: int | None = ..., name: str | None = ..., prefix: str | None = ..., expire_time: int | None = ..., revoke_time: int | None = ..., create_time: int | None = ..., account: str | None = ..., kind: int | None = ..., parent_id: int | None = ..., roles: list[int] | None = ..., clearance: int | None = ...) -> None: ...

class Session:
    id: int
    user_id: int
    address: str
    access_until: int
    refresh_until: int
    revoke_time: int
    create_time: int
    def __init__(self, id: int | None = ..., user_id: int | None = ..., address: str | None = ..., access_until: int | None = ..., refresh_until: int | None = ..., revoke_time: int | None = ..., create_time: int | None = ...) -> None: ...

class AuditEvent:
    id: int
    user_id: int
    project_space_id: int
    credential: str
    method: str
    object: str
    outcome: int
    address: str
    request_id: str
    event_time: int
    create_time: int
    def __init__(self, id: int | None = ..., user_id: int | None = ..., project_space_id: int | None = ..., credential: str | None = ..., method: str | None = ..., object: str | None = ..., outcome: int | None = ..., address: str | None = ..., request_id: str | None = ..., event_time: int | None = ..., create_time: int | None = ...) -> None: ...

class Place:
    project_space_id: int
    space_name: str
    roles: list[int]
    clearance: int
    def __init__(self, project_space_id: int | None = ..., space_name: str | None = ..., roles: list[int] | None = ..., clearance: int | None = ...) -> None: ...

class SignInReq:
    account: str
    password: str
    address: str | None
    base: _base.Base | None
    def __init__(self, account: str | None = ..., password: str | None = ..., address: str | None = ..., base: _base.Base | None = ...) -> None: ...

class SignInResp:
    user: User
    access_token: str
    refresh_token: str
    access_until: int
    refresh_until: int
    places: list[Place]
    base_resp: _base.BaseResp | None
    def __init__(self, user: User | None = ..., access_token: str | None = ..., refresh_token: str | None = ..., access_until: int | None = ..., refresh_until: int | None = ..., places: list[Place] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetFirstStartReq:
    base: _base.Base | None
    def __init__(self, base: _base.Base | None = ...) -> None: ...

class GetFirstStartResp:
    open: bool
    account: str
    base_resp: _base.BaseResp | None
    def __init__(self, open: bool | None = ..., account: str | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ChooseFirstPasswordReq:
    password: str
    new_password: str
    address: str | None
    base: _base.Base | None
    def __init__(self, password: str | None = ..., new_password: str | None = ..., address: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ChooseFirstPasswordResp:
    user: User
    access_token: str
    refresh_token: str
    access_until: int
    refresh_until: int
    places: list[Place]
    base_resp: _base.BaseResp | None
    def __init__(self, user: User | None = ..., access_token: str | None = ..., refresh_token: str | None = ..., access_until: int | None = ..., refresh_until: int | None = ..., places: list[Place] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class SignInOutsideReq:
    issuer: str
    subject: str
    name: str | None
    address: str | None
    base: _base.Base | None
    def __init__(self, issuer: str | None = ..., subject: str | None = ..., name: str | None = ..., address: str | None = ..., base: _base.Base | None = ...) -> None: ...

class SignInOutsideResp:
    user: User
    access_token: str
    refresh_token: str
    access_until: int
    refresh_until: int
    places: list[Place]
    base_resp: _base.BaseResp | None
    def __init__(self, user: User | None = ..., access_token: str | None = ..., refresh_token: str | None = ..., access_until: int | None = ..., refresh_until: int | None = ..., places: list[Place] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RefreshSessionReq:
    refresh_token: str
    base: _base.Base | None
    def __init__(self, refresh_token: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RefreshSessionResp:
    user: User
    access_token: str
    refresh_token: str
    access_until: int
    refresh_until: int
    places: list[Place]
    base_resp: _base.BaseResp | None
    def __init__(self, user: User | None = ..., access_token: str | None = ..., refresh_token: str | None = ..., access_until: int | None = ..., refresh_until: int | None = ..., places: list[Place] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class EndSessionReq:
    access_token: str
    base: _base.Base | None
    def __init__(self, access_token: str | None = ..., base: _base.Base | None = ...) -> None: ...

class EndSessionResp:
    ended: bool
    base_resp: _base.BaseResp | None
    def __init__(self, ended: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ResolveCredentialReq:
    token: str
    base: _base.Base | None
    def __init__(self, token: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ResolveCredentialResp:
    user: User
    credential: str
    valid_until: int
    places: list[Place]
    base_resp: _base.BaseResp | None
    def __init__(self, user: User | None = ..., credential: str | None = ..., valid_until: int | None = ..., places: list[Place] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateDepartmentReq:
    name: str
    desc: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., desc: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateDepartmentResp:
    department: Department
    base_resp: _base.BaseResp | None
    def __init__(self, department: Department | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListDepartmentsReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListDepartmentsResp:
    departments: list[Department]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, departments: list[Department] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateUserReq:
    account: str
    name: str | None
    department_id: int | None
    administrator: bool | None
    issuer: str | None
    subject: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, account: str | None = ..., name: str | None = ..., department_id: int | None = ..., administrator: bool | None = ..., issuer: str | None = ..., subject: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateUserResp:
    user: User
    base_resp: _base.BaseResp | None
    def __init__(self, user: User | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetUserReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetUserResp:
    user: User
    base_resp: _base.BaseResp | None
    def __init__(self, user: User | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListUsersReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListUsersResp:
    users: list[User]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, users: list[User] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateUserReq:
    id: int
    name: str | None
    disabled: bool | None
    administrator: bool | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., name: str | None = ..., disabled: bool | None = ..., administrator: bool | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateUserResp:
    user: User
    base_resp: _base.BaseResp | None
    def __init__(self, user: User | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class IssuePasswordReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class IssuePasswordResp:
    password: str
    ended_keys: int
    ended_sessions: int
    base_resp: _base.BaseResp | None
    def __init__(self, password: str | None = ..., ended_keys: int | None = ..., ended_sessions: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ChangePasswordReq:
    password: str
    new_password: str
    base: _base.Base | None
    def __init__(self, password: str | None = ..., new_password: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ChangePasswordResp:
    changed: bool
    ended_keys: int
    ended_sessions: int
    base_resp: _base.BaseResp | None
    def __init__(self, changed: bool | None = ..., ended_keys: int | None = ..., ended_sessions: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateSpaceReq:
    department_id: int
    name: str
    desc: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, department_id: int | None = ..., name: str | None = ..., desc: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateSpaceResp:
    space: ProjectSpace
    base_resp: _base.BaseResp | None
    def __init__(self, space: ProjectSpace | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListSpacesReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListSpacesResp:
    spaces: list[ProjectSpace]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, spaces: list[ProjectSpace] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateMembershipReq:
    account: str
    role: int
    clearance: int | None
    acting: bool | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, account: str | None = ..., role: int | None = ..., clearance: int | None = ..., acting: bool | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateMembershipResp:
    membership: Membership
    base_resp: _base.BaseResp | None
    def __init__(self, membership: Membership | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateMembershipReq:
    id: int
    clearance: int
    acting: bool | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., clearance: int | None = ..., acting: bool | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateMembershipResp:
    membership: Membership
    base_resp: _base.BaseResp | None
    def __init__(self, membership: Membership | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DeleteMembershipReq:
    id: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DeleteMembershipResp:
    membership: Membership
    base_resp: _base.BaseResp | None
    def __init__(self, membership: Membership | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListMembershipsReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListMembershipsResp:
    memberships: list[Membership]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, memberships: list[Membership] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class IssueKeyReq:
    name: str
    valid_days: int | None
    roles: list[int] | None
    clearance: int | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., valid_days: int | None = ..., roles: list[int] | None = ..., clearance: int | None = ..., base: _base.Base | None = ...) -> None: ...

class IssueKeyResp:
    key: ApiKey
    secret: str
    base_resp: _base.BaseResp | None
    def __init__(self, key: ApiKey | None = ..., secret: str | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListKeysReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListKeysResp:
    keys: list[ApiKey]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, keys: list[ApiKey] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RevokeKeyReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RevokeKeyResp:
    key: ApiKey
    base_resp: _base.BaseResp | None
    def __init__(self, key: ApiKey | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListSpaceKeysReq:
    user_id: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, user_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListSpaceKeysResp:
    keys: list[ApiKey]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, keys: list[ApiKey] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RevokeSpaceKeyReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RevokeSpaceKeyResp:
    key: ApiKey
    base_resp: _base.BaseResp | None
    def __init__(self, key: ApiKey | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListPlatformKeysReq:
    user_id: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, user_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListPlatformKeysResp:
    keys: list[ApiKey]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, keys: list[ApiKey] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RevokePlatformKeyReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RevokePlatformKeyResp:
    key: ApiKey
    base_resp: _base.BaseResp | None
    def __init__(self, key: ApiKey | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateServiceAccountReq:
    account: str
    name: str | None
    role: int | None
    clearance: int | None
    acting: bool | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, account: str | None = ..., name: str | None = ..., role: int | None = ..., clearance: int | None = ..., acting: bool | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateServiceAccountResp:
    user: User
    base_resp: _base.BaseResp | None
    def __init__(self, user: User | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListServiceAccountsReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListServiceAccountsResp:
    users: list[User]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, users: list[User] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateServiceAccountReq:
    id: int
    name: str | None
    disabled: bool | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., name: str | None = ..., disabled: bool | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateServiceAccountResp:
    user: User
    base_resp: _base.BaseResp | None
    def __init__(self, user: User | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class IssueServiceKeyReq:
    id: int
    name: str
    valid_days: int | None
    roles: list[int] | None
    clearance: int | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., name: str | None = ..., valid_days: int | None = ..., roles: list[int] | None = ..., clearance: int | None = ..., base: _base.Base | None = ...) -> None: ...

class IssueServiceKeyResp:
    key: ApiKey
    secret: str
    base_resp: _base.BaseResp | None
    def __init__(self, key: ApiKey | None = ..., secret: str | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RotateServiceKeyReq:
    id: int
    overlap_minutes: int | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., overlap_minutes: int | None = ..., base: _base.Base | None = ...) -> None: ...

class RotateServiceKeyResp:
    key: ApiKey
    secret: str
    base_resp: _base.BaseResp | None
    def __init__(self, key: ApiKey | None = ..., secret: str | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ExchangeKeyReq:
    key: str
    audience: str
    project_space_id: int | None
    for_account: str | None
    base: _base.Base | None
    def __init__(self, key: str | None = ..., audience: str | None = ..., project_space_id: int | None = ..., for_account: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ExchangeKeyResp:
    auth: str
    expire_time: int
    user_id: int
    project_space_id: int
    roles: list[int]
    clearance: int
    base_resp: _base.BaseResp | None
    def __init__(self, auth: str | None = ..., expire_time: int | None = ..., user_id: int | None = ..., project_space_id: int | None = ..., roles: list[int] | None = ..., clearance: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListSessionsReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListSessionsResp:
    sessions: list[Session]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, sessions: list[Session] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RevokeSessionReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RevokeSessionResp:
    session: Session
    base_resp: _base.BaseResp | None
    def __init__(self, session: Session | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RecordAuditReq:
    events: list[AuditEvent]
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, events: list[AuditEvent] | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RecordAuditResp:
    recorded: int
    base_resp: _base.BaseResp | None
    def __init__(self, recorded: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListAuditReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListAuditResp:
    events: list[AuditEvent]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, events: list[AuditEvent] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListPlatformAuditReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListPlatformAuditResp:
    events: list[AuditEvent]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, events: list[AuditEvent] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class IdentityService(Protocol):
    def SignIn(self, req: SignInReq) -> SignInResp: ...
    def GetFirstStart(self, req: GetFirstStartReq) -> GetFirstStartResp: ...
    def ChooseFirstPassword(self, req: ChooseFirstPasswordReq) -> ChooseFirstPasswordResp: ...
    def SignInOutside(self, req: SignInOutsideReq) -> SignInOutsideResp: ...
    def RefreshSession(self, req: RefreshSessionReq) -> RefreshSessionResp: ...
    def EndSession(self, req: EndSessionReq) -> EndSessionResp: ...
    def ResolveCredential(self, req: ResolveCredentialReq) -> ResolveCredentialResp: ...
    def CreateDepartment(self, req: CreateDepartmentReq) -> CreateDepartmentResp: ...
    def ListDepartments(self, req: ListDepartmentsReq) -> ListDepartmentsResp: ...
    def CreateUser(self, req: CreateUserReq) -> CreateUserResp: ...
    def GetUser(self, req: GetUserReq) -> GetUserResp: ...
    def ListUsers(self, req: ListUsersReq) -> ListUsersResp: ...
    def UpdateUser(self, req: UpdateUserReq) -> UpdateUserResp: ...
    def IssuePassword(self, req: IssuePasswordReq) -> IssuePasswordResp: ...
    def ChangePassword(self, req: ChangePasswordReq) -> ChangePasswordResp: ...
    def CreateSpace(self, req: CreateSpaceReq) -> CreateSpaceResp: ...
    def ListSpaces(self, req: ListSpacesReq) -> ListSpacesResp: ...
    def CreateMembership(self, req: CreateMembershipReq) -> CreateMembershipResp: ...
    def UpdateMembership(self, req: UpdateMembershipReq) -> UpdateMembershipResp: ...
    def DeleteMembership(self, req: DeleteMembershipReq) -> DeleteMembershipResp: ...
    def ListMemberships(self, req: ListMembershipsReq) -> ListMembershipsResp: ...
    def IssueKey(self, req: IssueKeyReq) -> IssueKeyResp: ...
    def ListKeys(self, req: ListKeysReq) -> ListKeysResp: ...
    def RevokeKey(self, req: RevokeKeyReq) -> RevokeKeyResp: ...
    def ListSpaceKeys(self, req: ListSpaceKeysReq) -> ListSpaceKeysResp: ...
    def RevokeSpaceKey(self, req: RevokeSpaceKeyReq) -> RevokeSpaceKeyResp: ...
    def ListPlatformKeys(self, req: ListPlatformKeysReq) -> ListPlatformKeysResp: ...
    def RevokePlatformKey(self, req: RevokePlatformKeyReq) -> RevokePlatformKeyResp: ...
    def CreateServiceAccount(self, req: CreateServiceAccountReq) -> CreateServiceAccountResp: ...
    def ListServiceAccounts(self, req: ListServiceAccountsReq) -> ListServiceAccountsResp: ...
    def UpdateServiceAccount(self, req: UpdateServiceAccountReq) -> UpdateServiceAccountResp: ...
    def IssueServiceKey(self, req: IssueServiceKeyReq) -> IssueServiceKeyResp: ...
    def RotateServiceKey(self, req: RotateServiceKeyReq) -> RotateServiceKeyResp: ...
    def ExchangeKey(self, req: ExchangeKeyReq) -> ExchangeKeyResp: ...
    def ListSessions(self, req: ListSessionsReq) -> ListSessionsResp: ...
    def RevokeSession(self, req: RevokeSessionReq) -> RevokeSessionResp: ...
    def RecordAudit(self, req: RecordAuditReq) -> RecordAuditResp: ...
    def ListAudit(self, req: ListAuditReq) -> ListAuditResp: ...
    def ListPlatformAudit(self, req: ListPlatformAuditReq) -> ListPlatformAuditResp: ...
    def Ping(self, req: _base.PingReq) -> _base.PingResp: ...
    def CheckHealth(self, req: _base.CheckHealthReq) -> _base.CheckHealthResp: ...
    def ListStateEvents(self, req: _base.ListStateEventsReq) -> _base.ListStateEventsResp: ...
    def FollowChanges(self, req: _base.FollowChangesReq) -> _base.FollowChangesResp: ...
