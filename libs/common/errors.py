"""Every failure the platform can name, built from facts, turned into one wire error in one place.

An error carries an HTTP-numbered ``code``, a domain ``reason`` number (``Reason``), the ``field`` and ``limit`` that were
violated, and what to do next. Sentences live in ``libs.common.words.messages`` (Chinese and English), never at the place that raises.
4xx is the caller's business, 5xx is ours: only the latter alarms.
"""

from __future__ import annotations

import errno
import re
from typing import Any

from libs.common.words.messages import sentence
from libs.common.words.reasons import Reason as Reason  # part of this module's face: an error is raised with its reason

_ABSOLUTE = re.compile(r"(?<![\w:/.])/(?:[^\s/'\",;:]+/)+")


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


def disk_full(error: BaseException, what: str) -> PlatformError | None:
    """507 when ``error`` says that a disk (or a quota) is full, in the system's number or, from libraries of other languages, in its words;
    else None. what: whose disk."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or any(words in str(error) for words in ("No space left on device", "Disk quota exceeded")):
        return PlatformError(507, Reason.DISK_FULL, retryable=True, what=what)
    return None


def busy(what: str, limit: str) -> PlatformError:
    """429: refused at once rather than queued without end."""
    return PlatformError(429, Reason.BUSY, limit=limit, retryable=True, what=what)


def cause_of(error: BaseException) -> str:
    """What an unforeseen failure was, for the facts of the error that reports it. Folders of this machine are left out: those are for its
    log alone."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{type(error).__name__}: {without_folders(words)}"[:300]


def without_folders(text: str) -> str:
    """Text in which of the files of this machine only the names are left."""
    return _ABSOLUTE.sub("…/", text)
