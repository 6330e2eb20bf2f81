"""A failure in the shape that clients of OpenAI's API read: everything under ``/v1`` refuses like this, whoever refuses.

Clients act on ``code``: they trim what they send at ``context_length_exceeded``, ask no more at ``model_not_found``, wait at
``rate_limit_exceeded``. ``reason``, ``limit`` and ``request_id`` are ours, beside the four members the shape has.
"""

from __future__ import annotations

from typing import Any

from libs.common.errors import PlatformError
from libs.common.words.messages import limit_of, sentence
from libs.common.words.reasons import Reason

_CODES = {
    Reason.NOT_FOUND: "model_not_found",
    Reason.NOT_DEPLOYED: "model_not_found",
    Reason.UNAUTHENTICATED: "invalid_api_key",
    Reason.FORBIDDEN: "permission_denied",
    Reason.BUSY: "rate_limit_exceeded",
    Reason.ROUTE_NOT_FOUND: "unknown_url",
    Reason.BODY_INVALID: "invalid_json",
}
_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
_TOO_LONG = ("tokens", "characters")
"""Details of a prompt that does not fit the model: it is the same to a client which of the two was counted."""


def openai_error(error: PlatformError, language: str = "en", request_id: str = "") -> dict[str, Any]:
    """``{"error": {"message", "type", "code", "param", …}}``. language: "en" or "zh", of the message and the limit."""
    kind = _TYPES.get(error.code, "invalid_request_error" if error.code < 500 else "server_error")
    facts = {"message": sentence(error, language), "type": kind, "code": _code(error), "param": error.field}
    ours = {"limit": limit_of(error, language), "reason": error.reason.name} | ({"request_id": request_id} if request_id else {})
    return {"error": facts | ours}


def _code(error: PlatformError) -> str:
    if any(name in error.details for name in _TOO_LONG):
        return "context_length_exceeded"
    if error.reason == Reason.NOT_FOUND and error.details.get("kind") not in ("model", "model_project", "model_version"):
        return "not_found"
    return _CODES.get(error.reason, error.reason.name.lower())
