"""The one place where a ``PlatformError`` becomes the contract's error struct, and the one place where it comes back.

``field``, ``limit`` and the details travel as strings in the struct's ``details`` map; the sentence is made here, in English, for callers
that have no table of their own.
"""

from __future__ import annotations

import json
from typing import Any

from libs.common.errors import PlatformError, Reason

_LONGEST = 2000
"""Characters of one detail: an error must never be the large message."""

NOT_STARTED = "started"
"""Detail "no": the server says that the call was refused before any of it ran, so it may go to another address whatever it does."""


def to_wire(error: PlatformError, wire_class: Any) -> Any:
    """The struct of ``wire_class`` (``base.PlatformError`` of the IDL) for ``error``."""
    details = {key: _text(value) for key, value in error.details.items()}
    if error.field is not None:
        details["field"] = _text(error.field)
    if error.limit is not None:
        details["limit"] = _text(error.limit)
    return wire_class(code=error.code, message=_sentence(error), details=details, retryable=error.retryable, reason=int(error.reason))


def from_wire(wire: Any) -> PlatformError:
    """The error a struct stands for. A reason this process does not know yet is INTERNAL with the number as detail ``reason_number``."""
    details: dict[str, Any] = dict(wire.details or {})
    field, limit = details.pop("field", None), details.pop("limit", None)
    try:
        reason = Reason(wire.reason)
    except ValueError:
        reason = Reason.INTERNAL
        details["reason_number"] = str(wire.reason)
    error = PlatformError(wire.code or 500, reason, field=field, limit=limit, retryable=bool(wire.retryable))
    error.details.update(details)
    return error


def not_started(error: PlatformError) -> bool:
    """Whether the server that answered ``error`` says that it did not begin the call."""
    return error.details.get(NOT_STARTED) == "no"


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text[:_LONGEST].encode(errors="replace").decode()  # lone surrogates have no UTF-8 form


def _sentence(error: PlatformError) -> str:
    try:
        from libs.common.words.messages import sentence

        return _text(sentence(error, "en"))
    except Exception:  # an error about the error must not hide it: its number and name still say what happened
        return error.reason.name
