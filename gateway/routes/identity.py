"""Routes of the identity domain. Signing in and out, and the exchange of a key, are in gateway/sign_in.py."""

from gateway.routes.route import Route

D = "identity"
ROUTES = (
    Route("POST", "/departments", D, "CreateDepartment", 201),
    Route("GET", "/departments", D, "ListDepartments"),
    Route("POST", "/users", D, "CreateUser", 201),
    Route("GET", "/users", D, "ListUsers"),
    Route("GET", "/users/{id}", D, "GetUser"),
    Route("PATCH", "/users/{id}", D, "UpdateUser"),
    Route("POST", "/users/{id}/password", D, "IssuePassword"),
    Route("POST", "/auth/password", D, "ChangePassword"),
    Route("POST", "/spaces", D, "CreateSpace", 201),
    Route("GET", "/spaces", D, "ListSpaces"),
    Route("POST", "/memberships", D, "CreateMembership", 201),
    Route("GET", "/memberships", D, "ListMemberships"),
    Route("PATCH", "/memberships/{id}", D, "UpdateMembership"),
    Route("DELETE", "/memberships/{id}", D, "DeleteMembership"),
    Route("POST", "/keys", D, "IssueKey", 201),
    Route("GET", "/keys", D, "ListKeys"),
    Route("DELETE", "/keys/{id}", D, "RevokeKey"),
    Route("GET", "/space/keys", D, "ListSpaceKeys"),
    Route("DELETE", "/space/keys/{id}", D, "RevokeSpaceKey"),
    Route("GET", "/platform/keys", D, "ListPlatformKeys"),
    Route("DELETE", "/platform/keys/{id}", D, "RevokePlatformKey"),
    Route("POST", "/service-accounts", D, "CreateServiceAccount", 201),
    Route("GET", "/service-accounts", D, "ListServiceAccounts"),
    Route("PATCH", "/service-accounts/{id}", D, "UpdateServiceAccount"),
    Route("POST", "/service-accounts/{id}/keys", D, "IssueServiceKey", 201),
    Route("POST", "/service-keys/{id}/rotate", D, "RotateServiceKey", 201),
    Route("GET", "/sessions", D, "ListSessions"),
    Route("DELETE", "/sessions/{id}", D, "RevokeSession"),
    Route("GET", "/audit", D, "ListAudit"),
    Route("GET", "/platform/audit", D, "ListPlatformAudit"),
)
