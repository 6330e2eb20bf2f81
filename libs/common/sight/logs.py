"""Structured logs: one JSON object a line on stderr, Chinese unescaped; secrets are never in them.

A line written while a call is answered carries its log id and method, and trace and span id while traces are on, whoever wrote it. At level
DEBUG every answer is a line.
"""

from __future__ import annotations

import logging
import re
import sys
from contextvars import ContextVar
from typing import Any

import structlog

from libs.common.sight import tracing

_SECRET = re.compile(r"passw(or)?d|secret|token$|auth(orization)?$|api_?key|credential", re.IGNORECASE)
_SIGNED_ADDRESS = re.compile(r"(://[^\s:/@]*:)[^\s/@]+@")  # scheme://user:password@host

calls = False
"""Whether every answer is a line: at level DEBUG."""

current: ContextVar[Any] = ContextVar("current", default=None)
"""The call under way: anything with ``log_id`` and ``method``."""


def _of_call(_logger: Any, _method: str, event: Any) -> Any:
    call = current.get()
    if call is not None:
        event = {"log_id": call.log_id, "method": call.method, **event}
    found = tracing.ids()
    return event if found is None else {"trace_id": found[0], "span_id": found[1], **event}


def _mask(_logger: Any, _method: str, event: Any) -> Any:
    return _masked(event)


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "***" if _SECRET.search(str(key)) else _masked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item) for item in value]
    return _SIGNED_ADDRESS.sub(r"\1***@", value) if isinstance(value, str) else value


def setup(process: str, level: str = "INFO") -> None:
    """Configures logging of this process once, in its main."""
    global calls
    calls = level == "DEBUG"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _of_call,
            lambda _logger, _method, event: {"process": process, **event},  # not a context variable: those do not reach other threads
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def get(name: str) -> Any:
    """A logger; ``log.info("event", key=value)``."""
    return structlog.get_logger(name)
