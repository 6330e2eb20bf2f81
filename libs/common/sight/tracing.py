"""Traces across processes: OpenTelemetry spans whose W3C ``traceparent`` travels in ``Base.extra["traceparent"]``.

Off unless ``MODELYARD_OTLP`` names a collector; then spans go there by OTLP/HTTP, in batches, from a thread. While off, a span is one
shared object that does nothing, and callers on hot paths look at ``enabled`` first. The SDK is the extra ``otel``, imported only when it
is on.
"""

from __future__ import annotations

import atexit
import contextlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.common.settings import Settings

TRACEPARENT = "traceparent"
"""Key in ``Base.extra`` and name of the HTTP header: the value is the same."""

INTERNAL, SERVER, CLIENT = "INTERNAL", "SERVER", "CLIENT"

enabled = False
_NOTHING: AbstractContextManager[Any] = nullcontext()
_otel: Any = None
_tracer: Any = None
_provider: Any = None
_propagator: Any = None


def setup(process: str, settings: Settings) -> None:
    """Once per process, in its main. Raises MISSING_EXTRA when traces are wanted and the extra is not installed."""
    global enabled, _otel, _tracer, _provider, _propagator
    if not settings.otlp:
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
    except ImportError:
        raise PlatformError(500, Reason.MISSING_EXTRA, extra="otel", what="MODELYARD_OTLP") from None
    _otel, _propagator = trace, TraceContextTextMapPropagator()
    _provider = TracerProvider(
        resource=Resource.create({"service.name": process, "service.namespace": "modelyard"}),
        sampler=ParentBased(TraceIdRatioBased(settings.trace_ratio)),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(endpoint=settings.otlp.rstrip("/") + "/v1/traces", timeout=5)
    _provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    _tracer = _provider.get_tracer("modelyard")
    enabled = True
    atexit.register(shutdown)


def shutdown() -> None:
    """Sends what is left; at the end of the process."""
    global enabled
    if enabled:
        enabled = False
        with contextlib.suppress(Exception):  # the collector is away: nothing to be done about it now
            _provider.shutdown()


def span(name: str, kind: str = INTERNAL, **facts: Any) -> AbstractContextManager[Any]:
    """A span below the current one; nothing while traces are off. Facts become attributes, an exception its status."""
    return _span(name, kind, None, facts) if enabled else _NOTHING


def incoming(name: str, carrier: Mapping[str, str] | None, **facts: Any) -> AbstractContextManager[Any]:
    """A server's span, below the caller's when ``carrier`` holds a valid ``traceparent``, else the root of a new trace."""
    return _span(name, SERVER, carrier or {}, facts) if enabled else _NOTHING


def carrier() -> dict[str, str] | None:
    """What an outgoing call carries; None while traces are off or outside any span."""
    if not enabled:
        return None
    found: dict[str, str] = {}
    _propagator.inject(found)
    return {TRACEPARENT: found[TRACEPARENT]} if TRACEPARENT in found else None


def ids() -> tuple[str, str] | None:
    """Trace and span id of the current span, in hex; None outside any."""
    if not enabled:
        return None
    context = _otel.get_current_span().get_span_context()
    return (f"{context.trace_id:032x}", f"{context.span_id:016x}") if context.is_valid else None


def rename(name: str, **facts: Any) -> None:
    """Gives the current span what is known only at its end."""
    if enabled:
        current = _otel.get_current_span()
        current.update_name(name)
        current.set_attributes(facts)


def failed(error: BaseException) -> None:
    """Marks the current span with the kind of failure only: a message may hold what a user typed."""
    if enabled:
        reason = error.reason.name if isinstance(error, PlatformError) else type(error).__name__
        current = _otel.get_current_span()
        current.set_attribute("modelyard.reason", reason)
        if not (isinstance(error, PlatformError) and error.code < 500):
            current.set_status(_otel.StatusCode.ERROR, reason)


@contextmanager
def _span(name: str, kind: str, carrier: Mapping[str, str] | None, facts: dict[str, Any]) -> Iterator[Any]:
    context = None
    if carrier is not None:  # an own context: what happens to be current here is not the caller
        context = _propagator.extract(carrier, context=_otel.set_span_in_context(_otel.INVALID_SPAN))
    with _tracer.start_as_current_span(
        name, context, kind=_otel.SpanKind[kind], attributes=facts, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            failed(error)
            raise
