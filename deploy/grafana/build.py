"""Writes modelyard.json, the Grafana dashboard, from the rows below: ``python deploy/grafana/build.py``.

What every replica of a service reads from the common store is the same figure each time: never a sum over them.
Import it into Grafana with a Prometheus data source that scrapes every process's ``/metrics``; ``scrape.yml`` beside it lists them for one
machine. Every metric it asks for is in docs/operations/metrics.md, and a test holds both together.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).with_name("modelyard.json")
SOURCE = {"type": "prometheus", "uid": "${source}"}
WIDTH, HEIGHT = 24, 8
P = 'process=~"$process"'
RATE = "$__rate_interval"


@dataclass(frozen=True)
class Panel:
    """queries: legend -> PromQL. unit: Grafana's name of it. zero: a stat that is good at this value and red above it."""

    title: str
    queries: dict[str, str]
    unit: str = "short"
    kind: str = "timeseries"
    steps: tuple[tuple[str, float | None], ...] = field(default=())


def quantile(q: float, metric: str, by: str, where: str = P) -> str:
    return f"histogram_quantile({q}, sum by ({by}, le) (rate({metric}_bucket{{{where}}}[{RATE}])))"


GOOD_AT_ONE = (("red", None), ("green", 1.0))
BAD_ABOVE_ZERO = (("green", None), ("red", 1.0))

ROWS: dict[str, tuple[Panel, ...]] = {
    "Health": (
        Panel("Ready", {"{{process}}": "min by (process) (modelyard_ready)"}, kind="stat", steps=GOOD_AT_ONE),
        Panel("Alive", {"{{process}}": "min by (process) (modelyard_alive)"}, kind="stat", steps=GOOD_AT_ONE),
        Panel("Loops: silent for", {"{{process}} {{loop}}": f"max by (process, loop) (modelyard_pulse_silent_seconds{{{P}}})"}, "s"),
    ),
    "Gateway": (
        Panel("Requests by route", {"{{route}}": f"sum by (route) (rate(modelyard_http_requests_total[{RATE}]))"}, "reqps"),
        Panel(
            "Composed model status",
            {
                "p50": quantile(0.5, "modelyard_http_seconds", "process", 'route="/api/v1/models/{id}/status"'),
                "p99": quantile(0.99, "modelyard_http_seconds", "process", 'route="/api/v1/models/{id}/status"'),
            },
            "s",
        ),
        Panel("Requests in flight", {"{{process}}": "sum by (process) (modelyard_http_in_flight)"}),
        Panel("Requests that have not come whole", {"{{process}}": "sum by (process) (modelyard_http_unfinished)"}),
        Panel("Windows on the change feed", {"{{process}}": "sum by (process) (modelyard_feed_streams)"}),
        Panel("Change feeds that ended", {"{{reason}}": f"sum by (reason) (rate(modelyard_feed_ended_total[{RATE}]))"}, "reqps"),
        Panel("Audit rows waiting", {"{{process}}": "sum by (process) (modelyard_audit_rows_waiting)"}),
        Panel("Audit rows", {"{{outcome}}": f"sum by (outcome) (rate(modelyard_audit_rows_total[{RATE}]))"}, "reqps"),
        Panel("Errors by code", {"{{code}}": f'sum by (code) (rate(modelyard_http_requests_total{{code=~"4..|5.."}}[{RATE}]))'}, "reqps"),
        Panel("p99 by route", {"{{route}}": quantile(0.99, "modelyard_http_seconds", "route", "")}, "s"),
        Panel(
            "Calls to services that failed",
            {"{{peer}} {{code}}": f"sum by (peer, code) (rate(modelyard_peer_failures_total[{RATE}]))"},
            "reqps",
        ),
    ),
    "Services": (
        Panel("Calls", {"{{process}}": f"sum by (process) (rate(modelyard_calls_total{{{P}}}[{RATE}]))"}, "reqps"),
        Panel(
            "p50 and p99",
            {
                "{{process}} p50": quantile(0.5, "modelyard_call_seconds", "process"),
                "{{process}} p99": quantile(0.99, "modelyard_call_seconds", "process"),
            },
            "s",
        ),
        Panel(
            "Slowest methods (p99)",
            {"{{process}} {{method}}": f"topk(10, {quantile(0.99, 'modelyard_call_seconds', 'process, method')})"},
            "s",
        ),
        Panel(
            "Failed", {"{{process}} {{code}}": f'sum by (process, code) (rate(modelyard_calls_total{{{P}, code=~"5.."}}[{RATE}]))'}, "reqps"
        ),
        Panel("Refused", {"{{process}} {{code}}": f"sum by (process, code) (rate(modelyard_calls_refused_total{{{P}}}[{RATE}]))"}, "reqps"),
        Panel("In flight", {"{{process}}": f"sum by (process) (modelyard_calls_in_flight{{{P}}})"}),
        Panel("Connections", {"{{process}}": f"sum by (process) (modelyard_connections{{{P}}})"}),
        Panel("Frames that are no call", {"{{process}}": f"sum by (process) (rate(modelyard_bad_frames_total{{{P}}}[{RATE}]))"}, "reqps"),
    ),
    "Store": (
        Panel("Write transactions (p99)", {"{{process}}": quantile(0.99, "modelyard_store_write_seconds", "process")}, "s"),
        Panel("Smallest query", {"{{process}}": f"max by (process) (modelyard_store_ping_seconds{{{P}}})"}, "s"),
        Panel(
            "Refused by the store",
            {"{{process}} {{kind}}": f"sum by (process, kind) (rate(modelyard_store_errors_total{{{P}}}[{RATE}]))"},
            "ops",
        ),
        Panel(
            "Connections in use", {"{{process}} {{pool}}": f'sum by (process, pool) (modelyard_store_connections{{{P}, state="in_use"}})'}
        ),
        Panel("Outbox", {"{{process}} {{topic}}": "max by (process, topic) (modelyard_outbox_open)"}),
        Panel("Oldest in the outbox", {"{{process}} {{topic}}": "max by (process, topic) (modelyard_outbox_oldest_seconds)"}, "s"),
    ),
    "Tasks": (
        Panel("Open tasks", {"{{process}} {{status}} {{reason}}": "max by (process, status, reason) (modelyard_tasks)"}),
        Panel("Oldest that could start", {"{{process}}": "max by (process) (modelyard_task_queue_oldest_seconds)"}, "s"),
        Panel(
            "Held past the lease",
            {"{{process}}": 'max by (process) (modelyard_task_leases{state="expired"})'},
            kind="stat",
            steps=BAD_ABOVE_ZERO,
        ),
        Panel("Claims", {"{{process}}": f"sum by (process) (increase(modelyard_task_claims_total[{RATE}]))"}),
        Panel(
            "Attempts by outcome",
            {"{{process}} {{outcome}}": f"sum by (process, outcome) (increase(modelyard_task_attempts_total[{RATE}]))"},
        ),
        Panel("Leases lost", {"{{process}}": f"sum by (process) (increase(modelyard_task_lease_losses_total[{RATE}]))"}),
        Panel("Attempt (p50)", {"{{process}}": quantile(0.5, "modelyard_task_attempt_seconds", "process", "")}, "s"),
    ),
    "Deploy": (
        Panel("Open work orders", {"{{status}}": "max by (status) (modelyard_orders)"}),
        Panel("Serving processes", {"{{purpose}} {{state}}": "max by (purpose, state) (modelyard_instances)"}),
        Panel("Answers a second", {"{{purpose}}": "max by (purpose) (modelyard_instance_qps)"}, "reqps"),
        Panel("Slowest p99", {"{{purpose}}": "max by (purpose) (modelyard_instance_p99_seconds)"}, "s"),
    ),
    "Resources": (Panel("Reservations", {"{{state}}": "max by (state) (modelyard_reservations)"}),),
    "Machine": (
        Panel("Artifacts", {"bytes": "max(modelyard_artifact_bytes)", "free": "min(modelyard_artifact_disk_free_bytes)"}, "bytes"),
        Panel("Memory", {"{{job}} {{instance}}": "process_resident_memory_bytes"}, "bytes"),
        Panel("CPU", {"{{job}} {{instance}}": f"rate(process_cpu_seconds_total[{RATE}])"}, "percentunit"),
        Panel("Open files", {"{{job}} {{instance}}": "process_open_fds / process_max_fds"}, "percentunit"),
        Panel("Age of what is sampled", {"{{process}}": f"max by (process) (modelyard_sample_age_seconds{{{P}}})"}, "s"),
    ),
}


def panel(number: int, made: Panel, x: int, y: int, width: int) -> dict[str, Any]:
    steps = [{"color": color, "value": value} for color, value in made.steps] or [{"color": "green", "value": None}]
    custom = {"custom": {"fillOpacity": 8, "showPoints": "never"}} if made.kind == "timeseries" else {}
    return {
        "id": number,
        "type": made.kind,
        "title": made.title,
        "datasource": SOURCE,
        "gridPos": {"h": HEIGHT, "w": width, "x": x, "y": y},
        "fieldConfig": {"defaults": {"unit": made.unit, "thresholds": {"mode": "absolute", "steps": steps}, **custom}, "overrides": []},
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}} if made.kind == "stat" else {"tooltip": {"mode": "multi"}},
        "targets": [
            {"refId": chr(ord("A") + place), "expr": query, "legendFormat": legend, "datasource": SOURCE}
            for place, (legend, query) in enumerate(made.queries.items())
        ],
    }


def dashboard() -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in ROWS.items():
        panels.append(
            {
                "id": len(panels) + 1,
                "type": "row",
                "title": title,
                "collapsed": False,
                "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": y},
                "panels": [],
            }
        )
        y += 1
        across = 3
        for place, made in enumerate(row):
            panels.append(panel(len(panels) + 1, made, place % across * (WIDTH // across), y + place // across * HEIGHT, WIDTH // across))
        y += -(-len(row) // across) * HEIGHT
    variables = [
        {"name": "source", "type": "datasource", "query": "prometheus", "label": "data source"},
        {
            "name": "process",
            "type": "query",
            "datasource": SOURCE,
            "query": "label_values(modelyard_ready, process)",
            "refresh": 2,
            "includeAll": True,
            "multi": True,
            "allValue": ".*",
            "current": {"text": "All", "value": "$__all"},
        },
    ]
    return {
        "uid": "modelyard",
        "title": "Modelyard",
        "tags": ["modelyard"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "timezone": "browser",
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "10s",
        "templating": {"list": variables},
        "panels": panels,
    }


def text() -> str:
    return json.dumps(dashboard(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    OUTPUT.write_text(text())
