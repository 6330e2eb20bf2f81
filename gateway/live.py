"""Live progress as server-sent events: a task as it changes, with the metric points that are new, until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec

import idl
from gateway import jsonwire
from gateway.clients import Caller, Clients
from libs.common.errors import PlatformError
from libs.common.rpc.deadline import Deadline

TASK_FIELDS = {"dataset": "dataset_task", "train": "train_task", "eval": "eval_task"}
POLL_SECONDS = 0.5
TERMINAL = 90
_encode = msgspec.json.encode


async def task_events(clients: Clients, domain: str, id: int, caller: Caller, seconds: float) -> AsyncIterator[bytes]:
    """``event: task`` with the task when it changed, ``event: metrics`` with new points, ``event: end`` at the end. The first read must
    have succeeded before this is streamed; a failure on the way is an ``event: error`` and the reader connects again."""
    seen, step = b"", -1
    while True:
        try:
            found = getattr(await clients.call(domain, "GetTask", caller, Deadline.after(seconds), id=id), TASK_FIELDS[domain])
            points = await _points(clients, id, step, caller, seconds) if domain == "train" else []
        except PlatformError as error:
            yield _event("error", {"code": error.code, "reason": error.reason.name})
            return
        body = jsonwire.dump(found)
        for heavy in ("snapshot", "result"):
            body.pop(heavy, None)
        shown = _encode(body)
        if shown != seen:
            seen = shown
            yield _event("task", msgspec.Raw(shown))
        if points:
            step = max(int(point["step"]) for point in points)
            yield _event("metrics", points)
        if found.status >= TERMINAL:
            yield _event("end", {"status": idl.load("task").TaskStatus._VALUES_TO_NAMES[found.status]})
            return
        await asyncio.sleep(POLL_SECONDS)


async def _points(clients: Clients, id: int, step: int, caller: Caller, seconds: float) -> list[dict[str, Any]]:
    """All points after ``step``; pages end with whole steps, so what is left is behind the last one."""
    points: list[dict[str, Any]] = []
    while True:
        page = idl.load("base").PageReq(limit=500)
        found = await clients.call("train", "ListMetrics", caller, Deadline.after(seconds), task_id=id, after_step=step, page=page)
        points += [jsonwire.dump(point) for point in found.points or []]
        if not (found.page and found.page.next_cursor):
            return points
        step = found.points[-1].step


def _event(name: str, data: Any) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + _encode(data) + b"\n\n"
