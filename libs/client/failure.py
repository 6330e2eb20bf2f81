"""What a client raises: ``ApiError``, and how every way a call can go wrong becomes one.

A refusal keeps the gateway's facts. Silence, a broken connection and a foreign server on the port are told apart, because what to do next
differs. No message here is of the platform's own refusals: those arrive in the caller's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Json = dict[str, Any]


class ApiError(Exception):
    """A refused or failed call. code: HTTP number (0 when nothing answered). reason: name. field and limit: what was wrong, or None."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        self.code: int = error.get("code", 0)
        self.reason: str = error.get("reason", "UNKNOWN")
        self.field: str | None = error.get("field")
        self.limit: str | None = error.get("limit")
        self.retryable: bool = error.get("retryable", False)
        self.request_id: str = error.get("request_id", "")
        self.facts = dict(error)
        super().__init__(error.get("message", self.reason))


def refused(answer: httpx.Response, language: str) -> ApiError:
    """An answer that is not a success. Serving processes answer in OpenAI's shape; whoever answers in neither is not the gateway."""
    error = (object_of(answer) or {}).get("error")
    if not isinstance(error, dict):
        return foreign(answer, language)
    if isinstance(error.get("code"), int):
        return ApiError(error)
    return ApiError({**openai_facts(error, answer.status_code), "request_id": answer.headers.get("x-request-id", "")})


def openai_facts(error: Mapping[str, Any], status: int) -> Json:
    """OpenAI's error shape as our facts. status: HTTP number."""
    reason = str(error.get("reason") or error.get("code") or error.get("type") or "UNKNOWN").upper()
    facts = {"reason": reason, "field": error.get("param"), "limit": error.get("limit"), "message": error.get("message") or reason}
    return {"code": status, **facts, "retryable": status in (429, 503)}


def foreign(answer: httpx.Response, language: str) -> ApiError:
    """An answer the gateway never gives: another program has the port, or a proxy stands between."""
    asked = str(answer.request.url.copy_with(query=None))
    away = answer.status_code in (502, 503, 504)
    return _named("UNKNOWN", language, code=answer.status_code, status=str(answer.status_code), address=asked, retryable=away)


def silence(error: Exception, address: str, language: str) -> ApiError:
    """No answer, or half of one."""
    import httpx  # whoever fails without having asked needs none of it

    if isinstance(error, httpx.UnsupportedProtocol):
        return bad_address(address, language)
    unsent = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
    late = isinstance(error, httpx.TimeoutException)
    return _named(
        "UNAVAILABLE" if unsent else "DEADLINE_EXCEEDED" if late else "CONNECTION_LOST", language, address=address, retryable=True
    )


def bad_address(address: str, language: str) -> ApiError:
    return _named("INVALID_ARGUMENT", language, code=400, field="gateway", limit="http://host:port", address=address)


def other_bytes(file: str, promised: str, language: str) -> ApiError:
    """A file that arrived, and is not what was promised."""
    return _named("CHECKSUM_MISMATCH", language, code=502, field="file", limit=f"sha256 {promised}", address=file)


def object_of(answer: httpx.Response) -> Json | None:
    """The JSON object of an answer, None when it is anything else."""
    try:
        body = answer.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _named(reason: str, language: str, **facts: Any) -> ApiError:
    text = _TEXT[reason][language == "zh"]
    for hole in ("address", "status"):
        text = text.replace("{" + hole + "}", facts.pop(hole, ""))
    return ApiError({"code": 0, "reason": reason, **facts, "message": text})


_TEXT = {  # reason -> English, Chinese
    "UNAVAILABLE": (
        "Nothing answers at {address}. Start the platform with `modelyard up`, or set MODELYARD_GATEWAY.",
        "{address} 无应答。请用 `modelyard up` 启动平台，或设置 MODELYARD_GATEWAY。",
    ),
    "DEADLINE_EXCEEDED": (
        "{address} did not answer in time; whether it took effect is unknown. Look, or repeat with the same idempotency key.",
        "{address} 未在期限内应答，是否生效未知。请先查看，或用同一幂等键重试。",
    ),
    "CONNECTION_LOST": (
        "The connection to {address} broke; whether it took effect is unknown. Look, or repeat with the same idempotency key.",
        "与 {address} 的连接中断，是否生效未知。请先查看，或用同一幂等键重试。",
    ),
    "INVALID_ARGUMENT": ("{address} is not an address. Use http://host:port.", "{address} 不是有效地址，请使用 http://主机:端口。"),
    "CHECKSUM_MISMATCH": (
        "{address} arrived with other bytes than the platform promised, and was not kept. Try again.",
        "{address} 收到的内容与平台声明的不一致，未保存。请重试。",
    ),
    "UNKNOWN": (
        "HTTP {status} from {address} is no answer of Modelyard's gateway. Is another program on this port?",
        "{address} 返回的 HTTP {status} 不是 Modelyard 网关的应答，该端口是否被其他程序占用？",
    ),
}
