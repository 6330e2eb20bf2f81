"""Who calls, for whom, and how long there is left: the one argument every verb takes first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from libs.common.identity.signed import CLEARANCE_MAX
from libs.common.rpc.deadline import Deadline


@dataclass(frozen=True)
class CallContext:
    """The context of one call.

    user_id: who acts. space_id: the project space every read and write is confined to. deadline: of the whole call, travels with it.
    clearance: the highest secrecy level that is shown; work no person waits for sees all of its space.
    idempotency_key: the effect happens once per key. expected_version: the version an update was decided on.
    log_id: joins the logs of all services.
    credential: the API key the caller showed (key:7, service-key:7), "" for a session and a service. peer: address of the connection.
    service: which service calls, by its own signature; "" = a person.
    method and request_hash: of the verb under way, set by ``mutation``.
    """

    user_id: int
    space_id: int
    deadline: Deadline
    log_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    idempotency_key: str | None = None
    expected_version: int | None = None
    method: str = ""
    request_hash: str = ""
    clearance: int = CLEARANCE_MAX
    credential: str = ""
    peer: str = ""
    service: str = ""

    def within(self, seconds: float) -> CallContext:
        """The same call with at most ``seconds`` left."""
        return replace(self, deadline=self.deadline.within(seconds))

    def keyed(self, key: str) -> CallContext:
        """The context of a call made on behalf of this one, with an idempotency key of its own."""
        return replace(self, idempotency_key=key, expected_version=None)


def system_context(user_id: int, space_id: int, seconds: float = 30.0) -> CallContext:
    """The context of work no request waits for: workers, sweepers, relays."""
    return CallContext(user_id=user_id, space_id=space_id, deadline=Deadline.after(seconds))
