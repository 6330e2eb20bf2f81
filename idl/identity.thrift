// Who may do what: departments, users and service accounts, project spaces, memberships with roles and clearance, sign-in sessions, API keys, the
// audit trail.

namespace cpp modelyard.identity
namespace go modelyard.identity
namespace java modelyard.identity
namespace js modelyard.identity
namespace php modelyard.identity
namespace py modelyard.identity
namespace netstd Modelyard.Identity
namespace rb Modelyard.Identity

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

// A service account is a program: it has keys and no password, is never an administrator, and belongs to the space that made it.
enum UserKind {
    PERSON = 0,
    SERVICE = 1,
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
    11: UserKind kind,
    12: i64 home_space_id,      // of a service account: whose owners hold its keys; 0 for a person
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
    10: bool acting,            // a service account may act for members of this space who may do what this role may
    11: UserKind kind,          // of the user
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
    9: string account,
    10: UserKind kind,          // of its user
    11: i64 parent_id,          // the key it was made with: it ends no later than that one; 0 = a person who had signed in
    12: list<Role> roles,       // it may do no more than these; empty: all that its user may
    13: Clearance clearance,    // it sees no more than this
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
    4: string credential,       // session:<id>, key:<id>, service-key:<id>, or empty
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

struct GetFirstStartReq {
    255: optional base.Base base,
}

struct GetFirstStartResp {
    1: bool open,               // the only person here still has the password that the first start printed
    2: string account,          // theirs; empty where it is over
    255: optional base.BaseResp base_resp,
}

struct ChooseFirstPasswordReq {
    1: required string password,        // the one that was printed: it proves that the caller is at the machine
    2: required string new_password,
    3: optional string address,
    255: optional base.Base base,
}

struct ChooseFirstPasswordResp {
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
    2: i32 ended_keys,          // API keys of the user that ended with the old password
    3: i32 ended_sessions,
    255: optional base.BaseResp base_resp,
}

struct ChangePasswordReq {
    1: required string password,
    2: required string new_password,
    255: optional base.Base base,
}

struct ChangePasswordResp {
    1: bool changed,
    2: i32 ended_keys,
    3: i32 ended_sessions,
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
    4: optional bool acting,
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
    3: optional bool acting,
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
    3: optional list<Role> roles,
    4: optional Clearance clearance,
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
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RevokeKeyResp {
    1: ApiKey key,
    255: optional base.BaseResp base_resp,
}

struct ListSpaceKeysReq {
    1: optional i64 user_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListSpaceKeysResp {
    1: list<ApiKey> keys,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct RevokeSpaceKeyReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RevokeSpaceKeyResp {
    1: ApiKey key,
    255: optional base.BaseResp base_resp,
}

struct ListPlatformKeysReq {
    1: optional i64 user_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListPlatformKeysResp {
    1: list<ApiKey> keys,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct RevokePlatformKeyReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RevokePlatformKeyResp {
    1: ApiKey key,
    255: optional base.BaseResp base_resp,
}

struct CreateServiceAccountReq {
    1: required string account,
    2: optional string name,
    3: optional Role role,
    4: optional Clearance clearance,
    5: optional bool acting,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateServiceAccountResp {
    1: User user,
    255: optional base.BaseResp base_resp,
}

struct ListServiceAccountsReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListServiceAccountsResp {
    1: list<User> users,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct UpdateServiceAccountReq {
    1: required i64 id,
    2: optional string name,
    3: optional bool disabled,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateServiceAccountResp {
    1: User user,
    255: optional base.BaseResp base_resp,
}

struct IssueServiceKeyReq {
    1: required i64 id,
    2: required string name,
    3: optional i32 valid_days,
    4: optional list<Role> roles,
    5: optional Clearance clearance,
    255: optional base.Base base,
}

struct IssueServiceKeyResp {
    1: ApiKey key,
    2: string secret,           // the key itself, shown here once, kept only as a hash
    255: optional base.BaseResp base_resp,
}

struct RotateServiceKeyReq {
    1: required i64 id,
    2: optional i32 overlap_minutes,
    255: optional base.Base base,
}

struct RotateServiceKeyResp {
    1: ApiKey key,
    2: string secret,
    255: optional base.BaseResp base_resp,
}

struct ExchangeKeyReq {
    1: required string key,
    2: required string audience,            // the one service the identity is for: model, dataset, train, eval, deploy or identity
    3: optional i64 project_space_id,       // absent: the account's first
    4: optional string for_account,         // act for this member of the space
    255: optional base.Base base,
}

struct ExchangeKeyResp {
    1: string auth,             // for Base.auth
    2: i64 expire_time,
    3: i64 user_id,
    4: i64 project_space_id,
    5: list<Role> roles,
    6: Clearance clearance,
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
    252: optional string idempotency_key,
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
    // Opens a session with account and password; the same answer for an unknown account and a wrong password.
    // Caller: gateway. Mutation. Secret. Raises: SIGN_IN_FAILED, BUSY.
    SignInResp SignIn(1: SignInReq req) throws (1: base.PlatformError error),
    // Says whether the first owner has still to choose a password.
    // Caller: gateway. Read. Raises: none.
    GetFirstStartResp GetFirstStart(1: GetFirstStartReq req) throws (1: base.PlatformError error),
    // Replaces the password that the first start printed by one the owner chose, once, and opens a session; all others but the machine's own end.
    // Caller: gateway. Mutation. Secret. Raises: WRONG_PASSWORD, FIRST_START_OVER, INVALID_ARGUMENT, BUSY.
    ChooseFirstPasswordResp ChooseFirstPassword(1: ChooseFirstPasswordReq req) throws (1: base.PlatformError error),
    // Opens a session for a user whom an outside provider vouched for and an administrator linked.
    // Caller: gateway. Mutation. Secret. Raises: NOT_LINKED.
    SignInOutsideResp SignInOutside(1: SignInOutsideReq req) throws (1: base.PlatformError error),
    // Exchanges a refresh token, once; a second use of the same one ends the session.
    // Caller: gateway. Mutation. Secret. Raises: CREDENTIAL_ENDED.
    RefreshSessionResp RefreshSession(1: RefreshSessionReq req) throws (1: base.PlatformError error),
    // Ends the session of an access token.
    // Caller: gateway. Mutation. Secret. Raises: none.
    EndSessionResp EndSession(1: EndSessionReq req) throws (1: base.PlatformError error),
    // Says whose an access token or API key is and what its user may do where.
    // Caller: gateway. Read. Raises: CREDENTIAL_ENDED.
    ResolveCredentialResp ResolveCredential(1: ResolveCredentialReq req) throws (1: base.PlatformError error),
    // Creates a department. 新建部门。
    // Caller: administrator. Mutation. HTTP: POST /departments 201. Raises: INVALID_ARGUMENT, ALREADY_EXISTS.
    CreateDepartmentResp CreateDepartment(1: CreateDepartmentReq req) throws (1: base.PlatformError error),
    // Lists the departments, newest first. 列出部门，最新的在前。
    // Caller: administrator. Read. HTTP: GET /departments. Raises: INVALID_ARGUMENT.
    ListDepartmentsResp ListDepartments(1: ListDepartmentsReq req) throws (1: base.PlatformError error),
    // Creates a user who cannot sign in until a password is issued or an outside provider vouches. 新建用户；发放密码或由外部身份源担保之前不能登录。
    // Caller: administrator. Mutation. HTTP: POST /users 201. Raises: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS.
    CreateUserResp CreateUser(1: CreateUserReq req) throws (1: base.PlatformError error),
    // Reads one user. 读取一个用户。
    // Caller: administrator. Read. Inline. HTTP: GET /users/{id}. Raises: NOT_FOUND.
    GetUserResp GetUser(1: GetUserReq req) throws (1: base.PlatformError error),
    // Lists the users, newest first. 列出用户，最新的在前。
    // Caller: administrator. Read. HTTP: GET /users. Raises: INVALID_ARGUMENT.
    ListUsersResp ListUsers(1: ListUsersReq req) throws (1: base.PlatformError error),
    // Changes the fields that are sent; a disabled user's sessions and keys end at once and for good. 修改请求里给出的字段；停用的用户，其会话和密钥立即且永久失效。
    // Caller: administrator. Mutation. HTTP: PATCH /users/{id}. Raises: NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION.
    UpdateUserResp UpdateUser(1: UpdateUserReq req) throws (1: base.PlatformError error),
    // Makes a new password, shows it once and ends the user's sessions and API keys. 生成新密码，只显示一次，并结束该用户的会话和 API 密钥。
    // Caller: administrator. Mutation. Secret. HTTP: POST /users/{id}/password. Raises: NOT_FOUND, INVALID_ARGUMENT.
    IssuePasswordResp IssuePassword(1: IssuePasswordReq req) throws (1: base.PlatformError error),
    // Replaces the caller's own password and ends the caller's sessions and API keys. 更换调用者自己的密码，并结束其会话和 API 密钥。
    // Caller: viewer, administrator. Mutation. Secret. HTTP: POST /auth/password. Raises: WRONG_PASSWORD, INVALID_ARGUMENT, BUSY.
    ChangePasswordResp ChangePassword(1: ChangePasswordReq req) throws (1: base.PlatformError error),
    // Creates a project space; the caller becomes its owner. 新建项目空间；调用者成为所有者。
    // Caller: administrator. Mutation. HTTP: POST /spaces 201. Raises: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS.
    CreateSpaceResp CreateSpace(1: CreateSpaceReq req) throws (1: base.PlatformError error),
    // Lists all project spaces, newest first. 列出全部项目空间，最新的在前。
    // Caller: administrator. Read. HTTP: GET /spaces. Raises: INVALID_ARGUMENT.
    ListSpacesResp ListSpaces(1: ListSpacesReq req) throws (1: base.PlatformError error),
    // Gives a user a role in the caller's space; nobody gives more clearance than they have. 给用户一个当前空间里的角色；给出的密级不能高于自己的。
    // Caller: owner. Mutation. HTTP: POST /memberships 201. Raises: NOT_FOUND, ALREADY_EXISTS, FORBIDDEN, INVALID_ARGUMENT.
    CreateMembershipResp CreateMembership(1: CreateMembershipReq req) throws (1: base.PlatformError error),
    // Changes the clearance of a membership of the caller's space, and whether a service account may act for members. 修改当前空间里一个成员的密级。
    // Caller: owner. Mutation. HTTP: PATCH /memberships/{id}. Raises: NOT_FOUND, FORBIDDEN, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION.
    UpdateMembershipResp UpdateMembership(1: UpdateMembershipReq req) throws (1: base.PlatformError error),
    // Takes a role away; the last owner of a space stays, and with the last role of a person their keys for the space end. 收回一个角色；空间的最后一位所有者保留。
    // Caller: owner. Mutation. HTTP: DELETE /memberships/{id}. Raises: NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION.
    DeleteMembershipResp DeleteMembership(1: DeleteMembershipReq req) throws (1: base.PlatformError error),
    // Lists the memberships of the caller's space, newest first. 列出当前空间的成员，最新的在前。
    // Caller: viewer. Read. HTTP: GET /memberships. Raises: INVALID_ARGUMENT.
    ListMembershipsResp ListMemberships(1: ListMembershipsReq req) throws (1: base.PlatformError error),
    // Makes an API key that acts as the caller in the caller's space, and shows it once; one that is made with a key may do no more, lasts no longer and ends with it. 生成代表调用者在当前空间里行事的 API 密钥，只显示一次；用密钥生成的密钥，权限和期限都不超过它，并随它失效。
    // Caller: viewer. Mutation. Secret. HTTP: POST /keys 201. Raises: INVALID_ARGUMENT, FORBIDDEN, CREDENTIAL_ENDED.
    IssueKeyResp IssueKey(1: IssueKeyReq req) throws (1: base.PlatformError error),
    // Lists the caller's keys of the caller's space, newest first; to a key itself and what was made with it. 列出调用者在当前空间的密钥，最新的在前；用密钥调用时只列出它自己和由它生成的。
    // Caller: viewer. Read. HTTP: GET /keys. Raises: INVALID_ARGUMENT.
    ListKeysResp ListKeys(1: ListKeysReq req) throws (1: base.PlatformError error),
    // Ends a key of the caller and all that were made with it. 让调用者的一个密钥及由它生成的全部密钥失效。
    // Caller: viewer. Mutation. HTTP: DELETE /keys/{id}. Raises: NOT_FOUND.
    RevokeKeyResp RevokeKey(1: RevokeKeyReq req) throws (1: base.PlatformError error),
    // Lists everybody's keys of the caller's space, newest first, or those of one user. 列出当前空间里所有人或某个用户的密钥，最新的在前。
    // Caller: owner. Read. HTTP: GET /space/keys. Raises: INVALID_ARGUMENT.
    ListSpaceKeysResp ListSpaceKeys(1: ListSpaceKeysReq req) throws (1: base.PlatformError error),
    // Ends anybody's key of the caller's space and all that were made with it. 让当前空间里任何人的一个密钥及由它生成的全部密钥失效。
    // Caller: owner. Mutation. HTTP: DELETE /space/keys/{id}. Raises: NOT_FOUND.
    RevokeSpaceKeyResp RevokeSpaceKey(1: RevokeSpaceKeyReq req) throws (1: base.PlatformError error),
    // Lists the keys of the whole platform, newest first, or those of one user. 列出整个平台或某个用户的密钥，最新的在前。
    // Caller: administrator. Read. HTTP: GET /platform/keys. Raises: INVALID_ARGUMENT.
    ListPlatformKeysResp ListPlatformKeys(1: ListPlatformKeysReq req) throws (1: base.PlatformError error),
    // Ends any key and all that were made with it. 让任意一个密钥及由它生成的全部密钥失效。
    // Caller: administrator. Mutation. HTTP: DELETE /platform/keys/{id}. Raises: NOT_FOUND.
    RevokePlatformKeyResp RevokePlatformKey(1: RevokePlatformKeyReq req) throws (1: base.PlatformError error),
    // Creates a service account that belongs to the caller's space, with a role there when one is named. 新建属于当前空间的服务账号，可同时给它一个角色。
    // Caller: owner. Mutation. HTTP: POST /service-accounts 201. Raises: INVALID_ARGUMENT, ALREADY_EXISTS, FORBIDDEN.
    CreateServiceAccountResp CreateServiceAccount(1: CreateServiceAccountReq req) throws (1: base.PlatformError error),
    // Lists the service accounts that belong to the caller's space, newest first. 列出属于当前空间的服务账号，最新的在前。
    // Caller: owner. Read. HTTP: GET /service-accounts. Raises: INVALID_ARGUMENT.
    ListServiceAccountsResp ListServiceAccounts(1: ListServiceAccountsReq req) throws (1: base.PlatformError error),
    // Changes the fields that are sent; the keys of a disabled account end at once and for good. 修改请求里给出的字段；停用的账号，其密钥立即且永久失效。
    // Caller: owner. Mutation. HTTP: PATCH /service-accounts/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    UpdateServiceAccountResp UpdateServiceAccount(1: UpdateServiceAccountReq req) throws (1: base.PlatformError error),
    // Makes a key of a service account of the caller's space, and shows it once; it sees no more than the caller may. 生成当前空间一个服务账号的密钥，只显示一次；可见范围不超过调用者。
    // Caller: owner. Mutation. Secret. HTTP: POST /service-accounts/{id}/keys 201. Raises: NOT_FOUND, INVALID_ARGUMENT, FORBIDDEN.
    IssueServiceKeyResp IssueServiceKey(1: IssueServiceKeyReq req) throws (1: base.PlatformError error),
    // Makes a key like a given one of a service account, shows it once and ends the given one after an overlap. 生成与服务账号现有密钥相同的新密钥，只显示一次；旧密钥在重叠期后失效。
    // Caller: owner. Mutation. Secret. HTTP: POST /service-keys/{id}/rotate 201. Raises: NOT_FOUND, INVALID_ARGUMENT, FORBIDDEN.
    RotateServiceKeyResp RotateServiceKey(1: RotateServiceKeyReq req) throws (1: base.PlatformError error),
    // Gives the holder of a service account's key a signed identity for one service and one space, good for five minutes; the key itself is the proof. 凭服务账号的密钥换取面向一个服务、一个空间的签名身份，五分钟有效。
    // Caller: anybody. Mutation. Secret. Raises: CREDENTIAL_ENDED, INVALID_ARGUMENT, NOT_FOUND, FORBIDDEN.
    ExchangeKeyResp ExchangeKey(1: ExchangeKeyReq req) throws (1: base.PlatformError error),
    // Lists the caller's sessions, newest first. 列出调用者的会话，最新的在前。
    // Caller: viewer, administrator. Read. HTTP: GET /sessions. Raises: INVALID_ARGUMENT.
    ListSessionsResp ListSessions(1: ListSessionsReq req) throws (1: base.PlatformError error),
    // Ends a session of the caller. 结束调用者的一个会话。
    // Caller: viewer, administrator. Mutation. HTTP: DELETE /sessions/{id}. Raises: NOT_FOUND.
    RevokeSessionResp RevokeSession(1: RevokeSessionReq req) throws (1: base.PlatformError error),
    // Appends what the gateway saw people do.
    // Caller: gateway. Mutation. Raises: INVALID_ARGUMENT.
    RecordAuditResp RecordAudit(1: RecordAuditReq req) throws (1: base.PlatformError error),
    // Lists what was done in the caller's space, newest first. 列出当前空间里做过的事，最新的在前。
    // Caller: owner, inspector. Read. HTTP: GET /audit. Raises: INVALID_ARGUMENT.
    ListAuditResp ListAudit(1: ListAuditReq req) throws (1: base.PlatformError error),
    // Lists what was done anywhere on the platform, newest first. 列出整个平台上做过的事，最新的在前。
    // Caller: administrator. Read. HTTP: GET /platform/audit. Raises: INVALID_ARGUMENT.
    ListPlatformAuditResp ListPlatformAudit(1: ListPlatformAuditReq req) throws (1: base.PlatformError error),
}
