"""Asking four parts at once when one hangs and others have no connection yet, or lose it: each is settled by itself, in time."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

import idl
from gateway.clients import Caller
from gateway.compose import PARTS, WORK, Composer
from libs.common.errors import PlatformError, Reason, deadline_exceeded, unavailable
from libs.common.rpc.deadline import Deadline

CALLER = Caller(1, 1, "test", None, "")
SECONDS = 0.3
Lost = PlatformError(502, Reason.CONNECTION_LOST, retryable=True, what="x")


class Parts:
    """The connections of a gateway as a test says they are. ways: part -> "well", "hung", "new" (no connection), "lost" or "away"."""

    def __init__(self, **ways: str) -> None:
        self.ways = {**dict.fromkeys(PARTS, "well"), **ways}
        self.sent: dict[str, float] = {}
        self.counted: list[str] = []

    def ask(self, part: str, method: str, request: Any, caller: Caller, deadline: Deadline) -> asyncio.Future[Any] | None:
        way, loop = self.ways[part], asyncio.get_running_loop()
        if way == "new":
            return None
        future = loop.create_future()
        if way == "hung":
            loop.call_later(deadline.left(), future.set_result, deadline_exceeded(method))
        elif way == "well":
            loop.call_soon(future.set_result, self._answer(part, method))
        else:
            future.set_result(Lost if way == "lost" else unavailable(part))
        return future

    async def send(self, part: str, method: str, request: Any, caller: Caller, deadline: Deadline, idempotent: bool = True) -> Any:
        self.sent[part] = deadline.left()
        await asyncio.sleep(0)
        if self.ways[part] == "away":
            raise unavailable(part)
        return self._answer(part, method)

    def failed(self, part: str, error: PlatformError) -> None:
        self.counted.append(part)

    @staticmethod
    def _answer(part: str, method: str) -> Any:
        answer = getattr(idl.service(part), f"{method}_result").thrift_spec[0][2]()
        answer.as_of = 5
        return answer


def status(parts: Parts) -> dict[str, Any]:
    import json

    composer = Composer(parts, SECONDS)  # type: ignore[arg-type]
    found: dict[str, Any] = json.loads(asyncio.run(composer.model_status(7, CALLER, "en")))
    return found


def test_a_part_that_hangs_takes_no_time_of_one_without_a_connection() -> None:
    """The first part hangs until the deadline; the others connect meanwhile, not afterwards."""
    parts = Parts(model="hung", train="new", eval="lost")
    assert status(parts)["missing"] == ["model"]
    assert sorted(parts.sent) == ["eval", "train"]
    assert min(parts.sent.values()) > 0
    assert parts.counted == ["model"]


def test_each_is_asked_again_once() -> None:
    parts = Parts(model="lost", train="lost", eval="new", deploy="away")
    found = status(parts)
    assert found["missing"] == ["deploy"]
    assert found["deploy"]["reason"] == "UNAVAILABLE"
    assert sorted(parts.sent) == ["deploy", "eval", "model", "train"]


def test_what_is_well_is_asked_once() -> None:
    parts = Parts()
    assert status(parts)["missing"] == []
    assert (parts.sent, parts.counted) == ({}, [])


def test_a_caller_that_leaves_leaves_nothing_behind() -> None:
    parts = Parts(model="hung", train="new")
    told: list[Any] = []

    async def leave() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        task = asyncio.ensure_future(Composer(parts, SECONDS).model_status(7, CALLER, "en"))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert [other for other in asyncio.all_tasks() if other is not asyncio.current_task()] == []

    asyncio.run(leave())
    assert told == []


def test_an_answer_leaves_nothing_that_only_the_collector_can_take() -> None:
    """Whoever asked is answered, and all that was made for it goes at once: thousands of answers a second would otherwise wait for it."""
    parts = Parts(train="new", eval="lost", deploy="away")

    async def asked(times: int) -> None:
        composer = Composer(parts, SECONDS)  # type: ignore[arg-type]
        for _ in range(times):
            await composer.model_status(7, CALLER, "en")

    def left(times: int) -> int:
        gc.collect()
        asyncio.run(asked(times))
        return gc.collect()

    left(1)
    few, many = left(2), left(42)  # a loop of its own leaves something, however many were answered in it
    assert many - few < 40


# --- what waits for somebody


class Work(Parts):
    """Domains that have one task each, or say that somebody may not work there."""

    def __init__(self, **ways: str) -> None:
        super().__init__(**ways)
        self.tasks = {"dataset": idl.load("task").MyTask(task_id=1, name="a", create_time=5)}
        self.tasks["eval"] = idl.load("task").MyTask(task_id=2, name="b", create_time=9)

    def ask(self, part: str, method: str, request: Any, caller: Caller, deadline: Deadline) -> asyncio.Future[Any] | None:
        if self.ways[part] != "barred":
            return super().ask(part, method, request, caller, deadline)
        future = asyncio.get_running_loop().create_future()
        future.set_result(PlatformError(403, Reason.FORBIDDEN, limit="raters"))
        return future

    def _answer(self, part: str, method: str) -> Any:  # type: ignore[override]
        return idl.load(part).GetMyWorkResp(tasks=[self.tasks[part]])


def my_work(**ways: str) -> dict[str, Any]:
    import json

    composer = Composer(Work(**{**dict.fromkeys(WORK, "well"), **ways}), SECONDS)  # type: ignore[arg-type]
    found: dict[str, Any] = json.loads(asyncio.run(composer.my_work(CALLER, "en")))
    return found


def test_work_of_all_domains_is_one_list_the_newest_first() -> None:
    found = my_work()
    assert [(task["service"], task["task_id"]) for task in found["tasks"]] == [("eval", "2"), ("datasets", "1")]
    assert found["missing"] == {}


def test_who_may_not_work_in_one_domain_has_no_work_there() -> None:
    found = my_work(dataset="barred")
    assert [task["service"] for task in found["tasks"]] == ["eval"]
    assert found["missing"] == {}


def test_who_may_work_nowhere_is_told_so() -> None:
    with pytest.raises(PlatformError) as caught:
        my_work(dataset="barred", eval="barred")
    assert caught.value.reason == Reason.FORBIDDEN


def test_a_domain_that_is_away_is_named_and_takes_nothing_from_the_others() -> None:
    found = my_work(eval="away")
    assert [task["service"] for task in found["tasks"]] == ["datasets"]
    assert found["missing"]["eval"]["state"] == "unavailable"
