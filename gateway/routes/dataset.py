"""Routes of the dataset domain."""

from gateway.routes.route import Route

D = "dataset"
ROUTES = (
    Route("POST", "/datasets", D, "CreateDataset", 201),
    Route("GET", "/datasets", D, "ListDatasets"),
    Route("GET", "/datasets/find", D, "FindDataset"),
    Route("GET", "/datasets/tasks", D, "ListTasks"),
    Route("GET", "/datasets/tasks/{id}", D, "GetTask"),
    Route("POST", "/datasets/tasks/{id}/cancel", D, "CancelTask"),
    Route("GET", "/datasets/tasks/{task_id}/dropped", D, "ListDropped"),
    Route("GET", "/datasets/versions/{id}", D, "GetVersion"),
    Route("GET", "/datasets/versions/{dataset_version_id}/records", D, "ReadRecords"),
    Route("GET", "/datasets/events", D, "ListStateEvents"),
    Route("GET", "/datasets/{id}", D, "GetDataset"),
    Route("PATCH", "/datasets/{id}", D, "UpdateDataset"),
    Route("DELETE", "/datasets/{id}", D, "DeleteDataset"),
    Route("POST", "/datasets/{dataset_id}/tasks", D, "CreateTask", 201),
    Route("GET", "/datasets/{dataset_id}/versions", D, "ListVersions"),
    Route("GET", "/datasets/{dataset_id}/versions/{reference}", D, "FindVersion"),
)
