"""Every failure the platform can name, built from facts, turned into one wire error in one place.

An error carries an HTTP-numbered ``code``, a domain ``reason`` number (``Reason``), the ``field`` and ``limit`` that were
violated, and what to do next. Sentences live in ``libs.common.messages`` (Chinese and English), never at the place that raises.
4xx is the caller's business, 5xx is ours: only the latter alarms.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any


class Reason(IntEnum):
    """Domain numbers of ``PlatformError.reason``: common 1000-, then 10000 per domain. Numbers are frozen once released."""

    INTERNAL = 1000
    INVALID_ARGUMENT = 1001
    MISSING_FIELD = 1002
    WRONG_TYPE = 1003
    TOO_LARGE = 1004
    TOO_SMALL = 1005
    UNKNOWN_ENUM = 1006
    NOT_UTF8 = 1007
    NOT_FOUND = 1008
    ALREADY_EXISTS = 1009
    STALE_VERSION = 1010
    MISSING_VERSION = 1011
    ILLEGAL_TRANSITION = 1012
    IDEMPOTENCY_KEY_REUSED = 1013
    DEADLINE_EXCEEDED = 1014
    BUSY = 1015
    UNAVAILABLE = 1016
    BAD_FRAME = 1017
    UNKNOWN_METHOD = 1018
    CONNECTION_LOST = 1019
    CHECKSUM_MISMATCH = 1020
    INVALID_PATH = 1021
    DISK_FULL = 1022
    STALE_EPOCH = 1023
    INVALID_SETTING = 1024
    PORT_TAKEN = 1025
    WORKER_LOST = 1026
    OUT_OF_MEMORY = 1027
    POISON = 1028
    MISSING_EXTRA = 1029
    MISSING_KEY = 1030
    UNAUTHENTICATED = 1031
    FORBIDDEN = 1032
    CANCELLED = 1033

    GATE_NOT_PASSED = 10001
    GATE_NO_DATA = 10002

    FILE_EMPTY = 20001
    FILE_TRUNCATED = 20002
    FILE_NOT_UTF8 = 20003
    FILE_TOO_LARGE = 20004
    ROW_INVALID = 20005
    NO_RECORDS_LEFT = 20006
    SPLIT_LEAK = 20007
    FILE_MISSING = 20008
    FORMAT_UNKNOWN = 20009

    LOSS_NOT_FINITE = 30001
    CHECKPOINT_INVALID = 30002

    NO_TEST_RECORDS = 40001
    TARGET_UNREACHABLE = 40002
    DIGEST_MISMATCH = 40003

    PARITY_FAILED = 50001
    SMOKE_FAILED = 50002
    SLOT_BUSY = 50003
    NOT_DEPLOYED = 50004
    EXPORT_FAILED = 50005

    ROUTE_NOT_FOUND = 90001
    BODY_INVALID = 90002
    PART_UNAVAILABLE = 90003


class PlatformError(Exception):
    """A failure with a name.

    code: HTTP number (4xx caller, 5xx ours). reason: ``Reason``. field: dotted path of the offending input, None when no field is
    to blame. limit: the bound that was crossed, as text. details: further facts (JSON values). retryable: the same call may succeed later.
    """

    def __init__(
        self,
        code: int,
        reason: Reason,
        *,
        field: str | None = None,
        limit: str | None = None,
        retryable: bool = False,
        **details: Any,
    ) -> None:
        self.code = code
        self.reason = reason
        self.field = field
        self.limit = limit
        self.retryable = retryable
        self.details = details
        super().__init__(code, reason, field, limit, details)

    def __str__(self) -> str:
        from libs.common.messages import sentence

        return sentence(self, "en")


def invalid(field: str, reason: Reason = Reason.INVALID_ARGUMENT, limit: str | None = None, **details: Any) -> PlatformError:
    """400: ``field`` breaks ``limit``."""
    return PlatformError(400, reason, field=field, limit=limit, **details)


def missing(field: str) -> PlatformError:
    """400: ``field`` is required and was not sent (or was null)."""
    return PlatformError(400, Reason.MISSING_FIELD, field=field, limit="required")


def not_found(kind: str, id: int | str) -> PlatformError:
    """404: also the answer for an object of a foreign space, so that ids of others cannot be probed."""
    return PlatformError(404, Reason.NOT_FOUND, kind=kind, id=str(id))


def unavailable(what: str, **details: Any) -> PlatformError:
    """503: a part we depend on does not answer; retry later."""
    return PlatformError(503, Reason.UNAVAILABLE, retryable=True, what=what, **details)


def deadline_exceeded(what: str) -> PlatformError:
    """504: the time left for the whole call is used up. Whether the effect happened is unknown: retry with the same idempotency key."""
    return PlatformError(504, Reason.DEADLINE_EXCEEDED, retryable=True, what=what)


def busy(what: str, limit: str) -> PlatformError:
    """429: refused at once rather than queued without end."""
    return PlatformError(429, Reason.BUSY, limit=limit, retryable=True, what=what)
