// Model domain: projects, versions, evidence and the release gate. Where a version serves is never a state of it.

namespace cpp modelyard.model
namespace go modelyard.model
namespace java modelyard.model
namespace js modelyard.model
namespace php modelyard.model
namespace py modelyard.model
namespace netstd Modelyard.Model
namespace rb Modelyard.Model

include "base.thrift"
include "task.thrift"

enum ModelVersionStatus {
    CREATED = 0,
    TRAINING = 10,
    TRAINED = 20,
    EVALUATING = 30,
    QUALIFIED = 40,
    REJECTED = 45,
    RETIRED = 90,
    QUARANTINED = 99,
}

// The furthest evidence of a project's versions, plus ONLINE while a slot serves one.
enum ModelProjectStatus {
    CREATED = 0,
    TRAINING = 10,
    TRAINED = 20,
    EVALUATING = 30,
    QUALIFIED = 40,
    REJECTED = 45,
    ONLINE = 50,
}

enum GateVerdictKind {
    PASS = 1,
    FAIL = 2,
    NO_DATA = 3,        // evidence is missing; never passes
    OFF = 4,        // the project switched its gate off
}

// Who vouches for a result, and so whether it may decide.
enum EvidenceKind {
    INFORMS = 0,        // a server somebody named: shown, never decides
    WEIGHTS = 1,        // the platform itself ran the trained weights
    RELEASE = 2,        // a packaged digest on an instance that deploy started
    HUMAN = 3,        // people rated what weights or a package had answered
}

// Why a rule does not hold.
enum GateLack {
    NOTHING = 0,        // it holds
    NO_EVALUATION = 1,        // no result that may decide
    TOO_FEW_ITEMS = 2,
    TOO_MANY_FAILED = 3,        // of the items; the rest covers too little
    EXPIRED = 4,        // measured too long ago
    MISSED = 5,        // measured, and beyond the bound
    UNDEFINED = 6,        // measured, and this figure does not follow: too few rated the same, or nothing serves that it compares with
    UNKNOWN = 7,        // it was trained on data nobody here knows, so that nobody can say what the test repeats
}

// A release past a gate that refuses it, by two people.
enum GateOverrideStatus {
    ASKED = 0,
    LIVE = 10,        // confirmed by a second person
    WITHDRAWN = 90,
    ENDED = 91,        // its time is over
}

enum GateComparator {
    AT_LEAST = 1,
    AT_MOST = 2,
}

struct ModelProject {
    1: i64 id,
    2: string name,
    3: string desc,
    4: i64 project_space_id,
    5: string path,
    6: string train_framework,
    7: string inference_framework,
    8: string metrics_url,
    9: ModelProjectStatus status,
    10: string code_repo_url,
    11: string hdfs_dir,
    12: i64 user_id,
    13: i64 create_time,
    14: i64 update_time,
    15: i32 version,
}

struct ModelVersion {
    1: i64 id,
    2: i64 project_id,
    3: i64 project_space_id,
    4: i32 number,    // 1, 2, 3 … within the project
    5: string desc,
    6: ModelVersionStatus status,
    7: i64 train_task_id,
    8: list<i64> dataset_version_ids,    // the data it was trained on
    9: i64 base_version_id,    // 0 = from scratch
    10: string artifact_uri,
    11: string artifact_digest,    // frozen once set
    12: string metrics_json,
    13: i64 user_id,
    14: i64 create_time,
    15: i64 update_time,
    16: i32 version,
    17: string family,    // of models: "causal_lm", "text_classifier"; "" before it has weights
    18: string layout,    // "llama", "qwen2" and so on
    19: i64 parameters,
    20: i64 context_tokens,    // longest question plus answer
    21: string source,    // where it comes from when it was made elsewhere; "" for one trained here
    22: string licence,    // first line of the licence it came with
}

// A file of a checkpoint: its name there, and where it lies in the space's import folder, as an upload says it.
struct CheckpointFile {
    1: required string name,
    2: required string path,
}

// A second name of a model, or one it had before it was renamed.
struct ModelAlias {
    1: i64 id,
    2: string name,
    3: i64 project_id,
    4: i64 project_space_id,
    5: i32 model_version_number,    // 0 = whatever is online
    6: bool former,    // an old name; given up to whoever takes it
    7: i64 user_id,
    8: i64 create_time,
    9: i64 update_time,
    10: i32 version,
}

struct GateRule {
    1: required string metric,
    2: required GateComparator comparator,
    3: required double bound,
    4: optional i64 min_items,    // evaluated items needed, 1 when absent
    5: optional double min_coverage,    // share of items that did not fail, 1.0 when absent
    6: optional i64 dataset_version_id,    // the test version that counts for this rule; any when absent
}

struct ReleaseGate {
    1: i64 id,
    2: i64 project_id,
    3: bool enabled,
    4: list<GateRule> rules,
    5: string off_reason,
    6: i64 user_id,
    7: i64 create_time,
    8: i64 update_time,
    9: i32 version,
    10: i32 max_age_hours,    // how long a result counts, 0 = for ever
}

struct GateRuleResult {
    1: GateRule rule,
    2: GateVerdictKind verdict,
    3: double value,    // 0 when there is no data
    4: i64 evidence_id,    // 0 when there is none
    5: GateLack lack,
    6: i64 expire_time,    // when its result stops counting, 0 = never
}

// A sentence for people.
struct Words {
    1: string en,
    2: string zh,
}

// The word of two people that these bytes may be released although the gate refuses them, until a moment.
struct GateOverride {
    1: i64 id,
    2: i64 project_id,
    3: i64 project_space_id,
    4: i64 model_version_id,
    5: i32 model_version_number,
    6: string digest,    // of the packaged bytes
    7: GateOverrideStatus status,
    8: string cause,
    9: i64 end_time,    // it ends by itself
    10: i64 user_id,    // who asked
    11: i64 confirmer_id,    // 0 until confirmed
    12: string comment,    // of who confirmed or withdrew it
    13: i64 create_time,
    14: i64 update_time,
    15: i32 version,
}

// Computed by the server from stored evidence, bound to one digest; never a settable tag.
struct GateVerdict {
    1: GateVerdictKind verdict,
    2: string digest,
    3: i32 gate_version,
    4: list<GateRuleResult> results,
    5: i64 check_time,
    6: optional GateOverride gate_override,    // the live one for this digest, where the gate refuses it
}

// One stored evaluation result.
struct Evidence {
    1: i64 id,
    2: i64 model_version_id,
    3: string digest,    // the bytes that were evaluated
    4: i64 eval_task_id,
    5: i64 dataset_version_id,
    6: string dataset_hash,
    7: map<string, double> metrics,
    8: i64 items,
    9: i64 failed_items,
    10: i64 create_time,
    11: EvidenceKind kind,
    12: string overlap_json,    // how the test repeats what the version was trained on; the metric "leak" is its share
}

// One rule of a gate with what it needs, what there is, and what to do next.
struct ExplainedRule {
    1: GateRuleResult result,
    2: optional Evidence evidence,    // the result it was judged by
    3: Words needs,
    4: Words found,
    5: Words step,    // empty while it holds
}

struct GateExplanation {
    1: GateVerdict verdict,
    2: list<ExplainedRule> rules,
    3: Words summary,
    4: list<GateOverride> overrides,    // asked for or live, of these bytes
    5: i32 max_age_hours,
}

// from -> to: 'from' was made out of, or judged by, 'to'.
struct LineageEdge {
    1: string from_kind,
    2: string from_id,
    3: string to_kind,
    4: string to_id,
    5: string relation,
    6: i64 create_time,
}

// What one section of a model card says; "" takes the section away.
struct CardText {
    1: required string name,
    2: required string text,    // Markdown
}

struct CardSection {
    1: string name,
    2: Words title,
    3: Words hint,    // what belongs into it
    4: string text,    // Markdown; "" while nobody has written it
}

// What the records say; nobody edits it.
struct CardFact {
    1: string name,
    2: Words title,
    3: Words value,
}

// What people should know before they use a version.
struct ModelCard {
    1: i64 model_version_id,
    2: i32 model_version_number,
    3: i32 written_for_number,    // the version the sections were written for; 0 while nobody wrote any
    4: list<CardSection> sections,
    5: list<CardFact> facts,
    6: Words markdown,    // the whole card
    7: i64 user_id,    // who wrote last
    8: i64 update_time,
    9: i32 version,    // 0 while the sections are those of another version
}

struct CreateProjectReq {
    1: required string name,
    2: optional string desc,
    3: optional string path,
    4: optional string train_framework,
    5: optional string inference_framework,
    6: optional string metrics_url,
    7: optional string code_repo_url,
    8: optional string hdfs_dir,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateProjectResp {
    1: ModelProject project,
    255: optional base.BaseResp base_resp,
}

struct GetProjectReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetProjectResp {
    1: ModelProject project,
    255: optional base.BaseResp base_resp,
}

struct FindProjectReq {
    1: required string name,
    255: optional base.Base base,
}

struct FindProjectResp {
    1: ModelProject project,
    255: optional base.BaseResp base_resp,
}

struct ListProjectsReq {
    1: optional string name_prefix,
    2: optional ModelProjectStatus status,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListProjectsResp {
    1: list<ModelProject> projects,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct ResolveNameReq {
    1: required string name,    // a name, an alias, a former name, an id of a model or version, NAME@3, NAME@latest, NAME@ALIAS
    255: optional base.Base base,
}

struct ResolveNameResp {
    1: ModelProject project,
    2: i32 model_version_number,    // 0 = whatever is online
    255: optional base.BaseResp base_resp,
}

struct CreateAliasReq {
    1: required i64 project_id,
    2: required string name,
    3: optional i32 model_version_number,    // 0 or absent = whatever is online
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateAliasResp {
    1: ModelAlias model_alias,
    255: optional base.BaseResp base_resp,
}

struct ListAliasesReq {
    1: required i64 project_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListAliasesResp {
    1: list<ModelAlias> model_aliases,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct UpdateAliasReq {
    1: required i64 id,
    2: required i32 model_version_number,    // 0 = whatever is online
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateAliasResp {
    1: ModelAlias model_alias,
    255: optional base.BaseResp base_resp,
}

struct DeleteAliasReq {
    1: required i64 id,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct DeleteAliasResp {
    1: ModelAlias model_alias,
    255: optional base.BaseResp base_resp,
}

struct UpdateProjectReq {
    1: required i64 id,
    2: optional string name,
    3: optional string desc,
    4: optional string path,
    5: optional string train_framework,
    6: optional string inference_framework,
    7: optional string metrics_url,
    8: optional string code_repo_url,
    9: optional string hdfs_dir,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateProjectResp {
    1: ModelProject project,
    255: optional base.BaseResp base_resp,
}

struct DeleteProjectReq {
    1: required i64 id,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct DeleteProjectResp {
    1: ModelProject project,
    255: optional base.BaseResp base_resp,
}

struct RestoreProjectReq {
    1: required i64 id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RestoreProjectResp {
    1: ModelProject project,
    255: optional base.BaseResp base_resp,
}

// A model that can still come back.
struct DeletedProject {
    1: ModelProject project,
    2: i64 delete_time,
    3: i64 restore_until,
}

struct ListDeletedProjectsReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListDeletedProjectsResp {
    1: list<DeletedProject> deleted,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct CreateVersionReq {
    1: required i64 project_id,
    2: optional string desc,
    3: optional list<i64> dataset_version_ids,
    4: optional i64 base_version_id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateVersionResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct ImportCheckpointReq {
    1: required i64 project_id,
    2: optional string folder,    // below the space's import folder
    3: optional list<CheckpointFile> files,    // in place of a folder: uploaded ones
    4: optional string source,    // where it comes from, for people; the folder's name when absent
    5: optional string desc,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct ImportCheckpointResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct GetVersionReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetVersionResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct ListVersionsReq {
    1: required i64 project_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListVersionsResp {
    1: list<ModelVersion> model_versions,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct StartTrainingReq {
    1: required i64 id,
    2: required i64 train_task_id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct StartTrainingResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct RecordTrainedReq {
    1: required i64 id,
    2: required i64 train_task_id,
    3: required string artifact_uri,
    4: required string artifact_digest,
    5: optional string metrics_json,
    6: optional map<string, string> made_with,    // name -> version of code, libraries and machine, for the lineage
    7: optional string family,    // what sort of model it is, "causal_lm"
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RecordTrainedResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct RecordTrainingEndedReq {
    1: required i64 id,
    2: required i64 train_task_id,
    3: optional string cause,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RecordTrainingEndedResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct StartEvaluationReq {
    1: required i64 id,
    2: required i64 eval_task_id,
    3: required string digest,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct StartEvaluationResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct RecordEvaluationReq {
    1: required i64 id,
    2: required i64 eval_task_id,
    3: required string digest,
    4: required i64 dataset_version_id,
    5: required string dataset_hash,
    6: required map<string, double> metrics,
    7: required i64 items,
    8: optional i64 failed_items,
    9: optional EvidenceKind kind,    // INFORMS when absent
    10: optional string overlap_json,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RecordEvaluationResp {
    1: Evidence evidence,
    2: GateVerdict verdict,
    3: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct RecordEvaluationEndedReq {
    1: required i64 id,
    2: required i64 eval_task_id,
    3: optional string cause,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RecordEvaluationEndedResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct RecordPackageReq {
    1: required i64 id,
    2: required i64 work_order_id,
    3: required string digest,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RecordPackageResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct RecordServingReq {
    1: required i64 project_id,
    2: required i32 serving_slots,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RecordServingResp {
    1: ModelProject project,
    255: optional base.BaseResp base_resp,
}

struct RetireVersionReq {
    1: required i64 id,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RetireVersionResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct QuarantineVersionReq {
    1: required i64 id,
    2: required string cause,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct QuarantineVersionResp {
    1: ModelVersion model_version,
    255: optional base.BaseResp base_resp,
}

struct SetGateReq {
    1: required i64 project_id,
    2: required bool enabled,
    3: optional list<GateRule> rules,
    4: optional string off_reason,    // required to switch the gate off
    5: optional i32 max_age_hours,    // how long a result counts, 0 = for ever; absent keeps it
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct SetGateResp {
    1: ReleaseGate gate,
    255: optional base.BaseResp base_resp,
}

struct GetGateReq {
    1: required i64 project_id,
    255: optional base.Base base,
}

struct GetGateResp {
    1: ReleaseGate gate,
    255: optional base.BaseResp base_resp,
}

struct CheckGateReq {
    1: required i64 model_version_id,
    2: required string digest,
    3: optional i64 eval_task_id,    // judge by this evaluation alone, as a release does by its own
    255: optional base.Base base,
}

struct CheckGateResp {
    1: GateVerdict verdict,
    255: optional base.BaseResp base_resp,
}

struct ExplainGateReq {
    1: required i64 model_version_id,
    2: optional string digest,    // absent: the package a release was last evaluated by, what the newest result is about while there is none
    3: optional i64 eval_task_id,    // judge by this evaluation alone, as a release does by its own
    255: optional base.Base base,
}

struct ExplainGateResp {
    1: GateExplanation explanation,
    255: optional base.BaseResp base_resp,
}

struct RequestOverrideReq {
    1: required i64 model_version_id,
    2: required string digest,    // of a package made of the version
    3: required string cause,
    4: required i64 end_time,    // milliseconds since the epoch, at most 7 days from now
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RequestOverrideResp {
    1: GateOverride gate_override,
    255: optional base.BaseResp base_resp,
}

struct ConfirmOverrideReq {
    1: required i64 id,
    2: optional string comment,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct ConfirmOverrideResp {
    1: GateOverride gate_override,
    255: optional base.BaseResp base_resp,
}

struct WithdrawOverrideReq {
    1: required i64 id,
    2: optional string comment,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct WithdrawOverrideResp {
    1: GateOverride gate_override,
    255: optional base.BaseResp base_resp,
}

struct GetOverrideReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetOverrideResp {
    1: GateOverride gate_override,
    255: optional base.BaseResp base_resp,
}

struct ListOverridesReq {
    1: required i64 project_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListOverridesResp {
    1: list<GateOverride> gate_overrides,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct ListEvidenceReq {
    1: required i64 model_version_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListEvidenceResp {
    1: list<Evidence> evidence,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct GetLineageReq {
    1: required i64 model_version_id,
    255: optional base.Base base,
}

struct GetLineageResp {
    1: list<LineageEdge> edges,
    255: optional base.BaseResp base_resp,
}

struct GetCardReq {
    1: required i64 model_version_id,
    255: optional base.Base base,
}

struct GetCardResp {
    1: ModelCard card,
    255: optional base.BaseResp base_resp,
}

struct SetCardReq {
    1: required i64 model_version_id,
    2: required list<CardText> sections,    // others stay as they are
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct SetCardResp {
    1: ModelCard card,
    255: optional base.BaseResp base_resp,
}

struct GetModelStatusReq {
    1: required i64 project_id,
    255: optional base.Base base,
}

struct GetModelStatusResp {
    1: ModelProject project,
    2: optional ModelVersion latest_version,
    3: optional ReleaseGate gate,
    4: optional GateVerdict verdict,    // by the newest result of the latest version that may decide, of its weights or a package of them
    5: optional i64 as_of,    // milliseconds since the epoch
    6: optional string overlap_json,    // how that result's test repeats what the version was trained on; {} when it does not
    7: list<GateOverride> overrides,    // live ones of the model
    255: optional base.BaseResp base_resp,
}

struct PastVersion {
    1: i64 id,
    2: i32 number,
    3: ModelVersionStatus status,
}

struct GetModelAsOfReq {
    1: required i64 project_id,
    2: required i64 as_of,    // milliseconds since the epoch
    255: optional base.Base base,
}

struct GetModelAsOfResp {
    1: bool existed,
    2: ModelProjectStatus status,
    3: list<PastVersion> versions,    // that were there, newest first, at most 500
    4: bool gate_enabled,
    5: list<GateOverride> overrides,    // that were live
    6: i64 as_of,
    255: optional base.BaseResp base_resp,
}

service ModelService extends base.PlatformService {
    // Creates a model project with its release gate switched on. 新建模型项目，上线门禁默认开启。
    // Caller: developer. Mutation. HTTP: POST /models 201. Raises: INVALID_ARGUMENT, ALREADY_EXISTS.
    CreateProjectResp CreateProject(1: CreateProjectReq req) throws (1: base.PlatformError error),
    // Reads one project. 读取一个项目。
    // Caller: viewer, train, eval, deploy. Read. Inline. HTTP: GET /models/{id}. Raises: NOT_FOUND.
    GetProjectResp GetProject(1: GetProjectReq req) throws (1: base.PlatformError error),
    // Reads one project by its name within the caller's space. 在当前空间里按名称读取一个项目。
    // Caller: viewer. Read. Inline. HTTP: GET /models/find. Raises: NOT_FOUND.
    FindProjectResp FindProject(1: FindProjectReq req) throws (1: base.PlatformError error),
    // Says which model, and which version of it, a name stands for: a name, an alias, a former name, an id, NAME@3, NAME@latest, NAME@ALIAS. 说明一个名称代表哪个模型、哪个版本：名称、别名、曾用名、id、NAME@3、NAME@latest、NAME@别名。
    // Caller: viewer, app. Read. Inline. HTTP: GET /models/resolve. Raises: NOT_FOUND.
    ResolveNameResp ResolveName(1: ResolveNameReq req) throws (1: base.PlatformError error),
    // Gives a model a second name, for whatever is online or for one version. 给模型一个别名，指向当前在线的版本或某个版本。
    // Caller: developer. Mutation. HTTP: POST /models/{project_id}/aliases 201. Raises: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS.
    CreateAliasResp CreateAlias(1: CreateAliasReq req) throws (1: base.PlatformError error),
    // Lists the aliases and former names of a model, newest first. 列出模型的别名和曾用名，最新的在前。
    // Caller: viewer. Read. HTTP: GET /models/{project_id}/aliases. Raises: NOT_FOUND.
    ListAliasesResp ListAliases(1: ListAliasesReq req) throws (1: base.PlatformError error),
    // Points an alias at another version. 让别名指向另一个版本。
    // Caller: developer. Mutation. HTTP: PATCH /models/aliases/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    UpdateAliasResp UpdateAlias(1: UpdateAliasReq req) throws (1: base.PlatformError error),
    // Takes an alias or a former name away. 去掉一个别名或曾用名。
    // Caller: developer. Mutation. HTTP: DELETE /models/aliases/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    DeleteAliasResp DeleteAlias(1: DeleteAliasReq req) throws (1: base.PlatformError error),
    // Lists the projects of the caller's space, newest first. 列出当前空间的项目，最新的在前。
    // Caller: viewer. Read. HTTP: GET /models. Raises: INVALID_ARGUMENT.
    ListProjectsResp ListProjects(1: ListProjectsReq req) throws (1: base.PlatformError error),
    // Changes the fields that are sent. 修改请求里给出的字段。
    // Caller: developer. Mutation. HTTP: PATCH /models/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    UpdateProjectResp UpdateProject(1: UpdateProjectReq req) throws (1: base.PlatformError error),
    // Marks a project deleted; it can be restored for a time. Refused while a slot serves it. 把项目标记为已删除；限期内可恢复。仍有槽位在服务时会被拒绝。
    // Caller: owner. Mutation. HTTP: DELETE /models/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION, ILLEGAL_TRANSITION.
    DeleteProjectResp DeleteProject(1: DeleteProjectReq req) throws (1: base.PlatformError error),
    // Takes the delete of a project back, while there is time, with those of its other names that are still free. 在限期内撤销对项目的删除；仍空闲的别名一并恢复。
    // Caller: owner. Mutation. HTTP: POST /models/{id}/restore. Raises: NOT_FOUND, ALREADY_EXISTS.
    RestoreProjectResp RestoreProject(1: RestoreProjectReq req) throws (1: base.PlatformError error),
    // Lists the deleted projects that can still come back, and until when. 列出仍可恢复的已删除项目，以及恢复的期限。
    // Caller: owner. Read. HTTP: GET /models/deleted. Raises: INVALID_ARGUMENT.
    ListDeletedProjectsResp ListDeletedProjects(1: ListDeletedProjectsReq req) throws (1: base.PlatformError error),
    // Creates the next version of a project, still without an artifact; dataset_version_ids only from train, which has looked at them. 新建项目的下一个版本，此时还没有制品；dataset_version_ids 只接受来自 train 的，它已核对过。
    // Caller: developer, train. Mutation. HTTP: POST /models/{project_id}/versions 201. Raises: NOT_FOUND, FORBIDDEN.
    CreateVersionResp CreateVersion(1: CreateVersionReq req) throws (1: base.PlatformError error),
    // Takes over a checkpoint made elsewhere as the next version: safetensors in a layout of Llama, Qwen or Mistral, checked, no code of it run. Answers BUSY until it is through: ask again. 导入在别处训练的检查点，作为下一个版本：Llama、Qwen 或 Mistral 格式的 safetensors，逐项检查，不运行其中任何代码。未完成时返回 BUSY，请重复请求。
    // Caller: developer. Mutation. HTTP: POST /models/{project_id}/import 201. Raises: NOT_FOUND, INVALID_PATH, FILE_MISSING, CHECKPOINT_REFUSED, BUSY.
    ImportCheckpointResp ImportCheckpoint(1: ImportCheckpointReq req) throws (1: base.PlatformError error),
    // Reads one model version. 读取一个模型版本。
    // Caller: viewer, train, eval, deploy. Read. Inline. HTTP: GET /models/versions/{id}. Raises: NOT_FOUND.
    GetVersionResp GetVersion(1: GetVersionReq req) throws (1: base.PlatformError error),
    // Lists the versions of a project, newest first. 列出项目的版本，最新的在前。
    // Caller: viewer. Read. HTTP: GET /models/{project_id}/versions. Raises: NOT_FOUND.
    ListVersionsResp ListVersions(1: ListVersionsReq req) throws (1: base.PlatformError error),
    // Says that a train task works on this version.
    // Caller: train. Mutation. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    StartTrainingResp StartTraining(1: StartTrainingReq req) throws (1: base.PlatformError error),
    // Says that this version was trained and freezes its artifact.
    // Caller: train. Mutation. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    RecordTrainedResp RecordTrained(1: RecordTrainedReq req) throws (1: base.PlatformError error),
    // Says that training ended without an artifact; the version, which nobody will fill, is retired.
    // Caller: train. Mutation. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    RecordTrainingEndedResp RecordTrainingEnded(1: RecordTrainingEndedReq req) throws (1: base.PlatformError error),
    // Says that an evaluation of this version began.
    // Caller: eval. Mutation. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    StartEvaluationResp StartEvaluation(1: StartEvaluationReq req) throws (1: base.PlatformError error),
    // Stores one evaluation result as evidence and computes the gate for its digest.
    // Caller: eval. Mutation. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    RecordEvaluationResp RecordEvaluation(1: RecordEvaluationReq req) throws (1: base.PlatformError error),
    // Says that an evaluation ended without a result; the version goes back to what its evidence says.
    // Caller: eval. Mutation. Raises: NOT_FOUND.
    RecordEvaluationEndedResp RecordEvaluationEnded(1: RecordEvaluationEndedReq req) throws (1: base.PlatformError error),
    // Ties a packaged digest to the version whose weights it holds.
    // Caller: deploy. Mutation. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    RecordPackageResp RecordPackage(1: RecordPackageReq req) throws (1: base.PlatformError error),
    // Says how many slots serve this project now. Sets a number, so the last one counts.
    // Caller: deploy. Mutation. Raises: NOT_FOUND.
    RecordServingResp RecordServing(1: RecordServingReq req) throws (1: base.PlatformError error),
    // Takes a version out of use. 停用一个版本。
    // Caller: developer. Mutation. HTTP: POST /models/versions/{id}/retire. Raises: NOT_FOUND, ILLEGAL_TRANSITION, STALE_VERSION, MISSING_VERSION.
    RetireVersionResp RetireVersion(1: RetireVersionReq req) throws (1: base.PlatformError error),
    // Recalls a version: nothing of it may be released any more. 召回一个版本：它的任何内容都不能再发布。
    // Caller: owner. Mutation. HTTP: POST /models/versions/{id}/quarantine. Raises: NOT_FOUND, ILLEGAL_TRANSITION, STALE_VERSION, MISSING_VERSION.
    QuarantineVersionResp QuarantineVersion(1: QuarantineVersionReq req) throws (1: base.PlatformError error),
    // Replaces the rules of the release gate, or switches it off with a reason; a metric no evaluation reports is refused. 替换上线门禁的规则，或说明理由后关闭门禁；评测不会产出的指标会被拒绝。
    // Caller: owner. Mutation. HTTP: PUT /models/{project_id}/gate. Raises: NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION.
    SetGateResp SetGate(1: SetGateReq req) throws (1: base.PlatformError error),
    // Reads the release gate. 读取上线门禁。
    // Caller: viewer. Read. Inline. HTTP: GET /models/{project_id}/gate. Raises: NOT_FOUND.
    GetGateResp GetGate(1: GetGateReq req) throws (1: base.PlatformError error),
    // Computes the verdict for one digest from the stored evidence, now. 根据已保存的证据，现在就计算一个摘要的门禁结论。
    // Caller: viewer, deploy. Read. Inline. HTTP: GET /models/versions/{model_version_id}/verdict. Raises: NOT_FOUND.
    CheckGateResp CheckGate(1: CheckGateReq req) throws (1: base.PlatformError error),
    // Explains the gate rule by rule: what it needs, what there is, whether it holds, and the next step. 逐条说明门禁：需要什么、现有什么、是否满足、下一步做什么。
    // Caller: viewer. Read. Inline. HTTP: GET /models/versions/{model_version_id}/gate. Raises: NOT_FOUND.
    ExplainGateResp ExplainGate(1: ExplainGateReq req) throws (1: base.PlatformError error),
    // Asks for a release of packaged bytes in spite of the gate, with a reason and an end; a second person confirms it. 申请在门禁未通过的情况下放行某个打包产物，须说明理由和截止时间，并由第二人确认。
    // Caller: developer. Mutation. HTTP: POST /models/versions/{model_version_id}/overrides 201. Raises: NOT_FOUND, INVALID_ARGUMENT, ILLEGAL_TRANSITION, ALREADY_EXISTS, FORBIDDEN.
    RequestOverrideResp RequestOverride(1: RequestOverrideReq req) throws (1: base.PlatformError error),
    // Confirms an override; not by who asked for it, and never by a service account. 确认门禁放行；申请人和服务账号不能确认。
    // Caller: owner, operator. Mutation. HTTP: POST /models/overrides/{id}/confirm. Raises: NOT_FOUND, ILLEGAL_TRANSITION, FORBIDDEN, STALE_VERSION, MISSING_VERSION.
    ConfirmOverrideResp ConfirmOverride(1: ConfirmOverrideReq req) throws (1: base.PlatformError error),
    // Ends an override before its time: no release may use it any more. 提前结束门禁放行：此后不能再用于发布。
    // Caller: developer, operator. Mutation. HTTP: POST /models/overrides/{id}/withdraw. Raises: NOT_FOUND, ILLEGAL_TRANSITION, STALE_VERSION, MISSING_VERSION.
    WithdrawOverrideResp WithdrawOverride(1: WithdrawOverrideReq req) throws (1: base.PlatformError error),
    // Reads one override. 读取一条门禁放行记录。
    // Caller: viewer. Read. Inline. HTTP: GET /models/overrides/{id}. Raises: NOT_FOUND.
    GetOverrideResp GetOverride(1: GetOverrideReq req) throws (1: base.PlatformError error),
    // Lists the overrides of a model's gate, newest first. 列出模型的门禁放行记录，最新的在前。
    // Caller: viewer. Read. HTTP: GET /models/{project_id}/overrides. Raises: NOT_FOUND.
    ListOverridesResp ListOverrides(1: ListOverridesReq req) throws (1: base.PlatformError error),
    // Lists evaluation results of a version, newest first. 列出一个版本的评测结果，最新的在前。
    // Caller: viewer. Read. HTTP: GET /models/versions/{model_version_id}/evidence. Raises: NOT_FOUND.
    ListEvidenceResp ListEvidence(1: ListEvidenceReq req) throws (1: base.PlatformError error),
    // Lists what a version was made of, judged by and packed into. 列出一个版本由什么做成、由什么评判、打成了什么包。
    // Caller: viewer. Read. HTTP: GET /models/versions/{model_version_id}/lineage. Raises: NOT_FOUND.
    GetLineageResp GetLineage(1: GetLineageReq req) throws (1: base.PlatformError error),
    // Reads the model card of a version: what people wrote, and what the records say. 读取一个版本的模型卡：人写的说明与平台的记录。
    // Caller: viewer. Read. Inline. HTTP: GET /models/versions/{model_version_id}/card. Raises: NOT_FOUND.
    GetCardResp GetCard(1: GetCardReq req) throws (1: base.PlatformError error),
    // Writes sections of a version's model card; a version without one begins with that of the version before. 编写版本的模型卡章节；没有自己模型卡的版本沿用上一版的内容。
    // Caller: developer. Mutation. HTTP: PUT /models/versions/{model_version_id}/card. Raises: NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION.
    SetCardResp SetCard(1: SetCardReq req) throws (1: base.PlatformError error),
    // The model's part of the composed status.
    // Caller: viewer. Read. Inline. Raises: NOT_FOUND.
    GetModelStatusResp GetModelStatus(1: GetModelStatusReq req) throws (1: base.PlatformError error),
    // What was true of a model at a moment, from its history.
    // Caller: viewer. Read. Raises: NOT_FOUND.
    GetModelAsOfResp GetModelAsOf(1: GetModelAsOfReq req) throws (1: base.PlatformError error),
}
