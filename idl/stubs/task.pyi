# Generated from idl/task.thrift by `make contract`; not edited by hand.
from typing import Protocol

class TaskStatus:
    PENDING: int = 0
    RUNNING: int = 10
    WAITING_HUMAN: int = 20
    PAUSED: int = 30
    CANCELLING: int = 40
    SUCCEEDED: int = 90
    FAILED: int = 91
    CANCELLED: int = 92

class TaskReason:
    NONE: int = 0
    WAIT_CAPACITY: int = 1
    WAIT_QUOTA: int = 2
    WAIT_DEPENDENCY: int = 3
    WAIT_RETRY: int = 4
    WORKER_LOST: int = 10
    OUT_OF_MEMORY: int = 11
    INVALID_INPUT: int = 12
    POISON: int = 13
    ENGINE_ERROR: int = 14
    TIMED_OUT: int = 15
    USER_REQUEST: int = 20

class WorkRole:
    ANNOTATOR: int = 1
    INSPECTOR: int = 2

class AssignmentStatus:
    HELD: int = 10
    DONE: int = 20
    SKIPPED: int = 30
    RETURNED: int = 40
    VOID: int = 50

class ItemStatus:
    OPEN: int = 0
    INSPECTING: int = 10
    DONE: int = 20
    SET_ASIDE: int = 30

class ClaimBound:
    NOTHING: int = 0
    NONE_LEFT: int = 1
    CAP: int = 2
    AHEAD: int = 3
    ENOUGH_HELD: int = 4
    BARRED: int = 5
    NOT_OPEN: int = 6

class InspectionVerdict:
    ACCEPT: int = 1
    CORRECT: int = 2
    REJECT: int = 3
    SET_ASIDE: int = 4

class Task:
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
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., project_space_id: int | None = ..., status: int | None = ..., reason: int | None = ..., progress_done: int | None = ..., progress_total: int | None = ..., progress_message: str | None = ..., attempt: int | None = ..., max_attempts: int | None = ..., failed_items: int | None = ..., snapshot_json: str | None = ..., snapshot_hash: str | None = ..., result_json: str | None = ..., error_json: str | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., start_time: int | None = ..., finish_time: int | None = ..., version: int | None = ...) -> None: ...

class TaskLog:
    text: str
    begins: int
    ends: int
    more: bool
    def __init__(self, text: str | None = ..., begins: int | None = ..., ends: int | None = ..., more: bool | None = ...) -> None: ...

class Pool:
    id: int
    name: str
    project_space_id: int
    user_id: int
    users: list[int]
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., project_space_id: int | None = ..., user_id: int | None = ..., users: list[int] | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class WorkTemplate:
    id: int
    name: str
    kind: str
    project_space_id: int
    user_id: int
    template_version_id: int
    number: int
    body_json: str
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., name: str | None = ..., kind: str | None = ..., project_space_id: int | None = ..., user_id: int | None = ..., template_version_id: int | None = ..., number: int | None = ..., body_json: str | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class Said:
    person_id: int
    answer_json: str
    note: str
    skipped: str
    def __init__(self, person_id: int | None = ..., answer_json: str | None = ..., note: str | None = ..., skipped: str | None = ...) -> None: ...

class Work:
    id: int
    task_id: int
    role: int
    status: int
    content_json: str
    answer_json: str
    note: str
    reason: str
    lease_until: int
    submit_time: int
    order: int
    proposal_json: str
    said: list[Said]
    version: int
    def __init__(self, id: int | None = ..., task_id: int | None = ..., role: int | None = ..., status: int | None = ..., content_json: str | None = ..., answer_json: str | None = ..., note: str | None = ..., reason: str | None = ..., lease_until: int | None = ..., submit_time: int | None = ..., order: int | None = ..., proposal_json: str | None = ..., said: list[Said] | None = ..., version: int | None = ...) -> None: ...

class MyTask:
    task_id: int
    name: str
    kind: str
    role: int
    held: int
    answered: int
    skipped: int
    compared: int
    agreed: int
    items: int
    items_done: int
    create_time: int
    def __init__(self, task_id: int | None = ..., name: str | None = ..., kind: str | None = ..., role: int | None = ..., held: int | None = ..., answered: int | None = ..., skipped: int | None = ..., compared: int | None = ..., agreed: int | None = ..., items: int | None = ..., items_done: int | None = ..., create_time: int | None = ...) -> None: ...

class WorkMember:
    id: int
    person_id: int
    role: int
    held: int
    answered: int
    skipped: int
    lapsed: int
    gold_met: int
    gold_missed: int
    compared: int
    agreed: int
    inspected: int
    upheld: int
    def __init__(self, id: int | None = ..., person_id: int | None = ..., role: int | None = ..., held: int | None = ..., answered: int | None = ..., skipped: int | None = ..., lapsed: int | None = ..., gold_met: int | None = ..., gold_missed: int | None = ..., compared: int | None = ..., agreed: int | None = ..., inspected: int | None = ..., upheld: int | None = ...) -> None: ...

class WorkAgreement:
    field: str
    items: int
    percent: float | None
    alpha: float | None
    kappa: float | None
    def __init__(self, field: str | None = ..., items: int | None = ..., percent: float | None = ..., alpha: float | None = ..., kappa: float | None = ...) -> None: ...
