// Train domain: configs, tasks with a frozen snapshot, live metrics.

namespace cpp modelyard.train
namespace go modelyard.train
namespace java modelyard.train
namespace js modelyard.train
namespace php modelyard.train
namespace py modelyard.train
namespace netstd Modelyard.Train
namespace rb Modelyard.Train

include "base.thrift"
include "task.thrift"

struct TrainConfig {
    1: i64 id,
    2: i64 model_id,
    3: string name,
    4: string desc,
    5: i64 project_space_id,
    6: string method,    // scratch: a small causal language model from nothing; sft, lora, dpo: tune a version
    7: string options_json,
    8: i64 user_id,
    9: i64 create_time,
    10: i64 update_time,
    11: i32 version,
    12: i64 base_version_id,    // the model version it goes on from, 0 = none
}

struct TrainTask {
    1: i64 id,
    2: string name,
    3: string desc,
    4: i64 project_space_id,
    5: task.TaskStatus status,
    6: task.TaskReason reason,
    7: i64 progress_done,
    8: i64 progress_total,
    9: string progress_message,
    10: i32 attempt,
    11: i32 max_attempts,
    12: i64 failed_items,
    13: string snapshot_json,
    14: string snapshot_hash,
    15: string result_json,
    16: string error_json,
    17: i64 user_id,
    18: i64 create_time,
    19: i64 update_time,
    20: i64 start_time,
    21: i64 finish_time,
    22: i32 version,
    40: i64 model_id,
    41: i64 train_config_id,
    42: i64 model_version_id,
    43: i64 train_dataset_version_id,
    44: i64 valid_dataset_version_id,    // 0 = none
    45: string artifact_uri,
    46: string artifact_digest,
    47: i64 base_version_id,    // the model version it goes on from, 0 = none
}

struct MetricPoint {
    1: i64 step,
    2: string name,
    3: double value,
    4: i32 attempt,
    5: i64 create_time,
}

struct CreateConfigReq {
    1: required i64 model_id,
    2: required string name,
    3: optional string desc,
    4: optional string method,
    5: optional string options_json,
    6: optional i64 base_version_id,    // required where the method tunes a version
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateConfigResp {
    1: TrainConfig config,
    255: optional base.BaseResp base_resp,
}

struct GetConfigReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetConfigResp {
    1: TrainConfig config,
    255: optional base.BaseResp base_resp,
}

struct ListConfigsReq {
    1: required i64 model_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListConfigsResp {
    1: list<TrainConfig> configs,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct UpdateConfigReq {
    1: required i64 id,
    2: optional string name,
    3: optional string desc,
    4: optional string options_json,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateConfigResp {
    1: TrainConfig config,
    255: optional base.BaseResp base_resp,
}

struct CreateTaskReq {
    1: required i64 train_config_id,
    2: required i64 train_dataset_version_id,
    3: optional i64 valid_dataset_version_id,
    4: optional string name,
    5: optional string desc,
    6: optional bool reuse,
    7: optional i32 max_attempts,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

// What a training would leave out, foreseen before it starts.
struct DataPreview {
    1: i64 looked_at,        // records looked at: the first ones
    2: i64 left_out,         // of them: longer than block_size, or with a turn without words
    3: i32 longest,          // tokens
    4: i32 block_size,       // tokens
    5: double max_left_out,  // a larger share of all records fails the task
    6: i64 steps,            // from here on of the whole training, estimated from the records looked at
    7: i64 tokens,           // over all epochs
    8: i64 parameters,
    9: i64 trained_parameters,
    10: i64 memory_bytes,    // weights, gradients, optimizer and one step
}

struct CreateTaskResp {
    1: TrainTask train_task,
    2: bool reused,
    3: optional DataPreview preview,    // absent: it could not be foreseen
    255: optional base.BaseResp base_resp,
}

struct GetTaskReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetTaskResp {
    1: TrainTask train_task,
    255: optional base.BaseResp base_resp,
}

struct GetTaskLogReq {
    1: required i64 task_id,
    2: optional i64 after,    // where an earlier answer ends; absent = all that is kept
    255: optional base.Base base,
}

struct GetTaskLogResp {
    1: task.TaskLog log,
    255: optional base.BaseResp base_resp,
}

struct ListTasksReq {
    1: optional i64 model_id,
    2: optional list<task.TaskStatus> statuses,    // one of these; absent = any
    3: optional string method,    // of its config
    4: optional i64 user_id,    // whose
    5: optional i64 from_time,    // created then or later, milliseconds
    6: optional i64 to_time,    // created before
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListTasksResp {
    1: list<TrainTask> train_tasks,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct CancelTaskReq {
    1: required i64 id,
    2: optional string cause,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CancelTaskResp {
    1: TrainTask train_task,
    255: optional base.BaseResp base_resp,
}

struct PauseTaskReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct PauseTaskResp {
    1: TrainTask train_task,
    255: optional base.BaseResp base_resp,
}

struct ResumeTaskReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct ResumeTaskResp {
    1: TrainTask train_task,
    255: optional base.BaseResp base_resp,
}

struct ListMetricsReq {
    1: required i64 task_id,
    2: optional i64 after_step,
    3: optional list<string> names,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListMetricsResp {
    1: list<MetricPoint> points,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

// A record that a training could not use.
struct LeftOutRecord {
    1: string reason,     // too_long or empty_turn
    2: string file,       // of the dataset version
    3: i64 row,           // from 1
    4: i64 tokens,        // of the whole record, 0 where it has none
    5: string excerpt,    // how what is asked begins
}

struct ListLeftOutReq {
    1: required i64 task_id,
    2: optional string reason,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListLeftOutResp {
    1: list<LeftOutRecord> left_out,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct GetTrainStateReq {
    1: required i64 model_id,
    255: optional base.Base base,
}

struct GetTrainStateResp {
    1: optional TrainTask latest_task,
    2: map<string, double> latest_metrics,
    3: i64 running_tasks,
    4: i64 as_of,
    255: optional base.BaseResp base_resp,
}

service TrainService extends base.PlatformService {
    // Creates a train config; unknown options are refused. 新建训练配置；未知选项会被拒绝。
    // Caller: developer. Mutation. HTTP: POST /train/configs 201. Raises: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS.
    CreateConfigResp CreateConfig(1: CreateConfigReq req) throws (1: base.PlatformError error),
    // Reads one config. 读取一个配置。
    // Caller: viewer. Read. Inline. HTTP: GET /train/configs/{id}. Raises: NOT_FOUND.
    GetConfigResp GetConfig(1: GetConfigReq req) throws (1: base.PlatformError error),
    // Lists the configs of a model, newest first. 列出模型的训练配置，最新的在前。
    // Caller: viewer. Read. HTTP: GET /train/configs. Raises: INVALID_ARGUMENT.
    ListConfigsResp ListConfigs(1: ListConfigsReq req) throws (1: base.PlatformError error),
    // Changes the fields that are sent; running tasks keep their snapshot. 修改请求里给出的字段；正在运行的任务仍用自己的快照。
    // Caller: developer. Mutation. HTTP: PATCH /train/configs/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    UpdateConfigResp UpdateConfig(1: UpdateConfigReq req) throws (1: base.PlatformError error),
    // Creates a train task and the model version it will fill, and foresees what of the data it would leave out. 新建训练任务和它要填充的模型版本，并预告会有哪些数据被剔除。
    // Caller: developer. Mutation. HTTP: POST /train/tasks 201. Raises: NOT_FOUND, INVALID_ARGUMENT.
    CreateTaskResp CreateTask(1: CreateTaskReq req) throws (1: base.PlatformError error),
    // Reads one task. 读取一个任务。
    // Caller: viewer. Read. Inline. HTTP: GET /train/tasks/{id}. Raises: NOT_FOUND.
    GetTaskResp GetTask(1: GetTaskReq req) throws (1: base.PlatformError error),
    // Reads what the engine of a task printed, the end of it, also while it runs. 读取任务运行时打印的日志（保留末尾部分），运行中也可读。
    // Caller: viewer. Read. HTTP: GET /train/tasks/{task_id}/log. Raises: NOT_FOUND.
    GetTaskLogResp GetTaskLog(1: GetTaskLogReq req) throws (1: base.PlatformError error),
    // Lists tasks, newest first. 列出任务，最新的在前。
    // Caller: viewer. Read. HTTP: GET /train/tasks. Raises: INVALID_ARGUMENT.
    ListTasksResp ListTasks(1: ListTasksReq req) throws (1: base.PlatformError error),
    // Asks a task to stop; it is CANCELLED once its resources are free. 请求停止任务；资源释放后变为 CANCELLED。
    // Caller: developer. Mutation. HTTP: POST /train/tasks/{id}/cancel. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    CancelTaskResp CancelTask(1: CancelTaskReq req) throws (1: base.PlatformError error),
    // Stops a running task at its last checkpoint. 让运行中的任务停在最近的检查点。
    // Caller: developer. Mutation. HTTP: POST /train/tasks/{id}/pause. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    PauseTaskResp PauseTask(1: PauseTaskReq req) throws (1: base.PlatformError error),
    // Lets a paused task wait for a worker again. 让暂停的任务重新等待执行者。
    // Caller: developer. Mutation. HTTP: POST /train/tasks/{id}/resume. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    ResumeTaskResp ResumeTask(1: ResumeTaskReq req) throws (1: base.PlatformError error),
    // Reads the metric curve of a task after a step. 读取任务在某一步之后的指标曲线。
    // Caller: viewer. Read. HTTP: GET /train/tasks/{task_id}/metrics. Raises: NOT_FOUND.
    ListMetricsResp ListMetrics(1: ListMetricsReq req) throws (1: base.PlatformError error),
    // Lists the records an ended training could not use, each with its reason. 列出训练未能使用的记录（失败的任务也有），每条带原因。
    // Caller: viewer. Read. HTTP: GET /train/tasks/{task_id}/left-out. Raises: NOT_FOUND, UNKNOWN_ENUM, CHECKSUM_MISMATCH.
    ListLeftOutResp ListLeftOut(1: ListLeftOutReq req) throws (1: base.PlatformError error),
    // The train part of the composed status.
    // Caller: viewer. Read. Inline. Raises: none.
    GetTrainStateResp GetTrainState(1: GetTrainStateReq req) throws (1: base.PlatformError error),
}
