// Work that takes long: one set of states for every domain. A domain's own task struct repeats fields 1-39 of Task and adds its own from 40.

namespace cpp modelyard.task
namespace go modelyard.task
namespace java modelyard.task
namespace js modelyard.task
namespace php modelyard.task
namespace py modelyard.task
namespace netstd Modelyard.Task
namespace rb Modelyard.Task

enum TaskStatus {
    PENDING = 0,
    RUNNING = 10,
    WAITING_HUMAN = 20,
    PAUSED = 30,
    CANCELLING = 40,
    SUCCEEDED = 90,
    FAILED = 91,
    CANCELLED = 92,
}

// Why a task is where it is; screens take their words from here.
enum TaskReason {
    NONE = 0,
    WAIT_CAPACITY = 1,
    WAIT_QUOTA = 2,
    WAIT_DEPENDENCY = 3,
    WAIT_RETRY = 4,
    WORKER_LOST = 10,
    OUT_OF_MEMORY = 11,
    INVALID_INPUT = 12,
    POISON = 13,
    ENGINE_ERROR = 14,
    TIMED_OUT = 15,
    USER_REQUEST = 20,
}

struct Task {
    1: i64 id,
    2: string name,
    3: string desc,
    4: i64 project_space_id,
    5: TaskStatus status,
    6: TaskReason reason,
    7: i64 progress_done,
    8: i64 progress_total,
    9: string progress_message,
    10: i32 attempt,
    11: i32 max_attempts,
    12: i64 failed_items,
    13: string snapshot_json,        // frozen at creation: config, input versions, seed, code
    14: string snapshot_hash,
    15: string result_json,
    16: string error_json,           // the failure as code, reason, field, limit, message
    17: i64 user_id,
    18: i64 create_time,
    19: i64 update_time,
    20: i64 start_time,              // 0 until it first ran
    21: i64 finish_time,             // 0 until it ended
    22: i32 version,
}

// Of what the engine of a task printed: characters begins to ends of all of it; only the end of very much is kept.
struct TaskLog {
    1: string text,
    2: i64 begins,
    3: i64 ends,                     // where the next question goes on
    4: bool more,                    // the task goes on
}
