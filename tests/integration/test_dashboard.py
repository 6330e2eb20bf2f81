"""The dashboard is what its generator writes, and asks only for what a running platform really shows."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from libs.common.settings import Settings
from libs.common.sight.metrics import BY_NAME, FAMILIES, PROCESS_FAMILIES, known
from libs.ops import supervisor
from tests.support.platform import Platform
from tests.support.promql import named
from tests.support.until import until

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "grafana"
DASHBOARD = json.loads((FOLDER / "modelyard.json").read_text())
EXPRESSIONS = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
RARE = {
    "modelyard_bad_frames_total",
    "modelyard_feed_ended_total",
    "modelyard_peer_failures_total",
    "modelyard_store_errors_total",
    "modelyard_calls_refused_total",
    "modelyard_task_lease_losses_total",
    "modelyard_tasks",
    "modelyard_orders",
    "modelyard_instances",
    "modelyard_instance_qps",
    "modelyard_instance_p99_seconds",
    "modelyard_outbox_open",
    "modelyard_outbox_oldest_seconds",
    "modelyard_task_claims_total",
    "modelyard_task_attempts_total",
    "modelyard_task_attempt_seconds",
}
"""Shown once there is something to show: a failure, a waiting task, an order. Unit tests make each of them appear or prove its name."""


def test_the_file_is_what_the_generator_writes() -> None:
    spec = importlib.util.spec_from_file_location("dashboard_build", FOLDER / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    assert (FOLDER / "modelyard.json").read_text() == module.text(), "python deploy/grafana/build.py writes it"


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS)
def test_every_expression_asks_for_documented_metrics_by_their_labels(title: str, expression: str) -> None:
    asked = named(expression).metrics
    assert asked, expression
    for name, labels in asked.items():
        (base,) = known([name])
        assert base in BY_NAME or base in PROCESS_FAMILIES, f"{title}: {name}"
        if base in BY_NAME:
            own = {"process", *BY_NAME[base].labels, *({"le"} if name.endswith("_bucket") else ())}
            assert labels <= own, f"{title}: {labels - own}"
            assert name.endswith("_bucket") == (BY_NAME[base].kind == "histogram"), f"{title}: {name}"


def test_every_metric_of_the_platform_is_on_the_dashboard() -> None:
    asked = known(name for _, expression in EXPRESSIONS for name in named(expression).metrics)
    assert {family.name for family in FAMILIES} <= asked


def test_panels_do_not_overlap_and_have_their_own_ids() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_reader_of_expressions_refuses_what_it_does_not_know() -> None:
    assert named('sum by (a) (rate(x_total{b="c", d=~"e|f"}[5m])) / max(y)').metrics == {"x_total": {"a", "b", "d"}, "y": {"a"}}
    for wrong in ("sum by (a) (rate(x", '{a="b"}', "sum x", "x @ 5", "rate"):
        with pytest.raises((ValueError, IndexError)):
            named(wrong)


def test_the_scrape_file_lists_every_process_of_the_default_ports() -> None:
    jobs = yaml.safe_load((FOLDER / "scrape.yml").read_text())["scrape_configs"]
    listed = {target for job in jobs for group in job["static_configs"] for target in group["targets"]}
    expected = {urlsplit(part.probe).netloc for part in supervisor.parts_of(Settings())}
    assert listed == expected


def scrape(platform: Platform) -> dict[str, set[str]]:
    """Family -> its label names, over all processes."""
    found: dict[str, set[str]] = {}
    for part in supervisor.parts_of(platform.settings):
        text = httpx.get(urljoin(part.probe, "/metrics"), trust_env=False, timeout=10).text
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_a_running_platform_shows_every_metric_asked_for(platform: Platform) -> None:
    with platform.client() as client:
        model: Any = client.models.create("dashboard")
        client.models.status(model["id"])
    asked = {name for _, expression in EXPRESSIONS for name in named(expression).metrics}
    always = {name for name in asked if not known([name]) & RARE}
    assert len(always) > 20
    shown: dict[str, set[str]] = {}

    def missing() -> set[str]:
        shown.update(scrape(platform))
        return always - set(shown)

    until(lambda: not missing(), 60, f"not shown by any process: {missing()}")
    for name in shown:
        if name.startswith("modelyard_") and not name.endswith("_created"):
            assert known([name]) <= set(BY_NAME), f"{name} has no row in docs/operations/metrics.md"
    assert known(shown) & RARE <= set(BY_NAME)
