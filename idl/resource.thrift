// What there is to run on and who may have how much of it: machine rooms, compute nodes, quotas, reservations with leases.

namespace cpp modelyard.resource
namespace go modelyard.resource
namespace java modelyard.resource
namespace js modelyard.resource
namespace php modelyard.resource
namespace py modelyard.resource
namespace netstd Modelyard.Resource
namespace rb Modelyard.Resource

include "base.thrift"
include "task.thrift"

// The same levels as dataset.SecrecyLevel: the highest one a place may hold.
enum PlaceSecrecy {
    PUBLIC = 0,
    INTERNAL = 10,
    CONFIDENTIAL = 20,
    SECRET = 30,
}

enum NodeHealth {
    UP = 0,
    DRAINING = 10,              // takes nothing new
    SILENT = 20,                // it promised to report and did not
    CLOCK_OFF = 30,             // its clock differs from ours by more than a minute
}

enum QuotaKind {
    PLATFORM = 0,
    DEPARTMENT = 1,
    PERSON = 2,
    SPACE = 3,
}

// After which what was spent is counted anew; by UTC, weeks begin on Monday.
enum QuotaWindow {
    DAY = 0,
    WEEK = 1,
    MONTH = 2,
}

enum ReservationStatus {
    WAITING = 0,
    HELD = 10,
    RELEASED = 90,
    LAPSED = 91,                // its lease ended
    WITHDRAWN = 92,             // released before it was held
}

enum ConstraintKind {
    NONE = 0,                   // it fits now
    QUOTA = 1,                  // as much at once as somebody may hold
    BUDGET = 2,                 // as much in this window as somebody may spend
    CAPACITY = 3,               // nodes could hold it, and are too full now
    TURN = 4,                   // it fits, and who waited longer comes first
    NEVER = 5,                  // no node as it is could ever hold it
}

// What a price is for: an hour of a core, of a GB of memory, of an accelerator.
enum PricedResource {
    CPU = 0,
    MEMORY = 1,
    ACCELERATOR = 2,
}

// By what costs are added up.
enum CostGroup {
    PERSON = 0,
    SPACE = 1,
    MODEL_VERSION = 2,
    DAY = 3,
    KIND = 4,                   // of the work
    NODE = 5,
}

// An absent number of a limit is no limit.
struct Amounts {
    1: optional i64 cpu_milli,              // thousandths of a core
    2: optional i64 memory_mb,
    3: optional i64 accelerator_milli,      // thousandths of an accelerator
    4: optional i64 replicas,
    5: optional i64 accelerator_seconds,    // per window, as the next two
    6: optional i64 tokens,
    7: optional i64 annotation_seconds,
}

struct MachineRoom {
    1: i64 id,
    2: string name,
    3: string desc,
    4: PlaceSecrecy secrecy,
    5: i64 create_time,
    6: i64 update_time,
    7: i32 version,
}

struct ComputeNode {
    1: i64 id,
    2: string name,
    3: i64 room_id,
    4: string room,
    5: Amounts capacity,
    6: Amounts held,
    7: string vendor,                       // of its accelerators; empty = it has none
    8: string model,
    9: i64 accelerator_memory_mb,           // of each
    10: i32 share,                          // into how many equal parts an accelerator may be cut; 1 = it is given whole
    11: map<string, string> labels,
    12: PlaceSecrecy secrecy,
    13: NodeHealth health,
    14: i32 heartbeat_seconds,              // how often it promised to report; 0 = never
    15: i64 heartbeat_time,
    16: i64 clock_off_ms,                   // how far its clock is ahead of ours
    17: bool draining,
    18: i64 create_time,
    19: i64 update_time,
    20: i32 version,
}

struct Quota {
    1: i64 id,
    2: QuotaKind kind,
    3: i64 subject_id,                      // of the department, person or space; 0 = the platform
    4: i64 department_id,                   // of a person: whose quota bounds it too; 0 = none
    5: Amounts limits,
    6: Amounts used,                        // held now, and spent in this window
    7: QuotaWindow window,
    8: i64 window_end,
    9: i64 create_time,
    10: i64 update_time,
    11: i32 version,
}

struct Reservation {
    1: i64 id,
    2: string holder,                       // what it is for: a task, an order, an instance
    3: i64 project_space_id,
    4: i64 user_id,
    5: ReservationStatus status,
    6: Amounts amounts,
    7: i64 node_id,                         // 0 = none was chosen
    8: i64 lease_until,
    9: i64 hold_time,                       // since when it is held; 0 = not yet
    10: i64 end_time,
    11: i64 create_time,
    12: i64 update_time,
    13: i32 version,
}

// One step of the smallest change.
struct ResourceStep {
    1: string what,                         // quota or node
    2: i64 id,                              // of its subject, or the node's
    3: string name,                         // platform, department, person, space, or the node's
    4: string resource,                     // which number, or room, accelerator, labels, secrecy, health
    5: i64 by,                              // how much of it must be raised or come free
}

// What holds a request back, and the smallest change that would admit it.
struct Explanation {
    1: ConstraintKind constraint,
    2: string name,                         // of the quota or node that binds
    3: i64 id,
    4: string resource,
    5: i64 asked,
    6: i64 free,
    7: list<ResourceStep> steps,            // all of them together admit it
    8: i32 position,                        // in the queue of what binds; 0 = it fits now
    9: string sentence_en,
    10: string sentence_zh,
}

// What an hour costs, in millionths of the currency, from a moment until the next price for the same begins. The narrowest one counts: of a
// room before every room, of a model of accelerators before its vendor.
struct Price {
    1: i64 id,
    2: PricedResource priced,
    3: i64 micros,
    4: i64 room_id,                         // 0 = every room
    5: string vendor,                       // of accelerators; empty = any
    6: string model,
    7: i64 valid_from,
    8: i64 user_id,                         // who set it
    9: i64 create_time,
}

// A piece of a reservation's time: within one day, under one set of prices.
struct Usage {
    1: i64 id,
    2: i64 reservation_id,
    3: string holder,
    4: i64 project_space_id,
    5: i64 user_id,
    6: i64 model_version_id,                // of the task; 0 = none
    7: i64 node_id,                         // 0 = on none
    8: i64 begin_time,
    9: i64 end_time,
    10: i64 cpu_milli,
    11: i64 memory_mb,
    12: i64 accelerator_milli,
    13: i64 micros,                         // what it cost, in millionths of the currency
}

// Hours are in thousandths. What still runs counts up to now.
struct CostRow {
    1: string subject,                      // an id, a day as 2026-01-31, or a kind
    2: i64 micros,
    3: i64 cpu_milli_hours,
    4: i64 memory_gb_milli_hours,
    5: i64 accelerator_milli_hours,
    6: i64 idle_micros,                     // of a node: what nobody used of it
}

struct CreatePriceReq {
    1: required PricedResource priced,
    2: required i64 micros,
    3: optional string room,
    4: optional string vendor,
    5: optional string model,
    6: optional i64 valid_from,             // a second from now at the earliest, which is what it is when left out
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreatePriceResp {
    1: Price price,
    255: optional base.BaseResp base_resp,
}

struct ListPricesReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListPricesResp {
    1: list<Price> prices,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct GetQuoteReq {
    1: optional i64 cpu_milli,
    2: optional i64 memory_mb,
    3: optional i64 accelerator_milli,
    4: optional string room,
    5: optional string vendor,
    6: optional string model,
    7: optional i64 seconds,                // an hour when left out
    255: optional base.Base base,
}

struct GetQuoteResp {
    1: i64 micros,                          // of the time asked for, by the prices of now
    2: bool priced,                         // whether all that is asked for has a price
    255: optional base.BaseResp base_resp,
}

struct ListUsageReq {
    1: optional i64 from_time,
    2: optional i64 to_time,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListUsageResp {
    1: list<Usage> usage,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

// Days by UTC: both times are taken as the days they lie in; this month when left out.
struct GetCostReq {
    1: optional CostGroup group,
    2: optional i64 from_time,
    3: optional i64 to_time,
    255: optional base.Base base,
}

struct GetCostResp {
    1: list<CostRow> cost_rows,
    2: i64 micros,                          // of all rows
    255: optional base.BaseResp base_resp,
}

struct GetPlatformCostReq {
    1: optional CostGroup group,
    2: optional i64 from_time,
    3: optional i64 to_time,
    255: optional base.Base base,
}

struct GetPlatformCostResp {
    1: list<CostRow> cost_rows,
    2: i64 micros,
    255: optional base.BaseResp base_resp,
}

struct CreateRoomReq {
    1: required string name,
    2: optional string desc,
    3: optional PlaceSecrecy secrecy,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateRoomResp {
    1: MachineRoom machine_room,
    255: optional base.BaseResp base_resp,
}

struct ListRoomsReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListRoomsResp {
    1: list<MachineRoom> machine_rooms,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct CreateNodeReq {
    1: required string name,
    2: required string room,
    3: required i64 cpu_milli,
    4: required i64 memory_mb,
    5: optional i64 accelerator_milli,
    6: optional string vendor,
    7: optional string model,
    8: optional i64 accelerator_memory_mb,
    9: optional i32 share,
    10: optional map<string, string> labels,
    11: optional PlaceSecrecy secrecy,
    12: optional i32 heartbeat_seconds,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateNodeResp {
    1: ComputeNode compute_node,
    255: optional base.BaseResp base_resp,
}

struct UpdateNodeReq {
    1: required i64 id,
    2: optional i64 cpu_milli,
    3: optional i64 memory_mb,
    4: optional i64 accelerator_milli,
    5: optional map<string, string> labels,
    6: optional PlaceSecrecy secrecy,
    7: optional bool draining,
    8: optional i32 heartbeat_seconds,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateNodeResp {
    1: ComputeNode compute_node,
    255: optional base.BaseResp base_resp,
}

struct DeleteNodeReq {
    1: required i64 id,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct DeleteNodeResp {
    1: ComputeNode compute_node,
    255: optional base.BaseResp base_resp,
}

struct ListNodesReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListNodesResp {
    1: list<ComputeNode> compute_nodes,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct ReportNodeReq {
    1: required i64 id,
    2: required i64 node_time,              // its own clock, milliseconds since the epoch
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct ReportNodeResp {
    1: ComputeNode compute_node,
    255: optional base.BaseResp base_resp,
}

struct GetMyQuotasReq {
    255: optional base.Base base,
}

struct GetMyQuotasResp {
    1: list<Quota> quotas,
    255: optional base.BaseResp base_resp,
}

struct ListQuotasReq {
    1: optional QuotaKind kind,
    2: optional i64 subject_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListQuotasResp {
    1: list<Quota> quotas,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct SetQuotaReq {
    1: required QuotaKind kind,
    2: optional i64 subject_id,
    3: optional i64 department_id,
    4: optional i64 cpu_milli,
    5: optional i64 memory_mb,
    6: optional i64 accelerator_milli,
    7: optional i64 replicas,
    8: optional i64 accelerator_seconds,
    9: optional i64 tokens,
    10: optional i64 annotation_seconds,
    11: optional QuotaWindow window,
    251: optional i32 expected_version,     // 0 where nobody set one yet
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct SetQuotaResp {
    1: Quota quota,
    255: optional base.BaseResp base_resp,
}

struct CreateReservationReq {
    1: required string holder,
    2: optional i64 cpu_milli,
    3: optional i64 memory_mb,
    4: optional i64 accelerator_milli,
    5: optional i64 replicas,
    6: optional i64 tokens,
    7: optional i64 annotation_seconds,
    8: optional string room,
    9: optional string vendor,
    10: optional string model,
    11: optional map<string, string> labels,
    12: optional PlaceSecrecy secrecy,
    13: optional i32 lease_seconds,
    14: optional bool wait,
    15: optional bool unplaced,             // it runs where the caller runs: no node is chosen
    16: optional i64 model_version,         // the id of what its cost is for
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateReservationResp {
    1: Reservation reservation,
    2: optional Explanation explanation,    // of one that waits
    3: optional bool bounded,               // whether anything is: some limit is set, or a node is registered
    255: optional base.BaseResp base_resp,
}

struct ExplainRequestReq {
    1: optional i64 cpu_milli,
    2: optional i64 memory_mb,
    3: optional i64 accelerator_milli,
    4: optional i64 replicas,
    5: optional i64 tokens,
    6: optional i64 annotation_seconds,
    7: optional string room,
    8: optional string vendor,
    9: optional string model,
    10: optional string labels_json,
    11: optional PlaceSecrecy secrecy,
    12: optional bool unplaced,
    255: optional base.Base base,
}

struct ExplainRequestResp {
    1: Explanation explanation,
    255: optional base.BaseResp base_resp,
}

struct RenewReservationReq {
    1: required i64 id,
    2: optional i32 lease_seconds,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct RenewReservationResp {
    1: Reservation reservation,
    255: optional base.BaseResp base_resp,
}

struct ReleaseReservationReq {
    1: required i64 id,
    2: optional i64 tokens_left,            // of what was reserved and not used
    3: optional i64 annotation_seconds_left,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct ReleaseReservationResp {
    1: Reservation reservation,
    255: optional base.BaseResp base_resp,
}

struct GetReservationReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetReservationResp {
    1: Reservation reservation,
    2: optional Explanation explanation,    // of one that waits
    255: optional base.BaseResp base_resp,
}

struct ListReservationsReq {
    1: optional list<ReservationStatus> statuses,
    2: optional i64 user_id,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListReservationsResp {
    1: list<Reservation> reservations,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

service ResourceService extends base.PlatformService {
    // Makes a machine room; nodes in it hold no more secrecy than it may. 新建机房；机房内的节点可承载的密级不高于机房。
    // Caller: administrator. Mutation. HTTP: POST /resource/rooms 201. Raises: ALREADY_EXISTS.
    CreateRoomResp CreateRoom(1: CreateRoomReq req) throws (1: base.PlatformError error),
    // Lists the machine rooms, newest first. 列出机房，最新的在前。
    // Caller: viewer, administrator, deploy. Read. HTTP: GET /resource/rooms. Raises: INVALID_ARGUMENT.
    ListRoomsResp ListRooms(1: ListRoomsReq req) throws (1: base.PlatformError error),
    // Registers a compute node with what it has. 登记计算节点及其资源。
    // Caller: administrator, deploy. Mutation. HTTP: POST /resource/nodes 201. Raises: ALREADY_EXISTS, NOT_FOUND, INVALID_ARGUMENT.
    CreateNodeResp CreateNode(1: CreateNodeReq req) throws (1: base.PlatformError error),
    // Changes the fields that are sent; what is held stays held, also where the node now has less. 修改请求里给出的字段；已占用的资源保持不变，即使节点变小。
    // Caller: administrator. Mutation. HTTP: PATCH /resource/nodes/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION, INVALID_ARGUMENT.
    UpdateNodeResp UpdateNode(1: UpdateNodeReq req) throws (1: base.PlatformError error),
    // Takes a node out of the platform; one on which something is held is drained first. 移除节点；仍有占用的节点须先排空。
    // Caller: administrator. Mutation. HTTP: DELETE /resource/nodes/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION, NODE_IN_USE.
    DeleteNodeResp DeleteNode(1: DeleteNodeReq req) throws (1: base.PlatformError error),
    // Lists the compute nodes with what is held of them, newest first. 列出计算节点及其占用情况，最新的在前。
    // Caller: viewer, administrator, deploy. Read. HTTP: GET /resource/nodes. Raises: INVALID_ARGUMENT.
    ListNodesResp ListNodes(1: ListNodesReq req) throws (1: base.PlatformError error),
    // Says that a node lives, and what its clock says. 上报节点存活及其本机时间。
    // Caller: administrator, deploy. Mutation. HTTP: POST /resource/nodes/{id}/report. Raises: NOT_FOUND.
    ReportNodeResp ReportNode(1: ReportNodeReq req) throws (1: base.PlatformError error),
    // Shows every quota that bounds the caller here: platform, department, person, space. 查看约束当前调用者的全部配额：平台、部门、个人、空间。
    // Caller: viewer, dataset, train, eval, deploy. Read. HTTP: GET /resource/quotas/mine. Raises: none.
    GetMyQuotasResp GetMyQuotas(1: GetMyQuotasReq req) throws (1: base.PlatformError error),
    // Lists the quotas of the platform with what is used, newest first. 列出平台的配额及用量，最新的在前。
    // Caller: administrator, deploy. Read. HTTP: GET /resource/quotas. Raises: INVALID_ARGUMENT.
    ListQuotasResp ListQuotas(1: ListQuotasReq req) throws (1: base.PlatformError error),
    // Sets the quota of the platform, a department, a person or a space; a limit that is not sent is none. 设置平台、部门、个人或空间的配额；未给出的项不设限。
    // Caller: administrator, deploy. Mutation. HTTP: PUT /resource/quotas. Raises: NOT_FOUND, INVALID_ARGUMENT, QUOTA_IN_USE, STALE_VERSION, MISSING_VERSION.
    SetQuotaResp SetQuota(1: SetQuotaReq req) throws (1: base.PlatformError error),
    // Reserves resources under a lease, or waits in line for them; again for the same holder it answers the same one. 以租约预留资源，或排队等待；同一持有者重复请求得到同一预留。
    // Caller: developer, dataset, train, eval, deploy. Mutation. HTTP: POST /resource/reservations 201. Raises: QUOTA_EXCEEDED, BUDGET_SPENT, CAPACITY_SHORT, NEVER_FITS, NOT_FOUND, ALREADY_EXISTS.
    CreateReservationResp CreateReservation(1: CreateReservationReq req) throws (1: base.PlatformError error),
    // Says what would hold a request back and the smallest change that would admit it; it reserves nothing. 说明请求受何约束、最小改动是什么；不做预留。
    // Caller: viewer, dataset, train, eval, deploy. Read. HTTP: POST /resource/explain. Raises: NOT_FOUND.
    ExplainRequestResp ExplainRequest(1: ExplainRequestReq req) throws (1: base.PlatformError error),
    // Lengthens the lease of a reservation that is held. 延长已占用预留的租约。
    // Caller: developer, dataset, train, eval, deploy. Mutation. HTTP: POST /resource/reservations/{id}/renew. Raises: NOT_FOUND, RESERVATION_OVER, BUDGET_SPENT.
    RenewReservationResp RenewReservation(1: RenewReservationReq req) throws (1: base.PlatformError error),
    // Gives back what is held, once, or leaves the queue. 归还占用的资源（仅一次），或退出排队。
    // Caller: developer, dataset, train, eval, deploy. Mutation. HTTP: POST /resource/reservations/{id}/release. Raises: NOT_FOUND, INVALID_ARGUMENT.
    ReleaseReservationResp ReleaseReservation(1: ReleaseReservationReq req) throws (1: base.PlatformError error),
    // Shows a reservation, and of one that waits why. 查看一个预留；若在等待，说明原因。
    // Caller: viewer, dataset, train, eval, deploy. Read. HTTP: GET /resource/reservations/{id}. Raises: NOT_FOUND.
    GetReservationResp GetReservation(1: GetReservationReq req) throws (1: base.PlatformError error),
    // Sets what an hour of a core, a GB of memory or an accelerator costs from a moment on. 设置一小时单核、1GB 内存或一张加速卡自某一时刻起的价格。
    // Caller: administrator. Mutation. HTTP: POST /resource/prices 201. Raises: NOT_FOUND, ALREADY_EXISTS, INVALID_ARGUMENT.
    CreatePriceResp CreatePrice(1: CreatePriceReq req) throws (1: base.PlatformError error),
    // Lists all prices, also those of before and those to come, newest first. 列出全部价格，含以往与将来的，最新的在前。
    // Caller: viewer, administrator. Read. HTTP: GET /resource/prices. Raises: INVALID_ARGUMENT.
    ListPricesResp ListPrices(1: ListPricesReq req) throws (1: base.PlatformError error),
    // Says what resources would cost for a time, by the prices of now. 按当前价格估算一段时间的费用。
    // Caller: viewer, dataset, train, eval, deploy. Read. HTTP: GET /resource/quote. Raises: NOT_FOUND.
    GetQuoteResp GetQuote(1: GetQuoteReq req) throws (1: base.PlatformError error),
    // Lists the ledger of the caller's space piece by piece, newest first; what still runs is not in it yet. 列出当前空间的用量账目，最新的在前；仍在运行的尚未入账。
    // Caller: viewer. Read. HTTP: GET /resource/usage. Raises: INVALID_ARGUMENT.
    ListUsageResp ListUsage(1: ListUsageReq req) throws (1: base.PlatformError error),
    // Adds up what the caller's space used and what it cost. 汇总当前空间的用量与费用。
    // Caller: viewer. Read. HTTP: GET /resource/cost. Raises: INVALID_ARGUMENT.
    GetCostResp GetCost(1: GetCostReq req) throws (1: base.PlatformError error),
    // Adds up what all spaces used and what it cost; of nodes also what nobody used. 汇总全平台的用量与费用；按节点时含闲置部分。
    // Caller: administrator. Read. HTTP: GET /resource/cost/platform. Raises: INVALID_ARGUMENT.
    GetPlatformCostResp GetPlatformCost(1: GetPlatformCostReq req) throws (1: base.PlatformError error),
    // Lists the reservations of the caller's space, newest first. 列出当前空间的预留，最新的在前。
    // Caller: viewer. Read. HTTP: GET /resource/reservations. Raises: INVALID_ARGUMENT.
    ListReservationsResp ListReservations(1: ListReservationsReq req) throws (1: base.PlatformError error),
}
