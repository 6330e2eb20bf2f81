"""The composed status of a model: four domains asked at once, one answer inside the deadline, and what is missing named.

Each part carries its age. A part that fails or is late is ``unavailable`` with the reason; the answer stays 200. Only a model that does
not exist is 404, and who may not read is 403.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec

from gateway import jsonwire
from gateway.clients import Caller, Clients, request_struct
from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.messages import sentence
from libs.common.rpc.deadline import Deadline

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
        """What each part said or failed with. The usual way costs no task; who has no connection, or whose connection broke, is asked
        once more the long way, together, in what is left of the time."""
        requests = {part: struct(**{field: model_id}) for part, (_, struct, field) in self._requests.items()}
        asked = [self._clients.ask(part, self._requests[part][0], request, caller, deadline) for part, request in requests.items()]
        found = dict(zip(requests, [None if answer is None else await answer for answer in asked], strict=True))
        again = [part for part, outcome in found.items() if outcome is None or (_worth_it(outcome) and not deadline.expired)]
        for part, outcome in found.items():
            if isinstance(outcome, PlatformError) and part not in again:
                self._clients.failed(part, outcome)
        if again:
            sent = [self._clients.send(part, self._requests[part][0], requests[part], caller, deadline) for part in again]
            found.update(zip(again, await asyncio.gather(*sent, return_exceptions=True), strict=True))
        return list(found.values())


def _worth_it(outcome: Any) -> bool:
    return isinstance(outcome, PlatformError) and outcome.reason in (Reason.UNAVAILABLE, Reason.CONNECTION_LOST)
