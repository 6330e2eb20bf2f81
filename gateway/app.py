"""The HTTP application: routes from data, the composed status, live events, ``/v1``, health; one place where failures become answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Router as Lifespan
from starlette.types import Receive, Scope, Send

from gateway import files, rest, routes
from gateway.admission import Admission
from gateway.clients import Clients, request_id
from gateway.compose import Composer
from gateway.console import Console
from gateway.errors import error_response, language_of
from gateway.feed import door
from gateway.headers import Incoming, secured
from gateway.live import TASK_FIELDS, task_events
from gateway.openai_door import OpenAIDoor
from gateway.readiness import Services
from gateway.reception import Reception
from gateway.refusals import CLIENT_GONE, Refusals
from gateway.router import Handler, Router
from gateway.routes import API
from gateway.sessions import Sessions, whole
from gateway.sign_in import SignIn
from gateway.sign_in_openid import SignInOpenID
from gateway.trail import Trail, changes
from libs.common.coord.discovery import Discovery
from libs.common.errors import PlatformError, Reason, disk_full, invalid
from libs.common.identity.keys import KeyFolder
from libs.common.identity.signed import Signer
from libs.common.rpc.deadline import Deadline
from libs.common.settings import Settings
from libs.common.sight import logs, samples, tracing
from libs.common.sight.health import Health, Pulse, liveness, readiness
from libs.common.sight.metrics import Metrics

STATUS = API + "/models/{id}/status"
MY_WORK = API + "/my-work"
BEAT_SECONDS = 0.5
log = logs.get("gateway")


class Gateway:
    """Everything behind the routes. Its ``health`` flips to not ready before the port closes."""

    def __init__(self, settings: Settings, discovery: Discovery) -> None:
        self.settings = settings
        self.metrics = Metrics("gateway")
        self.clients = Clients(discovery, self.metrics)
        signer = Signer(KeyFolder(settings.keys_path), "gateway")
        self.sessions = Sessions(self.clients, signer, settings.call_seconds, settings.believed_seconds)
        self.sign_in = SignIn(self.clients, self.sessions, settings.call_seconds)
        self.trail = Trail(self.clients, self.sessions, settings.home_path / "trail", self.metrics, settings.call_seconds)
        self.refusals = Refusals()
        self.reception = Reception(settings.head_seconds, settings.body_seconds, settings.gateway_unfinished, self.ended_unread)
        self.services = Services(self.clients)
        self.openid = SignInOpenID(settings, self.sign_in, self.trail)
        self.composer = Composer(self.clients, settings.status_seconds)
        self.console = Console(openid=bool(settings.oidc_issuer))
        self.feed = door.Feed(self.clients, self.sessions, self.metrics, settings.feed_streams)
        self.openai = OpenAIDoor(self.clients, self.sessions, settings.call_seconds)
        self.pulse = Pulse(settings.stall_seconds)
        # No checks: a missing domain is named in each answer, it does not take the gateway away.
        self.health = Health("gateway", {}, {"http": self.pulse})
        self.in_flight = 0
        self._documents: dict[str, bytes] = {}
        samples.watch_process(self.metrics, self.health)
        self.metrics.live(
            lambda: [("modelyard_http_in_flight", (), self.in_flight), ("modelyard_http_unfinished", (), len(self.reception.unfinished))]
        )

    def ended_unread(self, error: PlatformError, request_id: str, address: str) -> None:
        """A request that never became whole."""
        self.metrics.on_request("unread", 0.0, error.code)
        self.refusals.tell({"modelyard.route": "unread", "client": (address, 0)}, error.code, request_id, error=error)

    def turned_away(self, scope: Scope, error: PlatformError, request_id: str) -> None:
        """A request that found no place."""
        self.metrics.on_request("refused", 0.0, error.code)
        self.refusals.tell({**scope, "modelyard.route": "refused"}, error.code, request_id, error=error)

    async def beat(self) -> None:
        """For as long as the loop comes round."""
        while True:
            self.pulse.beat()
            await asyncio.sleep(BEAT_SECONDS)

    async def model_status(self, request: Request) -> Response:
        caller = await self.sessions.caller(request)
        as_of = _moment(request.query_params.get("as_of")) if request.scope["query_string"] else None
        body = await self.composer.model_status(_id(request.path_params["id"]), caller, language_of(request), as_of)
        return Response(body, media_type="application/json")

    async def my_work(self, request: Request) -> Response:
        caller = await self.sessions.caller(request)
        return Response(await self.composer.my_work(caller, language_of(request)), media_type="application/json")

    async def task_events(self, request: Request) -> Response:
        caller, domain, id = await self.sessions.caller(request), request.path_params["domain"], _id(request.path_params["id"])
        domain = "dataset" if domain == "datasets" else domain
        if domain not in TASK_FIELDS:
            raise PlatformError(404, Reason.ROUTE_NOT_FOUND, what=request.url.path)
        await self.clients.call(domain, "GetTask", caller, Deadline.after(self.settings.call_seconds), id=id)
        stream = task_events(self.clients, self.feed.hub, domain, id, caller, self.settings.call_seconds)
        return StreamingResponse(
            stream, media_type="text/event-stream", headers={"cache-control": "no-store", "x-request-id": caller.log_id}
        )

    async def document(self, request: Request) -> Response:
        """Summaries in the reader's language."""
        from gateway.document import whole_document  # it reads the options of every kind of work: half a start, for few readers

        language = language_of(request)
        if language not in self._documents:
            self._documents[language] = msgspec.json.encode(whole_document(language))
        return Response(self._documents[language], media_type="application/json")

    async def healthz(self, _request: Request) -> Response:
        code, body = liveness(self.health)
        return JSONResponse(body, code)

    async def readyz(self, _request: Request) -> Response:
        _, body = readiness(self.health)
        parts = {**body["parts"], **await self.services.parts()}
        ready = all(state == "ok" for state in parts.values())
        return JSONResponse({"ready": ready, "parts": parts}, 200 if ready else 503)

    async def readyz_self(self, _request: Request) -> Response:
        code, body = readiness(self.health)
        return JSONResponse(body, code)

    async def metrics_text(self, _request: Request) -> Response:
        self.metrics.state(self.health.ready(), self.health.alive())
        return Response(self.metrics.text(), media_type="text/plain; version=0.0.4")


class App:
    """What the server calls. Requests go straight to our own door: each layer of a framework around it would be paid by every answer."""

    def __init__(self, gateway: Gateway, router: Router) -> None:
        self.gateway, self.router = gateway, router
        self._lifespan = Lifespan(lifespan=lambda _: _running(gateway))
        self._door = Admission(_Guard(gateway, router), gateway.settings.gateway_in_flight, gateway.turned_away)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            return await self._door(scope, receive, send)
        return await self._lifespan(scope, receive, send)


@asynccontextmanager
async def _running(gateway: Gateway) -> AsyncIterator[None]:
    """What runs beside the requests, from the start of the server to its end."""
    trail = asyncio.create_task(gateway.trail.run())
    feed = gateway.feed.hub.run(lambda: gateway.health.draining)
    others = [asyncio.create_task(each) for each in (gateway.beat(), gateway.reception.run(), feed)]
    yield
    for task in (*others, trail):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await trail
    with suppress(PlatformError, OSError):  # the identity service went first: its rows wait in the journal for the next start
        await gateway.trail.flush()
    gateway.trail.close()
    await gateway.openid.close()
    await gateway.openai.close()
    await gateway.clients.close()


def build(settings: Settings, discovery: Discovery) -> App:
    """The application. It connects lazily: it starts while services are still away."""
    gateway = Gateway(settings, discovery)
    router = Router()
    for verb, path, handler in (
        ("GET", STATUS, gateway.model_status),
        ("GET", MY_WORK, gateway.my_work),
        ("GET", API + "/{domain}/tasks/{id}/live", gateway.task_events),
        ("GET", API + door.PATH, gateway.feed.stream),
        ("POST", API + "/auth/sign-in", gateway.sign_in.sign_in),
        ("GET", API + "/auth/first", gateway.sign_in.first),
        ("POST", API + "/auth/first", gateway.sign_in.set_first),
        ("POST", API + "/auth/sign-out", gateway.sign_in.sign_out),
        ("POST", API + "/auth/refresh", gateway.sign_in.refresh),
        ("GET", API + "/auth/me", gateway.sign_in.me),
        ("POST", API + "/auth/exchange", gateway.sign_in.exchange),
        ("GET", API + "/auth/oidc/start", gateway.openid.start),
        ("GET", API + "/auth/oidc/callback", gateway.openid.callback),
        ("POST", "/v1/chat/completions", gateway.openai.relay),
        ("POST", "/v1/completions", gateway.openai.relay),
        ("POST", "/v1/classify", gateway.openai.relay),
        ("GET", "/v1/models", gateway.openai.models),
        ("GET", "/v1/models/{model:path}", gateway.openai.model),
        ("GET", "/", gateway.console.page),
        ("GET", "/assets/{name}", gateway.console.asset),
        ("GET", "/healthz", gateway.healthz),
        ("GET", "/readyz", gateway.readyz),
        ("GET", "/readyz/self", gateway.readyz_self),
        ("GET", "/metrics", gateway.metrics_text),
        ("GET", "/api/openapi.json", gateway.document),
    ):
        router.add(verb, path, handler)
    for route in routes.ALL:
        endpoint = files.endpoint if route.file else rest.endpoint
        router.add(route.verb, API + route.path, endpoint(route, gateway.clients, gateway.sessions, settings.call_seconds))
    return App(gateway, router)


class _Guard:
    """Every failure becomes one answer, every request is measured by its route template."""

    def __init__(self, gateway: Gateway, router: Router) -> None:
        self._gateway, self._router = gateway, router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Incoming(scope, receive)
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
            if message["type"] == "http.response.start" and not begun:
                code, begun = self._code(scope, message["status"]), True
                headers = secured(message["headers"])
                if all(name != b"x-request-id" for name, _ in headers):
                    headers.append((b"x-request-id", request_id(request).encode()))
                if self._gateway.health.draining:
                    headers.append((b"connection", b"close"))  # its next request is for another gateway
                message["headers"] = headers
                self._gateway.trail.note(scope, code, request_id(request))  # first the row, then the answer
            await send(message)

        self._gateway.in_flight += 1
        told = logs.current.set(_Answering(request_id(request), scope["method"]))
        try:
            if changes(scope):
                self._gateway.trail.check_room()
            await self._route(request, watch)
        except Exception as error:
            if begun:
                self._broken_off(error, scope)
            elif isinstance(error, ClientDisconnect):
                code = self._code(scope, CLIENT_GONE)
            else:
                await error_response(request, self._named(error, request), request_id(request))(scope, receive, watch)
        finally:
            self._done(scope, request_id(request), code, time.perf_counter() - started, begun)
            logs.current.reset(told)

    def _done(self, scope: Scope, given: str, code: int, seconds: float, begun: bool) -> None:
        """Counts and logs the request."""
        route = scope.get("modelyard.route", "unmatched")
        self._gateway.in_flight -= 1
        self._gateway.metrics.on_request(route, seconds, code)
        if not begun:
            self._gateway.trail.note(scope, code, given)  # nobody heard the answer, and still it may have changed something
        if code >= 400:
            self._gateway.refusals.tell(scope, code, given, seconds)
        if tracing.enabled:
            tracing.rename(f"{scope['method']} {route}", **{"http.route": route, "http.response.status_code": code})
        if logs.calls:
            log.debug("answered", route=route, code=code, ms=round(seconds * 1000, 3))

    def _named(self, error: Exception, request: Request) -> PlatformError:
        if isinstance(error, PlatformError):
            return error
        if (full := disk_full(error, "the gateway")) is not None:
            return full
        log.exception("request_failed", path=request.scope["path"], log_id=request_id(request))
        return PlatformError(500, Reason.INTERNAL)

    def _broken_off(self, error: Exception, scope: Scope) -> None:
        """An answer that began and cannot end: its connection is closed by whoever called us, and the caller sees that it is not whole."""
        if isinstance(error, (ClientDisconnect, OSError)):
            log.info("client_gone", route=scope.get("modelyard.route", "unmatched"))
        elif isinstance(error, PlatformError):
            log.warning("answer_broken", route=scope.get("modelyard.route", "unmatched"), error=type(error).__name__)
        else:
            log.error("answer_broken", route=scope.get("modelyard.route", "unmatched"), exc_info=error)

    def _code(self, scope: Scope, code: int) -> int:
        """What the caller saw: a request that came too late was answered where its bytes are read."""
        refusal: PlatformError | None = scope.get("modelyard.refusal")
        if refusal is None:
            return code
        scope["modelyard.error"] = refusal
        return refusal.code

    async def _route(self, request: Request, send: Send) -> None:
        scope = request.scope
        try:
            found = self._router.find(scope["method"], scope["path"])
        except PlatformError as error:
            if error.code != 404 or not self._gateway.console.wants(request):
                raise
            handler: Handler = self._gateway.console.page  # the address of a page: the console routes it by itself
        else:
            scope["modelyard.route"], scope["path_params"] = found.route.path, found.fields
            handler = found.route.handler
        response = await handler(request)
        await response(scope, request.receive, send)


class _Answering(NamedTuple):
    """The request under way, for the logs."""

    log_id: str
    method: str


def _moment(text: str | None) -> int | None:
    number = None if text is None else whole(text)
    if text is not None and number is None:
        raise invalid("as_of", Reason.WRONG_TYPE, "milliseconds since the epoch")
    return number


def _id(text: str) -> int:
    number = whole(text)
    if number is None:
        raise invalid("id", Reason.WRONG_TYPE, "a whole number above 0")
    return number
