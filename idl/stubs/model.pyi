# Generated from idl/model.thrift by `make contract`; not edited by hand.
from typing import Protocol
from idl.stubs import base as _base

class ModelVersionStatus:
    CREATED: int = 0
    TRAINING: int = 10
    TRAINED: int = 20
    EVALUATING: int = 30
    QUALIFIED: int = 40
    REJECTED: int = 45
    RETIRED: int = 90
    QUARANTINED: int = 99

class ModelProjectStatus:
    CREATED: int = 0
    TRAINING: int = 10
    TRAINED: int = 20
    EVALUATING: int = 30
    QUALIFIED: int = 40
    REJECTED: int = 45
    ONLINE: int = 50

class GateVerdictKind:
    PASS: int = 1
    FAIL: int = 2
    NO_DATA: int = 3
    OFF: int = 4

class EvidenceKind:
    INFORMS: int = 0
    WEIGHTS: int = 1
    RELEASE: int = 2
    HUMAN: int = 3

class GateLack:
    NOTHING: int = 0
    NO_EVALUATION: int = 1
    TOO_FEW_ITEMS: int = 2
    TOO_MANY_FAILED: int = 3
    EXPIRED: int = 4
    MISSED: int = 5
    UNDEFINED: int = 6
    UNKNOWN: int = 7

class GateOverrideStatus:
    ASKED: int = 0
    LIVE: int = 10
    WITHDRAWN: int = 90
    ENDED: int = 91

class GateComparator:
    AT_LEAST: int = 1
    AT_MOST: int = 2

class ModelProject:
    id: int
    name: str
    desc: str
    project_space_id: int
    path: str
    train_framework: str
    inference_framework: str
    metrics_url: str
    status: int
    code_repo_url: str
    hdfs_dir: str
    user_id: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., project_space_id: int | None = ..., path: str | None = ..., train_framework: str | None = ..., inference_framework: str | None = ..., metrics_url: str | None = ..., status: int | None = ..., code_repo_url: str | None = ..., hdfs_dir: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class ModelVersion:
    id: int
    project_id: int
    project_space_id: int
    number: int
    desc: str
    status: int
    train_task_id: int
    dataset_version_ids: list[int]
    base_version_id: int
    artifact_uri: str
    artifact_digest: str
    metrics_json: str
    user_id: int
    create_time: int
    update_time: int
    version: int
    family: str
    layout: str
    parameters: int
    context_tokens: int
    source: str
    licence: str
    def __init__(self, id: int | None = ..., project_id: int | None = ..., project_space_id: int | None = ..., number: int | None = ..., desc: str | None = ..., status: int | None = ..., train_task_id: int | None = ..., dataset_version_ids: list[int] | None = ..., base_version_id: int | None = ..., artifact_uri: str | None = ..., artifact_digest: str | None = ..., metrics_json: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ..., family: str | None = ..., layout: str | None = ..., parameters: int | None = ..., context_tokens: int | None = ..., source: str | None = ..., licence: str | None = ...) -> None: ...

class CheckpointFile:
    name: str
    path: str
    def __init__(self, name: str | None = ..., path: str | None = ...) -> None: ...

class ModelAlias:
    id: int
    name: str
    project_id: int
    project_space_id: int
    model_version_number: int
    former: bool
    user_id: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., project_id: int | None = ..., project_space_id: int | None = ..., model_version_number: int | None = ..., former: bool | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class GateRule:
    metric: str
    comparator: int
    bound: float
    min_items: int | None
    min_coverage: float | None
    dataset_version_id: int | None
    def __init__(self, metric: str | None = ..., comparator: int | None = ..., bound: float | None = ..., min_items: int | None = ..., min_coverage: float | None = ..., dataset_version_id: int | None = ...) -> None: ...

class ReleaseGate:
    id: int
    project_id: int
    enabled: bool
    rules: list[GateRule]
    off_reason: str
    user_id: int
    create_time: int
    update_time: int
    version: int
    max_age_hours: int
    def __init__(self, id: int | None = ..., project_id: int | None = ..., enabled: bool | None = ..., rules: list[GateRule] | None = ..., off_reason: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ..., max_age_hours: int | None = ...) -> None: ...

class GateRuleResult:
    rule: GateRule
    verdict: int
    value: float
    evidence_id: int
    lack: int
    expire_time: int
    def __init__(self, rule: GateRule | None = ..., verdict: int | None = ..., value: float | None = ..., evidence_id: int | None = ..., lack: int | None = ..., expire_time: int | None = ...) -> None: ...

class Words:
    en: str
    zh: str
    def __init__(self, en: str | None = ..., zh: str | None = ...) -> None: ...

class GateOverride:
    id: int
    project_id: int
    project_space_id: int
    model_version_id: int
    model_version_number: int
    digest: str
    status: int
    cause: str
    end_time: int
    user_id: int
    confirmer_id: int
    comment: str
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., project_id: int | None = ..., project_space_id: int | None = ..., model_version_id: int | None = ..., model_version_number: int | None = ..., digest: str | None = ..., status: int | None = ..., cause: str | None = ..., end_time: int | None = ..., user_id: int | None = ..., confirmer_id: int | None = ..., comment: str | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class GateVerdict:
    verdict: int
    digest: str
    gate_version: int
    results: list[GateRuleResult]
    check_time: int
    gate_override: GateOverride | None
    def __init__(self, verdict: int | None = ..., digest: str | None = ..., gate_version: int | None = ..., results: list[GateRuleResult] | None = ..., check_time: int | None = ..., gate_override: GateOverride | None = ...) -> None: ...

class Evidence:
    id: int
    model_version_id: int
    digest: str
    eval_task_id: int
    dataset_version_id: int
    dataset_hash: str
    metrics: dict[str, float]
    items: int
    failed_items: int
    create_time: int
    kind: int
    overlap_json: str
    def __init__(self, id: int | None = ..., model_version_id: int | None = ..., digest: str | None = ..., eval_task_id: int | None = ..., dataset_version_id: int | None = ..., dataset_hash: str | None = ..., metrics: dict[str, float] | None = ..., items: int | None = ..., failed_items: int | None = ..., create_time: int | None = ..., kind: int | None = ..., overlap_json: str | None = ...) -> None: ...

class ExplainedRule:
    result: GateRuleResult
    evidence: Evidence | None
    needs: Words
    found: Words
    step: Words
    def __init__(self, result: GateRuleResult | None = ..., evidence: Evidence | None = ..., needs: Words | None = ..., found: Words | None = ..., step: Words | None = ...) -> None: ...

class GateExplanation:
    verdict: GateVerdict
    rules: list[ExplainedRule]
    summary: Words
    overrides: list[GateOverride]
    max_age_hours: int
    def __init__(self, verdict: GateVerdict | None = ..., rules: list[ExplainedRule] | None = ..., summary: Words | None = ..., overrides: list[GateOverride] | None = ..., max_age_hours: int | None = ...) -> None: ...

class LineageEdge:
    from_kind: str
    from_id: str
    to_kind: str
    to_id: str
    relation: str
    create_time: int
    def __init__(self, from_kind: str | None = ..., from_id: str | None = ..., to_kind: str | None = ..., to_id: str | None = ..., relation: str | None = ..., create_time: int | None = ...) -> None: ...

class CardText:
    name: str
    text: str
    def __init__(self, name: str | None = ..., text: str | None = ...) -> None: ...

class CardSection:
    name: str
    title: Words
    hint: Words
    text: str
    def __init__(self, name: str | None = ..., title: Words | None = ..., hint: Words | None = ..., text: str | None = ...) -> None: ...

class CardFact:
    name: str
    title: Words
    value: Words
    def __init__(self, name: str | None = ..., title: Words | None = ..., value: Words | None = ...) -> None: ...

class ModelCard:
    model_version_id: int
    model_version_number: int
    written_for_number: int
    sections: list[CardSection]
    facts: list[CardFact]
    markdown: Words
    user_id: int
    update_time: int
    version: int
    def __init__(self, model_version_id: int | None = ..., model_version_number: int | None = ..., written_for_number: int | None = ..., sections: list[CardSection] | None = ..., facts: list[CardFact] | None = ..., markdown: Words | None = ..., user_id: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class CreateProjectReq:
    name: str
    desc: str | None
    path: str | None
    train_framework: str | None
    inference_framework: str | None
    metrics_url: str | None
    code_repo_url: str | None
    hdfs_dir: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., desc: str | None = ..., path: str | None = ..., train_framework: str | None = ..., inference_framework: str | None = ..., metrics_url: str | None = ..., code_repo_url: str | None = ..., hdfs_dir: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateProjectResp:
    project: ModelProject
    base_resp: _base.BaseResp | None
    def __init__(self, project: ModelProject | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetProjectReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetProjectResp:
    project: ModelProject
    base_resp: _base.BaseResp | None
    def __init__(self, project: ModelProject | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class FindProjectReq:
    name: str
    base: _base.Base | None
    def __init__(self, name: str | None = ..., base: _base.Base | None = ...) -> None: ...

class FindProjectResp:
    project: ModelProject
    base_resp: _base.BaseResp | None
    def __init__(self, project: ModelProject | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListProjectsReq:
    name_prefix: str | None
    status: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, name_prefix: str | None = ..., status: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListProjectsResp:
    projects: list[ModelProject]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, projects: list[ModelProject] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ResolveNameReq:
    name: str
    base: _base.Base | None
    def __init__(self, name: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ResolveNameResp:
    project: ModelProject
    model_version_number: int
    base_resp: _base.BaseResp | None
    def __init__(self, project: ModelProject | None = ..., model_version_number: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateAliasReq:
    project_id: int
    name: str
    model_version_number: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., name: str | None = ..., model_version_number: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateAliasResp:
    model_alias: ModelAlias
    base_resp: _base.BaseResp | None
    def __init__(self, model_alias: ModelAlias | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListAliasesReq:
    project_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListAliasesResp:
    model_aliases: list[ModelAlias]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, model_aliases: list[ModelAlias] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateAliasReq:
    id: int
    model_version_number: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., model_version_number: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateAliasResp:
    model_alias: ModelAlias
    base_resp: _base.BaseResp | None
    def __init__(self, model_alias: ModelAlias | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DeleteAliasReq:
    id: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DeleteAliasResp:
    model_alias: ModelAlias
    base_resp: _base.BaseResp | None
    def __init__(self, model_alias: ModelAlias | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateProjectReq:
    id: int
    name: str | None
    desc: str | None
    path: str | None
    train_framework: str | None
    inference_framework: str | None
    metrics_url: str | None
    code_repo_url: str | None
    hdfs_dir: str | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., path: str | None = ..., train_framework: str | None = ..., inference_framework: str | None = ..., metrics_url: str | None = ..., code_repo_url: str | None = ..., hdfs_dir: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateProjectResp:
    project: ModelProject
    base_resp: _base.BaseResp | None
    def __init__(self, project: ModelProject | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DeleteProjectReq:
    id: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DeleteProjectResp:
    project: ModelProject
    base_resp: _base.BaseResp | None
    def __init__(self, project: ModelProject | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RestoreProjectReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RestoreProjectResp:
    project: ModelProject
    base_resp: _base.BaseResp | None
    def __init__(self, project: ModelProject | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DeletedProject:
    project: ModelProject
    delete_time: int
    restore_until: int
    def __init__(self, project: ModelProject | None = ..., delete_time: int | None = ..., restore_until: int | None = ...) -> None: ...

class ListDeletedProjectsReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListDeletedProjectsResp:
    deleted: list[DeletedProject]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, deleted: list[DeletedProject] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateVersionReq:
    project_id: int
    desc: str | None
    dataset_version_ids: list[int] | None
    base_version_id: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., desc: str | None = ..., dataset_version_ids: list[int] | None = ..., base_version_id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateVersionResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ImportCheckpointReq:
    project_id: int
    folder: str | None
    files: list[CheckpointFile] | None
    source: str | None
    desc: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., folder: str | None = ..., files: list[CheckpointFile] | None = ..., source: str | None = ..., desc: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ImportCheckpointResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetVersionReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetVersionResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListVersionsReq:
    project_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListVersionsResp:
    model_versions: list[ModelVersion]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, model_versions: list[ModelVersion] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class StartTrainingReq:
    id: int
    train_task_id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., train_task_id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class StartTrainingResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RecordTrainedReq:
    id: int
    train_task_id: int
    artifact_uri: str
    artifact_digest: str
    metrics_json: str | None
    made_with: dict[str, str]
    family: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., train_task_id: int | None = ..., artifact_uri: str | None = ..., artifact_digest: str | None = ..., metrics_json: str | None = ..., made_with: dict[str, str] | None = ..., family: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RecordTrainedResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RecordTrainingEndedReq:
    id: int
    train_task_id: int
    cause: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., train_task_id: int | None = ..., cause: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RecordTrainingEndedResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class StartEvaluationReq:
    id: int
    eval_task_id: int
    digest: str
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., eval_task_id: int | None = ..., digest: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class StartEvaluationResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RecordEvaluationReq:
    id: int
    eval_task_id: int
    digest: str
    dataset_version_id: int
    dataset_hash: str
    metrics: dict[str, float]
    items: int
    failed_items: int | None
    kind: int | None
    overlap_json: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., eval_task_id: int | None = ..., digest: str | None = ..., dataset_version_id: int | None = ..., dataset_hash: str | None = ..., metrics: dict[str, float] | None = ..., items: int | None = ..., failed_items: int | None = ..., kind: int | None = ..., overlap_json: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RecordEvaluationResp:
    evidence: Evidence
    verdict: GateVerdict
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, evidence: Evidence | None = ..., verdict: GateVerdict | None = ..., model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RecordEvaluationEndedReq:
    id: int
    eval_task_id: int
    cause: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., eval_task_id: int | None = ..., cause: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RecordEvaluationEndedResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RecordPackageReq:
    id: int
    work_order_id: int
    digest: str
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., work_order_id: int | None = ..., digest: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RecordPackageResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RecordServingReq:
    project_id: int
    serving_slots: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., serving_slots: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RecordServingResp:
    project: ModelProject
    base_resp: _base.BaseResp | None
    def __init__(self, project: ModelProject | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RetireVersionReq:
    id: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RetireVersionResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class QuarantineVersionReq:
    id: int
    cause: str
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., cause: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class QuarantineVersionResp:
    model_version: ModelVersion
    base_resp: _base.BaseResp | None
    def __init__(self, model_version: ModelVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class SetGateReq:
    project_id: int
    enabled: bool
    rules: list[GateRule] | None
    off_reason: str | None
    max_age_hours: int | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., enabled: bool | None = ..., rules: list[GateRule] | None = ..., off_reason: str | None = ..., max_age_hours: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class SetGateResp:
    gate: ReleaseGate
    base_resp: _base.BaseResp | None
    def __init__(self, gate: ReleaseGate | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetGateReq:
    project_id: int
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetGateResp:
    gate: ReleaseGate
    base_resp: _base.BaseResp | None
    def __init__(self, gate: ReleaseGate | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CheckGateReq:
    model_version_id: int
    digest: str
    eval_task_id: int | None
    base: _base.Base | None
    def __init__(self, model_version_id: int | None = ..., digest: str | None = ..., eval_task_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class CheckGateResp:
    verdict: GateVerdict
    base_resp: _base.BaseResp | None
    def __init__(self, verdict: GateVerdict | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ExplainGateReq:
    model_version_id: int
    digest: str | None
    eval_task_id: int | None
    base: _base.Base | None
    def __init__(self, model_version_id: int | None = ..., digest: str | None = ..., eval_task_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class ExplainGateResp:
    explanation: GateExplanation
    base_resp: _base.BaseResp | None
    def __init__(self, explanation: GateExplanation | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RequestOverrideReq:
    model_version_id: int
    digest: str
    cause: str
    end_time: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, model_version_id: int | None = ..., digest: str | None = ..., cause: str | None = ..., end_time: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RequestOverrideResp:
    gate_override: GateOverride
    base_resp: _base.BaseResp | None
    def __init__(self, gate_override: GateOverride | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ConfirmOverrideReq:
    id: int
    comment: str | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., comment: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ConfirmOverrideResp:
    gate_override: GateOverride
    base_resp: _base.BaseResp | None
    def __init__(self, gate_override: GateOverride | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class WithdrawOverrideReq:
    id: int
    comment: str | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., comment: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class WithdrawOverrideResp:
    gate_override: GateOverride
    base_resp: _base.BaseResp | None
    def __init__(self, gate_override: GateOverride | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetOverrideReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetOverrideResp:
    gate_override: GateOverride
    base_resp: _base.BaseResp | None
    def __init__(self, gate_override: GateOverride | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListOverridesReq:
    project_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListOverridesResp:
    gate_overrides: list[GateOverride]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, gate_overrides: list[GateOverride] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListEvidenceReq:
    model_version_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, model_version_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListEvidenceResp:
    evidence: list[Evidence]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, evidence: list[Evidence] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetLineageReq:
    model_version_id: int
    base: _base.Base | None
    def __init__(self, model_version_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetLineageResp:
    edges: list[LineageEdge]
    base_resp: _base.BaseResp | None
    def __init__(self, edges: list[LineageEdge] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetCardReq:
    model_version_id: int
    base: _base.Base | None
    def __init__(self, model_version_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetCardResp:
    card: ModelCard
    base_resp: _base.BaseResp | None
    def __init__(self, card: ModelCard | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class SetCardReq:
    model_version_id: int
    sections: list[CardText]
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, model_version_id: int | None = ..., sections: list[CardText] | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class SetCardResp:
    card: ModelCard
    base_resp: _base.BaseResp | None
    def __init__(self, card: ModelCard | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetModelStatusReq:
    project_id: int
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetModelStatusResp:
    project: ModelProject
    latest_version: ModelVersion | None
    gate: ReleaseGate | None
    verdict: GateVerdict | None
    as_of: int | None
    overlap_json: str | None
    overrides: list[GateOverride]
    base_resp: _base.BaseResp | None
    def __init__(self, project: ModelProject | None = ..., latest_version: ModelVersion | None = ..., gate: ReleaseGate | None = ..., verdict: GateVerdict | None = ..., as_of: int | None = ..., overlap_json: str | None = ..., overrides: list[GateOverride] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class PastVersion:
    id: int
    number: int
    status: int
    def __init__(self, id: int | None = ..., number: int | None = ..., status: int | None = ...) -> None: ...

class GetModelAsOfReq:
    project_id: int
    as_of: int
    base: _base.Base | None
    def __init__(self, project_id: int | None = ..., as_of: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetModelAsOfResp:
    existed: bool
    status: int
    versions: list[PastVersion]
    gate_enabled: bool
    overrides: list[GateOverride]
    as_of: int
    base_resp: _base.BaseResp | None
    def __init__(self, existed: bool | None = ..., status: int | None = ..., versions: list[PastVersion] | None = ..., gate_enabled: bool | None = ..., overrides: list[GateOverride] | None = ..., as_of: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ModelService(Protocol):
    def CreateProject(self, req: CreateProjectReq) -> CreateProjectResp: ...
    def GetProject(self, req: GetProjectReq) -> GetProjectResp: ...
    def FindProject(self, req: FindProjectReq) -> FindProjectResp: ...
    def ResolveName(self, req: ResolveNameReq) -> ResolveNameResp: ...
    def CreateAlias(self, req: CreateAliasReq) -> CreateAliasResp: ...
    def ListAliases(self, req: ListAliasesReq) -> ListAliasesResp: ...
    def UpdateAlias(self, req: UpdateAliasReq) -> UpdateAliasResp: ...
    def DeleteAlias(self, req: DeleteAliasReq) -> DeleteAliasResp: ...
    def ListProjects(self, req: ListProjectsReq) -> ListProjectsResp: ...
    def UpdateProject(self, req: UpdateProjectReq) -> UpdateProjectResp: ...
    def DeleteProject(self, req: DeleteProjectReq) -> DeleteProjectResp: ...
    def RestoreProject(self, req: RestoreProjectReq) -> RestoreProjectResp: ...
    def ListDeletedProjects(self, req: ListDeletedProjectsReq) -> ListDeletedProjectsResp: ...
    def CreateVersion(self, req: CreateVersionReq) -> CreateVersionResp: ...
    def ImportCheckpoint(self, req: ImportCheckpointReq) -> ImportCheckpointResp: ...
    def GetVersion(self, req: GetVersionReq) -> GetVersionResp: ...
    def ListVersions(self, req: ListVersionsReq) -> ListVersionsResp: ...
    def StartTraining(self, req: StartTrainingReq) -> StartTrainingResp: ...
    def RecordTrained(self, req: RecordTrainedReq) -> RecordTrainedResp: ...
    def RecordTrainingEnded(self, req: RecordTrainingEndedReq) -> RecordTrainingEndedResp: ...
    def StartEvaluation(self, req: StartEvaluationReq) -> StartEvaluationResp: ...
    def RecordEvaluation(self, req: RecordEvaluationReq) -> RecordEvaluationResp: ...
    def RecordEvaluationEnded(self, req: RecordEvaluationEndedReq) -> RecordEvaluationEndedResp: ...
    def RecordPackage(self, req: RecordPackageReq) -> RecordPackageResp: ...
    def RecordServing(self, req: RecordServingReq) -> RecordServingResp: ...
    def RetireVersion(self, req: RetireVersionReq) -> RetireVersionResp: ...
    def QuarantineVersion(self, req: QuarantineVersionReq) -> QuarantineVersionResp: ...
    def SetGate(self, req: SetGateReq) -> SetGateResp: ...
    def GetGate(self, req: GetGateReq) -> GetGateResp: ...
    def CheckGate(self, req: CheckGateReq) -> CheckGateResp: ...
    def ExplainGate(self, req: ExplainGateReq) -> ExplainGateResp: ...
    def RequestOverride(self, req: RequestOverrideReq) -> RequestOverrideResp: ...
    def ConfirmOverride(self, req: ConfirmOverrideReq) -> ConfirmOverrideResp: ...
    def WithdrawOverride(self, req: WithdrawOverrideReq) -> WithdrawOverrideResp: ...
    def GetOverride(self, req: GetOverrideReq) -> GetOverrideResp: ...
    def ListOverrides(self, req: ListOverridesReq) -> ListOverridesResp: ...
    def ListEvidence(self, req: ListEvidenceReq) -> ListEvidenceResp: ...
    def GetLineage(self, req: GetLineageReq) -> GetLineageResp: ...
    def GetCard(self, req: GetCardReq) -> GetCardResp: ...
    def SetCard(self, req: SetCardReq) -> SetCardResp: ...
    def GetModelStatus(self, req: GetModelStatusReq) -> GetModelStatusResp: ...
    def GetModelAsOf(self, req: GetModelAsOfReq) -> GetModelAsOfResp: ...
    def Ping(self, req: _base.PingReq) -> _base.PingResp: ...
    def CheckHealth(self, req: _base.CheckHealthReq) -> _base.CheckHealthResp: ...
    def ListStateEvents(self, req: _base.ListStateEventsReq) -> _base.ListStateEventsResp: ...
    def FollowChanges(self, req: _base.FollowChangesReq) -> _base.FollowChangesResp: ...
