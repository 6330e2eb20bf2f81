// Model domain: projects, versions, evidence and the release gate. Where a version serves is never a state of it.

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
}

struct GateRuleResult {
    1: GateRule rule,
    2: GateVerdictKind verdict,
    3: double value,    // 0 when there is no data
    4: i64 evidence_id,    // 0 when there is none
}

// Computed by the server from stored evidence, bound to one digest; never a settable tag.
struct GateVerdict {
    1: GateVerdictKind verdict,
    2: string digest,
    3: i32 gate_version,
    4: list<GateRuleResult> results,
    5: i64 check_time,
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

// from -> to: 'from' was made out of, or judged by, 'to'.
struct LineageEdge {
    1: string from_kind,
    2: string from_id,
    3: string to_kind,
    4: string to_id,
    5: string relation,
    6: i64 create_time,
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
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListProjectsResp {
    1: list<ModelProject> projects,
    250: optional base.PageResp page,
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
    255: optional base.BaseResp base_resp,
}

service ModelService extends base.PlatformService {
    // Creates a model project with its release gate switched on. Caller: developer. Raises: INVALID_ARGUMENT, ALREADY_EXISTS. Idempotent: by key.
    CreateProjectResp CreateProject(1: CreateProjectReq req) throws (1: base.PlatformError error),
    // Reads one project. Caller: viewer, train, eval, deploy. Raises: NOT_FOUND. Idempotent: yes.
    GetProjectResp GetProject(1: GetProjectReq req) throws (1: base.PlatformError error),
    // Reads one project by its name within the caller's space. Caller: viewer. Raises: NOT_FOUND. Idempotent: yes.
    FindProjectResp FindProject(1: FindProjectReq req) throws (1: base.PlatformError error),
    // Lists the projects of the caller's space, newest first. Caller: viewer. Raises: INVALID_ARGUMENT. Idempotent: yes.
    ListProjectsResp ListProjects(1: ListProjectsReq req) throws (1: base.PlatformError error),
    // Changes the fields that are sent. Caller: developer. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION. Idempotent: by key.
    UpdateProjectResp UpdateProject(1: UpdateProjectReq req) throws (1: base.PlatformError error),
    // Marks a project deleted; refused while a slot serves it. Caller: owner. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION, ILLEGAL_TRANSITION. Idempotent: by key.
    DeleteProjectResp DeleteProject(1: DeleteProjectReq req) throws (1: base.PlatformError error),
    // Creates the next version of a project, still without an artifact; dataset_version_ids only from train, which has looked at them. Caller: developer, train. Raises: NOT_FOUND, FORBIDDEN. Idempotent: by key.
    CreateVersionResp CreateVersion(1: CreateVersionReq req) throws (1: base.PlatformError error),
    // Reads one model version. Caller: viewer, eval, deploy. Raises: NOT_FOUND. Idempotent: yes.
    GetVersionResp GetVersion(1: GetVersionReq req) throws (1: base.PlatformError error),
    // Lists the versions of a project, newest first. Caller: viewer. Raises: NOT_FOUND. Idempotent: yes.
    ListVersionsResp ListVersions(1: ListVersionsReq req) throws (1: base.PlatformError error),
    // Says that a train task works on this version. Caller: train. Raises: NOT_FOUND, ILLEGAL_TRANSITION. Idempotent: by key.
    StartTrainingResp StartTraining(1: StartTrainingReq req) throws (1: base.PlatformError error),
    // Says that this version was trained and freezes its artifact. Caller: train. Raises: NOT_FOUND, ILLEGAL_TRANSITION. Idempotent: by key.
    RecordTrainedResp RecordTrained(1: RecordTrainedReq req) throws (1: base.PlatformError error),
    // Says that training ended without an artifact. Caller: train. Raises: NOT_FOUND, ILLEGAL_TRANSITION. Idempotent: by key.
    RecordTrainingEndedResp RecordTrainingEnded(1: RecordTrainingEndedReq req) throws (1: base.PlatformError error),
    // Says that an evaluation of this version began. Caller: eval. Raises: NOT_FOUND, ILLEGAL_TRANSITION. Idempotent: by key.
    StartEvaluationResp StartEvaluation(1: StartEvaluationReq req) throws (1: base.PlatformError error),
    // Stores one evaluation result as evidence and computes the gate for its digest. Caller: eval. Raises: NOT_FOUND, ILLEGAL_TRANSITION. Idempotent: by key.
    RecordEvaluationResp RecordEvaluation(1: RecordEvaluationReq req) throws (1: base.PlatformError error),
    // Says that an evaluation ended without a result; the version goes back to what its evidence says. Caller: eval. Raises: NOT_FOUND. Idempotent: by key.
    RecordEvaluationEndedResp RecordEvaluationEnded(1: RecordEvaluationEndedReq req) throws (1: base.PlatformError error),
    // Ties a packaged digest to the version whose weights it holds. Caller: deploy. Raises: NOT_FOUND, ILLEGAL_TRANSITION. Idempotent: by key.
    RecordPackageResp RecordPackage(1: RecordPackageReq req) throws (1: base.PlatformError error),
    // Says how many slots serve this project now. Caller: deploy. Raises: NOT_FOUND. Idempotent: by key, and sets a number.
    RecordServingResp RecordServing(1: RecordServingReq req) throws (1: base.PlatformError error),
    // Takes a version out of use. Caller: developer. Raises: NOT_FOUND, ILLEGAL_TRANSITION, STALE_VERSION, MISSING_VERSION. Idempotent: by key.
    RetireVersionResp RetireVersion(1: RetireVersionReq req) throws (1: base.PlatformError error),
    // Recalls a version: nothing of it may be released any more. Caller: owner. Raises: NOT_FOUND, ILLEGAL_TRANSITION, STALE_VERSION, MISSING_VERSION. Idempotent: by key.
    QuarantineVersionResp QuarantineVersion(1: QuarantineVersionReq req) throws (1: base.PlatformError error),
    // Replaces the rules of the release gate, or switches it off with a reason; a metric no evaluation reports is refused. Caller: owner. Raises: NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION. Idempotent: by key.
    SetGateResp SetGate(1: SetGateReq req) throws (1: base.PlatformError error),
    // Reads the release gate. Caller: viewer. Raises: NOT_FOUND. Idempotent: yes.
    GetGateResp GetGate(1: GetGateReq req) throws (1: base.PlatformError error),
    // Computes the verdict for one digest from the stored evidence, now. Caller: viewer, deploy. Raises: NOT_FOUND. Idempotent: yes.
    CheckGateResp CheckGate(1: CheckGateReq req) throws (1: base.PlatformError error),
    // Lists evaluation results of a version, newest first. Caller: viewer. Raises: NOT_FOUND. Idempotent: yes.
    ListEvidenceResp ListEvidence(1: ListEvidenceReq req) throws (1: base.PlatformError error),
    // Lists what a version was made of, judged by and packed into. Caller: viewer. Raises: NOT_FOUND. Idempotent: yes.
    GetLineageResp GetLineage(1: GetLineageReq req) throws (1: base.PlatformError error),
    // The model's part of the composed status. Caller: viewer. Raises: NOT_FOUND. Idempotent: yes.
    GetModelStatusResp GetModelStatus(1: GetModelStatusReq req) throws (1: base.PlatformError error),
}
