"""A task: work that takes long. Its states and the one table of its transitions (docs/decisions/0002)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from libs.common.machine import Machine


class TaskStatus(IntEnum):
    PENDING = 0
    RUNNING = 10
    WAITING_HUMAN = 20
    PAUSED = 30
    CANCELLING = 40
    SUCCEEDED = 90
    FAILED = 91
    CANCELLED = 92


class TaskReason(IntEnum):
    """Why a task is where it is."""

    NONE = 0
    WAIT_CAPACITY = 1
    WAIT_QUOTA = 2
    WAIT_DEPENDENCY = 3
    WAIT_RETRY = 4
    WORKER_LOST = 10
    OUT_OF_MEMORY = 11
    INVALID_INPUT = 12
    POISON = 13
    ENGINE_ERROR = 14
    TIMED_OUT = 15
    USER_REQUEST = 20


_S = TaskStatus
MACHINE = Machine(
    "task",
    TaskStatus,
    [
        (_S.PENDING, "CLAIM", _S.RUNNING),
        (_S.PENDING, "FAIL", _S.FAILED),
        (_S.RUNNING, "SUCCEED", _S.SUCCEEDED),
        (_S.RUNNING, "FAIL", _S.FAILED),
        (_S.RUNNING, "LOSE", _S.PENDING),  # the lease ended: a lost worker is not a state
        (_S.RUNNING, "RETRY", _S.PENDING),
        (_S.RUNNING, "WAIT_HUMAN", _S.WAITING_HUMAN),
        (_S.WAITING_HUMAN, "HUMAN_DONE", _S.RUNNING),
        (_S.RUNNING, "PAUSE", _S.PAUSED),
        (_S.PAUSED, "RESUME", _S.PENDING),
        (_S.PENDING, "CANCEL", _S.CANCELLING),
        (_S.RUNNING, "CANCEL", _S.CANCELLING),
        (_S.WAITING_HUMAN, "CANCEL", _S.CANCELLING),
        (_S.PAUSED, "CANCEL", _S.CANCELLING),
        (_S.CANCELLING, "FREED", _S.CANCELLED),  # only once the resources are really free
    ],
)
OPEN = tuple(status for status in TaskStatus if status not in MACHINE.terminal)


@dataclass(frozen=True)
class Task:
    """What every domain's task has. Times in milliseconds, 0 = not yet.

    snapshot: frozen at creation (config, input versions, code, seed); snapshot_hash names it. epoch: rises with every claim; a write
    with an older one is refused. wish: what a person asked of the running worker ("PAUSE"), "" otherwise.
    """

    id: int
    name: str
    project_space_id: int
    user_id: int
    snapshot: dict[str, Any]
    snapshot_hash: str
    desc: str = ""
    status: TaskStatus = TaskStatus.PENDING
    reason: TaskReason = TaskReason.WAIT_CAPACITY
    progress_done: int = 0
    progress_total: int = 0
    progress_message: str = ""
    attempt: int = 0
    max_attempts: int = 3
    failed_items: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=dict)
    epoch: int = 0
    lease_until: int = 0
    worker: str = ""
    wish: str = ""
    not_before: int = 0
    create_time: int = 0
    update_time: int = 0
    start_time: int = 0
    finish_time: int = 0
    version: int = 0
