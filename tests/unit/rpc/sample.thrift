// The shape of the platform's contract with every type in it, for the tests of libs.common.rpc.

struct Base {
    1: optional string log_id,
    2: optional string caller,
    3: optional string addr,
    4: optional string client,
    5: optional string traffic_env,
    6: optional map<string, string> extra,
    10: optional i64 user_id,
    11: optional i64 project_space_id,
    12: optional i32 budget_ms,
    13: optional string auth,
}

exception PlatformError {
    1: i32 code,
    2: string message,
    3: map<string, string> details,
    4: bool retryable,
    5: i32 reason,
}

enum Color {
    RED = 1,
    BLUE = 2,
}

struct Point {
    1: double x,
    2: double y,
    3: string label,
}

struct Everything {
    1: bool yes,
    2: byte tiny,
    3: i16 small,
    4: i32 middle,
    5: i64 large,
    6: double real,
    7: string text,
    8: binary raw,
    9: Color color,
    10: Point point,
    11: list<i64> numbers,
    12: list<string> texts,
    13: list<Point> points,
    14: set<i32> bag,
    15: map<string, string> names,
    16: map<i64, double> weights,
    17: map<string, Point> places,
    18: map<string, list<i32>> groups,
    19: list<list<Point>> grid,
    20: list<binary> blobs,
    21: list<Color> colors,
    22: list<map<string, list<i64>>> deep,
    23: set<string> words,
    24: list<bool> flags,
}

struct EchoReq {
    1: Everything value,
    255: optional Base base,
}

struct EchoResp {
    1: Everything value,
}

struct PingReq {
    1: optional string text,
    255: optional Base base,
}

struct PingResp {
    1: string text,
    2: optional i32 budget_ms,
    3: optional i64 calls,
}

// tenant and nonce are the question; the answer repeats them.
struct WorkReq {
    1: i64 tenant,
    2: string nonce,
    3: i32 sleep_ms,
    255: optional Base base,
}

struct WorkResp {
    1: i64 tenant,
    2: string nonce,
    3: i32 server_id,
}

struct FailReq {
    1: string how,
    255: optional Base base,
}

struct FailResp {
    1: i64 number,
}

// A model record of 15 fields, about 450 bytes: what the figures of this layer are measured with.
struct Record {
    1: i64 id,
    2: string name,
    3: string desc,
    4: string path,
    5: string framework,
    6: string infer_framework,
    7: string metrics_url,
    8: Color status,
    9: string code_repo_url,
    10: string hdfs_dir,
    11: i32 version,
    12: bool mark_delete,
    13: i64 create_time,
    14: i64 update_time,
    15: string owner,
}

struct GetReq {
    1: i64 id,
    255: optional Base base,
}

struct GetResp {
    1: Record record,
}

service Common {
    PingResp Ping(1: PingReq req) throws (1: PlatformError error),
}

service Sample extends Common {
    EchoResp Echo(1: EchoReq req) throws (1: PlatformError error),
    WorkResp DoWork(1: WorkReq req) throws (1: PlatformError error),
    FailResp Fail(1: FailReq req) throws (1: PlatformError error),
    GetResp Get(1: GetReq req) throws (1: PlatformError error),
}

// What a later release of the same service may look like: numbers added, nothing changed.
struct PingReqNext {
    1: optional string text,
    7: optional map<string, list<Point>> hints,
    8: optional list<list<i64>> table,
    255: optional Base base,
}

service SampleNext {
    PingResp Ping(1: PingReqNext req) throws (1: PlatformError error),
    PingResp Later(1: PingReqNext req) throws (1: PlatformError error),
}

// Every field of the request under another type.
struct PingReqOther {
    1: optional i64 text,
    255: optional Base base,
}

service SampleOther {
    PingResp Ping(1: PingReqOther req) throws (1: PlatformError error),
}

service Plain {
    i64 Add(1: i64 a, 2: i64 b),
}

service Void {
    void Nothing(1: PingReq req) throws (1: PlatformError error),
}
