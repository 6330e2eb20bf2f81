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

// What people are asked about each stored output.
enum RatingType {
    Scale_Rating = 1,        // 打分：a whole number
    Category_Rating = 2,        // 归类：one of some labels
    Pairwise_Rating = 3,        // 对比：which of two runs answered better
    Free_Text_Rating = 4,        // 评语：a text, and no score
}

// What a comparison says of the second of two, as against the first.
enum ComparisonVerdict {
    NO_DIFFERENCE_SHOWN = 0,        // which is not: they are equal
    BETTER = 1,
    WORSE = 2,
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
    14: string people_json,    // who rates the outputs of its runs, what they are asked, by which rule; {} = nobody
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
    52: i64 rated_task_id,    // of the run whose outputs people rate; 0: an engine measures
    53: i64 against_task_id,    // of the other run, where people compare two, or of what served when a release was evaluated; 0: none
    54: string classes_json,    // of a test of labels, what was taken for what and how sure the answers were; {} of others
    55: i64 prompt_version_id,    // in whose words the records were asked: such a result informs and decides nothing; 0: as the records ask
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
    7: optional i64 template_id,    // what people are asked about each output; absent: nobody is asked
    8: optional i32 template_number,    // of a version; absent = the newest
    9: optional string rule_json,    // how many people per item, and how their work is checked
    10: optional list<i64> annotators,    // pools; none = everybody who may rate
    11: optional list<i64> inspectors,    // pools; none = nobody looks again
    12: optional list<string> good,    // labels that count for the score; absent = the first one
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
    10: optional i64 prompt_version_id,    // ask in its words; absent = as the records ask
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
    8: optional i64 against_task_id,    // the evaluation of what serves now: where it can be compared, the gain over it is measured too
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

// One score, over the items that both answered.
struct MetricComparison {
    1: string metric,
    2: double first,    // the mean of each
    3: double second,
    4: double difference,    // second - first
    5: optional double low,    // its interval of 95 %; absent where none follows: of one item, or where all differ alike
    6: optional double high,
    7: i64 pairs,
    8: i64 first_better,    // items
    9: i64 second_better,
    10: string test,    // mcnemar (exact), sign_flip
    11: double p,    // that a difference at least as large comes of chance alone
    12: double p_corrected,    // for the number of scores that are compared (Holm)
    13: ComparisonVerdict verdict,
    14: bool less_is_better,
}

// Two evaluations of the same test version, item by item.
struct Comparison {
    1: EvalTask first,
    2: EvalTask second,
    3: i64 pairs,    // items that both answered
    4: i64 left_out,    // items that one of them has no answer to, or was not asked
    5: list<MetricComparison> metrics,
}

// An item that two evaluations answered differently.
struct EvalDifference {
    1: EvalItem first,
    2: EvalItem second,
    3: ComparisonVerdict verdict,    // by exact match, then by token F1; whoever failed is worse
}

struct CompareTasksReq {
    1: required i64 first_task_id,
    2: required i64 second_task_id,
    255: optional base.Base base,
}

struct CompareTasksResp {
    1: Comparison comparison,
    255: optional base.BaseResp base_resp,
}

struct ListDifferencesReq {
    1: required i64 first_task_id,
    2: required i64 second_task_id,
    3: optional ComparisonVerdict verdict,    // absent: all whose answers differ
    4: optional string contains,    // in what was asked, expected or answered
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListDifferencesResp {
    1: list<EvalDifference> differences,
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

// --- rating by people

// A task in which people rate: what is asked, by which rule, and how far it is. Of the run and its model not a word: people rate blind.
struct Rating {
    1: i64 task_id,
    2: task.WorkTemplate template,
    3: string rule_json,
    4: list<i64> annotators,    // pools; none = everybody who may rate
    5: list<i64> inspectors,    // pools; none = nobody looks again
    6: i64 items,
    7: i64 items_done,
    8: i64 inspecting,
    9: i64 set_aside,
    10: i64 held,
}

// What one person said of a run, for who runs it.
struct Rater {
    1: i64 person_id,
    2: i64 items,
    3: optional double score,    // of their own answers; absent where nothing is scored
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
    2: required RatingType rating_type,
    3: optional string body_json,    // absent: what this kind of rating begins with
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
    1: optional RatingType rating_type,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListTemplatesResp {
    1: list<task.WorkTemplate> templates,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct StartRatingReq {
    1: required i64 eval_task_id,    // the run whose stored outputs are rated
    2: optional i64 eval_config_id,    // that names people; absent = that of the run
    3: optional i64 against_task_id,    // the run it is compared with, where two are
    4: optional string name,    // what raters read
    5: optional string desc,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct StartRatingResp {
    1: EvalTask eval_task,
    255: optional base.BaseResp base_resp,
}

struct GetRatingReq {
    1: required i64 task_id,
    255: optional base.Base base,
}

struct GetRatingResp {
    1: Rating rating,
    255: optional base.BaseResp base_resp,
}

struct GetRatersReq {
    1: required i64 task_id,
    255: optional base.Base base,
}

struct GetRatersResp {
    1: list<Rater> raters,
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

// --- an evaluation as one file

struct FetchTaskExportReq {
    1: required i64 task_id,
    2: required string format,    // html: to be read and printed; jsonl: every item
    3: optional string language,    // of html: en or zh; en when absent
    4: optional i64 offset,    // of the first byte that is wanted
    255: optional base.Base base,
}

struct FetchTaskExportResp {
    1: base.File file,
    2: binary data,    // empty behind the end
    255: optional base.BaseResp base_resp,
}

// --- prompts

// Words a model is asked in, in numbered versions that never change. Shown with one of them.
struct Prompt {
    1: i64 id,
    2: string name,
    3: string desc,
    4: i64 project_space_id,
    5: i64 user_id,
    6: i64 prompt_version_id,
    7: i32 number,    // of the version shown
    8: string system,    // what the model is told first; may be empty
    9: string template,    // of what it is asked, with {{field}} where a field of the record goes
    10: string content_hash,    // of both texts
    11: list<string> fields,    // which they name, in order
    12: map<string, i32> labels,    // the version each of them stands on
    13: i32 newest,    // number of the newest version
    14: i64 create_time,
    15: i64 update_time,
    16: i32 version,
}

struct PromptVersion {
    1: i64 id,
    2: i64 prompt_id,
    3: i32 number,
    4: string system,
    5: string template,
    6: string content_hash,
    7: list<string> fields,
    8: string note,    // why it was made
    9: i64 user_id,
    10: i64 create_time,
}

struct CreatePromptReq {
    1: required string name,
    2: required string template,
    3: optional string system,
    4: optional string desc,
    5: optional string note,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreatePromptResp {
    1: Prompt prompt,
    255: optional base.BaseResp base_resp,
}

struct UpdatePromptReq {
    1: required i64 id,
    2: required string template,
    3: optional string system,    // absent = none
    4: optional string note,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdatePromptResp {
    1: Prompt prompt,
    255: optional base.BaseResp base_resp,
}

struct GetPromptReq {
    1: required i64 id,
    2: optional i32 number,    // of a version; absent = the newest
    255: optional base.Base base,
}

struct GetPromptResp {
    1: Prompt prompt,
    255: optional base.BaseResp base_resp,
}

struct ResolvePromptReq {
    1: required string reference,    // NAME, NAME@3, NAME@latest, NAME@LABEL; NAME alone is the newest
    255: optional base.Base base,
}

struct ResolvePromptResp {
    1: Prompt prompt,
    255: optional base.BaseResp base_resp,
}

struct ListPromptsReq {
    1: optional string name_prefix,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListPromptsResp {
    1: list<Prompt> prompts,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct ListPromptVersionsReq {
    1: required i64 prompt_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListPromptVersionsResp {
    1: list<PromptVersion> prompt_versions,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct SetPromptLabelReq {
    1: required i64 id,
    2: required string label,
    3: required i32 number,    // of the version it stands on from now; 0 takes it off
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct SetPromptLabelResp {
    1: Prompt prompt,
    255: optional base.BaseResp base_resp,
}

// --- grids: prompts by targets over one test version

struct GridTarget {
    1: required i64 model_version_id,
    2: optional EvalTargetKind target_kind,    // absent = WEIGHTS
    3: optional string target_digest,
    4: optional string target_address,
}

// A row of a grid, under the name it had.
struct GridPrompt {
    1: i64 prompt_version_id,    // 0 = as the records ask
    2: i64 prompt_id,
    3: string name,
    4: i32 number,
}

struct EvalGrid {
    1: i64 id,
    2: string name,
    3: string desc,
    4: i64 project_space_id,
    5: i64 user_id,
    6: i64 dataset_version_id,
    7: list<GridPrompt> prompts,    // its rows
    8: list<GridTarget> targets,    // its columns
    9: list<i64> eval_task_ids,    // its cells, row by row
    10: i64 started,    // cells that were run for it; all others were there already
    11: i64 create_time,
    12: i64 update_time,
    13: i32 version,
}

struct CreateGridReq {
    1: required string name,
    2: required i64 dataset_version_id,
    3: required list<GridTarget> targets,
    4: optional list<i64> prompt_version_ids,
    5: optional bool plain,    // a row without a prompt too, as the records ask
    6: optional list<string> metrics,
    7: optional string options_json,
    8: optional string desc,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateGridResp {
    1: EvalGrid grid,
    255: optional base.BaseResp base_resp,
}

struct GetGridReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetGridResp {
    1: EvalGrid grid,
    2: list<EvalTask> eval_tasks,    // its cells, row by row, without their snapshots
    255: optional base.BaseResp base_resp,
}

struct ListGridsReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListGridsResp {
    1: list<EvalGrid> grids,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

// What one cell shows as against the chosen one.
struct CellComparison {
    1: i64 eval_task_id,
    2: i64 pairs,    // items that both answered
    3: i64 left_out,
    4: list<MetricComparison> metrics,    // p is corrected for all scores of all cells that are compared
}

struct CompareGridReq {
    1: required i64 id,
    2: required i64 first_task_id,    // the cell all others are held against
    3: optional string metric,    // absent = each that has a score per answer
    255: optional base.Base base,
}

struct CompareGridResp {
    1: list<CellComparison> cells,    // those that succeeded, in order, without the first
    255: optional base.BaseResp base_resp,
}

service EvalService extends base.PlatformService {
    // Creates an eval config. 新建评测配置。
    // Caller: developer. Mutation. HTTP: POST /eval/configs 201. Raises: NOT_FOUND, INVALID_ARGUMENT, WRONG_TYPE, TOO_LARGE, TOO_SMALL, ALREADY_EXISTS.
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
    // Caller: viewer, deploy. Read. HTTP: GET /eval/tasks/{task_id}/items. Raises: NOT_FOUND, PURGED.
    ListItemsResp ListItems(1: ListItemsReq req) throws (1: base.PlatformError error),
    // Takes a finished evaluation out as one file: html to be read and printed, without a script, or jsonl with every item. 以单个文件带走一次已完成的评测：可阅读打印、不含脚本的 html，或包含每条结果的 jsonl。
    // Caller: viewer. Read. Trail. HTTP: GET /eval/tasks/{task_id}/export file. Raises: NOT_FOUND, PURGED, UNKNOWN_ENUM, ILLEGAL_TRANSITION.
    FetchTaskExportResp FetchTaskExport(1: FetchTaskExportReq req) throws (1: base.PlatformError error),
    // Compares two finished evaluations of one test version, item by item: difference, interval, and whether it is shown. 逐条对比同一测试版本上的两次评测：差值、区间，以及差异是否成立。
    // Caller: viewer. Read. HTTP: GET /eval/tasks/{first_task_id}/compare/{second_task_id}. Raises: NOT_FOUND, PURGED, INVALID_ARGUMENT, ILLEGAL_TRANSITION.
    CompareTasksResp CompareTasks(1: CompareTasksReq req) throws (1: base.PlatformError error),
    // Lists the items that two evaluations answered differently, in order. 按顺序列出两次评测回答不同的条目。
    // Caller: viewer. Read. HTTP: GET /eval/tasks/{first_task_id}/compare/{second_task_id}/items. Raises: NOT_FOUND, PURGED, INVALID_ARGUMENT, ILLEGAL_TRANSITION.
    ListDifferencesResp ListDifferences(1: ListDifferencesReq req) throws (1: base.PlatformError error),
    // Writes a prompt in its first version. 新建提示词及其第一个版本。
    // Caller: developer. Mutation. HTTP: POST /eval/prompts 201. Raises: INVALID_ARGUMENT, ALREADY_EXISTS.
    CreatePromptResp CreatePrompt(1: CreatePromptReq req) throws (1: base.PlatformError error),
    // Makes the next version of a prompt; those there are never change. 新建提示词的下一个版本；已有版本永不改变。
    // Caller: developer. Mutation. HTTP: PATCH /eval/prompts/{id}. Raises: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS, STALE_VERSION, MISSING_VERSION.
    UpdatePromptResp UpdatePrompt(1: UpdatePromptReq req) throws (1: base.PlatformError error),
    // Reads a prompt in its newest version, or in another one. 读取提示词的最新（或指定）版本。
    // Caller: viewer. Read. Inline. HTTP: GET /eval/prompts/{id}. Raises: NOT_FOUND.
    GetPromptResp GetPrompt(1: GetPromptReq req) throws (1: base.PlatformError error),
    // Reads the version of a prompt that a name stands for: NAME, NAME@3, NAME@latest, NAME@LABEL. 读取名称所指的提示词版本：名称、名称@3、名称@latest、名称@标签。
    // Caller: viewer. Read. Inline. HTTP: GET /eval/prompts/resolve. Raises: NOT_FOUND.
    ResolvePromptResp ResolvePrompt(1: ResolvePromptReq req) throws (1: base.PlatformError error),
    // Lists the prompts of the caller's space in their newest versions, newest first. 列出当前空间的提示词（最新版本），最新的在前。
    // Caller: viewer. Read. HTTP: GET /eval/prompts. Raises: INVALID_ARGUMENT.
    ListPromptsResp ListPrompts(1: ListPromptsReq req) throws (1: base.PlatformError error),
    // Lists the versions of a prompt, newest first. 列出提示词的所有版本，最新的在前。
    // Caller: viewer. Read. HTTP: GET /eval/prompts/{prompt_id}/versions. Raises: NOT_FOUND.
    ListPromptVersionsResp ListPromptVersions(1: ListPromptVersionsReq req) throws (1: base.PlatformError error),
    // Puts a label on a version of a prompt, so that programs which ask for NAME@LABEL get it; where it stood before is in the history. 把标签指向提示词的某个版本，按“名称@标签”获取的程序随之切换；历史可查。
    // Caller: developer. Mutation. HTTP: PUT /eval/prompts/{id}/labels/{label}. Raises: NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION.
    SetPromptLabelResp SetPromptLabel(1: SetPromptLabelReq req) throws (1: base.PlatformError error),
    // Evaluates every prompt with every target on one test version; a cell that was evaluated already is not run again. 在同一测试版本上评测每个提示词与每个对象的组合；已评测过的单元格不再重跑。
    // Caller: developer. Mutation. HTTP: POST /eval/grids 201. Raises: NOT_FOUND, INVALID_ARGUMENT, SPLIT_LEAK, ILLEGAL_TRANSITION, TOO_LARGE, ALREADY_EXISTS.
    CreateGridResp CreateGrid(1: CreateGridReq req) throws (1: base.PlatformError error),
    // Reads a grid with its cells. 读取一个评测矩阵及其单元格。
    // Caller: viewer. Read. HTTP: GET /eval/grids/{id}. Raises: NOT_FOUND.
    GetGridResp GetGrid(1: GetGridReq req) throws (1: base.PlatformError error),
    // Lists the grids of the caller's space, newest first. 列出当前空间的评测矩阵，最新的在前。
    // Caller: viewer. Read. HTTP: GET /eval/grids. Raises: INVALID_ARGUMENT.
    ListGridsResp ListGrids(1: ListGridsReq req) throws (1: base.PlatformError error),
    // Holds all cells of a grid against one of them, item by item, corrected for how many there are. 将矩阵的其他单元格与选定的一个逐条对比，并按对比次数校正。
    // Caller: viewer. Read. HTTP: GET /eval/grids/{id}/compare/{first_task_id}. Raises: NOT_FOUND, PURGED, INVALID_ARGUMENT, ILLEGAL_TRANSITION.
    CompareGridResp CompareGrid(1: CompareGridReq req) throws (1: base.PlatformError error),
    // The eval part of the composed status.
    // Caller: viewer. Read. Inline. Raises: none.
    GetEvalStateResp GetEvalState(1: GetEvalStateReq req) throws (1: base.PlatformError error),
    // Names people who can be asked to work together. 建立一个人员池。
    // Caller: developer. Mutation. HTTP: POST /eval/pools 201. Raises: INVALID_ARGUMENT, ALREADY_EXISTS.
    CreatePoolResp CreatePool(1: CreatePoolReq req) throws (1: base.PlatformError error),
    // Changes a pool; who is taken out gets nothing more, and may hand in what they hold. 修改人员池；移出的人不再领到条目，手上的仍可提交。
    // Caller: developer. Mutation. HTTP: PATCH /eval/pools/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION, ALREADY_EXISTS.
    UpdatePoolResp UpdatePool(1: UpdatePoolReq req) throws (1: base.PlatformError error),
    // Reads one pool. 读取一个人员池。
    // Caller: developer. Read. HTTP: GET /eval/pools/{id}. Raises: NOT_FOUND.
    GetPoolResp GetPool(1: GetPoolReq req) throws (1: base.PlatformError error),
    // Lists the pools of the space, newest first. 列出当前空间的人员池，最新的在前。
    // Caller: developer. Read. HTTP: GET /eval/pools. Raises: INVALID_ARGUMENT.
    ListPoolsResp ListPools(1: ListPoolsReq req) throws (1: base.PlatformError error),
    // Makes a template of what people are asked, in its first version. 新建评测模板及其第一个版本。
    // Caller: developer. Mutation. HTTP: POST /eval/templates 201. Raises: INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL, ALREADY_EXISTS.
    CreateTemplateResp CreateTemplate(1: CreateTemplateReq req) throws (1: base.PlatformError error),
    // Makes the next version of a template; work that is under way keeps the one it began with. 新建模板的下一个版本；进行中的任务沿用原版本。
    // Caller: developer. Mutation. HTTP: PATCH /eval/templates/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL.
    UpdateTemplateResp UpdateTemplate(1: UpdateTemplateReq req) throws (1: base.PlatformError error),
    // Reads a template in one of its versions. 读取模板的一个版本。
    // Caller: viewer. Read. HTTP: GET /eval/templates/{id}. Raises: NOT_FOUND.
    GetTemplateResp GetTemplate(1: GetTemplateReq req) throws (1: base.PlatformError error),
    // Lists the templates of the space in their newest versions, newest first. 列出当前空间的模板（最新版本），最新的在前。
    // Caller: viewer. Read. HTTP: GET /eval/templates. Raises: INVALID_ARGUMENT.
    ListTemplatesResp ListTemplates(1: ListTemplatesReq req) throws (1: base.PlatformError error),
    // Gives the stored outputs of a run to people, blind and under the rule of a config; what they say is evidence. 把一次评测保存的输出按规则交给人盲评，结论作为证据。
    // Caller: developer. Mutation. HTTP: POST /eval/tasks/{eval_task_id}/ratings 201. Raises: NOT_FOUND, PURGED, INVALID_ARGUMENT, MISSING_FIELD, ILLEGAL_TRANSITION, TOO_LARGE, TOO_SMALL.
    StartRatingResp StartRating(1: StartRatingReq req) throws (1: base.PlatformError error),
    // Says what people are asked, and how far they are. 查看人工评测的要求与进度。
    // Caller: viewer. Read. HTTP: GET /eval/tasks/{task_id}/rating. Raises: NOT_FOUND.
    GetRatingResp GetRating(1: GetRatingReq req) throws (1: base.PlatformError error),
    // Says what each rater said on the whole. 列出每位评测员的总体评分。
    // Caller: developer. Read. HTTP: GET /eval/tasks/{task_id}/raters. Raises: NOT_FOUND.
    GetRatersResp GetRaters(1: GetRatersReq req) throws (1: base.PlatformError error),
    // Lists everybody who ever worked on a task, with their figures. 列出参与过任务的人及其统计。
    // Caller: developer. Read. HTTP: GET /eval/tasks/{task_id}/members. Raises: NOT_FOUND.
    ListMembersResp ListMembers(1: ListMembersReq req) throws (1: base.PlatformError error),
    // Says how far the people of a task agree, field by field. 查看任务中各字段的评分一致性。
    // Caller: developer. Read. HTTP: GET /eval/tasks/{task_id}/agreement. Raises: NOT_FOUND.
    GetAgreementResp GetAgreement(1: GetAgreementReq req) throws (1: base.PlatformError error),
    // Names the tasks in which the caller may work now, the newest 200. 列出自己现在可以参与的任务（最新的 200 个）。
    // Caller: rater, inspector. Read. HTTP: GET /eval/my-work. Raises: none.
    GetMyWorkResp GetMyWork(1: GetMyWorkReq req) throws (1: base.PlatformError error),
    // Lists what the caller has and had of a task, newest first. 列出自己在任务中的作业，最新的在前。
    // Caller: rater, inspector. Read. HTTP: GET /eval/tasks/{task_id}/my-answers. Raises: NOT_FOUND.
    ListMyAnswersResp ListMyAnswers(1: ListMyAnswersReq req) throws (1: base.PlatformError error),
    // Gives the caller the next items, so that they hold as many as they want; those held already come first. 领取下一批条目；手上已有的排在前面。
    // Caller: rater. Mutation. HTTP: POST /eval/tasks/{task_id}/claim. Raises: NOT_FOUND, FORBIDDEN.
    ClaimWorkResp ClaimWork(1: ClaimWorkReq req) throws (1: base.PlatformError error),
    // Gives an inspector the next items that wait for one. 领取下一批待质检的条目。
    // Caller: inspector. Mutation. HTTP: POST /eval/tasks/{task_id}/claim-inspection. Raises: NOT_FOUND, FORBIDDEN.
    ClaimInspectionResp ClaimInspection(1: ClaimInspectionReq req) throws (1: base.PlatformError error),
    // Takes the answer to an item the caller holds, as the template of its task asks for it. 提交手上条目的答案，按任务模板校验。
    // Caller: rater. Mutation. HTTP: POST /eval/work/{id}/submit. Raises: NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL.
    SubmitWorkResp SubmitWork(1: SubmitWorkReq req) throws (1: base.PlatformError error),
    // Keeps a draft, unchecked, and the item for another while. 保存草稿（不校验）并续期。
    // Caller: rater, inspector. Mutation. HTTP: PUT /eval/work/{id}/draft. Raises: NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER.
    KeepWorkResp KeepWork(1: KeepWorkReq req) throws (1: base.PlatformError error),
    // Leaves an item to somebody else, with a reason. 说明原因后跳过，由其他人作答。
    // Caller: rater. Mutation. HTTP: POST /eval/work/{id}/skip. Raises: NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, MISSING_FIELD.
    SkipWorkResp SkipWork(1: SkipWorkReq req) throws (1: base.PlatformError error),
    // Gives an item back, to be given to anybody again. 退回条目，可再次分配给任何人。
    // Caller: rater, inspector. Mutation. HTTP: POST /eval/work/{id}/release. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    ReleaseWorkResp ReleaseWork(1: ReleaseWorkReq req) throws (1: base.PlatformError error),
    // Takes an answer back, to be changed, until an inspector has the item. 撤回答案以便修改，质检员领取前有效。
    // Caller: rater. Mutation. HTTP: POST /eval/work/{id}/undo. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    UndoWorkResp UndoWork(1: UndoWorkReq req) throws (1: base.PlatformError error),
    // Accepts what others answered, corrects it, rejects it so that exactly this item is begun anew, or sets it aside. 质检：采纳、更正、驳回（仅该条重做）或搁置。
    // Caller: inspector. Mutation. HTTP: POST /eval/work/{id}/decide. Raises: NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, FORBIDDEN, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL.
    DecideWorkResp DecideWork(1: DecideWorkReq req) throws (1: base.PlatformError error),
}
