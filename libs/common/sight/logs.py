"""Structured logs: one JSON object a line on stderr, Chinese unescaped, what a terminal acts on escaped; secrets are never in them.

A line written while a call is answered carries its log id and method, and trace and span id while traces are on, whoever wrote it. At level
DEBUG every answer is a line.
"""

from __future__ import annotations

import logging
import re
import sys
from contextvars import ContextVar
from typing import Any, TextIO, cast

import structlog

from libs.common.sight import tracing
from libs.common.visible import json_text

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
        return {key: "***" if is_secret(str(key)) else _masked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item) for item in value]
    return unsigned(value) if isinstance(value, str) else value


def is_secret(name: str) -> bool:
    """Whether what goes by this name is not for others to see."""
    return _SECRET.search(name) is not None


def unsigned(text: str) -> str:
    """Text with the passwords of addresses hidden."""
    return _SIGNED_ADDRESS.sub(r"\1***@", text)


class _Lossy:
    """stderr that never raises: a log on a full disk must not become the failure of what is logged. It counts what it lost, and says so
    once there is room again."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._lost = out, 0

    def write(self, text: str) -> int:
        try:
            if self._lost:
                self._out.write(f'{{"event": "log_lines_lost", "level": "warning", "lines": {self._lost}}}\n')
                self._lost = 0
            self._out.write(text)
            self._out.flush()
        except OSError:
            self._lost += 1
        return len(text)

    def flush(self) -> None:
        """Done by every write."""


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
            structlog.processors.JSONRenderer(json_text),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Lossy(sys.stderr))),
        cache_logger_on_first_use=True,
    )


class _Adopted(logging.Handler):
    """Lines of a library as ours."""

    def emit(self, record: logging.LogRecord) -> None:
        if not record.getMessage().startswith("ASGI callable returned without"):  # whoever broke an answer off has said why
            get(record.name).log(record.levelno, "library", text=record.getMessage(), exc_info=record.exc_info)


def adopt(name: str) -> None:
    """What the library logs under ``name`` becomes lines like all others."""
    logger = logging.getLogger(name)
    logger.handlers, logger.propagate = [_Adopted()], False


def get(name: str) -> Any:
    """A logger; ``log.info("event", key=value)``."""
    return structlog.get_logger(name)
