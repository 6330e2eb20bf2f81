"""Live progress as server-sent events: a task as it changes, with the metric points that are new, until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import msgspec

import idl
from gateway import jsonwire
from gateway.clients import Caller, Clients
from gateway.feed.hub import Hub
from libs.common.errors import PlatformError
from libs.common.rpc.deadline import Deadline

TASK_FIELDS = {"dataset": "dataset_task", "train": "train_task", "eval": "eval_task"}
CALM_SECONDS = 10.0  # until a task that nothing was heard of is read again: a follower may be cut off
TERMINAL = 90
_encode = msgspec.json.encode


async def task_events(clients: Clients, hub: Hub, domain: str, id: int, caller: Caller, seconds: float) -> AsyncIterator[bytes]:
    """``event: task`` with the task when it changed, ``event: metrics`` with new points, ``event: end`` at the end; it is read again when
    the change feed says that something happened. The first read must have succeeded before this is streamed; a failure on the way is an
    ``event: error`` and the reader connects again."""
    async with hub.watch(domain, id) as changed:
        seen, step = b"", -1
        while True:
            changed.clear()
            try:
                found = getattr(await clients.call(domain, "GetTask", caller, Deadline.after(seconds), id=id), TASK_FIELDS[domain])
                points = await _points(clients, id, step, caller, seconds) if domain == "train" else []
            except PlatformError as error:
                yield _event("error", {"code": error.code, "reason": error.reason.name})
                return
            shown = _shown(found)
            if shown != seen:
                seen = shown
                yield _event("task", msgspec.Raw(shown))
            if points:
                step = max(int(point["step"]) for point in points)
                yield _event("metrics", points)
            if found.status >= TERMINAL:
                yield _event("end", {"status": idl.load("task").TaskStatus._VALUES_TO_NAMES[found.status]})
                return
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(changed.wait(), CALM_SECONDS)


def _shown(task: Any) -> bytes:
    """Without what is heavy and does not move."""
    body = jsonwire.dump(task)
    for heavy in ("snapshot", "result"):
        body.pop(heavy, None)
    return _encode(body)


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
