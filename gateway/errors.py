"""A failure as HTTP: the one table from ``PlatformError`` to status and body, in the caller's language."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from libs.common.errors import PlatformError
from libs.common.openai_errors import openai_error
from libs.common.words.messages import limit_of, sentence

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
        "limit": limit_of(error, language),
        "details": {key: str(value) for key, value in error.details.items()},
        "retryable": error.retryable,
        "request_id": request_id,
    }


def is_openai(path: str) -> bool:
    """Whether what is below ``path`` refuses in OpenAI's shape."""
    return path == "/v1" or path.startswith("/v1/")


def error_bytes(path: str, error: PlatformError, language: str, request_id: str) -> bytes:
    """The body of a refusal, in the shape that clients of ``path`` read."""
    if is_openai(path):
        return _encode(openai_error(error, language, request_id))
    return _encode({"error": error_body(error, language, request_id)})


def error_response(request: Request, error: PlatformError, request_id: str) -> Response:
    request.scope["modelyard.error"] = error  # for the log line of this answer
    headers = {"x-request-id": request_id}
    if error.code in (429, 503) and error.retryable:
        headers["retry-after"] = "1"
    return Response(
        error_bytes(request.url.path, error, language_of(request), request_id),
        status_code=error.code,
        media_type="application/json",
        headers=headers,
    )
