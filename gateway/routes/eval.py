"""Routes of the eval domain."""

from gateway.routes.route import Route

D = "eval"
ROUTES = (
    Route("POST", "/eval/configs", D, "CreateConfig", 201),
    Route("GET", "/eval/configs", D, "ListConfigs"),
    Route("GET", "/eval/configs/{id}", D, "GetConfig"),
    Route("POST", "/eval/tasks", D, "CreateTask", 201),
    Route("GET", "/eval/tasks", D, "ListTasks"),
    Route("GET", "/eval/tasks/{id}", D, "GetTask"),
    Route("POST", "/eval/tasks/{id}/cancel", D, "CancelTask"),
    Route("GET", "/eval/tasks/{task_id}/items", D, "ListItems"),
    Route("GET", "/eval/events", D, "ListStateEvents"),
)
