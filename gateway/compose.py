"""The composed status of a model: four domains asked at once, one answer inside the deadline, and what is missing named.

Each part carries its age. A part that fails or is late is ``unavailable`` with the reason; the answer stays 200. Only a model that does
not exist is 404.
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
        """JSON bytes. Raises PlatformError 404 when the model domain says there is no such model."""
        deadline = Deadline.after(self._seconds)
        outcomes = await asyncio.gather(*[self._ask(part, model_id, caller, deadline) for part in PARTS], return_exceptions=True)
        now = time.time_ns() // 1_000_000
        answer: dict[str, Any] = {"id": str(model_id), "as_of": str(now)}
        missing = []
        for part, outcome in zip(PARTS, outcomes, strict=True):
            if isinstance(outcome, PlatformError):
                if part == "model" and outcome.code == 404:
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

    def _ask(self, part: str, model_id: int, caller: Caller, deadline: Deadline) -> Awaitable[Any]:
        method, struct, field = self._requests[part]
        return self._clients.send(part, method, struct(**{field: model_id}), caller, deadline)
