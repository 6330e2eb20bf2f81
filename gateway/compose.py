"""Answers that join domains: the status of a model, and what waits for somebody. The domains are asked at once, one answer comes inside the
deadline, and what is missing is named.

Each part carries its age. A part that fails or is late is ``unavailable`` with the reason; the answer stays 200. Only a model that does
not exist is 404, and who may not read is 403.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from gateway import jsonwire
from gateway.clients import Caller, Clients, request_struct
from idl.manifest import BY_NAME
from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.rpc.deadline import Deadline
from libs.common.words.messages import sentence

PARTS = {
    "model": ("GetModelStatus", "project_id"),
    "train": ("GetTrainState", "model_id"),
    "eval": ("GetEvalState", "model_id"),
    "deploy": ("GetDeployState", "model_id"),
}
PAST = {"model": ("GetModelAsOf", "project_id"), "deploy": ("GetDeployAsOf", "model_id")}
"""What the history answers for: evidence, and what was live."""
WORK = {"dataset": "GetMyWork", "eval": "GetMyWork"}
"""Who has work for people."""
_encode = msgspec.json.encode


class Composer:
    """``seconds``: the deadline of the whole answer."""

    def __init__(self, clients: Clients, seconds: float) -> None:
        self._clients, self._seconds = clients, seconds
        self._now, self._past = _questions(PARTS), _questions(PAST)
        self._work = {part: (method, request_struct(part, method)) for part, method in WORK.items()}

    async def model_status(self, model_id: int, caller: Caller, language: str, as_of: int | None = None) -> bytes:
        """JSON bytes. as_of: what was true and live then, milliseconds; None for now. Raises PlatformError 404 when the model domain says
        there is no such model, 403 for who may not read."""
        asked = self._now if as_of is None else self._past
        moment = {} if as_of is None else {"as_of": as_of}
        requests = {part: (method, struct(**{field: model_id}, **moment)) for part, (method, struct, field) in asked.items()}
        deadline = Deadline.after(self._seconds)
        outcomes = await _Round(self._clients, requests, caller, deadline).outcomes()
        now = time.time_ns() // 1_000_000
        answer: dict[str, Any] = {"id": str(model_id), "as_of": str(now if as_of is None else as_of)}
        missing = []
        for part, outcome in zip(requests, outcomes, strict=True):
            if isinstance(outcome, PlatformError):
                if outcome.reason == Reason.FORBIDDEN or (part == "model" and outcome.code == 404):
                    raise outcome
                answer[part] = _unavailable(part, outcome, language)
                missing.append(part)
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                shown = answer[part] = jsonwire.dump(outcome)
                shown["state"] = "ok"
                if as_of is None:
                    shown["age_ms"] = max(0, now - (outcome.as_of or now))
        answer["missing"] = missing
        return _encode(answer)

    async def my_work(self, caller: Caller, language: str) -> bytes:
        """JSON bytes: the tasks of all domains in which the caller may work now, the newest first, each with the beginning of its routes.
        Raises PlatformError 403 for who may work in none of them."""
        requests = {part: (method, struct()) for part, (method, struct) in self._work.items()}
        outcomes = await _Round(self._clients, requests, caller, Deadline.after(self._seconds)).outcomes()
        tasks: list[dict[str, Any]] = []
        missing: dict[str, Any] = {}
        barred = [outcome for outcome in outcomes if isinstance(outcome, PlatformError) and outcome.reason == Reason.FORBIDDEN]
        if len(barred) == len(requests):
            raise barred[0]
        for part, outcome in zip(requests, outcomes, strict=True):
            if isinstance(outcome, PlatformError):
                if outcome.reason != Reason.FORBIDDEN:  # who may not work there has no work there
                    missing[part] = _unavailable(part, outcome, language)
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                place = BY_NAME[part].root.strip("/")
                tasks += [{"service": place, **jsonwire.dump(task)} for task in outcome.tasks or ()]
        tasks.sort(key=lambda task: -int(task["create_time"]))
        return _encode({"tasks": tasks, "missing": missing})


class _Round:
    """One question to several parts at once. The usual way costs no task; who has no connection is asked the long way at once, and whose
    connection broke as soon as that is known: a part that hangs takes no other part's time.

    A class, not functions inside one: such functions hold each other, and every answer would stay until the collector comes by.
    """

    def __init__(self, clients: Clients, requests: Mapping[str, tuple[str, Any]], caller: Caller, deadline: Deadline) -> None:
        self._clients, self._requests, self._caller, self._deadline = clients, requests, caller, deadline
        self._found: dict[str, Any] = {}
        self._long_way: dict[str, asyncio.Task[Any]] = {}
        self._whole: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def outcomes(self) -> list[Any]:
        """What each part said or failed with, in the order asked."""
        try:
            for part, (method, request) in self._requests.items():
                answer = self._clients.ask(part, method, request, self._caller, self._deadline)
                self._settle(part, None) if answer is None else _then(answer, part, self._settle)
            await self._whole  # woken once, not at each answer
        finally:
            for task in self._long_way.values():
                task.cancel()  # of a caller that left; the others have ended
        return [self._found[part] for part in self._requests]

    def _settle(self, part: str, outcome: Any) -> None:
        if self._whole.done():
            return None  # who asked has left
        if part not in self._long_way:
            if outcome is None or (_worth_it(outcome) and not self._deadline.expired):
                return self._again(part)
            if isinstance(outcome, PlatformError):
                self._clients.failed(part, outcome)
        self._found[part] = outcome
        if len(self._found) == len(self._requests):
            self._whole.set_result(None)
        return None

    def _again(self, part: str) -> None:
        method, request = self._requests[part]
        task = asyncio.ensure_future(_as_value(self._clients.send(part, method, request, self._caller, self._deadline)))
        self._long_way[part] = task
        _then(task, part, self._settle)


def _unavailable(part: str, error: PlatformError, language: str) -> dict[str, str]:
    shown = unavailable(part) if error.reason == Reason.UNAVAILABLE else error
    return {"state": "unavailable", "reason": shown.reason.name, "message": sentence(shown, language)}


def _then(answer: asyncio.Future[Any], part: str, settle: Callable[[str, Any], None]) -> None:
    """What became of ``answer`` goes to ``settle``, a mistake of ours too; nothing does for a caller that left."""
    answer.add_done_callback(lambda done: None if done.cancelled() else settle(part, done.exception() or done.result()))


def _questions(parts: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, Any, str]]:
    """Part -> method, its request struct, the field with the model's id."""
    return {part: (method, request_struct(part, method), field) for part, (method, field) in parts.items()}


async def _as_value(sent: Awaitable[Any]) -> Any:
    """The answer, or the PlatformError that came instead."""
    try:
        return await sent
    except PlatformError as error:
        return error


def _worth_it(outcome: Any) -> bool:
    return isinstance(outcome, PlatformError) and outcome.reason in (Reason.UNAVAILABLE, Reason.CONNECTION_LOST)
