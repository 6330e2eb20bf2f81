"""What the server counted: the figures of ``/stats`` and ``/metrics``, over the last minute and over its life.

Decided here: a figure without traffic is null, never zero, because a canary that reads "0 ms" would call a silent server fast; 5xx and
broken streams are errors, 4xx are refusals of bad requests and do not count against the server.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from libs.common.clock import Clock
from services.deploy.engine.serving.latency import LatencyHistogram

WINDOW_S = 60
_SLOT_S = 5


class _Slot:
    """The requests of five seconds. A window is a handful of these put together, so its memory does not depend on the traffic."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.requests = 0
        self.latency = LatencyHistogram()


class Stats:
    """Counters of one process; every call comes from the event loop's thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.monotonic()
        self._slots: deque[_Slot] = deque(maxlen=WINDOW_S // _SLOT_S)
        self._latency = LatencyHistogram()
        self.requests = 0
        self.errors = 0
        self.refused = 0
        self.cancelled = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.in_flight = 0

    def begin(self) -> float:
        """A generation request arrived. Returns: the start to hand to ``end``."""
        self.in_flight += 1
        return self._clock.monotonic()

    def end(self, started: float, status: int, cancelled: bool) -> None:
        """It is answered. Latency is counted for requests that were really worked on: neither refused nor cancelled."""
        self.in_flight -= 1
        self.requests += 1
        slot = self._slot()
        slot.requests += 1
        self.errors += status >= 500
        self.refused += 400 <= status < 500
        self.cancelled += cancelled
        if status < 400 and not cancelled:
            milliseconds = 1000 * (self._clock.monotonic() - started)
            slot.latency.add(milliseconds)
            self._latency.add(milliseconds)

    def uptime_s(self) -> float:
        return self._clock.monotonic() - self._started

    def to_json(self) -> dict[str, Any]:
        recent = [slot for slot in self._slots if slot.number > self._now() - WINDOW_S // _SLOT_S]
        latency = LatencyHistogram()
        for slot in recent:
            latency.merge(slot.latency)
        requests = sum(slot.requests for slot in recent)
        return {
            "requests": self.requests,
            "errors": self.errors,
            "refused": self.refused,
            "cancelled": self.cancelled,
            "in_flight": self.in_flight,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "window_s": WINDOW_S,
            "qps": requests / min(WINDOW_S, max(self.uptime_s(), 1.0)) if requests else None,
            "p50_ms": latency.quantile(0.5),
            "p99_ms": latency.quantile(0.99),
            "lifetime_p50_ms": self._latency.quantile(0.5),
            "lifetime_p99_ms": self._latency.quantile(0.99),
            "latency_buckets": self._latency.to_json(),
            "uptime_s": self.uptime_s(),
        }

    def _now(self) -> int:
        return int(self._clock.monotonic() // _SLOT_S)

    def _slot(self) -> _Slot:
        now = self._now()
        if not self._slots or self._slots[-1].number != now:
            self._slots.append(_Slot(now))
        return self._slots[-1]


_COUNTERS = {
    "requests": "Generation requests answered",
    "errors": "Generation requests that failed on our side",
    "refused": "Generation requests refused with a 4xx",
    "cancelled": "Generation requests whose client went away",
    "prompt_tokens": "Prompt tokens of answered requests",
    "completion_tokens": "New tokens of answered requests",
}
_GAUGES = {
    "in_flight": "Generation requests being answered",
    "rows": "Rows that decode now",
    "waiting": "Requests that wait for a row",
    "qps": "Requests per second over the last minute",
    "p50_ms": "Median latency of the last minute in milliseconds",
    "p99_ms": "99th percentile of latency of the last minute in milliseconds",
    "uptime_s": "Seconds since the process started",
}


def metrics_text(values: dict[str, Any], labels: dict[str, str]) -> bytes:
    """``to_json`` values (and ``rows``, ``waiting``) in Prometheus' text format. A gauge without a value is left out, not zero."""
    registry = CollectorRegistry()
    registry.register(_Families(values, labels))
    return generate_latest(registry)


class _Families(Collector):
    def __init__(self, values: dict[str, Any], labels: dict[str, str]) -> None:
        self._values, self._labels = values, labels

    def collect(self) -> Iterator[Metric]:
        names, label_values = list(self._labels), list(self._labels.values())
        for name, meaning in _COUNTERS.items():
            counter = CounterMetricFamily(f"modelyard_serving_{name}", meaning, labels=names)
            counter.add_metric(label_values, self._values[name])
            yield counter
        for name, meaning in _GAUGES.items():
            if self._values[name] is not None:
                gauge = GaugeMetricFamily(f"modelyard_serving_{name}", meaning, labels=names)
                gauge.add_metric(label_values, self._values[name])
                yield gauge
