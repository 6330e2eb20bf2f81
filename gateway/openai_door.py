"""``/v1``: the OpenAI-compatible door to deployed models. Finds the slot of the named model, picks an endpoint by weight, passes bytes
through.

A model is named by its name, an alias, a name it had before, an id, or NAME@VERSION. The answer's headers say which version and digest
spoke.
"""

from __future__ import annotations

import random
import time
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

import idl
from gateway import jsonwire
from gateway.clients import Caller, Clients
from gateway.relay import Begun, NotTakenError, Relayed, Upstream
from gateway.rest import read_body
from gateway.sessions import Sessions
from libs.common import instance_key
from libs.common.errors import PlatformError, Reason, invalid, missing
from libs.common.rpc.deadline import Deadline
from libs.common.sight import tracing

ROUTES_SECONDS = 1.0  # how long a slot's endpoints are believed
NAMES_SECONDS = 2.0  # and what a name stands for
KNOWN_MAX = 10_000
MAX_BODY = 4 << 20
MAX_NAME = 160
PAGE = 500
ONLINE = 50
REFUSED = (429, 503)  # nothing was done: another process may be asked
NAME_HEADER = "x-modelyard-name"  # what the model is called now, for a process that was started under another name


class Named(NamedTuple):
    """What a name stands for. version: 0 for whatever is online."""

    id: int
    name: str
    version: int
    online: bool
    created: int

    def shown(self) -> str:
        return f"{self.name}@{self.version}" if self.version else self.name


class OpenAIDoor:
    def __init__(self, clients: Clients, sessions: Sessions, seconds: float) -> None:
        self._clients, self._sessions, self._seconds = clients, sessions, seconds
        self._upstream = Upstream()
        self._names: dict[tuple[int, str], tuple[float, Named]] = {}
        self._endpoints: dict[tuple[int, int, int], tuple[float, list[Any]]] = {}

    async def models(self, request: Request) -> Response:
        """Every project of the caller's space that is online."""
        caller = await self._sessions.caller(request)
        cursor, data = None, []
        while True:
            page = idl.load("base").PageReq(limit=PAGE, cursor=cursor)
            found = await self._clients.call("model", "ListProjects", caller, self._deadline(), status=ONLINE, page=page)
            data += [_card(project.name, project.create_time) for project in found.projects or []]
            cursor = found.page.next_cursor if found.page else None
            if cursor is None:
                return _json({"object": "list", "data": data})

    async def model(self, request: Request) -> Response:
        """One model by any of its names, with the versions that answer now."""
        caller = await self._sessions.caller(request)
        asked = request.path_params["model"]
        named = await self._named(caller, asked)
        try:
            endpoints = await self._ready(caller, named, asked)
        except PlatformError as error:
            if error.reason != Reason.NOT_READY:
                raise
            endpoints = []
        shares: dict[tuple[int, str], int] = {}
        for each in endpoints:
            key = (each.model_version_number, each.digest)
            shares[key] = shares.get(key, 0) + each.weight
        versions = [{"version": version, "digest": digest, "weight": weight} for (version, digest), weight in shares.items()]
        return _json({**_card(named.shown(), named.created), "versions": versions})

    async def relay(self, request: Request) -> Response:
        """Chat and plain completions, streamed or not, and labels, as the serving process answers them."""
        caller = await self._sessions.caller(request)
        body = await read_body(request, MAX_BODY)
        model = jsonwire.parse_body(body, MAX_BODY).get("model")
        if model is None:
            raise missing("model")
        if not isinstance(model, str):
            raise invalid("model", Reason.WRONG_TYPE, "the name of a deployed model")
        named = await self._named(caller, model)
        return Relayed(lambda: self._send(request, caller, named, model, body), f"model {model}")

    async def close(self) -> None:
        await self._upstream.close()

    async def _send(self, request: Request, caller: Caller, named: Named, asked: str, body: bytes) -> Begun:
        """The first endpoint that takes the question. One that was taken is never sent twice; one that was refused is."""
        headers = {"content-type": "application/json", "x-request-id": caller.log_id, NAME_HEADER: quote(named.name)}
        headers |= {"accept-language": request.headers.get("accept-language", "en"), **(tracing.carrier() or {})}
        tried: set[str] = set()
        while True:
            found = [each for each in await self._ready(caller, named, asked) if each.address not in tried]
            if not found:
                raise PlatformError(503, Reason.NOT_READY, field="model", retryable=True, id=asked)
            chosen = random.choices(found, weights=[max(each.weight, 0) or 0.001 for each in found])[0]
            sent = {**headers, **instance_key.headers(chosen.key)}
            try:
                answer = await self._upstream.ask(chosen.address, request.scope["path"], body, sent, f"model {asked}")
            except NotTakenError:
                self._endpoints.pop((caller.project_space_id, named.id, named.version), None)
            else:
                if answer.status not in REFUSED or len(found) == 1:
                    return answer
                answer.release()
            tried.add(chosen.address)

    async def _named(self, caller: Caller, name: str) -> Named:
        if not 0 < len(name) <= MAX_NAME:
            raise invalid("model", limit=f"at most {MAX_NAME} characters")
        key = (caller.project_space_id, name)
        at, known = self._names.get(key, (0.0, None))
        if known is not None and time.monotonic() - at <= NAMES_SECONDS:
            return known
        try:
            found = await self._clients.call("model", "ResolveName", caller, self._deadline(), name=name)
        except PlatformError as error:
            raise _about(error, name) from None
        project = found.project
        known = Named(project.id, project.name, found.model_version_number or 0, project.status == ONLINE, project.create_time)
        _keep(self._names, key, known)
        return known

    async def _ready(self, caller: Caller, named: Named, asked: str) -> list[Any]:
        """Endpoints that answer for the name. Raises NOT_DEPLOYED, NOT_READY."""
        key = (caller.project_space_id, named.id, named.version)
        at, found = self._endpoints.get(key, (0.0, []))
        if not found or time.monotonic() - at > ROUTES_SECONDS:
            facts = {"model_id": named.id, "model_version_number": named.version or None}
            itself = self._sessions.for_service(caller, "deploy")  # addresses and keys are told to the gateway only
            try:
                found = (await self._clients.call("deploy", "ResolveRoutes", itself, self._deadline(), **facts)).routes or []
            except PlatformError as error:
                raise _about(error, asked) from None
            _keep(self._endpoints, key, found)
        return found

    def _deadline(self) -> Deadline:
        return Deadline.after(self._seconds)


def _keep(known: dict[Any, tuple[float, Any]], key: Any, value: Any) -> None:
    if len(known) > KNOWN_MAX:
        known.clear()
    known[key] = (time.monotonic(), value)


def _about(error: PlatformError, asked: str) -> PlatformError:
    """A refusal about the model in the words of who asked: under the name they gave, blaming the field they sent."""
    if error.reason in (Reason.NOT_FOUND, Reason.NOT_DEPLOYED, Reason.NOT_READY):
        error.field, error.details = "model", {**error.details, "id": asked}
    return error


def _card(name: str, created_ms: int) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created_ms // 1000, "owned_by": "modelyard"}


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
