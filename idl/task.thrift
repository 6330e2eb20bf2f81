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

// --- work that people do, item by item: annotation, rating, inspection

enum WorkRole {
    ANNOTATOR = 1,        // answers; a rater does the same
    INSPECTOR = 2,        // decides about what others answered
}

// Of one item in the hands of one person.
enum AssignmentStatus {
    HELD = 10,
    DONE = 20,
    SKIPPED = 30,
    RETURNED = 40,        // given back, or its lease ended: somebody else has the item
    VOID = 50,        // answered, and the answer no longer counts
}

enum ItemStatus {
    OPEN = 0,
    INSPECTING = 10,        // an inspector has it, or it waits for one
    DONE = 20,
    SET_ASIDE = 30,        // it gets no answer: all skipped it, or nobody agreed
}

// Why a claim gave less than was asked for.
enum ClaimBound {
    NOTHING = 0,        // it did not
    NONE_LEFT = 1,        // nothing here for this person now
    CAP = 2,        // as much as one person may do of this task
    AHEAD = 3,        // others come first
    ENOUGH_HELD = 4,        // as many at once as one person may hold
    BARRED = 5,        // too many known answers missed
    NOT_OPEN = 6,
}

enum InspectionVerdict {
    ACCEPT = 1,
    CORRECT = 2,        // with the inspector's own answer
    REJECT = 3,        // the item is begun anew, with a reason
    SET_ASIDE = 4,        // it gets no answer, with a reason
}

// People under a name.
struct Pool {
    1: i64 id,
    2: string name,
    3: i64 project_space_id,
    4: i64 user_id,
    5: list<i64> users,
    6: i64 create_time,
    7: i64 update_time,
    8: i32 version,
}

// What people are asked, in one of its versions; a version never changes.
struct WorkTemplate {
    1: i64 id,
    2: string name,
    3: string kind,              // of work: the name of a sub-type
    4: i64 project_space_id,
    5: i64 user_id,
    6: i64 template_version_id,
    7: i32 number,               // of the version, 1 and up
    8: string body_json,         // instructions, examples, fields with their labels
    9: i64 create_time,
    10: i64 update_time,
    11: i32 version,             // of the template under its name
}

// What somebody answered about an item, for its inspector.
struct Said {
    1: i64 person_id,
    2: string answer_json,
    3: string note,
    4: string skipped,           // why, where it was skipped
}

// One item in the hands of the caller. What others said is here for an inspector alone.
struct Work {
    1: i64 id,
    2: i64 task_id,
    3: WorkRole role,
    4: AssignmentStatus status,
    5: string content_json,      // what is shown
    6: string answer_json,       // a draft while it is held
    7: string note,              // the caller's own, or what an inspector said when it came back
    8: string reason,            // why it was skipped
    9: i64 lease_until,          // milliseconds; then it goes back
    10: i64 submit_time,
    11: i64 order,               // from which the order of what is shown side by side is drawn
    12: string proposal_json,    // for an inspector: what the answers say together
    13: list<Said> said,
    14: i32 version,
}

// What the caller may do of one task, and has done; nothing of others.
struct MyTask {
    1: i64 task_id,
    2: string name,
    3: string kind,
    4: WorkRole role,
    5: i64 held,
    6: i64 answered,
    7: i64 skipped,
    8: i64 compared,             // own answers beside a result
    9: i64 agreed,               // and those that say the same
    10: i64 items,
    11: i64 items_done,
    12: i64 create_time,
}

// One person's part in a task, for who runs it.
struct WorkMember {
    1: i64 id,
    2: i64 person_id,
    3: WorkRole role,
    4: i64 held,
    5: i64 answered,
    6: i64 skipped,
    7: i64 lapsed,               // leases that ended
    8: i64 gold_met,             // known answers
    9: i64 gold_missed,
    10: i64 compared,
    11: i64 agreed,
    12: i64 inspected,
    13: i64 upheld,
}

// How far people agree in one field of their answers; what is not defined is absent.
struct WorkAgreement {
    1: string field,
    2: i64 items,                // at least two people answered
    3: optional double percent,
    4: optional double alpha,    // Krippendorff's
    5: optional double kappa,    // Cohen's of two people, else Fleiss'
}
