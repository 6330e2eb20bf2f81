# Generated from idl/deploy.thrift by `make contract`; not edited by hand.
from typing import Protocol
from idl.stubs import base as _base

class WorkOrderStatus:
    PENDING: int = 0
    CONVERTING: int = 10
    VERIFYING: int = 20
    PACKAGING: int = 30
    EVALUATING: int = 40
    AWAITING_APPROVAL: int = 50
    PROVISIONING: int = 60
    SMOKE_TESTING: int = 70
    CANARY: int = 80
    ONLINE: int = 90
    FAILED: int = 91
    CANCELLED: int = 92
    REJECTED: int = 93
    ROLLING_BACK: int = 94
    ROLLED_BACK: int = 95

class QuotaHolder:
    PLATFORM: int = 0
    DEPARTMENT: int = 1
    PERSON: int = 2
    SPACE: int = 3

class DeploymentConfig:
    id: int
    name: str
    desc: str
    model_id: int
    project_space_id: int
    environment: str
    room: str
    config_json: str
    config_hash: str
    user_id: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., model_id: int | None = ..., project_space_id: int | None = ..., environment: str | None = ..., room: str | None = ..., config_json: str | None = ..., config_hash: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class WorkOrder:
    id: int
    name: str
    desc: str
    project_space_id: int
    deployment_config_id: int
    model_id: int
    model_version_id: int
    status: int
    status_reason: str
    config_json: str
    artifact_digest: str
    digest: str
    evidence_json: str
    error_json: str
    eval_task_id: int
    slot_id: int
    user_id: int
    approver_id: int
    approval_comment: str
    attempt: int
    create_time: int
    update_time: int
    start_time: int
    finish_time: int
    version: int
    override_id: int
    override_end_time: int
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., project_space_id: int | None = ..., deployment_config_id: int | None = ..., model_id: int | None = ..., model_version_id: int | None = ..., status: int | None = ..., status_reason: str | None = ..., config_json: str | None = ..., artifact_digest: str | None = ..., digest: str | None = ..., evidence_json: str | None = ..., error_json: str | None = ..., eval_task_id: int | None = ..., slot_id: int | None = ..., user_id: int | None = ..., approver_id: int | None = ..., approval_comment: str | None = ..., attempt: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., start_time: int | None = ..., finish_time: int | None = ..., version: int | None = ..., override_id: int | None = ..., override_end_time: int | None = ...) -> None: ...

class SlotWeight:
    digest: str
    weight: int
    model_version_id: int
    model_version_number: int
    work_order_id: int
    def __init__(self, digest: str | None = ..., weight: int | None = ..., model_version_id: int | None = ..., model_version_number: int | None = ..., work_order_id: int | None = ...) -> None: ...

class Instance:
    id: int
    slot_id: int
    work_order_id: int
    digest: str
    model_version_id: int
    state: str
    address: str
    pid: int
    qps: float
    p99_ms: float
    requests: int
    errors: int
    update_time: int
    def __init__(self, id: int | None = ..., slot_id: int | None = ..., work_order_id: int | None = ..., digest: str | None = ..., model_version_id: int | None = ..., state: str | None = ..., address: str | None = ..., pid: int | None = ..., qps: float | None = ..., p99_ms: float | None = ..., requests: int | None = ..., errors: int | None = ..., update_time: int | None = ...) -> None: ...

class Slot:
    id: int
    model_id: int
    project_space_id: int
    environment: str
    room: str
    weights: list[SlotWeight]
    instances: list[Instance]
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., model_id: int | None = ..., project_space_id: int | None = ..., environment: str | None = ..., room: str | None = ..., weights: list[SlotWeight] | None = ..., instances: list[Instance] | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class OverriddenRelease:
    work_order_id: int
    slot_id: int
    model_version_id: int
    model_version_number: int
    digest: str
    override_id: int
    end_time: int
    ended: bool
    def __init__(self, work_order_id: int | None = ..., slot_id: int | None = ..., model_version_id: int | None = ..., model_version_number: int | None = ..., digest: str | None = ..., override_id: int | None = ..., end_time: int | None = ..., ended: bool | None = ...) -> None: ...

class PastWeight:
    digest: str
    weight: int
    model_version_id: int
    model_version_number: int
    def __init__(self, digest: str | None = ..., weight: int | None = ..., model_version_id: int | None = ..., model_version_number: int | None = ...) -> None: ...

class PastSlot:
    slot_id: int
    environment: str
    room: str
    weights: list[PastWeight]
    def __init__(self, slot_id: int | None = ..., environment: str | None = ..., room: str | None = ..., weights: list[PastWeight] | None = ...) -> None: ...

class PastOrder:
    id: int
    name: str
    status: int
    model_version_id: int
    slot_id: int
    def __init__(self, id: int | None = ..., name: str | None = ..., status: int | None = ..., model_version_id: int | None = ..., slot_id: int | None = ...) -> None: ...

class Endpoint:
    address: str
    digest: str
    weight: int
    model_version_id: int
    model_version_number: int
    def __init__(self, address: str | None = ..., digest: str | None = ..., weight: int | None = ..., model_version_id: int | None = ..., model_version_number: int | None = ...) -> None: ...

class CreateConfigReq:
    model_id: int
    name: str
    desc: str | None
    environment: str | None
    room: str | None
    config_json: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., name: str | None = ..., desc: str | None = ..., environment: str | None = ..., room: str | None = ..., config_json: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateConfigResp:
    config: DeploymentConfig
    base_resp: _base.BaseResp | None
    def __init__(self, config: DeploymentConfig | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetConfigReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetConfigResp:
    config: DeploymentConfig
    base_resp: _base.BaseResp | None
    def __init__(self, config: DeploymentConfig | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListConfigsReq:
    model_id: int
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListConfigsResp:
    configs: list[DeploymentConfig]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, configs: list[DeploymentConfig] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateWorkOrderReq:
    deployment_config_id: int
    model_version_id: int
    name: str
    desc: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, deployment_config_id: int | None = ..., model_version_id: int | None = ..., name: str | None = ..., desc: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateWorkOrderResp:
    work_order: WorkOrder
    base_resp: _base.BaseResp | None
    def __init__(self, work_order: WorkOrder | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetWorkOrderReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetWorkOrderResp:
    work_order: WorkOrder
    base_resp: _base.BaseResp | None
    def __init__(self, work_order: WorkOrder | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListWorkOrdersReq:
    model_id: int | None
    statuses: list[int] | None
    slot_id: int | None
    user_id: int | None
    from_time: int | None
    to_time: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., statuses: list[int] | None = ..., slot_id: int | None = ..., user_id: int | None = ..., from_time: int | None = ..., to_time: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListWorkOrdersResp:
    work_orders: list[WorkOrder]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, work_orders: list[WorkOrder] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ApproveWorkOrderReq:
    id: int
    comment: str | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., comment: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ApproveWorkOrderResp:
    work_order: WorkOrder
    base_resp: _base.BaseResp | None
    def __init__(self, work_order: WorkOrder | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RejectWorkOrderReq:
    id: int
    comment: str
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., comment: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RejectWorkOrderResp:
    work_order: WorkOrder
    base_resp: _base.BaseResp | None
    def __init__(self, work_order: WorkOrder | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CancelWorkOrderReq:
    id: int
    cause: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., cause: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CancelWorkOrderResp:
    work_order: WorkOrder
    base_resp: _base.BaseResp | None
    def __init__(self, work_order: WorkOrder | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RollBackWorkOrderReq:
    id: int
    cause: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., cause: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RollBackWorkOrderResp:
    work_order: WorkOrder
    base_resp: _base.BaseResp | None
    def __init__(self, work_order: WorkOrder | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetSlotReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetSlotResp:
    slot: Slot
    base_resp: _base.BaseResp | None
    def __init__(self, slot: Slot | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListSlotsReq:
    model_id: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListSlotsResp:
    slots: list[Slot]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, slots: list[Slot] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ResolveModelReq:
    model_id: int
    environment: str | None
    model_version_number: int | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., environment: str | None = ..., model_version_number: int | None = ..., base: _base.Base | None = ...) -> None: ...

class ResolveModelResp:
    endpoints: list[Endpoint]
    base_resp: _base.BaseResp | None
    def __init__(self, endpoints: list[Endpoint] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class Route:
    address: str
    digest: str
    weight: int
    model_version_id: int
    model_version_number: int
    key: str
    def __init__(self, address: str | None = ..., digest: str | None = ..., weight: int | None = ..., model_version_id: int | None = ..., model_version_number: int | None = ..., key: str | None = ...) -> None: ...

class ResolveRoutesReq:
    model_id: int
    environment: str | None
    model_version_number: int | None
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., environment: str | None = ..., model_version_number: int | None = ..., base: _base.Base | None = ...) -> None: ...

class ResolveRoutesResp:
    routes: list[Route]
    base_resp: _base.BaseResp | None
    def __init__(self, routes: list[Route] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetDeployStateReq:
    model_id: int
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetDeployStateResp:
    latest_order: WorkOrder | None
    slots: list[Slot]
    qps: float
    p99_ms: float
    as_of: int
    overridden: list[OverriddenRelease]
    base_resp: _base.BaseResp | None
    def __init__(self, latest_order: WorkOrder | None = ..., slots: list[Slot] | None = ..., qps: float | None = ..., p99_ms: float | None = ..., as_of: int | None = ..., overridden: list[OverriddenRelease] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetDeployAsOfReq:
    model_id: int
    as_of: int
    base: _base.Base | None
    def __init__(self, model_id: int | None = ..., as_of: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetDeployAsOfResp:
    slots: list[PastSlot]
    orders: list[PastOrder]
    as_of: int
    base_resp: _base.BaseResp | None
    def __init__(self, slots: list[PastSlot] | None = ..., orders: list[PastOrder] | None = ..., as_of: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class QuotaAmounts:
    cpu_milli: int | None
    memory_mb: int | None
    accelerator_milli: int | None
    replicas: int | None
    accelerator_seconds: int | None
    tokens: int | None
    annotation_seconds: int | None
    def __init__(self, cpu_milli: int | None = ..., memory_mb: int | None = ..., accelerator_milli: int | None = ..., replicas: int | None = ..., accelerator_seconds: int | None = ..., tokens: int | None = ..., annotation_seconds: int | None = ...) -> None: ...

class HeldQuota:
    id: int
    kind: int
    subject_id: int
    department_id: int
    limits: QuotaAmounts
    used: QuotaAmounts
    version: int
    def __init__(self, id: int | None = ..., kind: int | None = ..., subject_id: int | None = ..., department_id: int | None = ..., limits: QuotaAmounts | None = ..., used: QuotaAmounts | None = ..., version: int | None = ...) -> None: ...

class GetQuotaReq:
    kind: int
    subject_id: int | None
    base: _base.Base | None
    def __init__(self, kind: int | None = ..., subject_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetQuotaResp:
    quota: HeldQuota
    base_resp: _base.BaseResp | None
    def __init__(self, quota: HeldQuota | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class SetQuotaReq:
    kind: int
    subject_id: int | None
    department_id: int | None
    cpu_milli: int | None
    memory_mb: int | None
    accelerator_milli: int | None
    replicas: int | None
    accelerator_seconds: int | None
    tokens: int | None
    annotation_seconds: int | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, kind: int | None = ..., subject_id: int | None = ..., department_id: int | None = ..., cpu_milli: int | None = ..., memory_mb: int | None = ..., accelerator_milli: int | None = ..., replicas: int | None = ..., accelerator_seconds: int | None = ..., tokens: int | None = ..., annotation_seconds: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class SetQuotaResp:
    quota: HeldQuota
    base_resp: _base.BaseResp | None
    def __init__(self, quota: HeldQuota | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DeployService(Protocol):
    def CreateConfig(self, req: CreateConfigReq) -> CreateConfigResp: ...
    def GetConfig(self, req: GetConfigReq) -> GetConfigResp: ...
    def ListConfigs(self, req: ListConfigsReq) -> ListConfigsResp: ...
    def CreateWorkOrder(self, req: CreateWorkOrderReq) -> CreateWorkOrderResp: ...
    def GetWorkOrder(self, req: GetWorkOrderReq) -> GetWorkOrderResp: ...
    def ListWorkOrders(self, req: ListWorkOrdersReq) -> ListWorkOrdersResp: ...
    def ApproveWorkOrder(self, req: ApproveWorkOrderReq) -> ApproveWorkOrderResp: ...
    def RejectWorkOrder(self, req: RejectWorkOrderReq) -> RejectWorkOrderResp: ...
    def CancelWorkOrder(self, req: CancelWorkOrderReq) -> CancelWorkOrderResp: ...
    def RollBackWorkOrder(self, req: RollBackWorkOrderReq) -> RollBackWorkOrderResp: ...
    def GetSlot(self, req: GetSlotReq) -> GetSlotResp: ...
    def ListSlots(self, req: ListSlotsReq) -> ListSlotsResp: ...
    def ResolveModel(self, req: ResolveModelReq) -> ResolveModelResp: ...
    def ResolveRoutes(self, req: ResolveRoutesReq) -> ResolveRoutesResp: ...
    def GetDeployState(self, req: GetDeployStateReq) -> GetDeployStateResp: ...
    def GetDeployAsOf(self, req: GetDeployAsOfReq) -> GetDeployAsOfResp: ...
    def GetQuota(self, req: GetQuotaReq) -> GetQuotaResp: ...
    def SetQuota(self, req: SetQuotaReq) -> SetQuotaResp: ...
    def Ping(self, req: _base.PingReq) -> _base.PingResp: ...
    def CheckHealth(self, req: _base.CheckHealthReq) -> _base.CheckHealthResp: ...
    def ListStateEvents(self, req: _base.ListStateEventsReq) -> _base.ListStateEventsResp: ...
    def FollowChanges(self, req: _base.FollowChangesReq) -> _base.FollowChangesResp: ...
