"""Structured logs: one JSON object a line on stderr, Chinese unescaped, with the log id of the call; secrets are never in them."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

_SECRET_WORDS = ("password", "secret", "token", "auth", "authorization", "api_key")


def _mask(_logger: Any, _method: str, event: Any) -> Any:
    for key in event:
        if any(word in key.lower() for word in _SECRET_WORDS):
            event[key] = "***"
    return event


def setup(process: str, level: str = "INFO") -> None:
    """Configures logging of this process once, in its main."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
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
    structlog.contextvars.bind_contextvars(process=process)


def get(name: str) -> Any:
    """A logger; ``log.info("event", key=value)``."""
    return structlog.get_logger(name)
