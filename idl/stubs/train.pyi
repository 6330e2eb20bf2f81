# Generated from idl/train.thrift by `make contract`; not edited by hand.
from typing import Protocol
from idl.stubs import base as _base
from idl.stubs import task as _task

class TrainConfig:
    id: int
    model_id: int
    name: str
    desc: str
    project_space_id: int
    method: str
    options_json: str
    user_id: int
    create_time: int
    update_time: int
    version: int
    base_version_id: int
    def __init__(self, id: int | None = ..., model_id: int | None = ..., name: str | None = ..., desc: str | None = ..., project_space_id: int | None = ..., method: str | None = ..., options_json: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ..., base_version_id: int | None = ...) -> None: ...

class TrainTask:
    id: int
    name: str
    desc: str
    project_space_id: int
    status: int
    reason: int
    progress_done: int
    progress_total: int
    progress_message: str
    attempt: int
    max_attempts: int
    failed_items: int
    snapshot_json: str
    snapshot_hash: str
    result_json: str
    error_json: str
    user_id: int
    create_time: int
    update_time: int
    start_time: int
    finish_time: int
    version: int
    model_id: int
    train_config_id: int
    model_version_id: int
    train_dataset_version_id: int
    valid_dataset_version_id: int
    artifact_uri: str
    artifact_digest: str
    base_version_id: int
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., project_space_id: int | None = ..., status: int | None = ..., reason: int | None = ..., progress_done: int | None = ..., progress_total: int | None = ..., progress_message: str | None = ..., attempt: int | None = ..., max_attempts: int | None = ..., failed_items: int | None = ..., snapshot_json: str | None = ..., snapshot_hash: str | None = ..., result_json: str | None = ..., error_json: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., start_time: int | None = ..., finish_time: int | None = ..., version: int | None = ..., model_id: int | None = ..., train_config_id: int | None = ..., model_version_id: int | None = ..., train_dataset_version_id: int | None = ..., valid_dataset_version_id: int | None = ..., artifact_uri: str | None = ..., artifact_digest: str | None = ..., base_version_id: int | None = ...) -> None: ...

class MetricPoint:
    step: int
    name: str
    value: float
    attempt: int
    create_time: int
    def __init__(self, step: int | None = ..., name: str | None = ..., value: float | None = ..., attempt: int | None = ..., create_time: int | None = ...) -> None: ...

class CreateConfigReq:
    model_id: int
    name: str
    desc: str | None
    method: str | None
    options_json: str | None
    base_version_id: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., name: str | None = ..., desc: str | None = ..., method: str | None = ..., options_json: str | None = ..., base_version_id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateConfigResp:
    config: TrainConfig
    base_resp: _base.BaseResp | None
    def __init__(self, config: TrainConfig | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetConfigReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetConfigResp:
    config: TrainConfig
    base_resp: _base.BaseResp | None
    def __init__(self, config: TrainConfig | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListConfigsReq:
    model_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListConfigsResp:
    configs: list[TrainConfig]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, configs: list[TrainConfig] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateConfigReq:
    id: int
    name: str | None
    desc: str | None
    options_json: str | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., options_json: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateConfigResp:
    config: TrainConfig
    base_resp: _base.BaseResp | None
    def __init__(self, config: TrainConfig | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateTaskReq:
    train_config_id: int
    train_dataset_version_id: int
    valid_dataset_version_id: int | None
    name: str | None
    desc: str | None
    reuse: bool | None
    max_attempts: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, train_config_id: int | None = ..., train_dataset_version_id: int | None = ..., valid_dataset_version_id: int | None = ..., name: str | None = ..., desc: str | None = ..., reuse: bool | None = ..., max_attempts: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DataPreview:
    looked_at: int
    left_out: int
    longest: int
    block_size: int
    max_left_out: float
    steps: int
    tokens: int
    parameters: int
    trained_parameters: int
    memory_bytes: int
    def __init__(self, looked_at: int | None = ..., left_out: int | None = ..., longest: int | None = ..., block_size: int | None = ..., max_left_out: float | None = ..., steps: int | None = ..., tokens: int | None = ..., parameters: int | None = ..., trained_parameters: int | None = ..., memory_bytes: int | None = ...) -> None: ...

class CreateTaskResp:
    train_task: TrainTask
    reused: bool
    preview: DataPreview | None
    base_resp: _base.BaseResp | None
    def __init__(self, train_task: TrainTask | None = ..., reused: bool | None = ..., preview: DataPreview | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetTaskReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetTaskResp:
    train_task: TrainTask
    base_resp: _base.BaseResp | None
    def __init__(self, train_task: TrainTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetTaskLogReq:
    task_id: int
    after: int | None
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., after: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetTaskLogResp:
    log: _task.TaskLog
    base_resp: _base.BaseResp | None
    def __init__(self, log: _task.TaskLog | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListTasksReq:
    model_id: int | None
    statuses: list[int] | None
    method: str | None
    user_id: int | None
    from_time: int | None
    to_time: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., statuses: list[int] | None = ..., method: str | None = ..., user_id: int | None = ..., from_time: int | None = ..., to_time: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListTasksResp:
    train_tasks: list[TrainTask]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, train_tasks: list[TrainTask] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CancelTaskReq:
    id: int
    cause: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., cause: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CancelTaskResp:
    train_task: TrainTask
    base_resp: _base.BaseResp | None
    def __init__(self, train_task: TrainTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class PauseTaskReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class PauseTaskResp:
    train_task: TrainTask
    base_resp: _base.BaseResp | None
    def __init__(self, train_task: TrainTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ResumeTaskReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ResumeTaskResp:
    train_task: TrainTask
    base_resp: _base.BaseResp | None
    def __init__(self, train_task: TrainTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListMetricsReq:
    task_id: int
    after_step: int | None
    names: list[str] | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., after_step: int | None = ..., names: list[str] | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListMetricsResp:
    points: list[MetricPoint]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, points: list[MetricPoint] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class LeftOutRecord:
    reason: str
    file: str
    row: int
    tokens: int
    excerpt: str
    def __init__(self, reason: str | None = ..., file: str | None = ..., row: int | None = ..., tokens: int | None = ..., excerpt: str | None = ...) -> None: ...

class ListLeftOutReq:
    task_id: int
    reason: str | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., reason: str | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListLeftOutResp:
    left_out: list[LeftOutRecord]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, left_out: list[LeftOutRecord] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetTrainStateReq:
    model_id: int
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetTrainStateResp:
    latest_task: TrainTask | None
    latest_metrics: dict[str, float]
    running_tasks: int
    as_of: int
    base_resp: _base.BaseResp | None
    def __init__(self, latest_task: TrainTask | None = ..., latest_metrics: dict[str, float] | None = ..., running_tasks: int | None = ..., as_of: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class TrainService(Protocol):
    def CreateConfig(self, req: CreateConfigReq) -> CreateConfigResp: ...
    def GetConfig(self, req: GetConfigReq) -> GetConfigResp: ...
    def ListConfigs(self, req: ListConfigsReq) -> ListConfigsResp: ...
    def UpdateConfig(self, req: UpdateConfigReq) -> UpdateConfigResp: ...
    def CreateTask(self, req: CreateTaskReq) -> CreateTaskResp: ...
    def GetTask(self, req: GetTaskReq) -> GetTaskResp: ...
    def GetTaskLog(self, req: GetTaskLogReq) -> GetTaskLogResp: ...
    def ListTasks(self, req: ListTasksReq) -> ListTasksResp: ...
    def CancelTask(self, req: CancelTaskReq) -> CancelTaskResp: ...
    def PauseTask(self, req: PauseTaskReq) -> PauseTaskResp: ...
    def ResumeTask(self, req: ResumeTaskReq) -> ResumeTaskResp: ...
    def ListMetrics(self, req: ListMetricsReq) -> ListMetricsResp: ...
    def ListLeftOut(self, req: ListLeftOutReq) -> ListLeftOutResp: ...
    def GetTrainState(self, req: GetTrainStateReq) -> GetTrainStateResp: ...
    def Ping(self, req: _base.PingReq) -> _base.PingResp: ...
    def CheckHealth(self, req: _base.CheckHealthReq) -> _base.CheckHealthResp: ...
    def ListStateEvents(self, req: _base.ListStateEventsReq) -> _base.ListStateEventsResp: ...
    def FollowChanges(self, req: _base.FollowChangesReq) -> _base.FollowChangesResp: ...
