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
    Processing = 7000,        // 数据处理
}

// Law: sub_type // 1000 * 1000 == type.
enum DatasetTaskSubType {
    Strip_Html = 1001,        // 网页去除标签
    Remove_Noncompliant = 1002,        // 去除不合规数据
    Remove_Low_Quality = 1003,        // 去除低质量数据
    Deduplicate = 1004,        // 去除重复数据
    Custom_Cleaning = 1900,        // 自定义清洗
    Image_Augmentation = 2001,        // 图像增强
    Text_Augmentation = 2101,        // 文本增强
    Audio_Augmentation = 2201,        // 音频增强
    Video_Augmentation = 2301,        // 视频增强
    Bounding_Box_Annotation = 3001,        // 区域标注
    Image_Description = 3002,        // 图像描述
    Video_Description = 3003,        // 视频描述
    Sentiment_Analysis = 3004,        // 情感分析
    Speech_Recognition = 3005,        // 音频转文本
    Question_Answer = 3006,        // 问答对
    Text_Classification = 3007,        // 文本分类
    Format_Conversion = 4001,        // 格式转换
    Train_Test_Split = 5001,        // 训练测试分割
    File_Import = 6001,        // 文件导入
    Media_Import = 6002,        // 图像与音频导入
    Link_Import = 6003,        // 链接导入
    Pydoc_Import = 6004,        // 解释器标准库文档导入
    Recipe = 7001,        // 数据配方
}

enum SecrecyLevel {
    PUBLIC = 0,
    INTERNAL = 10,
    CONFIDENTIAL = 20,
    SECRET = 30,
}

enum UploadStatus {
    RECEIVING = 0,
    COMPLETE = 90,        // checked; a file import may read it
    REFUSED = 91,        // not what was declared; its bytes are gone
    DISCARDED = 92,        // given up; its bytes are gone
    EXPIRED = 93,        // left alone for too long; its bytes are gone
}

enum PurgeStatus {
    PURGING = 0,        // nothing of it can be read any more; its bytes are going
    DONE = 90,
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
    11: string kind,    // documents, question_answer, preference_pair, lexicon, image or audio
    12: string part,    // whole, train or test
    13: SecrecyLevel secrecy,
    14: string ledger_json,    // in, out, dropped per rule; of a split the parts that what went out is in
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
    9: i32 step,    // of a recipe, counted from 1; 0 where there are none
}

// A file on its way to where its space imports from.
struct Upload {
    1: i64 id,
    2: i64 project_space_id,
    3: i64 user_id,
    4: string name,    // a label, never a path
    5: i64 bytes,    // of the whole file, as declared
    6: string sha256,    // as declared, else as found at the end
    7: UploadStatus status,
    8: i64 received,    // where the next part begins
    9: string path,    // what a file import calls it; empty until it is complete
    10: i64 expire_time,
    11: i64 part_bytes,    // the most that one part may hold
    12: i64 create_time,
    13: i64 update_time,
    14: i32 version,
}

// One row as an import would take it, or why it would not.
struct SampledRow {
    1: string file,
    2: i64 row,
    3: string record_json,    // empty for a row that is left out; long texts are cut
    4: string reason,
    5: string column,
    6: string excerpt,
}

// One file as an import would read it.
struct SampledFile {
    1: string file,
    2: i64 bytes,
    3: string format,
    4: string delimiter,    // of csv and tsv
    5: string encoding,    // what its first bytes look like
    6: list<string> columns,    // the file's own, in its order
    7: map<string, string> first_values,    // of each column, cut
    8: string shape,    // what most of its rows are taken as; empty for none that is known
    9: list<string> shape_signs,    // the fields that speak for it
}

struct FieldChange {
    1: string field,
    2: string before,
    3: string after,
}

struct ChangedRecord {
    1: string record_id,
    2: list<string> rules,
    3: list<FieldChange> changes,
}

struct RuleSample {
    1: string rule,
    2: i64 dropped,
    3: i64 changed,    // that are kept as another record
}

struct Bar {
    1: string label,
    2: i64 records,
}

// What the values of one field look like. Bars of texts are lengths in characters, of few distinct values the values.
struct FieldSummary {
    1: string field,
    2: i64 present,
    3: i64 distinct,
    4: double mean_length,
    5: i64 longest,
    6: list<Bar> lengths,
    7: list<Bar> values,    // empty where there are many
}

// A version as one file for other tools. The same version gives the same bytes.
struct Export {
    1: base.File file,
    2: string format,
    3: i64 records,
    4: list<string> columns,    // of a table, in its order; empty for jsonl
    5: i64 escaped_cells,    // that a spreadsheet would have run as formulas, and now begin with an apostrophe
    6: i64 same_records,    // that an import of the file makes into the same records again
}

// A plan of steps under a name. Each change of its plan is a revision that stays.
struct DatasetRecipe {
    1: i64 id,
    2: i64 project_space_id,
    3: i64 user_id,
    4: string name,
    5: string desc,
    6: i32 number,    // of its newest revision, or of the one that was asked for
    7: string plan_json,    // steps, each with its kind and all its options
    8: string plan_hash,    // the same for plans that do the same
    9: i64 create_time,
    10: i64 update_time,
    11: i32 version,
}

struct RecipeRevision {
    1: i64 id,
    2: i64 recipe_id,
    3: i32 number,
    4: string plan_json,
    5: string plan_hash,
    6: i64 user_id,    // whose change it is
    7: i64 create_time,
}

// What one step of a plan does to a sample.
struct StepSample {
    1: string kind,
    2: string ledger_json,    // in, out, dropped per rule
    3: i64 changed,    // records that are kept as another one
    4: string problem,    // why the look ends at this step; empty where it does not
}

// A dataset that can still come back.
struct DeletedDataset {
    1: Dataset dataset,
    2: i64 delete_time,
    3: i64 purge_time,    // when its data goes for good
}

// What a version was.
struct PurgedVersion {
    1: i64 id,
    2: i32 number,
    3: string content_hash,
    4: i64 records,
    5: i64 bytes,
}

struct PurgedArtifact {
    1: string digest,
    2: i64 bytes,
    3: bool removed,
    4: string kept_for,    // who else speaks for the same bytes; empty for nobody
}

// The proof that the data of a dataset is gone for good.
struct DatasetPurge {
    1: i64 id,
    2: i64 project_space_id,
    3: i64 dataset_id,
    4: string name,
    5: SecrecyLevel secrecy,
    6: i64 user_id,    // who asked for it; 0 = the time to undo was over
    7: string cause,
    8: i64 delete_time,
    9: PurgeStatus status,
    10: list<PurgedVersion> versions,
    11: list<PurgedArtifact> artifacts,
    12: string proof,    // SHA-256 over what was removed, of what, when and by whom; empty until it is done
    13: i64 finish_time,
    14: i64 create_time,
    15: i64 update_time,
    16: i32 version,
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
    1: optional i64 dataset_id,
    2: optional list<task.TaskStatus> statuses,    // one of these; absent = any
    3: optional DatasetTaskType type,
    4: optional i64 user_id,    // whose
    5: optional i64 from_time,    // created then or later, milliseconds
    6: optional i64 to_time,    // created before
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
    2: optional string contains,    // only records with this text, whatever its case
    3: optional string field,    // looked for in this field alone
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

struct CreateUploadReq {
    1: required string name,
    2: required i64 bytes,
    3: optional string sha256,    // 64 hexadecimal digits
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateUploadResp {
    1: Upload upload,
    255: optional base.BaseResp base_resp,
}

struct WriteUploadReq {
    1: required i64 id,
    2: required i64 offset,    // in the file; not beyond what was received
    3: required binary data,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct WriteUploadResp {
    1: Upload upload,
    255: optional base.BaseResp base_resp,
}

struct FinishUploadReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct FinishUploadResp {
    1: Upload upload,
    255: optional base.BaseResp base_resp,
}

struct DiscardUploadReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct DiscardUploadResp {
    1: Upload upload,
    255: optional base.BaseResp base_resp,
}

struct GetUploadReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetUploadResp {
    1: Upload upload,
    255: optional base.BaseResp base_resp,
}

struct ListUploadsReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListUploadsResp {
    1: list<Upload> uploads,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct PreviewImportReq {
    1: required string config_json,    // as of a file import
    2: optional i32 rows,
    255: optional base.Base base,
}

struct PreviewImportResp {
    1: list<SampledFile> files,
    2: list<SampledRow> rows,
    3: map<string, string> suggested,    // a mapping to start from: our name -> the file's
    4: bool whole,    // there is nothing behind these rows
    255: optional base.BaseResp base_resp,
}

struct PreviewCleaningReq {
    1: required i64 dataset_version_id,
    2: required string config_json,    // as of a custom cleaning
    3: optional i32 records,
    255: optional base.Base base,
}

struct PreviewCleaningResp {
    1: list<RuleSample> rules,
    2: list<DroppedRecord> dropped,
    3: list<ChangedRecord> changed,
    4: string ledger_json,    // of the sample
    5: bool whole,    // the sample is the whole version
    255: optional base.BaseResp base_resp,
}

struct SummarizeVersionReq {
    1: required i64 dataset_version_id,
    255: optional base.Base base,
}

struct SummarizeVersionResp {
    1: i64 records,    // that were looked at, spread over the version
    2: list<FieldSummary> fields,
    3: bool whole,
    255: optional base.BaseResp base_resp,
}

// Every record of both versions is in exactly one of the counts.
struct VersionDiff {
    1: i64 before,    // same + changed + removed
    2: i64 after,    // same + changed + added
    3: i64 same,
    4: i64 changed,    // same own id, or made of it by the steps in between; other content
    5: i64 removed,
    6: i64 added,
}

struct VersionChange {
    1: string change,    // changed, removed or added
    2: string before_json,    // the record; long texts are cut; empty for one that came
    3: string after_json,    // empty for one that went
    4: list<FieldChange> changes,    // the fields that differ
}

struct DiffVersionsReq {
    1: required i64 old_version_id,
    2: required i64 new_version_id,
    255: optional base.Base base,
}

struct DiffVersionsResp {
    1: VersionDiff diff,
    255: optional base.BaseResp base_resp,
}

struct ListVersionChangesReq {
    1: required i64 old_version_id,
    2: required i64 new_version_id,
    3: optional string change,    // changed, removed or added; absent: all, in this order
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListVersionChangesResp {
    1: list<VersionChange> changes,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct CreateRecipeReq {
    1: required string name,
    2: required string plan_json,    // {"steps": [{"kind", "options"}, …]}
    3: optional string desc,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateRecipeResp {
    1: DatasetRecipe recipe,
    255: optional base.BaseResp base_resp,
}

struct GetRecipeReq {
    1: required i64 id,
    2: optional i32 number,    // of a revision; absent = the newest
    255: optional base.Base base,
}

struct GetRecipeResp {
    1: DatasetRecipe recipe,
    255: optional base.BaseResp base_resp,
}

struct FindRecipeReq {
    1: required string name,
    255: optional base.Base base,
}

struct FindRecipeResp {
    1: DatasetRecipe recipe,
    255: optional base.BaseResp base_resp,
}

struct ListRecipesReq {
    1: optional string name_prefix,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListRecipesResp {
    1: list<DatasetRecipe> recipes,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct ListRecipeRevisionsReq {
    1: required i64 recipe_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListRecipeRevisionsResp {
    1: list<RecipeRevision> revisions,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct UpdateRecipeReq {
    1: required i64 id,
    2: optional string name,
    3: optional string desc,
    4: optional string plan_json,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateRecipeResp {
    1: DatasetRecipe recipe,
    255: optional base.BaseResp base_resp,
}

struct DeleteRecipeReq {
    1: required i64 id,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct DeleteRecipeResp {
    1: DatasetRecipe recipe,
    255: optional base.BaseResp base_resp,
}

struct PreviewRecipeReq {
    1: required i64 dataset_version_id,
    2: required string plan_json,
    3: optional i32 records,
    255: optional base.Base base,
}

struct PreviewRecipeResp {
    1: string preview,    // what a run of this plan on this version asks for
    2: list<StepSample> steps,
    3: list<DroppedRecord> dropped,    // the first of them
    4: list<ChangedRecord> changed,    // from before the first to after the last step
    5: list<string> made_json,    // records that come of no single one
    6: i64 records,
    7: bool whole,
    255: optional base.BaseResp base_resp,
}

struct RunRecipeReq {
    1: required i64 recipe_id,
    2: required i64 dataset_version_id,
    3: optional i32 number,    // of a revision; absent = the newest
    4: optional string preview,    // of this plan on this version; needed unless the platform is told otherwise
    5: optional string name,
    6: optional string desc,
    7: optional bool reuse,    // a finished task that did exactly this is answered instead of a new one
    8: optional i32 max_attempts,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RunRecipeResp {
    1: DatasetTask dataset_task,
    2: bool reused,
    255: optional base.BaseResp base_resp,
}

struct FetchBlobReq {
    1: required i64 dataset_version_id,
    2: required string digest,
    3: optional i64 offset,    // of the first byte that is wanted
    255: optional base.Base base,
}

struct FetchBlobResp {
    1: base.File file,
    2: binary data,    // empty behind the end
    255: optional base.BaseResp base_resp,
}

struct RestoreDatasetReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RestoreDatasetResp {
    1: Dataset dataset,
    255: optional base.BaseResp base_resp,
}

struct RestoreRecipeReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RestoreRecipeResp {
    1: DatasetRecipe recipe,
    255: optional base.BaseResp base_resp,
}

struct ListDeletedDatasetsReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListDeletedDatasetsResp {
    1: list<DeletedDataset> deleted,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct PurgeDatasetReq {
    1: required i64 id,
    2: required string cause,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct PurgeDatasetResp {
    1: DatasetPurge purge,
    255: optional base.BaseResp base_resp,
}

struct GetPurgeReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetPurgeResp {
    1: DatasetPurge purge,
    255: optional base.BaseResp base_resp,
}

struct ListPurgesReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListPurgesResp {
    1: list<DatasetPurge> purges,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct PrepareExportReq {
    1: required i64 dataset_version_id,
    2: required string format,    // jsonl, csv, parquet, files, coco or yolo
    3: optional bool spreadsheet,    // csv for spreadsheets: a byte order mark, and no cell that they would run; true when absent
    255: optional base.Base base,
}

struct PrepareExportResp {
    1: Export prepared,
    255: optional base.BaseResp base_resp,
}

struct FetchExportReq {
    1: required i64 dataset_version_id,
    2: required string format,    // jsonl, csv, parquet, files, coco or yolo
    3: optional bool spreadsheet,    // as it was prepared
    4: optional i64 offset,    // of the first byte that is wanted
    255: optional base.Base base,
}

struct FetchExportResp {
    1: base.File file,
    2: binary data,    // empty behind the end
    255: optional base.BaseResp base_resp,
}

// --- annotation by people

// A task that people work on: what is asked, by which rule, and how far it is.
struct Annotation {
    1: i64 task_id,
    2: task.WorkTemplate template,
    3: string rule_json,
    4: list<i64> annotators,    // pools; none = everybody who may annotate
    5: list<i64> inspectors,    // pools; none = nobody looks again
    6: i64 items,
    7: i64 items_done,
    8: i64 inspecting,
    9: i64 set_aside,
    10: i64 held,
}

struct CreatePoolReq {
    1: required string name,
    2: required list<i64> users,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreatePoolResp {
    1: task.Pool pool,
    255: optional base.BaseResp base_resp,
}

struct UpdatePoolReq {
    1: required i64 id,
    2: optional string name,
    3: optional list<i64> users,    // all of them
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdatePoolResp {
    1: task.Pool pool,
    255: optional base.BaseResp base_resp,
}

struct GetPoolReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetPoolResp {
    1: task.Pool pool,
    255: optional base.BaseResp base_resp,
}

struct ListPoolsReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListPoolsResp {
    1: list<task.Pool> pools,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct CreateTemplateReq {
    1: required string name,
    2: required DatasetTaskSubType sub_type,
    3: optional string body_json,    // absent: what this kind of annotation begins with
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateTemplateResp {
    1: task.WorkTemplate template,
    255: optional base.BaseResp base_resp,
}

struct UpdateTemplateReq {
    1: required i64 id,
    2: required string body_json,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateTemplateResp {
    1: task.WorkTemplate template,
    255: optional base.BaseResp base_resp,
}

struct GetTemplateReq {
    1: required i64 id,
    2: optional i32 number,    // of a version; absent = the newest
    255: optional base.Base base,
}

struct GetTemplateResp {
    1: task.WorkTemplate template,
    255: optional base.BaseResp base_resp,
}

struct ListTemplatesReq {
    1: optional DatasetTaskSubType sub_type,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListTemplatesResp {
    1: list<task.WorkTemplate> templates,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct StartAnnotationReq {
    1: required i64 dataset_id,
    2: required DatasetTaskSubType sub_type,
    3: required string name,
    4: optional string desc,
    5: required i64 input_version_id,
    6: required i64 template_id,
    7: optional i32 template_number,    // of a version; absent = the newest
    8: optional string rule_json,    // how many people per item, and how their work is checked
    9: optional list<i64> annotators,    // pools; none = everybody who may annotate
    10: optional list<i64> inspectors,    // pools; none = nobody looks again
    11: optional i64 known_version_id,    // records whose answer is known; nobody is told which these are
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct StartAnnotationResp {
    1: DatasetTask dataset_task,
    255: optional base.BaseResp base_resp,
}

struct GetAnnotationReq {
    1: required i64 task_id,
    255: optional base.Base base,
}

struct GetAnnotationResp {
    1: Annotation annotation,
    255: optional base.BaseResp base_resp,
}

struct ListMembersReq {
    1: required i64 task_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListMembersResp {
    1: list<task.WorkMember> members,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct GetAgreementReq {
    1: required i64 task_id,
    255: optional base.Base base,
}

struct GetAgreementResp {
    1: list<task.WorkAgreement> fields,
    255: optional base.BaseResp base_resp,
}

struct GetMyWorkReq {
    255: optional base.Base base,
}

struct GetMyWorkResp {
    1: list<task.MyTask> tasks,
    255: optional base.BaseResp base_resp,
}

struct ListMyAnswersReq {
    1: required i64 task_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListMyAnswersResp {
    1: list<task.Work> work,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct ClaimWorkReq {
    1: required i64 task_id,
    2: optional i32 want,    // items to hold; those held already count; 1 when absent
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct ClaimWorkResp {
    1: list<task.Work> work,
    2: task.ClaimBound why,
    255: optional base.BaseResp base_resp,
}

struct ClaimInspectionReq {
    1: required i64 task_id,
    2: optional i32 want,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct ClaimInspectionResp {
    1: list<task.Work> work,
    2: task.ClaimBound why,
    255: optional base.BaseResp base_resp,
}

struct SubmitWorkReq {
    1: required i64 id,
    2: required string answer_json,
    3: optional string note,    // for the inspector
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct SubmitWorkResp {
    1: task.Work work,
    255: optional base.BaseResp base_resp,
}

struct KeepWorkReq {
    1: required i64 id,
    2: required string draft_json,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct KeepWorkResp {
    1: task.Work work,
    255: optional base.BaseResp base_resp,
}

struct SkipWorkReq {
    1: required i64 id,
    2: required string reason,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct SkipWorkResp {
    1: task.Work work,
    255: optional base.BaseResp base_resp,
}

struct ReleaseWorkReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct ReleaseWorkResp {
    1: task.Work work,
    255: optional base.BaseResp base_resp,
}

struct UndoWorkReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UndoWorkResp {
    1: task.Work work,
    255: optional base.BaseResp base_resp,
}

struct DecideWorkReq {
    1: required i64 id,
    2: required task.InspectionVerdict verdict,
    3: optional string answer_json,    // of CORRECT
    4: optional string reason,    // of REJECT and SET_ASIDE
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct DecideWorkResp {
    1: task.Work work,
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
    // Marks a dataset deleted; it can be restored for a time, and until then its versions stay readable for what was made of them. 把数据集标记为已删除；限期内可恢复，此前由它做成的东西仍能读到它的版本。
    // Caller: owner. Mutation. HTTP: DELETE /datasets/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    DeleteDatasetResp DeleteDataset(1: DeleteDatasetReq req) throws (1: base.PlatformError error),
    // Creates a task with a frozen snapshot. 新建任务，快照随即冻结。
    // Caller: developer. Mutation. HTTP: POST /datasets/{dataset_id}/tasks 201. Raises: NOT_FOUND, INVALID_ARGUMENT.
    CreateTaskResp CreateTask(1: CreateTaskReq req) throws (1: base.PlatformError error),
    // Reads one task. 读取一个任务。
    // Caller: viewer. Read. Inline. HTTP: GET /datasets/tasks/{id}. Raises: NOT_FOUND.
    GetTaskResp GetTask(1: GetTaskReq req) throws (1: base.PlatformError error),
    // Reads what the engine of a task printed, the end of it, also while it runs. 读取任务运行时打印的日志（保留末尾部分），运行中也可读。
    // Caller: viewer. Read. HTTP: GET /datasets/tasks/{task_id}/log. Raises: NOT_FOUND.
    GetTaskLogResp GetTaskLog(1: GetTaskLogReq req) throws (1: base.PlatformError error),
    // Lists tasks, newest first. 列出任务，最新的在前。
    // Caller: viewer. Read. HTTP: GET /datasets/tasks. Raises: INVALID_ARGUMENT.
    ListTasksResp ListTasks(1: ListTasksReq req) throws (1: base.PlatformError error),
    // Asks a task to stop; it is CANCELLED once its resources are free. 请求停止任务；资源释放后变为 CANCELLED。
    // Caller: developer. Mutation. HTTP: POST /datasets/tasks/{id}/cancel. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    CancelTaskResp CancelTask(1: CancelTaskReq req) throws (1: base.PlatformError error),
    // Reads one dataset version. 读取一个数据版本。
    // Caller: viewer, train, eval, deploy, app. Read. Inline. HTTP: GET /datasets/versions/{id}. Raises: NOT_FOUND, PURGED.
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
    // Declares a file that will be sent in parts; what it is called is only a label. 声明一个将分段发送的文件；名称只是标签。
    // Caller: developer. Mutation. HTTP: POST /datasets/uploads 201. Raises: INVALID_ARGUMENT, TOO_LARGE, TOO_MANY_UPLOADS.
    CreateUploadResp CreateUpload(1: CreateUploadReq req) throws (1: base.PlatformError error),
    // Takes one part of a file, beginning at an offset that is not beyond what was received. 接收文件的一段，起点不得超过已收到的位置。
    // Caller: developer. Mutation. HTTP: PUT /datasets/uploads/{id}/parts/{offset} raw. Raises: NOT_FOUND, ILLEGAL_TRANSITION, UPLOAD_INCOMPLETE, TOO_LARGE, BUSY, DISK_FULL.
    WriteUploadResp WriteUpload(1: WriteUploadReq req) throws (1: base.PlatformError error),
    // Ends an upload: its size and hash are checked, then a file import may read it; what is not as declared is thrown away. BUSY while a large file is still being checked: ask again. 结束上传：校验大小与哈希后即可导入；与声明不符的会被丢弃。大文件校验未完时返回 BUSY，稍后再问即可。
    // Caller: developer. Mutation. HTTP: POST /datasets/uploads/{id}/finish. Raises: NOT_FOUND, ILLEGAL_TRANSITION, UPLOAD_INCOMPLETE, CHECKSUM_MISMATCH, BUSY, DISK_FULL.
    FinishUploadResp FinishUpload(1: FinishUploadReq req) throws (1: base.PlatformError error),
    // Gives an upload up, with all that was received. 放弃上传，已收到的内容一并删除。
    // Caller: developer. Mutation. HTTP: DELETE /datasets/uploads/{id}. Raises: NOT_FOUND, ILLEGAL_TRANSITION, BUSY.
    DiscardUploadResp DiscardUpload(1: DiscardUploadReq req) throws (1: base.PlatformError error),
    // Says how far an upload of the caller's is. 查询自己的一个上传进行到哪里。
    // Caller: developer. Read. HTTP: GET /datasets/uploads/{id}. Raises: NOT_FOUND.
    GetUploadResp GetUpload(1: GetUploadReq req) throws (1: base.PlatformError error),
    // Lists the caller's own uploads in this space, newest first. 列出自己在当前空间的上传，最新的在前。
    // Caller: developer. Read. HTTP: GET /datasets/uploads. Raises: INVALID_ARGUMENT.
    ListUploadsResp ListUploads(1: ListUploadsReq req) throws (1: base.PlatformError error),
    // Reads the first rows of files as an import would, and says what it would leave out and why. 按导入的方式读取文件的前几行，并说明哪些会被略过及原因。
    // Caller: developer. Read. HTTP: POST /datasets/import-preview. Raises: INVALID_ARGUMENT, FILE_MISSING, FORMAT_UNKNOWN, DEADLINE_EXCEEDED, BUSY.
    PreviewImportResp PreviewImport(1: PreviewImportReq req) throws (1: base.PlatformError error),
    // Runs cleaning rules on a sample of a version: what each would drop, and what it would change. 在一个版本的样本上试运行清洗规则：每条规则会剔除什么、改动什么。
    // Caller: developer. Read. HTTP: POST /datasets/versions/{dataset_version_id}/clean-preview. Raises: NOT_FOUND, INVALID_ARGUMENT, DEADLINE_EXCEEDED, BUSY.
    PreviewCleaningResp PreviewCleaning(1: PreviewCleaningReq req) throws (1: base.PlatformError error),
    // Describes the fields of a version by a sample: how often they are there, how long they are, which values they have. 按样本描述一个版本的字段：出现多少、长度、取值。
    // Caller: viewer. Read. HTTP: GET /datasets/versions/{dataset_version_id}/summary. Raises: NOT_FOUND, CHECKSUM_MISMATCH.
    SummarizeVersionResp SummarizeVersion(1: SummarizeVersionReq req) throws (1: base.PlatformError error),
    // Counts what went, what came and what changed between two versions. BUSY while large ones are compared: ask again. 统计两个版本之间删除、新增和改动的记录数。大版本比较未完时返回 BUSY，稍后再问即可。
    // Caller: viewer. Read. HTTP: GET /datasets/versions/{old_version_id}/diff/{new_version_id}. Raises: NOT_FOUND, CHECKSUM_MISMATCH, BUSY.
    DiffVersionsResp DiffVersions(1: DiffVersionsReq req) throws (1: base.PlatformError error),
    // Lists the records that changed, went or came between two versions, before and after. 列出两个版本之间改动、删除和新增的记录，含前后内容。
    // Caller: viewer. Read. HTTP: GET /datasets/versions/{old_version_id}/diff/{new_version_id}/changes. Raises: NOT_FOUND, UNKNOWN_ENUM, CHECKSUM_MISMATCH, BUSY.
    ListVersionChangesResp ListVersionChanges(1: ListVersionChangesReq req) throws (1: base.PlatformError error),
    // Makes a version ready to be taken out as one file, and says what is in it. BUSY while a large one is made: ask again. 把一个版本准备成可带走的单个文件，并说明其内容。大版本准备未完时返回 BUSY，稍后再问即可。
    // Caller: viewer. Read. HTTP: GET /datasets/versions/{dataset_version_id}/export. Raises: NOT_FOUND, UNKNOWN_ENUM, CHECKSUM_MISMATCH, MISSING_EXTRA, DISK_FULL, BUSY.
    PrepareExportResp PrepareExport(1: PrepareExportReq req) throws (1: base.PlatformError error),
    // Takes a version out as one file: jsonl, csv, parquet, or a zip of its files (files, coco, yolo). 以单个文件带走一个版本：jsonl、csv、parquet，或其文件的 zip（files、coco、yolo）。
    // Caller: viewer. Read. Trail. HTTP: GET /datasets/versions/{dataset_version_id}/export/file file. Raises: NOT_FOUND, UNKNOWN_ENUM, CHECKSUM_MISMATCH, MISSING_EXTRA, DISK_FULL, BUSY.
    FetchExportResp FetchExport(1: FetchExportReq req) throws (1: base.PlatformError error),
    // Keeps a plan of steps under a name; it runs nothing. 以一个名称保存步骤方案，不会运行。
    // Caller: developer. Mutation. HTTP: POST /datasets/recipes 201. Raises: INVALID_ARGUMENT, MISSING_FIELD, UNKNOWN_ENUM, ALREADY_EXISTS, MISSING_EXTRA.
    CreateRecipeResp CreateRecipe(1: CreateRecipeReq req) throws (1: base.PlatformError error),
    // Reads a recipe with the plan of its newest revision, or of another one. 读取一个配方及其最新（或指定）修订的方案。
    // Caller: viewer. Read. HTTP: GET /datasets/recipes/{id}. Raises: NOT_FOUND.
    GetRecipeResp GetRecipe(1: GetRecipeReq req) throws (1: base.PlatformError error),
    // Reads a recipe by its name within the caller's space. 在当前空间里按名称读取一个配方。
    // Caller: viewer. Read. HTTP: GET /datasets/recipes/find. Raises: NOT_FOUND.
    FindRecipeResp FindRecipe(1: FindRecipeReq req) throws (1: base.PlatformError error),
    // Lists the recipes of the caller's space, newest first. 列出当前空间的配方，最新的在前。
    // Caller: viewer. Read. HTTP: GET /datasets/recipes. Raises: INVALID_ARGUMENT.
    ListRecipesResp ListRecipes(1: ListRecipesReq req) throws (1: base.PlatformError error),
    // Lists the plans that a recipe has had, newest first. 列出一个配方用过的所有方案，最新的在前。
    // Caller: viewer. Read. HTTP: GET /datasets/recipes/{recipe_id}/revisions. Raises: NOT_FOUND.
    ListRecipeRevisionsResp ListRecipeRevisions(1: ListRecipeRevisionsReq req) throws (1: base.PlatformError error),
    // Changes what is sent; another plan is the next revision. 修改请求里给出的字段；方案有变即成为下一修订。
    // Caller: developer. Mutation. HTTP: PATCH /datasets/recipes/{id}. Raises: NOT_FOUND, INVALID_ARGUMENT, UNKNOWN_ENUM, ALREADY_EXISTS, MISSING_EXTRA, STALE_VERSION, MISSING_VERSION.
    UpdateRecipeResp UpdateRecipe(1: UpdateRecipeReq req) throws (1: base.PlatformError error),
    // Takes a recipe out of the lists; what it made stays. 从列表中移除配方；它产出的内容不变。
    // Caller: developer. Mutation. HTTP: DELETE /datasets/recipes/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    DeleteRecipeResp DeleteRecipe(1: DeleteRecipeReq req) throws (1: base.PlatformError error),
    // Runs a plan on a sample of a version: what each step would leave out and change, and records before and after. 在一个版本的样本上试运行方案：每一步剔除什么、改动什么，以及记录的前后对照。
    // Caller: developer. Read. HTTP: POST /datasets/versions/{dataset_version_id}/recipe-preview. Raises: NOT_FOUND, INVALID_ARGUMENT, MISSING_FIELD, UNKNOWN_ENUM, MISSING_EXTRA, DEADLINE_EXCEEDED, BUSY.
    PreviewRecipeResp PreviewRecipe(1: PreviewRecipeReq req) throws (1: base.PlatformError error),
    // Begins a task that takes a version through all steps of a recipe, with one ledger; outputs of steps that are there already are not made again. 新建一个任务，让版本依次通过配方的所有步骤，共用一本台账；已有的步骤结果不会重做。
    // Caller: developer. Mutation. HTTP: POST /datasets/recipes/{recipe_id}/tasks 201. Raises: NOT_FOUND, INVALID_ARGUMENT, PREVIEW_NEEDED, DEADLINE_EXCEEDED, BUSY.
    RunRecipeResp RunRecipe(1: RunRecipeReq req) throws (1: base.PlatformError error),
    // Takes the delete of a dataset back, while there is time. 在限期内撤销对数据集的删除。
    // Caller: owner. Mutation. HTTP: POST /datasets/{id}/restore. Raises: NOT_FOUND, PURGED, ALREADY_EXISTS.
    RestoreDatasetResp RestoreDataset(1: RestoreDatasetReq req) throws (1: base.PlatformError error),
    // Takes the delete of a recipe back, while there is time. 在限期内撤销对配方的删除。
    // Caller: developer. Mutation. HTTP: POST /datasets/recipes/{id}/restore. Raises: NOT_FOUND, ALREADY_EXISTS.
    RestoreRecipeResp RestoreRecipe(1: RestoreRecipeReq req) throws (1: base.PlatformError error),
    // Lists the deleted datasets that can still come back, and when their data goes for good. 列出仍可恢复的已删除数据集，以及其数据何时被彻底删除。
    // Caller: owner. Read. HTTP: GET /datasets/deleted. Raises: INVALID_ARGUMENT.
    ListDeletedDatasetsResp ListDeletedDatasets(1: ListDeletedDatasetsReq req) throws (1: base.PlatformError error),
    // Takes the data of a deleted dataset from the disk for good, before its time, and keeps a proof of it. This cannot be undone. 立即彻底删除一个已删除数据集的数据，并留下凭证。此操作无法撤销。
    // Caller: owner. Mutation. HTTP: POST /datasets/{id}/purge 201. Raises: NOT_FOUND, MISSING_FIELD, BUSY.
    PurgeDatasetResp PurgeDataset(1: PurgeDatasetReq req) throws (1: base.PlatformError error),
    // Reads the proof of one dataset's data that went for good. 读取一份彻底删除的凭证。
    // Caller: owner, inspector. Read. HTTP: GET /datasets/purges/{id}. Raises: NOT_FOUND.
    GetPurgeResp GetPurge(1: GetPurgeReq req) throws (1: base.PlatformError error),
    // Lists the proofs of data that went for good, newest first. 列出彻底删除的凭证，最新的在前。
    // Caller: owner, inspector. Read. HTTP: GET /datasets/purges. Raises: INVALID_ARGUMENT.
    ListPurgesResp ListPurges(1: ListPurgesReq req) throws (1: base.PlatformError error),
    // Reads a picture or recording that records of a version name. 读取某版本记录所引用的图像或音频。
    // Caller: viewer. Read. HTTP: GET /datasets/versions/{dataset_version_id}/blobs/{digest} file. Raises: NOT_FOUND, CHECKSUM_MISMATCH.
    FetchBlobResp FetchBlob(1: FetchBlobReq req) throws (1: base.PlatformError error),
    // Names people who can be asked to work together. 建立一个人员池。
    // Caller: developer. Mutation. HTTP: POST /datasets/pools 201. Raises: INVALID_ARGUMENT, ALREADY_EXISTS.
    CreatePoolResp CreatePool(1: CreatePoolReq req) throws (1: base.PlatformError error),
    // Changes a pool; who is taken out gets nothing more, and may hand in what they hold. 修改人员池；移出的人不再领到条目，手上的仍可提交。
    // Caller: developer. Mutation. HTTP: PATCH /datasets/pools/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION, ALREADY_EXISTS.
    UpdatePoolResp UpdatePool(1: UpdatePoolReq req) throws (1: base.PlatformError error),
    // Reads one pool. 读取一个人员池。
    // Caller: developer. Read. HTTP: GET /datasets/pools/{id}. Raises: NOT_FOUND.
    GetPoolResp GetPool(1: GetPoolReq req) throws (1: base.PlatformError error),
    // Lists the pools of the space, newest first. 列出当前空间的人员池，最新的在前。
    // Caller: developer. Read. HTTP: GET /datasets/pools. Raises: INVALID_ARGUMENT.
    ListPoolsResp ListPools(1: ListPoolsReq req) throws (1: base.PlatformError error),
    // Makes a template of what people are asked, in its first version. 新建标注模板及其第一个版本。
    // Caller: developer. Mutation. HTTP: POST /datasets/templates 201. Raises: INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL, ALREADY_EXISTS.
    CreateTemplateResp CreateTemplate(1: CreateTemplateReq req) throws (1: base.PlatformError error),
    // Makes the next version of a template; work that is under way keeps the one it began with. 新建模板的下一个版本；进行中的任务沿用原版本。
    // Caller: developer. Mutation. HTTP: PATCH /datasets/templates/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL.
    UpdateTemplateResp UpdateTemplate(1: UpdateTemplateReq req) throws (1: base.PlatformError error),
    // Reads a template in one of its versions. 读取模板的一个版本。
    // Caller: viewer. Read. HTTP: GET /datasets/templates/{id}. Raises: NOT_FOUND.
    GetTemplateResp GetTemplate(1: GetTemplateReq req) throws (1: base.PlatformError error),
    // Lists the templates of the space in their newest versions, newest first. 列出当前空间的模板（最新版本），最新的在前。
    // Caller: viewer. Read. HTTP: GET /datasets/templates. Raises: INVALID_ARGUMENT.
    ListTemplatesResp ListTemplates(1: ListTemplatesReq req) throws (1: base.PlatformError error),
    // Gives the records of a version to people, under a rule; their answers become the next version. 按规则把一个版本的数据交给人标注，结果成为新版本。
    // Caller: developer. Mutation. HTTP: POST /datasets/{dataset_id}/annotations 201. Raises: NOT_FOUND, INVALID_ARGUMENT, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL.
    StartAnnotationResp StartAnnotation(1: StartAnnotationReq req) throws (1: base.PlatformError error),
    // Says what a task asks of people, and how far it is. 查看标注任务的要求与进度。
    // Caller: viewer. Read. HTTP: GET /datasets/tasks/{task_id}/annotation. Raises: NOT_FOUND.
    GetAnnotationResp GetAnnotation(1: GetAnnotationReq req) throws (1: base.PlatformError error),
    // Lists everybody who ever worked on a task, with their figures. 列出参与过任务的人及其统计。
    // Caller: developer. Read. HTTP: GET /datasets/tasks/{task_id}/members. Raises: NOT_FOUND.
    ListMembersResp ListMembers(1: ListMembersReq req) throws (1: base.PlatformError error),
    // Says how far the people of a task agree, field by field. 查看任务中各字段的标注一致性。
    // Caller: developer. Read. HTTP: GET /datasets/tasks/{task_id}/agreement. Raises: NOT_FOUND.
    GetAgreementResp GetAgreement(1: GetAgreementReq req) throws (1: base.PlatformError error),
    // Names the tasks in which the caller may work now, the newest 200. 列出自己现在可以参与的任务（最新的 200 个）。
    // Caller: annotator, inspector. Read. HTTP: GET /datasets/my-work. Raises: none.
    GetMyWorkResp GetMyWork(1: GetMyWorkReq req) throws (1: base.PlatformError error),
    // Lists what the caller has and had of a task, newest first. 列出自己在任务中的作业，最新的在前。
    // Caller: annotator, inspector. Read. HTTP: GET /datasets/tasks/{task_id}/my-answers. Raises: NOT_FOUND.
    ListMyAnswersResp ListMyAnswers(1: ListMyAnswersReq req) throws (1: base.PlatformError error),
    // Gives the caller the next items, so that they hold as many as they want; those held already come first. 领取下一批条目；手上已有的排在前面。
    // Caller: annotator. Mutation. HTTP: POST /datasets/tasks/{task_id}/claim. Raises: NOT_FOUND, FORBIDDEN.
    ClaimWorkResp ClaimWork(1: ClaimWorkReq req) throws (1: base.PlatformError error),
    // Gives an inspector the next items that wait for one. 领取下一批待质检的条目。
    // Caller: inspector. Mutation. HTTP: POST /datasets/tasks/{task_id}/claim-inspection. Raises: NOT_FOUND, FORBIDDEN.
    ClaimInspectionResp ClaimInspection(1: ClaimInspectionReq req) throws (1: base.PlatformError error),
    // Takes the answer to an item the caller holds, as the template of its task asks for it. 提交手上条目的答案，按任务模板校验。
    // Caller: annotator. Mutation. HTTP: POST /datasets/work/{id}/submit. Raises: NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL.
    SubmitWorkResp SubmitWork(1: SubmitWorkReq req) throws (1: base.PlatformError error),
    // Keeps a draft, unchecked, and the item for another while. 保存草稿（不校验）并续期。
    // Caller: annotator, inspector. Mutation. HTTP: PUT /datasets/work/{id}/draft. Raises: NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER.
    KeepWorkResp KeepWork(1: KeepWorkReq req) throws (1: base.PlatformError error),
    // Leaves an item to somebody else, with a reason. 说明原因后跳过，由其他人作答。
    // Caller: annotator. Mutation. HTTP: POST /datasets/work/{id}/skip. Raises: NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, MISSING_FIELD.
    SkipWorkResp SkipWork(1: SkipWorkReq req) throws (1: base.PlatformError error),
    // Gives an item back, to be given to anybody again. 退回条目，可再次分配给任何人。
    // Caller: annotator, inspector. Mutation. HTTP: POST /datasets/work/{id}/release. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    ReleaseWorkResp ReleaseWork(1: ReleaseWorkReq req) throws (1: base.PlatformError error),
    // Takes an answer back, to be changed, until an inspector has the item. 撤回答案以便修改，质检员领取前有效。
    // Caller: annotator. Mutation. HTTP: POST /datasets/work/{id}/undo. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    UndoWorkResp UndoWork(1: UndoWorkReq req) throws (1: base.PlatformError error),
    // Accepts what others answered, corrects it, rejects it so that exactly this item is begun anew, or sets it aside. 质检：采纳、更正、驳回（仅该条重做）或搁置。
    // Caller: inspector. Mutation. HTTP: POST /datasets/work/{id}/decide. Raises: NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, FORBIDDEN, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL.
    DecideWorkResp DecideWork(1: DecideWorkReq req) throws (1: base.PlatformError error),
}
