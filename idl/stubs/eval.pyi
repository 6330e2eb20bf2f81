# Generated from idl/eval.thrift by `make contract`; not edited by hand.
from typing import Protocol
from idl.stubs import base as _base
from idl.stubs import task as _task

class EvalTargetKind:
    WEIGHTS: int = 1
    ENDPOINT: int = 2

class RatingType:
    Scale_Rating: int = 1
    Category_Rating: int = 2
    Pairwise_Rating: int = 3
    Free_Text_Rating: int = 4

class ComparisonVerdict:
    NO_DIFFERENCE_SHOWN: int = 0
    BETTER: int = 1
    WORSE: int = 2

class EvalConfig:
    id: int
    model_id: int
    name: str
    desc: str
    project_space_id: int
    dataset_version_id: int
    metrics: list[str]
    options_json: str
    user_id: int
    create_time: int
    update_time: int
    version: int
    engine_version: int
    people_json: str
    def __init__(self, id: int | None = ..., model_id: int | None = ..., name: str | None = ..., desc: str | None = ..., project_space_id: int | None = ..., dataset_version_id: int | None = ..., metrics: list[str] | None = ..., options_json: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ..., engine_version: int | None = ..., people_json: str | None = ...) -> None: ...

class EvalTask:
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
    eval_config_id: int
    model_version_id: int
    dataset_version_id: int
    target_kind: int
    target_digest: str
    target_address: str
    metrics: dict[str, float]
    items: int
    verdict: str
    work_order_id: int
    overlap_json: str
    rated_task_id: int
    against_task_id: int
    classes_json: str
    prompt_version_id: int
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., project_space_id: int | None = ..., status: int | None = ..., reason: int | None = ..., progress_done: int | None = ..., progress_total: int | None = ..., progress_message: str | None = ..., attempt: int | None = ..., max_attempts: int | None = ..., failed_items: int | None = ..., snapshot_json: str | None = ..., snapshot_hash: str | None = ..., result_json: str | None = ..., error_json: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., start_time: int | None = ..., finish_time: int | None = ..., version: int | None = ..., model_id: int | None = ..., eval_config_id: int | None = ..., model_version_id: int | None = ..., dataset_version_id: int | None = ..., target_kind: int | None = ..., target_digest: str | None = ..., target_address: str | None = ..., metrics: dict[str, float] | None = ..., items: int | None = ..., verdict: str | None = ..., work_order_id: int | None = ..., overlap_json: str | None = ..., rated_task_id: int | None = ..., against_task_id: int | None = ..., classes_json: str | None = ..., prompt_version_id: int | None = ...) -> None: ...

class EvalItem:
    id: int
    task_id: int
    position: int
    record_id: str
    input: str
    expected: str
    output: str
    exact_match: bool
    token_f1: float
    nll: float
    latency_ms: float
    error: str
    tags_json: str
    def __init__(self, id: int | None = ..., task_id: int | None = ..., position: int | None = ..., record_id: str | None = ..., input: str | None = ..., expected: str | None = ..., output: str | None = ..., exact_match: bool | None = ..., token_f1: float | None = ..., nll: float | None = ..., latency_ms: float | None = ..., error: str | None = ..., tags_json: str | None = ...) -> None: ...

class CreateConfigReq:
    model_id: int
    name: str
    desc: str | None
    dataset_version_id: int
    metrics: list[str] | None
    options_json: str | None
    template_id: int | None
    template_number: int | None
    rule_json: str | None
    annotators: list[int] | None
    inspectors: list[int] | None
    good: list[str] | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., name: str | None = ..., desc: str | None = ..., dataset_version_id: int | None = ..., metrics: list[str] | None = ..., options_json: str | None = ..., template_id: int | None = ..., template_number: int | None = ..., rule_json: str | None = ..., annotators: list[int] | None = ..., inspectors: list[int] | None = ..., good: list[str] | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateConfigResp:
    config: EvalConfig
    base_resp: _base.BaseResp | None
    def __init__(self, config: EvalConfig | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetConfigReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetConfigResp:
    config: EvalConfig
    base_resp: _base.BaseResp | None
    def __init__(self, config: EvalConfig | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListConfigsReq:
    model_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListConfigsResp:
    configs: list[EvalConfig]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, configs: list[EvalConfig] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateTaskReq:
    eval_config_id: int
    model_version_id: int
    target_kind: int | None
    target_digest: str | None
    target_address: str | None
    name: str | None
    desc: str | None
    reuse: bool | None
    max_attempts: int | None
    prompt_version_id: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, eval_config_id: int | None = ..., model_version_id: int | None = ..., target_kind: int | None = ..., target_digest: str | None = ..., target_address: str | None = ..., name: str | None = ..., desc: str | None = ..., reuse: bool | None = ..., max_attempts: int | None = ..., prompt_version_id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateTaskResp:
    eval_task: EvalTask
    reused: bool
    base_resp: _base.BaseResp | None
    def __init__(self, eval_task: EvalTask | None = ..., reused: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateReleaseTaskReq:
    eval_config_id: int
    model_version_id: int
    target_digest: str
    target_address: str
    target_key: str
    work_order_id: int
    name: str | None
    against_task_id: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, eval_config_id: int | None = ..., model_version_id: int | None = ..., target_digest: str | None = ..., target_address: str | None = ..., target_key: str | None = ..., work_order_id: int | None = ..., name: str | None = ..., against_task_id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateReleaseTaskResp:
    eval_task: EvalTask
    base_resp: _base.BaseResp | None
    def __init__(self, eval_task: EvalTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetTaskReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetTaskResp:
    eval_task: EvalTask
    base_resp: _base.BaseResp | None
    def __init__(self, eval_task: EvalTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

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
    model_version_id: int | None
    statuses: list[int] | None
    target_kind: int | None
    user_id: int | None
    from_time: int | None
    to_time: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., model_version_id: int | None = ..., statuses: list[int] | None = ..., target_kind: int | None = ..., user_id: int | None = ..., from_time: int | None = ..., to_time: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListTasksResp:
    eval_tasks: list[EvalTask]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, eval_tasks: list[EvalTask] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CancelTaskReq:
    id: int
    cause: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., cause: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CancelTaskResp:
    eval_task: EvalTask
    base_resp: _base.BaseResp | None
    def __init__(self, eval_task: EvalTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListItemsReq:
    task_id: int
    only_wrong: bool | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., only_wrong: bool | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListItemsResp:
    items: list[EvalItem]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, items: list[EvalItem] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class MetricComparison:
    metric: str
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    pairs: int
    first_better: int
    second_better: int
    test: str
    p: float
    p_corrected: float
    verdict: int
    less_is_better: bool
    def __init__(self, metric: str | None = ..., first: float | None = ..., second: float | None = ..., difference: float | None = ..., low: float | None = ..., high: float | None = ..., pairs: int | None = ..., first_better: int | None = ..., second_better: int | None = ..., test: str | None = ..., p: float | None = ..., p_corrected: float | None = ..., verdict: int | None = ..., less_is_better: bool | None = ...) -> None: ...

class Comparison:
    first: EvalTask
    second: EvalTask
    pairs: int
    left_out: int
    metrics: list[MetricComparison]
    def __init__(self, first: EvalTask | None = ..., second: EvalTask | None = ..., pairs: int | None = ..., left_out: int | None = ..., metrics: list[MetricComparison] | None = ...) -> None: ...

class EvalDifference:
    first: EvalItem
    second: EvalItem
    verdict: int
    def __init__(self, first: EvalItem | None = ..., second: EvalItem | None = ..., verdict: int | None = ...) -> None: ...

class CompareTasksReq:
    first_task_id: int
    second_task_id: int
    base: _base.Base | None
    def __init__(self, first_task_id: int | None = ..., second_task_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class CompareTasksResp:
    comparison: Comparison
    base_resp: _base.BaseResp | None
    def __init__(self, comparison: Comparison | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListDifferencesReq:
    first_task_id: int
    second_task_id: int
    verdict: int | None
    contains: str | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, first_task_id: int | None = ..., second_task_id: int | None = ..., verdict: int | None = ..., contains: str | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListDifferencesResp:
    differences: list[EvalDifference]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, differences: list[EvalDifference] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetEvalStateReq:
    model_id: int
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetEvalStateResp:
    latest_task: EvalTask | None
    running_tasks: int
    as_of: int
    base_resp: _base.BaseResp | None
    def __init__(self, latest_task: EvalTask | None = ..., running_tasks: int | None = ..., as_of: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class Rating:
    task_id: int
    template: _task.WorkTemplate
    rule_json: str
    annotators: list[int]
    inspectors: list[int]
    items: int
    items_done: int
    inspecting: int
    set_aside: int
    held: int
    def __init__(self, task_id: int | None = ..., template: _task.WorkTemplate | None = ..., rule_json: str | None = ..., annotators: list[int] | None = ..., inspectors: list[int] | None = ..., items: int | None = ..., items_done: int | None = ..., inspecting: int | None = ..., set_aside: int | None = ..., held: int | None = ...) -> None: ...

class Rater:
    person_id: int
    items: int
    score: float | None
    def __init__(self, person_id: int | None = ..., items: int | None = ..., score: float | None = ...) -> None: ...

class CreatePoolReq:
    name: str
    users: list[int]
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., users: list[int] | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreatePoolResp:
    pool: _task.Pool
    base_resp: _base.BaseResp | None
    def __init__(self, pool: _task.Pool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdatePoolReq:
    id: int
    name: str | None
    users: list[int] | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., name: str | None = ..., users: list[int] | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdatePoolResp:
    pool: _task.Pool
    base_resp: _base.BaseResp | None
    def __init__(self, pool: _task.Pool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetPoolReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetPoolResp:
    pool: _task.Pool
    base_resp: _base.BaseResp | None
    def __init__(self, pool: _task.Pool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListPoolsReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListPoolsResp:
    pools: list[_task.Pool]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, pools: list[_task.Pool] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateTemplateReq:
    name: str
    rating_type: int
    body_json: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., rating_type: int | None = ..., body_json: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateTemplateResp:
    template: _task.WorkTemplate
    base_resp: _base.BaseResp | None
    def __init__(self, template: _task.WorkTemplate | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateTemplateReq:
    id: int
    body_json: str
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., body_json: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateTemplateResp:
    template: _task.WorkTemplate
    base_resp: _base.BaseResp | None
    def __init__(self, template: _task.WorkTemplate | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetTemplateReq:
    id: int
    number: int | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., number: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetTemplateResp:
    template: _task.WorkTemplate
    base_resp: _base.BaseResp | None
    def __init__(self, template: _task.WorkTemplate | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListTemplatesReq:
    rating_type: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, rating_type: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListTemplatesResp:
    templates: list[_task.WorkTemplate]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, templates: list[_task.WorkTemplate] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class StartRatingReq:
    eval_task_id: int
    eval_config_id: int | None
    against_task_id: int | None
    name: str | None
    desc: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, eval_task_id: int | None = ..., eval_config_id: int | None = ..., against_task_id: int | None = ..., name: str | None = ..., desc: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class StartRatingResp:
    eval_task: EvalTask
    base_resp: _base.BaseResp | None
    def __init__(self, eval_task: EvalTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetRatingReq:
    task_id: int
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetRatingResp:
    rating: Rating
    base_resp: _base.BaseResp | None
    def __init__(self, rating: Rating | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetRatersReq:
    task_id: int
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetRatersResp:
    raters: list[Rater]
    base_resp: _base.BaseResp | None
    def __init__(self, raters: list[Rater] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListMembersReq:
    task_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListMembersResp:
    members: list[_task.WorkMember]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, members: list[_task.WorkMember] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetAgreementReq:
    task_id: int
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetAgreementResp:
    fields: list[_task.WorkAgreement]
    base_resp: _base.BaseResp | None
    def __init__(self, fields: list[_task.WorkAgreement] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetMyWorkReq:
    base: _base.Base | None
    def __init__(self, base: _base.Base | None = ...) -> None: ...

class GetMyWorkResp:
    tasks: list[_task.MyTask]
    base_resp: _base.BaseResp | None
    def __init__(self, tasks: list[_task.MyTask] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListMyAnswersReq:
    task_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListMyAnswersResp:
    work: list[_task.Work]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, work: list[_task.Work] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ClaimWorkReq:
    task_id: int
    want: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., want: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ClaimWorkResp:
    work: list[_task.Work]
    why: int
    base_resp: _base.BaseResp | None
    def __init__(self, work: list[_task.Work] | None = ..., why: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ClaimInspectionReq:
    task_id: int
    want: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., want: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ClaimInspectionResp:
    work: list[_task.Work]
    why: int
    base_resp: _base.BaseResp | None
    def __init__(self, work: list[_task.Work] | None = ..., why: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class SubmitWorkReq:
    id: int
    answer_json: str
    note: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., answer_json: str | None = ..., note: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class SubmitWorkResp:
    work: _task.Work
    base_resp: _base.BaseResp | None
    def __init__(self, work: _task.Work | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class KeepWorkReq:
    id: int
    draft_json: str
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., draft_json: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class KeepWorkResp:
    work: _task.Work
    base_resp: _base.BaseResp | None
    def __init__(self, work: _task.Work | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class SkipWorkReq:
    id: int
    reason: str
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., reason: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class SkipWorkResp:
    work: _task.Work
    base_resp: _base.BaseResp | None
    def __init__(self, work: _task.Work | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ReleaseWorkReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ReleaseWorkResp:
    work: _task.Work
    base_resp: _base.BaseResp | None
    def __init__(self, work: _task.Work | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UndoWorkReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UndoWorkResp:
    work: _task.Work
    base_resp: _base.BaseResp | None
    def __init__(self, work: _task.Work | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DecideWorkReq:
    id: int
    verdict: int
    answer_json: str | None
    reason: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., verdict: int | None = ..., answer_json: str | None = ..., reason: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DecideWorkResp:
    work: _task.Work
    base_resp: _base.BaseResp | None
    def __init__(self, work: _task.Work | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class FetchTaskExportReq:
    task_id: int
    format: str
    language: str | None
    offset: int | None
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., format: str | None = ..., language: str | None = ..., offset: int | None = ..., base: _base.Base | None = ...) -> None: ...

class FetchTaskExportResp:
    file: _base.File
    data: bytes
    base_resp: _base.BaseResp | None
    def __init__(self, file: _base.File | None = ..., data: bytes | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class Prompt:
    id: int
    name: str
    desc: str
    project_space_id: int
    user_id: int
    prompt_version_id: int
    number: int
    system: str
    template: str
    content_hash: str
    fields: list[str]
    labels: dict[str, int]
    newest: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., project_space_id: int | None = ..., user_id: int | None = ..., prompt_version_id: int | None = ..., number: int | None = ..., system: str | None = ..., template: str | None = ..., content_hash: str | None = ..., fields: list[str] | None = ..., labels: dict[str, int] | None = ..., newest: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class PromptVersion:
    id: int
    prompt_id: int
    number: int
    system: str
    template: str
    content_hash: str
    fields: list[str]
    note: str
    user_id: int
    create_time: int
    def __init__(self, id: int | None = ..., prompt_id: int | None = ..., number: int | None = ..., system: str | None = ..., template: str | None = ..., content_hash: str | None = ..., fields: list[str] | None = ..., note: str | None = ..., user_id: int | None = ..., create_time: int | None = ...) -> None: ...

class CreatePromptReq:
    name: str
    template: str
    system: str | None
    desc: str | None
    note: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., template: str | None = ..., system: str | None = ..., desc: str | None = ..., note: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreatePromptResp:
    prompt: Prompt
    base_resp: _base.BaseResp | None
    def __init__(self, prompt: Prompt | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdatePromptReq:
    id: int
    template: str
    system: str | None
    note: str | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., template: str | None = ..., system: str | None = ..., note: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdatePromptResp:
    prompt: Prompt
    base_resp: _base.BaseResp | None
    def __init__(self, prompt: Prompt | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetPromptReq:
    id: int
    number: int | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., number: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetPromptResp:
    prompt: Prompt
    base_resp: _base.BaseResp | None
    def __init__(self, prompt: Prompt | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ResolvePromptReq:
    reference: str
    base: _base.Base | None
    def __init__(self, reference: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ResolvePromptResp:
    prompt: Prompt
    base_resp: _base.BaseResp | None
    def __init__(self, prompt: Prompt | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListPromptsReq:
    name_prefix: str | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, name_prefix: str | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListPromptsResp:
    prompts: list[Prompt]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, prompts: list[Prompt] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListPromptVersionsReq:
    prompt_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, prompt_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListPromptVersionsResp:
    prompt_versions: list[PromptVersion]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, prompt_versions: list[PromptVersion] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class SetPromptLabelReq:
    id: int
    label: str
    number: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., label: str | None = ..., number: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class SetPromptLabelResp:
    prompt: Prompt
    base_resp: _base.BaseResp | None
    def __init__(self, prompt: Prompt | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GridTarget:
    model_version_id: int
    target_kind: int | None
    target_digest: str | None
    target_address: str | None
    def __init__(self, model_version_id: int | None = ..., target_kind: int | None = ..., target_digest: str | None = ..., target_address: str | None = ...) -> None: ...

class GridPrompt:
    prompt_version_id: int
    prompt_id: int
    name: str
    number: int
    def __init__(self, prompt_version_id: int | None = ..., prompt_id: int | None = ..., name: str | None = ..., number: int | None = ...) -> None: ...

class EvalGrid:
    id: int
    name: str
    desc: str
    project_space_id: int
    user_id: int
    dataset_version_id: int
    prompts: list[GridPrompt]
    targets: list[GridTarget]
    eval_task_ids: list[int]
    started: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., project_space_id: int | None = ..., user_id: int | None = ..., dataset_version_id: int | None = ..., prompts: list[GridPrompt] | None = ..., targets: list[GridTarget] | None = ..., eval_task_ids: list[int] | None = ..., started: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class CreateGridReq:
    name: str
    dataset_version_id: int
    targets: list[GridTarget]
    prompt_version_ids: list[int] | None
    plain: bool | None
    metrics: list[str] | None
    options_json: str | None
    desc: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., dataset_version_id: int | None = ..., targets: list[GridTarget] | None = ..., prompt_version_ids: list[int] | None = ..., plain: bool | None = ..., metrics: list[str] | None = ..., options_json: str | None = ..., desc: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateGridResp:
    grid: EvalGrid
    base_resp: _base.BaseResp | None
    def __init__(self, grid: EvalGrid | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetGridReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetGridResp:
    grid: EvalGrid
    eval_tasks: list[EvalTask]
    base_resp: _base.BaseResp | None
    def __init__(self, grid: EvalGrid | None = ..., eval_tasks: list[EvalTask] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListGridsReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListGridsResp:
    grids: list[EvalGrid]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, grids: list[EvalGrid] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CellComparison:
    eval_task_id: int
    pairs: int
    left_out: int
    metrics: list[MetricComparison]
    def __init__(self, eval_task_id: int | None = ..., pairs: int | None = ..., left_out: int | None = ..., metrics: list[MetricComparison] | None = ...) -> None: ...

class CompareGridReq:
    id: int
    first_task_id: int
    metric: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., first_task_id: int | None = ..., metric: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CompareGridResp:
    cells: list[CellComparison]
    base_resp: _base.BaseResp | None
    def __init__(self, cells: list[CellComparison] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class EvalService(Protocol):
    def CreateConfig(self, req: CreateConfigReq) -> CreateConfigResp: ...
    def GetConfig(self, req: GetConfigReq) -> GetConfigResp: ...
    def ListConfigs(self, req: ListConfigsReq) -> ListConfigsResp: ...
    def CreateTask(self, req: CreateTaskReq) -> CreateTaskResp: ...
    def CreateReleaseTask(self, req: CreateReleaseTaskReq) -> CreateReleaseTaskResp: ...
    def GetTask(self, req: GetTaskReq) -> GetTaskResp: ...
    def GetTaskLog(self, req: GetTaskLogReq) -> GetTaskLogResp: ...
    def ListTasks(self, req: ListTasksReq) -> ListTasksResp: ...
    def CancelTask(self, req: CancelTaskReq) -> CancelTaskResp: ...
    def ListItems(self, req: ListItemsReq) -> ListItemsResp: ...
    def FetchTaskExport(self, req: FetchTaskExportReq) -> FetchTaskExportResp: ...
    def CompareTasks(self, req: CompareTasksReq) -> CompareTasksResp: ...
    def ListDifferences(self, req: ListDifferencesReq) -> ListDifferencesResp: ...
    def CreatePrompt(self, req: CreatePromptReq) -> CreatePromptResp: ...
    def UpdatePrompt(self, req: UpdatePromptReq) -> UpdatePromptResp: ...
    def GetPrompt(self, req: GetPromptReq) -> GetPromptResp: ...
    def ResolvePrompt(self, req: ResolvePromptReq) -> ResolvePromptResp: ...
    def ListPrompts(self, req: ListPromptsReq) -> ListPromptsResp: ...
    def ListPromptVersions(self, req: ListPromptVersionsReq) -> ListPromptVersionsResp: ...
    def SetPromptLabel(self, req: SetPromptLabelReq) -> SetPromptLabelResp: ...
    def CreateGrid(self, req: CreateGridReq) -> CreateGridResp: ...
    def GetGrid(self, req: GetGridReq) -> GetGridResp: ...
    def ListGrids(self, req: ListGridsReq) -> ListGridsResp: ...
    def CompareGrid(self, req: CompareGridReq) -> CompareGridResp: ...
    def GetEvalState(self, req: GetEvalStateReq) -> GetEvalStateResp: ...
    def CreatePool(self, req: CreatePoolReq) -> CreatePoolResp: ...
    def UpdatePool(self, req: UpdatePoolReq) -> UpdatePoolResp: ...
    def GetPool(self, req: GetPoolReq) -> GetPoolResp: ...
    def ListPools(self, req: ListPoolsReq) -> ListPoolsResp: ...
    def CreateTemplate(self, req: CreateTemplateReq) -> CreateTemplateResp: ...
    def UpdateTemplate(self, req: UpdateTemplateReq) -> UpdateTemplateResp: ...
    def GetTemplate(self, req: GetTemplateReq) -> GetTemplateResp: ...
    def ListTemplates(self, req: ListTemplatesReq) -> ListTemplatesResp: ...
    def StartRating(self, req: StartRatingReq) -> StartRatingResp: ...
    def GetRating(self, req: GetRatingReq) -> GetRatingResp: ...
    def GetRaters(self, req: GetRatersReq) -> GetRatersResp: ...
    def ListMembers(self, req: ListMembersReq) -> ListMembersResp: ...
    def GetAgreement(self, req: GetAgreementReq) -> GetAgreementResp: ...
    def GetMyWork(self, req: GetMyWorkReq) -> GetMyWorkResp: ...
    def ListMyAnswers(self, req: ListMyAnswersReq) -> ListMyAnswersResp: ...
    def ClaimWork(self, req: ClaimWorkReq) -> ClaimWorkResp: ...
    def ClaimInspection(self, req: ClaimInspectionReq) -> ClaimInspectionResp: ...
    def SubmitWork(self, req: SubmitWorkReq) -> SubmitWorkResp: ...
    def KeepWork(self, req: KeepWorkReq) -> KeepWorkResp: ...
    def SkipWork(self, req: SkipWorkReq) -> SkipWorkResp: ...
    def ReleaseWork(self, req: ReleaseWorkReq) -> ReleaseWorkResp: ...
    def UndoWork(self, req: UndoWorkReq) -> UndoWorkResp: ...
    def DecideWork(self, req: DecideWorkReq) -> DecideWorkResp: ...
    def Ping(self, req: _base.PingReq) -> _base.PingResp: ...
    def CheckHealth(self, req: _base.CheckHealthReq) -> _base.CheckHealthResp: ...
    def ListStateEvents(self, req: _base.ListStateEventsReq) -> _base.ListStateEventsResp: ...
    def FollowChanges(self, req: _base.FollowChangesReq) -> _base.FollowChangesResp: ...
