// Who may do what: departments, users, project spaces, memberships with roles and clearance, sign-in sessions, API keys, the audit trail.

include "base.thrift"
include "task.thrift"

// A role of a user in one project space. What a role implies: libs/common/identity/rights.py.
enum Role {
    owner = 1,
    developer = 2,
    annotator = 3,
    rater = 4,
    inspector = 5,
    agent = 6,
    viewer = 7,
    operator = 8,
}

// The same levels as dataset.SecrecyLevel: the highest one a member may see.
enum Clearance {
    PUBLIC = 0,
    INTERNAL = 10,
    CONFIDENTIAL = 20,
    SECRET = 30,
}

struct Department {
    1: i64 id,
    2: string name,
    3: string desc,
    4: i64 create_time,
    5: i64 update_time,
    6: i32 version,
}

struct User {
    1: i64 id,
    2: string account,
    3: string name,
    4: i64 department_id,
    5: bool administrator,
    6: bool disabled,
    7: string issuer,           // of an outside identity provider; empty: a local account
    8: i64 create_time,
    9: i64 update_time,
    10: i32 version,
}

struct ProjectSpace {
    1: i64 id,
    2: i64 department_id,
    3: string name,
    4: string desc,
    5: i64 create_time,
    6: i64 update_time,
    7: i32 version,
}

// One role of one user in one space; several rows are several roles. The clearance of a user in a space is the highest of its rows.
struct Membership {
    1: i64 id,
    2: i64 user_id,
    3: string account,
    4: i64 project_space_id,
    5: Role role,
    6: Clearance clearance,
    7: i64 create_time,
    8: i64 update_time,
    9: i32 version,
}

// What is shown of a key: never the key.
struct ApiKey {
    1: i64 id,
    2: i64 user_id,
    3: i64 project_space_id,
    4: string name,
    5: string prefix,
    6: i64 expire_time,
    7: i64 revoke_time,         // 0 = valid
    8: i64 create_time,
}

struct Session {
    1: i64 id,
    2: i64 user_id,
    3: string address,
    4: i64 access_until,
    5: i64 refresh_until,
    6: i64 revoke_time,         // 0 = valid
    7: i64 create_time,
}

struct AuditEvent {
    1: i64 id,
    2: i64 user_id,
    3: i64 project_space_id,
    4: string credential,       // session:<id>, key:<id>, or empty
    5: string method,           // domain.Rpc, or the verb and path where there is none
    6: string object,           // what it was about, e.g. id=7
    7: i32 outcome,             // HTTP number of the answer
    8: string address,
    9: string request_id,
    10: i64 event_time,
    11: i64 create_time,
}

// A user's roles in one space, together.
struct Place {
    1: i64 project_space_id,
    2: string space_name,
    3: list<Role> roles,
    4: Clearance clearance,
}

struct SignInReq {
    1: required string account,
    2: required string password,
    3: optional string address,
    255: optional base.Base base,
}

struct SignInResp {
    1: User user,
    2: string access_token,
    3: string refresh_token,
    4: i64 access_until,
    5: i64 refresh_until,
    6: list<Place> places,
    255: optional base.BaseResp base_resp,
}

struct SignInOutsideReq {
    1: required string issuer,
    2: required string subject,
    3: optional string name,
    4: optional string address,
    255: optional base.Base base,
}

struct SignInOutsideResp {
    1: User user,
    2: string access_token,
    3: string refresh_token,
    4: i64 access_until,
    5: i64 refresh_until,
    6: list<Place> places,
    255: optional base.BaseResp base_resp,
}

struct RefreshSessionReq {
    1: required string refresh_token,
    255: optional base.Base base,
}

struct RefreshSessionResp {
    1: User user,
    2: string access_token,
    3: string refresh_token,
    4: i64 access_until,
    5: i64 refresh_until,
    6: list<Place> places,
    255: optional base.BaseResp base_resp,
}

struct EndSessionReq {
    1: required string access_token,
    255: optional base.Base base,
}

struct EndSessionResp {
    1: bool ended,
    255: optional base.BaseResp base_resp,
}

struct ResolveCredentialReq {
    1: required string token,
    255: optional base.Base base,
}

struct ResolveCredentialResp {
    1: User user,
    2: string credential,
    3: i64 valid_until,
    4: list<Place> places,
    255: optional base.BaseResp base_resp,
}

struct CreateDepartmentReq {
    1: required string name,
    2: optional string desc,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateDepartmentResp {
    1: Department department,
    255: optional base.BaseResp base_resp,
}

struct ListDepartmentsReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListDepartmentsResp {
    1: list<Department> departments,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct CreateUserReq {
    1: required string account,
    2: optional string name,
    3: optional i64 department_id,
    4: optional bool administrator,
    5: optional string issuer,
    6: optional string subject,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateUserResp {
    1: User user,
    255: optional base.BaseResp base_resp,
}

struct GetUserReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetUserResp {
    1: User user,
    255: optional base.BaseResp base_resp,
}

struct ListUsersReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListUsersResp {
    1: list<User> users,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct UpdateUserReq {
    1: required i64 id,
    2: optional string name,
    3: optional bool disabled,
    4: optional bool administrator,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateUserResp {
    1: User user,
    255: optional base.BaseResp base_resp,
}

struct IssuePasswordReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct IssuePasswordResp {
    1: string password,         // shown here once, kept only as an argon2 hash
    255: optional base.BaseResp base_resp,
}

struct ChangePasswordReq {
    1: required string password,
    2: required string new_password,
    255: optional base.Base base,
}

struct ChangePasswordResp {
    1: bool changed,
    255: optional base.BaseResp base_resp,
}

struct CreateSpaceReq {
    1: required i64 department_id,
    2: required string name,
    3: optional string desc,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateSpaceResp {
    1: ProjectSpace space,
    255: optional base.BaseResp base_resp,
}

struct ListSpacesReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListSpacesResp {
    1: list<ProjectSpace> spaces,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct CreateMembershipReq {
    1: required string account,
    2: required Role role,
    3: optional Clearance clearance,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateMembershipResp {
    1: Membership membership,
    255: optional base.BaseResp base_resp,
}

struct UpdateMembershipReq {
    1: required i64 id,
    2: required Clearance clearance,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateMembershipResp {
    1: Membership membership,
    255: optional base.BaseResp base_resp,
}

struct DeleteMembershipReq {
    1: required i64 id,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct DeleteMembershipResp {
    1: Membership membership,
    255: optional base.BaseResp base_resp,
}

struct ListMembershipsReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListMembershipsResp {
    1: list<Membership> memberships,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct IssueKeyReq {
    1: required string name,
    2: optional i32 valid_days,
    255: optional base.Base base,
}

struct IssueKeyResp {
    1: ApiKey key,
    2: string secret,           // the key itself, shown here once, kept only as a hash
    255: optional base.BaseResp base_resp,
}

struct ListKeysReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListKeysResp {
    1: list<ApiKey> keys,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct RevokeKeyReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct RevokeKeyResp {
    1: ApiKey key,
    255: optional base.BaseResp base_resp,
}

struct ListSessionsReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListSessionsResp {
    1: list<Session> sessions,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct RevokeSessionReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct RevokeSessionResp {
    1: Session session,
    255: optional base.BaseResp base_resp,
}

struct RecordAuditReq {
    1: required list<AuditEvent> events,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RecordAuditResp {
    1: i32 recorded,
    255: optional base.BaseResp base_resp,
}

struct ListAuditReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListAuditResp {
    1: list<AuditEvent> events,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct ListPlatformAuditReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListPlatformAuditResp {
    1: list<AuditEvent> events,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

service IdentityService extends base.PlatformService {
    // Opens a session with account and password; the same answer for an unknown account and a wrong password. Caller: gateway. Raises: UNAUTHENTICATED, BUSY. Idempotent: yes, each call opens one of its own.
    SignInResp SignIn(1: SignInReq req) throws (1: base.PlatformError error),
    // Opens a session for a user whom an outside provider vouched for and an administrator linked. Caller: gateway. Raises: UNAUTHENTICATED. Idempotent: yes, each call opens one of its own.
    SignInOutsideResp SignInOutside(1: SignInOutsideReq req) throws (1: base.PlatformError error),
    // Exchanges a refresh token, once; a second use of the same one ends the session. Caller: gateway. Raises: UNAUTHENTICATED. Idempotent: yes, but a token is good for one use.
    RefreshSessionResp RefreshSession(1: RefreshSessionReq req) throws (1: base.PlatformError error),
    // Ends the session of an access token. Caller: gateway. Raises: none. Idempotent: yes.
    EndSessionResp EndSession(1: EndSessionReq req) throws (1: base.PlatformError error),
    // Says whose an access token or API key is and what its user may do where. Caller: gateway. Raises: UNAUTHENTICATED. Idempotent: yes.
    ResolveCredentialResp ResolveCredential(1: ResolveCredentialReq req) throws (1: base.PlatformError error),
    // Creates a department. Caller: administrator. Raises: INVALID_ARGUMENT, ALREADY_EXISTS. Idempotent: by key.
    CreateDepartmentResp CreateDepartment(1: CreateDepartmentReq req) throws (1: base.PlatformError error),
    // Lists the departments, newest first. Caller: administrator. Raises: INVALID_ARGUMENT. Idempotent: yes.
    ListDepartmentsResp ListDepartments(1: ListDepartmentsReq req) throws (1: base.PlatformError error),
    // Creates a user who cannot sign in until a password is issued or an outside provider vouches. Caller: administrator. Raises: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS. Idempotent: by key.
    CreateUserResp CreateUser(1: CreateUserReq req) throws (1: base.PlatformError error),
    // Reads one user. Caller: administrator. Raises: NOT_FOUND. Idempotent: yes.
    GetUserResp GetUser(1: GetUserReq req) throws (1: base.PlatformError error),
    // Lists the users, newest first. Caller: administrator. Raises: INVALID_ARGUMENT. Idempotent: yes.
    ListUsersResp ListUsers(1: ListUsersReq req) throws (1: base.PlatformError error),
    // Changes the fields that are sent; a disabled user's sessions and keys end at once. Caller: administrator. Raises: NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION. Idempotent: by key.
    UpdateUserResp UpdateUser(1: UpdateUserReq req) throws (1: base.PlatformError error),
    // Makes a new password, shows it once and ends the user's sessions. Caller: administrator. Raises: NOT_FOUND. Idempotent: yes, the last one counts.
    IssuePasswordResp IssuePassword(1: IssuePasswordReq req) throws (1: base.PlatformError error),
    // Replaces the caller's own password and ends the caller's sessions. Caller: viewer, administrator. Raises: UNAUTHENTICATED, INVALID_ARGUMENT, BUSY. Idempotent: yes, the last one counts.
    ChangePasswordResp ChangePassword(1: ChangePasswordReq req) throws (1: base.PlatformError error),
    // Creates a project space; the caller becomes its owner. Caller: administrator. Raises: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS. Idempotent: by key.
    CreateSpaceResp CreateSpace(1: CreateSpaceReq req) throws (1: base.PlatformError error),
    // Lists all project spaces, newest first. Caller: administrator. Raises: INVALID_ARGUMENT. Idempotent: yes.
    ListSpacesResp ListSpaces(1: ListSpacesReq req) throws (1: base.PlatformError error),
    // Gives a user a role in the caller's space; nobody gives more clearance than they have. Caller: owner. Raises: NOT_FOUND, ALREADY_EXISTS, FORBIDDEN. Idempotent: by key.
    CreateMembershipResp CreateMembership(1: CreateMembershipReq req) throws (1: base.PlatformError error),
    // Changes the clearance of a membership of the caller's space. Caller: owner. Raises: NOT_FOUND, FORBIDDEN, STALE_VERSION, MISSING_VERSION. Idempotent: by key.
    UpdateMembershipResp UpdateMembership(1: UpdateMembershipReq req) throws (1: base.PlatformError error),
    // Takes a role away; the last owner of a space stays. Caller: owner. Raises: NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION. Idempotent: by key.
    DeleteMembershipResp DeleteMembership(1: DeleteMembershipReq req) throws (1: base.PlatformError error),
    // Lists the memberships of the caller's space, newest first. Caller: viewer. Raises: INVALID_ARGUMENT. Idempotent: yes.
    ListMembershipsResp ListMemberships(1: ListMembershipsReq req) throws (1: base.PlatformError error),
    // Makes an API key that acts as the caller in the caller's space, and shows it once. Caller: viewer. Raises: INVALID_ARGUMENT. Idempotent: yes, each call makes one of its own.
    IssueKeyResp IssueKey(1: IssueKeyReq req) throws (1: base.PlatformError error),
    // Lists the caller's keys of the caller's space, newest first. Caller: viewer. Raises: INVALID_ARGUMENT. Idempotent: yes.
    ListKeysResp ListKeys(1: ListKeysReq req) throws (1: base.PlatformError error),
    // Ends a key of the caller. Caller: viewer. Raises: NOT_FOUND. Idempotent: yes.
    RevokeKeyResp RevokeKey(1: RevokeKeyReq req) throws (1: base.PlatformError error),
    // Lists the caller's sessions, newest first. Caller: viewer, administrator. Raises: INVALID_ARGUMENT. Idempotent: yes.
    ListSessionsResp ListSessions(1: ListSessionsReq req) throws (1: base.PlatformError error),
    // Ends a session of the caller. Caller: viewer, administrator. Raises: NOT_FOUND. Idempotent: yes.
    RevokeSessionResp RevokeSession(1: RevokeSessionReq req) throws (1: base.PlatformError error),
    // Appends what the gateway saw people do. Caller: gateway. Raises: INVALID_ARGUMENT. Idempotent: by key.
    RecordAuditResp RecordAudit(1: RecordAuditReq req) throws (1: base.PlatformError error),
    // Lists what was done in the caller's space, newest first. Caller: owner, inspector. Raises: INVALID_ARGUMENT. Idempotent: yes.
    ListAuditResp ListAudit(1: ListAuditReq req) throws (1: base.PlatformError error),
    // Lists what was done anywhere on the platform, newest first. Caller: administrator. Raises: INVALID_ARGUMENT. Idempotent: yes.
    ListPlatformAuditResp ListPlatformAudit(1: ListPlatformAuditReq req) throws (1: base.PlatformError error),
}
