"""Routes of the train domain."""

from gateway.routes.route import Route

D = "train"
ROUTES = (
    Route("POST", "/train/configs", D, "CreateConfig", 201),
    Route("GET", "/train/configs", D, "ListConfigs"),
    Route("GET", "/train/configs/{id}", D, "GetConfig"),
    Route("PATCH", "/train/configs/{id}", D, "UpdateConfig"),
    Route("POST", "/train/tasks", D, "CreateTask", 201),
    Route("GET", "/train/tasks", D, "ListTasks"),
    Route("GET", "/train/tasks/{id}", D, "GetTask"),
    Route("POST", "/train/tasks/{id}/cancel", D, "CancelTask"),
    Route("POST", "/train/tasks/{id}/pause", D, "PauseTask"),
    Route("POST", "/train/tasks/{id}/resume", D, "ResumeTask"),
    Route("GET", "/train/tasks/{task_id}/metrics", D, "ListMetrics"),
    Route("GET", "/train/events", D, "ListStateEvents"),
)
