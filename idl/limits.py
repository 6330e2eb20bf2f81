"""The bounds of every field by its name: one table that services check, the OpenAPI document shows and the tests attack.

A name absent here has the default of its type. A struct may narrow a name with the key "Struct.field".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ID_MAX = (1 << 63) - 1
Form = Literal["line", "text", "raw"]


@dataclass(frozen=True)
class Text:
    """Characters, both ends included. json: must be one JSON object. form: which characters.

    "line": what stands in one line of a list: no control characters, nothing that breaks a line or turns its direction.
    "text": also tabs and ends of lines. "raw": anything but NUL; it is compared or kept, never shown as it is.
    """

    low: int
    high: int
    json: bool = False
    form: Form = "text"


@dataclass(frozen=True)
class Bytes:
    """Of raw bytes, both ends included."""

    low: int
    high: int


@dataclass(frozen=True)
class Number:
    """Both ends included."""

    low: float
    high: float


@dataclass(frozen=True)
class Items:
    """Elements of a list or map, both ends included."""

    low: int
    high: int


Limit = Text | Bytes | Number | Items


def _line(low: int, high: int) -> Text:
    return Text(low, high, form="line")


def _raw(low: int, high: int) -> Text:
    return Text(low, high, form="raw")


DEFAULT_TEXT = Text(0, 1000)
DEFAULT_JSON = Text(0, 65536, json=True)
DEFAULT_ID = Number(1, ID_MAX)
DEFAULT_INT = Number(0, ID_MAX)
DEFAULT_I32 = Number(0, (1 << 31) - 1)
DEFAULT_DOUBLE = Number(-1e18, 1e18)
DEFAULT_ITEMS = Items(0, 1000)
DEFAULT_BYTES = Bytes(0, 1 << 20)

FIELDS: dict[str, Limit] = {
    "name": _line(1, 100),
    "ResolveNameReq.name": _line(1, 160),
    "desc": Text(0, 1000),
    "CreateUploadReq.name": _line(1, 255),
    "CreateUploadReq.bytes": Number(1, 1 << 50),
    "CreateUploadReq.sha256": _line(64, 64),
    "WriteUploadReq.data": Bytes(1, 4 << 20),  # one part of a file: what a body of the gateway and a quarter of a frame hold
    "ReadRecordsReq.contains": _raw(1, 200),
    "ListDifferencesReq.contains": _raw(1, 200),
    "ReadRecordsReq.field": _line(1, 100),
    "ListVersionChangesReq.change": _line(1, 20),
    "PreviewImportReq.rows": Number(1, 100),
    "PreviewCleaningReq.records": Number(1, 500),
    "PreviewRecipeReq.records": Number(1, 500),
    "RunRecipeReq.preview": _line(1, 100),
    "RunRecipeReq.number": Number(1, (1 << 31) - 1),
    "GetRecipeReq.number": Number(1, (1 << 31) - 1),
    "path": _line(0, 200),
    "train_framework": _line(0, 100),
    "inference_framework": _line(0, 100),
    "metrics_url": _line(0, 200),
    "code_repo_url": _line(0, 200),
    "hdfs_dir": _line(0, 200),
    "file_url": _line(0, 1000),
    "source": _line(0, 1000),
    "RecordTrainedReq.family": _line(0, 40),
    "name_prefix": _line(0, 100),
    "reference": _line(1, 20),
    "idempotency_key": _line(8, 128),
    "cursor": _line(1, 200),
    "PageReq.limit": Number(1, 500),
    "most": Number(1, 1000),
    "statuses": Items(0, 20),
    "ImportCheckpointReq.folder": _line(0, 1000),
    "ImportCheckpointReq.files": Items(0, 200),
    "ImportCheckpointReq.source": _line(0, 200),
    "CheckpointFile.name": _line(1, 255),
    "CheckpointFile.path": _line(1, 1000),
    "digest": _line(71, 71),
    "artifact_digest": _line(71, 71),
    "target_digest": _line(71, 71),
    "artifact_uri": _line(1, 1000),
    "target_address": _line(1, 200),
    "target_key": _line(32, 200),
    "metric": _line(1, 100),
    "metrics": Items(0, 200),
    "rules": Items(0, 50),
    "SetCardReq.sections": Items(1, 20),
    "CardText.name": _line(1, 40),
    "dataset_version_ids": Items(0, 1000),
    "max_attempts": Number(1, 100),
    "environment": _line(1, 40),
    "room": _line(1, 40),
    "method": _line(1, 40),
    "entity": _line(1, 40),
    "rule": _line(1, 100),
    "cause": Text(0, 1000),
    "QuarantineVersionReq.cause": Text(1, 1000),
    "PurgeDatasetReq.cause": Text(1, 1000),
    "comment": Text(0, 1000),
    "RejectWorkOrderReq.comment": Text(1, 1000),
    "want": Number(1, 50),
    "GetTemplateReq.number": Number(1, (1 << 31) - 1),
    "template_number": Number(1, (1 << 31) - 1),
    "SkipWorkReq.reason": Text(1, 1000),
    **{f"{verb}PromptReq.template": Text(1, 20_000) for verb in ("Create", "Update")},
    **{f"{verb}PromptReq.system": Text(0, 20_000) for verb in ("Create", "Update")},
    "GetPromptReq.number": Number(1, (1 << 31) - 1),
    "ResolvePromptReq.reference": _line(1, 160),
    "SetPromptLabelReq.label": _line(1, 40),
    "CreateGridReq.targets": Items(1, 40),
    "CreateGridReq.prompt_version_ids": Items(0, 40),
    "min_coverage": Number(0, 1),
    "min_items": Number(1, 1_000_000_000),
    "max_age_hours": Number(0, 87_600),  # ten years
    "RequestOverrideReq.cause": Text(1, 1000),
    "GateRule.dataset_version_id": Number(0, ID_MAX),  # 0 = any, as a gate that was read says
    "expected_version": Number(0, (1 << 31) - 1),
    "after_step": Number(-1, ID_MAX),
    "text": Text(0, 10_000),
    "account": _line(1, 64),
    "password": _raw(1, 256),
    "new_password": _raw(12, 256),
    "token": _raw(1, 500),
    "access_token": _raw(1, 500),
    "refresh_token": _raw(1, 500),
    "address": _raw(0, 100),
    "issuer": _line(1, 200),
    "subject": _line(1, 200),
    "valid_days": Number(1, 3650),
    "overlap_minutes": Number(0, 10_080),
    "roles": Items(0, 8),
    "audience": _line(1, 40),
    "for_account": _line(1, 64),
    "ExchangeKeyReq.key": _raw(1, 500),
    "events": Items(1, 500),
    # resources: whole numbers in the smallest unit
    **{name: Number(0, 10**9) for name in ("cpu_milli", "accelerator_milli", "replicas")},
    "memory_mb": Number(0, 10**12),
    **{name: Number(0, 10**12) for name in ("accelerator_seconds", "tokens", "annotation_seconds")},
    **{name: Number(0, 10**12) for name in ("tokens_left", "annotation_seconds_left")},
    "holder": _line(1, 100),
    "micros": Number(0, 10**12),
    "seconds": Number(0, 10**9),
    "valid_from": Number(0, 4 * 10**12),
    "lease_seconds": Number(5, 86_400),
    "heartbeat_seconds": Number(0, 3600),
    "share": Number(1, 64),
    "accelerator_memory_mb": Number(0, 10**9),
    "vendor": _line(0, 100),
    "CreateReservationReq.model": _line(0, 100),
    "ExplainRequestReq.model": _line(0, 100),
    "CreateNodeReq.model": _line(0, 100),
    "labels": Items(0, 20),
    "SetQuotaReq.subject_id": Number(0, ID_MAX),
    "ListQuotasReq.subject_id": Number(0, ID_MAX),
    "SetQuotaReq.department_id": Number(0, ID_MAX),
    "node_time": Number(0, ID_MAX),
    # knowledge: offsets and lengths count characters
    "AddDocumentReq.name": _line(1, 200),
    "content": Text(1, 1_000_000),
    "pairs": Items(1, 2000),
    "QuestionPair.question": Text(1, 2000),
    "QuestionPair.answer": Text(1, 10_000),
    "SearchBaseReq.question": Text(1, 2000),
    "AskBaseReq.question": Text(1, 2000),
    "threshold": Number(0, 1),
    "CreateBaseReq.model": _line(0, 160),
    "UpdateBaseReq.model": _line(0, 160),
    "KnowledgeAnswer.share": Number(0, 1),
    "ListDocumentsReq.name_prefix": _line(0, 200),
    "DocumentText.text": Text(0, 4_000_000),
    "Passage.share": Number(0, 1),
    "Passage.score": Number(0, 1e9),
    # what somebody sent, whatever it was: a row of the trail is never refused for it
    "AuditEvent.method": _raw(0, 200),
    "AuditEvent.object": _raw(0, 400),
    "AuditEvent.credential": _raw(0, 40),
    "AuditEvent.request_id": _raw(0, 64),
    # the call context
    "log_id": _line(0, 128),
    "caller": _line(0, 100),
    "addr": _line(0, 100),
    "client": _line(0, 100),
    "traffic_env": _line(0, 100),
    "extra": Items(0, 50),
    "made_with": Items(0, 50),
    "auth": _raw(0, 8192),
    "budget_ms": Number(0, 3_600_000),
}


def limit_of(struct: str, field: str, wire_type: int, container: bool = False) -> Limit:
    """The bounds of one field. ``wire_type`` as in libs.common.rpc.wire; enums are checked against their members instead."""
    kind = Items if container else Text if wire_type == 11 else Bytes if wire_type == 18 else Number
    named = FIELDS.get(f"{struct}.{field}") or FIELDS.get(field)
    if isinstance(named, kind):  # one name may be a text here and a number there
        return named
    if container:
        return DEFAULT_ITEMS
    if wire_type == 18:
        return DEFAULT_BYTES
    if wire_type == 11:
        return DEFAULT_JSON if field.endswith("_json") else DEFAULT_TEXT
    if wire_type == 4:
        return DEFAULT_DOUBLE
    if wire_type == 10:
        return DEFAULT_ID if field == "id" or field.endswith("_id") else DEFAULT_INT
    return DEFAULT_I32
