"""How much one peer may ask of a process: every bound of the RPC layer, with its unit, in one place.

The bounds are what keeps bytes of strangers from freezing, crashing or swelling a service; a service raises one only with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from libs.common.errors import PlatformError, Reason


@dataclass(frozen=True, slots=True)
class RpcLimits:
    """Bounds of a server and of the clients that talk to it. All must be above zero.

    max_frame_bytes: one message, either way. max_depth: nested structs and containers, the arguments included. max_items: fields plus
    container elements of one message. max_name_bytes: of a method name.
    max_connections: open at once per server. max_in_flight: unanswered calls per connection. max_waiting: calls of all connections that
    wait for a handler thread. max_buffered_bytes: unfinished frames of all connections together.
    idle_seconds: a connection without a call is closed by the server. first_call_seconds: the same until the first frame came.
    frame_seconds: from the first byte of a frame to its last. unread_seconds: a peer that takes its answers slower than they come.
    call_seconds: the deadline of a call that brought none. max_call_seconds: the longest deadline a caller may ask for.
    connect_seconds: to one address. pool_idle_seconds: a client retires a connection idle for so long; must be below idle_seconds.
    eject_seconds: the longest an address that refused is passed over; it starts at a sixteenth and doubles with every further refusal.
    silent_seconds: a peer that left calls unanswered for so long, and let several of them time out, counts as gone.
    linger_seconds: how long a draining server tells open connections to go elsewhere before it closes them.
    """

    max_frame_bytes: int = 16 * 1024 * 1024
    max_depth: int = 32
    max_items: int = 100_000
    max_name_bytes: int = 128
    max_connections: int = 2000
    max_in_flight: int = 256
    max_waiting: int = 128
    max_buffered_bytes: int = 128 * 1024 * 1024
    idle_seconds: float = 300.0
    first_call_seconds: float = 90.0
    frame_seconds: float = 10.0
    unread_seconds: float = 30.0
    call_seconds: float = 30.0
    max_call_seconds: float = 3600.0
    connect_seconds: float = 1.0
    pool_idle_seconds: float = 60.0
    eject_seconds: float = 1.0
    silent_seconds: float = 1.0
    linger_seconds: float = 1.0

    def __post_init__(self) -> None:
        for option in fields(self):
            if getattr(self, option.name) <= 0:
                raise PlatformError(500, Reason.INVALID_SETTING, field=option.name, limit="above 0")
        if self.pool_idle_seconds >= self.idle_seconds:
            raise PlatformError(500, Reason.INVALID_SETTING, field="pool_idle_seconds", limit=f"below idle_seconds ({self.idle_seconds})")
        if self.max_depth > 60:
            raise PlatformError(500, Reason.INVALID_SETTING, field="max_depth", limit="at most 60: the decoder's own bound is 64")
