"""A failure as HTTP: the one table from ``PlatformError`` to status and body, in the caller's language."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from libs.common.errors import PlatformError
from libs.common.words.messages import sentence

_encode = msgspec.json.encode


def language_of(request: Request) -> str:
    """ "zh" when the caller prefers Chinese, else "en"."""
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"


def error_body(error: PlatformError, language: str, request_id: str) -> dict[str, Any]:
    return {
        "code": error.code,
        "reason": error.reason.name,
        "reason_number": int(error.reason),
        "message": sentence(error, language),
        "field": error.field,
        "limit": error.limit,
        "details": {key: str(value) for key, value in error.details.items()},
        "retryable": error.retryable,
        "request_id": request_id,
    }


def error_response(request: Request, error: PlatformError, request_id: str) -> Response:
    headers = {"x-request-id": request_id}
    if error.code in (429, 503) and error.retryable:
        headers["retry-after"] = "1"
    return Response(
        _encode({"error": error_body(error, language_of(request), request_id)}),
        status_code=error.code,
        media_type="application/json",
        headers=headers,
    )
