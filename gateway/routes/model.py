"""Routes of the model domain. The composed status, ``GET /models/{id}/status``, is in gateway/app.py."""

from gateway.routes.route import Route

D = "model"
ROUTES = (
    Route("POST", "/models", D, "CreateProject", 201),
    Route("GET", "/models", D, "ListProjects"),
    Route("GET", "/models/find", D, "FindProject"),
    Route("GET", "/models/resolve", D, "ResolveName"),
    Route("PATCH", "/models/aliases/{id}", D, "UpdateAlias"),
    Route("DELETE", "/models/aliases/{id}", D, "DeleteAlias"),
    Route("GET", "/models/versions/{id}", D, "GetVersion"),
    Route("POST", "/models/versions/{id}/retire", D, "RetireVersion"),
    Route("POST", "/models/versions/{id}/quarantine", D, "QuarantineVersion"),
    Route("GET", "/models/versions/{model_version_id}/verdict", D, "CheckGate"),
    Route("GET", "/models/versions/{model_version_id}/evidence", D, "ListEvidence"),
    Route("GET", "/models/versions/{model_version_id}/lineage", D, "GetLineage"),
    Route("GET", "/models/events", D, "ListStateEvents"),
    Route("GET", "/models/{id}", D, "GetProject"),
    Route("PATCH", "/models/{id}", D, "UpdateProject"),
    Route("DELETE", "/models/{id}", D, "DeleteProject"),
    Route("POST", "/models/{project_id}/versions", D, "CreateVersion", 201),
    Route("GET", "/models/{project_id}/versions", D, "ListVersions"),
    Route("POST", "/models/{project_id}/aliases", D, "CreateAlias", 201),
    Route("GET", "/models/{project_id}/aliases", D, "ListAliases"),
    Route("GET", "/models/{project_id}/gate", D, "GetGate"),
    Route("PUT", "/models/{project_id}/gate", D, "SetGate"),
)
