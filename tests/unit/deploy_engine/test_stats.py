"""Figures of the server: quantiles within one per cent, additive histograms, null without traffic."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from libs.common.clock import ManualClock
from services.deploy.engine.serving.latency import RELATIVE_ERROR, LatencyHistogram
from services.deploy.engine.serving.stats import WINDOW_S, Stats, metrics_text

VALUES = st.lists(st.floats(1e-3, 1e7), min_size=1, max_size=300)


def filled(values: list[float]) -> LatencyHistogram:
    histogram = LatencyHistogram()
    for value in values:
        histogram.add(value)
    return histogram


@given(VALUES, st.sampled_from([0.0, 0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_within_one_per_cent(values: list[float], q: float) -> None:
    exact = sorted(values)[math.floor(q * (len(values) - 1))]
    found = filled(values).quantile(q)
    assert found is not None
    assert abs(found - exact) <= exact * (RELATIVE_ERROR + 1e-9)


@given(VALUES, VALUES)
def test_merging_is_the_same_as_counting_together(one: list[float], other: list[float]) -> None:
    merged = filled(one)
    merged.merge(LatencyHistogram.from_json(filled(other).to_json()))
    assert merged.to_json() == filled(one + other).to_json()
    assert merged.count == len(one) + len(other)


def test_zero_latency_is_counted() -> None:
    assert filled([0.0]).count == 1


def serve(stats: Stats, clock: ManualClock, milliseconds: int, status: int = 200, cancelled: bool = False) -> None:
    started = stats.begin()
    clock.advance(milliseconds / 1000)
    stats.end(started, status, cancelled)


def test_without_traffic_figures_are_null_not_zero() -> None:
    values = Stats(ManualClock()).to_json()
    assert [values[name] for name in ("qps", "p50_ms", "p99_ms", "lifetime_p50_ms")] == [None] * 4
    assert values["requests"] == 0


def test_the_window_forgets_and_the_lifetime_does_not() -> None:
    clock = ManualClock()
    stats = Stats(clock)
    clock.advance(100)
    for _ in range(30):
        serve(stats, clock, 10)
    values = stats.to_json()
    assert values["qps"] == 0.5
    assert abs(values["p99_ms"] - 10) <= 0.1
    clock.advance(WINDOW_S)
    values = stats.to_json()
    assert values["qps"] is None
    assert values["p50_ms"] is None
    assert abs(values["lifetime_p50_ms"] - 10) <= 0.1
    assert values["requests"] == 30


def test_only_our_failures_are_errors_and_only_answers_have_latency() -> None:
    clock = ManualClock()
    stats = Stats(clock)
    serve(stats, clock, 10, 200)
    serve(stats, clock, 999, 400)
    serve(stats, clock, 999, 503)
    serve(stats, clock, 999, 200, cancelled=True)
    values = stats.to_json()
    assert [values[name] for name in ("requests", "errors", "refused", "cancelled", "in_flight")] == [4, 1, 1, 1, 0]
    assert abs(values["p99_ms"] - 10) <= 0.1


def test_prometheus_text_parses_and_leaves_out_what_is_null() -> None:
    clock = ManualClock()
    stats = Stats(clock)
    labels = {"model": '问"答\n', "version": "3"}
    quiet = metrics_text(stats.to_json() | {"rows": 0, "waiting": 0}, labels).decode()
    assert "modelyard_serving_p99_ms" not in quiet
    serve(stats, clock, 10)
    busy = metrics_text(stats.to_json() | {"rows": 1, "waiting": 0}, labels).decode()
    families = {one.name: one for one in text_string_to_metric_families(busy)}
    assert families["modelyard_serving_requests"].samples[0].value == 1
    assert families["modelyard_serving_p99_ms"].samples[0].labels == labels
