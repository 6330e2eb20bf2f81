"""One log line for every answer that is a refusal (4xx) or a failure (5xx): whoever has its request id finds it, with reason and span.

Lines about strangers are bounded, because anybody can ask for them; what is left out is said in one line with its number.
"""

from __future__ import annotations

from typing import Any

from gateway.trail import clean
from libs.common.bucket import Bucket
from libs.common.errors import PlatformError
from libs.common.sight import logs

CLIENT_GONE = 499  # nobody was there any more to hear the answer
STRANGERS_RATE, STRANGERS_BURST = 20.0, 10_000  # lines a second, and at once
log = logs.get("gateway")


class Refusals:
    """``tell`` of each answer from 400 on."""

    def __init__(self) -> None:
        self._strangers = Bucket(STRANGERS_RATE, STRANGERS_BURST)

    def tell(self, scope: Any, code: int, request_id: str, seconds: float = 0.0, error: PlatformError | None = None) -> None:
        """scope: of the request, or what is known of one that never became whole."""
        caller = scope.get("modelyard.caller")
        if caller is None and not self._strangers.take():
            return
        if self._strangers.missed and caller is None:
            log.warning("refusals_left_out", count=self._strangers.told())
        found = error or scope.get("modelyard.error")
        client = scope.get("client")
        facts = {
            "log_id": request_id,
            "method": scope.get("method", ""),
            "route": scope.get("modelyard.route", "unmatched"),
            "path": clean("method", scope.get("path", "")),
            "code": code,
            "reason": "CLIENT_GONE" if code == CLIENT_GONE else found.reason.name if found else "ANSWERED_SO",
            "field": found.field if found else None,
            "address": client[0] if client else "",
            "ms": round(seconds * 1000, 1),
        }
        if caller is not None:
            facts |= {"user_id": caller.user_id, "space_id": caller.project_space_id}
        if found is not None and found.limit is not None:
            facts["limit"] = clean("object", found.limit)
        write = log.warning if code >= 500 else log.info
        write("failed" if code >= 500 else "refused", **facts)
