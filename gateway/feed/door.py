"""The feed over HTTP: who asks, from where on, and the stream they get."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway.clients import Caller, Clients
from gateway.feed import cursor as cursors
from gateway.feed.follower import MOST
from gateway.feed.hub import Hub
from gateway.feed.stream import Stream, Viewer
from gateway.sessions import Known, Sessions, credential, whole
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.identity.rights import held
from libs.common.rpc.deadline import Deadline
from libs.common.sight.metrics import Metrics

ASK_SECONDS = 2.0
PATH = "/changes"


class _Events(StreamingResponse):
    """A window's events; it leaves the hub with its connection, also where not one of them was sent."""

    def __init__(self, hub: Hub, stream: Stream, headers: dict[str, str]) -> None:
        super().__init__(stream.events(), media_type="text/event-stream", headers=headers)
        self._hub, self._stream = hub, stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.close(self._stream)


class Feed:
    """``hub`` with what it needs of the gateway. per_person: streams one person may have open here."""

    def __init__(self, clients: Clients, sessions: Sessions, metrics: Metrics, per_person: int) -> None:
        self._clients, self._sessions = clients, sessions
        ended = metrics.of
        self.hub = Hub(clients.domains, self._ask, self._check, per_person, lambda why: ended("modelyard_feed_ended_total", why).inc())
        metrics.live(lambda: [("modelyard_feed_streams", (), len(self.hub.streams))])

    async def stream(self, request: Request) -> Response:
        """What changed, until the reader goes, the session ends or their rights change."""
        caller = await self._sessions.caller(request, _space(request))
        token = credential(request)
        known = await self._sessions.known(token, caller.project_space_id)
        if not _member(known):
            raise PlatformError(403, Reason.FORBIDDEN, limit="changes are for members of the space", method="changes")
        stream = await self.hub.open(_viewer(known), token, known.valid_until, _place(request))
        headers = {"cache-control": "no-store", "x-accel-buffering": "no", "x-request-id": caller.log_id}
        return _Events(self.hub, stream, headers)

    async def _ask(self, service: str, after: int | None) -> Any:
        log_id = f"feed-{uuid.uuid4().hex}"
        itself = self._sessions.for_service(Caller(0, 0, log_id, None, ""), service)
        return await self._clients.call(service, "FollowChanges", itself, Deadline.after(ASK_SECONDS), after=after, most=MOST)

    async def _check(self, stream: Stream) -> str:
        self._sessions.forget(stream.token)
        try:
            known = await self._sessions.known(stream.token, stream.viewer.space_id)
        except PlatformError as error:
            if error.code >= 500:
                raise
            return "SESSION_ENDED" if error.code == 401 else "RIGHTS_CHANGED"
        stream.valid_until = known.valid_until
        return "" if _viewer(known) == stream.viewer and _member(known) else "RIGHTS_CHANGED"


def _member(known: Known) -> bool:
    return "viewer" in held(known.roles) or bool(known.answer.user.administrator)


def _viewer(known: Known) -> Viewer:
    return Viewer(known.user_id, known.space_id, known.clearance, bool(known.answer.user.administrator))


def _space(request: Request) -> int:
    """A browser's stream cannot send headers of its own: the space travels in the query."""
    text = request.query_params.get("space")
    number = 0 if text is None else whole(text)
    if number is None:
        raise invalid("space", Reason.WRONG_TYPE, "a whole number above 0")
    return number


def _place(request: Request) -> cursors.Positions | None:
    """Where the reader was: what a browser sends by itself when it comes back, else what the address says. Raises 400."""
    text = request.headers.get("last-event-id") or request.query_params.get("after")
    if not text:
        return None
    place = cursors.decode(text)
    if place is None:
        raise invalid("after", limit="the id of an earlier event")
    return place


def paths(api: str) -> dict[str, Any]:
    """Of the API document."""
    text = {"type": "string", "minLength": 1, "maxLength": cursors.CURSOR_MAX}
    parameters = [
        {"name": "space", "in": "query", "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"}},
        {"name": "after", "in": "query", "schema": text},
        {"name": "Last-Event-ID", "in": "header", "schema": text},
    ]
    events = {"description": "Events", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    error = {"description": "Error", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    get = {"operationId": "changes", "tags": ["changes"], "parameters": parameters, "responses": {"200": events, "default": error}}
    return {api + PATH: {"get": get}}
