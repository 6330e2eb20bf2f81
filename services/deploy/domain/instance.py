"""An instance: one serving process that should run, and what its node last said about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STARTING, READY, STOPPED = "STARTING", "READY", "STOPPED"
STAGING, SERVING = "STAGING", "SERVING"
"""Purposes. A staging instance is only there to be evaluated: it belongs to no slot's traffic."""

BUNDLE = "bundle"
"""The bundle's folder inside its artifact: a bundle holds its own files and no others, the store adds a manifest of its own beside."""

FOREVER = (1 << 62) - 1
"""``keep_until`` of an instance that is wanted."""

CRASHES_MAX = 3
"""A version whose process ended so often by itself before it had traffic is given up."""

NO_TRAFFIC = -1.0
FRESH_MS = 15_000
"""A READY that its node has not repeated for so long is not believed: the machine may be gone."""


@dataclass(frozen=True)
class Instance:
    """key: shown by whoever asks the process; no part of the contract. node: whose it is, "" = nobody's yet. Wanted by the platform:
    everything up to keep_until, a moment in milliseconds (past: stop it; ``FOREVER``: keep it). Said by the node: everything after it.
    port: kept over restarts, 0 = not chosen yet. qps, p99_ms: of the last minute. requests, errors: of this process. crashes: how often it
    ended or fell silent by itself. error: why it does not run, {} while it does. update_time: when the node last spoke.
    """

    id: int
    slot_id: int
    work_order_id: int
    project_space_id: int
    purpose: str
    digest: str
    bundle_uri: str
    model_name: str
    model_version_id: int
    model_version_number: int
    threads: int
    key: str
    node: str = ""
    keep_until: int = FOREVER
    state: str = STARTING
    address: str = ""
    port: int = 0
    pid: int = 0
    qps: float = 0.0
    p99_ms: float = NO_TRAFFIC
    requests: int = 0
    errors: int = 0
    crashes: int = 0
    error: dict[str, Any] = field(default_factory=dict)
    create_time: int = 0
    update_time: int = 0

    def answers(self, now_ms: int) -> bool:
        """Whether traffic may go there."""
        return self.state == READY and now_ms - self.update_time <= FRESH_MS

    @property
    def given_up(self) -> bool:
        """Whether waiting longer makes no sense: other bytes than the approved ones, or it ends again and again."""
        return bool(self.error) and (self.error.get("reason") == "DIGEST_MISMATCH" or self.crashes >= CRASHES_MAX)
