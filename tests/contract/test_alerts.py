"""Alerts, dashboard and the scalers' figure ask for metrics that exist, and count what replicas share once."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from libs.common.sight.metrics import BY_NAME, PROCESS_FAMILIES, SHARED, known
from tests.support.promql import named

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "prometheus" / "alerts.yml"
RULES: list[dict[str, Any]] = yaml.safe_load(FILE.read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "modelyard.json").read_text())
ADAPTER = yaml.safe_load((ROOT / "deploy" / "k8s" / "metrics" / "prometheus-adapter.yaml").read_text())["rules"]["external"]
OF_PROMETHEUS = {"up", "job", "instance"}  # what it says of every scrape by itself
EXPRESSIONS = [
    *((rule["alert"], rule["expr"]) for rule in RULES),
    *((panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel.get("targets", ())),
    *((rule["name"]["as"], rule["metricsQuery"].replace("<<.LabelMatchers>>", 'process="train-serve"')) for rule in ADAPTER),
]
ONCE = re.compile(r"(?:max|min)(?:\s+by\s+\([^)]*\))?\s+?\(|(?:max|min)\(|predict_linear\(|sum by \(process, instance\) \(")
"""What may stand around a shared figure: the largest over replicas, a line per replica, a sum inside one replica."""


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS)
def test_every_metric_exists_with_its_labels(title: str, expression: str) -> None:
    asked = {name: labels for name, labels in named(expression).metrics.items() if name not in OF_PROMETHEUS}
    assert asked or title == "ModelyardDown"
    for name, labels in asked.items():
        (base,) = known([name])
        assert base in BY_NAME or base in PROCESS_FAMILIES, f"{title}: {name}"
        if base in BY_NAME:
            own = {"process", *OF_PROMETHEUS, *BY_NAME[base].labels, *({"le"} if name.endswith("_bucket") else ())}
            assert labels <= own, f"{title}: {labels - own}"


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS)
def test_what_replicas_share_is_counted_once(title: str, expression: str) -> None:
    for name in named(expression).metrics.keys() & SHARED:
        for place in re.finditer(rf"\b{name}\b", expression):
            around = [found.end() for found in ONCE.finditer(expression)]
            assert place.start() in around, f"{title}: {expression}"


def test_a_sum_over_replicas_is_found() -> None:
    """The rule above can say no."""
    for wrong in ("sum(modelyard_tasks)", "sum by (status) (modelyard_orders)", "modelyard_outbox_open"):
        with pytest.raises(AssertionError):
            test_what_replicas_share_is_counted_once("wrong", wrong)
    with pytest.raises(AssertionError):
        test_every_metric_exists_with_its_labels("wrong", "modelyard_taskz")


def test_shared_figures_are_metrics_and_are_marked() -> None:
    assert BY_NAME.keys() >= SHARED
    table = (ROOT / "docs" / "operations" / "metrics.md").read_text()
    for name in BY_NAME:
        (row,) = [line for line in table.splitlines() if line.startswith(f"| `{name}` |")]
        assert row.endswith("● |") == (name in SHARED), name


def test_every_alert_says_in_both_languages_what_is_and_where_it_stands_what_to_do() -> None:
    document = (ROOT / "docs" / "operations" / "alerts.md").read_text()
    assert len({rule["alert"] for rule in RULES}) == len(RULES) >= 15
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning")
        notes = rule["annotations"]
        assert re.search("[\u4e00-\u9fff]", notes["summary_zh"])
        assert not re.search("[\u4e00-\u9fff]", notes["summary"])
        assert notes["runbook"] == f"docs/operations/alerts.md#{rule['alert'].lower()}"
        section = document.split(f"\n## {rule['alert']}\n")[1].split("\n## ")[0]
        assert f"*{rule['labels']['severity']}*" in section
        assert len(section.strip().splitlines()) >= 3, f"{rule['alert']}: what to do"
    assert document.count("\n## ") == len(RULES)


def test_prometheus_takes_the_rules() -> None:
    if shutil.which("promtool") is None:
        pytest.skip("needs the program promtool (Debian package prometheus)")
    done = subprocess.run(["promtool", "check", "rules", str(FILE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
