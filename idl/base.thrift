// What every service shares: the call context, the one wire error, paging, health, history.
// Numbers 250-255 mean the same in every struct: 250 page, 251 expected_version, 252 idempotency_key, 255 base / base_resp.

namespace cpp modelyard.base
namespace go modelyard.base
namespace java modelyard.base
namespace js modelyard.base
namespace php modelyard.base
namespace py modelyard.base
namespace netstd Modelyard.Base
namespace rb Modelyard.Base

struct Base {
    1: optional string log_id,
    2: optional string caller,
    3: optional string addr,
    4: optional string client,
    5: optional string traffic_env,
    6: optional map<string, string> extra,
    10: optional i64 user_id,
    11: optional i64 project_space_id,
    12: optional i32 budget_ms,      // time left for the whole call, milliseconds
    13: optional string auth,        // signed identity
}

struct BaseResp {
    1: optional string log_id,
}

struct PageReq {
    1: optional string cursor,       // opaque; absent = first page
    2: optional i32 limit,           // 1-500, 50 when absent
}

struct PageResp {
    1: optional string next_cursor,  // absent = last page
}

exception PlatformError {
    1: i32 code,                     // an HTTP number
    2: string message,
    3: map<string, string> details,
    4: bool retryable,
    5: i32 reason,                   // a domain number
}

// One step of a state machine, append-only, written in the transaction of the step.
struct StateEvent {
    1: i64 id,
    2: string entity,
    3: i64 entity_id,
    4: i32 from_status,
    5: i32 to_status,
    6: string event,
    7: string reason,
    8: i64 user_id,
    9: string request_id,
    10: i64 create_time,
}

enum ChangeKind {
    MADE = 0,
    CHANGED = 1,
    DELETED = 2,
    PROGRESS = 3,        // the same state, a step further
}

// One object as a transaction left it, in the order in which that became visible.
struct Change {
    1: i64 position,             // within one service; 1 and up
    2: string entity,
    3: i64 entity_id,
    4: i64 parent_id,            // of what it belongs to: the model of a task, the dataset of a version; 0 = nothing
    5: i64 project_space_id,     // 0 = of the platform
    6: ChangeKind kind,
    7: string state,             // empty where it has none
    8: i32 version,
    9: i32 secrecy,
    10: i64 user_id,
    11: string name,
    12: i64 create_time,
    13: i64 done,                // of its work; 0 of 0 where that is not counted
    14: i64 total,
}

// A file that is handed out in pieces.
struct File {
    1: string name,              // to save it under: no path
    2: string media_type,
    3: i64 bytes,
    4: string sha256,            // 64 hexadecimal digits
}

struct PingReq {
    1: optional string text,
    255: optional Base base,
}

struct PingResp {
    1: string text,
    2: string service_name,
    3: i64 server_time,
    255: optional BaseResp base_resp,
}

struct CheckHealthReq {
    255: optional Base base,
}

struct CheckHealthResp {
    1: bool ready,
    2: string service_name,
    3: map<string, string> parts,    // part -> "ok" or what is wrong
    4: i64 uptime_ms,
    255: optional BaseResp base_resp,
}

struct ListStateEventsReq {
    1: required string entity,
    2: required i64 entity_id,
    250: optional PageReq page,
    255: optional Base base,
}

struct ListStateEventsResp {
    1: list<StateEvent> events,
    250: optional PageResp page,
    255: optional BaseResp base_resp,
}

struct FollowChangesReq {
    1: optional i64 after,           // a position; absent = the newest changes that are more than progress
    2: optional i32 most,            // 1-1000, 500 when absent
    255: optional Base base,
}

struct FollowChangesResp {
    1: list<Change> changes,
    2: i64 floor,                    // all that happened behind this position is still known
    3: i64 newest,                   // where to go on
    255: optional BaseResp base_resp,
}

service PlatformService {
    // Answers the text it was sent.
    // Caller: anybody. Read. Raises: INVALID_ARGUMENT.
    PingResp Ping(1: PingReq req) throws (1: PlatformError error),
    // Says whether the service can work and which part cannot.
    // Caller: anybody. Read. Raises: none.
    CheckHealthResp CheckHealth(1: CheckHealthReq req) throws (1: PlatformError error),
    // Lists the history of one object, oldest first. 列出一个对象的历史，从最早的开始。
    // Caller: viewer. Read. HTTP: GET /{domain}/events. Raises: INVALID_ARGUMENT.
    ListStateEventsResp ListStateEvents(1: ListStateEventsReq req) throws (1: PlatformError error),
    // Tells what changed behind a position, in order, of all spaces and levels: the gateway decides who hears of it.
    // Caller: gateway. Read. Raises: none.
    FollowChangesResp FollowChanges(1: FollowChangesReq req) throws (1: PlatformError error),
}
