"""The audit trail: who did what, from which space, to which object, with which outcome. Rows are only ever added."""

from __future__ import annotations

from dataclasses import dataclass

EXCHANGE = "identity.KeyExchange"  # a row of ours: what the holder of a key was given, whether or not a gateway saw it too


@dataclass(frozen=True)
class AuditEvent:
    """event_time: when the gateway saw it; create_time: when it was written. outcome: HTTP number. id 0: not written yet."""

    id: int = 0
    user_id: int = 0
    project_space_id: int = 0
    credential: str = ""
    method: str = ""
    object: str = ""
    outcome: int = 0
    address: str = ""
    request_id: str = ""
    event_time: int = 0
    create_time: int = 0
