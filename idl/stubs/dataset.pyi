# Generated from idl/dataset.thrift by `make contract`; not edited by hand.
from typing import Protocol
from idl.stubs import base as _base
from idl.stubs import task as _task

class DatasetType:
    Image: int = 1
    Text: int = 2
    Video: int = 3
    Audio: int = 4
    Multimodal: int = 5

class DatasetTaskType:
    Cleaning: int = 1000
    Augmentation: int = 2000
    Annotation: int = 3000
    Conversion: int = 4000
    Splitting: int = 5000
    Importing: int = 6000
    Processing: int = 7000

class DatasetTaskSubType:
    Strip_Html: int = 1001
    Remove_Noncompliant: int = 1002
    Remove_Low_Quality: int = 1003
    Deduplicate: int = 1004
    Custom_Cleaning: int = 1900
    Image_Augmentation: int = 2001
    Text_Augmentation: int = 2101
    Audio_Augmentation: int = 2201
    Video_Augmentation: int = 2301
    Bounding_Box_Annotation: int = 3001
    Image_Description: int = 3002
    Video_Description: int = 3003
    Sentiment_Analysis: int = 3004
    Speech_Recognition: int = 3005
    Question_Answer: int = 3006
    Text_Classification: int = 3007
    Format_Conversion: int = 4001
    Train_Test_Split: int = 5001
    File_Import: int = 6001
    Media_Import: int = 6002
    Link_Import: int = 6003
    Pydoc_Import: int = 6004
    Recipe: int = 7001

class SecrecyLevel:
    PUBLIC: int = 0
    INTERNAL: int = 10
    CONFIDENTIAL: int = 20
    SECRET: int = 30

class UploadStatus:
    RECEIVING: int = 0
    COMPLETE: int = 90
    REFUSED: int = 91
    DISCARDED: int = 92
    EXPIRED: int = 93

class PurgeStatus:
    PURGING: int = 0
    DONE: int = 90

class Dataset:
    id: int
    name: str
    desc: str
    type: int
    project_space_id: int
    file_url: str
    secrecy: int
    source: str
    user_id: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., type: int | None = ..., project_space_id: int | None = ..., file_url: str | None = ..., secrecy: int | None = ..., source: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class DatasetVersion:
    id: int
    dataset_id: int
    project_space_id: int
    number: int
    content_hash: str
    records: int
    bytes: int
    uri: str
    parent_version_id: int
    task_id: int
    kind: str
    part: str
    secrecy: int
    ledger_json: str
    create_time: int
    def __init__(self, id: int | None = ..., dataset_id: int | None = ..., project_space_id: int | None = ..., number: int | None = ..., content_hash: str | None = ..., records: int | None = ..., bytes: int | None = ..., uri: str | None = ..., parent_version_id: int | None = ..., task_id: int | None = ..., kind: str | None = ..., part: str | None = ..., secrecy: int | None = ..., ledger_json: str | None = ..., create_time: int | None = ...) -> None: ...

class DatasetTask:
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
    dataset_id: int
    input_version_id: int
    type: int
    sub_type: int
    output_version_ids: list[int]
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., project_space_id: int | None = ..., status: int | None = ..., reason: int | None = ..., progress_done: int | None = ..., progress_total: int | None = ..., progress_message: str | None = ..., attempt: int | None = ..., max_attempts: int | None = ..., failed_items: int | None = ..., snapshot_json: str | None = ..., snapshot_hash: str | None = ..., result_json: str | None = ..., error_json: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., start_time: int | None = ..., finish_time: int | None = ..., version: int | None = ..., dataset_id: int | None = ..., input_version_id: int | None = ..., type: int | None = ..., sub_type: int | None = ..., output_version_ids: list[int] | None = ...) -> None: ...

class DroppedRecord:
    id: str
    rule: str
    reason: str
    score: float
    threshold: float
    kept_id: str
    source: str
    excerpt: str
    step: int
    def __init__(self, id: str | None = ..., rule: str | None = ..., reason: str | None = ..., score: float | None = ..., threshold: float | None = ..., kept_id: str | None = ..., source: str | None = ..., excerpt: str | None = ..., step: int | None = ...) -> None: ...

class Upload:
    id: int
    project_space_id: int
    user_id: int
    name: str
    bytes: int
    sha256: str
    status: int
    received: int
    path: str
    expire_time: int
    part_bytes: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., project_space_id: int | None = ..., user_id: int | None = ..., name: str | None = ..., bytes: int | None = ..., sha256: str | None = ..., status: int | None = ..., received: int | None = ..., path: str | None = ..., expire_time: int | None = ..., part_bytes: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class SampledRow:
    file: str
    row: int
    record_json: str
    reason: str
    column: str
    excerpt: str
    def __init__(self, file: str | None = ..., row: int | None = ..., record_json: str | None = ..., reason: str | None = ..., column: str | None = ..., excerpt: str | None = ...) -> None: ...

class SampledFile:
    file: str
    bytes: int
    format: str
    delimiter: str
    encoding: str
    columns: list[str]
    first_values: dict[str, str]
    shape: str
    shape_signs: list[str]
    def __init__(self, file: str | None = ..., bytes: int | None = ..., format: str | None = ..., delimiter: str | None = ..., encoding: str | None = ..., columns: list[str] | None = ..., first_values: dict[str, str] | None = ..., shape: str | None = ..., shape_signs: list[str] | None = ...) -> None: ...

class FieldChange:
    field: str
    before: str
    after: str
    def __init__(self, field: str | None = ..., before: str | None = ..., after: str | None = ...) -> None: ...

class ChangedRecord:
    record_id: str
    rules: list[str]
    changes: list[FieldChange]
    def __init__(self, record_id: str | None = ..., rules: list[str] | None = ..., changes: list[FieldChange] | None = ...) -> None: ...

class RuleSample:
    rule: str
    dropped: int
    changed: int
    def __init__(self, rule: str | None = ..., dropped: int | None = ..., changed: int | None = ...) -> None: ...

class Bar:
    label: str
    records: int
    def __init__(self, label: str | None = ..., records: int | None = ...) -> None: ...

class FieldSummary:
    field: str
    present: int
    distinct: int
    mean_length: float
    longest: int
    lengths: list[Bar]
    values: list[Bar]
    def __init__(self, field: str | None = ..., present: int | None = ..., distinct: int | None = ..., mean_length: float | None = ..., longest: int | None = ..., lengths: list[Bar] | None = ..., values: list[Bar] | None = ...) -> None: ...

class Export:
    file: _base.File
    format: str
    records: int
    columns: list[str]
    escaped_cells: int
    same_records: int
    def __init__(self, file: _base.File | None = ..., format: str | None = ..., records: int | None = ..., columns: list[str] | None = ..., escaped_cells: int | None = ..., same_records: int | None = ...) -> None: ...

class DatasetRecipe:
    id: int
    project_space_id: int
    user_id: int
    name: str
    desc: str
    number: int
    plan_json: str
    plan_hash: str
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., project_space_id: int | None = ..., user_id: int | None = ..., name: str | None = ..., desc: str | None = ..., number: int | None = ..., plan_json: str | None = ..., plan_hash: str | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class RecipeRevision:
    id: int
    recipe_id: int
    number: int
    plan_json: str
    plan_hash: str
    user_id: int
    create_time: int
    def __init__(self, id: int | None = ..., recipe_id: int | None = ..., number: int | None = ..., plan_json: str | None = ..., plan_hash: str | None = ..., user_id: int | None = ..., create_time: int | None = ...) -> None: ...

class StepSample:
    kind: str
    ledger_json: str
    changed: int
    problem: str
    def __init__(self, kind: str | None = ..., ledger_json: str | None = ..., changed: int | None = ..., problem: str | None = ...) -> None: ...

class DeletedDataset:
    dataset: Dataset
    delete_time: int
    purge_time: int
    def __init__(self, dataset: Dataset | None = ..., delete_time: int | None = ..., purge_time: int | None = ...) -> None: ...

class PurgedVersion:
    id: int
    number: int
    content_hash: str
    records: int
    bytes: int
    def __init__(self, id: int | None = ..., number: int | None = ..., content_hash: str | None = ..., records: int | None = ..., bytes: int | None = ...) -> None: ...

class PurgedArtifact:
    digest: str
    bytes: int
    removed: bool
    kept_for: str
    def __init__(self, digest: str | None = ..., bytes: int | None = ..., removed: bool | None = ..., kept_for: str | None = ...) -> None: ...

class DatasetPurge:
    id: int
    project_space_id: int
    dataset_id: int
    name: str
    secrecy: int
    user_id: int
    cause: str
    delete_time: int
    status: int
    versions: list[PurgedVersion]
    artifacts: list[PurgedArtifact]
    proof: str
    finish_time: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., project_space_id: int | None = ..., dataset_id: int | None = ..., name: str | None = ..., secrecy: int | None = ..., user_id: int | None = ..., cause: str | None = ..., delete_time: int | None = ..., status: int | None = ..., versions: list[PurgedVersion] | None = ..., artifacts: list[PurgedArtifact] | None = ..., proof: str | None = ..., finish_time: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class CreateDatasetReq:
    name: str
    desc: str | None
    type: int
    file_url: str | None
    secrecy: int | None
    source: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., desc: str | None = ..., type: int | None = ..., file_url: str | None = ..., secrecy: int | None = ..., source: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateDatasetResp:
    dataset: Dataset
    base_resp: _base.BaseResp | None
    def __init__(self, dataset: Dataset | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetDatasetReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetDatasetResp:
    dataset: Dataset
    base_resp: _base.BaseResp | None
    def __init__(self, dataset: Dataset | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class FindDatasetReq:
    name: str
    base: _base.Base | None
    def __init__(self, name: str | None = ..., base: _base.Base | None = ...) -> None: ...

class FindDatasetResp:
    dataset: Dataset
    base_resp: _base.BaseResp | None
    def __init__(self, dataset: Dataset | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListDatasetsReq:
    name_prefix: str | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, name_prefix: str | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListDatasetsResp:
    datasets: list[Dataset]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, datasets: list[Dataset] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateDatasetReq:
    id: int
    name: str | None
    desc: str | None
    source: str | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., source: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateDatasetResp:
    dataset: Dataset
    base_resp: _base.BaseResp | None
    def __init__(self, dataset: Dataset | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DeleteDatasetReq:
    id: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DeleteDatasetResp:
    dataset: Dataset
    base_resp: _base.BaseResp | None
    def __init__(self, dataset: Dataset | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateTaskReq:
    dataset_id: int
    type: int
    sub_type: int
    name: str
    desc: str | None
    input_version_id: int | None
    config_json: str | None
    reuse: bool | None
    max_attempts: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, dataset_id: int | None = ..., type: int | None = ..., sub_type: int | None = ..., name: str | None = ..., desc: str | None = ..., input_version_id: int | None = ..., config_json: str | None = ..., reuse: bool | None = ..., max_attempts: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateTaskResp:
    dataset_task: DatasetTask
    reused: bool
    base_resp: _base.BaseResp | None
    def __init__(self, dataset_task: DatasetTask | None = ..., reused: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetTaskReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetTaskResp:
    dataset_task: DatasetTask
    base_resp: _base.BaseResp | None
    def __init__(self, dataset_task: DatasetTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

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
    dataset_id: int | None
    statuses: list[int] | None
    type: int | None
    user_id: int | None
    from_time: int | None
    to_time: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, dataset_id: int | None = ..., statuses: list[int] | None = ..., type: int | None = ..., user_id: int | None = ..., from_time: int | None = ..., to_time: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListTasksResp:
    dataset_tasks: list[DatasetTask]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, dataset_tasks: list[DatasetTask] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CancelTaskReq:
    id: int
    cause: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., cause: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CancelTaskResp:
    dataset_task: DatasetTask
    base_resp: _base.BaseResp | None
    def __init__(self, dataset_task: DatasetTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetVersionReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetVersionResp:
    dataset_version: DatasetVersion
    base_resp: _base.BaseResp | None
    def __init__(self, dataset_version: DatasetVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListVersionsReq:
    dataset_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, dataset_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListVersionsResp:
    dataset_versions: list[DatasetVersion]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, dataset_versions: list[DatasetVersion] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class FindVersionReq:
    dataset_id: int
    reference: str
    base: _base.Base | None
    def __init__(self, dataset_id: int | None = ..., reference: str | None = ..., base: _base.Base | None = ...) -> None: ...

class FindVersionResp:
    dataset_version: DatasetVersion
    base_resp: _base.BaseResp | None
    def __init__(self, dataset_version: DatasetVersion | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ReadRecordsReq:
    dataset_version_id: int
    contains: str | None
    field: str | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, dataset_version_id: int | None = ..., contains: str | None = ..., field: str | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ReadRecordsResp:
    records_json: list[str]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, records_json: list[str] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListDroppedReq:
    task_id: int
    rule: str | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., rule: str | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListDroppedResp:
    dropped: list[DroppedRecord]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, dropped: list[DroppedRecord] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateUploadReq:
    name: str
    bytes: int
    sha256: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., bytes: int | None = ..., sha256: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateUploadResp:
    upload: Upload
    base_resp: _base.BaseResp | None
    def __init__(self, upload: Upload | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class WriteUploadReq:
    id: int
    offset: int
    data: bytes
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., offset: int | None = ..., data: bytes | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class WriteUploadResp:
    upload: Upload
    base_resp: _base.BaseResp | None
    def __init__(self, upload: Upload | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class FinishUploadReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class FinishUploadResp:
    upload: Upload
    base_resp: _base.BaseResp | None
    def __init__(self, upload: Upload | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DiscardUploadReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DiscardUploadResp:
    upload: Upload
    base_resp: _base.BaseResp | None
    def __init__(self, upload: Upload | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetUploadReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetUploadResp:
    upload: Upload
    base_resp: _base.BaseResp | None
    def __init__(self, upload: Upload | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListUploadsReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListUploadsResp:
    uploads: list[Upload]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, uploads: list[Upload] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class PreviewImportReq:
    config_json: str
    rows: int | None
    base: _base.Base | None
    def __init__(self, config_json: str | None = ..., rows: int | None = ..., base: _base.Base | None = ...) -> None: ...

class PreviewImportResp:
    files: list[SampledFile]
    rows: list[SampledRow]
    suggested: dict[str, str]
    whole: bool
    base_resp: _base.BaseResp | None
    def __init__(self, files: list[SampledFile] | None = ..., rows: list[SampledRow] | None = ..., suggested: dict[str, str] | None = ..., whole: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class PreviewCleaningReq:
    dataset_version_id: int
    config_json: str
    records: int | None
    base: _base.Base | None
    def __init__(self, dataset_version_id: int | None = ..., config_json: str | None = ..., records: int | None = ..., base: _base.Base | None = ...) -> None: ...

class PreviewCleaningResp:
    rules: list[RuleSample]
    dropped: list[DroppedRecord]
    changed: list[ChangedRecord]
    ledger_json: str
    whole: bool
    base_resp: _base.BaseResp | None
    def __init__(self, rules: list[RuleSample] | None = ..., dropped: list[DroppedRecord] | None = ..., changed: list[ChangedRecord] | None = ..., ledger_json: str | None = ..., whole: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class SummarizeVersionReq:
    dataset_version_id: int
    base: _base.Base | None
    def __init__(self, dataset_version_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class SummarizeVersionResp:
    records: int
    fields: list[FieldSummary]
    whole: bool
    base_resp: _base.BaseResp | None
    def __init__(self, records: int | None = ..., fields: list[FieldSummary] | None = ..., whole: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class VersionDiff:
    before: int
    after: int
    same: int
    changed: int
    removed: int
    added: int
    def __init__(self, before: int | None = ..., after: int | None = ..., same: int | None = ..., changed: int | None = ..., removed: int | None = ..., added: int | None = ...) -> None: ...

class VersionChange:
    change: str
    before_json: str
    after_json: str
    changes: list[FieldChange]
    def __init__(self, change: str | None = ..., before_json: str | None = ..., after_json: str | None = ..., changes: list[FieldChange] | None = ...) -> None: ...

class DiffVersionsReq:
    old_version_id: int
    new_version_id: int
    base: _base.Base | None
    def __init__(self, old_version_id: int | None = ..., new_version_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class DiffVersionsResp:
    diff: VersionDiff
    base_resp: _base.BaseResp | None
    def __init__(self, diff: VersionDiff | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListVersionChangesReq:
    old_version_id: int
    new_version_id: int
    change: str | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, old_version_id: int | None = ..., new_version_id: int | None = ..., change: str | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListVersionChangesResp:
    changes: list[VersionChange]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, changes: list[VersionChange] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateRecipeReq:
    name: str
    plan_json: str
    desc: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., plan_json: str | None = ..., desc: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateRecipeResp:
    recipe: DatasetRecipe
    base_resp: _base.BaseResp | None
    def __init__(self, recipe: DatasetRecipe | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetRecipeReq:
    id: int
    number: int | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., number: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetRecipeResp:
    recipe: DatasetRecipe
    base_resp: _base.BaseResp | None
    def __init__(self, recipe: DatasetRecipe | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class FindRecipeReq:
    name: str
    base: _base.Base | None
    def __init__(self, name: str | None = ..., base: _base.Base | None = ...) -> None: ...

class FindRecipeResp:
    recipe: DatasetRecipe
    base_resp: _base.BaseResp | None
    def __init__(self, recipe: DatasetRecipe | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListRecipesReq:
    name_prefix: str | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, name_prefix: str | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListRecipesResp:
    recipes: list[DatasetRecipe]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, recipes: list[DatasetRecipe] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListRecipeRevisionsReq:
    recipe_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, recipe_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListRecipeRevisionsResp:
    revisions: list[RecipeRevision]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, revisions: list[RecipeRevision] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateRecipeReq:
    id: int
    name: str | None
    desc: str | None
    plan_json: str | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., plan_json: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateRecipeResp:
    recipe: DatasetRecipe
    base_resp: _base.BaseResp | None
    def __init__(self, recipe: DatasetRecipe | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DeleteRecipeReq:
    id: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DeleteRecipeResp:
    recipe: DatasetRecipe
    base_resp: _base.BaseResp | None
    def __init__(self, recipe: DatasetRecipe | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class PreviewRecipeReq:
    dataset_version_id: int
    plan_json: str
    records: int | None
    base: _base.Base | None
    def __init__(self, dataset_version_id: int | None = ..., plan_json: str | None = ..., records: int | None = ..., base: _base.Base | None = ...) -> None: ...

class PreviewRecipeResp:
    preview: str
    steps: list[StepSample]
    dropped: list[DroppedRecord]
    changed: list[ChangedRecord]
    made_json: list[str]
    records: int
    whole: bool
    base_resp: _base.BaseResp | None
    def __init__(self, preview: str | None = ..., steps: list[StepSample] | None = ..., dropped: list[DroppedRecord] | None = ..., changed: list[ChangedRecord] | None = ..., made_json: list[str] | None = ..., records: int | None = ..., whole: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RunRecipeReq:
    recipe_id: int
    dataset_version_id: int
    number: int | None
    preview: str | None
    name: str | None
    desc: str | None
    reuse: bool | None
    max_attempts: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, recipe_id: int | None = ..., dataset_version_id: int | None = ..., number: int | None = ..., preview: str | None = ..., name: str | None = ..., desc: str | None = ..., reuse: bool | None = ..., max_attempts: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RunRecipeResp:
    dataset_task: DatasetTask
    reused: bool
    base_resp: _base.BaseResp | None
    def __init__(self, dataset_task: DatasetTask | None = ..., reused: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class FetchBlobReq:
    dataset_version_id: int
    digest: str
    offset: int | None
    base: _base.Base | None
    def __init__(self, dataset_version_id: int | None = ..., digest: str | None = ..., offset: int | None = ..., base: _base.Base | None = ...) -> None: ...

class FetchBlobResp:
    file: _base.File
    data: bytes
    base_resp: _base.BaseResp | None
    def __init__(self, file: _base.File | None = ..., data: bytes | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RestoreDatasetReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RestoreDatasetResp:
    dataset: Dataset
    base_resp: _base.BaseResp | None
    def __init__(self, dataset: Dataset | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RestoreRecipeReq:
    id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RestoreRecipeResp:
    recipe: DatasetRecipe
    base_resp: _base.BaseResp | None
    def __init__(self, recipe: DatasetRecipe | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListDeletedDatasetsReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListDeletedDatasetsResp:
    deleted: list[DeletedDataset]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, deleted: list[DeletedDataset] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class PurgeDatasetReq:
    id: int
    cause: str
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., cause: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class PurgeDatasetResp:
    purge: DatasetPurge
    base_resp: _base.BaseResp | None
    def __init__(self, purge: DatasetPurge | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetPurgeReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetPurgeResp:
    purge: DatasetPurge
    base_resp: _base.BaseResp | None
    def __init__(self, purge: DatasetPurge | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListPurgesReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListPurgesResp:
    purges: list[DatasetPurge]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, purges: list[DatasetPurge] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class PrepareExportReq:
    dataset_version_id: int
    format: str
    spreadsheet: bool | None
    base: _base.Base | None
    def __init__(self, dataset_version_id: int | None = ..., format: str | None = ..., spreadsheet: bool | None = ..., base: _base.Base | None = ...) -> None: ...

class PrepareExportResp:
    prepared: Export
    base_resp: _base.BaseResp | None
    def __init__(self, prepared: Export | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class FetchExportReq:
    dataset_version_id: int
    format: str
    spreadsheet: bool | None
    offset: int | None
    base: _base.Base | None
    def __init__(self, dataset_version_id: int | None = ..., format: str | None = ..., spreadsheet: bool | None = ..., offset: int | None = ..., base: _base.Base | None = ...) -> None: ...

class FetchExportResp:
    file: _base.File
    data: bytes
    base_resp: _base.BaseResp | None
    def __init__(self, file: _base.File | None = ..., data: bytes | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class Annotation:
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
    sub_type: int
    body_json: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., sub_type: int | None = ..., body_json: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

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
    sub_type: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, sub_type: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListTemplatesResp:
    templates: list[_task.WorkTemplate]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, templates: list[_task.WorkTemplate] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class StartAnnotationReq:
    dataset_id: int
    sub_type: int
    name: str
    desc: str | None
    input_version_id: int
    template_id: int
    template_number: int | None
    rule_json: str | None
    annotators: list[int] | None
    inspectors: list[int] | None
    known_version_id: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, dataset_id: int | None = ..., sub_type: int | None = ..., name: str | None = ..., desc: str | None = ..., input_version_id: int | None = ..., template_id: int | None = ..., template_number: int | None = ..., rule_json: str | None = ..., annotators: list[int] | None = ..., inspectors: list[int] | None = ..., known_version_id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class StartAnnotationResp:
    dataset_task: DatasetTask
    base_resp: _base.BaseResp | None
    def __init__(self, dataset_task: DatasetTask | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetAnnotationReq:
    task_id: int
    base: _base.Base | None
    def __init__(self, task_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetAnnotationResp:
    annotation: Annotation
    base_resp: _base.BaseResp | None
    def __init__(self, annotation: Annotation | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

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

class DatasetService(Protocol):
    def CreateDataset(self, req: CreateDatasetReq) -> CreateDatasetResp: ...
    def GetDataset(self, req: GetDatasetReq) -> GetDatasetResp: ...
    def FindDataset(self, req: FindDatasetReq) -> FindDatasetResp: ...
    def ListDatasets(self, req: ListDatasetsReq) -> ListDatasetsResp: ...
    def UpdateDataset(self, req: UpdateDatasetReq) -> UpdateDatasetResp: ...
    def DeleteDataset(self, req: DeleteDatasetReq) -> DeleteDatasetResp: ...
    def CreateTask(self, req: CreateTaskReq) -> CreateTaskResp: ...
    def GetTask(self, req: GetTaskReq) -> GetTaskResp: ...
    def GetTaskLog(self, req: GetTaskLogReq) -> GetTaskLogResp: ...
    def ListTasks(self, req: ListTasksReq) -> ListTasksResp: ...
    def CancelTask(self, req: CancelTaskReq) -> CancelTaskResp: ...
    def GetVersion(self, req: GetVersionReq) -> GetVersionResp: ...
    def ListVersions(self, req: ListVersionsReq) -> ListVersionsResp: ...
    def FindVersion(self, req: FindVersionReq) -> FindVersionResp: ...
    def ReadRecords(self, req: ReadRecordsReq) -> ReadRecordsResp: ...
    def ListDropped(self, req: ListDroppedReq) -> ListDroppedResp: ...
    def CreateUpload(self, req: CreateUploadReq) -> CreateUploadResp: ...
    def WriteUpload(self, req: WriteUploadReq) -> WriteUploadResp: ...
    def FinishUpload(self, req: FinishUploadReq) -> FinishUploadResp: ...
    def DiscardUpload(self, req: DiscardUploadReq) -> DiscardUploadResp: ...
    def GetUpload(self, req: GetUploadReq) -> GetUploadResp: ...
    def ListUploads(self, req: ListUploadsReq) -> ListUploadsResp: ...
    def PreviewImport(self, req: PreviewImportReq) -> PreviewImportResp: ...
    def PreviewCleaning(self, req: PreviewCleaningReq) -> PreviewCleaningResp: ...
    def SummarizeVersion(self, req: SummarizeVersionReq) -> SummarizeVersionResp: ...
    def DiffVersions(self, req: DiffVersionsReq) -> DiffVersionsResp: ...
    def ListVersionChanges(self, req: ListVersionChangesReq) -> ListVersionChangesResp: ...
    def PrepareExport(self, req: PrepareExportReq) -> PrepareExportResp: ...
    def FetchExport(self, req: FetchExportReq) -> FetchExportResp: ...
    def CreateRecipe(self, req: CreateRecipeReq) -> CreateRecipeResp: ...
    def GetRecipe(self, req: GetRecipeReq) -> GetRecipeResp: ...
    def FindRecipe(self, req: FindRecipeReq) -> FindRecipeResp: ...
    def ListRecipes(self, req: ListRecipesReq) -> ListRecipesResp: ...
    def ListRecipeRevisions(self, req: ListRecipeRevisionsReq) -> ListRecipeRevisionsResp: ...
    def UpdateRecipe(self, req: UpdateRecipeReq) -> UpdateRecipeResp: ...
    def DeleteRecipe(self, req: DeleteRecipeReq) -> DeleteRecipeResp: ...
    def PreviewRecipe(self, req: PreviewRecipeReq) -> PreviewRecipeResp: ...
    def RunRecipe(self, req: RunRecipeReq) -> RunRecipeResp: ...
    def RestoreDataset(self, req: RestoreDatasetReq) -> RestoreDatasetResp: ...
    def RestoreRecipe(self, req: RestoreRecipeReq) -> RestoreRecipeResp: ...
    def ListDeletedDatasets(self, req: ListDeletedDatasetsReq) -> ListDeletedDatasetsResp: ...
    def PurgeDataset(self, req: PurgeDatasetReq) -> PurgeDatasetResp: ...
    def GetPurge(self, req: GetPurgeReq) -> GetPurgeResp: ...
    def ListPurges(self, req: ListPurgesReq) -> ListPurgesResp: ...
    def FetchBlob(self, req: FetchBlobReq) -> FetchBlobResp: ...
    def CreatePool(self, req: CreatePoolReq) -> CreatePoolResp: ...
    def UpdatePool(self, req: UpdatePoolReq) -> UpdatePoolResp: ...
    def GetPool(self, req: GetPoolReq) -> GetPoolResp: ...
    def ListPools(self, req: ListPoolsReq) -> ListPoolsResp: ...
    def CreateTemplate(self, req: CreateTemplateReq) -> CreateTemplateResp: ...
    def UpdateTemplate(self, req: UpdateTemplateReq) -> UpdateTemplateResp: ...
    def GetTemplate(self, req: GetTemplateReq) -> GetTemplateResp: ...
    def ListTemplates(self, req: ListTemplatesReq) -> ListTemplatesResp: ...
    def StartAnnotation(self, req: StartAnnotationReq) -> StartAnnotationResp: ...
    def GetAnnotation(self, req: GetAnnotationReq) -> GetAnnotationResp: ...
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
