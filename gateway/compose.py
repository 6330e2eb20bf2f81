"""The composed status of a model: four domains asked at once, one answer inside the deadline, and what is missing named.

Each part carries its age. A part that fails or is late is ``unavailable`` with the reason; the answer stays 200. Only a model that does
not exist is 404, and who may not read is 403.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import msgspec

from gateway import jsonwire
from gateway.clients import Caller, Clients, request_struct
from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.rpc.deadline import Deadline
from libs.common.words.messages import sentence

PARTS = {
    "model": ("GetModelStatus", "project_id"),
    "train": ("GetTrainState", "model_id"),
    "eval": ("GetEvalState", "model_id"),
    "deploy": ("GetDeployState", "model_id"),
}
_encode = msgspec.json.encode


class Composer:
    """``seconds``: the deadline of the whole answer."""

    def __init__(self, clients: Clients, seconds: float) -> None:
        self._clients, self._seconds = clients, seconds
        self._requests = {part: (method, request_struct(part, method), field) for part, (method, field) in PARTS.items()}

    async def model_status(self, model_id: int, caller: Caller, language: str) -> bytes:
        """JSON bytes. Raises PlatformError 404 when the model domain says there is no such model, 403 for who may not read."""
        deadline = Deadline.after(self._seconds)
        outcomes = await self._outcomes(model_id, caller, deadline)
        now = time.time_ns() // 1_000_000
        answer: dict[str, Any] = {"id": str(model_id), "as_of": str(now)}
        missing = []
        for part, outcome in zip(PARTS, outcomes, strict=True):
            if isinstance(outcome, PlatformError):
                if outcome.reason == Reason.FORBIDDEN or (part == "model" and outcome.code == 404):
                    raise outcome
                shown = unavailable(part) if outcome.reason == Reason.UNAVAILABLE else outcome
                answer[part] = {"state": "unavailable", "reason": shown.reason.name, "message": sentence(shown, language)}
                missing.append(part)
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                answer[part] = {"state": "ok", "age_ms": max(0, now - (outcome.as_of or now)), **jsonwire.dump(outcome)}
        answer["missing"] = missing
        return _encode(answer)

    async def _outcomes(self, model_id: int, caller: Caller, deadline: Deadline) -> list[Any]:
        """What each part said or failed with. The usual way costs no task; who has no connection is asked the long way at once, and whose
        connection broke as soon as that is known: a part that hangs takes no other part's time."""
        requests = {part: struct(**{field: model_id}) for part, (_, struct, field) in self._requests.items()}
        asked = {part: self._clients.ask(part, self._requests[part][0], request, caller, deadline) for part, request in requests.items()}
        long_way: dict[str, asyncio.Task[Any]] = {}

        def settle(part: str, outcome: Any) -> None:
            if part not in long_way and (outcome is None or (_worth_it(outcome) and not deadline.expired)):
                sent = self._clients.send(part, self._requests[part][0], requests[part], caller, deadline)
                long_way[part] = asyncio.ensure_future(_as_value(sent))

        for part, answer in asked.items():
            if answer is None:
                settle(part, None)
            else:
                answer.add_done_callback(lambda done, part=part: None if done.cancelled() else settle(part, done.result()))  # type: ignore[misc]
        found = []
        try:
            for part, answer in asked.items():
                outcome = None if answer is None else await answer
                if isinstance(outcome, PlatformError):
                    settle(part, outcome)  # where its callback only comes after us
                if part in long_way:
                    outcome = await long_way[part]
                elif isinstance(outcome, PlatformError):
                    self._clients.failed(part, outcome)
                found.append(outcome)
        finally:
            for task in long_way.values():
                task.cancel()  # of a caller that left; the others have ended
        return found


async def _as_value(sent: Awaitable[Any]) -> Any:
    """The answer, or the PlatformError that came instead."""
    try:
        return await sent
    except PlatformError as error:
        return error


def _worth_it(outcome: Any) -> bool:
    return isinstance(outcome, PlatformError) and outcome.reason in (Reason.UNAVAILABLE, Reason.CONNECTION_LOST)
