"""``/v1``: the OpenAI-compatible door to deployed models. Finds the slot of the named model, picks an
endpoint by weight, passes bytes through.

The answer's headers say which version and digest spoke. A model is named by its project's name, or by its id.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway import jsonwire
from gateway.clients import Caller, Clients
from gateway.rest import read_body
from gateway.sessions import Sessions
from libs.common import instance_key
from libs.common.errors import PlatformError, Reason, invalid, missing, unavailable
from libs.common.rpc.deadline import Deadline

ROUTES_SECONDS = 1.0  # how long a slot's endpoints are believed
NAMES_SECONDS = 10.0
MAX_BODY = 4 << 20
PASSED_HEADERS = ("content-type", "x-modelyard-model", "x-modelyard-model-version", "x-modelyard-digest", "x-request-id")


class OpenAIDoor:
    def __init__(self, clients: Clients, sessions: Sessions, seconds: float) -> None:
        self._clients, self._sessions, self._seconds = clients, sessions, seconds
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(300, connect=2), limits=httpx.Limits(max_connections=200), trust_env=False)
        self._ids: dict[tuple[int, str], tuple[float, int]] = {}
        self._endpoints: dict[tuple[int, int], tuple[float, list[Any]]] = {}

    async def models(self, request: Request) -> Response:
        """Every project of the caller's space that is online."""
        caller = await self._sessions.caller(request)
        found = await self._clients.call("model", "ListProjects", caller, Deadline.after(self._seconds))
        online = [p for p in found.projects or [] if p.status == 50]
        data = [{"id": p.name, "object": "model", "created": p.create_time // 1000, "owned_by": "modelyard"} for p in online]
        return Response(msgspec.json.encode({"object": "list", "data": data}), media_type="application/json")

    async def relay(self, request: Request) -> Response:
        """Chat and plain completions, streamed or not, as the serving process answers them."""
        caller = await self._sessions.caller(request)
        body = await read_body(request, MAX_BODY)
        model = jsonwire.parse_body(body, MAX_BODY).get("model")
        if model is None:
            raise missing("model")
        if not isinstance(model, str) or not 0 < len(model) <= 100:
            raise invalid("model", Reason.WRONG_TYPE, "the name of a deployed model")
        model_id = await self._model_id(caller, model)
        answer = await self._send(request, caller, model_id, body)
        headers = {name: answer.headers[name] for name in PASSED_HEADERS if name in answer.headers}
        return StreamingResponse(_pass(answer), answer.status_code, headers)

    async def close(self) -> None:
        await self._http.aclose()

    async def _send(self, request: Request, caller: Caller, model_id: int, body: bytes) -> httpx.Response:
        """The first endpoint that takes the connection; a request that was sent is never sent twice."""
        tried: set[str] = set()
        while True:
            found = [e for e in await self._resolve(caller, model_id) if e.address not in tried]
            if not found:
                raise unavailable(f"model {model_id}")
            chosen = random.choices(found, weights=[max(e.weight, 0) or 0.001 for e in found])[0]
            headers = {"content-type": "application/json", "x-request-id": caller.log_id, **instance_key.headers(chosen.key)}
            try:
                return await self._http.send(
                    self._http.build_request("POST", chosen.address + request.url.path, content=body, headers=headers), stream=True
                )
            except (httpx.ConnectError, httpx.ConnectTimeout):
                tried.add(chosen.address)
                self._endpoints.pop((caller.project_space_id, model_id), None)
            except httpx.HTTPError:
                raise PlatformError(502, Reason.CONNECTION_LOST, retryable=True, what=f"model {model_id}") from None

    async def _model_id(self, caller: Caller, name: str) -> int:
        key = (caller.project_space_id, name)
        at, id = self._ids.get(key, (0.0, 0))
        if time.monotonic() - at > NAMES_SECONDS:
            if len(self._ids) > 10_000:
                self._ids.clear()
            deadline = Deadline.after(self._seconds)
            if name.isdecimal() and name.isascii() and int(name[:20]) < 1 << 63:
                id = int(name)
            else:
                id = (await self._clients.call("model", "FindProject", caller, deadline, name=name)).project.id
            self._ids[key] = (time.monotonic(), id)
        return id

    async def _resolve(self, caller: Caller, model_id: int) -> list[Any]:
        key = (caller.project_space_id, model_id)
        at, found = self._endpoints.get(key, (0.0, []))
        if time.monotonic() - at > ROUTES_SECONDS:
            if len(self._endpoints) > 10_000:
                self._endpoints.clear()
            itself = self._sessions.for_service(caller, "deploy")  # addresses and keys are told to the gateway only
            answer = await self._clients.call("deploy", "ResolveRoutes", itself, Deadline.after(self._seconds), model_id=model_id)
            found = answer.routes or []
            self._endpoints[key] = (time.monotonic(), found)
        if not found:
            raise PlatformError(404, Reason.NOT_DEPLOYED, field="model", limit="a model that is online", id=str(model_id))
        return found


async def _pass(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()
