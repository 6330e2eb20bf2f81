"""Prometheus metrics of one process, with documented names; one registry per process, passed where it is needed."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What every process measures. ``method`` is an RPC name or an HTTP route template, never a raw path."""

    def __init__(self, process: str) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter(
            "modelyard_calls_total", "Calls answered, by method and code", ["process", "method", "code"], registry=self.registry
        )
        self.seconds = Histogram(
            "modelyard_call_seconds", "Time to answer, by method", ["process", "method"], buckets=_BUCKETS, registry=self.registry
        )
        self.ready = Gauge("modelyard_ready", "1 while the process can work", ["process"], registry=self.registry)
        self.process = process
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def on_call(self, method: str, seconds: float, code: int) -> None:
        """Told after every answer, on the event loop: looking labels up costs more than counting, so it is done once per (method, code)."""
        known = self._known.get((method, code))
        if known is None:
            known = self._known[method, code] = (
                self.calls.labels(self.process, method, str(code)),
                self.seconds.labels(self.process, method),
            )
        known[0].inc()
        known[1].observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)
