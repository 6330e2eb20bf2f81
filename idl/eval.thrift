// Eval domain: configs and tasks that keep every input and output.

namespace cpp modelyard.eval
namespace go modelyard.eval
namespace java modelyard.eval
namespace js modelyard.eval
namespace php modelyard.eval
namespace py modelyard.eval
namespace netstd Modelyard.Eval
namespace rb Modelyard.Eval

include "base.thrift"
include "task.thrift"

enum EvalTargetKind {
    WEIGHTS = 1,        // the artifact of a model version, as trained
    ENDPOINT = 2,        // a running server of a packaged digest
}

struct EvalConfig {
    1: i64 id,
    2: i64 model_id,
    3: string name,
    4: string desc,
    5: i64 project_space_id,
    6: i64 dataset_version_id,
    7: list<string> metrics,
    8: string options_json,
    9: i64 user_id,
    10: i64 create_time,
    11: i64 update_time,
    12: i32 version,
    13: i32 engine_version,    // of what measures today: another one may measure the same otherwise
}

struct EvalTask {
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
    41: i64 eval_config_id,
    42: i64 model_version_id,
    43: i64 dataset_version_id,
    44: EvalTargetKind target_kind,
    45: string target_digest,    // the bytes that are evaluated
    46: string target_address,
    47: map<string, double> metrics,
    48: i64 items,
    49: string verdict,    // of the release gate, when it was computed
    50: i64 work_order_id,    // of the release that asked; 0: a person did, and what was found informs and decides nothing unless it is of WEIGHTS
    51: string overlap_json,    // how the test repeats what the version was trained on; the metric "leak" is its share
}

// One input with its output and scores.
struct EvalItem {
    1: i64 id,
    2: i64 task_id,
    3: i64 position,
    4: string record_id,
    5: string input,
    6: string expected,
    7: string output,
    8: bool exact_match,
    9: double token_f1,
    10: double nll,    // nats per token of the expected answer; -1 when not measured
    11: double latency_ms,
    12: string error,
    13: string tags_json,
}

struct CreateConfigReq {
    1: required i64 model_id,
    2: required string name,
    3: optional string desc,
    4: required i64 dataset_version_id,
    5: optional list<string> metrics,
    6: optional string options_json,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateConfigResp {
    1: EvalConfig config,
    255: optional base.BaseResp base_resp,
}

struct GetConfigReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetConfigResp {
    1: EvalConfig config,
    255: optional base.BaseResp base_resp,
}

struct ListConfigsReq {
    1: required i64 model_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListConfigsResp {
    1: list<EvalConfig> configs,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct CreateTaskReq {
    1: required i64 eval_config_id,
    2: required i64 model_version_id,
    3: optional EvalTargetKind target_kind,
    4: optional string target_digest,
    5: optional string target_address,
    6: optional string name,
    7: optional string desc,
    8: optional bool reuse,
    9: optional i32 max_attempts,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateTaskResp {
    1: EvalTask eval_task,
    2: bool reused,
    255: optional base.BaseResp base_resp,
}

struct CreateReleaseTaskReq {
    1: required i64 eval_config_id,
    2: required i64 model_version_id,
    3: required string target_digest,
    4: required string target_address,    // of an instance that deploy started; never shown
    5: required string target_key,    // which that instance proves to have with every answer; never shown
    6: required i64 work_order_id,
    7: optional string name,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateReleaseTaskResp {
    1: EvalTask eval_task,
    255: optional base.BaseResp base_resp,
}

struct GetTaskReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetTaskResp {
    1: EvalTask eval_task,
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
    2: optional i64 model_version_id,
    3: optional list<task.TaskStatus> statuses,    // one of these; absent = any
    4: optional EvalTargetKind target_kind,
    5: optional i64 user_id,    // whose
    6: optional i64 from_time,    // created then or later, milliseconds
    7: optional i64 to_time,    // created before
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListTasksResp {
    1: list<EvalTask> eval_tasks,
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
    1: EvalTask eval_task,
    255: optional base.BaseResp base_resp,
}

struct ListItemsReq {
    1: required i64 task_id,
    2: optional bool only_wrong,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListItemsResp {
    1: list<EvalItem> items,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct GetEvalStateReq {
    1: required i64 model_id,
    255: optional base.Base base,
}

struct GetEvalStateResp {
    1: optional EvalTask latest_task,
    2: i64 running_tasks,
    3: i64 as_of,
    255: optional base.BaseResp base_resp,
}

service EvalService extends base.PlatformService {
    // Creates an eval config. 新建评测配置。
    // Caller: developer. Mutation. HTTP: POST /eval/configs 201. Raises: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS.
    CreateConfigResp CreateConfig(1: CreateConfigReq req) throws (1: base.PlatformError error),
    // Reads one config. 读取一个配置。
    // Caller: viewer, deploy. Read. Inline. HTTP: GET /eval/configs/{id}. Raises: NOT_FOUND.
    GetConfigResp GetConfig(1: GetConfigReq req) throws (1: base.PlatformError error),
    // Lists the configs of a model, newest first. 列出模型的评测配置，最新的在前。
    // Caller: viewer. Read. HTTP: GET /eval/configs. Raises: INVALID_ARGUMENT.
    ListConfigsResp ListConfigs(1: ListConfigsReq req) throws (1: base.PlatformError error),
    // Creates an evaluation of exactly one digest; one of an ENDPOINT informs and never decides about a release. 新建对一个确定摘要的评测；对 ENDPOINT 的评测只供参考，不决定发布。
    // Caller: developer. Mutation. HTTP: POST /eval/tasks 201. Raises: NOT_FOUND, INVALID_ARGUMENT, SPLIT_LEAK, ILLEGAL_TRANSITION.
    CreateTaskResp CreateTask(1: CreateTaskReq req) throws (1: base.PlatformError error),
    // Creates the evaluation a release is decided by: of a packaged digest, on an instance that deploy started itself. Never answered with an earlier one.
    // Caller: deploy. Mutation. Raises: NOT_FOUND, INVALID_ARGUMENT, SPLIT_LEAK, ILLEGAL_TRANSITION.
    CreateReleaseTaskResp CreateReleaseTask(1: CreateReleaseTaskReq req) throws (1: base.PlatformError error),
    // Reads one task. 读取一个任务。
    // Caller: viewer, deploy. Read. Inline. HTTP: GET /eval/tasks/{id}. Raises: NOT_FOUND.
    GetTaskResp GetTask(1: GetTaskReq req) throws (1: base.PlatformError error),
    // Reads what the engine of a task printed, the end of it, also while it runs. 读取任务运行时打印的日志（保留末尾部分），运行中也可读。
    // Caller: viewer. Read. HTTP: GET /eval/tasks/{task_id}/log. Raises: NOT_FOUND.
    GetTaskLogResp GetTaskLog(1: GetTaskLogReq req) throws (1: base.PlatformError error),
    // Lists tasks, newest first. 列出任务，最新的在前。
    // Caller: viewer. Read. HTTP: GET /eval/tasks. Raises: INVALID_ARGUMENT.
    ListTasksResp ListTasks(1: ListTasksReq req) throws (1: base.PlatformError error),
    // Asks a task to stop; it is CANCELLED once its resources are free. 请求停止任务；资源释放后变为 CANCELLED。
    // Caller: developer, deploy. Mutation. HTTP: POST /eval/tasks/{id}/cancel. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    CancelTaskResp CancelTask(1: CancelTaskReq req) throws (1: base.PlatformError error),
    // Reads the stored inputs and outputs in order. 按顺序读取已保存的输入和输出。
    // Caller: viewer, deploy. Read. HTTP: GET /eval/tasks/{task_id}/items. Raises: NOT_FOUND.
    ListItemsResp ListItems(1: ListItemsReq req) throws (1: base.PlatformError error),
    // The eval part of the composed status.
    // Caller: viewer. Read. Inline. Raises: none.
    GetEvalStateResp GetEvalState(1: GetEvalStateReq req) throws (1: base.PlatformError error),
}
