"""Prometheus metrics of one process: every name the platform has, in one table; one registry per process, passed where it is needed.

Labels are few and bounded: method and route templates, states and reasons, never an id, a path or a user's word. What is expensive to
know (rows waiting, bytes stored) is a sample: taken on scrape, at most every few seconds, by a thread of its own; a scrape waits a moment
for it and then shows the last one with its age.

``python -m libs.common.sight.metrics`` prints docs/operations/metrics.md.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SAMPLE_SECONDS = 5.0  # a sample younger than this is shown again
SAMPLE_WAIT_SECONDS = 0.5  # a scrape waits so long for a new one

COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"


@dataclass(frozen=True)
class Family:
    """One metric: its name as scraped, what it counts, who has it, and its labels beside ``process``."""

    name: str
    kind: str
    help: str
    where: str
    labels: tuple[str, ...] = ()


FAMILIES = (
    Family("modelyard_ready", GAUGE, "1 while the process can work", "all"),
    Family("modelyard_alive", GAUGE, "1 while every loop of the process comes round", "all"),
    Family("modelyard_pulse_silent_seconds", GAUGE, "Time since the loop came round last", "all", ("loop",)),
    Family("modelyard_calls_total", COUNTER, "RPC calls answered", "services", ("method", "code")),
    Family("modelyard_call_seconds", HISTOGRAM, "Time to answer an RPC call", "services", ("method",)),
    Family("modelyard_calls_in_flight", GAUGE, "RPC calls running or waiting for a thread", "services"),
    Family("modelyard_calls_refused_total", COUNTER, "RPC calls refused before they started", "services", ("code",)),
    Family("modelyard_connections", GAUGE, "Open RPC connections", "services"),
    Family("modelyard_bad_frames_total", COUNTER, "RPC connections closed for bytes that are no call", "services"),
    Family("modelyard_http_requests_total", COUNTER, "HTTP requests answered, by route template", "gateway", ("route", "code")),
    Family("modelyard_http_seconds", HISTOGRAM, "Time to answer an HTTP request", "gateway", ("route",)),
    Family("modelyard_http_in_flight", GAUGE, "HTTP requests being answered, streams included", "gateway"),
    Family("modelyard_http_unfinished", GAUGE, "Connections of which a whole request has not come yet", "gateway"),
    Family("modelyard_feed_streams", GAUGE, "Windows and programs that listen to the change feed", "gateway"),
    Family("modelyard_feed_ended_total", COUNTER, "Change feeds that ended, by why", "gateway", ("reason",)),
    Family("modelyard_audit_rows_waiting", GAUGE, "Rows of the audit trail the identity service has not taken yet", "gateway"),
    Family("modelyard_audit_rows_total", COUNTER, "Rows of the audit trail by what became of them", "gateway", ("outcome",)),
    Family("modelyard_peer_failures_total", COUNTER, "Calls to a service that failed on the way or there", "all", ("peer", "code")),
    Family("modelyard_store_write_seconds", HISTOGRAM, "Time of a write transaction, waiting for its turn included", "services, workers"),
    Family("modelyard_store_errors_total", COUNTER, "Transactions and reads the store refused", "services, workers", ("kind",)),
    Family("modelyard_store_connections", GAUGE, "Connections of the pools to the store", "services, workers", ("pool", "state")),
    Family("modelyard_store_ping_seconds", GAUGE, "Time of the smallest query", "services"),
    Family("modelyard_outbox_open", GAUGE, "Messages not delivered yet", "services", ("topic",)),
    Family("modelyard_outbox_oldest_seconds", GAUGE, "Age of the oldest message not delivered yet", "services", ("topic",)),
    Family("modelyard_tasks", GAUGE, "Tasks that have not ended", "services", ("status", "reason")),
    Family("modelyard_task_queue_oldest_seconds", GAUGE, "Age of the oldest task that could start now", "services"),
    Family("modelyard_task_leases", GAUGE, "Tasks held by workers", "services", ("state",)),
    Family("modelyard_task_claims_total", COUNTER, "Tasks claimed", "workers"),
    Family("modelyard_task_attempts_total", COUNTER, "Attempts that ended, by what became of the task", "workers", ("outcome",)),
    Family("modelyard_task_lease_losses_total", COUNTER, "Attempts given up because the lease was lost", "workers"),
    Family("modelyard_task_attempt_seconds", HISTOGRAM, "Time of an attempt", "workers"),
    Family("modelyard_orders", GAUGE, "Work orders that have not ended", "deploy-serve", ("status",)),
    Family("modelyard_instances", GAUGE, "Serving processes that are wanted", "deploy-serve", ("purpose", "state")),
    Family("modelyard_instance_qps", GAUGE, "Requests a second answered by serving processes, all together", "deploy-serve", ("purpose",)),
    Family("modelyard_instance_p99_seconds", GAUGE, "Slowest 99th percentile among serving processes", "deploy-serve", ("purpose",)),
    Family("modelyard_reservations", GAUGE, "Live reservations of resources: held, or waiting", "resource-serve", ("state",)),
    Family("modelyard_artifact_bytes", GAUGE, "Bytes of all artifacts", "model-serve"),
    Family("modelyard_artifact_disk_free_bytes", GAUGE, "Bytes free where artifacts lie", "services, workers"),
    Family("modelyard_sample_age_seconds", GAUGE, "Age of what is sampled (tasks, outbox, orders, artifacts)", "services, workers"),
)
BY_NAME = {family.name: family for family in FAMILIES}
SHARED = frozenset(
    f"modelyard_{name}"
    for name in (
        "outbox_open",
        "outbox_oldest_seconds",
        "tasks",
        "task_queue_oldest_seconds",
        "task_leases",
        "orders",
        "instances",
        "reservations",
        "instance_qps",
        "instance_p99_seconds",
        "artifact_bytes",
        "artifact_disk_free_bytes",
    )
)
"""What is read from the store or the disk all replicas of a service have in common: each reports the same, so they are never summed up."""
PROCESS_FAMILIES = {
    "process_cpu_seconds_total": "CPU time of the process",
    "process_resident_memory_bytes": "Resident memory of the process",
    "process_virtual_memory_bytes": "Virtual memory of the process",
    "process_start_time_seconds": "Start of the process, seconds since the epoch",
    "process_open_fds": "Open file descriptors of the process",
    "process_max_fds": "Most file descriptors the process may open",
}
"""Those of prometheus_client itself, where the system tells them (Linux)."""

Reading = tuple[str, tuple[str, ...], float]  # name of a family, its labels, the value
Sample = Callable[[], Iterable[Reading]]


class Metrics:
    """What one process measures. A family appears in its scrape once something of it was counted or sampled."""

    def __init__(self, process: str) -> None:
        self.process = process
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._made: dict[str, Any] = {}
        self._children: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._calls: dict[tuple[str, int], tuple[Any, Any]] = {}
        self._live: list[Sample] = []
        self._sampler = _Sampler()
        self.registry.register(self)

    # -- what is counted as it happens

    def of(self, name: str, *labels: str) -> Any:
        """The counter, gauge or histogram of a family with these labels. KeyError for a name that is not in the table."""
        child = self._children.get((name, labels))
        if child is None:
            child = self._children[name, labels] = self._family(name).labels(self.process, *labels)
        return child

    def on_call(self, method: str, seconds: float, code: int) -> None:
        """Told after every RPC answer, on the event loop: looking labels up costs more than counting, so that is done once per pair."""
        self._count("modelyard_calls_total", "modelyard_call_seconds", method, seconds, code)

    def on_request(self, route: str, seconds: float, code: int) -> None:
        """The same for HTTP."""
        self._count("modelyard_http_requests_total", "modelyard_http_seconds", route, seconds, code)

    def state(self, ready: bool, alive: bool) -> None:
        self.of("modelyard_ready").set(int(ready))
        self.of("modelyard_alive").set(int(alive))

    def _count(self, total: str, seconds_of: str, method: str, seconds: float, code: int) -> None:
        known = self._calls.get((method, code))
        if known is None:
            known = self._calls[method, code] = (self.of(total, method, str(code)), self.of(seconds_of, method))
        known[0].inc()
        known[1].observe(seconds)

    def _family(self, name: str) -> Any:
        made = self._made.get(name)
        if made is None:
            family = BY_NAME[name]
            labels = ["process", *family.labels]
            if family.kind == HISTOGRAM:
                made = Histogram(name, family.help, labels, buckets=_BUCKETS, registry=self.registry)
            else:
                kind = Counter if family.kind == COUNTER else Gauge
                made = kind(name, family.help, labels, registry=self.registry)
            self._made[name] = made
        return made

    # -- what is looked up on scrape

    def live(self, reading: Sample) -> None:
        """Read at every scrape: costs microseconds and cannot block."""
        self._live.append(reading)

    def sample(self, reading: Sample, seconds: float = SAMPLE_SECONDS) -> None:
        """Read at most every ``seconds``, in a thread: a query, a walk through a folder."""
        self._sampler.add(reading, seconds)

    def collect(self) -> Iterator[Any]:
        """Called by the registry."""
        readings = [reading for read in self._live for reading in read()]
        if self._sampler:
            readings += self._sampler.readings()
            readings.append(("modelyard_sample_age_seconds", (), self._sampler.age))
        grouped: dict[str, dict[tuple[str, ...], float]] = {}
        for name, labels, value in readings:
            grouped.setdefault(name, {})[labels] = value
        for name, values in grouped.items():
            family = BY_NAME[name]
            kind = CounterMetricFamily if family.kind == COUNTER else GaugeMetricFamily
            found = kind(name, family.help, labels=["process", *family.labels])
            for labels, value in values.items():
                found.add_metric([self.process, *labels], value)
            yield found

    def describe(self) -> list[Any]:
        """Nothing is known before it is read; the registry must not read to find out."""
        return []

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _Sampler:
    """Readings that take time: one thread at a time takes those that are due; who asks waits a moment and gets the last ones."""

    def __init__(self) -> None:
        self._readings: list[tuple[Sample, float]] = []
        self._last: dict[Sample, tuple[float, list[Reading]]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __bool__(self) -> bool:
        return bool(self._readings)

    def add(self, reading: Sample, seconds: float) -> None:
        self._readings.append((reading, seconds))

    @property
    def age(self) -> float:
        """Seconds since the oldest of the samples was taken; beyond its period something is slow or away. -1: none was taken yet."""
        taken = [self._last[reading][0] for reading, _ in self._readings if reading in self._last]
        return time.monotonic() - min(taken) if len(taken) == len(self._readings) else -1.0

    def readings(self) -> list[Reading]:
        with self._lock:
            now = time.monotonic()
            due = [reading for reading, seconds in self._readings if reading not in self._last or now - self._last[reading][0] >= seconds]
            if due and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._take, args=(due,), name="sample", daemon=True)
                self._thread.start()
            thread = self._thread
        if thread is not None:
            thread.join(SAMPLE_WAIT_SECONDS)
        return [found for _, readings in list(self._last.values()) for found in readings]

    def _take(self, due: list[Sample]) -> None:
        for reading in due:
            try:
                self._last[reading] = (time.monotonic(), list(reading()))
            except Exception:  # the store is away: the last sample stays, and its age says so
                continue


def document(title: str = "# Metrics") -> str:
    """docs/operations/metrics.md."""
    lines = [
        title,
        "",
        "Written by `python -m libs.common.sight.metrics > docs/operations/metrics.md`; a test keeps it equal to the table in",
        "`libs/common/sight/metrics.py`.",
        "",
        "Every metric of the platform carries the label `process` (`model-serve`, `train-work`, `gateway`, …). Labels never hold an id, a",
        "path or a user's word. A counter or histogram appears once it counted something. What is sampled (tasks, outbox, orders, bytes)",
        "is read at most every few seconds and never keeps a scrape waiting for more than half a second: `modelyard_sample_age_seconds`",
        "tells its age. Figures marked ● are those of the store or disk that all replicas of a service share: each reports the same, so",
        "take `max` over them, never `sum`. Dashboard and alerts do, and tests hold them to it.",
        "",
        "| name | kind | labels | where | meaning |",
        "| --- | --- | --- | --- | --- |",
    ]
    for family in FAMILIES:
        labels = ", ".join(f"`{label}`" for label in family.labels) or "–"
        lines.append(
            f"| `{family.name}` | {family.kind} | {labels} | {family.where} | {family.help}{' ●' if family.name in SHARED else ''} |"
        )
    for name, meaning in PROCESS_FAMILIES.items():
        lines.append(f"| `{name}` | {COUNTER if name.endswith('_total') else GAUGE} | – | all (Linux) | {meaning} |")
    return "\n".join(lines) + "\n"


def known(names: Mapping[str, Any] | Iterable[str]) -> set[str]:
    """The families behind names as scraped: ``x_bucket``, ``x_sum``, ``x_count`` and ``x_created`` belong to ``x``."""
    found = set()
    for name in names:
        base = next((name.removesuffix(end) for end in ("_bucket", "_sum", "_count") if name.removesuffix(end) in BY_NAME), name)
        found.add(base)
    return found


if __name__ == "__main__":
    sys.stdout.write(document())
