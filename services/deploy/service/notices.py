"""What the deploy domain tells its right-hand neighbours."""

from __future__ import annotations

from typing import Any

from libs.common.errors import Reason
from libs.common.store.notice import Notice, promise


def _served(old: dict[str, Any]) -> dict[str, Any]:
    facts = {"project_id": old["project_id"], "serving_slots": old["serving_slots"]}
    return promise(old["user_id"], old["space_id"], "", **facts)


def _unwanted(old: dict[str, Any]) -> dict[str, Any]:
    key = f"work-order-{old['work_order_id']}-cancel"
    return promise(old["user_id"], old["space_id"], key, id=old["eval_task_id"], cause=UNWANTED)


UNWANTED = "the work order ended"
SERVING_CHANGED = Notice("model", "RecordServing", reads=_served)
EVALUATION_UNWANTED = Notice("eval", "CancelTask", (Reason.ILLEGAL_TRANSITION,), reads=_unwanted)  # one that has ended stays as it is
