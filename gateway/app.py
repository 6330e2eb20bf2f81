"""The HTTP application: routes from data, the composed status, live events, ``/v1``, health; one place where failures become answers."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from fastapi import FastAPI
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import rest, routes
from gateway.admission import Admission
from gateway.clients import Clients, request_id
from gateway.compose import Composer
from gateway.errors import error_response, language_of
from gateway.live import TASK_FIELDS, task_events
from gateway.openai_door import OpenAIDoor
from gateway.sessions import SAFE, Sessions
from gateway.sign_in import SignIn
from gateway.sign_in import paths as sign_in_paths
from gateway.sign_in_openid import SignInOpenID
from gateway.sign_in_openid import paths as openid_paths
from gateway.trail import Trail
from libs.common.coord.discovery import Discovery
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.identity.keys import KeyFolder
from libs.common.identity.signed import Signer
from libs.common.rpc.deadline import Deadline
from libs.common.settings import Settings
from libs.common.sight import logs, samples, tracing
from libs.common.sight.health import Health, Pulse, liveness, readiness
from libs.common.sight.metrics import Metrics

API = "/api/v1"
STATUS = API + "/models/{id}/status"
STATUS_PATH = re.compile(re.escape(API) + r"/models/([^/]+)/status")
BEAT_SECONDS = 0.5
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "modelyard_session"},
}
log = logs.get("gateway")
Handler = Callable[[Request], Awaitable[Response]]


class Gateway:
    """Everything behind the routes. Its ``health`` flips to not ready before the port closes."""

    def __init__(self, settings: Settings, discovery: Discovery) -> None:
        self.settings = settings
        self.metrics = Metrics("gateway")
        self.clients = Clients(discovery, self.metrics)
        signer = Signer(KeyFolder(settings.keys_path), "gateway")
        self.sessions = Sessions(self.clients, signer, settings.call_seconds, settings.believed_seconds)
        self.sign_in = SignIn(self.clients, self.sessions, settings.call_seconds)
        self.trail = Trail(self.clients, self.sessions, settings.call_seconds)
        self.openid = SignInOpenID(settings, self.sign_in, self.trail)
        self.composer = Composer(self.clients, settings.status_seconds)
        self.openai = OpenAIDoor(self.clients, self.sessions, settings.call_seconds)
        self.pulse = Pulse(settings.stall_seconds)
        # No checks: a missing domain is named in each answer, it does not take the gateway away.
        self.health = Health("gateway", {}, {"http": self.pulse})
        self.in_flight = 0
        samples.watch_process(self.metrics, self.health)
        self.metrics.live(lambda: [("modelyard_http_in_flight", (), self.in_flight)])

    async def beat(self) -> None:
        """For as long as the loop comes round."""
        while True:
            self.pulse.beat()
            await asyncio.sleep(BEAT_SECONDS)

    async def model_status(self, request: Request) -> Response:
        caller = await self.sessions.caller(request)
        body = await self.composer.model_status(_id(request.path_params["id"]), caller, language_of(request))
        return Response(body, media_type="application/json", headers={"x-request-id": caller.log_id})

    async def task_events(self, request: Request) -> Response:
        caller, domain, id = await self.sessions.caller(request), request.path_params["domain"], _id(request.path_params["id"])
        domain = "dataset" if domain == "datasets" else domain
        if domain not in TASK_FIELDS:
            raise PlatformError(404, Reason.ROUTE_NOT_FOUND, what=request.url.path)
        await self.clients.call(domain, "GetTask", caller, Deadline.after(self.settings.call_seconds), id=id)
        stream = task_events(self.clients, domain, id, caller, self.settings.call_seconds)
        return StreamingResponse(
            stream, media_type="text/event-stream", headers={"cache-control": "no-store", "x-request-id": caller.log_id}
        )

    async def healthz(self, _request: Request) -> Response:
        code, body = liveness(self.health)
        return JSONResponse(body, code)

    async def readyz(self, _request: Request) -> Response:
        code, body = readiness(self.health)
        return JSONResponse(body, code)

    async def metrics_text(self, _request: Request) -> Response:
        self.metrics.state(self.health.ready(), self.health.alive())
        return Response(self.metrics.text(), media_type="text/plain; version=0.0.4")


def build(settings: Settings, discovery: Discovery) -> FastAPI:
    """The application. It connects lazily: it starts while services are still away."""
    gateway = Gateway(settings, discovery)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        beating, trail = asyncio.create_task(gateway.beat()), asyncio.create_task(gateway.trail.run())
        yield
        beating.cancel()
        trail.cancel()
        with suppress(asyncio.CancelledError):
            await trail
        with suppress(PlatformError):  # the identity service went first: its rows are lost, and the log of the last second says so
            await gateway.trail.flush()
        await gateway.openid.close()
        await gateway.openai.close()
        await gateway.clients.close()

    app = FastAPI(title="Modelyard", version="1", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.gateway = gateway
    paths: dict[str, dict[str, Any]] = {}
    # The router tries routes in order: what is asked most stands first.
    _add(app, "GET", STATUS, gateway.model_status)
    _add(app, "POST", "/v1/chat/completions", gateway.openai.relay)
    _add(app, "POST", "/v1/completions", gateway.openai.relay)
    for route in routes.ALL:
        _add(app, route.verb, API + route.path, rest.endpoint(route, gateway.clients, gateway.sessions, settings.call_seconds))
        paths.setdefault(API + route.path, {})[route.verb.lower()] = rest.operation(route)
    _add(app, "GET", API + "/{domain}/tasks/{id}/live", gateway.task_events)
    for verb, path, handler in (
        ("POST", "/auth/sign-in", gateway.sign_in.sign_in),
        ("POST", "/auth/sign-out", gateway.sign_in.sign_out),
        ("POST", "/auth/refresh", gateway.sign_in.refresh),
        ("GET", "/auth/me", gateway.sign_in.me),
        ("GET", "/auth/oidc/start", gateway.openid.start),
        ("GET", "/auth/oidc/callback", gateway.openid.callback),
    ):
        _add(app, verb, API + path, handler)
    _add(app, "GET", "/v1/models", gateway.openai.models)
    _add(app, "GET", "/healthz", gateway.healthz)
    _add(app, "GET", "/readyz", gateway.readyz)
    _add(app, "GET", "/metrics", gateway.metrics_text)
    paths.update(_other_paths())
    paths.update(sign_in_paths(API))
    paths.update(openid_paths(API))
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Modelyard", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Error": rest.ERROR_SCHEMA}, "securitySchemes": SECURITY_SCHEMES},
        "security": [{"bearer": []}, {"cookie": []}],
    }

    async def openapi(_request: Request) -> Response:
        return JSONResponse(document)

    _add(app, "GET", "/api/openapi.json", openapi)
    app.add_exception_handler(StarletteHTTPException, _unrouted)
    app.add_middleware(_Guard, gateway=gateway)
    app.add_middleware(Admission, limit=settings.gateway_in_flight)
    return app


async def _unrouted(request: Request, error: Exception) -> Response:
    """What the router refuses by itself: no such path, or a path without this verb."""
    code = error.status_code if isinstance(error, StarletteHTTPException) else 500
    found = PlatformError(
        code, Reason.ROUTE_NOT_FOUND, field="path", limit="see /api/openapi.json", what=f"{request.method} {request.url.path}"
    )
    return error_response(request, found, request_id(request))


def _add(app: FastAPI, verb: str, path: str, handler: Handler) -> None:
    async def routed(request: Request) -> Response:
        request.scope["modelyard.route"] = path  # the template: what is measured never holds an id
        return await handler(request)

    app.router.add_route(path, routed, methods=[verb], include_in_schema=False)


class _Guard:
    """Outermost: every failure becomes one answer, every request is measured by its route template."""

    def __init__(self, app: ASGIApp, gateway: Gateway) -> None:
        self._app, self._gateway = app, gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request = Request(scope, receive)
        if not tracing.enabled:
            return await self._answer(request, send)
        carrier = {tracing.TRACEPARENT: request.headers.get(tracing.TRACEPARENT, "")}
        with tracing.incoming("http", carrier, **{"http.request.method": scope["method"]}):
            return await self._answer(request, send)

    async def _answer(self, request: Request, send: Send) -> None:
        scope, receive = request.scope, request.receive
        started, code = time.perf_counter(), 500
        begun = False

        async def watch(message: Any) -> None:
            nonlocal code, begun
            if message["type"] == "http.response.start":
                code, begun = message["status"], True
                if all(name != b"x-request-id" for name, _ in message["headers"]):
                    message["headers"].append((b"x-request-id", request_id(request).encode()))
            await send(message)

        self._gateway.in_flight += 1
        told = logs.current.set(_Answering(request_id(request), scope["method"]))
        try:
            if scope["method"] not in SAFE:
                self._gateway.trail.check_room()
            await self._route(request, watch)
        except PlatformError as error:
            if begun:
                raise
            await error_response(request, error, request_id(request))(scope, receive, watch)
        except Exception:
            given = request_id(request)
            log.exception("request_failed", path=scope["path"], log_id=given)
            if begun:
                raise
            await error_response(request, PlatformError(500, Reason.INTERNAL), given)(scope, receive, watch)
        finally:
            route = scope.get("modelyard.route", "unmatched")
            seconds = time.perf_counter() - started
            self._gateway.in_flight -= 1
            self._gateway.metrics.on_request(route, seconds, code)
            self._gateway.trail.note(scope, code, request_id(request))
            if tracing.enabled:
                tracing.rename(f"{scope['method']} {route}", **{"http.route": route, "http.response.status_code": code})
            if logs.calls:
                log.debug("answered", route=route, code=code, ms=round(seconds * 1000, 3))
            logs.current.reset(told)

    async def _route(self, request: Request, send: Send) -> None:
        """The router is as dear as one of the four services the status asks: what is asked most does not go through it."""
        scope = request.scope
        asked = STATUS_PATH.fullmatch(scope["path"]) if scope["method"] == "GET" else None
        if asked is None:
            return await self._app(scope, request.receive, send)
        scope["modelyard.route"], scope["path_params"] = STATUS, {"id": asked[1]}
        response = await self._gateway.model_status(request)
        return await response(scope, request.receive, send)


class _Answering(NamedTuple):
    """The request under way, for the logs."""

    log_id: str
    method: str


def _id(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) < 20 and 0 < int(text) < 1 << 63):
        raise invalid("id", Reason.WRONG_TYPE, "a whole number above 0")
    return int(text)


def _other_paths() -> dict[str, dict[str, Any]]:
    error = {"description": "Error", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    id_parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"}}
    part = {
        "type": "object",
        "required": ["state"],
        "properties": {"state": {"enum": ["ok", "unavailable"]}, "age_ms": {"type": "integer"}},
    }
    status = {
        "type": "object",
        "required": ["id", "model", "train", "eval", "deploy", "missing"],
        "properties": {
            "id": {"type": "string"},
            "as_of": {"type": "string"},
            **dict.fromkeys(("model", "train", "eval", "deploy"), part),
            "missing": {"type": "array", "items": {"type": "string"}},
        },
    }
    return {
        API + "/models/{id}/status": {
            "get": {
                "operationId": "model_status",
                "tags": ["model"],
                "parameters": [id_parameter],
                "responses": {"200": {"description": "Success", "content": {"application/json": {"schema": status}}}, "default": error},
            }
        },
        **{
            f"{API}/{domain}/tasks/{{id}}/live": {
                "get": {
                    "operationId": f"{domain}_live",
                    "tags": [domain],
                    "parameters": [id_parameter],
                    "responses": {
                        "200": {"description": "Events", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
                        "default": error,
                    },
                }
            }
            for domain in ("datasets", "train", "eval")
        },
    }
