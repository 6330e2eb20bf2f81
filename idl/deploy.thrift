// Deploy domain: configs, work orders through every stage, and the slots that serve.

namespace cpp modelyard.deploy
namespace go modelyard.deploy
namespace java modelyard.deploy
namespace js modelyard.deploy
namespace php modelyard.deploy
namespace py modelyard.deploy
namespace netstd Modelyard.Deploy
namespace rb Modelyard.Deploy

include "base.thrift"
include "task.thrift"

enum WorkOrderStatus {
    PENDING = 0,
    CONVERTING = 10,
    VERIFYING = 20,
    PACKAGING = 30,
    EVALUATING = 40,
    AWAITING_APPROVAL = 50,
    PROVISIONING = 60,
    SMOKE_TESTING = 70,
    CANARY = 80,
    ONLINE = 90,
    FAILED = 91,
    CANCELLED = 92,
    REJECTED = 93,
    ROLLING_BACK = 94,
    ROLLED_BACK = 95,
}

struct DeploymentConfig {
    1: i64 id,
    2: string name,
    3: string desc,
    4: i64 model_id,
    5: i64 project_space_id,
    6: string environment,
    7: string room,
    8: string config_json,
    9: string config_hash,
    10: i64 user_id,
    11: i64 create_time,
    12: i64 update_time,
    13: i32 version,
}

// One run of the pipeline from a model version to live traffic.
struct WorkOrder {
    1: i64 id,
    2: string name,
    3: string desc,
    4: i64 project_space_id,
    5: i64 deployment_config_id,
    6: i64 model_id,
    7: i64 model_version_id,
    8: WorkOrderStatus status,
    9: string status_reason,
    10: string config_json,    // snapshot of the config
    11: string artifact_digest,    // the trained weights
    12: string digest,    // the packaged bytes; empty before PACKAGING
    13: string evidence_json,    // parity, package, evaluation, gate and smoke results
    14: string error_json,
    15: i64 eval_task_id,
    16: i64 slot_id,
    17: i64 user_id,    // who asked
    18: i64 approver_id,    // 0 until decided
    19: string approval_comment,
    20: i32 attempt,
    21: i64 create_time,
    22: i64 update_time,
    23: i64 start_time,
    24: i64 finish_time,
    25: i32 version,
    26: i64 override_id,    // of the gate, by which it goes on; 0 = the gate itself lets it pass
    27: i64 override_end_time,    // when that override ends by itself, 0 without one
}

struct SlotWeight {
    1: string digest,
    2: i32 weight,    // of 100
    3: i64 model_version_id,
    4: i32 model_version_number,
    5: i64 work_order_id,
}

struct Instance {
    1: i64 id,
    2: i64 slot_id,
    3: i64 work_order_id,
    4: string digest,
    5: i64 model_version_id,
    6: string state,    // STARTING, READY, STOPPED
    7: string address,    // not shown: only the gateway is told, by ResolveRoutes
    8: i64 pid,
    9: double qps,    // over the last minute
    10: double p99_ms,    // -1 when there was no traffic
    11: i64 requests,
    12: i64 errors,
    13: i64 update_time,
}

// model x environment x room.
struct Slot {
    1: i64 id,
    2: i64 model_id,
    3: i64 project_space_id,
    4: string environment,
    5: string room,
    6: list<SlotWeight> weights,    // sum to 100 while it serves, empty otherwise
    7: list<Instance> instances,
    8: i64 update_time,
    9: i32 version,
}

// A release with traffic that the gate refused and two people let pass.
struct OverriddenRelease {
    1: i64 work_order_id,
    2: i64 slot_id,
    3: i64 model_version_id,
    4: i32 model_version_number,
    5: string digest,
    6: i64 override_id,
    7: i64 end_time,
    8: bool ended,    // it still serves, and asks for attention
}

// What had which share of a slot at a moment.
struct PastWeight {
    1: string digest,
    2: i32 weight,
    3: i64 model_version_id,
    4: i32 model_version_number,
}

struct PastSlot {
    1: i64 slot_id,
    2: string environment,
    3: string room,
    4: list<PastWeight> weights,
}

struct PastOrder {
    1: i64 id,
    2: string name,
    3: WorkOrderStatus status,
    4: i64 model_version_id,
    5: i64 slot_id,
}

struct Endpoint {
    1: string address,    // not shown: only the gateway is told, by ResolveRoutes
    2: string digest,
    3: i32 weight,
    4: i64 model_version_id,
    5: i32 model_version_number,
}

struct CreateConfigReq {
    1: required i64 model_id,
    2: required string name,
    3: optional string desc,
    4: optional string environment,
    5: optional string room,
    6: optional string config_json,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateConfigResp {
    1: DeploymentConfig config,
    255: optional base.BaseResp base_resp,
}

struct GetConfigReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetConfigResp {
    1: DeploymentConfig config,
    255: optional base.BaseResp base_resp,
}

struct ListConfigsReq {
    1: required i64 model_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListConfigsResp {
    1: list<DeploymentConfig> configs,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct CreateWorkOrderReq {
    1: required i64 deployment_config_id,
    2: required i64 model_version_id,
    3: required string name,
    4: optional string desc,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateWorkOrderResp {
    1: WorkOrder work_order,
    255: optional base.BaseResp base_resp,
}

struct GetWorkOrderReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetWorkOrderResp {
    1: WorkOrder work_order,
    255: optional base.BaseResp base_resp,
}

struct ListWorkOrdersReq {
    1: optional i64 model_id,
    2: optional list<WorkOrderStatus> statuses,    // one of these; absent = any
    3: optional i64 slot_id,    // for this slot
    4: optional i64 user_id,    // whose
    5: optional i64 from_time,    // created then or later, milliseconds
    6: optional i64 to_time,    // created before
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListWorkOrdersResp {
    1: list<WorkOrder> work_orders,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct ApproveWorkOrderReq {
    1: required i64 id,
    2: optional string comment,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct ApproveWorkOrderResp {
    1: WorkOrder work_order,
    255: optional base.BaseResp base_resp,
}

struct RejectWorkOrderReq {
    1: required i64 id,
    2: required string comment,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RejectWorkOrderResp {
    1: WorkOrder work_order,
    255: optional base.BaseResp base_resp,
}

struct CancelWorkOrderReq {
    1: required i64 id,
    2: optional string cause,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CancelWorkOrderResp {
    1: WorkOrder work_order,
    255: optional base.BaseResp base_resp,
}

struct RollBackWorkOrderReq {
    1: required i64 id,
    2: optional string cause,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RollBackWorkOrderResp {
    1: WorkOrder work_order,
    255: optional base.BaseResp base_resp,
}

struct GetSlotReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetSlotResp {
    1: Slot slot,
    255: optional base.BaseResp base_resp,
}

struct ListSlotsReq {
    1: optional i64 model_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListSlotsResp {
    1: list<Slot> slots,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct ResolveModelReq {
    1: required i64 model_id,
    2: optional string environment,
    3: optional i32 model_version_number,    // only this version; 0 or absent = whatever has traffic
    255: optional base.Base base,
}

struct ResolveModelResp {
    1: list<Endpoint> endpoints,
    255: optional base.BaseResp base_resp,
}

// Where the gateway sends a question, and the key it shows there.
struct Route {
    1: string address,
    2: string digest,
    3: i32 weight,
    4: i64 model_version_id,
    5: i32 model_version_number,
    6: string key,
}

struct ResolveRoutesReq {
    1: required i64 model_id,
    2: optional string environment,
    3: optional i32 model_version_number,    // only this version; 0 or absent = whatever has traffic
    255: optional base.Base base,
}

struct ResolveRoutesResp {
    1: list<Route> routes,
    255: optional base.BaseResp base_resp,
}

struct GetDeployStateReq {
    1: required i64 model_id,
    255: optional base.Base base,
}

struct GetDeployStateResp {
    1: optional WorkOrder latest_order,
    2: list<Slot> slots,
    3: double qps,    // over the last minute, all instances
    4: double p99_ms,    // -1 when there was no traffic
    5: i64 as_of,
    6: list<OverriddenRelease> overridden,
    255: optional base.BaseResp base_resp,
}

struct GetDeployAsOfReq {
    1: required i64 model_id,
    2: required i64 as_of,    // milliseconds since the epoch
    255: optional base.Base base,
}

struct GetDeployAsOfResp {
    1: list<PastSlot> slots,    // that were there
    2: list<PastOrder> orders,    // newest first, at most 100
    3: i64 as_of,
    255: optional base.BaseResp base_resp,
}

// Whose quota it is: the same as resource.QuotaKind.
enum QuotaHolder {
    PLATFORM = 0,
    DEPARTMENT = 1,
    PERSON = 2,
    SPACE = 3,
}

// An absent number of a limit is no limit.
struct QuotaAmounts {
    1: optional i64 cpu_milli,              // thousandths of a core
    2: optional i64 memory_mb,
    3: optional i64 accelerator_milli,      // thousandths of an accelerator
    4: optional i64 replicas,
    5: optional i64 accelerator_seconds,    // per window, as the next two
    6: optional i64 tokens,
    7: optional i64 annotation_seconds,
}

// The same as resource.Quota.
struct HeldQuota {
    1: i64 id,
    2: QuotaHolder kind,
    3: i64 subject_id,                      // of the department, person or space; 0 = the platform
    4: i64 department_id,                   // of a person; 0 = none
    5: QuotaAmounts limits,
    6: QuotaAmounts used,                   // held now, and spent in this window
    7: i32 version,
}

struct GetQuotaReq {
    1: required QuotaHolder kind,
    2: optional i64 subject_id,
    255: optional base.Base base,
}

struct GetQuotaResp {
    1: HeldQuota quota,
    255: optional base.BaseResp base_resp,
}

struct SetQuotaReq {
    1: required QuotaHolder kind,
    2: optional i64 subject_id,
    3: optional i64 department_id,
    4: optional i64 cpu_milli,
    5: optional i64 memory_mb,
    6: optional i64 accelerator_milli,
    7: optional i64 replicas,
    8: optional i64 accelerator_seconds,
    9: optional i64 tokens,
    10: optional i64 annotation_seconds,
    251: optional i32 expected_version,     // 0 where nobody set one yet
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct SetQuotaResp {
    1: HeldQuota quota,
    255: optional base.BaseResp base_resp,
}

service DeployService extends base.PlatformService {
    // Creates a deployment config; unknown keys are refused. 新建部署配置；未知的键会被拒绝。
    // Caller: developer. Mutation. HTTP: POST /deploy/configs 201. Raises: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS.
    CreateConfigResp CreateConfig(1: CreateConfigReq req) throws (1: base.PlatformError error),
    // Reads one config. 读取一个配置。
    // Caller: viewer. Read. Inline. HTTP: GET /deploy/configs/{id}. Raises: NOT_FOUND.
    GetConfigResp GetConfig(1: GetConfigReq req) throws (1: base.PlatformError error),
    // Lists the configs of a model, newest first. 列出模型的部署配置，最新的在前。
    // Caller: viewer. Read. HTTP: GET /deploy/configs. Raises: INVALID_ARGUMENT.
    ListConfigsResp ListConfigs(1: ListConfigsReq req) throws (1: base.PlatformError error),
    // Starts the pipeline for a trained version; one open order per slot. 为训练好的版本启动发布流水线；每个槽位同时只有一张未结束的工单。
    // Caller: developer. Mutation. HTTP: POST /deploy/work-orders 201. Raises: NOT_FOUND, SLOT_BUSY, ILLEGAL_TRANSITION.
    CreateWorkOrderResp CreateWorkOrder(1: CreateWorkOrderReq req) throws (1: base.PlatformError error),
    // Reads one work order. 读取一张工单。
    // Caller: viewer. Read. Inline. HTTP: GET /deploy/work-orders/{id}. Raises: NOT_FOUND.
    GetWorkOrderResp GetWorkOrder(1: GetWorkOrderReq req) throws (1: base.PlatformError error),
    // Lists work orders, newest first. 列出工单，最新的在前。
    // Caller: viewer. Read. HTTP: GET /deploy/work-orders. Raises: INVALID_ARGUMENT.
    ListWorkOrdersResp ListWorkOrders(1: ListWorkOrdersReq req) throws (1: base.PlatformError error),
    // Approves the evaluated digest; the approver is not the requester and the gate has passed. 批准评测过的摘要；批准人不是申请人，且门禁已通过。
    // Caller: owner, operator. Mutation. HTTP: POST /deploy/work-orders/{id}/approve. Raises: NOT_FOUND, ILLEGAL_TRANSITION, GATE_NOT_PASSED, GATE_NO_DATA, FORBIDDEN, STALE_VERSION, MISSING_VERSION.
    ApproveWorkOrderResp ApproveWorkOrder(1: ApproveWorkOrderReq req) throws (1: base.PlatformError error),
    // Refuses the release. 拒绝发布。
    // Caller: owner, operator. Mutation. HTTP: POST /deploy/work-orders/{id}/reject. Raises: NOT_FOUND, ILLEGAL_TRANSITION, STALE_VERSION, MISSING_VERSION.
    RejectWorkOrderResp RejectWorkOrder(1: RejectWorkOrderReq req) throws (1: base.PlatformError error),
    // Stops an order that had no traffic yet. 停止一张还没有流量的工单。
    // Caller: developer. Mutation. HTTP: POST /deploy/work-orders/{id}/cancel. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    CancelWorkOrderResp CancelWorkOrder(1: CancelWorkOrderReq req) throws (1: base.PlatformError error),
    // Takes an online order back to what served before, or to an empty slot. 让已上线的工单回到之前服务的版本，或回到空槽位。
    // Caller: operator. Mutation. HTTP: POST /deploy/work-orders/{id}/rollback. Raises: NOT_FOUND, ILLEGAL_TRANSITION.
    RollBackWorkOrderResp RollBackWorkOrder(1: RollBackWorkOrderReq req) throws (1: base.PlatformError error),
    // Reads one slot. 读取一个槽位。
    // Caller: viewer. Read. Inline. HTTP: GET /deploy/slots/{id}. Raises: NOT_FOUND.
    GetSlotResp GetSlot(1: GetSlotReq req) throws (1: base.PlatformError error),
    // Lists the serving slots. 列出服务槽位。
    // Caller: viewer. Read. HTTP: GET /deploy/slots. Raises: INVALID_ARGUMENT.
    ListSlotsResp ListSlots(1: ListSlotsReq req) throws (1: base.PlatformError error),
    // The ready endpoints of a model, or of one version of it, with their weights; NOT_READY while it has traffic and its process restarts. 列出一个模型或其某个版本就绪的端点和权重；有流量但进程正在重启时为 NOT_READY。
    // Caller: viewer. Read. Inline. HTTP: GET /deploy/models/{model_id}/endpoints. Raises: NOT_DEPLOYED, NOT_READY.
    ResolveModelResp ResolveModel(1: ResolveModelReq req) throws (1: base.PlatformError error),
    // The same with addresses and keys, for who carries the questions there.
    // Caller: gateway, app. Read. Inline. Raises: NOT_DEPLOYED, NOT_READY.
    ResolveRoutesResp ResolveRoutes(1: ResolveRoutesReq req) throws (1: base.PlatformError error),
    // The deploy part of the composed status.
    // Caller: viewer. Read. Inline. Raises: none.
    GetDeployStateResp GetDeployState(1: GetDeployStateReq req) throws (1: base.PlatformError error),
    // What was live at a moment, and where the orders stood, from the history.
    // Caller: viewer. Read. Raises: none.
    GetDeployAsOfResp GetDeployAsOf(1: GetDeployAsOfReq req) throws (1: base.PlatformError error),
    // Reads the quota of the platform, a department, a person or a space; the resource domain answers it. 读取平台、部门、个人或空间的配额，由资源域应答。
    // Caller: administrator. Read. Raises: NOT_FOUND.
    GetQuotaResp GetQuota(1: GetQuotaReq req) throws (1: base.PlatformError error),
    // Sets such a quota, whole; the resource domain decides. 整体设置配额，由资源域决定。
    // Caller: administrator. Mutation. Raises: NOT_FOUND, INVALID_ARGUMENT, QUOTA_IN_USE, STALE_VERSION, MISSING_VERSION.
    SetQuotaResp SetQuota(1: SetQuotaReq req) throws (1: base.PlatformError error),
}
