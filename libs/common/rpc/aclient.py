"""The asynchronous client of one service: many calls at a time on a few connections, each answer found by its sequence number.

Made for the gateway: one event loop, no task and no timer per call. A late answer is dropped by its number; a peer that breaks the
protocol loses its connection; an address that refuses is passed over, at once and for all waiting callers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError, Reason, busy, deadline_exceeded, unavailable
from libs.common.rpc.channel import Channel
from libs.common.rpc.contract import Method, methods_of
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.routes import Routes
from libs.common.rpc.wire_error import not_started

_IN_ONE_WRITE = 8
"""Calls made in one round of the event loop that take the same connection: each further write, and each further read of the peer, costs as
much as the call it carries. Not more, so that a burst is shared by all instances."""


class AsyncRpcClient:
    """Calls methods of a thriftpy2 service class from one event loop.

    resolve: the addresses to call now, asked at every call. connections: open at once per address.
    """

    def __init__(
        self,
        service: Any,
        resolve: Callable[[], Sequence[Address]],
        *,
        limits: RpcLimits | None = None,
        connections: int = 2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits or RpcLimits()
        self._methods = methods_of(service, self._limits.max_depth)
        self._resolve = resolve
        self._routes = Routes(resolve, self._limits.eject_seconds, clock)
        self._per_address = connections
        self._known: tuple[Address, ...] = ()
        self._ring: list[Channel] = []  # every channel that takes calls, of the addresses known now
        self._connecting: dict[Address, asyncio.Task[Channel]] = {}
        self._turn = 0

    async def call(self, method: str, req: Any, deadline: Deadline, *, idempotent: bool = False) -> Any:
        """The response struct; raises what ``RpcClient.call`` raises, and 429 BUSY when too many calls wait on every connection."""
        known = self._methods.get(method)
        if known is None:
            raise PlatformError(501, Reason.UNKNOWN_METHOD, field="method", limit="a method of the service", what=method)
        channel = self._pick()
        if channel is None:
            return await self._elsewhere(known, req, deadline, idempotent, None)
        answer = await channel.ask(known, req, deadline)
        if not isinstance(answer, PlatformError):
            return answer
        last = self._unless_final(answer, channel.address, idempotent)
        return await self._elsewhere(known, req, deadline, idempotent, last, channel.address)

    def ask(self, method: str, req: Any, deadline: Deadline) -> asyncio.Future[Any] | None:
        """The first half of ``call``, without a task of its own: a future of the response struct or of the PlatformError that came instead.

        None when no connection is open. Who gets an error that is worth it asks again through ``call``, which tries other addresses.
        """
        try:
            channel = self._pick()
        except PlatformError as error:
            refused = asyncio.get_running_loop().create_future()
            refused.set_result(error)
            return refused
        return None if channel is None else channel.ask(self._methods[method], req, deadline)

    def __getattr__(self, name: str) -> Any:
        """``await client.GetX(req, deadline=…)`` is ``await client.call("GetX", req, …)``."""
        if name.startswith("_") or name not in self._methods:
            raise AttributeError(name)
        return partial(self.call, name)

    async def close(self) -> None:
        """Cuts all connections; calls in flight end with CONNECTION_LOST."""
        for task in list(self._connecting.values()):
            task.cancel()
        for channel in list(self._ring):
            channel.broken(unavailable("client", state="closed"))
        await asyncio.sleep(0)

    def _pick(self) -> Channel | None:
        """The next channel that takes a call; None when there is none yet. Starts missing connections in the background."""
        known = tuple(self._resolve())
        if known != self._known:
            self._follow(known)
        ring = self._ring
        if len(ring) < self._per_address * len(self._known):
            self._grow()
        if not ring:
            return None
        channel = ring[self._turn % len(ring)]
        if not 0 < len(channel.unsent) < _IN_ONE_WRITE:
            self._turn += 1
            channel = ring[self._turn % len(ring)]
        if not channel.waiting:
            if asyncio.get_running_loop().time() - channel.used_at > self._limits.pool_idle_seconds:
                channel.retire()  # before the server's idle timeout can meet a call on its way
                return self._pick()
        elif channel.full:
            channel = min(ring, key=lambda other: (other.full, len(other.waiting)))
            if channel.full:
                raise busy("calls in flight", str(self._limits.max_in_flight * len(ring)))
        return channel

    def _follow(self, known: tuple[Address, ...]) -> None:
        self._known = known
        for channel in [c for c in self._ring if c.address not in self._known]:
            channel.retire()

    def _grow(self) -> None:
        if not self._ring:
            return  # the caller connects, and waits for it
        for address in self._known:
            here = sum(channel.address == address for channel in self._ring)
            if here < self._per_address and address not in self._connecting and not self._routes.passed_over(address):
                self._connect(address)

    # -- the long way: no channel yet, or another address after a failure

    async def _elsewhere(
        self,
        method: Method,
        req: Any,
        deadline: Deadline,
        idempotent: bool,
        last: PlatformError | None,
        tried: Address | None = None,
    ) -> Any:
        usable, passed_over = self._routes.order()
        # Where there are several, one that refused a moment ago is better than none: it may be back while the others go. A service with
        # one address fails at once instead, so that nobody waits for what is known to be away.
        again = [address for address in passed_over if address != tried] if len(usable) + len(passed_over) > 1 else []
        for address in [*usable, *usable[: len(usable) == 1], *again]:
            if deadline.expired:
                break
            if address not in again and self._routes.passed_over(address):
                continue
            try:
                channel = await self._channel(address, deadline, method.name)
            except PlatformError as error:
                last = last or error
                continue
            if channel.full:  # many callers waited for the same new connection
                raise busy("calls in flight", str(self._limits.max_in_flight))
            answer = await channel.ask(method, req, deadline)
            if not isinstance(answer, PlatformError):
                return answer
            last = self._unless_final(answer, address, idempotent)
        cause = f"{len(passed_over)} of its addresses refused just now" if passed_over else "no address known"
        raise last or unavailable(method.name, cause=cause)

    def _unless_final(self, error: PlatformError, address: Address, idempotent: bool) -> PlatformError:
        """Raises ``error`` when the call must not be sent again, else gives it back. An address that sent us elsewhere is passed over."""
        if error.code == 503 and not_started(error):
            self._leave(address)
        elif not (error.reason == Reason.CONNECTION_LOST and idempotent):
            raise error
        return error

    async def _channel(self, address: Address, deadline: Deadline, method: str) -> Channel:
        for channel in self._ring:
            if channel.address == address and not channel.full:
                return channel
        try:
            async with asyncio.timeout(deadline.left()):
                return await asyncio.shield(self._connecting.get(address) or self._connect(address))
        except TimeoutError:
            raise deadline_exceeded(f"{method}: a connection") from None

    def _connect(self, address: Address) -> asyncio.Task[Channel]:
        task = asyncio.get_running_loop().create_task(self._open(address))
        self._connecting[address] = task
        task.add_done_callback(partial(self._connected, address))
        return task

    async def _open(self, address: Address) -> Channel:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                _, channel = await loop.create_connection(
                    lambda: Channel(address, self._limits, self._down, self._routes.accepted), address.host, address.port
                )
        except OSError as error:  # TimeoutError is one
            self._leave(address)
            raise unavailable(f"{address.host}:{address.port}", cause=str(error) or type(error).__name__) from None
        if channel.transport.is_closing():
            self._leave(address)
            raise unavailable(f"{address.host}:{address.port}", cause="closed at once")
        self._ring.append(channel)
        return channel

    def _connected(self, address: Address, task: asyncio.Task[Channel]) -> None:
        self._connecting.pop(address, None)
        if not task.cancelled():
            task.exception()  # looked at: nobody may be waiting for it

    def _down(self, channel: Channel) -> None:
        if channel in self._ring:
            self._ring.remove(channel)
            if channel.dead:
                self._leave(channel.address)

    def _leave(self, address: Address) -> None:
        self._routes.refused(address)
        for channel in [c for c in self._ring if c.address == address]:
            channel.retire()
