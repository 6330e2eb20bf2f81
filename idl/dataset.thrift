// Dataset domain: datasets, immutable versions, and the tasks that make one version out of another.

namespace cpp modelyard.dataset
namespace go modelyard.dataset
namespace java modelyard.dataset
namespace js modelyard.dataset
namespace php modelyard.dataset
namespace py modelyard.dataset
namespace netstd Modelyard.Dataset
namespace rb Modelyard.Dataset

include "base.thrift"
include "task.thrift"

enum DatasetType {
    Image = 1,
    Text = 2,
    Video = 3,
    Audio = 4,
    Multimodal = 5,
}

enum DatasetTaskType {
    Cleaning = 1000,        // 数据清洗
    Augmentation = 2000,        // 数据增强
    Annotation = 3000,        // 数据标注
    Conversion = 4000,        // 数据转换
    Splitting = 5000,        // 数据分割
    Importing = 6000,        // 数据导入
}

// Law: sub_type // 1000 * 1000 == type.
enum DatasetTaskSubType {
    Strip_Html = 1001,        // 网页去除标签
    Remove_Noncompliant = 1002,        // 去除不合规数据
    Remove_Low_Quality = 1003,        // 去除低质量数据
    Deduplicate = 1004,        // 去除重复数据
    Custom_Cleaning = 1900,        // 自定义清洗
    Image_Augmentation = 2001,
    Text_Augmentation = 2101,
    Audio_Augmentation = 2201,
    Video_Augmentation = 2301,
    Bounding_Box_Annotation = 3001,        // 区域标注
    Image_Description = 3002,        // 图像描述
    Video_Description = 3003,        // 视频描述
    Sentiment_Analysis = 3004,        // 情感分析
    Speech_Recognition = 3005,        // 音频转文本
    Question_Answer = 3006,        // 问答对
    Format_Conversion = 4001,        // 格式转换
    Train_Test_Split = 5001,        // 训练测试分割
    File_Import = 6001,        // 文件导入
    Pydoc_Import = 6004,        // 解释器标准库文档导入
}

enum SecrecyLevel {
    PUBLIC = 0,
    INTERNAL = 10,
    CONFIDENTIAL = 20,
    SECRET = 30,
}

struct Dataset {
    1: i64 id,
    2: string name,
    3: string desc,
    4: DatasetType type,
    5: i64 project_space_id,
    6: string file_url,
    7: SecrecyLevel secrecy,
    8: string source,
    9: i64 user_id,
    10: i64 create_time,
    11: i64 update_time,
    12: i32 version,
}

// Immutable.
struct DatasetVersion {
    1: i64 id,
    2: i64 dataset_id,
    3: i64 project_space_id,
    4: i32 number,
    5: string content_hash,    // same content, same hash, on any machine
    6: i64 records,
    7: i64 bytes,
    8: string uri,
    9: i64 parent_version_id,    // 0 = imported
    10: i64 task_id,
    11: string kind,    // documents or question_answer
    12: string part,    // whole, train or test
    13: SecrecyLevel secrecy,
    14: string ledger_json,    // in, out, dropped per rule
    15: i64 create_time,
}

struct DatasetTask {
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
    40: i64 dataset_id,
    41: i64 input_version_id,
    42: DatasetTaskType type,
    43: DatasetTaskSubType sub_type,
    44: list<i64> output_version_ids,
}

struct DroppedRecord {
    1: string id,
    2: string rule,
    3: string reason,
    4: double score,
    5: double threshold,
    6: string kept_id,    // of the record it repeats
    7: string source,
    8: string excerpt,
}

struct CreateDatasetReq {
    1: required string name,
    2: optional string desc,
    3: required DatasetType type,
    4: optional string file_url,
    5: optional SecrecyLevel secrecy,
    6: optional string source,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateDatasetResp {
    1: Dataset dataset,
    255: optional base.BaseResp base_resp,
}

struct GetDatasetReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetDatasetResp {
    1: Dataset dataset,
    255: optional base.BaseResp base_resp,
}

struct FindDatasetReq {
    1: required string name,
    255: optional base.Base base,
}

struct FindDatasetResp {
    1: Dataset dataset,
    255: optional base.BaseResp base_resp,
}

struct ListDatasetsReq {
    1: optional string name_prefix,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListDatasetsResp {
    1: list<Dataset> datasets,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct UpdateDatasetReq {
    1: required i64 id,
    2: optional string name,
    3: optional string desc,
    4: optional string source,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateDatasetResp {
    1: Dataset dataset,
    255: optional base.BaseResp base_resp,
}

struct DeleteDatasetReq {
    1: required i64 id,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct DeleteDatasetResp {
    1: Dataset dataset,
    255: optional base.BaseResp base_resp,
}

struct CreateTaskReq {
    1: required i64 dataset_id,
    2: required DatasetTaskType type,
    3: required DatasetTaskSubType sub_type,
    4: required string name,
    5: optional string desc,
    6: optional i64 input_version_id,    // absent only for an import
    7: optional string config_json,    // options of the operator; unknown keys are refused
    8: optional bool reuse,    // a finished task with the same snapshot is answered instead of a new one
    9: optional i32 max_attempts,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateTaskResp {
    1: DatasetTask dataset_task,
    2: bool reused,
    255: optional base.BaseResp base_resp,
}

struct GetTaskReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetTaskResp {
    1: DatasetTask dataset_task,
    255: optional base.BaseResp base_resp,
}

struct ListTasksReq {
    1: optional i64 dataset_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListTasksResp {
    1: list<DatasetTask> dataset_tasks,
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
    1: DatasetTask dataset_task,
    255: optional base.BaseResp base_resp,
}

struct GetVersionReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetVersionResp {
    1: DatasetVersion dataset_version,
    255: optional base.BaseResp base_resp,
}

struct ListVersionsReq {
    1: required i64 dataset_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListVersionsResp {
    1: list<DatasetVersion> dataset_versions,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct FindVersionReq {
    1: required i64 dataset_id,
    2: required string reference,    // latest, train, test, or the number of a version
    255: optional base.Base base,
}

struct FindVersionResp {
    1: DatasetVersion dataset_version,
    255: optional base.BaseResp base_resp,
}

struct ReadRecordsReq {
    1: required i64 dataset_version_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ReadRecordsResp {
    1: list<string> records_json,    // one JSON object each
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct ListDroppedReq {
    1: required i64 task_id,
    2: optional string rule,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListDroppedResp {
    1: list<DroppedRecord> dropped,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

service DatasetService extends base.PlatformService {
    // Creates an empty dataset. 新建空数据集。
    // Caller: developer. Mutation. HTTP: POST /datasets 201. Raises: INVALID_ARGUMENT, ALREADY_EXISTS.
    CreateDatasetResp CreateDataset(1: CreateDatasetReq req) throws (1: base.PlatformError error),
    // Reads one dataset. 读取一个数据集。
    // Caller: viewer. Read. Inline. HTTP: GET /datasets/{id}. Raises: NOT_FOUND.
    GetDatasetResp GetDataset(1: GetDatasetReq req) throws (1: base.PlatformError error),
    // Reads one dataset by its name within the caller's space. 在当前空间里按名称读取一个数据集。
    // Caller: viewer. Read. Inline. HTTP: GET /datasets/find. Raises: NOT_FOUND.
    FindDatasetResp FindDataset(1: FindDatasetReq req) throws (1: base.PlatformError error),
    // Lists the datasets of the caller's space, newest first. 列出当前空间的数据集，最新的在前。
    // Caller: viewer. Read. HTTP: GET /datasets. Raises: INVALID_ARGUMENT.
    ListDatasetsResp ListDatasets(1: ListDatasetsReq req) throws (1: base.PlatformError error),
    // Changes the fields that are sent. 修改请求里给出的字段。
    // Caller: developer. Mutation. HTTP: PATCH /datasets/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    UpdateDatasetResp UpdateDataset(1: UpdateDatasetReq req) throws (1: base.PlatformError error),
    // Marks a dataset deleted; its versions stay readable for what was made of them. 把数据集标记为已删除；由它做成的东西仍能读到它的版本。
    // Caller: owner. Mutation. HTTP: DELETE /datasets/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    DeleteDatasetResp DeleteDataset(1: DeleteDatasetReq req) throws (1: base.PlatformError error),
    // Creates a task with a frozen snapshot. 新建任务，快照随即冻结。
    // Caller: developer. Mutation. HTTP: POST /datasets/{dataset_id}/tasks 201. Raises: NOT_FOUND, INVALID_ARGUMENT.
    CreateTaskResp CreateTask(1: CreateTaskReq req) throws (1: base.PlatformError error),
    // Reads one task. 读取一个任务。
    // Caller: viewer. Read. Inline. HTTP: GET /datasets/tasks/{id}. Raises: NOT_FOUND.
    GetTaskResp GetTask(1: GetTaskReq req) throws (1: base.PlatformError error),
    // Lists tasks, newest first. 列出任务，最新的在前。
    // Caller: viewer. Read. HTTP: GET /datasets/tasks. Raises: INVALID_ARGUMENT.
    ListTasksResp ListTasks(1: ListTasksReq req) throws (1: base.PlatformError error),
    // Asks a task to stop; it is CANCELLED once its resources are free. 请求停止任务；资源释放后变为 CANCELLED。
    // Caller: developer. Mutation. HTTP: POST /datasets/tasks/{id}/cancel. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    CancelTaskResp CancelTask(1: CancelTaskReq req) throws (1: base.PlatformError error),
    // Reads one dataset version. 读取一个数据版本。
    // Caller: viewer, train, eval, deploy. Read. Inline. HTTP: GET /datasets/versions/{id}. Raises: NOT_FOUND.
    GetVersionResp GetVersion(1: GetVersionReq req) throws (1: base.PlatformError error),
    // Lists the versions of a dataset, newest first. 列出数据集的版本，最新的在前。
    // Caller: viewer. Read. HTTP: GET /datasets/{dataset_id}/versions. Raises: NOT_FOUND.
    ListVersionsResp ListVersions(1: ListVersionsReq req) throws (1: base.PlatformError error),
    // Reads one version by what people call it: latest is what the step that succeeded last made, whichever number that has, and is refused where it made two parts; train and test are the newest of that part. 按人的叫法读取一个版本：latest 是最近成功的一步做出的版本，无论编号多少，若那一步做出了两部分则被拒绝；train 和 test 是该部分最新的版本。
    // Caller: viewer. Read. HTTP: GET /datasets/{dataset_id}/versions/{reference}. Raises: NOT_FOUND, INVALID_ARGUMENT, UNKNOWN_ENUM.
    FindVersionResp FindVersion(1: FindVersionReq req) throws (1: base.PlatformError error),
    // Reads records of a version in order. 按顺序读取一个版本的记录。
    // Caller: viewer. Read. HTTP: GET /datasets/versions/{dataset_version_id}/records. Raises: NOT_FOUND, CHECKSUM_MISMATCH.
    ReadRecordsResp ReadRecords(1: ReadRecordsReq req) throws (1: base.PlatformError error),
    // Lists what a task left out, each with its rule and reason. 列出任务剔除的记录，每条带规则和原因。
    // Caller: viewer. Read. HTTP: GET /datasets/tasks/{task_id}/dropped. Raises: NOT_FOUND.
    ListDroppedResp ListDropped(1: ListDroppedReq req) throws (1: base.PlatformError error),
}
