# Generated from idl/resource.thrift by `make contract`; not edited by hand.
from typing import Protocol
from idl.stubs import base as _base

class PlaceSecrecy:
    PUBLIC: int = 0
    INTERNAL: int = 10
    CONFIDENTIAL: int = 20
    SECRET: int = 30

class NodeHealth:
    UP: int = 0
    DRAINING: int = 10
    SILENT: int = 20
    CLOCK_OFF: int = 30

class QuotaKind:
    PLATFORM: int = 0
    DEPARTMENT: int = 1
    PERSON: int = 2
    SPACE: int = 3

class QuotaWindow:
    DAY: int = 0
    WEEK: int = 1
    MONTH: int = 2

class ReservationStatus:
    WAITING: int = 0
    HELD: int = 10
    RELEASED: int = 90
    LAPSED: int = 91
    WITHDRAWN: int = 92

class ConstraintKind:
    NONE: int = 0
    QUOTA: int = 1
    BUDGET: int = 2
    CAPACITY: int = 3
    TURN: int = 4
    NEVER: int = 5

class PricedResource:
    CPU: int = 0
    MEMORY: int = 1
    ACCELERATOR: int = 2

class CostGroup:
    PERSON: int = 0
    SPACE: int = 1
    MODEL_VERSION: int = 2
    DAY: int = 3
    KIND: int = 4
    NODE: int = 5

class Amounts:
    cpu_milli: int | None
    memory_mb: int | None
    accelerator_milli: int | None
    replicas: int | None
    accelerator_seconds: int | None
    tokens: int | None
    annotation_seconds: int | None
    def __init__(self, cpu_milli: int | None = ..., memory_mb: int | None = ..., accelerator_milli: int | None = ..., replicas: int | None = ..., accelerator_seconds: int | None = ..., tokens: int | None = ..., annotation_seconds: int | None = ...) -> None: ...

class MachineRoom:
    id: int
    name: str
    desc: str
    secrecy: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., secrecy: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class ComputeNode:
    id: int
    name: str
    room_id: int
    room: str
    capacity: Amounts
    held: Amounts
    vendor: str
    model: str
    accelerator_memory_mb: int
    share: int
    labels: dict[str, str]
    secrecy: int
    health: int
    heartbeat_seconds: int
    heartbeat_time: int
    clock_off_ms: int
    draining: bool
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., room_id: int | None = ..., room: str | None = ..., capacity: Amounts | None = ..., held: Amounts | None = ..., vendor: str | None = ..., model: str | None = ..., accelerator_memory_mb: int | None = ..., share: int | None = ..., labels: dict[str, str] | None = ..., secrecy: int | None = ..., health: int | None = ..., heartbeat_seconds: int | None = ..., heartbeat_time: int | None = ..., clock_off_ms: int | None = ..., draining: bool | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class Quota:
    id: int
    kind: int
    subject_id: int
    department_id: int
    limits: Amounts
    used: Amounts
    window: int
    window_end: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., kind: int | None = ..., subject_id: int | None = ..., department_id: int | None = ..., limits: Amounts | None = ..., used: Amounts | None = ..., window: int | None = ..., window_end: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class Reservation:
    id: int
    holder: str
    project_space_id: int
    user_id: int
    status: int
    amounts: Amounts
    node_id: int
    lease_until: int
    hold_time: int
    end_time: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., holder: str | None = ..., project_space_id: int | None = ..., user_id: int | None = ..., status: int | None = ..., amounts: Amounts | None = ..., node_id: int | None = ..., lease_until: int | None = ..., hold_time: int | None = ..., end_time: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class ResourceStep:
    what: str
    id: int
    name: str
    resource: str
    by: int
    def __init__(self, what: str | None = ..., id: int | None = ..., name: str | None = ..., resource: str | None = ..., by: int | None = ...) -> None: ...

class Explanation:
    constraint: int
    name: str
    id: int
    resource: str
    asked: int
    free: int
    steps: list[ResourceStep]
    position: int
    sentence_en: str
    sentence_zh: str
    def __init__(self, constraint: int | None = ..., name: str | None = ..., id: int | None = ..., resource: str | None = ..., asked: int | None = ..., free: int | None = ..., steps: list[ResourceStep] | None = ..., position: int | None = ..., sentence_en: str | None = ..., sentence_zh: str | None = ...) -> None: ...

class Price:
    id: int
    priced: int
    micros: int
    room_id: int
    vendor: str
    model: str
    valid_from: int
    user_id: int
    create_time: int
    def __init__(self, id: int | None = ..., priced: int | None = ..., micros: int | None = ..., room_id: int | None = ..., vendor: str | None = ..., model: str | None = ..., valid_from: int | None = ..., user_id: int | None = ..., create_time: int | None = ...) -> None: ...

class Usage:
    id: int
    reservation_id: int
    holder: str
    project_space_id: int
    user_id: int
    model_version_id: int
    node_id: int
    begin_time: int
    end_time: int
    cpu_milli: int
    memory_mb: int
    accelerator_milli: int
    micros: int
    def __init__(self, id: int | None = ..., reservation_id: int | None = ..., holder: str | None = ..., project_space_id: int | None = ..., user_id: int | None = ..., model_version_id: int | None = ..., node_id: int | None = ..., begin_time: int | None = ..., end_time: int | None = ..., cpu_milli: int | None = ..., memory_mb: int | None = ..., accelerator_milli: int | None = ..., micros: int | None = ...) -> None: ...

class CostRow:
    subject: str
    micros: int
    cpu_milli_hours: int
    memory_gb_milli_hours: int
    accelerator_milli_hours: int
    idle_micros: int
    def __init__(self, subject: str | None = ..., micros: int | None = ..., cpu_milli_hours: int | None = ..., memory_gb_milli_hours: int | None = ..., accelerator_milli_hours: int | None = ..., idle_micros: int | None = ...) -> None: ...

class CreatePriceReq:
    priced: int
    micros: int
    room: str | None
    vendor: str | None
    model: str | None
    valid_from: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, priced: int | None = ..., micros: int | None = ..., room: str | None = ..., vendor: str | None = ..., model: str | None = ..., valid_from: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreatePriceResp:
    price: Price
    base_resp: _base.BaseResp | None
    def __init__(self, price: Price | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListPricesReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListPricesResp:
    prices: list[Price]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, prices: list[Price] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetQuoteReq:
    cpu_milli: int | None
    memory_mb: int | None
    accelerator_milli: int | None
    room: str | None
    vendor: str | None
    model: str | None
    seconds: int | None
    base: _base.Base | None
    def __init__(self, cpu_milli: int | None = ..., memory_mb: int | None = ..., accelerator_milli: int | None = ..., room: str | None = ..., vendor: str | None = ..., model: str | None = ..., seconds: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetQuoteResp:
    micros: int
    priced: bool
    base_resp: _base.BaseResp | None
    def __init__(self, micros: int | None = ..., priced: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListUsageReq:
    from_time: int | None
    to_time: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, from_time: int | None = ..., to_time: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListUsageResp:
    usage: list[Usage]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, usage: list[Usage] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetCostReq:
    group: int | None
    from_time: int | None
    to_time: int | None
    base: _base.Base | None
    def __init__(self, group: int | None = ..., from_time: int | None = ..., to_time: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetCostResp:
    cost_rows: list[CostRow]
    micros: int
    base_resp: _base.BaseResp | None
    def __init__(self, cost_rows: list[CostRow] | None = ..., micros: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetPlatformCostReq:
    group: int | None
    from_time: int | None
    to_time: int | None
    base: _base.Base | None
    def __init__(self, group: int | None = ..., from_time: int | None = ..., to_time: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetPlatformCostResp:
    cost_rows: list[CostRow]
    micros: int
    base_resp: _base.BaseResp | None
    def __init__(self, cost_rows: list[CostRow] | None = ..., micros: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateRoomReq:
    name: str
    desc: str | None
    secrecy: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., desc: str | None = ..., secrecy: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateRoomResp:
    machine_room: MachineRoom
    base_resp: _base.BaseResp | None
    def __init__(self, machine_room: MachineRoom | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListRoomsReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListRoomsResp:
    machine_rooms: list[MachineRoom]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, machine_rooms: list[MachineRoom] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateNodeReq:
    name: str
    room: str
    cpu_milli: int
    memory_mb: int
    accelerator_milli: int | None
    vendor: str | None
    model: str | None
    accelerator_memory_mb: int | None
    share: int | None
    labels: dict[str, str]
    secrecy: int | None
    heartbeat_seconds: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., room: str | None = ..., cpu_milli: int | None = ..., memory_mb: int | None = ..., accelerator_milli: int | None = ..., vendor: str | None = ..., model: str | None = ..., accelerator_memory_mb: int | None = ..., share: int | None = ..., labels: dict[str, str] | None = ..., secrecy: int | None = ..., heartbeat_seconds: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateNodeResp:
    compute_node: ComputeNode
    base_resp: _base.BaseResp | None
    def __init__(self, compute_node: ComputeNode | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateNodeReq:
    id: int
    cpu_milli: int | None
    memory_mb: int | None
    accelerator_milli: int | None
    labels: dict[str, str]
    secrecy: int | None
    draining: bool | None
    heartbeat_seconds: int | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., cpu_milli: int | None = ..., memory_mb: int | None = ..., accelerator_milli: int | None = ..., labels: dict[str, str] | None = ..., secrecy: int | None = ..., draining: bool | None = ..., heartbeat_seconds: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateNodeResp:
    compute_node: ComputeNode
    base_resp: _base.BaseResp | None
    def __init__(self, compute_node: ComputeNode | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DeleteNodeReq:
    id: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DeleteNodeResp:
    compute_node: ComputeNode
    base_resp: _base.BaseResp | None
    def __init__(self, compute_node: ComputeNode | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListNodesReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListNodesResp:
    compute_nodes: list[ComputeNode]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, compute_nodes: list[ComputeNode] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ReportNodeReq:
    id: int
    node_time: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., node_time: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ReportNodeResp:
    compute_node: ComputeNode
    base_resp: _base.BaseResp | None
    def __init__(self, compute_node: ComputeNode | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetMyQuotasReq:
    base: _base.Base | None
    def __init__(self, base: _base.Base | None = ...) -> None: ...

class GetMyQuotasResp:
    quotas: list[Quota]
    base_resp: _base.BaseResp | None
    def __init__(self, quotas: list[Quota] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListQuotasReq:
    kind: int | None
    subject_id: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, kind: int | None = ..., subject_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListQuotasResp:
    quotas: list[Quota]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, quotas: list[Quota] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

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
    window: int | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, kind: int | None = ..., subject_id: int | None = ..., department_id: int | None = ..., cpu_milli: int | None = ..., memory_mb: int | None = ..., accelerator_milli: int | None = ..., replicas: int | None = ..., accelerator_seconds: int | None = ..., tokens: int | None = ..., annotation_seconds: int | None = ..., window: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class SetQuotaResp:
    quota: Quota
    base_resp: _base.BaseResp | None
    def __init__(self, quota: Quota | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class CreateReservationReq:
    holder: str
    cpu_milli: int | None
    memory_mb: int | None
    accelerator_milli: int | None
    replicas: int | None
    tokens: int | None
    annotation_seconds: int | None
    room: str | None
    vendor: str | None
    model: str | None
    labels: dict[str, str]
    secrecy: int | None
    lease_seconds: int | None
    wait: bool | None
    unplaced: bool | None
    model_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, holder: str | None = ..., cpu_milli: int | None = ..., memory_mb: int | None = ..., accelerator_milli: int | None = ..., replicas: int | None = ..., tokens: int | None = ..., annotation_seconds: int | None = ..., room: str | None = ..., vendor: str | None = ..., model: str | None = ..., labels: dict[str, str] | None = ..., secrecy: int | None = ..., lease_seconds: int | None = ..., wait: bool | None = ..., unplaced: bool | None = ..., model_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateReservationResp:
    reservation: Reservation
    explanation: Explanation | None
    bounded: bool | None
    base_resp: _base.BaseResp | None
    def __init__(self, reservation: Reservation | None = ..., explanation: Explanation | None = ..., bounded: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ExplainRequestReq:
    cpu_milli: int | None
    memory_mb: int | None
    accelerator_milli: int | None
    replicas: int | None
    tokens: int | None
    annotation_seconds: int | None
    room: str | None
    vendor: str | None
    model: str | None
    labels_json: str | None
    secrecy: int | None
    unplaced: bool | None
    base: _base.Base | None
    def __init__(self, cpu_milli: int | None = ..., memory_mb: int | None = ..., accelerator_milli: int | None = ..., replicas: int | None = ..., tokens: int | None = ..., annotation_seconds: int | None = ..., room: str | None = ..., vendor: str | None = ..., model: str | None = ..., labels_json: str | None = ..., secrecy: int | None = ..., unplaced: bool | None = ..., base: _base.Base | None = ...) -> None: ...

class ExplainRequestResp:
    explanation: Explanation
    base_resp: _base.BaseResp | None
    def __init__(self, explanation: Explanation | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class RenewReservationReq:
    id: int
    lease_seconds: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., lease_seconds: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class RenewReservationResp:
    reservation: Reservation
    base_resp: _base.BaseResp | None
    def __init__(self, reservation: Reservation | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ReleaseReservationReq:
    id: int
    tokens_left: int | None
    annotation_seconds_left: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., tokens_left: int | None = ..., annotation_seconds_left: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class ReleaseReservationResp:
    reservation: Reservation
    base_resp: _base.BaseResp | None
    def __init__(self, reservation: Reservation | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetReservationReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetReservationResp:
    reservation: Reservation
    explanation: Explanation | None
    base_resp: _base.BaseResp | None
    def __init__(self, reservation: Reservation | None = ..., explanation: Explanation | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListReservationsReq:
    statuses: list[int] | None
    user_id: int | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, statuses: list[int] | None = ..., user_id: int | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListReservationsResp:
    reservations: list[Reservation]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, reservations: list[Reservation] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ResourceService(Protocol):
    def CreateRoom(self, req: CreateRoomReq) -> CreateRoomResp: ...
    def ListRooms(self, req: ListRoomsReq) -> ListRoomsResp: ...
    def CreateNode(self, req: CreateNodeReq) -> CreateNodeResp: ...
    def UpdateNode(self, req: UpdateNodeReq) -> UpdateNodeResp: ...
    def DeleteNode(self, req: DeleteNodeReq) -> DeleteNodeResp: ...
    def ListNodes(self, req: ListNodesReq) -> ListNodesResp: ...
    def ReportNode(self, req: ReportNodeReq) -> ReportNodeResp: ...
    def GetMyQuotas(self, req: GetMyQuotasReq) -> GetMyQuotasResp: ...
    def ListQuotas(self, req: ListQuotasReq) -> ListQuotasResp: ...
    def SetQuota(self, req: SetQuotaReq) -> SetQuotaResp: ...
    def CreateReservation(self, req: CreateReservationReq) -> CreateReservationResp: ...
    def ExplainRequest(self, req: ExplainRequestReq) -> ExplainRequestResp: ...
    def RenewReservation(self, req: RenewReservationReq) -> RenewReservationResp: ...
    def ReleaseReservation(self, req: ReleaseReservationReq) -> ReleaseReservationResp: ...
    def GetReservation(self, req: GetReservationReq) -> GetReservationResp: ...
    def CreatePrice(self, req: CreatePriceReq) -> CreatePriceResp: ...
    def ListPrices(self, req: ListPricesReq) -> ListPricesResp: ...
    def GetQuote(self, req: GetQuoteReq) -> GetQuoteResp: ...
    def ListUsage(self, req: ListUsageReq) -> ListUsageResp: ...
    def GetCost(self, req: GetCostReq) -> GetCostResp: ...
    def GetPlatformCost(self, req: GetPlatformCostReq) -> GetPlatformCostResp: ...
    def ListReservations(self, req: ListReservationsReq) -> ListReservationsResp: ...
    def Ping(self, req: _base.PingReq) -> _base.PingResp: ...
    def CheckHealth(self, req: _base.CheckHealthReq) -> _base.CheckHealthResp: ...
    def ListStateEvents(self, req: _base.ListStateEventsReq) -> _base.ListStateEventsResp: ...
    def FollowChanges(self, req: _base.FollowChangesReq) -> _base.FollowChangesResp: ...
