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
