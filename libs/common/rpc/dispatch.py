"""From a frame to its answer, without sockets: read the call, run its handler, and turn whatever went wrong into a declared error.

``failure`` is the only function that decides what a caller learns of an exception. A handler that raises something undeclared,
answers nothing or answers the wrong struct is our fault: the caller gets 500 INTERNAL with a log id, the log gets the rest, and the
connection lives.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from thriftpy2.thrift import TApplicationException

from libs.common.bucket import Bucket
from libs.common.errors import PlatformError, Reason, deadline_exceeded, disk_full
from libs.common.rpc import codec, frames
from libs.common.rpc.contract import Method
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.plans import StructPlan
from libs.common.rpc.wire_error import NOT_STARTED, to_wire
from libs.common.sight import logs, tracing

_ANY_STRUCT = StructPlan("unknown")
_STRANGERS_RATE, _STRANGERS_BURST = 20.0, 10_000
"""Log lines about calls anybody can send, a second and at once: those that say nobody known, and those there is no room for."""


class CallInfo:
    """What a handler may know of its call beside the request: method, deadline of the whole call, ``base`` (None when not sent), peer."""

    __slots__ = ("base", "deadline", "method", "peer")

    def __init__(self, method: str, deadline: Deadline, base: Any, peer: str) -> None:
        self.method, self.deadline, self.base, self.peer = method, deadline, base, peer

    @property
    def log_id(self) -> str:
        return (self.base.log_id if self.base is not None else None) or ""

    @property
    def extra(self) -> Mapping[str, str]:
        """What travels with the call beside its own fields; ``traceparent`` is there."""
        return (self.base.extra if self.base is not None else None) or {}


Handler = Callable[[Any, CallInfo], Any]


class Call:
    """One call on its way. ``answer`` (a whole frame) and ``code`` (200, or the error's) are set once it has been answered."""

    __slots__ = ("answer", "code", "handler", "info", "inline", "method", "name", "number", "received", "req")

    def __init__(self, name: str, number: int, received: float) -> None:
        self.name, self.number, self.received = name, number, received
        self.answer: bytes | None = None
        self.code = 200
        self.inline = False
        self.method: Any = None
        self.req: Any = None
        self.info: Any = None
        self.handler: Any = None


class Dispatcher:
    """The methods of one service and their handlers. ``inline``: names of handlers quick enough to run on the event loop.

    Raises PlatformError INVALID_SETTING when a handler or an inline name has no method in the service.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        handlers: Mapping[str, Handler],
        inline: Collection[str],
        limits: RpcLimits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name in (*handlers, *inline):
            if name not in methods or name not in handlers:
                raise PlatformError(500, Reason.INVALID_SETTING, field=name, limit="a method of the service that has a handler")
        self._entries = {methods[name].key: (methods[name], handler, name in inline) for name, handler in handlers.items()}
        self._limits, self._clock = limits, clock
        self._log = logs.get("rpc")
        self._strangers = Bucket(_STRANGERS_RATE, _STRANGERS_BURST)
        self.refused: dict[int, int] = {}
        """code -> calls refused before they ran."""

    def open(self, data: bytes, pos: int, peer: str, refusal: PlatformError | None = None) -> Call:
        """Reads the call in the message at ``pos``. A call that cannot run (or shall not: ``refusal``) comes back already answered.

        Raises PlatformError BAD_FRAME when the bytes are no call: the connection is to be closed.
        """
        limits = self._limits
        kind, key, number, pos = frames.header(data, pos, limits)
        if kind != frames.CALL:
            raise frames.bad_frame("message type", limit="a call")
        entry = self._entries.get(key)
        if entry is None:
            frames.check(data, pos, _ANY_STRUCT, limits)
            return self._unknown(key, number)
        method, handler, inline = entry
        call = Call(method.name, number, self._clock())
        call.method, call.inline, call.handler = method, inline, handler
        try:
            req = codec.decode_call(method, data, pos, limits)
        except PlatformError as error:
            if error.reason == Reason.BAD_FRAME:
                raise
            return self.refuse(call, refusal or error)
        base = req.base if method.base_class is not None else None
        budget = base.budget_ms if base is not None else None
        seconds = limits.call_seconds if budget is None else min(budget / 1000, limits.max_call_seconds)
        call.req = req
        call.info = CallInfo(method.name, Deadline(call.received + seconds, self._clock), base, peer)
        return call if refusal is None else self.refuse(call, refusal)

    def run(self, call: Call) -> None:
        """Answers ``call``: by its handler, or with 504 when its time is already over. Never raises."""
        if call.info.deadline.expired:
            self.refuse(call, deadline_exceeded(call.name))
            return
        told = logs.current.set(call.info)
        try:
            if tracing.enabled:
                with tracing.incoming(call.name, call.info.extra, **{"rpc.system": "thrift", "modelyard.log_id": call.info.log_id}):
                    self._answer(call)
            else:
                self._answer(call)
        finally:
            logs.current.reset(told)

    def _answer(self, call: Call) -> None:
        try:
            call.answer = self._encode(call, call.handler(call.req, call.info))
        except BaseException as error:  # also SystemExit: a handler does not end the service, and its caller is owed an answer
            found = self.failure(error, call)
            tracing.failed(found)
            self._fail(call, found)
        if logs.calls:
            self._log.debug("answered", code=call.code, ms=round((self._clock() - call.received) * 1000, 3))

    def refuse(self, call: Call, error: PlatformError) -> Call:
        """Answers ``call`` with ``error``, saying that nothing of it ran."""
        error.details[NOT_STARTED] = "no"
        self.refused[error.code] = self.refused.get(error.code, 0) + 1
        self._fail(call, error)
        return call

    def failure(self, error: BaseException, call: Call) -> PlatformError:
        """What the caller is told about an exception of a handler."""
        if isinstance(error, PlatformError):
            error.details.pop(NOT_STARTED, None)  # said by a server further on, about another call
            return error
        if (full := disk_full(error, "the service")) is not None:
            return full
        log_id = call.info.log_id or uuid.uuid4().hex
        self._log.error("handler failed", method=call.name, log_id=log_id, exc_info=error)
        return PlatformError(500, Reason.INTERNAL, log_id=log_id)

    def _encode(self, call: Call, resp: Any) -> bytes:
        if not isinstance(resp, call.method.resp_class):
            raise TypeError(f"{call.name} answered {type(resp).__name__}")
        try:
            return codec.encode_reply(call.method, call.number, resp, self._limits)
        except PlatformError as error:
            if error.reason == Reason.TOO_LARGE:
                raise PlatformError(500, Reason.TOO_LARGE, field="answer", limit=error.limit) from error
            raise TypeError(f"{call.name}: {error.field} of the answer is no {error.limit}") from error  # our mistake, not the caller's

    def _fail(self, call: Call, error: PlatformError) -> None:
        method = call.method
        try:
            call.answer = codec.encode_error(method, call.number, to_wire(error, method.error_class), self._limits)
            call.code = error.code
        except Exception as second:  # an error built from values that have no wire form
            self._log.error("error not encodable", method=call.name, exc_info=second)
            internal = method.error_class(code=500, message="INTERNAL", details={}, retryable=False, reason=int(Reason.INTERNAL))
            call.answer, call.code = codec.encode_error(method, call.number, internal, self._limits), 500
            error = PlatformError(500, Reason.INTERNAL)
        self._say(call, call.code, error.reason, error.field)

    def _say(self, call: Call, code: int, reason: Reason, field: str | None) -> None:
        """The one log line of a call that was refused or failed: whoever has its request id finds it."""
        info = call.info
        if (info is None or code in (401, 429)) and not self._strangers.take():
            return
        if self._strangers.missed:
            self._log.warning("refusals_left_out", count=self._strangers.told())
        write = self._log.warning if code >= 500 else self._log.info
        write(
            "failed" if code >= 500 else "refused",
            log_id=info.log_id if info is not None else "",
            method=call.name,
            code=code,
            reason=reason.name,
            field=field,
            peer=info.peer if info is not None else "",
            caller=(info.base.caller or "")[:100] if info is not None and info.base is not None else "",
            ms=round((self._clock() - call.received) * 1000, 1),
        )

    def _unknown(self, key: bytes, number: int) -> Call:
        call = Call("unknown", number, self._clock())
        call.code = 501
        self._say(call, 501, Reason.UNKNOWN_METHOD, None)
        call.answer = codec.encode_exception(key, number, TApplicationException.UNKNOWN_METHOD, "unknown method")
        return call
