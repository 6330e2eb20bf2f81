"""Routes of the deploy domain."""

from gateway.routes.route import Route

D = "deploy"
ROUTES = (
    Route("POST", "/deploy/configs", D, "CreateConfig", 201),
    Route("GET", "/deploy/configs", D, "ListConfigs"),
    Route("GET", "/deploy/configs/{id}", D, "GetConfig"),
    Route("POST", "/deploy/work-orders", D, "CreateWorkOrder", 201),
    Route("GET", "/deploy/work-orders", D, "ListWorkOrders"),
    Route("GET", "/deploy/work-orders/{id}", D, "GetWorkOrder"),
    Route("POST", "/deploy/work-orders/{id}/approve", D, "ApproveWorkOrder"),
    Route("POST", "/deploy/work-orders/{id}/reject", D, "RejectWorkOrder"),
    Route("POST", "/deploy/work-orders/{id}/cancel", D, "CancelWorkOrder"),
    Route("POST", "/deploy/work-orders/{id}/rollback", D, "RollBackWorkOrder"),
    Route("GET", "/deploy/slots", D, "ListSlots"),
    Route("GET", "/deploy/slots/{id}", D, "GetSlot"),
    Route("GET", "/deploy/models/{model_id}/endpoints", D, "ResolveModel"),
    Route("GET", "/deploy/events", D, "ListStateEvents"),
)
