"""The blocking client of one service: a pool of exclusive connections, and an answer only ever for its own question.

What it decides: which address to try, when a call may be sent a second time, and when a connection may be used again. A connection is given
back only after a complete, matching answer; after anything else, a timeout or Ctrl-C included, it is destroyed.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError, Reason, deadline_exceeded, unavailable
from libs.common.rpc import codec, frames
from libs.common.rpc.connection import Connection, NotSentError
from libs.common.rpc.contract import Method, methods_of
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.routes import Routes
from libs.common.rpc.wire_error import not_started

__all__ = ["Address", "RpcClient"]


class RpcClient:
    """Calls methods of a thriftpy2 service class; may be shared by threads.

    resolve: the addresses to call now. pool_size: connections open at once; further callers wait for one, inside their deadline.
    """

    def __init__(
        self,
        service: Any,
        resolve: Callable[[], Sequence[Address]],
        *,
        limits: RpcLimits | None = None,
        pool_size: int = 8,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits or RpcLimits()
        self._methods = methods_of(service, self._limits.max_depth)
        self._routes = Routes(resolve, self._limits.eject_seconds, clock)
        self._clock = clock
        self._numbers = itertools.count(1)
        self._places: SimpleQueue[None] = SimpleQueue()  # one entry per connection that may be opened: a semaphore at a tenth of its price
        for _ in range(pool_size):
            self._places.put(None)
        self._lock = threading.Lock()
        self._idle: dict[Address, list[Connection]] = {}
        self._closed = False

    def call(self, method: str, req: Any, deadline: Deadline, *, idempotent: bool = False) -> Any:
        """The response struct. ``idempotent``: the call may be sent again when its result is unknown (a read, or it carries a key).

        Raises the PlatformError the server declared, or: 504 DEADLINE_EXCEEDED, 502 CONNECTION_LOST (sent, result unknown),
        503 UNAVAILABLE (no address took it), 502 BAD_FRAME, WRONG_TYPE, NOT_UTF8 (no answer of the contract), 400 WRONG_TYPE or
        413 TOO_LARGE (``req``), 501 UNKNOWN_METHOD.
        """
        if method not in self._methods:
            raise PlatformError(501, Reason.UNKNOWN_METHOD, field="method", limit="a method of the service", what=method)
        try:
            self._places.get(timeout=deadline.left())
        except Empty:
            raise deadline_exceeded(f"{method}: a free connection") from None
        try:
            return self._try_addresses(self._methods[method], req, deadline, idempotent)
        finally:
            self._places.put(None)

    def __getattr__(self, name: str) -> Any:
        """``client.GetX(req, deadline=…)`` is ``client.call("GetX", req, …)``."""
        if name.startswith("_") or name not in self._methods:
            raise AttributeError(name)
        return partial(self.call, name)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            connections = [c for idle in self._idle.values() for c in idle]
            self._idle.clear()
        for connection in connections:
            connection.close()

    # -- one call

    def _try_addresses(self, method: Method, req: Any, deadline: Deadline, idempotent: bool) -> Any:
        usable, passed_over = self._routes.order()
        addresses = [*usable, *passed_over]
        last: PlatformError | None = None
        for address in addresses if len(addresses) > 1 else addresses * 2:
            try:
                return self._try(method, req, address, deadline)
            except NotSentError as error:
                self._leave(address)
                last = last or unavailable(f"{address.host}:{address.port}", method=method.name, cause=str(error))
            except PlatformError as error:
                if error.code == 503 and not_started(error):
                    self._leave(address, leaves=True)
                elif not (error.reason == Reason.CONNECTION_LOST and idempotent):
                    raise
                last = error
            if deadline.expired:
                break
        raise last or unavailable(method.name, cause="no address known")

    def _try(self, method: Method, req: Any, address: Address, deadline: Deadline) -> Any:
        while (connection := self._take(address)) is not None:
            try:
                return self._exchange(method, req, connection, deadline)
            except NotSentError:
                continue  # it had died in the pool: nothing was asked yet
        left = deadline.left()
        connection = Connection(address, min(left, self._limits.connect_seconds))
        self._routes.accepted(address)
        return self._exchange(method, req, connection, deadline)

    def _exchange(self, method: Method, req: Any, connection: Connection, deadline: Deadline) -> Any:
        try:
            left = deadline.left()
            if left <= 0.0:
                raise deadline_exceeded(method.name)
            number = next(self._numbers) & 0x7FFFFFFF
            connection.send(codec.encode_call(method, number, method.budgeted(req, left), self._limits), deadline, method.name)
            data = connection.receive(self._limits.max_frame_bytes, deadline, method.name)
            answer = self._read(method, number, data)
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)
        if isinstance(answer, PlatformError):
            raise answer
        return answer

    def _read(self, method: Method, number: int, data: bytes) -> Any:
        try:
            kind, name, answered, pos = frames.header(data, 4, self._limits)
        except PlatformError as error:
            error.code = 502
            raise
        if answered != number or name != method.key:
            raise PlatformError(502, Reason.BAD_FRAME, limit="the answer to this call", what="answer to another call")
        return codec.decode_reply(method, kind, data, pos, self._limits)

    # -- the pool

    def _take(self, address: Address) -> Connection | None:
        oldest = self._clock() - self._limits.pool_idle_seconds
        while True:
            with self._lock:
                idle = self._idle.get(address)
                if not idle:
                    return None
                connection = idle.pop()
            if connection.used_at > oldest and connection.usable():
                return connection
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        connection.used_at = self._clock()
        with self._lock:
            if not self._closed:
                self._idle.setdefault(connection.address, []).append(connection)
                self._retire(connection.used_at - self._limits.pool_idle_seconds)
                return
        connection.close()

    def _retire(self, oldest: float) -> None:
        """Closes the longest unused of each address once its time is over: a peak's connections, and those to addresses that are gone."""
        for idle in self._idle.values():
            if idle and idle[0].used_at < oldest:
                idle.pop(0).close()

    def _leave(self, address: Address, leaves: bool = False) -> None:
        self._routes.refused(address, leaves)
        with self._lock:
            connections = self._idle.pop(address, [])
        for connection in connections:
            connection.close()
